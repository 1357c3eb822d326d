"""Everything right, in ways of her own."""

# %% predict_shapes
shapes = [[4], [5], [3, 4], [4, 5], [5]]

# %% scores
def scores(X, w):
    return [sum(a * b for a, b in zip(sample, w)) for sample in X]

# %% along_axis
def feature_means(X):
    return np.einsum("ij->j", X) / len(X)


def sample_totals(X):
    return [sum(sample) for sample in X.tolist()]

# %% centre
def centre(X):
    X = np.array(X, dtype=float)
    for j in range(X.shape[1]):
        X[:, j] -= X[:, j].mean()
    return X

# %% row_shares
def row_shares(X):
    return (X.T / X.T.sum(axis=0)).T

# %% masks
def share_right(predicted, y):
    return sum(1 for a, b in zip(predicted, y) if a == b) / len(y)


def mistakes(X, predicted, y):
    return np.delete(X, np.where(predicted == y), axis=0)

# %% slope
def slope(f, x, h=1e-5):
    return 0.5 * (f(x + h) - f(x - h)) / h

# %% standardise
def standardise(X):
    centred = np.array(centre(X))
    return centred / np.sqrt(np.mean(centred**2, axis=0))
