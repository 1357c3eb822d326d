"""Wrong in typical ways, right between.

loses: predict_shapes scores centre row_shares slope standardise
"""

# %% predict_shapes
shapes = [(4,), (5,), (4, 4), (4, 5), (5,)]

# %% scores
def scores(X, w):
    return X * w

# %% along_axis
def feature_means(X):
    """The mean of each feature over all samples: X (n, d) -> (d,)."""
    return X.mean(axis=0)


def sample_totals(X):
    """The sum of all features of each sample: X (n, d) -> (n,)."""
    return X.sum(axis=1)

# %% centre
def centre(X):
    X -= X.mean(axis=0)
    return X

# %% row_shares
def row_shares(X):
    return X / X.sum(axis=1)

# %% masks
def share_right(predicted, y):
    """The share of predictions (n,) that equal the labels y (n,): a number from 0 to 1."""
    return (predicted == y).mean()


def mistakes(X, predicted, y):
    """The rows of X (n, d) whose prediction is not the label: (k, d)."""
    return X[predicted != y]

# %% slope
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h

# %% standardise
def standardise(X):
    mean = np.mean(X, axis=0)
    spread = np.std(X, axis=1, keepdims=True)
    return (X - mean) / spread
