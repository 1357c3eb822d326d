"""Right answers to the exercises of `perceptron` in other styles; each must get full points."""


# %% activations: numpy-and-scipy
# Ready-made functions; integers come out where integers went in.
def step(s, theta=0.0):
    return 2 * (np.asarray(s) > theta) - 1


def identity(x):
    return +np.asarray(x)


def binary_step(x):
    return np.heaviside(x, 1)


def sigmoid(x):
    from scipy.special import expit

    return expit(x)


def tanh(x):
    return np.tanh(x)


def relu(x):
    return np.maximum(0, x)


def leaky_relu(x):
    return np.where(np.asarray(x) < 0, 0.01 * np.asarray(x), x)


# %% activations: torch-tensors
# Tensors come out, of bools for the binary step.
import torch


def as_tensor(x):
    return torch.as_tensor(np.asarray(x, dtype=float))


def step(s, theta=0.0):
    return torch.where(as_tensor(s) > theta, 1.0, -1.0)


def identity(x):
    return as_tensor(x)


def binary_step(x):
    return as_tensor(x) >= 0


def sigmoid(x):
    return torch.sigmoid(as_tensor(x))


def tanh(x):
    return torch.tanh(as_tensor(x))


def relu(x):
    return torch.relu(as_tensor(x))


def leaky_relu(x):
    return torch.nn.functional.leaky_relu(as_tensor(x), 0.01)


# %% activations: lists-and-recursion
# Nested lists of Python numbers come out; no NumPy.
import math


def each(f, x):
    if hasattr(x, "tolist"):
        x = x.tolist()
    if isinstance(x, list):
        return [each(f, v) for v in x]
    return f(x)


def step(s, theta=0.0):
    return each(lambda v: 1 if v > theta else -1, s)


def identity(x):
    return each(lambda v: v, x)


def binary_step(x):
    return each(lambda v: v >= 0, x)


def logistic(v):
    if v >= 0:
        return 1 / (1 + math.exp(-v))
    return math.exp(v) / (1 + math.exp(v))


def sigmoid(x):
    return each(logistic, x)


def tanh(x):
    return each(math.tanh, x)


def relu(x):
    return each(lambda v: max(0, v), x)


def leaky_relu(x):
    return each(lambda v: v if v >= 0 else 0.01 * v, x)


# %% activations: clipped-exponents
# The slide's formulas, on values cut to where the exponential is harmless.
def step(s, theta=0.0):
    return np.vectorize(lambda v: 1 if v > theta else -1)(s)


def binary_step(x):
    return np.greater_equal(x, 0).astype(int)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -500, 500)))


def tanh(x):
    x = np.clip(x, -300, 300)
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def relu(x):
    return np.clip(x, 0, None)


def leaky_relu(x):
    return np.maximum(0.01 * np.asarray(x), x)


# %% activations: one-from-another
# The sigmoid is made from tanh; masks and signs do the rest; float32 for what is bounded.
def step(s, theta=0.0):
    out = np.ones(np.shape(s), dtype=np.float32)
    out[np.asarray(s) <= theta] = -1
    return out


def binary_step(x):
    return (1 - step(-np.asarray(x))) / 2


def tanh(x):
    small = np.exp(-2 * np.minimum(np.abs(x), 100.0))
    return (np.sign(x) * (1 - small) / (1 + small)).astype(np.float32)


def sigmoid(x):
    return 0.5 + 0.5 * tanh(np.asarray(x) / 2)


def relu(x):
    return x * (np.asarray(x) > 0)


def leaky_relu(x):
    return relu(x) - 0.01 * relu(-np.asarray(x))


# %% activations: overflow-allowed-by-errstate
# e^-x may overflow to infinity, and is told to do so silently; logaddexp gives tanh.
def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def tanh(x):
    half = np.clip(np.asarray(x, dtype=float), -50, 50)
    return 2 * np.exp(-np.logaddexp(0, -2 * half)) - 1


def relu(x):
    x = np.array(x, dtype=float)
    return np.where(x < 0, 0, x)


# %% activation_derivatives: other-formulas
# The slopes by other closed formulas; bools and integers come out where they are enough.
def identity_derivative(x):
    return np.full_like(x, 1)


def sigmoid_derivative(x):
    return 1 / (2 + np.exp(x) + np.exp(-np.asarray(x)))


def tanh_derivative(x):
    return 1 / np.cosh(x) ** 2


def relu_derivative(x):
    return np.asarray(x) >= 0


def leaky_relu_derivative(x):
    return np.where(np.asarray(x) < 0, 0.01, 1)


# %% activation_derivatives: torch-single-precision
# float32 tensors come out.
import torch


def single(x):
    return torch.as_tensor(x, dtype=torch.float32)


def identity_derivative(x):
    return torch.ones_like(single(x))


def sigmoid_derivative(x):
    s = torch.sigmoid(single(x))
    return s * (1 - s)


def tanh_derivative(x):
    return 1 - torch.tanh(single(x)) ** 2


def relu_derivative(x):
    return (single(x) >= 0).float()


def leaky_relu_derivative(x):
    return torch.where(single(x) >= 0, 1.0, 0.01)


# %% activation_derivatives: torch-autograd
# The smooth slopes come from torch's own differentiation.
import torch


def slope(f, x):
    t = torch.tensor(np.asarray(x, dtype=float), requires_grad=True)
    f(t).sum().backward()
    return t.grad


def identity_derivative(x):
    return slope(lambda t: 1.0 * t, x)


def sigmoid_derivative(x):
    return slope(torch.sigmoid, x)


def tanh_derivative(x):
    return slope(torch.tanh, x)


# %% activation_derivatives: difference-quotients
# The smooth slopes by central differences, the kinks by hand.
def quotient(f, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    return (np.asarray(f(x + h)) - np.asarray(f(x - h))) / (2 * h)


def identity_derivative(x):
    return quotient(identity, x)


def sigmoid_derivative(x):
    return quotient(sigmoid, x)


def tanh_derivative(x):
    return quotient(tanh, x)


def relu_derivative(x):
    return np.heaviside(x, 1)


def leaky_relu_derivative(x):
    return 0.01 + 0.99 * relu_derivative(x)


# %% activation_derivatives: loops-and-lists
# One number after the other; lists come out, and numbers for numbers.
import math


def each(f, x):
    x = np.asarray(x).tolist()

    def go(v):
        return [go(u) for u in v] if isinstance(v, list) else f(v)

    return go(x)


def identity_derivative(x):
    return each(lambda v: 1, x)


def sigmoid_derivative(x):
    return each(lambda v: math.exp(-v) / (1 + math.exp(-v)) ** 2, x)


def tanh_derivative(x):
    return each(lambda v: 4 / (math.exp(v) + math.exp(-v)) ** 2, x)


def relu_derivative(x):
    return each(lambda v: 1 if v >= 0 else 0, x)


def leaky_relu_derivative(x):
    return each(lambda v: 1 if v >= 0 else 0.01, x)


# %% add_bias: insert-a-column
# np.insert keeps integers integers.
def add_bias(X):
    return np.insert(X, 0, 1, axis=1)


# %% add_bias: lists-of-lists
# A list for each point.
def add_bias(X):
    return [[1, *row] for row in X.tolist()]


# %% add_bias: tuples
# A tuple of tuples.
def add_bias(X):
    return tuple((1.0, *row) for row in X)


# %% add_bias: padded
# A frame of ones on one side only.
def add_bias(X):
    return np.pad(X, ((0, 0), (1, 0)), constant_values=1)


# %% add_bias: filled-array
# An array of ones, of which all but the first column is overwritten; float32.
def add_bias(X):
    n, d = X.shape
    out = np.ones((n, d + 1), dtype=np.float32)
    out[:, 1:] = X
    return out


# %% add_bias: torch-cat
# A tensor of float32.
import torch


def add_bias(X):
    X = torch.tensor(X, dtype=torch.float32)
    return torch.cat([torch.ones(len(X), 1), X], dim=1)


# %% predict: where-on-scores
# The formula in one line.
def predict(w, X):
    return np.where(np.dot(X, w) > 0, 1, -1)


# %% predict: python-sums
# Sums over zip; a list for many points, an int for one.
def predict(w, X):
    if np.ndim(X) == 1:
        return 1 if sum(a * b for a, b in zip(w, X)) > 0 else -1
    return [predict(w, x) for x in X]


# %% predict: einsum-and-own-step
# einsum for the score, and the first exercise's step.
def predict(w, X):
    return step(np.einsum("...i,i->...", X, w))


# %% predict: bias-split-off
# The bias is added by hand and x0 left out; True and False become +1 and -1 as floats.
def predict(w, X):
    X = np.asarray(X)
    return 2.0 * (w[0] + X[..., 1:] @ w[1:] > 0) - 1


# %% predict: torch-single-precision
# A tensor of float32.
import torch


def predict(w, X):
    w, X = torch.tensor(w, dtype=torch.float32), torch.tensor(X, dtype=torch.float32)
    return torch.where((X * w).sum(-1) > 0, 1.0, -1.0)


# %% predict: sign-with-zero-mended
# np.sign, and then its zeros are made -1.
def predict(w, X):
    answer = np.sign(np.matmul(X, w))
    return answer - (answer == 0)


# %% perceptron_update: list
# A list of Python numbers.
def perceptron_update(w, x, y, lr):
    return [weight + lr * y * value for weight, value in zip(w, x)]


# %% perceptron_update: looks-before-it-steps
# It checks that the point is misclassified, as every point that it gets is.
def perceptron_update(w, x, y, lr):
    if (1 if np.dot(w, x) > 0 else -1) != y:
        w = w + lr * y * x
    return w


# %% perceptron_update: half-the-error
# label - prediction is 2 or -2 for a misclassified point.
def perceptron_update(w, x, y, lr):
    error = (y - predict(w, x)) / 2
    return np.add(w, np.multiply(lr * error, x))


# %% perceptron_update: bias-apart
# The bias has a line of its own, and a loop goes over the other weights.
def perceptron_update(w, x, y, lr):
    new = [float(w[0]) + lr * y]
    for i in range(1, len(w)):
        new.append(float(w[i]) + lr * y * float(x[i]))
    return tuple(new)


# %% perceptron_update: torch-single-precision
# A tensor of float32.
import torch


def perceptron_update(w, x, y, lr):
    return torch.tensor(w, dtype=torch.float32) + lr * y * torch.tensor(x, dtype=torch.float32)


# %% perceptron_update: add-or-subtract
# The label only decides between += and -=, on a float32 copy.
def perceptron_update(w, x, y, lr):
    new = np.array(w, dtype=np.float32)
    if y > 0:
        new += lr * x
    else:
        new -= lr * x
    return new


# %% perceptron_update: asserts-that-the-point-is-wrong
# Insists on what is promised: the point is misclassified, and has its x0.
def perceptron_update(w, x, y, lr):
    assert (np.dot(w, x) > 0) != (y > 0)
    assert x[0] == 1 and y in (-1, 1) and lr > 0
    return np.array([1.0, lr * y]) @ np.stack([w, x])


# %% decision_boundary: array-out
# One division for both, an array of two.
def decision_boundary(w):
    if not w[2]:
        raise ValueError("vertical")
    return -np.asarray(w)[[1, 0]] / w[2]


# %% decision_boundary: through-two-points
# Two points of the line give the slope; "nearly 0" is vertical too; a list.
def decision_boundary(w):
    if np.isclose(w[2], 0):
        raise ValueError("the boundary is vertical")

    def height(x1):
        return -(w[0] + w[1] * x1) / w[2]

    return [height(1) - height(0), height(0)]


# %% decision_boundary: python-floats
# Python's own division error becomes a ValueError.
def decision_boundary(w):
    a, b, c = map(float, w)
    try:
        return -b / c, -a / c
    except ZeroDivisionError:
        raise ValueError("vertical") from None


# %% decision_boundary: solved-and-single-precision
# A system of two equations for slope and intercept, as float32; a subclass of ValueError.
class VerticalError(ValueError):
    pass


def decision_boundary(w):
    w = np.asarray(w, dtype=np.float32)
    if w[2] == 0:
        raise VerticalError("no slope")
    x1 = np.array([0.0, 1.0])
    x2 = -(w[0] + w[1] * x1) / w[2]
    intercept, slope = np.linalg.solve([[1, 0], [1, 1]], x2)
    return np.float32(slope), np.float32(intercept)


# %% decision_boundary: error-of-the-solver
# Leaves the error to numpy.linalg: a LinAlgError is a ValueError.
def decision_boundary(w):
    line = np.linalg.solve(np.array([[w[2]]], dtype=float), -np.array([[w[1], w[0]]], dtype=float))
    return line[0]


# %% train_perceptron: plain-loop
# Everything in one function, no other exercise used.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else np.array(w, dtype=float)
    for epoch in range(1, max_epochs + 1):
        mistakes = 0
        for x_n, y_n in zip(X, y):
            if (1 if w @ x_n > 0 else -1) != y_n:
                w += lr * y_n * x_n
                mistakes += 1
        if mistakes == 0:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: pure-python-lists
# Python floats only; a while loop; w is a list.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    X, y = X.tolist(), list(y)
    w = [0.0] * len(X[0]) if w is None else [float(v) for v in w]
    epochs, converged = 0, False
    while epochs < max_epochs and not converged:
        converged = True
        for i in range(len(X)):
            score = sum(a * b for a, b in zip(w, X[i]))
            if (1 if score > 0 else -1) != y[i]:
                converged = False
                for j in range(len(w)):
                    w[j] += lr * y[i] * X[i][j]
        epochs += 1
    return w, epochs, converged


# %% train_perceptron: single-precision
# float32 all the way.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    X = X.astype(np.float32)
    lr = np.float32(lr)
    w = np.zeros(X.shape[1], np.float32) if w is None else np.array(w, dtype=np.float32)
    for epoch in range(1, max_epochs + 1):
        before = w
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = w + lr * np.float32(y_n) * x_n
        if w is before:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: numpy-scalars-in-a-list
# NumPy's own int and bool, a list of three, for ... else.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else 1.0 * np.asarray(w)
    epochs = np.int64(0)
    converged = np.bool_(False)
    for _ in range(max_epochs):
        epochs += 1
        for n in range(len(X)):
            if (X[n] @ w > 0) != (y[n] > 0):
                break
        else:
            converged = np.bool_(True)
            break
        for n in range(len(X)):
            if (X[n] @ w > 0) != (y[n] > 0):
                w = w + lr * y[n] * X[n]
    return [w, epochs, converged]


# %% train_perceptron: torch
# Tensors inside, a tensor out, and all three results are tensors.
import torch


def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    X = torch.as_tensor(X, dtype=torch.float64)
    y = torch.as_tensor(np.array(y), dtype=torch.float64)
    w = torch.zeros(X.shape[1]) if w is None else torch.tensor(w)
    w = w.double()
    for epoch in range(max_epochs):
        updates = 0
        for x_n, y_n in zip(X, y):
            wrong = (torch.dot(w, x_n) > 0) != (y_n > 0)
            w = w + lr * y_n * x_n * wrong
            updates += int(wrong)
        if not updates:
            break
    return w, torch.tensor(epoch + 1), torch.tensor(updates == 0)


# %% train_perceptron: jumps-to-the-next-mistake
# All scores are taken at once; the sweep goes on behind the first mistake.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    y = np.asarray(y)
    w = np.zeros(X.shape[1]) if w is None else np.array(w, dtype=float)
    for epoch in range(1, max_epochs + 1):
        start, updates = 0, 0
        while True:
            wrong = np.flatnonzero((X[start:] @ w > 0) != (y[start:] > 0))
            if wrong.size == 0:
                break
            n = start + wrong[0]
            w = w + lr * y[n] * X[n]
            updates += 1
            start = n + 1
        if updates == 0:
            return tuple(w), epoch, True
    return tuple(w), max_epochs, False


# %% train_perceptron: exact-fractions
# Computes with fractions, without any rounding, and answers in floats.
from fractions import Fraction


def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    points = [[Fraction(float(v)) for v in row] for row in X]
    w = [Fraction(0) if w is None else Fraction(float(w[i])) for i in range(len(points[0]))]
    epochs, converged = 0, False
    while not converged and epochs < max_epochs:
        epochs, converged = epochs + 1, True
        for point, label in zip(points, y):
            if (sum(a * b for a, b in zip(w, point)) > 0) != (label > 0):
                w = [a + Fraction(float(lr)) * int(label) * b for a, b in zip(w, point)]
                converged = False
    return [float(v) for v in w], epochs, converged


# %% pca_project: scikit-learn
# The library's PCA.
def pca_project(X, k):
    from sklearn.decomposition import PCA

    pca = PCA(n_components=k)
    return pca.fit_transform(X), pca.explained_variance_ratio_


# %% pca_project: scikit-learn-single-precision
# float32, and every component turned round.
def pca_project(X, k):
    from sklearn.decomposition import PCA

    X = X.astype(np.float32)
    pca = PCA(k, svd_solver="full").fit(X)
    return -pca.transform(X), pca.explained_variance_ratio_


# %% pca_project: eigenvectors-of-the-covariance
# eigh gives the smallest first, so the order is turned round.
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(centred.T))
    order = np.argsort(values)[::-1]
    return centred @ vectors[:, order[:k]], values[order[:k]] / values.sum()


# %% pca_project: left-singular-vectors
# U times S are the coordinates already.
def pca_project(X, k):
    u, s, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return (u * s)[:, :k], (s**2 / np.sum(s**2))[:k]


# %% pca_project: centred-afterwards-as-lists
# It projects first and centres the coordinates; a list with a list and a list.
def pca_project(X, k):
    values, vectors = np.linalg.eig(np.cov(X, rowvar=False))
    values, vectors = values.real, vectors.real
    order = np.argsort(-values)[:k]
    projected = X @ vectors[:, order]
    projected = projected - projected.mean(axis=0)
    return [projected.tolist(), (values[order] / values.sum()).tolist()]


# %% pca_project: torch
# Tensors out.
import torch


def pca_project(X, k):
    X = torch.tensor(X, dtype=torch.float64)
    centred = X - X.mean(0)
    _, s, vt = torch.linalg.svd(centred, full_matrices=False)
    return torch.einsum("nd,kd->nk", centred, vt[:k]), s[:k] ** 2 / (s**2).sum()


# %% zero_versus_one: labels-by-arithmetic
# 2 * label - 1, bigger steps, more sweeps, a list out.
def zero_versus_one(images, labels):
    X = np.array([[1.0, *np.ravel(image)] for image in images])
    w, _, _ = train_perceptron(X, 2 * labels - 1, lr=1.0, max_epochs=1000)
    return list(w)


# %% zero_versus_one: scaled-and-scaled-back
# Trains on pixels from 0 to 1, and divides the weights afterwards.
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(-1, 64) / 16)
    w = np.array(train_perceptron(X, [1 if label else -1 for label in labels])[0])
    w[1:] /= 16
    return w


# %% zero_versus_one: scikit-learn
# The library's perceptron, with its intercept put in front.
def zero_versus_one(images, labels):
    from sklearn.linear_model import Perceptron

    y = np.where(labels == 1, 1, -1)
    model = Perceptron(random_state=0).fit(images.reshape(len(images), -1), y)
    return np.concatenate([model.intercept_, model.coef_[0]])


# %% zero_versus_one: random-start-and-order
# Starts at random weights and shuffles the digits, as the slide does.
def zero_versus_one(images, labels):
    rng = np.random.default_rng(1)
    order = rng.permutation(len(images))
    X = add_bias(images.reshape(len(images), 64))[order]
    y = np.where(labels == 1, 1, -1)[order]
    return train_perceptron(X, y, w=rng.normal(size=65))[0]


# %% zero_versus_one: single-precision
# float32 in, float32 out.
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64)).astype(np.float32)
    w, _, _ = train_perceptron(X, np.where(labels == 1, 1, -1))
    return w.astype(np.float32)


# %% zero_versus_one: torch-averaged
# Its own loop in torch, which returns the mean of all weights on the way.
import torch


def zero_versus_one(images, labels):
    X = torch.tensor(images, dtype=torch.float32).flatten(1)
    X = torch.cat([torch.ones(len(X), 1), X], dim=1)
    y = torch.tensor(np.where(labels == 0, -1.0, 1.0))
    w = total = torch.zeros(65)
    for _ in range(20):
        for x_n, y_n in zip(X, y):
            if y_n * (x_n @ w) <= 0:
                w = w + y_n.float() * x_n
            total = total + w
    return total
