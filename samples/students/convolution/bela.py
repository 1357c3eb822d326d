"""Everything right, in another style."""

# %% connection_weights
def locally_connected_weights(n_out, f):
    return n_out * fully_connected_weights(f, 1)


def fully_connected_weights(n_in, n_out):
    return sum(n_in for _ in range(n_out))


def convolution_weights(f):
    return locally_connected_weights(1, f)

# %% activation_map_size
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError
    free = n + 2 * padding - f
    if free < 0:
        raise ValueError
    return np.int64(np.floor_divide(free, stride) + 1)

# %% same_padding
def same_padding(f):
    padding = (f - 1) / 2
    if padding != int(padding):
        raise ValueError("f must be odd")
    return padding

# %% pad2d
import torch


def pad2d(x, padding):
    x = torch.as_tensor(np.array(x), dtype=torch.float32)
    return torch.nn.functional.pad(x, (padding, padding, padding, padding))

# %% conv1d
import torch


def conv1d(x, k, stride=1, padding=0):
    x = torch.tensor(np.asarray(x, float))[None, None]
    k = torch.tensor(np.asarray(k, float))[None, None]
    return torch.nn.functional.conv1d(x, k, stride=stride, padding=padding)[0, 0]

# %% convolution_matrix
def convolution_matrix(k, n):
    f = len(k)
    return [[k[j - i] if 0 <= j - i < f else 0 for j in range(n)] for i in range(n - f + 1)]

# %% conv2d
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(np.asarray(x, float), ((0, 0), (padding, padding), (padding, padding)))
    K, C, FH, FW = weight.shape
    oh = len(range(0, x.shape[1] - FH + 1, stride))
    ow = len(range(0, x.shape[2] - FW + 1, stride))
    y = np.zeros((K, oh, ow)) + np.asarray(bias, float)[:, None, None]
    for u in range(FH):
        for v in range(FW):
            part = x[:, u : u + oh * stride : stride, v : v + ow * stride : stride]
            y += np.tensordot(weight[:, :, u, v], part, axes=1)
    return y

# %% conv_layer_parameters
import torch


def conv_layer_parameters(k, f, c):
    return sum(p.numel() for p in torch.nn.Conv2d(c, k, f).parameters())

# %% conv2d_backward
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    C, H, W = x.shape
    K, _, FH, FW = weight.shape
    big = np.pad(np.asarray(x, float), ((0, 0), (padding, padding), (padding, padding)))
    # Zeros between the gradients, and at the end for inputs that no window reached.
    wide = np.zeros((K, big.shape[1] - FH + 1, big.shape[2] - FW + 1))
    wide[:, ::stride, ::stride] = grad
    view = np.lib.stride_tricks.sliding_window_view
    dweight = np.einsum("cuvij,kij->kcuv", view(big, wide.shape[1:], axis=(1, 2)), wide)
    wide = np.pad(wide, ((0, 0), (FH - 1, FH - 1), (FW - 1, FW - 1)))
    turned = np.asarray(weight, float)[:, :, ::-1, ::-1]
    dbig = np.einsum("kijuv,kcuv->cij", view(wide, (FH, FW), axis=(1, 2)), turned)
    return dbig[:, padding : padding + H, padding : padding + W], dweight, grad.sum(axis=(1, 2))

# %% pooling
def max_pool2d(x, size=2, stride=None, reduce=np.max):
    x = np.asarray(x)
    C, H, W = x.shape
    if stride is None or stride == size:
        h, w = H // size, W // size
        blocks = x[:, : h * size, : w * size].reshape(C, h, size, w, size)
        return reduce(blocks, axis=(2, 4))
    rows, cols = range(0, H - size + 1, stride), range(0, W - size + 1, stride)
    windows = [[x[:, i : i + size, j : j + size] for j in cols] for i in rows]
    return np.array([[reduce(w, axis=(1, 2)) for w in row] for row in windows]).transpose(2, 0, 1)


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, reduce=np.mean)

# %% receptive_field
def receptive_field(layers):
    if not layers:
        return 1
    (f, stride), *rest = layers
    return f + (receptive_field(rest) - 1) * stride

# %% fully_connected
def fully_connected(x, W, b):
    return np.einsum("i,in->n", np.ravel(x).astype(float), W) + b

# %% [markdown] three_ideas
# Local receptive fields, weight sharing, subsampling. It moves along with a shift, and it does
# not know rotations.
