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


# %% toy_forward: f-is-a-product
# Your f is a product. In the graph, g and b meet at a plus.
def toy_forward(w, x, b):
    g = w * x
    return g, g * b


# %% toy_forward: g-with-the-bias
# Your g has the bias in it already. It comes one node later.
def toy_forward(w, x, b):
    g = w * x
    return g + b, g + b


# %% toy_forward: bias-twice
# The bias is added twice.
def toy_forward(w, x, b):
    g = w * x
    return g + b, g + 2 * b


# %% toy_forward: gives-g-twice
# Both numbers are g. What does the second node add?
def toy_forward(w, x, b):
    g = w * x
    return g, g


# %% toy_forward: g-minus
# Your g is a difference. In the graph, w and x meet at a times.
def toy_forward(w, x, b):
    g = w - x
    return g, g + b


# %% toy_forward: g-divides
# Your g is a quotient. In the graph, w and x meet at a times.
def toy_forward(w, x, b):
    g = w / x
    return g, g + b


# %% toy_forward: numbers-of-the-slide
# You return the slide's two numbers. Other weights, inputs and biases give others.
def toy_forward(w, x, b):
    return -10, -7


# %% toy_forward: cut-off
# You turn the product into a whole number.
def toy_forward(w, x, b):
    g = int(w * x)
    f = g + b
    return g, f


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


# %% toy_gradients: adds-the-bias
# The bias is in your slope by w. How does f change when w rises by 1 and all else stays?
def toy_gradients(w, x, b):
    return {"w": x + b, "x": w, "b": 1.0}  # df/dg is 1, so the local slopes of the product remain


# %% toy_gradients: local-slopes-of-a-sum
# Your slopes are those of a sum, 1 everywhere. w and x meet at a product: what does the other
# one do?
def toy_gradients(w, x, b):
    return {"w": 1.0, "x": 1.0, "b": 1.0}  # df/dg is 1, so the local slopes of the product remain


# %% toy_gradients: a-tuple
# You return a tuple. The text asks for a dictionary, with the names as keys.
def toy_gradients(w, x, b):
    return (x, w, 1.0)  # df/dg is 1, so the local slopes of the product remain


# %% toy_gradients: bias-slope-negative
# Your slope by b is negative. How does f change when b rises by 1?
def toy_gradients(w, x, b):
    return {"w": x, "x": w, "b": -1.0}  # df/dg is 1, so the local slopes of the product remain


# %% toy_gradients: all-the-same
# You give the same slope for w and x.
def toy_gradients(w, x, b):
    return {"w": x, "x": x, "b": 1.0}  # df/dg is 1, so the local slopes of the product remain


# %% toy_gradients: numbers-of-the-slide
# You return the slide's three numbers. At other places the slopes are others.
def toy_gradients(w, x, b):
    return {"w": 5, "x": -2, "b": 1}


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


# %% toy_step: bias-moves-by-itself
# Your step of b has b as a factor. What is the slope of f by b?
def toy_step(w, x, b, eta):
    return w + eta * x, b + eta * b


# %% toy_step: only-b-moves
# Only your b moves. f has a slope by w, too.
def toy_step(w, x, b, eta):
    return w, b + eta


# %% toy_step: gives-the-steps
# What comes back are the steps. The new values are the old ones plus the steps.
def toy_step(w, x, b, eta):
    return eta * x, eta


# %% toy_step: b-goes-down
# Your w goes up and your b goes down. The slide moves both along their slopes.
def toy_step(w, x, b, eta):
    return w + eta * x, b - eta


# %% toy_step: w-goes-down
# Your b goes up and your w goes down. The slide moves both along their slopes.
def toy_step(w, x, b, eta):
    return w - eta * x, b + eta


# %% toy_step: multiplies-the-weight
# You multiply w by the step. It is added.
def toy_step(w, x, b, eta):
    return w * (1 + eta * x), b + eta


# %% toy_step: divides-by-eta
# You divide by eta: a small learning rate makes large steps.
def toy_step(w, x, b, eta):
    return w + x / eta, b + 1 / eta


# %% toy_step: b-before-w
# You return b first. The text has w first.
def toy_step(w, x, b, eta):
    return b + eta, w + eta * x


# %% toy_step: eta-fixed
# You always go 0.1 times the slope, whatever eta is.
def toy_step(w, x, b, eta):
    slopes = toy_gradients(w, x, b)
    return w + 0.1 * slopes["w"], b + 0.1 * slopes["b"]


# %% toy_step: slope-times-the-variable
# You multiply each slope by its variable once more.
def toy_step(w, x, b, eta):
    slopes = toy_gradients(w, x, b)
    return w + eta * slopes["w"] * w, b + eta * slopes["b"] * b


# %% toy_step: eta-on-the-variable
# You have eta at the variable. It stands at the slope.
def toy_step(w, x, b, eta):
    slopes = toy_gradients(w, x, b)
    return eta * w + slopes["w"], eta * b + slopes["b"]


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


# %% fit_to_target: adds-the-target
# You add the target to f. How far is it from f to the target?
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b + target
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: no-target
# Your steps take no notice of the target: they lead f to 0.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: error-squared-in-the-slope
# Your steps have the error itself as their factor, (f - target)**2 / 2. Its slope is what is
# needed.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = (w * x + b - target) ** 2 / 2
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: one-step-less
# You make one step less than asked for.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps - 1):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: one-step-more
# You make one step more than asked for.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps + 1):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: slope-by-w-has-w
# Your slope by w has w as a factor. The one that w is multiplied by is another.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * w, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: sign-of-the-error-only
# Your steps have the same length always: only the sign of the error is used. Near the target
# they should become small.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = float(np.sign(w * x + b - target))
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: no-eta
# Your steps have no learning rate.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - error * x, b - error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: eta-for-w-only
# Your step of b has no learning rate.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * x, b - error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: bias-left-out-of-f
# Your f has no bias: what is f?
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x - target
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history


# %% fit_to_target: last-value-only
# Your history is one number, the last f. One for each step is asked for.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return w, b, history[-1]


# %% fit_to_target: history-first
# You return the history first.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x + b)
    return history, w, b


# %% fit_to_target: history-of-w
# Your history holds w. It is f that is asked for.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error
        history.append(w)
    return w, b, history


# %% fit_to_target: history-of-g
# Your history lacks the bias: f is w x + b.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        error = w * x + b - target
        w, b = w - eta * error * x, b - eta * error
        history.append(w * x)
    return w, b, history


# %% fit_to_target: history-alone
# You return the history alone. w and b are asked for as well, in front of it.
def fit_to_target(w, x, b, target, eta, steps):
    history = []
    for _ in range(steps):
        distance = w * x + b - target
        dw, db = distance * x, distance
        w = w - eta * dw
        b = b - eta * db
        history.append(w * x + b)
    return history


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


# %% numerical_gradient: the-wrong-way-round
# You subtract the value above from the value below, so all your slopes have the wrong sign.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(below) - func(above)) / (2 * h)
    return gradient


# %% numerical_gradient: brackets-forgotten
# You divide by 2 and then multiply by h: where do the brackets belong?
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / 2 * h
    return gradient


# %% numerical_gradient: flattened
# Your gradient is one long row. It should have the shape of x.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    return gradient.reshape(-1)


# %% numerical_gradient: added-up
# What comes back is the sum of all slopes. Each element has its own.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    return gradient.sum()


# %% numerical_gradient: adds-the-two
# You add the two values of func. A slope asks how far they are from each other.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) + func(below)) / (2 * h)
    return gradient


# %% numerical_gradient: half-as-large
# Your slopes are half of what they should be: how far is it from x - h to x + h?
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (4 * h)
    return gradient


# %% numerical_gradient: mean-of-the-elements
# Your slopes are divided by the number of elements. Each stands for its own element.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (2 * h * x.size)
    return gradient


# %% numerical_gradient: forward-over-two-steps
# You go one step up, and divide by two steps.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    return gradient


# %% numerical_gradient: transposed
# Rows and columns of your gradient are exchanged.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (2 * h)
    return gradient.T


# %% numerical_gradient: not-divided
# You give the differences. A slope is a difference by a distance.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = func(above) - func(below)
    return gradient


# %% numerical_gradient: last-element-left-out
# The slope of the last element is missing: it stays 0.
def numerical_gradient(func, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in list(np.ndindex(x.shape))[:-1]:
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (func(above) - func(below)) / (2 * h)
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


# %% value_autograd: product-adds
# Your product has the slopes of a sum, 1 and 1. How fast does a * b grow with a?
def _mul(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return Value(self.data * other.data, [(self, 1.0), (other, 1.0)])


Value.__mul__ = _mul


# %% value_autograd: sum-has-the-slopes-of-a-product
# Your sum has the slopes of a product. How fast does a + b grow with a?
def _add(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return Value(self.data + other.data, [(self, other.data), (other, self.data)])


Value.__add__ = _add


# %% value_autograd: sum-forgets-the-second
# Your sum remembers only its first part, so the other one never learns of its slope.
def _add(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return Value(self.data + other.data, [(self, 1.0)])


Value.__add__ = _add


# %% value_autograd: product-forgets-the-second
# Your product remembers only its first factor, so the other one never learns of its slope.
def _mul(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return Value(self.data * other.data, [(self, other.data)])


Value.__mul__ = _mul


# %% value_autograd: sigmoid-slope-without-s
# Your slope of the sigmoid is 1 - s. It has two factors.
def _sigmoid(self):
    s = 1 / (1 + math.exp(-self.data))
    return Value(s, [(self, 1 - s)])


Value.sigmoid = _sigmoid


# %% value_autograd: sigmoid-falls
# Your sigmoid falls: compare the sign of the exponent.
def _sigmoid(self):
    s = 1 / (1 + math.exp(self.data))
    return Value(s, [(self, s * (1 - s))])


Value.sigmoid = _sigmoid


# %% value_autograd: sigmoid-slope-of-tanh
# Your slope of the sigmoid is that of tanh.
def _sigmoid(self):
    s = 1 / (1 + math.exp(-self.data))
    return Value(s, [(self, 1 - s * s)])


Value.sigmoid = _sigmoid


# %% value_autograd: logarithm-slope-is-the-value
# Your slope of the logarithm is the value itself. Look up the derivative of ln x.
def _log(self):
    return Value(math.log(self.data), [(self, self.data)])


Value.log = _log


# %% value_autograd: logarithm-slope-is-one
# Your slope of the logarithm is 1 everywhere.
def _log(self):
    return Value(math.log(self.data), [(self, 1.0)])


Value.log = _log


# %% value_autograd: logarithm-to-base-2
# Your logarithm is to base 2. The natural one is asked for.
def _log(self):
    return Value(math.log2(self.data), [(self, 1 / self.data)])


Value.log = _log


# %% value_autograd: exp-slope-is-the-exponent
# Your slope of exp is the exponent. The power of e is its own slope.
def _exp(self):
    return Value(math.exp(self.data), [(self, self.data)])


Value.exp = _exp


# %% value_autograd: exp-slope-is-one
# Your slope of exp is 1 everywhere. The power of e is its own slope.
def _exp(self):
    return Value(math.exp(self.data), [(self, 1.0)])


Value.exp = _exp


# %% value_autograd: power-slope-is-the-exponent
# Your slope of a power is its exponent alone. What is the slope of x**3 at x = 2?
def _pow(self, n):
    return Value(self.data**n, [(self, n)])


Value.__pow__ = _pow


# %% value_autograd: power-is-a-product
# Your power is a product with n.
def _pow(self, n):
    return Value(self.data * n, [(self, n)])


Value.__pow__ = _pow


# %% value_autograd: relu-slope-of-the-value
# Your slope of ReLU is the value itself. By how much does x rise when x rises by 1?
def _relu(self):
    return Value(max(self.data, 0.0), [(self, max(self.data, 0.0))])


Value.relu = _relu


# %% value_autograd: relu-slope-zero
# Your ReLU lets no slope through. On the right of 0 it rises.
def _relu(self):
    return Value(max(self.data, 0.0), [(self, 0.0)])


Value.relu = _relu


# %% value_autograd: relu-does-nothing
# Your ReLU keeps negative values.
def _relu(self):
    return Value(self.data, [(self, 1.0)])


Value.relu = _relu


# %% value_autograd: quotient-multiplies
# Your quotient is a product. With which power of the other is it one?
def _truediv(self, other):
    return self * other


Value.__truediv__ = _truediv


# %% value_autograd: minus-keeps-the-value
# Your -a has the value of a.
def _neg(self):
    return Value(self.data, [(self, -1.0)])


Value.__neg__ = _neg


# %% value_autograd: from-the-inputs-to-the-output
# Slopes get no further than the parents of the output. They come from there: in which order must
# the nodes pass them on?
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
    for node in order:
        for parent, slope in node.parents:
            parent.grad += slope * node.grad


Value.backward = _backward


# %% value_autograd: local-slopes-only
# You send on the local slope only. The chain rule has a second factor: the node's own grad.
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
            parent.grad += slope


Value.backward = _backward


# %% value_autograd: adds-instead-of-multiplying
# You add the local slope to the node's grad. The chain rule multiplies them.
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
            parent.grad += slope + node.grad


Value.backward = _backward


# %% value_autograd: begins-with-its-value
# You begin with the value of the output. The slope of f by f is another number.
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
    self.grad = self.data
    for node in reversed(order):
        for parent, slope in node.parents:
            parent.grad += slope * node.grad


Value.backward = _backward


# %% value_autograd: seen-by-their-numbers
# You tell nodes apart by their numbers. Two nodes may have the same number and yet be two.
class Value:
    """A number that remembers how it was computed; after f.backward(), a.grad is df/da."""

    def __init__(self, data, parents=()):
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
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

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
        return Value(max(0.0, self.data), [(self, 1.0 if self.data > 0 else 0.0)])

    def sigmoid(self):
        s = 1 / (1 + np.exp(-self.data))
        return Value(s, [(self, s * (1 - s))])

    def exp(self):
        e = np.exp(self.data)
        return Value(e, [(self, e)])

    def log(self):
        return Value(np.log(self.data), [(self, 1 / self.data)])

    def backward(self):
        order, seen, todo = [], set(), [(self, False)]
        while todo:
            node, listed = todo.pop()
            if listed:
                order.append(node)
            elif node.data not in seen:
                seen.add(node.data)
                todo.append((node, True))
                for parent, _ in node.parents:
                    todo.append((parent, False))
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in node.parents:
                parent.grad += node.grad * slope


# %% value_autograd: same-parent-once
# Where both operands are one node, you count it once. Then f depends on it twice.
class Value:
    """A number that remembers how it was computed; after f.backward(), a.grad is df/da."""

    def __init__(self, data, parents=()):
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
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

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
        return Value(max(0.0, self.data), [(self, 1.0 if self.data > 0 else 0.0)])

    def sigmoid(self):
        s = 1 / (1 + np.exp(-self.data))
        return Value(s, [(self, s * (1 - s))])

    def exp(self):
        e = np.exp(self.data)
        return Value(e, [(self, e)])

    def log(self):
        return Value(np.log(self.data), [(self, 1 / self.data)])

    def backward(self):
        order, seen, todo = [], set(), [(self, False)]
        while todo:
            node, listed = todo.pop()
            if listed:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                todo.append((node, True))
                for parent, _ in node.parents:
                    todo.append((parent, False))
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in dict(node.parents).items():
                parent.grad += node.grad * slope


# %% value_autograd: quotient-slope-not-squared
# The slope of a quotient by what it is divided by is -a / b^2: yours lacks the square.
class Value:
    """A number that remembers how it was computed; after f.backward(), a.grad is df/da."""

    def __init__(self, data, parents=()):
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
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(
            self.data / other.data, [(self, 1 / other.data), (other, -self.data / other.data)]
        )

    def __radd__(self, number):
        return self + number

    def __rmul__(self, number):
        return self * number

    def __rsub__(self, number):
        return -self + number

    def __rtruediv__(self, number):
        return self**-1 * number

    def relu(self):
        return Value(max(0.0, self.data), [(self, 1.0 if self.data > 0 else 0.0)])

    def sigmoid(self):
        s = 1 / (1 + np.exp(-self.data))
        return Value(s, [(self, s * (1 - s))])

    def exp(self):
        e = np.exp(self.data)
        return Value(e, [(self, e)])

    def log(self):
        return Value(np.log(self.data), [(self, 1 / self.data)])

    def backward(self):
        order, seen, todo = [], set(), [(self, False)]
        while todo:
            node, listed = todo.pop()
            if listed:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                todo.append((node, True))
                for parent, _ in node.parents:
                    todo.append((parent, False))
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in node.parents:
                parent.grad += node.grad * slope


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


# %% mlp_gradients: slope-of-a-square
# Your slopes are twice as large. That comes from a square; cross-entropy has none.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = 2 * (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: sigmoid-slope-without-h
# Your slope of the sigmoid is 1 - H. It has two factors.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: sigmoid-slope-without-its-second-factor
# Your slope of the sigmoid is H alone. It has two factors.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: forgets-the-second-bias
# Your outputs lack their biases, so the answer Y is not that of this network.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: a-tuple
# You return a tuple. The text asks for a dictionary with the names as keys.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return (X.T @ D1, D1.sum(axis=0), H.T @ D2, D2.sum(axis=0))


# %% mlp_gradients: layers-exchanged
# The slopes of the two layers stand under each other's names.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W2": X.T @ D1, "b2": D1.sum(axis=0), "W1": H.T @ D2, "b1": D2.sum(axis=0)}


# %% mlp_gradients: one-bias-for-all
# Your slopes by the biases are one number each. Each unit has its own: along which axis are they
# summed?
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(), "W2": H.T @ D2, "b2": D2.sum()}


# %% mlp_gradients: biases-summed-over-units
# Your slopes by the biases have one number for each sample. They are summed over the samples.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=1), "W2": H.T @ D2, "b2": D2.sum(axis=1)}


# %% mlp_gradients: no-activation
# Your hidden values are the sums themselves: where is the sigmoid?
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = X @ W1 + b1
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: weights-transposed
# Your slopes by the weights have rows and columns exchanged.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": D1.T @ X, "b1": D1.sum(axis=0), "W2": D2.T @ H, "b2": D2.sum(axis=0)}


# %% mlp_gradients: weights-divided-twice
# Your slopes by the weights are divided by n twice.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {
        "W1": X.T @ D1 / len(X),
        "b1": D1.sum(axis=0),
        "W2": H.T @ D2 / len(X),
        "b2": D2.sum(axis=0),
    }


# %% mlp_gradients: truth-left-out
# Your slope at the output is the answer alone. What is subtracted from it?
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = Y / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: y-times-t
# Your slope at the output lets only the true class through. The others are answered too much,
# and must sink.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) * T / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: sigmoid-at-the-end
# Your outputs go through a sigmoid each. Softmax makes probabilities of them together.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = sigmoid(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: hidden-slope-has-the-wrong-sign
# The slopes of the first layer have the wrong sign: (1 - H), or (H - 1)?
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) * H * (H - 1)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: first-layer-divided-once-more
# The slopes of the first layer are divided by n once more: D2 has that already.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    D2 = (Y - T) / len(X)
    D1 = (D2 @ W2.T) / len(X) * H * (1 - H)
    return {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": H.T @ D2, "b2": D2.sum(axis=0)}


# %% mlp_gradients: biases-keep-an-axis
# Your bias gradients are (1, m): keepdims keeps an axis of one. Each gradient has the shape of its
# variable.
def mlp_gradients(X, T, W1, b1, W2, b2):
    H = sigmoid(X @ W1 + b1)
    Y = softmax(H @ W2 + b2)
    d2 = (Y - T) / len(X)
    d1 = (d2 @ W2.T) * H * (1 - H)
    return {
        "W1": X.T @ d1,
        "b1": d1.sum(axis=0, keepdims=True),
        "W2": H.T @ d2,
        "b2": d2.sum(axis=0, keepdims=True),
    }


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


# %% train_mlp: learning-rate-fixed
# Your steps have one length, whichever learning rate is asked for.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    lr, losses = 0.1, []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: one-epoch-only
# You train for a single epoch.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(min(epochs, 1)):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: without-the-losses
# You return four things. The losses are missing.
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
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2


# %% train_mlp: first-weights-stay
# The weights of your first layer stay as they were drawn.
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
        W1, b1 = W1, b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: second-weights-stay
# The weights of your second layer stay as they were drawn.
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
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2, b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: equal-weights
# Your weights are all equal at the start, so all hidden units stay equal for ever.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = np.full((X.shape[1], hidden), 0.1)
    W2 = np.full((hidden, T.shape[1]), 0.1)
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: huge-weights
# Your weights are large at the start, so the sigmoids are flat there and hardly learn.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=30, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: hidden-units-fixed
# Your network has the same number of hidden units, whichever is asked for.
def train_mlp(X, T, hidden, lr, epochs, seed):
    hidden = 32
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(-np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: losses-without-minus
# Your losses are negative. Cross-entropy has a minus in front.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b1, b2 = np.zeros(hidden), np.zeros(T.shape[1])
    losses = []
    for _ in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(np.sum(T * np.log(Y)) / len(X))
        slope = mlp_gradients(X, T, W1, b1, W2, b2)
        W1, b1 = W1 - lr * slope["W1"], b1 - lr * slope["b1"]
        W2, b2 = W2 - lr * slope["W2"], b2 - lr * slope["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: never-moves
# Your weights never move: is what you compute stored?
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
        slope.clear()
    return W1, b1, W2, b2, losses


# %% train_mlp: squared-error-for-the-loss
# You note down the squared error. The mean cross-entropy is asked for.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    b1 = np.zeros(hidden)
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b2 = np.zeros(T.shape[1])
    losses = []
    for epoch in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(np.mean((Y - T) ** 2))
        g = mlp_gradients(X, T, W1, b1, W2, b2)
        W1 = W1 - lr * g["W1"]
        b1 = b1 - lr * g["b1"]
        W2 = W2 - lr * g["W2"]
        b2 = b2 - lr * g["b2"]
    return W1, b1, W2, b2, losses


# %% train_mlp: shares-for-losses
# You note down how many are read right. The mean cross-entropy is asked for.
def train_mlp(X, T, hidden, lr, epochs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(scale=0.1, size=(X.shape[1], hidden))
    b1 = np.zeros(hidden)
    W2 = rng.normal(scale=0.1, size=(hidden, T.shape[1]))
    b2 = np.zeros(T.shape[1])
    losses = []
    for epoch in range(epochs):
        Y = softmax(sigmoid(X @ W1 + b1) @ W2 + b2)
        losses.append(np.mean(Y.argmax(axis=1) == T.argmax(axis=1)))
        g = mlp_gradients(X, T, W1, b1, W2, b2)
        W1 = W1 - lr * g["W1"]
        b1 = b1 - lr * g["b1"]
        W2 = W2 - lr * g["W2"]
        b2 = b2 - lr * g["b2"]
    return W1, b1, W2, b2, losses
