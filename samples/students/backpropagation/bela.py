"""Everything right, in another style."""

# %% toy_forward
import torch


def toy_forward(w, x, b):
    w, x, b = (torch.tensor(float(v)) for v in (w, x, b))
    return w * x, torch.addcmul(b, w, x)

# %% toy_gradients
def toy_gradients(w, x, b):
    def f(w, x, b):
        return w * x + b

    here = f(w, x, b)
    return {
        "w": np.array(f(w + 1, x, b) - here),
        "x": np.array(f(w, x + 1, b) - here),
        "b": np.array(f(w, x, b + 1) - here),
    }

# %% toy_step
import torch


def toy_step(w, x, b, eta):
    parameters = {"w": w, "b": b}
    for name, number in parameters.items():
        parameters[name] = torch.tensor(float(number), dtype=torch.float64, requires_grad=True)
    f = parameters["w"] * x + parameters["b"]
    f.backward()
    return tuple((p + eta * p.grad).detach() for p in parameters.values())

# %% fit_to_target
def fit_to_target(w, x, b, target, eta, steps):
    if steps == 0:
        return np.array(w), np.array(b), []
    slope_f = w * x + b - target
    new_w = w - eta * slope_f * x
    new_b = b - eta * slope_f
    last_w, last_b, later = fit_to_target(new_w, x, new_b, target, eta, steps - 1)
    return last_w, last_b, [np.array(new_w * x + new_b), *later]

# %% numerical_gradient
def numerical_gradient(func, x, h=1e-5):
    if x.dtype.kind != "f":
        x = x.astype(float)
    grad = np.empty(x.shape)
    for i in range(x.size):
        old = x.flat[i]
        sides = []
        for moved in (old + h, old - h):
            x.flat[i] = moved
            sides.append(float(func(x)))
        x.flat[i] = old
        grad.flat[i] = (sides[0] - sides[1]) / (2 * h)
    return grad

# %% value_autograd
class Value:
    tape = []

    def __init__(self, data):
        self.data = np.array(data, dtype=float)
        self.grad = np.array(0.0)

    def _record(self, data, *inputs):
        out = Value(data)
        out.place = len(Value.tape)
        Value.tape.append((out, inputs))
        return out

    def __add__(self, other):
        if isinstance(other, Value):
            return self._record(self.data + other.data, (self, 1.0), (other, 1.0))
        return self._record(self.data + other, (self, 1.0))

    def __sub__(self, other):
        if isinstance(other, Value):
            return self._record(self.data - other.data, (self, 1.0), (other, -1.0))
        return self._record(self.data - other, (self, 1.0))

    def __rsub__(self, number):
        return self._record(number - self.data, (self, -1.0))

    def __mul__(self, other):
        if isinstance(other, Value):
            return self._record(self.data * other.data, (self, other.data), (other, self.data))
        return self._record(self.data * other, (self, other))

    def __truediv__(self, other):
        if isinstance(other, Value):
            a, b = self.data, other.data
            return self._record(a / b, (self, 1 / b), (other, -a / b**2))
        return self._record(self.data / other, (self, 1 / other))

    def __rtruediv__(self, number):
        return self._record(number / self.data, (self, -number / self.data**2))

    def __pow__(self, n):
        return self._record(self.data ** float(n), (self, n * self.data ** (n - 1.0)))

    def __neg__(self):
        return self._record(-self.data, (self, -1.0))

    __radd__, __rmul__ = __add__, __mul__

    def relu(self):
        return self._record(np.maximum(self.data, 0), (self, 0.5 * (np.sign(self.data) + 1)))

    def sigmoid(self):
        t = np.tanh(self.data / 2)
        return self._record((1 + t) / 2, (self, (1 - t * t) / 4))

    def exp(self):
        return self._record(np.exp(self.data), (self, np.exp(self.data)))

    def log(self):
        return self._record(np.log(self.data), (self, 1 / self.data))

    def backward(self):
        slopes = {id(self): np.array(1.0)}
        self.grad = slopes[id(self)]
        for out, inputs in reversed(Value.tape[: self.place + 1]):
            if id(out) in slopes:
                for node, slope in inputs:
                    slopes[id(node)] = slopes.get(id(node), 0.0) + slope * slopes[id(out)]
                    node.grad = slopes[id(node)]

# %% mlp_gradients
def mlp_gradients(X, T, W1, b1, W2, b2):
    n = len(X)
    ones = np.ones((n, 1))
    X1 = np.hstack([ones, X])
    V1, V2 = np.vstack([b1, W1]), np.vstack([b2, W2])
    H1 = np.hstack([ones, 0.5 * (1 + np.tanh(X1 @ V1 / 2))])
    A = H1 @ V2
    log_y = A - np.log(np.exp(A).sum(axis=1, keepdims=True))
    D2 = np.exp(log_y) - T
    D1 = (D2 @ V2.T)[:, 1:] * (H1 * (1 - H1))[:, 1:]
    G1, G2 = X1.T @ D1 / n, H1.T @ D2 / n
    return {"W1": G1[1:], "b1": G1[0], "W2": G2[1:], "b2": G2[0]}

# %% train_mlp
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    sizes = [X.shape[1], hidden, T.shape[1]]
    weights = [rng.normal(0, 0.5, size=pair) for pair in zip(sizes, sizes[1:])]
    biases = [rng.normal(0, 0.5, size=size) for size in sizes[1:]]
    losses = []
    for _ in range(epochs):
        g = mlp_gradients(X, T, weights[0], biases[0], weights[1], biases[1])
        y = softmax(sigmoid(X @ weights[0] + biases[0]) @ weights[1] + biases[1])
        losses += [float(np.mean([-np.log(row[t]) for row, t in zip(y, T.argmax(axis=1))]))]
        weights = [weights[0] - lr * g["W1"], weights[1] - lr * g["W2"]]
        biases = [biases[0] - lr * g["b1"], biases[1] - lr * g["b2"]]
    answer = (weights[0], biases[0], weights[1], biases[1])
    return [array.tolist() for array in answer] + [losses]

# %% [markdown] learning_rate
# With .01 it creeps towards 3, with 1/26 it is there after one step, with .1 it overshoots
# more each time.
