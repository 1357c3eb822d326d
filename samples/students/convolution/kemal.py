"""Half-finished.

zero: conv2d conv_layer_parameters conv2d_backward pooling receptive_field fully_connected
"""

# %% connection_weights
def fully_connected_weights(n_in, n_out):
    return np.prod(np.array([n_in, n_out]))


def locally_connected_weights(n_out, f):
    return np.prod((n_out, f))


def convolution_weights(f):
    return np.ones(f).sum()

# %% activation_map_size
def activation_map_size(n, f, stride=1, padding=0):
    import math

    if n <= 0 or f <= 0 or stride <= 0 or padding < 0 or n + 2 * padding < f:
        raise ValueError(f"no place for {f} on {n}")
    return math.floor((n + 2 * padding - f) / stride + 1)

# %% same_padding
def same_padding(f):
    for padding in range(f):
        if 10 * f + 2 * padding - f + 1 == 10 * f:
            return padding
    raise ValueError("no padding keeps the size")

# %% pad2d
def pad2d(x, padding):
    x = np.asarray(x).tolist()

    def pad(part):
        if isinstance(part[0][0], list):
            return [pad(inner) for inner in part]
        width = len(part[0]) + 2 * padding
        empty = [[0] * width for _ in range(padding)]
        rows = [[0] * padding + list(row) + [0] * padding for row in part]
        return empty + rows + [[0] * width for _ in range(padding)]

    return pad(x)

# %% conv1d
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    return np.convolve(x, np.asarray(k, dtype=float)[::-1], mode="valid")[::stride]

# %% convolution_matrix
from scipy.linalg import toeplitz


def convolution_matrix(k, n):
    column = np.zeros(n - len(k) + 1)
    column[0] = k[0]
    return toeplitz(column, np.concatenate([k, np.zeros(n - len(k))]))
