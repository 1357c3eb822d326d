"""Right answers to the exercises of `convolution` in other styles; each must get full points."""


# %% connection_weights: counts-the-lines
# Builds the connections one by one and counts them.
def fully_connected_weights(n_in, n_out):
    return len([(i, o) for i in range(n_in) for o in range(n_out)])


def locally_connected_weights(n_out, f):
    return len({(o, o + u) for o in range(n_out) for u in range(f)})


def convolution_weights(f):
    return len(set(range(f)))


# %% connection_weights: sizes-of-arrays
# Asks NumPy how many numbers such a matrix holds; the answers are NumPy scalars.
def fully_connected_weights(n_in, n_out):
    return np.prod(np.array([n_in, n_out]))


def locally_connected_weights(n_out, f):
    return np.prod((n_out, f))


def convolution_weights(f):
    return np.ones(f).sum()


# %% connection_weights: from-one-formula
# A convolution is a locally connected layer that has only one output's weights.
def locally_connected_weights(n_out, f):
    return n_out * fully_connected_weights(f, 1)


def fully_connected_weights(n_in, n_out):
    return sum(n_in for _ in range(n_out))


def convolution_weights(f):
    return locally_connected_weights(1, f)


# %% activation_map_size: counts-the-places
# Moves the filter along and counts.
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) <= 0 or padding < 0:
        raise ValueError("senseless")
    places, start = 0, -padding
    while start + f <= n + padding:
        places += 1
        start += stride
    if places == 0:
        raise ValueError("does not fit")
    return places


# %% activation_map_size: math-floor
# The formula of the text, with math.floor.
def activation_map_size(n, f, stride=1, padding=0):
    import math

    if n <= 0 or f <= 0 or stride <= 0 or padding < 0 or n + 2 * padding < f:
        raise ValueError(f"no place for {f} on {n}")
    return math.floor((n + 2 * padding - f) / stride + 1)


# %% activation_map_size: length-of-a-range
# The length of the range of starting places.
def activation_map_size(n, f, stride=1, padding=0):
    for value, least in ((n, 1), (f, 1), (stride, 1), (padding, 0)):
        if value < least:
            raise ValueError(value)
    size = len(range(0, n + 2 * padding - f + 1, stride))
    if not size:
        raise ValueError("the filter does not fit")
    return size


# %% activation_map_size: numpy-integer
# Comes back as a NumPy integer.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError
    free = n + 2 * padding - f
    if free < 0:
        raise ValueError
    return np.int64(np.floor_divide(free, stride) + 1)


# %% same_padding: divmod
# The remainder tells the even ones.
def same_padding(f):
    half, odd = divmod(f, 2)
    if not odd:
        raise ValueError("even")
    return half


# %% same_padding: tries-them-all
# Tries one padding after the other.
def same_padding(f):
    for padding in range(f):
        if 10 * f + 2 * padding - f + 1 == 10 * f:
            return padding
    raise ValueError("no padding keeps the size")


# %% same_padding: a-float
# A half of F - 1, as a float.
def same_padding(f):
    padding = (f - 1) / 2
    if padding != int(padding):
        raise ValueError("f must be odd")
    return padding


# %% pad2d: into-zeros
# Copies x into an array of zeros.
def pad2d(x, padding):
    x = np.asarray(x)
    *rest, h, w = x.shape
    out = np.zeros((*rest, h + 2 * padding, w + 2 * padding))
    out[..., padding : padding + h, padding : padding + w] = x
    return out


# %% pad2d: nested-lists
# Lists all the way down.
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


# %% pad2d: concatenates
# Puts blocks of zeros beside x, then above and below it.
def pad2d(x, padding):
    x = np.asarray(x)
    side = np.zeros(x.shape[:-1] + (padding,))
    x = np.concatenate([side, x, side], axis=-1)
    top = np.zeros(x.shape[:-2] + (padding, x.shape[-1]))
    return np.concatenate([top, x, top], axis=-2)


# %% pad2d: torch
# torch's own padding, in float32; the answer is a tensor.
import torch


def pad2d(x, padding):
    x = torch.as_tensor(np.array(x), dtype=torch.float32)
    return torch.nn.functional.pad(x, (padding, padding, padding, padding))


# %% conv1d: pure-python
# Nothing but lists and loops.
def conv1d(x, k, stride=1, padding=0):
    x = [0.0] * padding + [float(v) for v in x] + [0.0] * padding
    k = [float(v) for v in k]
    out, start = [], 0
    while start + len(k) <= len(x):
        total = 0.0
        for u in range(len(k)):
            total += x[start + u] * k[u]
        out.append(total)
        start += stride
    return out


# %% conv1d: np-convolve
# np.convolve turns the filter round, so it gets it turned round.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    return np.convolve(x, np.asarray(k, dtype=float)[::-1], mode="valid")[::stride]


# %% conv1d: windows-times-filter
# All windows by an array of indices, in float32.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=np.float32), padding)
    k = np.asarray(k, dtype=np.float32)
    starts = np.arange(0, len(x) - len(k) + 1, stride)
    return x[starts[:, None] + np.arange(len(k))] @ k


# %% conv1d: sum-of-shifted
# One weight at a time: the input, shifted and weighted.
def conv1d(x, k, stride=1, padding=0):
    x = np.concatenate([np.zeros(padding), np.asarray(x, float), np.zeros(padding)])
    n = (len(x) - len(k)) // stride + 1
    y = np.zeros(n)
    for u, w in enumerate(k):
        y += float(w) * x[u : u + stride * (n - 1) + 1 : stride]
    return tuple(y)


# %% conv1d: torch
# torch's conv1d, with its two further axes.
import torch


def conv1d(x, k, stride=1, padding=0):
    x = torch.tensor(np.asarray(x, float))[None, None]
    k = torch.tensor(np.asarray(k, float))[None, None]
    return torch.nn.functional.conv1d(x, k, stride=stride, padding=padding)[0, 0]


# %% convolution_matrix: unit-vectors
# Column j is what the convolution makes of the j-th unit vector.
def convolution_matrix(k, n):
    return np.array([np.correlate(row, np.asarray(k, float), "valid") for row in np.eye(n)]).T


# %% convolution_matrix: toeplitz
# SciPy's Toeplitz matrix.
from scipy.linalg import toeplitz


def convolution_matrix(k, n):
    column = np.zeros(n - len(k) + 1)
    column[0] = k[0]
    return toeplitz(column, np.concatenate([k, np.zeros(n - len(k))]))


# %% convolution_matrix: sum-of-diagonals
# One diagonal for each weight.
def convolution_matrix(k, n):
    rows = n - len(k) + 1
    return sum(float(w) * np.eye(rows, n, u) for u, w in enumerate(k))


# %% convolution_matrix: list-of-lists
# Element by element, as lists.
def convolution_matrix(k, n):
    f = len(k)
    return [[k[j - i] if 0 <= j - i < f else 0 for j in range(n)] for i in range(n - f + 1)]


# %% conv2d: seven-loops
# The formula, one sum after the other, in pure Python.
def conv2d(x, weight, bias, stride=1, padding=0):
    C, H, W = x.shape
    K, _, FH, FW = weight.shape
    x, weight, bias = x.tolist(), weight.tolist(), bias.tolist()
    out = []
    for k in range(K):
        out.append([])
        for top in range(-padding, H + padding - FH + 1, stride):
            out[k].append([])
            for left in range(-padding, W + padding - FW + 1, stride):
                total = bias[k]
                for c in range(C):
                    for u in range(FH):
                        for v in range(FW):
                            if 0 <= top + u < H and 0 <= left + v < W:
                                total += x[c][top + u][left + v] * weight[k][c][u][v]
                out[k][-1].append(total)
    return out


# %% conv2d: einsum-over-windows
# All windows at once.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(np.asarray(x, float), ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    return np.einsum("cijuv,kcuv->kij", windows, weight) + np.reshape(bias, (-1, 1, 1))


# %% conv2d: im2col
# One column for each window, one row for each filter, one product of matrices, in float32.
def conv2d(x, weight, bias, stride=1, padding=0):
    C, H, W = x.shape
    K, _, FH, FW = weight.shape
    big = np.zeros((C, H + 2 * padding, W + 2 * padding), dtype=np.float32)
    big[:, padding : padding + H, padding : padding + W] = x
    oh, ow = (H + 2 * padding - FH) // stride + 1, (W + 2 * padding - FW) // stride + 1
    columns = np.zeros((C * FH * FW, oh * ow), dtype=np.float32)
    for p in range(oh * ow):
        i, j = p // ow * stride, p % ow * stride
        columns[:, p] = big[:, i : i + FH, j : j + FW].ravel()
    flat = weight.reshape(K, -1).astype(np.float32) @ columns + bias.astype(np.float32)[:, None]
    return flat.reshape(K, oh, ow)


# %% conv2d: scipy
# SciPy's correlation of each channel, summed; the stride picks afterwards.
from scipy.signal import correlate2d


def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(np.asarray(x, float), ((0, 0), (padding,) * 2, (padding,) * 2))
    _, H, W = x.shape
    out = []
    for filters, b in zip(np.asarray(weight, float), bias):
        # A "valid" correlation with the larger one second would swap the two.
        full = sum(correlate2d(a, f, mode="full") for a, f in zip(x, filters))
        fh, fw = filters.shape[1:]
        out.append(full[fh - 1 : H : stride, fw - 1 : W : stride] + b)
    return np.stack(out)


# %% conv2d: torch
# torch's own, with a batch of one.
import torch


def conv2d(x, weight, bias, stride=1, padding=0):
    x, weight, bias = (torch.tensor(np.asarray(a, float)) for a in (x, weight, bias))
    return torch.nn.functional.conv2d(x[None], weight, bias, stride, padding)[0].numpy()


# %% conv2d: shifted-images
# One weight at a time: the whole image, shifted and weighted.
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


# %% conv_layer_parameters: size-of-the-arrays
# Makes the arrays and asks how many numbers they hold.
def conv_layer_parameters(k, f, c):
    return np.zeros((k, c, f, f)).size + np.zeros(k).size


# %% conv_layer_parameters: one-filter-at-a-time
# Adds up the filters.
def conv_layer_parameters(k, f, c):
    total = 0
    for _ in range(k):
        total += c * f**2
        total += 1
    return float(total)


# %% conv_layer_parameters: torch
# Asks torch's layer.
import torch


def conv_layer_parameters(k, f, c):
    return sum(p.numel() for p in torch.nn.Conv2d(c, k, f).parameters())


# %% conv2d_backward: pure-python
# Pure Python; what lies in the padding is passed over.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    C, H, W = x.shape
    K, _, FH, FW = weight.shape
    g, X, w = grad.tolist(), x.tolist(), weight.tolist()
    dx, dw, db = np.zeros(x.shape).tolist(), np.zeros(weight.shape).tolist(), [0.0] * K
    for k in range(K):
        for i in range(len(g[0])):
            for j in range(len(g[0][0])):
                db[k] += g[k][i][j]
                for c in range(C):
                    for u in range(FH):
                        for v in range(FW):
                            r, s = i * stride + u - padding, j * stride + v - padding
                            if 0 <= r < H and 0 <= s < W:
                                dx[c][r][s] += g[k][i][j] * w[k][c][u][v]
                                dw[k][c][u][v] += g[k][i][j] * X[c][r][s]
    return [dx, dw, db]


# %% conv2d_backward: torch-autograd
# Lets torch take the gradients; the answers are tensors.
import torch


def conv2d_backward(grad, x, weight, stride=1, padding=0):
    grad, x, weight = (torch.tensor(np.asarray(a, float)) for a in (grad, x, weight))
    bias = torch.zeros(len(weight), dtype=torch.float64)
    for tensor in (x, weight, bias):
        tensor.requires_grad_(True)
    y = torch.nn.functional.conv2d(x[None], weight, bias, stride, padding)[0]
    y.backward(grad)
    return x.grad, weight.grad, bias.grad


# %% conv2d_backward: einsum-and-slices
# Windows for the weights, strided slices for the image.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    grad = np.asarray(grad, float)
    big = np.pad(np.asarray(x, float), ((0, 0), (padding, padding), (padding, padding)))
    _, oh, ow = grad.shape
    dbig, dw = np.zeros_like(big), np.zeros(weight.shape)
    for u in range(weight.shape[2]):
        for v in range(weight.shape[3]):
            rows = slice(u, u + (oh - 1) * stride + 1, stride)
            cols = slice(v, v + (ow - 1) * stride + 1, stride)
            dw[:, :, u, v] = np.einsum("kij,cij->kc", grad, big[:, rows, cols])
            dbig[:, rows, cols] += np.einsum("kij,kc->cij", grad, weight[:, :, u, v])
    H, W = x.shape[1:]
    dx = dbig[:, padding : H + padding, padding : W + padding]
    return dx, dw, grad.sum((1, 2))


# %% conv2d_backward: by-linearity
# The output is linear in each argument: the gradient by a number is found by setting it to 1.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    def forward(image, filters):
        image = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
        views = np.lib.stride_tricks.sliding_window_view(image, filters.shape[2:], axis=(1, 2))
        return np.tensordot(filters, views[:, ::stride, ::stride], axes=([1, 2, 3], [0, 3, 4]))

    def slopes(array, loss):
        out = np.zeros(array.shape)
        for place in np.ndindex(*array.shape):
            one = np.zeros(array.shape)
            one[place] = 1.0
            out[place] = loss(one)
        return out

    image, filters = np.asarray(x, float), np.asarray(weight, float)
    dx = slopes(image, lambda one: np.sum(grad * forward(one, filters)))
    dweight = slopes(filters, lambda one: np.sum(grad * forward(image, one)))
    return dx, dweight, np.asarray(grad, float).reshape(len(grad), -1).sum(axis=1)


# %% conv2d_backward: full-convolution
# The gradient by the image as a convolution of the stretched gradient with the turned filters.
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


# %% pooling: loops
# A loop over channels and windows.
def max_pool2d(x, size=2, stride=None, choose=max):
    step = size if stride is None else stride
    out = []
    for channel in np.asarray(x, float).tolist():
        rows = []
        for i in range(0, len(channel) - size + 1, step):
            row = []
            for j in range(0, len(channel[0]) - size + 1, step):
                row.append(choose([v for r in channel[i : i + size] for v in r[j : j + size]]))
            rows.append(row)
        out.append(rows)
    return out


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, choose=lambda values: sum(values) / len(values))


# %% pooling: torch
# torch's own; it needs floats.
import torch


def max_pool2d(x, size=2, stride=None):
    return torch.nn.functional.max_pool2d(torch.tensor(np.asarray(x, float)), size, stride)


def avg_pool2d(x, size=2, stride=None):
    return torch.nn.functional.avg_pool2d(torch.tensor(np.asarray(x, float)), size, stride)


# %% pooling: stacked-shifts
# One shifted copy for each place in the window; the maximum and the mean go over the copies.
def shifted(x, size, stride):
    stride = stride or size
    _, H, W = x.shape
    oh, ow = (H - size) // stride + 1, (W - size) // stride + 1
    return np.stack(
        [
            x[:, u : u + stride * oh : stride, v : v + stride * ow : stride][:, :oh, :ow]
            for u in range(size)
            for v in range(size)
        ]
    )


def max_pool2d(x, size=2, stride=None):
    return np.max(shifted(x, size, stride), axis=0)


def avg_pool2d(x, size=2, stride=None):
    return np.mean(shifted(x, size, stride), axis=0, dtype=np.float32)


# %% pooling: reshapes-blocks
# Reshapes into blocks where windows don't overlap, and loops where they do.
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


# %% receptive_field: from-the-top
# Starts with one unit at the top and goes down: n units need (n - 1) * stride + f below.
def receptive_field(layers):
    seen = 1
    for f, stride in reversed(layers):
        seen = (seen - 1) * stride + f
    return seen


# %% receptive_field: marks-the-inputs
# Goes down with the first and the last place that a unit sees.
def receptive_field(layers):
    first, last = 0, 0
    for f, stride in list(layers)[::-1]:
        first, last = first * stride, last * stride + f - 1
    return last - first + 1


# %% receptive_field: cumulative-products
# All strides multiplied up, in NumPy.
def receptive_field(layers):
    f, s = np.array(layers).T
    jumps = np.concatenate([[1], np.cumprod(s)[:-1]])
    return 1 + np.dot(f - 1, jumps)


# %% receptive_field: recursive
# Without the first layer the field is counted in units of that layer.
def receptive_field(layers):
    if not layers:
        return 1
    (f, stride), *rest = layers
    return f + (receptive_field(rest) - 1) * stride


# %% fully_connected: loops
# Four loops; the row of W is counted along.
def fully_connected(x, W, b):
    scores = [float(v) for v in b]
    row = 0
    for channel in x:
        for line in channel:
            for value in line:
                for n in range(len(scores)):
                    scores[n] += float(value) * float(W[row][n])
                row += 1
    return scores


# %% fully_connected: tensordot
# Gives W the shape of x, in float32.
def fully_connected(x, W, b):
    x, W = np.asarray(x, np.float32), np.asarray(W, np.float32)
    return np.tensordot(x, W.reshape(*x.shape, -1), axes=3) + b


# %% fully_connected: torch
# torch's linear layer, whose weight is the transpose.
import torch


def fully_connected(x, W, b):
    x, W, b = (torch.tensor(np.asarray(a, float)) for a in (x, W, b))
    return torch.nn.functional.linear(x.flatten(), W.T, b)


# %% fully_connected: einsum
# The sum over the row, spelled out.
def fully_connected(x, W, b):
    return np.einsum("i,in->n", np.ravel(x).astype(float), W) + b
