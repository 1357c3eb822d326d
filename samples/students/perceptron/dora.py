"""Everything right, with a class, a decorator, lambdas and helpers in a cell of her own."""

# %% [extra]
import functools


def on_arrays(function):
    """Hand the function an array of floats, whatever came."""

    @functools.wraps(function)
    def wrapped(x, *args, **kwargs):
        return function(np.array(x, dtype=np.float64, ndmin=0), *args, **kwargs)

    return wrapped


# %% activations
@on_arrays
def step(s, theta=0.0):
    answer = np.full(s.shape, -1)
    answer[s > theta] = 1
    return answer


identity = on_arrays(lambda x: x)
binary_step = on_arrays(lambda x: 1 - np.signbit(x + 0.0))


@on_arrays
def sigmoid(x):
    e = np.exp(-abs(x))
    return np.where(x < 0, e, 1.0) / (1 + e)


tanh = on_arrays(lambda x: 2 * sigmoid(2 * np.clip(x, -99, 99)) - 1)
relu = on_arrays(lambda x: x * (x > 0))
leaky_relu = on_arrays(lambda x: x * np.where(x > 0, 1, 0.01))

# %% activation_derivatives
identity_derivative = on_arrays(lambda x: x * 0 + 1)
sigmoid_derivative = on_arrays(lambda x: sigmoid(x) - sigmoid(x) ** 2)
tanh_derivative = on_arrays(lambda x: (1 - tanh(x)) * (1 + tanh(x)))
relu_derivative = binary_step
leaky_relu_derivative = on_arrays(lambda x: 0.01 + 0.99 * binary_step(x))

# %% add_bias
def add_bias(X):
    n, d = X.shape
    answer = np.ones((n, d + 1))
    answer[:, 1:] = X
    return answer


# %% predict
def predict(w, X):
    return step(np.dot(X, w))


# %% perceptron_update
def perceptron_update(w, x, y, lr):
    return w + lr * x if y > 0 else w - lr * x


# %% decision_boundary
def decision_boundary(w):
    """Draw the line through its points at x1 = 0 and x1 = 1."""
    if not w[2]:
        raise ValueError(f"no slope: {w}")
    at = lambda x1: -(w[0] + w[1] * x1) / w[2]
    return [at(1) - at(0), at(0)]


# %% train_perceptron
class Perceptron:
    def __init__(self, w, lr):
        self.w, self.lr = np.array(w, dtype=float), lr

    def sweep(self, X, y):
        """Return the number of updates."""
        return sum(self.learn(x, label) for x, label in zip(X, y))

    def learn(self, x, label):
        wrong = bool(predict(self.w, x) != label)
        if wrong:
            self.w = perceptron_update(self.w, x, label, self.lr)
        return wrong


def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    model = Perceptron(np.zeros(len(X[0])) if w is None else w, lr)
    for epoch in range(1, max_epochs + 1):
        if not model.sweep(X, y):
            return model.w, epoch, True
    return model.w, epoch, False


# %% pca_project
def pca_project(X, k):
    centred = X - np.mean(X, 0, keepdims=True)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    order = np.argsort(values)[::-1][:k]
    return centred @ vectors[:, order], values[order] / np.trace(centred.T @ centred)


# %% zero_versus_one
def zero_versus_one(images, labels):
    points = np.c_[np.ones(len(images)), [image.ravel() for image in images]]
    w, _, converged = train_perceptron(points, [1 if label else -1 for label in labels], lr=1)
    return w


# %% [markdown] convergence
# When no point is wrong any more. On XOR: never.
