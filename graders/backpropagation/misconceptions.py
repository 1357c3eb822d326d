"""Wrong answers to the exercises of `backpropagation`, and what to tell who gave them."""


# %% toy_forward: f-before-g
# Both numbers are there, in the other order: which of the two is computed first?
def toy_forward(w, x, b):
    g = w * x
    return g + b, g


# %% toy_forward: subtracts-the-bias
# You subtract the bias. The lecture's f is g plus b.
def toy_forward(w, x, b):
    g = w * x
    return g, g - b


# %% toy_forward: bias-on-the-input
# You add the bias to the input before the weight is applied. In the graph the product comes first.
def toy_forward(w, x, b):
    return w * x, w * (x + b)


# %% toy_forward: adds-w-and-x
# g is not the sum of w and x: look at the sign in the left circle of the graph.
def toy_forward(w, x, b):
    g = w + x
    return g, g + b


# %% toy_forward: f-only
# You return f alone. The backward pass needs g as well, so both are asked for.
def toy_forward(w, x, b):
    return w * x + b


# %% toy_forward: bias-without-g
# Your f does not depend on w: what should the bias be added to?
def toy_forward(w, x, b):
    return w * x, x + b


# %% toy_gradients: w-and-x-swapped
# You have swapped two slopes. If w grows by 1, how much does w * x grow: by w or by x?
def toy_gradients(w, x, b):
    return {"w": w, "x": x, "b": 1.0}


# %% toy_gradients: bias-slope-times-x
# The bias does not pass through the product, so no x belongs to its slope.
def toy_gradients(w, x, b):
    return {"w": x, "x": w, "b": x}


# %% toy_gradients: bias-as-its-own-slope
# You give the value of b where its slope is asked for. By how much does f grow when b grows by 1?
def toy_gradients(w, x, b):
    return {"w": x, "x": w, "b": b}


# %% toy_gradients: value-of-g-for-its-slope
# In the chain you multiply by the value of g. The link that belongs there is the slope of f by g.
def toy_gradients(w, x, b):
    g = w * x
    return {"w": g * x, "x": g * w, "b": 1.0}


# %% toy_gradients: slopes-of-half-f-squared
# Every slope has f as a factor too many: these are the slopes of f squared over 2, not of f.
def toy_gradients(w, x, b):
    f = w * x + b
    return {"w": f * x, "x": f * w, "b": f}


# %% toy_gradients: minus-sign
# Every slope has the wrong sign. The minus of descent belongs to the update, not to the slope.
def toy_gradients(w, x, b):
    return {"w": -x, "x": -w, "b": -1.0}


# %% toy_gradients: bias-does-not-matter
# You say that b has no effect on f. It is a constant of the network, but f moves when it moves.
def toy_gradients(w, x, b):
    return {"w": x, "x": w, "b": 0.0}


# %% toy_gradients: divides-the-product
# You get x back by dividing w * x by w. It is not there to be got back when w is 0; where does the
# slope come from?
def toy_gradients(w, x, b):
    g = w * x
    return {"w": g / w if w else 0.0, "x": g / x if x else 0.0, "b": 1.0}


# %% toy_step: descends
# You go down the slope. That is what one usually wants, but the slide's step has a plus.
def toy_step(w, x, b, eta):
    return w - eta * x, b - eta


# %% toy_step: no-learning-rate
# You move by the whole slope. What scales the length of the step?
def toy_step(w, x, b, eta):
    return w + x, b + 1


# %% toy_step: bias-stays
# Only w has moved. The bias has a slope as well, and a step of its own.
def toy_step(w, x, b, eta):
    return w + eta * x, b


# %% toy_step: bias-moves-like-w
# You move the bias by eta * x, as if x acted on it. What is the slope of f by b?
def toy_step(w, x, b, eta):
    return w + eta * x, b + eta * x


# %% toy_step: slope-by-x-for-w
# For w you take the slope of f by x, which is w itself. Which slope belongs to w?
def toy_step(w, x, b, eta):
    return w + eta * w, b + eta


# %% toy_step: uses-the-target
# You step towards the target 3, which is the next exercise. The slide's step does not know it.
def toy_step(w, x, b, eta):
    error = w * x + b - 3
    return w - eta * error * x, b - eta * error


# %% toy_step: slope-at-the-new-w
# You use the new w on the way to the new b. Both slopes are those before the step.
def toy_step(w, x, b, eta):
    new_w = w + eta * x
    return new_w, b + eta * (new_w - w)


# %% fit_to_target: ascends
# The error grows with each step: you add where descent subtracts.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w + eta * error * x, b + eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: w-moved-before-the-slope-of-b
# You move w first, and then compute the slope by b with the new w. Take both slopes, then move both.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        w = w - eta * (w * x + b - target) * x
        b = b - eta * (w * x + b - target)
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: history-before-the-step
# w and b are right; your history holds f as it was before each step instead of after it.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        f = w * x + b
        history.append(f)
        w, b = w - eta * (f - target) * x, b - eta * (f - target)
    return w, b, history


# %% fit_to_target: history-with-the-start
# Your history has one number too many: the f before the first step is not asked for.
def fit_to_target(w, x, b, target, eta, steps):
    history = [w * x + b]
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: history-of-the-error
# w and b are right; your history holds the error E. The values of f are asked for.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error
        history.append(0.5 * (w * x + b - target) ** 2)
    return w, b, history


# %% fit_to_target: no-input-in-the-slope
# Your w moves by as much as b. The chain from E to w has one more link, the slope of f by w.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: bias-slope-times-x
# You move b by x times too much: the bias does not pass through the product.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error * x
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: without-the-half
# Each step is twice as long as it should be. What becomes of the 2 when half a square is derived?
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = 2 * (w * x + b - target)
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: slides-step
# This is the slide's step again and again: f climbs past the target. Where does the target come in?
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        w, b = w + eta * x, b + eta
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: error-computed-once
# Every step has the length of the first one. The slopes change as w and b do.
def fit_to_target(w, x, b, target, eta, steps):
    error = w * x + b - target
    history = []
    for _ in range(steps):
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: only-w-moves
# b never changes. Both variables are ours to move.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        w = w - eta * (w * x + b - target) * x
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: holds-the-error-back
# You cut large errors off before the step. Then a learning rate that is too large no longer shows:
# each step is eta times the slope, however large that is.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = min(max(w * x + b - target, -100), 100)
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% numerical_gradient: forward-difference
# This is the forward difference. The central one looks to both sides of x.
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above = x.copy()
        above[index] += h
        gradient[index] = (func(above) - func(x)) / h
    return gradient


# %% numerical_gradient: backward-difference
# You look to one side of x only, the lower one. The central difference looks to both.
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        below = x.copy()
        below[index] -= h
        gradient[index] = (func(x) - func(below)) / h
    return gradient


# %% numerical_gradient: divides-by-h
# Your slopes are twice what they should be: how far apart are the two points?
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / h
    return gradient


# %% numerical_gradient: half-a-step-to-each-side
# You move by h / 2 to each side. The formula moves by h to each, and divides by their distance.
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h / 2
        below[index] -= h / 2
        gradient[index] = (func(above) - func(below)) / h
    return gradient


# %% numerical_gradient: moves-all-at-once
# You move all elements together and get the sum of all slopes. One element at a time!
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=float)
    return np.full(x.shape, (func(x + h) - func(x - h)) / (2 * h))


# %% numerical_gradient: does-not-move-back
# An element that you have moved stays moved while the next ones are tried. Put it back first.
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = func(x)
        x[index] -= 2 * h
        gradient[index] = (above - func(x)) / (2 * h)
    return gradient


# %% numerical_gradient: integers-cut-off
# Right for floats. An array of integers, and one made like it, cannot hold 1e-5.
def numerical_gradient(func, x, h=1e-5):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] = x[index] + h
        below[index] = x[index] - h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    return gradient


# %% numerical_gradient: own-h
# Your function does not use the h that it is given.
def numerical_gradient(func, x, h=1e-5):
    h = 1e-5
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    return gradient


# %% numerical_gradient: whole-rows
# You go through the first axis only, and so move a whole row of a matrix at once.
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += h
        below[i] -= h
        gradient[i] = (func(above) - func(below)) / (2 * h)
    return gradient


# %% numerical_gradient: leaves-x-moved
# The slopes are right, but afterwards the caller's x is no longer what it was.
def numerical_gradient(func, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        old = float(x[index])
        above, below = np.array(x, dtype=float), np.array(x, dtype=float)
        above[index], below[index] = old + h, old - h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    if x.dtype.kind == "f":
        x -= h * gradient
    return gradient


# %% numerical_gradient: flat-view
# You move the elements of x.ravel(). Where x lies in memory in another order, as a transposed or a
# sliced array does, that is a copy, and x itself does not move.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.zeros(x.shape)
    flat, slopes = np.ravel(x), gradient.reshape(-1)
    for i, value in enumerate(flat.copy()):
        flat[i] = value + h
        above = func(x)
        flat[i] = value - h
        slopes[i] = (above - func(x)) / (2 * h)
        flat[i] = value
    return gradient


# %% numerical_gradient: relative-step
# You move each element by a part of itself. The step is h for all, also for an element that is 0.
def numerical_gradient(func, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below, step = x.copy(), x.copy(), h * abs(x[index])
        above[index] += step
        below[index] -= step
        gradient[index] = (func(above) - func(below)) / (2 * step) if step else 0
    return gradient


# %% value_autograd: last-slope-wins
# When a node is used twice, only what arrives last is kept. What should become of the rest?
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


# %% value_autograd: calls-itself
# Right for small graphs. backward calls itself for each parent, and Python stops that in deep ones.
def _backward(self):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent, _ in node.parents:
                visit(parent)
            order.append(node)

    visit(self)
    self.grad = 1.0
    for node in reversed(order):
        for parent, slope in node.parents:
            parent.grad += slope * node.grad


Value.backward = _backward


# %% value_autograd: nearest-first
# You visit nodes in the order in which they are met. A node near the output may still be waiting
# for a slope that takes a longer way.
def _backward(self):
    self.grad = 1.0
    queue, seen = [self], {self}
    for node in queue:
        for parent, slope in node.parents:
            parent.grad += slope * node.grad
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)


Value.backward = _backward


# %% value_autograd: walks-every-way
# You follow every way from the output to a node by itself. Their number doubles with each node that is
# used twice: add up in a node first, then go on from it once.
def _backward(self):
    self.grad = 1.0
    todo = [(self, 1.0)]
    while todo:
        node, arrived = todo.pop()
        for parent, slope in node.parents:
            parent.grad += slope * arrived
            todo.append((parent, slope * arrived))


Value.backward = _backward


# %% value_autograd: passes-on-the-sum-each-time
# Each time something arrives at a node you pass on all that it has so far, and so parts of it twice.
def _backward(self):
    self.grad = 1.0
    todo, steps = [self], 0
    while todo and steps < 100_000:
        steps += 1
        node = todo.pop()
        for parent, slope in node.parents:
            parent.grad += slope * node.grad
            todo.append(parent)


Value.backward = _backward


# %% value_autograd: does-not-begin
# All gradients are 0: what is the slope of the output by itself, and is it set anywhere?
_backward_from_one = Value.backward


def _backward(self):
    end = Value(self.data, [(self, 0.0)])
    _backward_from_one(end)


Value.backward = _backward


# %% value_autograd: product-slopes-swapped
# In a product you give each factor its own value as slope. By what is a multiplied in a * b?
def _mul(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return Value(self.data * other.data, [(self, self.data), (other, other.data)])


Value.__mul__ = _mul


# %% value_autograd: power-without-its-exponent
# The slope of a power lacks the factor that comes down from the exponent.
def _pow(self, n):
    return Value(self.data**n, [(self, self.data ** (n - 1))])


Value.__pow__ = _pow


# %% value_autograd: exponent-not-lowered
# In the slope of a power the exponent is one less than before.
def _pow(self, n):
    return Value(self.data**n, [(self, n * self.data**n)])


Value.__pow__ = _pow


# %% value_autograd: power-by-logarithm
# You compute a power by way of a logarithm, which negative numbers do not have.
def _pow(self, n):
    return (self.log() * n).exp()


Value.__pow__ = _pow


# %% value_autograd: sigmoid-slope-of-the-input
# In s * (1 - s) the s is what the sigmoid gives, not what it gets.
def _sigmoid(self):
    s = 1 / (1 + math.exp(-self.data))
    return Value(s, [(self, self.data * (1 - self.data))])


Value.sigmoid = _sigmoid


# %% value_autograd: sigmoid-applied-twice
# Your slope of the sigmoid is taken at the sigmoid's value: you apply the sigmoid once too often.
def _sigmoid(self):
    s = 1 / (1 + math.exp(-self.data))
    again = 1 / (1 + math.exp(-s))
    return Value(s, [(self, again * (1 - again))])


Value.sigmoid = _sigmoid


# %% value_autograd: relu-lets-all-slopes-through
# Where relu gives 0, a small change of its input changes nothing. What is the slope there?
def _relu(self):
    return Value(max(self.data, 0.0), [(self, 1.0)])


Value.relu = _relu


# %% value_autograd: exp-by-the-power-rule
# You derive exp like a power. Here the variable stands in the exponent.
def _exp(self):
    return Value(math.exp(self.data), [(self, self.data * math.exp(self.data - 1))])


Value.exp = _exp


# %% value_autograd: logarithm-to-base-ten
# Your logarithm has the base 10. The natural one is meant, whose slope is 1 / x.
def _log(self):
    return Value(math.log10(self.data), [(self, 1 / (self.data * math.log(10)))])


Value.log = _log


# %% value_autograd: difference-without-minus
# The data of a - b are right, but b grows and the difference falls: which sign has its slope?
def _sub(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return Value(self.data - other.data, [(self, 1.0), (other, 1.0)])


Value.__sub__ = _sub


# %% value_autograd: reversed-difference
# 2 - a comes out as a - 2: in __rsub__ the number stands on the left.
def _rsub(self, number):
    return self - number


Value.__rsub__ = _rsub


# %% value_autograd: reversed-quotient
# 4 / a comes out as a / 4: in __rtruediv__ the number stands on the left.
def _rtruediv(self, number):
    return self / number


Value.__rtruediv__ = _rtruediv


# %% value_autograd: quotient-slope-without-minus
# In a quotient a larger denominator makes the result smaller. Your slope by it has the other sign.
def _truediv(self, other):
    other = other if isinstance(other, Value) else Value(other)
    a, b = self.data, other.data
    return Value(a / b, [(self, 1 / b), (other, a / b**2)])


Value.__truediv__ = _truediv


# %% value_autograd: minus-forgets-its-slope
# -a has the right data, but a slope of +1.
def _neg(self):
    return Value(-self.data, [(self, 1.0)])


Value.__neg__ = _neg


# %% value_autograd: only-the-leaves-are-told
# Only the nodes that you start with get their grad. A node in the middle has a slope as well, and
# so has the output.
_backward_for_all = Value.backward


def _backward(self):
    _backward_for_all(self)
    todo, seen = [self], {self}
    while todo:
        node = todo.pop()
        if node.parents:
            node.grad = 0.0
        for parent, _ in node.parents:
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)


Value.backward = _backward


# %% value_autograd: begins-at-the-newest-node
# Your backward begins at the node that was made last. It should begin at the one it is called of,
# and nodes that were made later are none of its business.
_init_of_one, _backward_from_it, _newest = Value.__init__, Value.backward, []


def _init(self, data, parents=()):
    _init_of_one(self, data, parents)
    if parents:
        _newest[:] = [self]


def _backward(self):
    _backward_from_it(_newest[0] if _newest else self)


Value.__init__, Value.backward = _init, _backward


# %% value_autograd: relu-divides-by-the-size
# Your relu divides by the size of the value, which may be 0.
def _relu(self):
    size = abs(self.data)
    return Value((self.data + size) / 2, [(self, (1 + self.data / size) / 2)])


Value.relu = _relu


# %% mlp_gradients: sum-instead-of-mean
# Your gradients are n times too large: the error is a mean over the samples.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = softmax(H @ W2 + b2) - T
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: mean-over-all-entries
# You divide by the number of all entries of T. The mean goes over the samples; their classes add up.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / T.size
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: biases-divided-twice
# The weights are right. For the biases you take a mean of what has been divided by n already.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.mean(axis=0), "W2": H.T @ D2, "b2": D2.mean(axis=0)}


# %% mlp_gradients: biases-not-divided
# The weights are right. The biases' gradients are sums over the samples, without the mean's 1 / n.
def mlp_gradients(X, T, W1, b1, W2, b2):
    n = len(X)
    H = sigmoid(X @ W1 + b1)
    D2 = softmax(H @ W2 + b2) - T
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1 / n, "b1": D1.sum(axis=0), "W2": H.T @ D2 / n, "b2": D2.sum(axis=0)}


# %% mlp_gradients: truth-minus-answer
# All your gradients have the wrong sign: is it "answer minus truth" or "truth minus answer"?
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (T - softmax(H @ W2 + b2)) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: no-sigmoid-slope
# The output layer is right. On its way to delta 1 your slope passes the sigmoid unchanged.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = D2 @ W2.T
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: sigmoid-slope-at-h
# H is the sigmoid's value already. You apply the sigmoid to it once more before taking the slope.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = (D2 @ W2.T) * sigmoid(H) * (1 - sigmoid(H))
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: sigmoid-slope-of-the-sums
# In h * (1 - h) you use the sums that enter the sigmoid. The slope is written with its values.
def mlp_gradients(X, T, W1, b1, W2, b2):
    Z = X @ W1 + b1
    H = sigmoid(Z)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = (D2 @ W2.T) * Z * (1 - Z)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: tanh-slope
# 1 - h**2 is the slope of tanh. The hidden layer is sigmoid.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = (D2 @ W2.T) * (1 - H**2)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: no-softmax
# You compare the sums A with the truth. What turns them into probabilities?
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (H @ W2 + b2 - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: softmax-over-the-samples
# Your probabilities add up to 1 over the samples. Each sample's own must: each row, not each column.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax((H @ W2 + b2).T).T - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: slope-of-the-output-once-more
# You multiply by y * (1 - y) as well. With softmax and cross-entropy together, Y - T is all there is.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) * Y * (1 - Y) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: back-through-the-new-weights
# You move W2 before the slopes of the hidden layer are taken. All slopes belong to the old weights.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    dW2 = H.T @ D2
    D1 = (D2 @ (W2 - dW2).T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": dW2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: forgets-the-first-bias
# In your forward pass the hidden layer has no bias.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: weights-not-transposed
# On the way back W2 must lead from the classes to the hidden units: which of its axes are summed?
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = (D2 @ W2) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: transposed-only-when-it-must-be
# You take W2 as it is where its shape allows that. Where m equals k both fit, and one is wrong:
# which index of W2 is the sum over?
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    back = D2 @ W2 if W2.shape[0] == W2.shape[1] else D2 @ W2.T
    D1 = back * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: squeezed
# An axis of length 1 is missing from your answer when there is one input or one hidden unit.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    D = {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}
    return {name: np.squeeze(slopes) for name, slopes in D.items()}


# %% mlp_gradients: order-in-memory
# You read W2 as it lies in memory. Where a transposed array comes, its numbers lie there in
# another order.
def mlp_gradients(X, T, W1, b1, W2, b2):
    W2 = np.ravel(W2, order="K").reshape(W2.shape)
    H = sigmoid(X @ W1 + b1)
    D2 = (softmax(H @ W2 + b2) - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% train_mlp: ascends
# Your loss grows: the weights move along their slopes instead of against them.
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


# %% train_mlp: starts-at-zero
# All weights start at 0, so all hidden units compute the same and stay the same for ever.
def train_mlp(X, T, hidden, lr, epochs, seed):
    W1, b1 = np.zeros((X.shape[1], hidden)), np.zeros(hidden)
    W2, b2 = np.zeros((hidden, T.shape[1])), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: ignores-the-seed
# Every seed gives the same weights: is the seed that you are given the one that you use?
_train_with_seed = train_mlp


def train_mlp(X, T, hidden, lr, epochs, seed):
    return _train_with_seed(X, T, hidden, lr, epochs, 0)


# %% train_mlp: no-seed
# Two runs with the same seed differ: the random numbers do not come from it.
_train_with_seed = train_mlp


def train_mlp(X, T, hidden, lr, epochs, seed):
    return _train_with_seed(X, T, hidden, lr, epochs, None)


# %% train_mlp: one-layer-after-the-other
# You move the output layer first, and take the hidden layer's slopes at the new weights.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
    return W1, b1, W2, b2, losses


# %% train_mlp: halves-of-the-batch
# You make two steps in each epoch, each over half of the samples. Full batch means one over all.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        for part in (slice(None, None, 2), slice(1, None, 2)):
            slope = mlp_gradients(X[part], T[part], W1, b1, W2, b2)
            W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
            W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: biases-stay
# Your biases are never moved. They are learned like the weights.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, W2 = W1 - lr * slope["W1"], W2 - lr * slope["W2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: sum-of-the-losses
# Training is right; your losses are sums over the samples, and a mean is asked for.
_train_with_means = train_mlp


def train_mlp(X, T, hidden, lr, epochs, seed):
    *weights, losses = _train_with_means(X, T, hidden, lr, epochs, seed)
    return (*weights, [loss * len(X) for loss in losses])


# %% train_mlp: mean-over-all-entries
# Training is right; your losses are divided by the number of all entries of T. The mean goes over
# the samples only.
_train_with_means = train_mlp


def train_mlp(X, T, hidden, lr, epochs, seed):
    *weights, losses = _train_with_means(X, T, hidden, lr, epochs, seed)
    return (*weights, [loss / T.shape[1] for loss in losses])


# %% train_mlp: last-loss-only
# You return a single loss. One for each epoch is asked for, to draw the curve.
_train_with_all_losses = train_mlp


def train_mlp(X, T, hidden, lr, epochs, seed):
    *weights, losses = _train_with_all_losses(X, T, hidden, lr, epochs, seed)
    return (*weights, losses[-1])


# %% train_mlp: divides-by-n-again
# Your steps are n times too short: the gradients are means already.
_train_with_whole_steps = train_mlp


def train_mlp(X, T, hidden, lr, epochs, seed):
    return _train_with_whole_steps(X, T, hidden, lr / len(X), epochs, seed)


# %% train_mlp: slopes-of-all-epochs-so-far
# You add the slopes of all epochs so far. Each step needs those of its own epoch only.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    weights = [W1, np.zeros(hidden), W2, np.zeros(T.shape[1])]
    kept = [0, 0, 0, 0]
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ weights[0] + weights[1]) @ weights[2] + weights[3])
        losses.append(-np.sum(T * np.log(Y + 1e-300)) / len(X))
        slope = mlp_gradients(X, T, *weights)
        kept = [k + slope[name] for k, name in zip(kept, ("W1", "b1", "W2", "b2"))]
        weights = [w - lr * k for w, k in zip(weights, kept)]
    return (*weights, losses)


# %% train_mlp: mini-batches
# You make a step for every 64 samples. Full batch means one step an epoch, over all of them.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        for first in range(0, len(X), 64):
            part = slice(first, first + 64)
            slope = mlp_gradients(X[part], T[part], W1, b1, W2, b2)
            W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
            W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses
