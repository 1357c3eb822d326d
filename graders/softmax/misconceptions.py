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


# %% dense: relu-too
# Negative scores have become 0. A layer's scores come before any activation.
def dense(x, W, b):
    return np.maximum(x @ W + b, 0)


# %% dense: bias-as-a-factor
# You multiply by the biases. They are added.
def dense(x, W, b):
    return x @ W * b


# %% dense: weights-without-the-input
# Your scores do not depend on x as they should: the weights are only added up. Each is
# multiplied by its input.
def dense(x, W, b):
    return np.ones_like(x, dtype=float) @ W + b


# %% dense: averages-the-inputs
# Your weighted sums are divided by the number of inputs. A score is the sum.
def dense(x, W, b):
    return x @ W / len(W) + b


# %% dense: weights-of-one-unit-for-all
# All your units have the weights of the first one. Column j of W belongs to unit j.
def dense(x, W, b):
    return x @ np.repeat(W[:, :1], W.shape[1], axis=1) + b


# %% dense: bias-twice
# Your biases are added twice.
def dense(x, W, b):
    return x @ W + 2 * b


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


# %% count_network: counts-the-units
# You add up the units. Each unit has a weight for each input, and a bias.
def count_weights(sizes):
    total = 0
    for inputs, units in zip(sizes[:-1], sizes[1:], strict=True):
        total += units
    return total


# %% count_network: first-layer-only
# You count the first layer of weights only. How many pairs of neighbours has the list?
def count_weights(sizes):
    total = 0
    for inputs, units in zip(sizes[:1], sizes[1:2], strict=True):
        total += (inputs + 1) * units
    return total


# %% count_network: last-layer-without-biases
# The outputs of the last layer have biases, too: you leave them out.
def count_weights(sizes):
    total = 0
    for inputs, units in zip(sizes[:-1], sizes[1:], strict=True):
        total += (inputs + 1) * units
    return total - sizes[-1]


# %% count_network: first-layer-left-out
# You leave out the first layer of weights. The inputs have weights that lead to the next units.
def count_weights(sizes):
    total = 0
    for inputs, units in zip(sizes[1:-1], sizes[2:], strict=True):
        total += (inputs + 1) * units
    return total


# %% count_network: one-layer-too-many
# You count one layer more than there are columns of units.
def count_layers(sizes):
    return len(sizes) + 1


# %% count_network: two-biases-a-unit
# You count one weight too many for each unit.
def count_weights(sizes):
    total = 0
    for inputs, units in zip(sizes[:-1], sizes[1:], strict=True):
        total += (inputs + 2) * units
    return total


# %% count_network: units-for-layers
# You give the number of units where the number of layers is asked for.
def count_layers(sizes):
    return sum(sizes)


# %% count_network: biases-of-units-squared
# You count biases with the inputs, not with the units that they belong to.
def count_weights(sizes):
    total = 0
    for inputs, units in zip(sizes[:-1], sizes[1:], strict=True):
        total += inputs * units + units * units
    return total


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


# %% two_layer_forward: forgets-the-first-bias
# The hidden scores lack their biases.
def two_layer_forward(x, W1, b1, W2, b2):
    z = sigmoid(dense(x, W1, 0 * b1))
    return dense(z, W2, b2)


# %% two_layer_forward: gives-the-hidden-values
# What comes back are the hidden values. One layer is still missing.
def two_layer_forward(x, W1, b1, W2, b2):
    z = sigmoid(dense(x, W1, b1))
    return z


# %% two_layer_forward: step-for-sigmoid
# Your hidden values are 0 and 1 only. The sigmoid has everything between.
def two_layer_forward(x, W1, b1, W2, b2):
    z = (dense(x, W1, b1) > 0) * 1.0
    return dense(z, W2, b2)


# %% two_layer_forward: minus-on-the-inputs-only
# The minus of your exponent reaches only the weighted sum, not the bias. What does it stand in
# front of?
def two_layer_forward(x, W1, b1, W2, b2):
    z = 1 / (1 + np.exp(-x @ W1 + b1))
    return dense(z, W2, b2)


# %% two_layer_forward: sigmoid-twice
# Your hidden values go through the sigmoid twice.
def two_layer_forward(x, W1, b1, W2, b2):
    z = sigmoid(sigmoid(dense(x, W1, b1)))
    return dense(z, W2, b2)


# %% two_layer_forward: softmax-in-the-middle
# Your hidden units are normalised among themselves. Each goes through the sigmoid by itself.
def two_layer_forward(x, W1, b1, W2, b2):
    e = np.exp(dense(x, W1, b1))
    z = e / np.sum(e, axis=-1, keepdims=True)
    return dense(z, W2, b2)


# %% two_layer_forward: biases-subtracted
# You subtract the biases.
def two_layer_forward(x, W1, b1, W2, b2):
    z = sigmoid(dense(x, W1, -b1))
    return dense(z, W2, -b2)


# %% two_layer_forward: relu-at-the-end
# Your negative outputs have become 0. There is no curve behind the second layer.
def two_layer_forward(x, W1, b1, W2, b2):
    z = sigmoid(dense(x, W1, b1))
    return np.maximum(dense(z, W2, b2), 0)


# %% two_layer_forward: second-bias-subtracted
# You subtract the biases of the second layer.
def two_layer_forward(x, W1, b1, W2, b2):
    z = sigmoid(dense(x, W1, b1))
    return dense(z, W2, -b2)


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


# %% normalize: gives-the-sums
# What comes back are the sums. They are a step on the way: what is divided by them?
def normalize(z):
    return np.sum(z, axis=-1, keepdims=True)


# %% normalize: smallest-and-largest
# Your values run from 0 to 1: smallest value and range. The text divides by the sum, and nothing
# is subtracted.
def normalize(z):
    return (z - np.min(z, axis=-1, keepdims=True)) / (
        np.max(z, axis=-1, keepdims=True) - np.min(z, axis=-1, keepdims=True)
    )


# %% normalize: mean-zero-spread-one
# You standardise: mean 0, spread 1. Here the values are only divided by their sum.
def normalize(z):
    return (z - np.mean(z, axis=-1, keepdims=True)) / np.std(z, axis=-1, keepdims=True)


# %% normalize: small-number-added
# You add a small number to the sum. It changes each result a little, and no sum is 0 here.
def normalize(z):
    return z / (np.sum(z, axis=-1, keepdims=True) + 1e-3)


# %% normalize: multiplies-by-the-sum
# You multiply by the sum, where you should divide.
def normalize(z):
    return z * np.sum(z, axis=-1, keepdims=True)


# %% normalize: negative-to-zero
# Your negative values have become 0. They are taken as they are.
def normalize(z):
    return np.maximum(z, 0) / np.sum(np.maximum(z, 0), axis=-1, keepdims=True)


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


# %% softmax: not-divided
# Your values do not add up to 1: they are powers, and not yet divided by their sum.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers


# %% softmax: divides-by-the-largest-output
# You divide the outputs by the largest of them. To avoid huge powers it has to be subtracted:
# only that changes nothing.
def softmax(a):
    powers = np.exp(a / np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: shift-by-the-smallest
# You subtract the smallest output, so the largest power still overflows. Which number makes all
# exponents 0 or less?
def softmax(a):
    powers = np.exp(a - np.min(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: logarithm-at-the-end
# What comes back are the logarithms of the probabilities.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return np.log(powers / np.sum(powers, axis=-1, keepdims=True))


# %% softmax: small-number-added
# Your probabilities add up to a little less than 1: a small number is added to the sum. It is
# never 0 once the largest power is 1.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / (np.sum(powers, axis=-1, keepdims=True) + 1e-3)


# %% softmax: sum-over-the-samples
# Your sum runs over the samples, the largest is taken along the classes. Each row should add up
# to 1.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / np.sum(powers, axis=0, keepdims=True)


# %% softmax: sum-of-everything
# All your probabilities together add up to 1. Each row should do so by itself.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / np.sum(powers)


# %% softmax: twice
# You apply softmax twice: the second one makes the probabilities nearly equal.
def softmax(a):
    a = np.exp(a - np.max(a, axis=-1, keepdims=True))
    a = a / np.sum(a, axis=-1, keepdims=True)
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / np.sum(powers, axis=-1, keepdims=True)


# %% softmax: mean-for-sum
# You divide by the mean of the powers, so that each row adds up to the number of classes.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / np.mean(powers, axis=-1, keepdims=True)


# %% softmax: squares
# You divide by the root of the sum of squares. The values are to add up to 1, not their squares.
def softmax(a):
    powers = np.exp(a - np.max(a, axis=-1, keepdims=True))  # the largest power is 1
    return powers / np.sqrt(np.sum(powers**2, axis=-1, keepdims=True))


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


# %% one_hot: largest-label-passes
# A label equal to num_classes passes your check. Labels count from 0: which is the largest?
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels > num_classes):
        raise ValueError(f"labels must be 0 to {num_classes - 1}")
    return np.eye(num_classes)[labels]


# %% one_hot: cold-for-hot
# Your zeros and ones are exchanged.
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels >= num_classes):
        raise ValueError(f"labels must be 0 to {num_classes - 1}")
    return (1 - np.eye(num_classes))[labels]


# %% one_hot: the-label-itself
# At the hot place stands the label. It should be a 1, whichever label it is.
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels >= num_classes):
        raise ValueError(f"labels must be 0 to {num_classes - 1}")
    return np.eye(num_classes)[labels] * np.reshape(labels, (-1, 1))


# %% one_hot: counted-from-the-end
# Your ones are counted from the last column.
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels >= num_classes):
        raise ValueError(f"labels must be 0 to {num_classes - 1}")
    return np.eye(num_classes)[:, ::-1][labels]


# %% one_hot: all-up-to-the-label
# All places up to the label are hot. Only one of them should be.
def one_hot(labels, num_classes):
    if np.any(labels < 0) or np.any(labels >= num_classes):
        raise ValueError(f"labels must be 0 to {num_classes - 1}")
    return np.tri(num_classes)[labels]


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


# %% cross_entropy: small-number-in-the-logarithm
# A small number is added to y: it changes the loss of every answer that is sure and wrong. Where
# t is 0, take the logarithm of something harmless instead.
def cross_entropy(t, y):
    return -np.sum(t * np.log(y + 1e-9), axis=-1)


# %% cross_entropy: held-from-below
# You do not let y become smaller than a bound: it changes the loss of every answer that is sure
# and wrong.
def cross_entropy(t, y):
    return -np.sum(t * np.log(np.clip(y, 1e-7, 1)), axis=-1)


# %% cross_entropy: logarithm-of-the-truth
# You take the logarithm of t. It is that of y that says how surprised the network is.
def cross_entropy(t, y):
    return -np.sum(t * np.log(np.where(t > 0, t, 1)), axis=-1)


# %% cross_entropy: entropy-of-the-answer
# Your loss does not look at the truth: it has y twice.
def cross_entropy(t, y):
    return -np.sum(y * np.log(np.where(y > 0, y, 1)), axis=-1)


# %% cross_entropy: without-the-weights
# You add up the logarithms of all classes. Each has its t as a factor.
def cross_entropy(t, y):
    return -np.sum(np.log(np.where(t > 0, y, 1)), axis=-1)


# %% cross_entropy: no-logarithm
# You multiply t and y without a logarithm.
def cross_entropy(t, y):
    return -np.sum(t * y, axis=-1)


# %% cross_entropy: not-added-up
# What comes back is a term for each class. They are to be added up.
def cross_entropy(t, y):
    return -(t * np.log(np.where(t > 0, y, 1)))


# %% cross_entropy: axis-kept
# Your answer still has the axis of the classes, with size 1. The sum takes it away.
def cross_entropy(t, y):
    return -np.sum(t * np.log(np.where(t > 0, y, 1)), axis=-1, keepdims=True)


# %% cross_entropy: relative-to-the-truth
# You subtract the entropy of t: that is another measure, the divergence. For a spread truth the
# two differ.
def cross_entropy(t, y):
    return -np.sum(t * np.log(np.where(t > 0, y, 1) / np.where(t > 0, t, 1)), axis=-1)


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


# %% softmax_cross_entropy: arguments-exchanged
# You take the first argument for the truth. Mind the order: outputs first.
def softmax_cross_entropy(t, a):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=-1)


# %% softmax_cross_entropy: largest-subtracted-twice
# The largest output has the wrong sign in front of your logarithm. What was subtracted inside
# comes back outside.
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = -largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=-1)


# %% softmax_cross_entropy: outputs-left-out
# Your loss is the log-sum-exp alone. What is subtracted from it?
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum + 0 * a), axis=-1)


# %% softmax_cross_entropy: log-sum-exp-left-out
# Your loss has no log-sum-exp: only the output of the true class. What is it compared with?
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (-a), axis=-1)


# %% softmax_cross_entropy: logarithm-to-base-2
# Your logarithm is to base 2. To the powers of e belongs the natural one.
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log2(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=-1)


# %% softmax_cross_entropy: mean-over-classes
# You take the mean over the classes. It is the sum.
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.mean(t * (log_sum - a), axis=-1)


# %% softmax_cross_entropy: over-the-samples
# Your sum runs over the samples. One sample has one loss.
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=0)


# %% softmax_cross_entropy: loss-of-every-class
# You add up the loss of every class, as if all were true. Each has its t as a factor.
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(log_sum - a, axis=-1)


# %% softmax_cross_entropy: not-added-up
# What comes back is a term for each class. They are to be added up.
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return t * (log_sum - a)


# %% softmax_cross_entropy: axis-kept
# Your answer still has the axis of the classes, with size 1. The sum takes it away.
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.sum(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=-1, keepdims=True)


# %% softmax_cross_entropy: mean-in-the-logarithm
# You take the logarithm of the mean of the powers. It is that of their sum.
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.mean(np.exp(a - largest), axis=-1, keepdims=True))
    return np.sum(t * (log_sum - a), axis=-1)


# %% softmax_cross_entropy: no-exponential
# Your sum is not one of powers: where is e^a?
def softmax_cross_entropy(a, t):
    largest = np.max(a, axis=-1, keepdims=True)
    log_sum = largest + np.log(np.abs(np.sum(a - largest, axis=-1, keepdims=True)) + 1)
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


# %% softmax_cross_entropy_gradient: arguments-exchanged
# You take the first argument for the truth. Mind the order: outputs first.
def softmax_cross_entropy_gradient(t, a):
    return softmax(a) - t


# %% softmax_cross_entropy_gradient: answer-alone
# Your gradient is the answer alone. What is subtracted from it?
def softmax_cross_entropy_gradient(a, t):
    return softmax(a)


# %% softmax_cross_entropy_gradient: summed-over-the-samples
# You add up the gradients of all samples. Each sample has its own: the shape is that of a.
def softmax_cross_entropy_gradient(a, t):
    return np.sum(softmax(a) - t, axis=0)


# %% softmax_cross_entropy_gradient: adds-the-truth
# You add the truth. Is the answer too large or too small at the true class?
def softmax_cross_entropy_gradient(a, t):
    return softmax(a) + t


# %% softmax_cross_entropy_gradient: two-times
# Your gradient is twice as large: that is the slope of a square. Cross-entropy has none.
def softmax_cross_entropy_gradient(a, t):
    return 2 * (softmax(a) - t)


# %% softmax_cross_entropy_gradient: divided-by-the-classes
# You divide by the number of classes. Nothing is averaged here.
def softmax_cross_entropy_gradient(a, t):
    return (softmax(a) - t) / a.shape[-1]


# %% softmax_cross_entropy_gradient: size-of-the-difference
# All that you give is positive. The sign says in which direction the loss grows.
def softmax_cross_entropy_gradient(a, t):
    return np.abs(softmax(a) - t)


# %% softmax_cross_entropy_gradient: answer-minus-one
# You subtract 1 from every class. It belongs only to the true one.
def softmax_cross_entropy_gradient(a, t):
    return softmax(a) - 1


# %% softmax_cross_entropy_gradient: gives-the-loss
# What comes back is the loss, or a part of it. The gradient says how it changes with each
# output.
def softmax_cross_entropy_gradient(a, t):
    return -t * np.log(softmax(a) + 1e-300)
