"""Half-finished.

zero: softmax one_hot cross_entropy softmax_cross_entropy softmax_cross_entropy_gradient
"""

# %% dense
def dense(x, W, b):
    return np.einsum("...i,ij->...j", x, W) + b

# %% count_network
def _matrices(sizes):
    return [np.zeros((d + 1, m)) for d, m in zip(sizes, sizes[1:])]


def count_layers(sizes):
    return len(_matrices(sizes))


def count_weights(sizes):
    return sum(matrix.size for matrix in _matrices(sizes))

# %% two_layer_forward
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

# %% normalize
def normalize(z):
    return (z.T / z.T.sum(axis=0)).T
