"""Right answers to the exercises of `backpropagation` in other styles; each gets full points."""


# %% toy_forward: zero-dimensional-arrays
# Computes with arrays of shape () and returns a list.
def toy_forward(w, x, b):
    g = np.multiply(w, x)
    return [np.asarray(g, dtype=float), np.asarray(np.add(g, b), dtype=float)]


# %% toy_forward: dot-product
# Sees f as the product of (w, b) and (x, 1), and works g out from it; returns one array.
def toy_forward(w, x, b):
    f = np.array([w, b], dtype=float) @ np.array([x, 1.0])
    return np.array([f - b, f])


# %% toy_forward: single-precision-torch
# Computes in float32 tensors.
import torch


def toy_forward(w, x, b):
    w, x, b = (torch.tensor(float(v)) for v in (w, x, b))
    return w * x, torch.addcmul(b, w, x)


# %% toy_gradients: torch
# Lets torch differentiate.
import torch


def toy_gradients(w, x, b):
    leaves = [torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in (w, x, b)]
    f = leaves[0] * leaves[1] + leaves[2]
    f.backward()
    return {name: leaf.grad for name, leaf in zip("wxb", leaves)}


# %% toy_gradients: step-by-step
# Names each link of the chain, gives the slope by g as well, and returns integers for integers.
def toy_gradients(w, x, b):
    df_df = 1
    df_dg = df_df * 1
    df_db = df_df * 1
    dg_dw, dg_dx = x, w
    return dict(g=df_dg, b=df_db, x=df_dg * dg_dx, w=df_dg * dg_dw)


# %% toy_gradients: differences
# f is a straight line in each variable, so a difference over one unit is exact.
def toy_gradients(w, x, b):
    def f(w, x, b):
        return w * x + b

    here = f(w, x, b)
    return {
        "w": np.array(f(w + 1, x, b) - here),
        "x": np.array(f(w, x + 1, b) - here),
        "b": np.array(f(w, x, b + 1) - here),
    }


# %% toy_step: vector-of-parameters
# Moves (w, b) as one vector along (x, 1), and returns an array.
def toy_step(w, x, b, eta):
    return np.array([w, b]) + eta * np.array([x, 1.0])


# %% toy_step: in-place-on-numbers
# Adds in place, which changes nobody else's numbers.
def toy_step(w, x, b, eta):
    w += eta * x
    b += eta
    return [w, b]


# %% toy_step: torch-by-names
# Torch's gradients of f, taken by variable, with the step on tensors.
import torch


def toy_step(w, x, b, eta):
    parameters = {"w": w, "b": b}
    for name, number in parameters.items():
        parameters[name] = torch.tensor(float(number), dtype=torch.float64, requires_grad=True)
    f = parameters["w"] * x + parameters["b"]
    f.backward()
    return tuple((p + eta * p.grad).detach() for p in parameters.values())


# %% fit_to_target: closed-form
# Uses the factor by which the error shrinks in each step, and no loop.
def fit_to_target(w, x, b, target, eta, steps):
    error = w * x + b - target
    factor = 1 - eta * (x * x + 1)
    errors = error * factor ** np.arange(steps + 1)
    moved = eta * errors[:-1].sum()
    return w - moved * x, b - moved, target + errors[1:]


# %% fit_to_target: parameter-vector
# One vector of parameters, one of inputs; the history is a tuple.
def fit_to_target(w, x, b, target, eta, steps):
    p, v = np.array([w, b], dtype=float), np.array([x, 1.0])
    history = ()
    while len(history) < steps:
        p = p - eta * (p @ v - target) * v
        history += (float(p @ v),)
    return p[0], p[1], history


# %% fit_to_target: torch-autograd
# Torch takes the gradient of half the squared error; the history holds tensors.
import torch


def fit_to_target(w, x, b, target, eta, steps):
    p = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    history = []
    for _ in range(steps):
        error = 0.5 * (p[0] * x + p[1] - target) ** 2
        (slope,) = torch.autograd.grad(error, p)
        with torch.no_grad():
            p -= eta * slope
            history.append(p[0] * x + p[1])
    return [p[0], p[1], history]


# %% fit_to_target: recursive
# Makes one step and leaves the others to itself; arrays of shape () come out.
def fit_to_target(w, x, b, target, eta, steps):
    if steps == 0:
        return np.array(w), np.array(b), []
    slope_f = w * x + b - target
    new_w = w - eta * slope_f * x
    new_b = b - eta * slope_f
    last_w, last_b, later = fit_to_target(new_w, x, new_b, target, eta, steps - 1)
    return last_w, last_b, [np.array(new_w * x + new_b), *later]


# %% numerical_gradient: nditer-in-place
# Moves each element of its own float array to and fro, and puts it back.
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


# %% numerical_gradient: rows-of-the-identity
# Adds h times each row of an identity matrix, in its proper shape; returns nested lists.
def numerical_gradient(func, x, h=1e-5):
    shape, size = np.shape(x), np.size(x)
    slopes = [
        (func(x + h * row.reshape(shape)) - func(x - h * row.reshape(shape))) / (h + h)
        for row in np.eye(size)
    ]
    return np.reshape(slopes, shape).tolist()


# %% numerical_gradient: scipy
# SciPy's three-point differences with a fixed step, on a flattened point.
def numerical_gradient(func, x, h=1e-5):
    from scipy.optimize._numdiff import approx_derivative

    flat = np.asarray(x, dtype=float).ravel()
    slopes = approx_derivative(
        lambda p: func(p.reshape(np.shape(x))), flat, method="3-point", abs_step=h
    )
    return np.reshape(slopes, np.shape(x))


# %% numerical_gradient: restores-the-argument
# Moves the caller's own array where it holds floats, and puts each element back.
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


# %% value_autograd: closures
# Each node keeps a function that sends its gradient back; the order comes from a loop with a stack.
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


# %% value_autograd: tape
# All operations are written on one tape, which is read backward from the output.
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


# %% value_autograd: numbered-nodes-in-a-heap
# Every node has a number; the node with the highest is always the next to pass its gradient on.
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


# %% value_autograd: torch-inside
# A thin shell around a torch tensor of single precision.
import torch


class Value:
    def __init__(self, data):
        if not isinstance(data, torch.Tensor):
            data = torch.tensor(float(data), requires_grad=True)
        data.retain_grad()  # the nodes in the middle keep theirs too
        self.tensor = data

    @property
    def data(self):
        return self.tensor.detach()

    @property
    def grad(self):
        return self.tensor.grad

    def backward(self):
        self.tensor.backward()

    def _plain(self, other):
        return other.tensor if isinstance(other, Value) else other

    def __add__(self, other):
        return Value(self.tensor + self._plain(other))

    def __sub__(self, other):
        return Value(self.tensor - self._plain(other))

    def __mul__(self, other):
        return Value(self.tensor * self._plain(other))

    def __truediv__(self, other):
        return Value(self.tensor / self._plain(other))

    def __radd__(self, other):
        return Value(other + self.tensor)

    def __rsub__(self, other):
        return Value(other - self.tensor)

    def __rmul__(self, other):
        return Value(other * self.tensor)

    def __rtruediv__(self, other):
        return Value(other / self.tensor)

    def __pow__(self, n):
        return Value(self.tensor**n)

    def __neg__(self):
        return Value(-self.tensor)

    def relu(self):
        return Value(self.tensor.relu())

    def sigmoid(self):
        return Value(self.tensor.sigmoid())

    def exp(self):
        return Value(self.tensor.exp())

    def log(self):
        return Value(self.tensor.log())


# %% value_autograd: raised-recursion-limit
# Orders the nodes with a function that calls itself, and tells Python to allow that.
def _list_inputs_first(node, order, seen):
    if node not in seen:
        seen.add(node)
        for parent, _ in node.parents:
            _list_inputs_first(parent, order, seen)
        order.append(node)


def _backward(self):
    import sys

    sys.setrecursionlimit(20_000)
    order = []
    _list_inputs_first(self, order, set())
    self.grad = 1.0
    for node in order[::-1]:
        for parent, slope in node.parents:
            parent.grad += slope * node.grad


Value.backward = _backward


# %% value_autograd: one-tape-for-all
# Notes every operation on one tape, and reads it backwards; what is beside the graph has grad 0.
_tape = []


class Value:
    def __init__(self, data, pairs=()):
        self.data, self.grad = np.float64(data), np.float64(0)
        if pairs:
            _tape.append((self, pairs))

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, ((self, 1), (other, 1)))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1)),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -1 * other

    def __truediv__(self, other):
        return self * (other**-1)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, number):
        return -self + number

    def __rtruediv__(self, number):
        return self**-1 * number

    def relu(self):
        return Value(np.maximum(self.data, 0), ((self, np.heaviside(self.data, 0.5)),))

    def sigmoid(self):
        return 1 / (1 + (-self).exp())

    def exp(self):
        return Value(np.exp(self.data), ((self, np.exp(self.data)),))

    def log(self):
        return Value(np.log(self.data), ((self, 1 / self.data),))

    def backward(self):
        self.grad = np.float64(1)
        for node, pairs in reversed(_tape):
            for parent, slope in pairs if node.grad else ():
                parent.grad = parent.grad + slope * node.grad


# %% mlp_gradients: sample-by-sample
# One sample at a time, with outer products, and plain lists in the answer.
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


# %% mlp_gradients: einsum
# Index notation, as in the text.
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


# %% mlp_gradients: single-precision-torch
# Torch's own cross-entropy and backward, in float32.
import torch
from torch.nn import functional


def mlp_gradients(X, T, W1, b1, W2, b2):
    def tensor(values, **options):
        return torch.tensor(np.asarray(values), dtype=torch.float32, **options)

    leaves = [tensor(v, requires_grad=True) for v in (W1, b1, W2, b2)]
    a = torch.sigmoid(tensor(X) @ leaves[0] + leaves[1]) @ leaves[2] + leaves[3]
    functional.cross_entropy(a, tensor(T)).backward()
    return dict(zip(("W1", "b1", "W2", "b2"), (leaf.grad for leaf in leaves)))


# %% mlp_gradients: bias-as-a-weight
# Puts a constant input in front, so that the bias is the first row of the weights.
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


# %% train_mlp: loss-after-the-step
# Notes the loss after each step, in a list of arrays of shape (), and starts with uniform weights.
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


# %% train_mlp: single-precision-torch
# Torch's cross-entropy and gradients over the full batch; random biases too, and float32.
import torch


def train_mlp(X, T, hidden, lr, epochs, seed):
    generator = torch.Generator().manual_seed(seed)
    X = torch.tensor(X, dtype=torch.float32)
    T = torch.tensor(T, dtype=torch.float32)
    shapes = [(X.shape[1], hidden), (hidden,), (hidden, T.shape[1]), (T.shape[1],)]
    params = [(torch.randn(s, generator=generator) * 0.05).requires_grad_() for s in shapes]
    losses = []
    for _ in range(epochs):
        a = torch.sigmoid(X @ params[0] + params[1]) @ params[2] + params[3]
        loss = torch.nn.functional.cross_entropy(a, T)
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
                p.grad = None
        losses.append(loss.item())
    return (*(p.detach() for p in params), losses)


# %% train_mlp: self-contained
# Uses no other function of the notebook, the global generator, and a small number in the logarithm.
def train_mlp(X, T, hidden, lr, epochs, seed):
    np.random.seed(seed)
    n = len(X)
    W1 = np.random.randn(X.shape[1], hidden) / np.sqrt(X.shape[1])
    W2 = np.random.randn(hidden, T.shape[1]) / np.sqrt(hidden)
    b1, b2 = np.zeros((1, hidden)), np.zeros((1, T.shape[1]))
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        H = 1.0 / (1.0 + np.exp(-(X.dot(W1) + b1)))
        A = H.dot(W2) + b2
        Y = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)
        losses[epoch] = -(T * np.log(Y + 1e-12)).sum() / n
        dA = (Y - T) / n
        dZ = dA.dot(W2.T) * H * (1 - H)
        W2 -= lr * H.T.dot(dA)
        b2 -= lr * dA.sum(axis=0, keepdims=True)
        W1 -= lr * X.T.dot(dZ)
        b1 -= lr * dZ.sum(axis=0, keepdims=True)
    return W1, b1.ravel(), W2, b2.ravel(), losses


# %% train_mlp: larger-start
# Starts with weights of standard deviation 0.5 and answers in plain lists.
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
