"""Wrong in typical ways, right between.

loses: count_network normalize one_hot softmax_cross_entropy
"""

# %% dense
def dense(x, W, b):
    """The scores of a layer with weights W (d, m) and biases b (m,).

    x (d,) gives (m,), and a batch x (n, d) gives (n, m).
    """
    return x @ W + b

# %% count_network
def count_weights(sizes):
    """The number of weights, biases included, of a network with these numbers of units."""
    total = 0
    for inputs, units in zip(sizes[:-1], sizes[1:], strict=True):
        total += (inputs + 1) * units
    return total


def count_layers(sizes):
    return len(sizes)

# %% two_layer_forward
def two_layer_forward(x, W1, b1, W2, b2):
    """The outputs a, before softmax, of a network with a hidden layer of sigmoid units.

    x (d,) or (n, d), W1 (d, h), b1 (h,), W2 (h, k), b2 (k,); the answer is (k,) or (n, k).
    """
    z = sigmoid(dense(x, W1, b1))
    return dense(z, W2, b2)

# %% normalize
def normalize(z):
    return z / np.sum(z, axis=0)

# %% softmax
def softmax(a):
    """e^a divided by its sum over the last axis, for any a up to 1e5 in size; the shape of a."""
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / np.sum(powers, axis=-1, keepdims=True)

# %% one_hot
def one_hot(labels, num_classes):
    if np.any(labels >= num_classes):
        raise ValueError("label out of range")
    return np.eye(num_classes)[labels]

# %% cross_entropy
def cross_entropy(t, y):
    """-sum t * ln(y) over the last axis: a number for a sample, (n,) for a batch."""
    return -np.sum(t * np.log(np.where(t > 0, y, 1)), axis=-1)

# %% softmax_cross_entropy
def softmax_cross_entropy(a, t):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    y = powers / np.sum(powers, axis=-1, keepdims=True)
    return -np.sum(t * np.log(np.where(t > 0, y, 1)), axis=-1)

# %% softmax_cross_entropy_gradient
def softmax_cross_entropy_gradient(a, t):
    """The gradient of softmax_cross_entropy by a; the shape of a, (k,) or (n, k)."""
    return softmax(a) - t

# %% [markdown] normalization_or_softmax
# Normalising -5, -1, 1, 5 cannot work as probabilities: some shares are negative.
# Softmax is positive, adds up to one and keeps the order.
