"""Wrong answers to the exercises of `perceptron`, each with what to tell a student who has it."""


# %% activations: step-is-plus-one-at-theta
# Your step says +1 where s equals theta. The slide has two steps, and only one of them asks
# "greater or equal": which one is this?
def step(s, theta=0.0):
    return np.where(np.asarray(s) >= theta, 1, -1)


# %% activations: step-has-three-values
# Your step has three answers, but a perceptron says yes or no. Ask your function for the value
# exactly at theta: np.sign, for one, has an answer of its own there.
def step(s, theta=0.0):
    return np.sign(np.asarray(s) - theta)


# %% activations: step-ignores-theta
# Your step gives the same answer whatever theta is. Where does theta stand in your code, and
# what does the comparison compare with?
def step(s, theta=0.0):
    return np.where(np.asarray(s) > 0, 1, -1)


# %% activations: step-answers-zero-and-one
# Your step answers 0 and 1. There are two step functions in the table; look up which two
# values the perceptron's own can take.
def step(s, theta=0.0):
    return np.where(np.asarray(s) > theta, 1, 0)


# %% activations: binary-step-is-zero-at-zero
# Your binary step is right everywhere but at 0 itself. In the table, which of the two rows
# "x < 0" and "x >= 0" does x = 0 belong to?
def binary_step(x):
    return np.where(np.asarray(x) > 0, 1, 0)


# %% activations: sigmoid-overflows
# Your sigmoid is the formula, but it warns of an overflow for large values. Which sign of x
# makes e^-x huge, and how could the fraction be written so that only small powers of e occur?
def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


# %% activations: sigmoid-falls
# Your sigmoid falls where it should rise. Compare sigmoid(5) with sigmoid(-5), and then the
# exponent in your code with the one in the table.
def sigmoid(x):
    return 1 / (1 + np.exp(np.clip(x, -500, 500)))


# %% activations: sigmoid-without-brackets
# Your sigmoid is larger than 1. Python divides before it adds: what does the fraction's bar
# cover in the formula, and what does it cover in your line?
def sigmoid(x):
    return 1 / 1 + np.exp(-np.clip(x, -500, 500))


# %% activations: tanh-as-on-the-slide
# Your tanh is the slide's fraction, and it becomes nan where numerator and denominator are both
# infinite. What should the value be there, and is there another way to get it?
def tanh(x):
    x = np.asarray(x, dtype=float)
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


# %% activations: relu-changes-its-argument
# The values of your relu are right, but the array that came in is not the same afterwards.
# Does your line make a new array, or does it write into the caller's?
def relu(x):
    if np.ndim(x) == 0:
        return max(x, 0)
    x[x < 0] = 0
    return x


# %% activations: leaky-relu-cuts-integers
# Your leaky ReLU loses its leak when integers come in. What can an array of integers hold, and
# what becomes of -0.01 when it is written into one?
def leaky_relu(x):
    x = np.asarray(x)
    out = x.copy()
    out[x < 0] = 0.01 * x[x < 0]
    return out


# %% activations: leaky-relu-leaks-upwards
# Your leaky ReLU is positive for negative x. Put x = -1 into the formula of that branch: which
# sign must come out?
def leaky_relu(x):
    x = np.asarray(x)
    return np.where(x >= 0, x, 0.01 * np.abs(x))


# %% activation_derivatives: identity-slope-is-x
# You have given the function's value, not its slope. How steep is the line f(x) = x, and does
# that depend on where you stand?
def identity_derivative(x):
    return x


# %% activation_derivatives: identity-slope-is-one-number
# Your slope of the identity has the right value, but it is one number where an array came in.
# One slope is asked for at each x.
def identity_derivative(x):
    return 1.0


# %% activation_derivatives: as-many-ones-as-rows
# Your slopes of the identity are as many as x has rows. There is one for each x, in the shape of x:
# which function makes ones in the shape of another array?
def identity_derivative(x):
    return np.ones(len(x)) if np.ndim(x) else 1.0


# %% activation_derivatives: sigmoid-slope-from-x-itself
# In f(x) (1 - f(x)) you have put x where f(x) stands. Your function gets x, so something has to
# be computed from it first.
def sigmoid_derivative(x):
    return x * (1 - x)


# %% activation_derivatives: sigmoid-slope-mixes-x-and-f
# One of the two factors of your sigmoid's slope has f(x) in it, the other only x. Compare each
# with the table.
def sigmoid_derivative(x):
    return sigmoid(x) * (1 - x)


# %% activation_derivatives: sigmoid-slope-with-tanh-formula
# You have used the formula of another row of the table for the sigmoid. At x = 0 the slope
# should be a quarter: check which row gives that.
def sigmoid_derivative(x):
    return 1 - sigmoid(x) ** 2


# %% activation_derivatives: tanh-slope-from-x-itself
# In 1 - f(x)^2 you have put x where f(x) stands. A slope of tanh can never be negative; try
# yours at x = 2.
def tanh_derivative(x):
    return 1 - np.asarray(x) ** 2


# %% activation_derivatives: tanh-slope-without-the-square
# Your slope of tanh is larger on the left than on the right, yet the curve of tanh is symmetric.
# Compare your formula with the table once more, every sign and every exponent.
def tanh_derivative(x):
    return 1 - tanh(x)


# %% activation_derivatives: tanh-slope-with-sigmoid-formula
# f(x) (1 - f(x)) belongs to another function of the table. Your slope of tanh is 0 at x = 0,
# where the curve is steepest.
def tanh_derivative(x):
    return tanh(x) * (1 - tanh(x))


# %% activation_derivatives: relu-slope-zero-at-zero
# Your slope of relu differs from the table at x = 0 only. There is a kink, so a choice has to be
# made: which row of the table holds x = 0?
def relu_derivative(x):
    return np.where(np.asarray(x) > 0, 1.0, 0.0)


# %% activation_derivatives: leaky-slope-cuts-integers
# Your slope of the leaky ReLU is 0 on the left when integers come in. Of which type is the array
# that you write 0.01 into?
def leaky_relu_derivative(x):
    x = np.asarray(x)
    out = np.ones_like(x)
    out[x < 0] = 0.01
    return out


# %% activation_derivatives: leaky-slope-times-x
# On the left you have given the value of the leaky ReLU, 0.01 x, and not its slope. How much
# does the value change when x grows by 1?
def leaky_relu_derivative(x):
    x = np.asarray(x)
    return np.where(x >= 0, 1.0, 0.01 * x)


# %% activation_derivatives: leaky-slope-hundredth-at-zero
# Your slope of the leaky ReLU differs from the table at x = 0 only. To which of its two branches
# does the table count x = 0?
def leaky_relu_derivative(x):
    return np.where(np.asarray(x) > 0, 1.0, 0.01)


# %% add_bias: ones-at-the-end
# Your ones stand in the last column. The weight w0 comes first in w: where must its input
# stand?
def add_bias(X):
    return np.column_stack([X, np.ones(len(X))])


# %% add_bias: a-row-of-ones
# You have added a point, not an input: there is one more row. Each row is a point; what does
# every one of them need?
def add_bias(X):
    return np.vstack([np.ones(X.shape[1]), X])


# %% add_bias: zeros-in-front
# The new column stands where it should, but with 0 in it w0 could never change a score. Look up
# the value of x0.
def add_bias(X):
    return np.column_stack([np.zeros(len(X)), X])


# %% add_bias: adds-one-to-everything
# You have added 1 to every feature, and there are as many columns as before. "Put in front" is
# not "plus": the points themselves stay as they are.
def add_bias(X):
    return X + 1


# %% add_bias: overwrites-the-first-feature
# Your answer has as many columns as X had, so one feature of each point is lost. How many
# columns should come out for d features?
def add_bias(X):
    X = np.array(X)
    X[:, 0] = 1
    return X


# %% add_bias: transposed
# Your answer holds the right numbers, but each point is a column now. Compare its shape with
# (n, d + 1).
def add_bias(X):
    return np.vstack([np.ones(len(X)), X.T])


# %% add_bias: made-for-three-points
# Your function works for three points only. Where does the 3 in your code come from, and what
# could say it for any X?
def add_bias(X):
    return np.hstack([np.ones((3, 1)), X])


# %% predict: zero-score-is-plus-one
# You say +1 for a point exactly on the boundary. Read once more what a score must be for the
# answer +1, and try a score of 0.
def predict(w, X):
    return np.where(X @ w >= 0, 1, -1)


# %% predict: three-answers
# For a point exactly on the boundary you answer neither +1 nor -1. What does np.sign, or the
# like, make of a score of 0?
def predict(w, X):
    return np.sign(X @ w)


# %% predict: zero-and-one
# Your answers are 0 and 1 (or False and True). Which two labels do the data have?
def predict(w, X):
    return (X @ w > 0).astype(int)


# %% predict: gives-the-score
# You have returned the score itself. The perceptron makes one more step after the sum, to say
# yes or no.
def predict(w, X):
    return X @ w


# %% predict: sides-swapped
# Each of your answers is the opposite of the right one. What should a positive score say?
def predict(w, X):
    return np.where(X @ w > 0, -1, 1)


# %% predict: bias-left-out
# Your scores leave w0 out, so every boundary runs through the origin. Which input belongs to w0,
# and is it in X already?
def predict(w, X):
    return np.where(X[..., 1:] @ w[1:] > 0, 1, -1)


# %% predict: bias-added-twice
# Your scores contain w0 twice. X has its x0 already: what does the sum over all inputs
# include?
def predict(w, X):
    return np.where(w[0] + X @ w > 0, 1, -1)


# %% predict: one-label-for-all
# You have added up the scores of all points, so all of them get one answer. Over which axis
# should the sum run, and how many answers do n points have?
def predict(w, X):
    return np.where(np.sum(X * w) > 0, 1, -1)


# %% predict: weights-times-columns
# Your product takes the columns of X for points. Which of w @ X and X @ w has one value for
# each row?
def predict(w, X):
    return np.where(w @ X > 0, 1, -1)


# %% predict: one-point-in-an-array
# For a single point you give back an array with one label in it. A point of shape (d + 1,) has
# one answer: a number.
def predict(w, X):
    return np.where(np.atleast_2d(X) @ w > 0, 1, -1)


# %% predict: score-cut-off
# You cut the score off to a whole number before you look at its sign. Is 0.4 greater than 0, and
# is what becomes of it?
def predict(w, X):
    return np.where((X @ w).astype(int) > 0, 1, -1)


# %% perceptron_update: subtracts-the-step
# Your weights move the wrong way: the point's score moves away from its label. Work out by hand
# what the sign of each part of the formula does to the score.
def perceptron_update(w, x, y, lr):
    return w - lr * y * x


# %% perceptron_update: forgets-the-label
# Your step is the same for a dog and for a panda, so one of them is pushed further to the wrong
# side. What in the formula tells the two apart?
def perceptron_update(w, x, y, lr):
    return w + lr * x


# %% perceptron_update: score-as-label
# You have used the score where the label belongs; the slides call both y_n. One is given with
# the data, the other is what the perceptron computed.
def perceptron_update(w, x, y, lr):
    return w + lr * np.dot(w, x) * x


# %% perceptron_update: label-minus-score
# Your step contains the score, so its length depends on how wrong the point is. That is another
# learning rule; in the perceptron's, only the label, the point and the learning rate count.
def perceptron_update(w, x, y, lr):
    return w + lr * (y - np.dot(w, x)) * x


# %% perceptron_update: double-step
# Your step has the right direction and twice the length. If you use label minus prediction:
# which values can that difference have?
def perceptron_update(w, x, y, lr):
    return w + lr * (y - (1 if np.dot(w, x) > 0 else -1)) * x


# %% perceptron_update: forgets-the-learning-rate
# Your step is as long for a small learning rate as for a large one. Is every argument of the
# function used?
def perceptron_update(w, x, y, lr):
    return w + y * x


# %% perceptron_update: leaves-the-bias
# All your weights learn except w0. It is a weight like the others: which input belongs to it?
def perceptron_update(w, x, y, lr):
    new = w + lr * y * x
    new[0] = w[0]
    return new


# %% perceptron_update: slip-of-the-slide
# Your w0 gets smaller for either label, as in the slip that the text mentions. The label is the
# same in each line of the update.
def perceptron_update(w, x, y, lr):
    new = w + lr * y * x
    new[0] = w[0] - lr
    return new


# %% perceptron_update: adds-in-place
# w += writes into the array that came in, and whoever called the function has lost the old weights;
# where they are integers, it even fails. Which operator makes a new array?
def perceptron_update(w, x, y, lr):
    w += lr * y * x
    return w


# %% perceptron_update: changes-the-given-weights
# Your answer is right, but the array w that came in has changed as well. Does += make a new
# array?
def perceptron_update(w, x, y, lr):
    if w.dtype == float:
        w += lr * y * x
        return w
    return w + lr * y * x


# %% perceptron_update: cuts-integers
# When w holds integers, your new weights are cut off to integers. Which type has the array that
# you store them in?
def perceptron_update(w, x, y, lr):
    new = np.array(w)
    new[:] = w + lr * y * x
    return new


# %% perceptron_update: ignores-a-score-of-zero
# You leave a misclassified point alone when its score is exactly 0. What does predict answer
# there, and can that be right for a point with the label +1?
def perceptron_update(w, x, y, lr):
    if y * np.dot(w, x) < 0:
        return w + lr * y * x
    return w


# %% perceptron_update: repeats-until-right
# You go on stepping until the point is on its side. One call is one step, whether it is enough
# or not; the algorithm comes back to the point later.
def perceptron_update(w, x, y, lr):
    for _ in range(10000):
        if (1 if np.dot(w, x) > 0 else -1) == y:
            break
        w = w + lr * y * x
    return w


# %% perceptron_update: shortens-long-steps
# Your step has another length than lr times the point when the point is far from the origin.
# The rule does not divide or limit anything.
def perceptron_update(w, x, y, lr):
    length = np.linalg.norm(x)
    return w + lr * y * x * min(1, 20 / length)


# %% decision_boundary: slope-inverted
# Your slope is upside down. From w0 + w1*x1 + w2*x2 = 0, which variable do you solve for, and
# which weight do you then divide by?
def decision_boundary(w):
    if w[2] == 0 or w[1] == 0:
        raise ValueError("vertical")
    return -w[2] / w[1], -w[0] / w[2]


# %% decision_boundary: sign-of-the-intercept
# The sign of your intercept is wrong. Put x1 = 0 into w0 + w1*x1 + w2*x2 = 0 and bring w0 to the
# other side.
def decision_boundary(w):
    if w[2] == 0:
        raise ValueError("vertical")
    return -w[1] / w[2], w[0] / w[2]


# %% decision_boundary: sign-of-the-slope
# The sign of your slope is wrong: your line rises where the boundary falls. What happens to
# w1*x1 when it goes to the other side of the equation?
def decision_boundary(w):
    if w[2] == 0:
        raise ValueError("vertical")
    return w[1] / w[2], -w[0] / w[2]


# %% decision_boundary: both-signs
# Both of your signs are wrong, so your line is the boundary turned over. Put a point of your
# line into w0 + w1*x1 + w2*x2: is the score 0?
def decision_boundary(w):
    if w[2] == 0:
        raise ValueError("vertical")
    return w[1] / w[2], w[0] / w[2]


# %% decision_boundary: intercept-first
# Your two numbers are right, but they come in the wrong order. Look at what the exercise wants
# first.
def decision_boundary(w):
    if w[2] == 0:
        raise ValueError("vertical")
    return -w[0] / w[2], -w[1] / w[2]


# %% decision_boundary: vertical-is-infinite
# For a vertical boundary you give numbers such as inf, with which nobody can draw a line. The
# exercise wants the caller to be told.
def decision_boundary(w):
    if w[2] == 0:
        return np.inf, 0.0
    return -w[1] / w[2], -w[0] / w[2]


# %% decision_boundary: vertical-divides-by-zero
# For a vertical boundary your code stops with a ZeroDivisionError, by accident. Test for that
# case first, and raise the error that the exercise names.
def decision_boundary(w):
    w0, w1, w2 = (float(v) for v in w)
    return -w1 / w2, -w0 / w2


# %% decision_boundary: level-taken-for-vertical
# You refuse a boundary that is level. Its slope is 0, which is a fine slope; which weight is 0
# when the boundary is vertical?
def decision_boundary(w):
    if w[1] == 0 or w[2] == 0:
        raise ValueError("vertical")
    return -w[1] / w[2], -w[0] / w[2]


# %% decision_boundary: negative-weight-refused
# You refuse, or treat as vertical, a boundary whose w2 is negative. A line stays the same when
# all weights change their sign.
def decision_boundary(w):
    if w[2] <= 0:
        raise ValueError("vertical")
    return -w[1] / w[2], -w[0] / w[2]


# %% decision_boundary: divides-by-the-size
# Your line is right only while w2 is positive. What becomes of the signs when w2 is negative, and
# does your division know of it?
def decision_boundary(w):
    if w[2] == 0:
        raise ValueError("vertical")
    return -w[1] / abs(w[2]), -w[0] / abs(w[2])


# %% decision_boundary: small-weights-refused
# You take a small w2 for none. All weights of a perceptron may be small, and its boundary stays
# where it is: which single value of w2 makes it vertical?
def decision_boundary(w):
    w0, w1, w2 = w
    if abs(w2) < 1e-6:
        raise ValueError("vertical")
    return -w1 / w2, -w0 / w2


# %% train_perceptron: updates-right-points-too
# You update with every point, also with those that are on their side. The perceptron learns from
# its mistakes only: is your update inside the question whether there is one?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        mistakes = 0
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                mistakes += 1
            w = w + lr * y_n * x_n
        if mistakes == 0:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: mistakes-taken-all-at-once
# You look for all mistakes of a sweep with the weights from before the sweep. That is batch
# learning; here each point is judged by the w of that moment, which the point before it may
# have changed.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        wrong = predict(w, X) != y
        if not wrong.any():
            return w, epoch, True
        w = w + lr * np.asarray(y)[wrong] @ X[wrong]
    return w, max_epochs, False


# %% train_perceptron: random-start
# You start at random weights, as the slide does. The exercise asks for another start, so that
# everybody gets the same numbers.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.random.default_rng(0).normal(size=X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: zero-score-is-always-a-mistake
# You count a point whose score is exactly 0 as wrong, whatever its label. What does predict say
# for a score of 0, and for which label is that right?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        mistakes = 0
        for x_n, y_n in zip(X, y):
            if y_n * np.dot(w, x_n) <= 0:
                w = w + lr * y_n * x_n
                mistakes += 1
        if mistakes == 0:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: zero-score-is-never-a-mistake
# You count a point whose score is exactly 0 as right, whatever its label. With all weights 0 every
# score is 0: how would training ever begin?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        mistakes = 0
        for x_n, y_n in zip(X, y):
            if y_n * np.dot(w, x_n) < 0:
                w = w + lr * y_n * x_n
                mistakes += 1
        if mistakes == 0:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: last-sweep-not-counted
# Your number of sweeps is too small by one when training converges. Is the sweep that finds no
# mistake a sweep?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(max_epochs):
        mistakes = 0
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                mistakes += 1
        if mistakes == 0:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: never-gives-up
# Your loop ends only when a sweep finds no mistake. For points like XOR there is no such sweep:
# what else has to end it?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    epochs, mistakes = 0, 1
    while mistakes > 0:
        epochs, mistakes = epochs + 1, 0
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                mistakes += 1
    return w, epochs, True


# %% train_perceptron: converged-only-below-the-cap
# You conclude from the number of sweeps whether training converged. The last sweep that is
# allowed may be the one without a mistake: what does converged really ask for?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    epochs, mistakes = 0, 1
    while mistakes > 0 and epochs < max_epochs:
        epochs, mistakes = epochs + 1, 0
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                mistakes += 1
    return w, epochs, epochs < max_epochs


# %% train_perceptron: last-point-decides
# Whether you stop depends on the last point of the sweep alone. A right point must not wipe out
# that an earlier one was wrong.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
            else:
                updated = False
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: back-to-the-first-point
# After a mistake you begin again with the first point. A sweep goes on with the next point, so
# that each sweep visits all of them.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
                break
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: adds-in-place
# You train with +=, in the very array that the caller gave you: afterwards theirs is another one,
# and integers cannot be trained so at all. Who makes the copy?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    if w is None:
        w = np.zeros(X.shape[1])
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w += lr * y_n * x_n
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: given-weights-changed
# Training is right, but the caller's w is changed by it. Who else holds the array that you
# write into?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else np.asarray(w)
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w[:] = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: given-weights-ignored
# You start at zeros also when the caller gives a w. When should the zeros be used, and when
# not?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1])
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: judged-once-more-at-the-end
# You look at all points once more when the sweeps are used up. That they are right by then does not
# count as converged: how must the last sweep have ended?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, bool(np.all(predict(w, X) == y))


# %% pca_project: not-centred
# You have not subtracted the mean, so your first component mostly points from the origin to the
# middle of the cloud. Variance is measured from where?
def pca_project(X, k):
    _, s, vt = np.linalg.svd(X, full_matrices=False)
    return X @ vt[:k].T, s[:k] ** 2 / np.sum(s**2)


# %% pca_project: projects-the-uncentred-points
# Your components are right, but you project the points as they came in, so the coordinates are
# all shifted. What is the mean of each column of your answer, and what should it be?
def pca_project(X, k):
    _, s, vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return X @ vt[:k].T, s[:k] ** 2 / np.sum(s**2)


# %% pca_project: shares-of-singular-values
# Your coordinates are right, but your shares compare lengths, not variances. How is a variance
# related to a singular value?
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ vt[:k].T, s[:k] / np.sum(s)


# %% pca_project: shares-of-the-first-k
# Your shares always add up to 1, as if the k components were all there is. What is "the whole"
# of which each is a share?
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ vt[:k].T, s[:k] ** 2 / np.sum(s[:k] ** 2)


# %% pca_project: variances-instead-of-shares
# You have given the variances themselves. A ratio says which part of the total they are, and lies
# between 0 and 1.
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ vt[:k].T, s[:k] ** 2 / (len(X) - 1)


# %% pca_project: running-total-of-shares
# Your shares grow from one component to the next: each contains those before it. One share for
# each component alone is asked for.
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ vt[:k].T, np.cumsum(s**2 / np.sum(s**2))[:k]


# %% pca_project: smallest-components
# You have taken the directions in which the points differ least. In which order does eigh give
# its eigenvalues?
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(centred.T))
    return centred @ vectors[:, :k], values[:k] / values.sum()


# %% pca_project: largest-component-last
# You have found the right components, but the first of them stands last. In which order should
# they come?
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(centred.T))
    return centred @ vectors[:, -k:], values[-k:] / values.sum()


# %% pca_project: features-scaled
# You have divided each feature by its spread, so all of them count the same. PCA as asked for
# here shifts the points, but does not stretch them.
def pca_project(X, k):
    centred = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-12)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ vt[:k].T, s[:k] ** 2 / np.sum(s**2)


# %% pca_project: points-centred-instead-of-features
# You have subtracted from each point its own mean. The middle of the cloud is a point: over
# which axis of X do you find it?
def pca_project(X, k):
    centred = X - X.mean(axis=1, keepdims=True)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ vt[:k].T, s[:k] ** 2 / np.sum(s**2)


# %% pca_project: coordinates-of-equal-spread
# Each of your coordinates has the same spread, but the first should have the largest. A factor is
# missing that says how long each component is.
def pca_project(X, k):
    u, s, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return u[:, :k] * np.sqrt(len(X)), s[:k] ** 2 / np.sum(s**2)


# %% pca_project: columns-of-the-transpose
# You have projected on the columns of the matrix that svd gives last. Is that V or its transpose,
# and where do the components stand in it?
def pca_project(X, k):
    centred = X - X.mean(axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=True)
    return centred @ vt[:, :k], s[:k] ** 2 / np.sum(s**2)


# %% zero_versus_one: labels-left-at-zero-and-one
# The perceptron got the labels 0 and 1, but it knows only -1 and +1. What is the step
# lr * y * x when y is 0?
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64))
    return train_perceptron(X, labels)[0]


# %% zero_versus_one: classes-swapped
# Your weights say +1 for a zero and -1 for a one. Which class is +1 to mean?
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64))
    return train_perceptron(X, np.where(labels == 1, -1, 1))[0]


# %% zero_versus_one: bias-last
# Your weights have the bias at the end, behind the pixels. Everywhere else in this notebook it has
# another place.
def zero_versus_one(images, labels):
    X = np.column_stack([images.reshape(len(images), 64), np.ones(len(images))])
    return train_perceptron(X, np.where(labels == 1, 1, -1))[0]


# %% zero_versus_one: no-bias
# You have one weight for each pixel and none for the bias. What has to be put in front of each
# row of pixels first?
def zero_versus_one(images, labels):
    X = images.reshape(len(images), 64)
    return train_perceptron(X, np.where(labels == 1, 1, -1))[0]


# %% zero_versus_one: reads-the-images-by-columns
# Your pixels are in another order than those that the weights are judged on: the images are
# mirrored at their diagonal. How does reshape read an image, and what did you do before it?
def zero_versus_one(images, labels):
    X = add_bias(np.transpose(images, (0, 2, 1)).reshape(len(images), 64))
    return train_perceptron(X, np.where(labels == 1, 1, -1))[0]


# %% zero_versus_one: returns-all-three
# You have returned all that train_perceptron gives. Only one of the three things is asked for.
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64))
    return train_perceptron(X, np.where(labels == 1, 1, -1))


# %% zero_versus_one: learns-from-ten-digits
# You have trained on a few of the digits only. What do the weights know of handwritings that they
# have not seen?
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64))[:10]
    return train_perceptron(X, np.where(labels == 1, 1, -1)[:10])[0]


# %% zero_versus_one: loads-the-digits-itself
# Your weights are the same whatever digits are given. Are images and labels used, or have you
# loaded a data set of your own?
def zero_versus_one(images, labels):
    images, labels = load_digits(n_class=2, return_X_y=True)
    return train_perceptron(add_bias(images), np.where(labels == 1, 1, -1))[0]


# %% zero_versus_one: scales-the-given-images
# Dividing the pixels changes the images that came in. Make a new array, and mind that the weights
# are judged on pixels from 0 to 16.
def zero_versus_one(images, labels):
    images /= 16
    X = add_bias(images.reshape(len(images), 64))
    w = np.array(train_perceptron(X, np.where(labels == 1, 1, -1))[0])
    w[1:] /= 16
    return w
