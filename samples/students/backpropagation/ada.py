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
    count = 0

    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = data, 0.0, list(parents)
        Value.count += 1
        self.number = Value.count

    def backward(self):
        import heapq

        self.grad = 1.0
        heap, seen = [(-self.number, self)], {self.number}
        while heap:
            _, node = heapq.heappop(heap)
            for parent, slope in node.parents:
                parent.grad = parent.grad + node.grad * slope
                if parent.number not in seen:
                    seen.add(parent.number)
                    heapq.heappush(heap, (-parent.number, parent))

    def __add__(self, o):
        o = Value._of(o)
        return Value(self.data + o.data, [(self, 1), (o, 1)])

    def __mul__(self, o):
        o = Value._of(o)
        return Value(self.data * o.data, [(self, o.data), (o, self.data)])

    def __pow__(self, n):
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])

    def relu(self):
        return self * (self.data > 0)

    def exp(self):
        e = math.e**self.data
        return Value(e, [(self, e)])

    def log(self):
        return Value(math.log(self.data), [(self, self.data**-1)])

    def sigmoid(self):
        return (1 + (-self).exp()) ** -1

    def __neg__(self):
        return self * -1

    def __sub__(self, o):
        return self + Value._of(o) * -1

    def __truediv__(self, o):
        return self * Value._of(o) ** -1

    def __radd__(self, o):
        return Value._of(o) + self

    def __rmul__(self, o):
        return Value._of(o) * self

    def __rsub__(self, o):
        return Value._of(o) - self

    def __rtruediv__(self, o):
        return Value._of(o) / self

    @staticmethod
    def _of(o):
        return o if isinstance(o, Value) else Value(o)

# %% mlp_gradients
def mlp_gradients(X, T, W1, b1, W2, b2):
    n = X.shape[0]
    H = sigmoid(np.einsum("sd,dm->sm", X, W1) + b1)
    Y = softmax(np.einsum("sm,mk->sk", H, W2) + b2)
    delta2 = (Y - T) / n
    delta1 = np.einsum("sk,mk,sm,sm->sm", delta2, W2, H, 1 - H)
    return {
        "b2": np.einsum("sk->k", delta2),
        "W2": np.einsum("sm,sk->mk", H, delta2),
        "b1": np.einsum("sm->m", delta1),
        "W1": np.einsum("sd,sm->dm", X, delta1),
    }

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
