"""Wrong in typical ways, right between.

loses: activation_map_size pad2d convolution_matrix conv_layer_parameters pooling fully_connected
"""

# %% connection_weights
def fully_connected_weights(n_in, n_out):
    """Weights where each of n_out outputs sees all n_in inputs."""
    return n_in * n_out


def locally_connected_weights(n_out, f):
    """Weights where each of n_out outputs sees f inputs, with weights of its own."""
    return n_out * f


def convolution_weights(f):
    """Weights where each output sees f inputs, and all outputs share their weights."""
    return f

# %% activation_map_size
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + 2 * padding:
        raise ValueError("no")
    return (n + 2 * padding - f) / stride + 1

# %% same_padding
def same_padding(f):
    """The padding that keeps the size with a filter of f weights at stride 1; f must be odd."""
    if f % 2 == 0:
        raise ValueError("an even filter would need more zeros on one side")
    return f // 2  # half of f - 1, for f is odd

# %% pad2d
def pad2d(x, padding):
    return np.pad(x, padding)

# %% conv1d
def conv1d(x, k, stride=1, padding=0):
    """Lay the filter k (F,) on x (N,), with padding zeros at either end, at every stride-th place."""
    x = np.pad(np.asarray(x, dtype=float), padding)
    places = activation_map_size(len(x), len(k), stride)
    return np.array([np.sum(x[i * stride : i * stride + len(k)] * k) for i in range(places)])

# %% convolution_matrix
def convolution_matrix(k, n):
    rows = n - len(k) + 1
    return sum(float(w) * np.eye(rows, n, u) for u, w in enumerate(k)).T

# %% conv2d
def conv2d(x, weight, bias, stride=1, padding=0):
    """x (C, H, W), weight (K, C, FH, FW), bias (K,) -> K activation maps (K, H', W')."""
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return maps

# %% conv_layer_parameters
def conv_layer_parameters(k, f, c):
    return k * f * f * c

# %% conv2d_backward
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    """From grad (K, H', W') the gradients (dx, dweight, dbias), in the shapes of x, weight, bias."""
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx, dweight, np.sum(grad, axis=(1, 2))

# %% pooling
def avg_pool2d(x, size=2, stride=None):
    """The mean of each window of x (C, H, W): (C, H', W')."""
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].mean(axis=(3, 4))


def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(3, 4), initial=0)

# %% receptive_field
def receptive_field(layers):
    """How many inputs in a row one unit of the last of these layers, [(f, stride), ...], sees."""
    field, step = 1, 1
    for f, stride in layers:
        field += (f - 1) * step
        step *= stride
    return field

# %% fully_connected
def fully_connected(x, W, b):
    return np.ravel(x * 1.0) @ W

# %% [markdown] three_ideas
# Local receptive fields, weight sharing, subsampling. It moves along with a shift, and it does
# not know rotations.
