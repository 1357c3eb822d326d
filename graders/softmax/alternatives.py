"""Right answers to the exercises of `softmax` in other styles; each must get full points."""


# %% dense: nested-loops
# Pure Python loops over samples, units and inputs; lists come out.
def dense(x, W, b):
    def layer(sample):
        scores = []
        for j in range(len(b)):
            score = float(b[j])
            for i in range(len(sample)):
                score += float(sample[i]) * float(W[i][j])
            scores.append(score)
        return scores

    if np.ndim(x) == 1:
        return layer(x)
    return [layer(sample) for sample in x]


# %% dense: einsum
# An Einstein sum with an ellipsis for the batch.
def dense(x, W, b):
    return np.einsum("...i,ij->...j", x, W) + b


# %% dense: bias-as-weight-zero
# The lecture's x0 = 1: a one in front of every sample, the biases on top of the weights.
def dense(x, W, b):
    x = np.asarray(x, dtype=float)
    ones = np.ones(x.shape[:-1] + (1,))
    return np.concatenate([ones, x], axis=-1) @ np.vstack([b, W])


# %% dense: torch-linear
# torch's own layer, in float64; a tensor comes out.
import torch


def dense(x, W, b):
    x, W, b = (torch.as_tensor(np.asarray(array), dtype=torch.float64) for array in (x, W, b))
    return torch.nn.functional.linear(x, W.T, b)


# %% dense: float32-columns
# One unit after the other, in single precision.
def dense(x, W, b):
    x, W = np.float32(x), np.float32(W)
    columns = [(x * W[:, j]).sum(axis=-1) + np.float32(b[j]) for j in range(W.shape[1])]
    return np.stack(columns, axis=-1)


# %% count_network: sum-of-products
# Weights and biases are added up separately, with indices.
def count_layers(sizes):
    return sum(1 for _ in sizes[1:])


def count_weights(sizes):
    weights = sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))
    return weights + sum(sizes[1:])


# %% count_network: builds-the-arrays
# Makes every weight matrix with its row of biases and counts the numbers in it.
def _matrices(sizes):
    return [np.zeros((d + 1, m)) for d, m in zip(sizes, sizes[1:])]


def count_layers(sizes):
    return len(_matrices(sizes))


def count_weights(sizes):
    return sum(matrix.size for matrix in _matrices(sizes))


# %% count_network: recursion
# Layer by layer; floats come out of the dot product.
def count_layers(sizes):
    return 0 if len(sizes) == 1 else 1 + count_layers(sizes[1:])


def count_weights(sizes):
    sizes = np.array(sizes, dtype=float)
    return np.dot(sizes[:-1] + 1, sizes[1:])


# %% two_layer_forward: everything-in-one
# No helper of the notebook: the sigmoid is typed out as on the slide.
def two_layer_forward(x, W1, b1, W2, b2):
    return 1 / (1 + np.exp(-(x @ W1 + b1))) @ W2 + b2


# %% two_layer_forward: unit-by-unit
# math.exp and lists, one unit at a time.
def two_layer_forward(x, W1, b1, W2, b2):
    import math

    def forward(sample):
        z = []
        for j in range(len(b1)):
            s = sum(float(sample[i]) * float(W1[i, j]) for i in range(len(sample))) + float(b1[j])
            z.append(1 / (1 + math.exp(-s)))
        return [
            sum(z[i] * float(W2[i, j]) for i in range(len(z))) + float(b2[j])
            for j in range(len(b2))
        ]

    return forward(x) if np.ndim(x) == 1 else [forward(sample) for sample in x]


# %% two_layer_forward: torch-modules
# Two torch layers with the given weights; a tensor comes out.
import torch


def two_layer_forward(x, W1, b1, W2, b2):
    x, W1, b1, W2, b2 = (torch.tensor(v, dtype=torch.float64) for v in (x, W1, b1, W2, b2))
    hidden = torch.sigmoid(torch.matmul(x, W1) + b1)
    return torch.matmul(hidden, W2) + b2


# %% two_layer_forward: tanh-and-einsum
# The sigmoid is a tanh of half the score: (1 + tanh(s / 2)) / 2.
def two_layer_forward(x, W1, b1, W2, b2):
    z = (1 + np.tanh((np.einsum("...i,ij->...j", x, W1) + b1) / 2)) / 2
    return np.einsum("...i,ij->...j", z, W2) + b2


# %% normalize: row-by-row
# Lists, one row after the other.
def normalize(z):
    if np.ndim(z) > 1:
        return [normalize(row) for row in z]
    total = sum(float(value) for value in z)
    return [float(value) / total for value in z]


# %% normalize: transposed
# NumPy divides along the last axis of the transpose without keepdims.
def normalize(z):
    return (z.T / z.T.sum(axis=0)).T


# %% normalize: torch
# A tensor in single precision comes out.
import torch


def normalize(z):
    z = torch.tensor(z, dtype=torch.float32)
    return z / z.sum(dim=-1, keepdim=True)


# %% normalize: matrix-of-ones
# The sum as a product with ones, the division as a product with the inverse.
def normalize(z):
    totals = np.asarray(z, dtype=float) @ np.ones(np.shape(z)[-1])
    return np.multiply(z, (1 / totals)[..., None] if np.ndim(totals) else 1 / totals)


# %% softmax: scipy
# SciPy's own, over the last axis.
def softmax(a):
    from scipy.special import softmax as ready

    return ready(a, axis=-1)


# %% softmax: torch
# torch's own; a tensor comes out.
import torch


def softmax(a):
    return torch.softmax(torch.as_tensor(np.asarray(a), dtype=torch.float64), dim=-1)


# %% softmax: pure-python
# math.exp and lists, with the largest output of each row taken from all.
def softmax(a):
    import math

    if np.ndim(a) > 1:
        return tuple(softmax(row) for row in a)
    largest = max(a)
    powers = [math.exp(value - largest) for value in a]
    return [power / sum(powers) for power in powers]


# %% softmax: float32
# Single precision for all that follows the shift.
def softmax(a):
    a = np.float32(a - np.max(a, axis=-1, keepdims=True))
    np.exp(a, out=a)
    a /= a.sum(axis=-1, keepdims=True)
    return a


# %% softmax: log-sum-exp
# e to the power of (a - logsumexp(a)).
def softmax(a):
    return np.exp(a - np.logaddexp.reduce(a, axis=-1, keepdims=True))


# %% softmax: differences
# One over the sum of e^(a_i - a_j): every class against every other, with harmless overflow.
def softmax(a):
    a = np.asarray(a, dtype=float)
    with np.errstate(over="ignore"):
        return 1 / np.exp(a[..., None, :] - a[..., :, None]).sum(axis=-1)


# %% one_hot: loop
# Lists of floats, one label at a time.
def one_hot(labels, num_classes):
    rows = []
    for label in labels:
        if not 0 <= label < num_classes:
            raise ValueError("label out of range")
        row = [0.0] * num_classes
        row[label] = 1.0
        rows.append(row)
    return rows


# %% one_hot: comparison
# Every label against every class.
def one_hot(labels, num_classes):
    hits = labels[:, None] == np.arange(num_classes)
    if not hits.any(axis=1).all():
        raise ValueError("a label is none of the classes")
    return hits.astype(float)


# %% one_hot: torch
# torch's one_hot, made float; its own error is turned into a ValueError.
import torch


def one_hot(labels, num_classes):
    try:
        return torch.nn.functional.one_hot(torch.tensor(labels), num_classes).float()
    except RuntimeError as error:
        raise ValueError(str(error)) from None


# %% one_hot: index-assignment
# Zeros, then a one at each (row, label); single precision.
def one_hot(labels, num_classes):
    if len(labels) and (min(labels) < 0 or max(labels) > num_classes - 1):
        raise ValueError("label out of range")
    answer = np.zeros((len(labels), num_classes), dtype=np.float32)
    answer[np.arange(len(labels)), labels] = 1
    return answer


# %% cross_entropy: xlogy
# SciPy's x log(y), which is 0 where x is 0.
def cross_entropy(t, y):
    from scipy.special import xlogy

    return -xlogy(t, y).sum(axis=-1)


# %% cross_entropy: pure-python
# math.log where t is not 0; lists out.
def cross_entropy(t, y):
    import math

    if np.ndim(t) > 1:
        return [cross_entropy(*pair) for pair in zip(t, y)]
    return -sum(float(p) * math.log(q) for p, q in zip(t, y) if p != 0)


# %% cross_entropy: nan-to-zero
# 0 * ln(0) is nan, and nansum counts it as 0.
def cross_entropy(t, y):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nansum(-t * np.log(y), axis=-1)


# %% cross_entropy: clipped-at-the-smallest-float
# The logarithm never sees 0: the smallest float takes its place.
def cross_entropy(t, y):
    logarithms = np.log(np.clip(y, np.finfo(float).tiny, None))
    return -np.einsum("...k,...k->...", t, logarithms)


# %% cross_entropy: tiny-guard
# The guard 1e-12 inside the logarithm is within the tolerance.
def cross_entropy(t, y):
    return -(t * np.log(y + 1e-12)).sum(-1)


# %% cross_entropy: torch
# torch's xlogy; a tensor comes out.
import torch


def cross_entropy(t, y):
    t, y = (torch.tensor(array, dtype=torch.float64) for array in (t, y))
    return -torch.xlogy(t, y).sum(dim=-1)


# %% softmax_cross_entropy: scipy-log-softmax
# SciPy's logarithm of the softmax.
def softmax_cross_entropy(a, t):
    from scipy.special import log_softmax

    return -(t * log_softmax(a, axis=-1)).sum(axis=-1)


# %% softmax_cross_entropy: torch
# torch's cross_entropy, which takes the outputs; a tensor comes out.
import torch


def softmax_cross_entropy(a, t):
    a, t = (torch.tensor(array, dtype=torch.float64) for array in (a, t))
    if a.ndim == 1:
        return torch.nn.functional.cross_entropy(a, t)
    return torch.nn.functional.cross_entropy(a, t, reduction="none")


# %% softmax_cross_entropy: pure-python
# The largest output, a sum of powers, one logarithm; lists out.
def softmax_cross_entropy(a, t):
    import math

    if np.ndim(a) > 1:
        return [softmax_cross_entropy(outputs, truth) for outputs, truth in zip(a, t)]
    m = float(max(a))
    log_sum = m + math.log(sum(math.exp(float(value) - m) for value in a))
    return sum(float(p) * (log_sum - float(value)) for p, value in zip(t, a))


# %% softmax_cross_entropy: sum-minus-dot
# log-sum-exp minus the dot product of t and a, since t adds up to 1.
def softmax_cross_entropy(a, t):
    return np.logaddexp.reduce(np.asarray(a, float), axis=-1) - np.sum(t * a, axis=-1)


# %% softmax_cross_entropy: float32
# Single precision for all that follows the shift.
def softmax_cross_entropy(a, t):
    shifted, t = np.float32(a - np.max(a, axis=-1, keepdims=True)), np.float32(t)
    log_y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -(t * log_y).sum(axis=-1)


# %% softmax_cross_entropy_gradient: exponentials-typed-out
# No other function of the notebook; a copy is changed step by step.
def softmax_cross_entropy_gradient(a, t):
    y = np.array(a, dtype=float)
    y -= y.max(axis=-1, keepdims=True)
    y = np.exp(y)
    y /= y.sum(axis=-1, keepdims=True)
    y -= t
    return y


# %% softmax_cross_entropy_gradient: autograd
# torch differentiates its own loss, summed over the samples.
import torch


def softmax_cross_entropy_gradient(a, t):
    a = torch.tensor(a, dtype=torch.float64, requires_grad=True)
    t = torch.tensor(t, dtype=torch.float64)
    torch.nn.functional.cross_entropy(a, t, reduction="sum").backward()
    return a.grad


# %% softmax_cross_entropy_gradient: jacobian
# The chain rule through the Jacobian matrix of log-softmax, one sample at a time.
def softmax_cross_entropy_gradient(a, t):
    if np.ndim(a) > 1:
        return np.array([softmax_cross_entropy_gradient(*pair) for pair in zip(a, t)])
    jacobian = np.eye(len(a)) - np.exp(a - np.logaddexp.reduce(a))
    return -np.asarray(t) @ jacobian


# %% softmax_cross_entropy_gradient: difference-quotient
# Central differences of the loss.
def softmax_cross_entropy_gradient(a, t):
    a, h = np.array(a, dtype=float), 1e-5
    answer = np.zeros_like(a)
    for k in range(a.shape[-1]):
        step = np.zeros_like(a)
        step[..., k] = h
        rise = softmax_cross_entropy(a + step, t) - softmax_cross_entropy(a - step, t)
        answer[..., k] = rise / (2 * h)
    return answer


# %% softmax_cross_entropy_gradient: pure-python
# Lists, one class at a time.
def softmax_cross_entropy_gradient(a, t):
    import math

    if np.ndim(a) > 1:
        return [softmax_cross_entropy_gradient(*pair) for pair in zip(a, t)]
    m = max(a)
    total = sum(math.exp(value - m) for value in a)
    return [math.exp(value - m) / total - truth for value, truth in zip(a, t)]
