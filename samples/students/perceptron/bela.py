"""Everything right, vectorised with NumPy."""

# %% activations
def step(s, theta=0.0):
    return np.where(np.asarray(s) > theta, 1, -1)


def identity(x):
    return np.array(x, dtype=float)


def binary_step(x):
    return (np.asarray(x) >= 0).astype(int)


def sigmoid(x):
    return 0.5 * (1 + np.tanh(np.asarray(x, dtype=float) / 2))


def tanh(x):
    return np.tanh(x)


def relu(x):
    return np.maximum(0, x)


def leaky_relu(x):
    x = np.asarray(x, dtype=float)
    return np.maximum(x, 0.01 * x)


# %% activation_derivatives
def identity_derivative(x):
    return np.ones_like(x, dtype=float)


def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-np.asarray(x))


def tanh_derivative(x):
    return 1 - np.tanh(x) ** 2


def relu_derivative(x):
    return np.heaviside(x, 1.0)


def leaky_relu_derivative(x):
    return np.where(np.asarray(x) < 0, 0.01, 1.0)


# %% add_bias
def add_bias(X):
    return np.insert(np.asarray(X, dtype=float), 0, 1.0, axis=1)


# %% predict
def predict(w, X):
    return 2 * (np.asarray(X) @ np.asarray(w) > 0) - 1


# %% perceptron_update
def perceptron_update(w, x, y, lr):
    return np.asarray(w) + lr * y * np.asarray(x)


# %% decision_boundary
def decision_boundary(w):
    if w[2] == 0:
        raise ValueError("w2 is 0: the line is vertical")
    return -np.asarray(w)[[1, 0]] / w[2]


# %% train_perceptron
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else np.array(w, dtype=float)
    for epoch in range(1, max_epochs + 1):
        before = w.copy()
        for x, label in zip(X, y):
            w = w + lr * label * x * (predict(w, x) != label)
        if np.array_equal(w, before):
            # Two updates may undo each other, so equal weights alone prove nothing.
            if (predict(w, X) == y).all():
                return w, epoch, True
    return w, max_epochs, False


# %% pca_project
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    U, S, Vt = np.linalg.svd(centred, full_matrices=False)
    return U[:, :k] * S[:k], S[:k] ** 2 / (S**2).sum()


# %% zero_versus_one
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), -1))
    return train_perceptron(X, 2 * labels - 1)[0]


# %% [markdown] convergence
# It stops after a sweep without an update; if the classes are linearly separable that is certain to
# come. Otherwise it never stops by itself.
