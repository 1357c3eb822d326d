"""Everything right, in ways of her own."""

# %% toy_forward
def toy_forward(w, x, b):
    g = np.multiply(w, x)
    return [np.asarray(g, dtype=float), np.asarray(np.add(g, b), dtype=float)]

# %% toy_gradients
import torch


def toy_gradients(w, x, b):
    leaves = [torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in (w, x, b)]
    f = leaves[0] * leaves[1] + leaves[2]
    f.backward()
    return {name: leaf.grad for name, leaf in zip("wxb", leaves)}

# %% toy_step
def toy_step(w, x, b, eta):
    return np.array([w, b]) + eta * np.array([x, 1.0])

# %% fit_to_target
def fit_to_target(w, x, b, target, eta, steps):
    error = w * x + b - target
    factor = 1 - eta * (x * x + 1)
    errors = error * factor ** np.arange(steps + 1)
    moved = eta * errors[:-1].sum()
    return w - moved * x, b - moved, target + errors[1:]

# %% numerical_gradient
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index", "zerosize_ok"])
    while not it.finished:
        i = it.multi_index
        old = x[i]
        x[i] = old + h
        up = func(x)
        x[i] = old - h
        down = func(x)
        x[i] = old
        grad[i] = (up - down) / (2 * h)
        it.iternext()
    return grad

# %% value_autograd
class Value:
    def __init__(self, data, children=()):
        self.data = float(data)
        self.grad = 0
        self._children = children
        self._send = lambda: None

    @staticmethod
    def wrap(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.wrap(other)
        out = Value(self.data + other.data, (self, other))

        def send():
            self.grad += out.grad
            other.grad += out.grad

        out._send = send
        return out

    __radd__ = __add__

    def __mul__(self, other):
        other = Value.wrap(other)
        out = Value(self.data * other.data, (self, other))

        def send():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._send = send
        return out

    __rmul__ = __mul__

    def _unary(self, data, slope):
        out = Value(data, (self,))

        def send():
            self.grad += slope * out.grad

        out._send = send
        return out

    def __pow__(self, n):
        return self._unary(self.data**n, n * self.data ** (n - 1))

    def __neg__(self):
        return self._unary(-self.data, -1)

    def __sub__(self, other):
        return self + (-Value.wrap(other))

    def __rsub__(self, other):
        return Value.wrap(other) + (-self)

    def __truediv__(self, other):
        return self * Value.wrap(other) ** -1

    def __rtruediv__(self, other):
        return Value.wrap(other) * self**-1

    def relu(self):
        return self._unary(max(0.0, self.data), 1.0 if self.data >= 0 else 0.0)

    def sigmoid(self):
        s = 1 / (1 + np.exp(-self.data))
        return self._unary(s, s - s * s)

    def exp(self):
        return self._unary(np.exp(self.data), np.exp(self.data))

    def log(self):
        return self._unary(np.log(self.data), 1 / self.data)

    def backward(self):
        waiting = {}
        todo, seen = [self], {id(self)}
        while todo:
            for child in todo.pop()._children:
                waiting[id(child)] = waiting.get(id(child), 0) + 1
                if id(child) not in seen:
                    seen.add(id(child))
                    todo.append(child)
        self.grad = 1
        ready = [self]
        while ready:
            node = ready.pop()
            node._send()
            for child in node._children:
                waiting[id(child)] -= 1
                if waiting[id(child)] == 0:
                    ready.append(child)

# %% mlp_gradients
def mlp_gradients(X, T, W1, b1, W2, b2):
    total = {"W1": 0, "b1": 0, "W2": 0, "b2": 0}
    for x, t in zip(X, T):
        h = 1 / (1 + np.exp(-(x @ W1 + b1)))
        a = h @ W2 + b2
        y = np.exp(a) / np.exp(a).sum()
        d2 = y - t
        d1 = W2 @ d2 * h * (1 - h)
        total["W1"] = total["W1"] + np.outer(x, d1)
        total["b1"] = total["b1"] + d1
        total["W2"] = total["W2"] + np.outer(h, d2)
        total["b2"] = total["b2"] + d2
    return {name: (value / len(X)).tolist() for name, value in total.items()}

# %% train_mlp
def train_mlp(X, T, hidden, lr, epochs, seed):
    r = np.random.RandomState(seed)
    n, d = X.shape
    params = {
        "W1": (r.rand(d, hidden) - 0.5) * 0.2,
        "b1": np.zeros(hidden),
        "W2": (r.rand(hidden, T.shape[1]) - 0.5) * 0.2,
        "b2": np.zeros(T.shape[1]),
    }
    losses = []
    for _ in range(epochs):
        grads = mlp_gradients(X, T, **params)
        for name in params:
            params[name] -= lr * np.asarray(grads[name])
        y = softmax(sigmoid(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"])
        losses.append(np.array(-np.mean(np.log(np.sum(y * T, axis=1)))))
    return [*params.values(), losses]

# %% [markdown] learning_rate
# With .01 it creeps towards 3, with 1/26 it is there after one step, with .1 it overshoots
# more each time.
