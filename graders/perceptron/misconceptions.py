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


# %% activations: step-turned-round
# Your step says -1 above theta and +1 below it. Which of the two stands first in np.where?
def step(s, theta=0.0):
    return np.where(np.asarray(s) > theta, -1, 1)


# %% activations: step-at-minus-theta
# Your step jumps at minus theta. The comparison is with theta as it is.
def step(s, theta=0.0):
    return np.where(np.asarray(s) > -theta, 1, -1)


# %% activations: binary-step-of-minus-one
# Your binary step answers -1 on the left. Two steps are in the table: which values has this one?
def binary_step(x):
    return np.where(np.asarray(x) >= 0, 1, -1)


# %% activations: binary-step-turned-round
# Your binary step is 1 on the left and 0 on the right. Compare it with the table.
def binary_step(x):
    return np.where(np.asarray(x) >= 0, 0, 1)


# %% activations: sigmoid-minus-one
# Your sigmoid has a minus in its denominator. For x = 0 it should be one half: put 0 into your
# line.
def sigmoid(x):
    x = np.asarray(x, dtype=float)
    small = np.exp(-np.abs(x))  # at most 1, whatever x is
    return np.where(x >= 0, 1, small) / (1 - small)


# %% activations: sigmoid-from-minus-one
# Your sigmoid runs from -1 to 1, as tanh does. Which two values does the table's formula come
# near to?
def sigmoid(x):
    x = np.asarray(x, dtype=float)
    small = np.exp(-np.abs(x))  # at most 1, whatever x is
    return 2 * np.where(x >= 0, 1, small) / (1 + small) - 1


# %% activations: sigmoid-is-a-power
# Your sigmoid is only the power of e. What is done with it in the formula?
def sigmoid(x):
    x = np.asarray(x, dtype=float)
    small = np.exp(-np.abs(x))  # at most 1, whatever x is
    return np.exp(-np.clip(x, -500, 500))


# %% activations: tanh-is-a-sigmoid
# Your tanh is a sigmoid that is stretched to run from -1 to 1, but it is only half as steep.
# Compare the exponents of the two formulas.
def tanh(x):
    return 2 * sigmoid(x) - 1


# %% activations: tanh-upside-down
# Your tanh is larger than 1: numerator and denominator are exchanged. Which of the two has the
# minus?
def tanh(x):
    x = np.clip(x, -300, 300)
    return (np.exp(x) + np.exp(-x)) / (np.exp(x) - np.exp(-x))


# %% activations: tanh-is-tan
# Your tanh is the tangent of trigonometry. The h stands for hyperbolic.
def tanh(x):
    return np.tan(x)


# %% activations: tanh-turned-round
# Your tanh falls where it should rise. Which of the two powers in the numerator has the minus in
# front?
def tanh(x):
    return -np.tanh(x)


# %% activations: relu-without-its-sign
# Your ReLU turns negative values round. What does the table say on the left of 0?
def relu(x):
    return np.abs(x)


# %% activations: relu-is-a-step
# Your ReLU answers 0 and 1. On the right it is the value itself.
def relu(x):
    return np.where(np.asarray(x) > 0, 1, 0)


# %% activations: relu-on-the-left
# Your ReLU keeps the negative values and drops the positive ones. Maximum or minimum?
def relu(x):
    return np.minimum(x, 0)


# %% activations: relu-from-one-on
# Your ReLU is never below 1. With what is x compared?
def relu(x):
    return np.maximum(x, 1)


# %% activations: relu-up-to-one
# Your ReLU stops at 1. Is there an end on the right in the table?
def relu(x):
    return np.clip(x, 0, 1)


# %% activations: relu-of-one-number
# Your ReLU works for a single number only. Python's max compares whole arrays; NumPy has a
# function that works entry by entry.
def relu(x):
    return max(0, x)


# %% activations: leaky-relu-leaks-a-tenth
# Your leaky ReLU is too steep on the left. Count the zeros of the factor in the table.
def leaky_relu(x):
    x = np.asarray(x, dtype=float)
    return np.where(x >= 0, x, 0.1 * x)


# %% activations: leaky-relu-is-level
# Your leaky ReLU is the same number everywhere on the left. What is 0.01 to be multiplied by?
def leaky_relu(x):
    x = np.asarray(x, dtype=float)
    return np.where(x >= 0, x, 0.01)


# %% activations: leaky-relu-on-the-right
# Your leaky ReLU has its two sides exchanged: it leaks where it should pass. Which value stands
# first in np.where?
def leaky_relu(x):
    x = np.asarray(x, dtype=float)
    return np.where(x >= 0, 0.01 * x, x)


# %% activations: leaky-relu-does-not-leak
# Your leaky ReLU is 0 on the left, like ReLU itself. Where does the 0.01 come in?
def leaky_relu(x):
    x = np.asarray(x, dtype=float)
    return np.where(x >= 0, x, 0)


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


# %% activation_derivatives: identity-slope-is-zero
# Your slope of the identity is 0. How much does f(x) = x rise when x rises by 1?
def identity_derivative(x):
    return np.zeros(np.shape(x))


# %% activation_derivatives: sigmoid-slope-without-its-first-factor
# Your slope of the sigmoid is 1 - f(x) only. The table has a product: which factor is missing?
def sigmoid_derivative(x):
    return 1 - sigmoid(x)


# %% activation_derivatives: sigmoid-slope-adds
# Your slope of the sigmoid has a plus: f(x) (1 + f(x)) is never small. Look up the sign in the
# table.
def sigmoid_derivative(x):
    return sigmoid(x) * (1 + sigmoid(x))


# %% activation_derivatives: sigmoid-slope-divides
# Your slope of the sigmoid divides f(x) by 1 - f(x). The table has a product.
def sigmoid_derivative(x):
    return sigmoid(x) / (1 - sigmoid(x))


# %% activation_derivatives: sigmoid-slope-is-a-square
# Your slope of the sigmoid is minus the square of f(x). What stands in the brackets of the
# table, before the minus?
def sigmoid_derivative(x):
    return sigmoid(x) * (-sigmoid(x))


# %% activation_derivatives: sigmoid-slope-times-x
# Your slope of the sigmoid has x as a factor. The table writes f(x).
def sigmoid_derivative(x):
    return x * (1 - sigmoid(x))


# %% activation_derivatives: sigmoid-slope-of-the-slope
# Your slope of the sigmoid puts f(x) into the sigmoid once more. It is applied once, to x.
def sigmoid_derivative(x):
    return sigmoid(sigmoid(x)) * (1 - sigmoid(sigmoid(x)))


# %% activation_derivatives: tanh-slope-adds
# Your slope of tanh is larger than 1. Is it a sum or a difference in the table?
def tanh_derivative(x):
    return 1 + tanh(x) ** 2


# %% activation_derivatives: tanh-slope-is-cubed
# Your slope of tanh has f(x) to the power 3. Look up the power in the table.
def tanh_derivative(x):
    return 1 - tanh(x) ** 3


# %% activation_derivatives: tanh-slope-of-the-size
# Your slope of tanh is 1 minus the size of f(x). The square is what makes it positive in the
# table.
def tanh_derivative(x):
    return 1 - np.abs(tanh(x))


# %% activation_derivatives: tanh-slope-turned-round
# Your slope of tanh is negative, but tanh rises everywhere. What is subtracted from what?
def tanh_derivative(x):
    return tanh(x) ** 2 - 1


# %% activation_derivatives: relu-slope-turned-round
# Your slope of ReLU is 1 on the left and 0 on the right. On which side does ReLU rise?
def relu_derivative(x):
    return np.where(np.asarray(x) >= 0, 0.0, 1.0)


# %% activation_derivatives: relu-slope-is-relu
# Your slope of ReLU is x on the right. By how much does x rise when x rises by 1?
def relu_derivative(x):
    return np.where(np.asarray(x) >= 0, x, 0.0)


# %% activation_derivatives: relu-slope-of-the-sign
# Your slope of ReLU is -1 on the left. ReLU is level there: what is its slope?
def relu_derivative(x):
    return np.where(np.asarray(x) >= 0, 1.0, -1.0)


# %% activation_derivatives: leaky-slope-turned-round
# Your slope of leaky ReLU has its two sides exchanged. On which side is it steep?
def leaky_relu_derivative(x):
    return np.where(np.asarray(x) >= 0, 0.01, 1.0)


# %% activation_derivatives: leaky-slope-is-minus
# Your slope of leaky ReLU is negative on the left. It rises there, too, if slowly.
def leaky_relu_derivative(x):
    return np.where(np.asarray(x) >= 0, 1.0, -0.01)


# %% activation_derivatives: leaky-slope-is-zero
# Your slope of leaky ReLU is 0 on the left. That is the slope of ReLU: this one leaks.
def leaky_relu_derivative(x):
    return np.where(np.asarray(x) >= 0, 1.0, 0.0)


# %% activation_derivatives: leaky-slope-of-a-tenth
# Your slope of leaky ReLU is too steep on the left. Count the zeros of the factor in the table.
def leaky_relu_derivative(x):
    return np.where(np.asarray(x) >= 0, 1.0, 0.1)


# %% activation_derivatives: leaky-slope-is-one
# Your slope of leaky ReLU is 1 on both sides. What is the slope of 0.01 x?
def leaky_relu_derivative(x):
    return np.where(np.asarray(x) >= 0, 1.0, 1.0)


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


# %% add_bias: minus-one-in-front
# You put -1 in front. Some books do so, for the threshold; in the text x0 is another number.
def add_bias(X):
    return np.column_stack([-np.ones(len(X)), X])


# %% add_bias: as-many-ones-as-features
# You put in a whole array of ones, as wide as X. How many columns should the answer have?
def add_bias(X):
    return np.column_stack([np.ones(X.shape), X])


# %% add_bias: counts-the-points
# Your new column counts the points: 0, 1, 2, and so on. Every point gets the same number.
def add_bias(X):
    return np.column_stack([np.arange(len(X)), X])


# %% add_bias: ones-on-both-sides
# You put ones in front and at the end. One column is enough.
def add_bias(X):
    return np.column_stack([np.ones(len(X)), X, np.ones(len(X))])


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


# %% predict: bias-last
# You take the last weight for the bias. In this notebook x0 = 1 stands in front: which weight
# belongs to it?
def predict(w, X):
    return step(np.roll(X, -1, axis=-1) @ w)


# %% predict: threshold-of-one-half
# Your scores are compared with 0.5. The threshold has become the weight w0: with what is the
# score compared now?
def predict(w, X):
    return step(X @ w - 0.5)


# %% predict: size-of-the-score
# You take the size of the score, without its sign. The sign is what tells the sides apart.
def predict(w, X):
    return step(np.abs(X @ w))


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


# %% perceptron_update: only-the-bias-moves
# Only your bias moves. All weights get their share of the step: each one its own x.
def perceptron_update(w, x, y, lr):
    return w + lr * y * (np.arange(len(w)) == 0)


# %% perceptron_update: forgets-the-point
# All weights move by the same step. Where does the point come in?
def perceptron_update(w, x, y, lr):
    return w + lr * y


# %% perceptron_update: gives-the-step-only
# What comes back is the step. The new weights are the old ones plus the step.
def perceptron_update(w, x, y, lr):
    return lr * y * x


# %% perceptron_update: divides-by-the-learning-rate
# You divide by the learning rate: a small one makes large steps. It is a factor.
def perceptron_update(w, x, y, lr):
    return w + y / lr * x


# %% perceptron_update: divides-by-the-point
# You divide by x. The larger x is, the more it has pushed the score, and so the further its
# weight moves.
def perceptron_update(w, x, y, lr):
    return w + lr * y / x


# %% perceptron_update: adds-the-point-as-it-is
# You add the point as it is. Two factors are missing: which way, and how far?
def perceptron_update(w, x, y, lr):
    return w + x


# %% perceptron_update: forgets-rate-and-label-of-the-bias
# Your bias moves by 1, whatever the label and the learning rate are. For x0 = 1 the rule is the
# same as for the others.
def perceptron_update(w, x, y, lr):
    new = w + lr * y * x
    new[0] = w[0] + 1
    return new


# %% perceptron_update: weights-shrink
# You also shrink the old weights by the learning rate. They stay as they are; only the step is
# added.
def perceptron_update(w, x, y, lr):
    return (1 - lr) * w + lr * y * x


# %% perceptron_update: learning-rate-squared
# The learning rate is in your step twice.
def perceptron_update(w, x, y, lr):
    return w + lr * lr * y * x


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


# %% decision_boundary: vertical-gives-none
# For a vertical line you return something. It has no slope, so no pair of numbers is right:
# raise a ValueError.
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 == 0:
        return None
    return -w1 / w2, -w0 / w2


# %% decision_boundary: vertical-gives-zeros
# For a vertical line you return zeros, but that is a level line. There is no right pair: raise a
# ValueError.
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 == 0:
        return 0.0, 0.0
    return -w1 / w2, -w0 / w2


# %% decision_boundary: bias-last
# You take the last weight for the bias. In this notebook w0 stands in front.
def decision_boundary(w):
    w1, w2, w0 = w
    if w2 == 0:
        raise ValueError("a vertical boundary has no slope")
    return -w1 / w2, -w0 / w2


# %% decision_boundary: intercept-not-divided
# Your intercept is not divided. When you solve for x2, all that stands on the other side is
# divided by w2.
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 == 0:
        raise ValueError("a vertical boundary has no slope")
    return -w1 / w2, -w0


# %% decision_boundary: slope-not-divided
# Your slope is not divided. When you solve for x2, all that stands on the other side is divided
# by w2.
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 == 0:
        raise ValueError("a vertical boundary has no slope")
    return -w1, -w0 / w2


# %% decision_boundary: intercept-on-the-other-axis
# Your intercept is where the line meets the x1 axis. You are asked for x2 where x1 is 0.
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 == 0:
        raise ValueError("a vertical boundary has no slope")
    return -w1 / w2, -w0 / w1


# %% decision_boundary: slope-across
# Your slope is that of the weights themselves. They stand at right angles to the line.
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 == 0:
        raise ValueError("a vertical boundary has no slope")
    return w2 / w1, -w0 / w2


# %% decision_boundary: any-line-refused
# Your function refuses lines that are not vertical. For which weight is there no slope?
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 != 0:
        raise ValueError("a vertical boundary has no slope")
    return -w1 / w2, -w0 / w2


# %% decision_boundary: bias-subtracted-from-the-slope
# The bias is in your slope. It moves the line, and does not turn it.
def decision_boundary(w):
    w0, w1, w2 = w
    if w2 == 0:
        raise ValueError("a vertical boundary has no slope")
    return -(w1 + w0) / w2, -w0 / w2


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


# %% train_perceptron: starts-from-ones
# You start from ones. Without a given w the text starts from other weights.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.ones(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: counts-updates
# You return the number of updates. The number of sweeps is asked for, the last one included.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    count = 0
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
                count += 1
        if not updated:
            return w, count, True
    return w, max_epochs, False


# %% train_perceptron: one-sweep-too-many
# You make one sweep more than max_epochs allows. Where does range end?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 2):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: one-sweep-too-few
# You make one sweep less than max_epochs allows. Where does range end?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: learning-rate-fixed
# Your learning rate is always 0.1, whichever is asked for. Is lr handed on?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, 0.1)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: learning-rate-one
# Your steps have the length of the points themselves: the learning rate is 1, whichever is asked
# for.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, 1.0)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: stops-after-the-first-sweep
# You stop after the first sweep. Only a sweep without an update is the last one.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        return w, epoch, not updated
    return w, max_epochs, False


# %% train_perceptron: never-says-converged
# You never say that training has converged. After a sweep without an update it has.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, False
    return w, max_epochs, False


# %% train_perceptron: always-says-converged
# You say that training has converged though max_epochs was reached with updates to the end. What
# does converged mean?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, True


# %% train_perceptron: goes-backwards
# You visit the points from the last to the first. The text visits them in the given order.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X[::-1], y[::-1], strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: skips-the-first-point
# You never visit the first point. Counting starts at 0.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X[1:], y[1:], strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: skips-the-last-point
# You never visit the last point. Where does a slice or range end?
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X[:-1], y[:-1], strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: moves-away
# Your weights move the wrong way, away from each point that they get wrong, and training does
# not end.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, -lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: results-in-another-order
# You return the number of sweeps first. The weights come first, by the text.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return epoch, w, True
    return max_epochs, w, False


# %% train_perceptron: updates-all-or-none
# Once a point was wrong, you update for all points behind it in the sweep, right or not.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if updated or predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        if not updated:
            return w, epoch, True
    return w, max_epochs, False


# %% train_perceptron: does-all-sweeps
# You make all sweeps, even when nothing is left to learn, so the number of sweeps is always
# max_epochs.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
    return w, max_epochs, not updated


# %% train_perceptron: two-quiet-sweeps
# You wait for a second sweep without an update. The first one shows already that all points are
# on their side.
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    quiet = 0
    for epoch in range(1, max_epochs + 1):
        updated = False
        for x_n, y_n in zip(X, y, strict=True):
            if predict(w, x_n) != y_n:
                w = perceptron_update(w, x_n, y_n, lr)
                updated = True
        quiet += not updated
        if quiet == 2:
            return w, epoch, True
    return w, max_epochs, False


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


# %% pca_project: all-shares
# You give the shares of all components. How many are asked for?
def pca_project(X, k):
    centred = X - np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred @ vt[:k].T, variance / variance.sum()


# %% pca_project: components-for-points
# You return the components. They are the directions: the points are to be projected on them.
def pca_project(X, k):
    centred = X - np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return vt[:k].T, variance[:k] / variance.sum()


# %% pca_project: adds-the-means
# You add the mean of each feature where it should be subtracted.
def pca_project(X, k):
    centred = X + np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred @ vt[:k].T, variance[:k] / variance.sum()


# %% pca_project: median-for-mean
# You subtract the median of each feature. The mean is asked for.
def pca_project(X, k):
    centred = X - np.median(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred @ vt[:k].T, variance[:k] / variance.sum()


# %% pca_project: one-mean-for-all
# You subtract one mean, that of all numbers. Each feature has its own.
def pca_project(X, k):
    centred = X - np.mean(X)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred @ vt[:k].T, variance[:k] / variance.sum()


# %% pca_project: results-in-another-order
# You return the shares first. The projected points come first, by the text.
def pca_project(X, k):
    centred = X - np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return variance[:k] / variance.sum(), centred @ vt[:k].T


# %% pca_project: one-component-too-many
# You give one share more than k. Where does a slice end?
def pca_project(X, k):
    centred = X - np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred @ vt[:k].T, variance[: k + 1] / variance.sum()


# %% pca_project: shares-of-cubes
# Your shares are made of another power of S. To which power is the variance proportional?
def pca_project(X, k):
    centred = X - np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**3
    return centred @ vt[:k].T, variance[:k] / variance.sum()


# %% pca_project: share-of-the-largest
# You divide by the largest variance, so the first share is 1. A share is one of the sum of all.
def pca_project(X, k):
    centred = X - np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred @ vt[:k].T, variance[:k] / variance.max()


# %% pca_project: sums-subtracted
# You subtract the sum of each feature, not its mean.
def pca_project(X, k):
    centred = X - np.sum(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred @ vt[:k].T, variance[:k] / variance.sum()


# %% pca_project: shares-in-per-cent
# Your shares are percentages. A share runs from 0 to 1.
def pca_project(X, k):
    centred = X - np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred @ vt[:k].T, 100 * variance[:k] / variance.sum()


# %% pca_project: only-k-points
# You project the first k points only. All points are projected, on the first k components.
def pca_project(X, k):
    centred = X - np.mean(X, axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    variance = s**2
    return centred[:k] @ vt[:k].T, variance[:k] / variance.sum()


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


# %% zero_versus_one: one-sweep-only
# Your perceptron makes a single sweep. Is max_epochs left as it is?
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64))
    w, _, _ = train_perceptron(X, np.where(labels == 1, 1, -1), max_epochs=1)
    return w


# %% zero_versus_one: pixels-of-all-images-mixed
# Your rows are not images: the pixels of all of them are mixed. reshape keeps the order of the
# numbers, so the images must stay the first axis.
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(64, len(images)).T)
    w, _, _ = train_perceptron(X, np.where(labels == 1, 1, -1))
    return w


# %% zero_versus_one: all-labels-one
# Your labels are all +1, so there is nothing to tell apart. What are those of the zeros?
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64))
    w, _, _ = train_perceptron(X, np.where(labels == 1, 1, 1))
    return w


# %% zero_versus_one: another-digit-looked-for
# No image has the label that you compare with, so all become -1. Which labels are there?
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64))
    w, _, _ = train_perceptron(X, np.where(labels == 2, 1, -1))
    return w


# %% zero_versus_one: first-images-only
# You learn from the first image of the two classes, or a few. All that are given can be learned
# from.
def zero_versus_one(images, labels):
    X = add_bias(images.reshape(len(images), 64))
    w, _, _ = train_perceptron(X[:2], np.where(labels == 1, 1, -1)[:2])
    return w
