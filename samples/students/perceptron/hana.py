"""Takes np.sign for the step, so a score of 0 is neither class, and `>` for `>=` at 0.

same as: dora
loses: activations activation_derivatives predict
either: zero_versus_one
"""

# %% activations
def step(s, theta=0.0):
    return np.sign(s - theta)


def identity(x):
    return x


def binary_step(x):
    return np.where(x > 0, 1, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def tanh(x):
    return np.tanh(x)


def relu(x):
    return np.maximum(x, 0)


def leaky_relu(x):
    return np.where(x > 0, x, 0.01 * x)


# %% activation_derivatives
def identity_derivative(x):
    return np.ones(x.shape)


def sigmoid_derivative(x):
    return sigmoid(x) * (1 - sigmoid(x))


def tanh_derivative(x):
    return 1 - np.tanh(x) ** 2


def relu_derivative(x):
    return np.where(x > 0, 1, 0)


def leaky_relu_derivative(x):
    return np.where(x > 0, 1, 0.01)


# %% predict
def predict(w, X):
    return np.sign(X @ w)


# %% train_perceptron
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        if not (predict(w, X) != y).any():
            return w, epoch, True
        for x, label in zip(X, y):
            if predict(w, x) != label:
                w = perceptron_update(w, x, label, lr)
    return w, max_epochs, False


# %% pca_project
def pca_project(X, k):
    U, S, V = np.linalg.svd(X - X.mean(0), full_matrices=False)
    return U[:, :k] * S[:k], S[:k] ** 2 / np.sum(S**2)


# %% zero_versus_one
def zero_versus_one(images, labels):
    X = np.hstack([np.ones((len(images), 1)), images.reshape(-1, 64)])
    return train_perceptron(X, 2 * labels - 1)[0]
