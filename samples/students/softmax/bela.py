"""Everything right, in another style."""

# %% dense
def dense(x, W, b):
    x, W = np.float32(x), np.float32(W)
    columns = [(x * W[:, j]).sum(axis=-1) + np.float32(b[j]) for j in range(W.shape[1])]
    return np.stack(columns, axis=-1)

# %% count_network
def count_layers(sizes):
    return 0 if len(sizes) == 1 else 1 + count_layers(sizes[1:])


def count_weights(sizes):
    sizes = np.array(sizes, dtype=float)
    return np.dot(sizes[:-1] + 1, sizes[1:])

# %% two_layer_forward
def two_layer_forward(x, W1, b1, W2, b2):
    z = (1 + np.tanh((np.einsum("...i,ij->...j", x, W1) + b1) / 2)) / 2
    return np.einsum("...i,ij->...j", z, W2) + b2

# %% normalize
def normalize(z):
    totals = np.asarray(z, dtype=float) @ np.ones(np.shape(z)[-1])
    return np.multiply(z, (1 / totals)[..., None] if np.ndim(totals) else 1 / totals)

# %% softmax
def softmax(a):
    a = np.asarray(a, dtype=float)
    with np.errstate(over="ignore"):
        return 1 / np.exp(a[..., None, :] - a[..., :, None]).sum(axis=-1)

# %% one_hot
def one_hot(labels, num_classes):
    if len(labels) and (min(labels) < 0 or max(labels) > num_classes - 1):
        raise ValueError("label out of range")
    answer = np.zeros((len(labels), num_classes), dtype=np.float32)
    answer[np.arange(len(labels)), labels] = 1
    return answer

# %% cross_entropy
import torch


def cross_entropy(t, y):
    t, y = (torch.tensor(array, dtype=torch.float64) for array in (t, y))
    return -torch.xlogy(t, y).sum(dim=-1)

# %% softmax_cross_entropy
def softmax_cross_entropy(a, t):
    shifted, t = np.float32(a - np.max(a, axis=-1, keepdims=True)), np.float32(t)
    log_y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -(t * log_y).sum(axis=-1)

# %% softmax_cross_entropy_gradient
import torch


def softmax_cross_entropy_gradient(a, t):
    a = torch.tensor(a, dtype=torch.float64, requires_grad=True)
    t = torch.tensor(t, dtype=torch.float64)
    torch.nn.functional.cross_entropy(a, t, reduction="sum").backward()
    return a.grad

# %% [markdown] normalization_or_softmax
# Normalising -5, -1, 1, 5 cannot work as probabilities: some shares are negative.
# Softmax is positive, adds up to one and keeps the order.
