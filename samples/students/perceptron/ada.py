"""Everything right, in loops over plain lists, lists handed back."""

# %% activations
import math


def each(f, x):
    """Apply f to a number, or to every number of a nested list or array."""
    try:
        return [each(f, item) for item in x]
    except TypeError:
        return f(float(x))


def step(s, theta=0.0):
    return each(lambda v: 1 if v > theta else -1, s)


def identity(x):
    return each(lambda v: v, x)


def binary_step(x):
    return each(lambda v: 1 if v >= 0 else 0, x)


def logistic(v):
    if v < 0:
        return 1 - logistic(-v)
    return 1 / (1 + math.exp(-v))


def sigmoid(x):
    return each(logistic, x)


def tanh(x):
    return each(math.tanh, x)


def relu(x):
    return each(lambda v: v if v > 0 else 0.0, x)


def leaky_relu(x):
    return each(lambda v: v if v > 0 else v / 100, x)


# %% activation_derivatives
def identity_derivative(x):
    return each(lambda v: 1, x)


def sigmoid_derivative(x):
    return each(lambda v: logistic(v) * (1 - logistic(v)), x)


def tanh_derivative(x):
    return each(lambda v: 1 - math.tanh(v) ** 2, x)


def relu_derivative(x):
    return each(lambda v: 0 if v < 0 else 1, x)


def leaky_relu_derivative(x):
    return each(lambda v: 0.01 if v < 0 else 1, x)


# %% add_bias
def add_bias(X):
    points = []
    for point in X:
        row = [1.0]
        for value in point:
            row.append(float(value))
        points.append(row)
    return points


# %% predict
def score(w, x):
    total = 0.0
    for weight, value in zip(w, x):
        total += weight * value
    return total


def predict(w, X):
    X = list(X)
    if X and hasattr(X[0], "__len__"):
        return [predict(w, x) for x in X]
    return 1 if score(w, X) > 0 else -1


# %% perceptron_update
def perceptron_update(w, x, y, lr):
    new = []
    for i in range(len(w)):
        new.append(w[i] + lr * y * x[i])
    return new


# %% decision_boundary
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 == 0:
        raise ValueError("the boundary is vertical")
    return -w1 / w2, -w0 / w2


# %% train_perceptron
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    weights = [0.0] * len(X[0]) if w is None else list(w)
    for epoch in range(max_epochs):
        mistakes = 0
        for i in range(len(X)):
            if predict(weights, X[i]) != y[i]:
                weights = perceptron_update(weights, X[i], y[i], lr)
                mistakes += 1
        if mistakes == 0:
            return weights, epoch + 1, True
    return weights, max_epochs, False


# %% pca_project
def pca_project(X, k):
    n, d = len(X), len(X[0])
    mean = [sum(float(X[i][j]) for i in range(n)) / n for j in range(d)]
    centred = [[float(X[i][j]) - mean[j] for j in range(d)] for i in range(n)]
    values, vectors = np.linalg.eigh(np.cov(centred, rowvar=False, ddof=0).reshape(d, d))
    largest = sorted(range(d), key=lambda j: -values[j])[:k]
    projected = [[score(vectors[:, j], row) for j in largest] for row in centred]
    return projected, [values[j] / sum(values) for j in largest]


# %% zero_versus_one
def zero_versus_one(images, labels):
    X, y = [], []
    for image, label in zip(images, labels):
        X.append([pixel for row in image for pixel in row])
        y.append(1 if label == 1 else -1)
    w, _, _ = train_perceptron(add_bias(X), y)
    return w


# %% [markdown] convergence
# The algorithm stops after the first sweep in which no point is misclassified. For points that a
# line can separate this always happens after a finite number of updates. If they are not separable,
# every sweep finds a mistake, w wanders on for ever, and only max_epochs ends the loop.
