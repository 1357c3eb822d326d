"""Everything right, in ways of her own."""

# %% dense
def dense(x, W, b):
    return np.einsum("...i,ij->...j", x, W) + b

# %% count_network
def count_layers(sizes):
    return sum(1 for _ in sizes[1:])


def count_weights(sizes):
    weights = sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))
    return weights + sum(sizes[1:])

# %% two_layer_forward
def two_layer_forward(x, W1, b1, W2, b2):
    return 1 / (1 + np.exp(-(x @ W1 + b1))) @ W2 + b2

# %% normalize
def normalize(z):
    if np.ndim(z) > 1:
        return [normalize(row) for row in z]
    total = sum(float(value) for value in z)
    return [float(value) / total for value in z]

# %% softmax
def softmax(a):
    from scipy.special import softmax as ready

    return ready(a, axis=-1)

# %% one_hot
def one_hot(labels, num_classes):
    hits = labels[:, None] == np.arange(num_classes)
    if not hits.any(axis=1).all():
        raise ValueError("a label is none of the classes")
    return hits.astype(float)

# %% cross_entropy
def cross_entropy(t, y):
    from scipy.special import xlogy

    return -xlogy(t, y).sum(axis=-1)

# %% softmax_cross_entropy
def softmax_cross_entropy(a, t):
    from scipy.special import log_softmax

    return -(t * log_softmax(a, axis=-1)).sum(axis=-1)

# %% softmax_cross_entropy_gradient
def softmax_cross_entropy_gradient(a, t):
    y = np.array(a, dtype=float)
    y -= y.max(axis=-1, keepdims=True)
    y = np.exp(y)
    y /= y.sum(axis=-1, keepdims=True)
    y -= t
    return y

# %% [markdown] normalization_or_softmax
# Normalising -5, -1, 1, 5 cannot work as probabilities: some shares are negative.
# Softmax is positive, adds up to one and keeps the order.
