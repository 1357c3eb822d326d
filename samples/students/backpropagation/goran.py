"""Wrong in typical ways, right between.

loses: toy_gradients fit_to_target value_autograd train_mlp
"""

# %% toy_forward
def toy_forward(w, x, b):
    """Return (g, f), where g = w * x and f = g + b."""
    g = w * x
    return g, g + b

# %% toy_gradients
def toy_gradients(w, x, b):
    return {"w": w, "x": x, "b": 1.0}

# %% toy_step
def toy_step(w, x, b, eta):
    """One step of the slide, along the slopes of f; return the new (w, b)."""
    return w + eta * x, b + eta

# %% fit_to_target
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w + eta * error * x, b + eta * error
        history.append(w * x + b)
    return w, b, history

# %% numerical_gradient
def numerical_gradient(func, x, h=1e-5):
    """The central differences of func at x, one for each element: an array of the shape of x."""
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    return gradient

# %% value_autograd
class Value:
    """A number that remembers how it was computed; after f.backward(), a.grad is df/da."""

    def __init__(self, data, parents=()):
        """Keep the number, and the parents as pairs (node, local slope)."""
        self.data = data
        self.grad = 0.0
        self.parents = parents

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __pow__(self, n):
        """This value to the power n, a number."""
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])

    def __neg__(self):
        return Value(-self.data, [(self, -1.0)])

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return -self + number

    def __rtruediv__(self, number):
        return self**-1 * number

    def relu(self):
        """0 for negative values, else the value itself."""
        return Value(self.data, [(self, 1.0)]) if self.data > 0 else Value(0.0, [(self, 0.0)])

    def sigmoid(self):
        """1 / (1 + e^-value)."""
        s = 1 / (1 + math.exp(-self.data))
        return Value(s, [(self, s * (1 - s))])

    def exp(self):
        """e to the power of the value."""
        e = math.exp(self.data)
        return Value(e, [(self, e)])

    def log(self):
        """The natural logarithm of a positive value."""
        return Value(math.log(self.data), [(self, 1 / self.data)])

    def backward(self):
        """Set grad of each node that this one was computed from, and of this one itself."""
        order, seen, todo = [], set(), [(self, False)]
        while todo:
            node, parents_listed = todo.pop()
            if parents_listed:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                todo.append((node, True))
                todo.extend((parent, False) for parent, _ in node.parents)
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in node.parents:
                parent.grad += slope * node.grad


def _backward(self):
    order, seen, todo = [], set(), [(self, False)]
    while todo:
        node, listed = todo.pop()
        if listed:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            todo.extend((parent, False) for parent, _ in node.parents)
    self.grad = 1.0
    for node in reversed(order):
        for parent, slope in node.parents:
            parent.grad = slope * node.grad


Value.backward = _backward

# %% mlp_gradients
def mlp_gradients(X, T, W1, b1, W2, b2):
    """The slopes of the mean cross-entropy: {"W1": (d, m), "b1": (m,), "W2": (m, k), "b2": (k,)}."""
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}

# %% train_mlp
def _train(X, T, hidden, lr, epochs, rng, scale=0.1):
    d, k = X.shape[1], T.shape[1]
    weights = [scale * rng.normal(size=(d, hidden)), np.zeros(hidden)]
    weights += [scale * rng.normal(size=(hidden, k)), np.zeros(k)]
    losses = []
    for _ in range(epochs):
        losses.append(_loss(X, T, *weights))
        slope = mlp_gradients(X, T, *weights)
        weights = [w - lr * slope[name] for w, name in zip(weights, ("W1", "b1", "W2", "b2"))]
    return (*weights, losses)


def _loss(X, T, W1, b1, W2, b2):
    return -np.sum(T * np.log(softmax(sigmoid(X @ W1 + b1) @ W2 + b2))) / len(X)


def train_mlp(X, T, hidden, lr, epochs, seed):
    return _train(X, T, hidden, -lr, epochs, np.random.default_rng(seed))

# %% [markdown] learning_rate
# With .01 it creeps towards 3, with 1/26 it is there after one step, with .1 it overshoots
# more each time.
