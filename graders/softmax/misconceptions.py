"""Wrong answers to the exercises of `softmax`; each must lose points, and is told what it is."""


# %% dense: forgets-the-bias
# Your scores are those of a layer without biases. Where does b come in?
def dense(x, W, b):
    return x @ W


# %% dense: transposed-weights
# You have used W[i, j] as the weight from input j to unit i. The first index is the input.
def dense(x, W, b):
    return x @ W.T + b


# %% dense: subtracts-the-bias
# You have subtracted b, as if it were a threshold. The bias is a weight: its input is the
# constant 1.
def dense(x, W, b):
    return x @ W - b


# %% dense: bias-added-before-the-weights
# You have added the biases to the inputs. A bias belongs to a unit, and is added to its sum.
def dense(x, W, b):
    return (x + b) @ W if np.shape(x)[-1] == len(b) else (x + b[0]) @ W


# %% dense: one-bias-for-all
# You have added the same bias to all units. Each unit has its own.
def dense(x, W, b):
    return x @ W + b[0]


# %% dense: activates
# You have applied the sigmoid already. This function gives the scores themselves.
def dense(x, W, b):
    return sigmoid(x @ W + b)


# %% dense: sums-the-batch
# You have added up the samples of a batch. Each row of x is a sample, with scores of its own.
def dense(x, W, b):
    return np.atleast_2d(x).sum(axis=0) @ W + b


# %% dense: truncates-integers
# Your scores are cut off to whole numbers when x holds integers. What is the dtype of the array
# that you fill?
def dense(x, W, b):
    answer = np.zeros(np.shape(x)[:-1] + (len(b),), dtype=x.dtype)
    answer[...] = (x @ W + b).astype(x.dtype)
    return answer


# %% dense: always-a-batch
# One sample x (d,) has come back as a batch with one row. Its answer has the shape (m,).
def dense(x, W, b):
    return np.atleast_2d(x) @ W + b


# %% dense: order-in-memory
# You read W as it lies in memory. A transposed matrix lies there in another order: W[i, j] is the
# weight from input i to unit j wherever it lies.
def dense(x, W, b):
    rows = np.ravel(W, order="K").reshape(W.shape)
    return x @ rows + b


# %% count_network: counts-columns
# You have counted the columns of units, the input among them. Layers are counted as layers of
# weights.
def count_layers(sizes):
    return len(sizes)


# %% count_network: counts-hidden-layers
# You have counted the hidden layers only. The output layer has weights as well.
def count_layers(sizes):
    return len(sizes) - 2


# %% count_network: forgets-the-biases
# Your number of weights lacks the biases: every unit that computes has one.
def count_weights(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:]))


# %% count_network: biases-for-the-input
# You have given the input units biases too. They compute nothing.
def count_weights(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:])) + sum(sizes)


# %% count_network: one-bias-per-layer
# You have counted one bias for each layer. Each unit of the layer has its own.
def count_weights(sizes):
    return sum(a * b + 1 for a, b in zip(sizes, sizes[1:]))


# %% count_network: bias-on-the-wrong-side
# You have added the one to the units that a layer leads to. The extra input, the constant 1, is
# on its other side.
def count_weights(sizes):
    return sum(a * (b + 1) for a, b in zip(sizes, sizes[1:]))


# %% count_network: multiplies-all
# You have multiplied the sizes of all columns. Only neighbouring columns are wired to each other.
def count_weights(sizes):
    return int(np.prod(sizes)) + sum(sizes[1:])


# %% count_network: two-layers-only
# Your number is right for two layers of weights at most. A network may have many more.
def count_weights(sizes):
    first = (sizes[0] + 1) * sizes[1]
    return first if len(sizes) < 3 else first + (sizes[1] + 1) * sizes[2]


# %% two_layer_forward: no-activation
# Your hidden units give their scores as they are. Between the two layers there is a sigmoid.
def two_layer_forward(x, W1, b1, W2, b2):
    return (x @ W1 + b1) @ W2 + b2


# %% two_layer_forward: sigmoid-at-the-end
# You have applied the sigmoid to the outputs too. The outputs a are the scores of the second
# layer as they are.
def two_layer_forward(x, W1, b1, W2, b2):
    return sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)


# %% two_layer_forward: softmax-at-the-end
# You have applied softmax already. This function gives the outputs before softmax.
def two_layer_forward(x, W1, b1, W2, b2):
    a = sigmoid(x @ W1 + b1) @ W2 + b2
    powers = np.exp(a - a.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# %% two_layer_forward: relu
# Your hidden units use ReLU. In this network they use the sigmoid.
def two_layer_forward(x, W1, b1, W2, b2):
    return np.maximum(x @ W1 + b1, 0) @ W2 + b2


# %% two_layer_forward: tanh
# Your hidden units use tanh, which runs from -1 to 1. The sigmoid runs from 0 to 1.
def two_layer_forward(x, W1, b1, W2, b2):
    return np.tanh(x @ W1 + b1) @ W2 + b2


# %% two_layer_forward: forgets-the-biases
# Your answer does not depend on the biases. Both layers have some.
def two_layer_forward(x, W1, b1, W2, b2):
    return sigmoid(x @ W1) @ W2


# %% two_layer_forward: forgets-the-second-bias
# The bias of the output layer is missing from your answer.
def two_layer_forward(x, W1, b1, W2, b2):
    return sigmoid(x @ W1 + b1) @ W2


# %% two_layer_forward: bias-outside-the-sigmoid
# You have added the hidden biases after the sigmoid. They belong to the score that goes into it.
def two_layer_forward(x, W1, b1, W2, b2):
    return (sigmoid(x @ W1) + b1) @ W2 + b2


# %% two_layer_forward: sign-of-the-exponent
# Your hidden values are 1 minus what they should be. Which sign has the exponent in the sigmoid?
def two_layer_forward(x, W1, b1, W2, b2):
    return 1 / (1 + np.exp(x @ W1 + b1)) @ W2 + b2


# %% normalize: over-the-samples
# You have divided by sums over the samples. It is each sample, each row of a batch, that adds up
# to 1.
def normalize(z):
    return z / np.sum(z, axis=0)


# %% normalize: whole-batch
# Your whole batch adds up to 1. It is each sample, each row, that must add up to 1.
def normalize(z):
    return z / np.sum(z)


# %% normalize: keepdims-forgotten
# The sums of the rows have lost their axis, so NumPy divides the columns by them. Look at the
# shape of your sums.
def normalize(z):
    return z / np.sum(z, axis=-1)


# %% normalize: divides-by-the-largest
# You have divided by the largest value. Then the largest becomes 1, and the sum does not.
def normalize(z):
    return z / np.max(z, axis=-1, keepdims=True)


# %% normalize: euclidean-length
# You have divided by the Euclidean length, so that the squares add up to 1. It is the values that
# should.
def normalize(z):
    return z / np.linalg.norm(z, axis=-1, keepdims=True)


# %% normalize: absolute-values
# You have divided by the sum of the absolute values. The formula takes the values with their
# signs.
def normalize(z):
    return z / np.sum(np.abs(z), axis=-1, keepdims=True)


# %% normalize: made-positive-first
# You have made the values positive first, above and below the bar. The formula takes them as they
# are, with their signs.
def normalize(z):
    return np.abs(z) / np.sum(np.abs(z), axis=-1, keepdims=True)


# %% normalize: minimum-to-zero
# You have moved the smallest value to 0 first. The formula takes the values as they are.
def normalize(z):
    z = z - np.min(z, axis=-1, keepdims=True)
    return z / np.sum(z, axis=-1, keepdims=True)


# %% normalize: mean-for-sum
# You have divided by the mean. Then the values add up to their number, not to 1.
def normalize(z):
    return z / np.mean(z, axis=-1, keepdims=True)


# %% normalize: softmax-already
# You have taken exponentials. Normalising is plainer: each value divided by the sum.
def normalize(z):
    return np.exp(z) / np.sum(np.exp(z), axis=-1, keepdims=True)


# %% normalize: in-place
# You have divided the array that was given to you in place. The caller still needs its values.
def normalize(z):
    if z.dtype.kind != "f":
        return z / z.sum(axis=-1, keepdims=True)
    z /= z.sum(axis=-1, keepdims=True)
    return z


# %% softmax: no-shift
# Your softmax is the formula as it stands, and large outputs overflow in it. Which number may be
# taken from all outputs of a sample?
def softmax(a):
    powers = np.exp(a)
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: global-shift
# You have taken the largest output of the whole batch from all of them. A row far below it loses
# all its powers: each row needs its own.
def softmax(a):
    powers = np.exp(a - np.max(a))
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: shift-by-the-mean
# You have taken the mean from the outputs. It keeps the values, but when they are far apart, the
# largest still overflows.
def softmax(a):
    powers = np.exp(a - np.mean(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: clips-the-outputs
# You have clipped large outputs, so that different ones become equal. Shift them instead: only
# differences count.
def softmax(a):
    powers = np.exp(np.clip(a, -500, 500))
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: over-the-samples
# You have normalised over the samples. It is each sample, each row of a batch, that adds up to 1.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=0, keepdims=True))
    return powers / np.sum(powers, axis=0, keepdims=True)


# %% softmax: whole-batch
# Your whole batch adds up to 1. It is each sample, each row, that must add up to 1.
def softmax(a):
    powers = np.exp(a - np.max(a))
    return powers / np.sum(powers)


# %% softmax: keepdims-forgotten
# The sums of the rows have lost their axis. Look at the shape of what you divide by.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1)


# %% softmax: of-the-sigmoid
# You have taken the sigmoid of the outputs before softmax. It flattens what softmax should
# compare.
def softmax(a):
    powers = np.exp(sigmoid(a))
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: normalised-sigmoids
# These are normalised sigmoids. Softmax normalises the powers e^a.
def softmax(a):
    return sigmoid(a) / np.sum(sigmoid(a), axis=-1, keepdims=True)


# %% softmax: power-of-two
# You have taken powers of 2. Softmax takes powers of e.
def softmax(a):
    powers = 2.0 ** (a - np.max(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: sign-of-the-exponent
# Your largest output gets the smallest probability. Look at the sign of the exponent.
def softmax(a):
    powers = np.exp(np.min(a, axis=-1, keepdims=True) - a)
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: hard-maximum
# You have given all the probability to the largest output. Softmax is soft: the others keep a
# share.
def softmax(a):
    best = a == np.max(a, axis=-1, keepdims=True)
    return best / np.sum(best, axis=-1, keepdims=True)


# %% softmax: in-place
# You have shifted the array that was given to you in place. The caller still needs its outputs.
def softmax(a):
    if a.dtype.kind == "f":
        a -= np.max(a, axis=-1, keepdims=True)
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: single-precision
# You compute in float32, whose numbers near 1e5 are 0.008 apart: differences of a fraction get lost
# before they are looked at.
def softmax(a):
    a = np.asarray(a, dtype=np.float32)
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: rounds-the-outputs
# You round the outputs. Half a unit more makes a class e^0.5 = 1.6 times as probable.
def softmax(a):
    a = np.round(a, 1)
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% one_hot: negative-labels-pass
# A label below 0 goes through: to NumPy, the index -1 is the last column. As a label it is out of
# range.
def one_hot(labels, num_classes):
    if np.any(labels >= num_classes):
        raise ValueError("label out of range")
    return np.eye(num_classes)[labels]


# %% one_hot: index-error
# A label that is too large raises NumPy's own IndexError. The task asks for a ValueError.
def one_hot(labels, num_classes):
    return np.eye(num_classes)[labels]


# %% one_hot: no-check
# A label out of range gives a row without any 1. It should raise a ValueError.
def one_hot(labels, num_classes):
    return (labels[:, None] == np.arange(num_classes)).astype(float)


# %% one_hot: counts-from-one
# You have put label 1 into the first column. Labels count from 0.
def one_hot(labels, num_classes):
    if np.any(labels < 1) or np.any(labels > num_classes):
        raise ValueError("label out of range")
    return np.eye(num_classes)[labels - 1]


# %% one_hot: columns-from-the-labels
# Your number of columns comes from the labels that occur. It should be num_classes, even when the
# last classes have no sample.
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels >= num_classes):
        raise ValueError("label out of range")
    return np.eye(max(labels) + 1)[labels]


# %% one_hot: transposed
# Your answer has a column for each label. Samples are rows: the shape is (n, num_classes).
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels >= num_classes):
        raise ValueError("label out of range")
    return np.eye(num_classes)[:, labels]


# %% one_hot: integers
# Your answer holds integers. The losses and gradients that are computed with it need floats.
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels >= num_classes):
        raise ValueError("label out of range")
    return np.eye(num_classes, dtype=int)[labels]


# %% one_hot: num-classes-is-a-label
# The label num_classes goes through. Counting from 0, which is the last label?
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels > num_classes):
        raise ValueError("label out of range")
    return np.eye(num_classes + 1)[labels][:, :num_classes]


# %% cross_entropy: sign-lost
# Your loss is negative. The logarithm of a probability is negative, and what is the sign in front
# of the sum?
def cross_entropy(t, y):
    return np.sum(t * np.log(np.where(t > 0, y, 1)), axis=-1)


# %% cross_entropy: logarithm-to-base-2
# You have taken the logarithm to base 2. The lecture's log is the natural one.
def cross_entropy(t, y):
    return -np.sum(t * np.log2(np.where(t > 0, y, 1)), axis=-1)


# %% cross_entropy: logarithm-to-base-10
# You have taken the logarithm to base 10. The lecture's log is the natural one.
def cross_entropy(t, y):
    return -np.sum(t * np.log10(np.where(t > 0, y, 1)), axis=-1)


# %% cross_entropy: zero-times-infinity
# Where t and y are both 0, your sum holds 0 * ln(0), which is nan to NumPy. That term counts 0.
def cross_entropy(t, y):
    return -np.sum(t * np.log(y), axis=-1)


# %% cross_entropy: mean-over-classes
# You have taken the mean over the classes. The formula has a sum.
def cross_entropy(t, y):
    return -np.mean(t * np.log(np.where(t > 0, y, 1)), axis=-1)


# %% cross_entropy: mean-over-samples
# You have made one number of a whole batch. Each sample has its own loss.
def cross_entropy(t, y):
    return np.mean(-np.sum(t * np.log(np.where(t > 0, y, 1)), axis=-1))


# %% cross_entropy: sum-over-samples
# You have summed over the samples. The sum runs over the classes: one loss for each row.
def cross_entropy(t, y):
    return -np.sum(t * np.log(np.where(t > 0, y, 1)), axis=0)


# %% cross_entropy: swapped
# You have swapped t and y: the logarithm is taken of what the network says, and the truth weighs
# it.
def cross_entropy(t, y):
    return -np.sum(y * np.log(np.clip(t, 1e-12, 1)), axis=-1)


# %% cross_entropy: binary
# You have added the term (1 - t) ln(1 - y) of the binary cross-entropy. With softmax there is one
# sum, over t ln(y).
def cross_entropy(t, y):
    y = np.clip(y, 1e-15, 1 - 1e-15)
    return -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y), axis=-1)


# %% cross_entropy: coarse-guard
# A number added to y inside the logarithm, or a floor under it, changes the loss of answers that
# are sure and wrong. Leave out the terms with t = 0 instead.
def cross_entropy(t, y):
    return -np.sum(t * np.log(y + 1e-7), axis=-1)


# %% cross_entropy: only-the-largest-t
# You have looked at the class with the largest t only. The truth may be spread over several
# classes.
def cross_entropy(t, y):
    best = np.argmax(t, axis=-1)[..., None]
    return -np.log(np.take_along_axis(y, best, axis=-1))[..., 0]


# %% cross_entropy: squared-error
# This is a squared error. Cross-entropy takes the logarithm of the probabilities.
def cross_entropy(t, y):
    return np.sum((t - y) ** 2, axis=-1)


# %% cross_entropy: in-place
# You have changed the probabilities that were given to you. The caller still needs them.
def cross_entropy(t, y):
    y[y == 0] = 1e-300
    return -np.sum(t * np.log(y), axis=-1)


# %% softmax_cross_entropy: in-two-steps
# You have taken softmax first and the logarithm afterwards. A probability that is too small for a
# float is 0 by then, and its logarithm infinite.
def softmax_cross_entropy(a, t):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    y = powers / np.sum(powers, axis=-1, keepdims=True)
    return -np.sum(t * np.log(np.where(t > 0, y, 1)), axis=-1)


# %% softmax_cross_entropy: two-steps-with-a-guard
# Your loss cannot grow beyond some bound: a small number keeps the logarithm from being that of
# 0. Without the probability there is nothing to guard.
def softmax_cross_entropy(a, t):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    y = powers / np.sum(powers, axis=-1, keepdims=True)
    return -np.sum(t * np.log(y + 1e-12), axis=-1)


# %% softmax_cross_entropy: no-shift
# Your log-sum-exp is the formula as it stands, and large outputs overflow in it. Which number can
# be taken out of the sum?
def softmax_cross_entropy(a, t):
    log_sum = np.log(np.sum(np.exp(a), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=-1)


# %% softmax_cross_entropy: shift-not-added-back
# You have taken the largest output out of the sum and not added it again outside the logarithm.
def softmax_cross_entropy(a, t):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return np.sum(t * (np.log(np.sum(powers, axis=-1, keepdims=True)) - a), axis=-1)


# %% softmax_cross_entropy: global-shift
# You have taken the largest output of the whole batch from all of them. Each row needs its own.
def softmax_cross_entropy(a, t):
    largest = np.max(a)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=-1)


# %% softmax_cross_entropy: sign-lost
# Your loss is negative. Is it log-sum-exp minus the true output, or the other way round?
def softmax_cross_entropy(a, t):
    return np.sum(t * a, axis=-1) - np.logaddexp.reduce(np.asarray(a, float), axis=-1)


# %% softmax_cross_entropy: mean-over-samples
# You have made one number of a whole batch. Each sample has its own loss.
def softmax_cross_entropy(a, t):
    return np.mean(np.logaddexp.reduce(np.asarray(a, float), axis=-1) - np.sum(t * a, axis=-1))


# %% softmax_cross_entropy: sum-over-samples
# You have summed over the samples. The sums run over the classes, the last axis.
def softmax_cross_entropy(a, t):
    return np.sum(t * (np.logaddexp.reduce(np.asarray(a, float), axis=0) - a), axis=0)


# %% softmax_cross_entropy: outputs-taken-for-probabilities
# You have put the outputs into the cross-entropy as if they were probabilities. Where is softmax?
def softmax_cross_entropy(a, t):
    return -np.sum(t * np.log(np.where(t > 0, a, 1)), axis=-1)


# %% softmax_cross_entropy: softmax-twice
# You have taken softmax twice. The loss applies it to the outputs itself.
def softmax_cross_entropy(a, t):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    y = powers / np.sum(powers, axis=-1, keepdims=True)
    return np.logaddexp.reduce(y, axis=-1) - np.sum(t * y, axis=-1)


# %% softmax_cross_entropy: only-the-largest-t
# You have looked at the class with the largest t only. The truth may be spread over several
# classes.
def softmax_cross_entropy(a, t):
    best = np.argmax(t, axis=-1)[..., None]
    true = np.take_along_axis(np.asarray(a, float), best, axis=-1)[..., 0]
    return np.logaddexp.reduce(np.asarray(a, float), axis=-1) - true


# %% softmax_cross_entropy: in-place
# You have shifted the outputs that were given to you. The caller still needs them.
def softmax_cross_entropy(a, t):
    if a.dtype.kind == "f":
        a -= np.max(a, axis=-1, keepdims=True)
    return np.logaddexp.reduce(np.asarray(a, float), axis=-1) - np.sum(t * a, axis=-1)


# %% softmax_cross_entropy: single-precision
# You compute in float32, whose numbers near 1e5 are 0.008 apart: differences of a fraction get lost
# before they are looked at.
def softmax_cross_entropy(a, t):
    a = np.asarray(a, dtype=np.float32)
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=-1)


# %% softmax_cross_entropy_gradient: truth-minus-answer
# Your gradient has the opposite sign: it is the step downhill. The gradient points uphill.
def softmax_cross_entropy_gradient(a, t):
    return t - softmax(a)


# %% softmax_cross_entropy_gradient: divided-by-n
# You have divided by the number of samples. Each row is the gradient of one sample's own loss.
def softmax_cross_entropy_gradient(a, t):
    n = len(a) if np.ndim(a) > 1 else 1
    return (softmax(a) - t) / n


# %% softmax_cross_entropy_gradient: mean-over-samples
# You have averaged over the samples. Each sample has its own gradient, one row of the answer.
def softmax_cross_entropy_gradient(a, t):
    difference = softmax(a) - t
    return difference.mean(axis=0) if np.ndim(a) > 1 else difference


# %% softmax_cross_entropy_gradient: outputs-minus-truth
# You have subtracted t from the outputs. What does the network say, as probabilities?
def softmax_cross_entropy_gradient(a, t):
    return a - t


# %% softmax_cross_entropy_gradient: by-y-instead-of-a
# This is -t / y, the gradient by the probabilities y. The chain goes one step further, through
# softmax, to the outputs a.
def softmax_cross_entropy_gradient(a, t):
    return -t / softmax(a)


# %% softmax_cross_entropy_gradient: times-the-sigmoid-slope
# You have multiplied by y (1 - y), as with a squared error behind a sigmoid. Here that factor has
# cancelled.
def softmax_cross_entropy_gradient(a, t):
    y = softmax(a)
    return (y - t) * y * (1 - y)


# %% softmax_cross_entropy_gradient: sigmoid-minus-truth
# You have used a sigmoid for each output. The loss has softmax in it.
def softmax_cross_entropy_gradient(a, t):
    return sigmoid(a) - t


# %% softmax_cross_entropy_gradient: true-class-only
# Your gradient is 0 for all classes but the true one. The others have a say in the sum of softmax
# too.
def softmax_cross_entropy_gradient(a, t):
    return (softmax(a) - t) * (t > 0)


# %% softmax_cross_entropy_gradient: no-shift
# Your softmax is the formula as it stands, and large outputs overflow in it.
def softmax_cross_entropy_gradient(a, t):
    powers = np.exp(a)
    return powers / np.sum(powers, axis=-1, keepdims=True) - t


# %% softmax_cross_entropy_gradient: hard-truth
# You have subtracted 1 at the class with the largest t. The truth may be spread over several
# classes.
def softmax_cross_entropy_gradient(a, t):
    return softmax(a) - np.eye(np.shape(t)[-1])[np.argmax(t, axis=-1)]


# %% softmax_cross_entropy_gradient: in-place
# You have shifted the outputs that were given to you. The caller still needs them.
def softmax_cross_entropy_gradient(a, t):
    if a.dtype.kind == "f":
        a -= np.max(a, axis=-1, keepdims=True)
    return softmax(a) - t


# %% softmax_cross_entropy_gradient: single-precision
# You compute in float32, whose numbers near 1e5 are 0.008 apart: differences of a fraction get lost
# before they are looked at.
def softmax_cross_entropy_gradient(a, t):
    a = np.asarray(a, dtype=np.float32)
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True) - t
