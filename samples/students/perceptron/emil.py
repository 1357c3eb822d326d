"""Half-finished: the first cells are done, tanh and the training are still stubs.

same as: bela
zero: decision_boundary train_perceptron pca_project zero_versus_one
loses: activations
untouched: decision_boundary pca_project zero_versus_one convergence
"""

# %% activations
def step(s, theta=0.0):
    return np.where(np.asarray(s) > theta, 1, -1)


def identity(x):
    return np.array(x, dtype=float)


def binary_step(x):
    return np.where(np.asarray(x) >= 0, 1, 0)


def sigmoid(x):
    x = np.asarray(x, dtype=float)
    return np.exp(-np.logaddexp(0, -x))


def tanh(x):
    raise NotImplementedError()


def relu(x):
    return np.maximum(x, 0)


def leaky_relu(x):
    return np.where(np.asarray(x) > 0, x, 0.01 * np.asarray(x))


# %% train_perceptron
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    # TODO: loop over the epochs
    raise NotImplementedError()
