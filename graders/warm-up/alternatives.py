"""Right answers to the exercises of `warm-up` in other styles; each must get full points."""

# %% predict_shapes: lists-of-lists
# Square brackets throughout.
shapes = [[4], [5], [3, 4], [4, 5], [5]]


# %% predict_shapes: a-tuple
# A tuple of tuples.
shapes = ((4,), (5,), (3, 4), (4, 5), (5,))


# %% predict_shapes: asks-numpy
# Looked up, which is no prediction but right.
_A, _v = np.zeros((5, 4)), np.zeros(4)
shapes = [_A[2].shape, _A[:, 2].shape, _A[1:4].shape, _A.T.shape, (_A @ _v).shape]


# %% predict_shapes: from-sizes
# Computed from n and d, with NumPy's integers.
n, d = np.array([5, 4])
shapes = [(d,), (n,), (4 - 1, d), (d, n), (n,)]


# %% predict_shapes: arrays
# Each shape is an array.
shapes = [np.array(shape) for shape in ([4], [5], [3, 4], [4, 5], [5])]


# %% scores: loops
# The loops of the text; a list comes out.
def scores(X, w):
    result = []
    for sample in X:
        score = 0.0
        for weight, value in zip(w, sample):
            score += float(weight) * float(value)
        result.append(score)
    return result


# %% scores: einsum
# An Einstein sum.
def scores(X, w):
    return np.einsum("ij,j->i", X, w)


# %% scores: product-and-sum
# Broadcasting, then a sum across.
def scores(X, w):
    return (X * w).sum(axis=-1)


# %% scores: the-other-way-round
# The transposed product.
def scores(X, w):
    return np.dot(w, np.transpose(X))


# %% scores: torch-single-precision
# A tensor of float32.
import torch


def scores(X, w):
    return torch.tensor(X, dtype=torch.float32) @ torch.tensor(w, dtype=torch.float32)


# %% along_axis: loops
# Lists of Python numbers.
def feature_means(X):
    n, d = X.shape
    return [sum(float(X[i, j]) for i in range(n)) / n for j in range(d)]


def sample_totals(X):
    return [sum(row) for row in X.tolist()]


# %% along_axis: transposed
# The other axis of the transposed array.
def feature_means(X):
    return X.T.mean(axis=1)


def sample_totals(X):
    return sum(X.T)


# %% along_axis: products-with-ones
# Sums as products.
def feature_means(X):
    return np.ones(len(X)) @ X / len(X)


def sample_totals(X):
    return X @ np.ones(X.shape[1])


# %% along_axis: negative-axes
# Axes counted from the end; single precision.
def feature_means(X):
    return np.average(np.float32(X), axis=-2)


def sample_totals(X):
    return np.add.reduce(X, axis=-1)


# %% along_axis: apply-along-axis
# A function for each column and each row; tuples come out.
import statistics


def feature_means(X):
    return tuple(statistics.fmean(column) for column in zip(*X.tolist()))


def sample_totals(X):
    return np.apply_along_axis(np.sum, 1, X)


# %% centre: keepdims
# The means as a row of shape (1, d).
def centre(X):
    return X - X.mean(axis=0, keepdims=True)


# %% centre: copy-in-place
# In place, but on a copy of floats.
def centre(X):
    X = np.array(X, dtype=float)
    X -= X.mean(axis=0)
    return X


# %% centre: column-by-column
# A loop over features.
def centre(X):
    out = np.zeros(X.shape)
    for j in range(X.shape[1]):
        out[:, j] = X[:, j] - np.mean(X[:, j])
    return out


# %% centre: transposed
# Transposed to and fro.
def centre(X):
    return (X.T - X.T.mean(axis=1)[:, None]).T


# %% centre: matrix-product
# The centring matrix I - 1/n.
def centre(X):
    n = len(X)
    return (np.eye(n) - np.full((n, n), 1 / n)) @ X


# %% centre: lists
# Lists of lists, in plain Python.
def centre(X):
    rows = X.tolist()
    means = [sum(column) / len(rows) for column in zip(*rows)]
    return [[value - mean for value, mean in zip(row, means)] for row in rows]


# %% row_shares: newaxis
# The axis is put in afterwards.
def row_shares(X):
    return X / X.sum(axis=1)[:, np.newaxis]


# %% row_shares: transposed
# Transposed to and fro.
def row_shares(X):
    return (X.T / X.sum(axis=1)).T


# %% row_shares: loops
# A list for each row.
def row_shares(X):
    return [[float(value) / float(sum(row)) for value in row] for row in X]


# %% row_shares: einsum
# The inverse sums, as an Einstein sum; single precision.
def row_shares(X):
    return np.einsum("ij,i->ij", np.float32(X), np.float32(1 / X.sum(1)))


# %% row_shares: diagonal
# A product with a diagonal matrix.
def row_shares(X):
    return np.diag(1 / np.sum(X, axis=1)) @ X


# %% masks: loops
# Counted and collected; lists come out.
def share_right(predicted, y):
    right = 0
    for one, other in zip(predicted, y):
        if one == other:
            right += 1
    return right / len(y)


def mistakes(X, predicted, y):
    return [row for row, one, other in zip(X.tolist(), predicted, y) if one != other]


# %% masks: where
# Indices by np.where and np.nonzero.
def share_right(predicted, y):
    return len(np.where(predicted == y)[0]) / len(predicted)


def mistakes(X, predicted, y):
    return X[np.nonzero(predicted - y)]


# %% masks: inverted-mask
# The mask of the right ones, inverted.
def share_right(predicted, y):
    return 1 - np.count_nonzero(predicted - y) / y.size


def mistakes(X, predicted, y):
    right = predicted == y
    return X[~right, :]


# %% masks: library
# scikit-learn and np.compress.
def share_right(predicted, y):
    from sklearn.metrics import accuracy_score

    return accuracy_score(y, predicted)


def mistakes(X, predicted, y):
    return np.compress(np.not_equal(predicted, y), X, axis=0)


# %% masks: delete
# The right ones are taken away; the share as an array with one number in no axis.
def share_right(predicted, y):
    return np.array((predicted == y).sum() / len(y))


def mistakes(X, predicted, y):
    return np.delete(X, np.flatnonzero(predicted == y), axis=0)


# %% slope: step-by-step
# Each value has a name.
def slope(f, x, h=1e-5):
    rise = f(x + h) - f(x - h)
    run = (x + h) - (x - h)
    return rise / run


# %% slope: mean-of-two
# The mean of the forward and the backward difference.
def slope(f, x, h=1e-5):
    here = f(x)
    return ((f(x + h) - here) / h + (here - f(x - h)) / h) / 2


# %% slope: entry-by-entry
# A loop over the entries of x.
def slope(f, x, h=1e-5):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / h / 2
    return np.array([slope(f, entry, h) for entry in x.flat]).reshape(x.shape)


# %% slope: lists
# Numbers are handed to f one at a time; lists come out.
def slope(f, x, h=1e-5):
    if np.ndim(x) == 0:
        return float(f(float(x) + h) - f(float(x) - h)) / (2 * h)
    return [slope(f, row, h) for row in x]


# %% slope: stacked
# Both sides in one call.
def slope(f, x, h=1e-5):
    right, left = f(np.stack([np.add(x, h), np.subtract(x, h)]))
    return 0.5 / h * (right - left)


# %% standardise: one-line
# X's own methods.
def standardise(X):
    return (X - X.mean(0)) / X.std(0)


# %% standardise: own-deviation
# The standard deviation from its formula, on what centre gives.
def standardise(X):
    centred = np.array(centre(X))
    return centred / np.sqrt((centred**2).sum(axis=0) / len(X))


# %% standardise: library
# SciPy's z-scores.
def standardise(X):
    from scipy.stats import zscore

    return zscore(X, axis=0)


# %% standardise: column-by-column
# A loop over features, by the statistics module; lists come out.
def standardise(X):
    import statistics

    columns = []
    for column in X.T.tolist():
        mean, spread = statistics.fmean(column), statistics.pstdev(column)
        columns.append([(value - mean) / spread for value in column])
    return [list(row) for row in zip(*columns)]


# %% standardise: scaler
# scikit-learn's scaler.
def standardise(X):
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit_transform(X)


# %% standardise: torch
# A tensor; torch divides by n - 1 unless told.
def standardise(X):
    import torch

    X = torch.tensor(X, dtype=torch.float32)
    return (X - X.mean(dim=0)) / X.std(dim=0, correction=0)
