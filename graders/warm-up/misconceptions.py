"""Wrong answers to the exercises of `warm-up`, each with what to tell a student who has it."""

# %% predict_shapes: rows-and-columns-swapped
# You have taken the first axis for the columns. A has 5 rows of 4 entries each: how long is one
# row, and how long is one column?
shapes = [(5,), (4,), (3, 4), (4, 5), (5,)]


# %% predict_shapes: an-index-leaves-an-axis-of-one
# You have kept an axis of size 1 where an index stands. That is what a slice such as A[2:3] does;
# what becomes of the axis when you name one place of it?
shapes = [(1, 4), (5, 1), (3, 4), (4, 5), (5,)]


# %% predict_shapes: the-end-is-included
# You have counted row 4 in. Count the rows that range(1, 4) would give.
shapes = [(4,), (5,), (4, 4), (4, 5), (5,)]


# %% predict_shapes: a-slice-takes-columns
# You have sliced the columns. To which axis does the first entry in the brackets belong?
shapes = [(4,), (5,), (5, 3), (4, 5), (5,)]


# %% predict_shapes: transposing-changes-nothing
# In your list A.T has the shape of A. What were rows are columns afterwards: how many of each?
shapes = [(4,), (5,), (3, 4), (5, 4), (5,)]


# %% predict_shapes: the-product-keeps-the-middle
# You have kept the size that vanishes. In (5, 4) @ (4,) the two 4 meet; what is left?
shapes = [(4,), (5,), (3, 4), (4, 5), (4,)]


# %% predict_shapes: the-product-multiplies-entries
# You have taken @ for *, which multiplies entry by entry. What does @ do after it has multiplied?
shapes = [(4,), (5,), (3, 4), (4, 5), (5, 4)]


# %% predict_shapes: the-product-is-a-column
# Your product is a matrix with one column. v has one axis only: does a product with it make a
# second one?
shapes = [(4,), (5,), (3, 4), (4, 5), (5, 1)]


# %% predict_shapes: a-row-counts-the-rows
# For a you give the number of rows. One row is picked out: how many entries does it have, one
# for each …?
shapes = [(5,), (5,), (3, 4), (4, 5), (5,)]


# %% predict_shapes: a-column-counts-the-columns
# For b you give the number of columns. One column is picked out: how many entries does it have,
# one for each …?
shapes = [(4,), (4,), (3, 4), (4, 5), (5,)]


# %% predict_shapes: a-row-is-a-number
# For a you give the shape of a single number. An index takes one axis away; how many had A?
shapes = [(), (5,), (3, 4), (4, 5), (5,)]


# %% predict_shapes: the-start-is-left-out
# For c you count two rows. A slice leaves its end out, but not its start: write down the rows
# that 1:4 takes.
shapes = [(4,), (5,), (2, 4), (4, 5), (5,)]


# %% predict_shapes: a-slice-loses-the-columns
# For c your shape has one axis. Which axis does a slice take away, if any?
shapes = [(4,), (5,), (3,), (4, 5), (5,)]


# %% predict_shapes: the-slice-is-transposed
# For c rows and columns are exchanged. The slice is about the first axis: what comes first in a
# shape?
shapes = [(4,), (5,), (4, 3), (4, 5), (5,)]


# %% predict_shapes: transposing-makes-one-row
# For d one size is 1. Nothing is lost when an array is transposed: how many numbers has A, and
# how many has your shape?
shapes = [(4,), (5,), (3, 4), (1, 5), (5,)]


# %% predict_shapes: the-product-is-one-number
# For e you give the shape of a single number. A has a row for each sample, and each of them
# gives a score of its own.
shapes = [(4,), (5,), (3, 4), (4, 5), ()]


# %% predict_shapes: commas-forgotten
# Some of your shapes are numbers. (4) is only the number 4 in brackets: by what does Python know
# a tuple of one entry?
shapes = []  # five tuples, a to e
shapes = [4, 5, (3, 4), (4, 5), 5]


# %% scores: the-product-the-wrong-way-round
# Your product meets the samples' axis with w. In which order do two sizes of d stand in the
# middle? (With as many samples as features there is no error, and the numbers are wrong.)
def scores(X, w):
    return w @ X


# %% scores: not-added-up
# You have multiplied each feature with its weight, but not added up: the answer still has the
# shape of X. How many scores has one sample?
def scores(X, w):
    return X * w


# %% scores: adds-up-over-samples
# You have added up over the samples. A score belongs to one sample: along which axis do its
# products lie?
def scores(X, w):
    return np.sum(X * w, axis=0)


# %% scores: one-number-for-all
# Your answer is one number, the sum of all scores. How many samples are there?
def scores(X, w):
    return np.sum(X * w)


# %% scores: mean-for-sum
# You have taken the mean of the products. A score is their sum, however many features there are.
def scores(X, w):
    return np.mean(X * w, axis=1)


# %% scores: weights-not-used
# Your answer does not depend on w: it adds the features as they are. Where does each weight come
# in?
def scores(X, w):
    return np.sum(X, axis=1)


# %% scores: a-column
# Your scores are right but have the shape (n, 1). A product with w of shape (d,) has one axis; where
# does the second one come from?
def scores(X, w):
    return X @ np.reshape(w, (-1, 1))


# %% scores: says-yes-or-no
# You have turned the scores into yes or no. That is the next notebook's step: the score is the sum
# itself.
def scores(X, w):
    return np.where(X @ w > 0, 1, -1)


# %% scores: cuts-integers
# Where X holds integers, your scores are cut off to integers as well. Which type has the array that
# you store them in, and which have the weights?
def scores(X, w):
    result = np.zeros(len(X), dtype=X.dtype)
    for i, sample in enumerate(X):
        result[i] = sample @ w
    return result


# %% scores: three-features-only
# Your sum names three features. Samples may have any number of them: where would you get that number?
def scores(X, w):
    return w[0] * X[:, 0] + w[1] * X[:, 1] + w[2] * X[:, 2]


# %% along_axis: sums-for-means
# Your first function adds up, which grows with the number of samples. What does a mean do after
# adding up?
def feature_means(X):
    return np.sum(X, axis=0)


def sample_totals(X):
    return np.sum(X, axis=1)


# %% along_axis: means-for-totals
# Your second function gives means. The total of a sample is the sum of its features.
def feature_means(X):
    return np.mean(X, axis=0)


def sample_totals(X):
    return np.mean(X, axis=1)


# %% along_axis: medians
# Your first function gives medians, the middle values. The mean is the sum divided by the number.
def feature_means(X):
    return np.median(X, axis=0)


def sample_totals(X):
    return np.sum(X, axis=1)


# %% along_axis: divides-by-the-features
# You divide the sum over the samples by the number of features. By how many must you divide?
def feature_means(X):
    return np.sum(X, axis=0) / X.shape[1]


def sample_totals(X):
    return np.sum(X, axis=1)


# %% along_axis: last-feature-left-out
# Your totals leave the last feature out. Where does a slice that ends at -1 end?
def feature_means(X):
    return np.mean(X, axis=0)


def sample_totals(X):
    return np.sum(X[:, :-1], axis=1)


# %% along_axis: three-features-only
# You take the features one by one, by the numbers 0, 1 and 2. How many are there in another X, and
# which axis would take them all?
def feature_means(X):
    return np.array([X[:, 0].mean(), X[:, 1].mean(), X[:, 2].mean()])


def sample_totals(X):
    return X[:, 0] + X[:, 1] + X[:, 2]


# %% along_axis: whole-numbers-of-means
# Your means are rounded down to whole numbers: // is a division that cuts. What does / do?
def feature_means(X):
    return np.sum(X, axis=0) // len(X)


def sample_totals(X):
    return np.sum(X, axis=1)


# %% along_axis: means-of-the-samples
# Your feature means are one for each sample. The axis that you name vanishes: which one should
# be left?
def feature_means(X):
    return np.mean(X, axis=1)


# %% along_axis: totals-of-the-features
# Your totals are one for each feature. The axis that you name vanishes: which one should be
# left?
def sample_totals(X):
    return np.sum(X, axis=0)


# %% along_axis: one-mean-for-all
# Your feature means are one number, the mean of everything. Without an axis, all axes vanish.
def feature_means(X):
    return np.mean(X)


# %% along_axis: one-total-for-all
# Your totals are one number, the sum of everything. Without an axis, all axes vanish.
def sample_totals(X):
    return np.sum(X)


# %% along_axis: means-keep-the-axis
# Your feature means still have the axis that they were taken along, with size 1. Which argument
# keeps it, and is it asked for here?
def feature_means(X):
    return np.mean(X, axis=0, keepdims=True)


# %% along_axis: totals-keep-the-axis
# Your totals still have the axis that they were summed along, with size 1. Which argument keeps
# it, and is it asked for here?
def sample_totals(X):
    return np.sum(X, axis=1, keepdims=True)


# %% along_axis: largest-for-means
# Your feature means are the largest values of the features. Which function takes the mean?
def feature_means(X):
    return np.max(X, axis=0)


# %% along_axis: running-totals
# Your totals are running totals: one for each place of the row. Only the last of them is asked
# for.
def sample_totals(X):
    return np.cumsum(X, axis=1)


# %% along_axis: first-sample-left-out-of-the-means
# Your feature means leave out the first sample. Is row 0 a sample, too?
def feature_means(X):
    return np.mean(X[1:], axis=0)


# %% along_axis: divides-by-one-less
# Your feature means are a little too far from 0: the sum of n values is divided by something
# other than n.
def feature_means(X):
    return np.sum(X, axis=0) / (len(X) - 1)


# %% centre: one-mean-for-all
# You subtract the same number everywhere, the mean of kg, cm and years together. Each feature
# has a mean of its own: which axis is missing?
def centre(X):
    return X - np.mean(X)


# %% centre: centres-the-rows
# In your answer the mean of each row is 0. You were to centre the features: which axis has to
# vanish?
def centre(X):
    return X - np.mean(X, axis=1, keepdims=True)


# %% centre: means-of-rows-laid-across
# You subtract the means of the samples, laid across the features. With three samples of three
# features no error tells you. Which axis has to vanish for one mean per feature?
def centre(X):
    return X - np.mean(X, axis=1)


# %% centre: writes-into-x
# You write into X, so whoever called the function has lost the data. -= works in place: what makes
# a new array?
def centre(X):
    X -= np.mean(X, axis=0)
    return X


# %% centre: the-other-way-round
# Your signs are turned: you have subtracted X from the means. A sample above the mean has to stay
# above 0.
def centre(X):
    return np.mean(X, axis=0) - X


# %% centre: subtracts-the-median
# You subtract the middle value of each feature. Then half of the samples lie above 0, but the mean is
# not 0.
def centre(X):
    return X - np.median(X, axis=0)


# %% centre: subtracts-the-first-sample
# You measure from the first sample, which becomes 0. From which point should every feature be
# measured?
def centre(X):
    return X - X[0]


# %% centre: scales-too
# You divide by the standard deviation as well. That comes later: here the data is only moved.
def centre(X):
    return (X - np.mean(X, axis=0)) / (np.std(X, axis=0) + 1e-12)


# %% centre: whole-numbers-of-means
# You have cut the means to whole numbers. Integers may come in, but nothing is cut off.
def centre(X):
    return X - np.mean(X, axis=0).astype(int)


# %% centre: a-copy-of-integers
# You subtract in place, in a copy of X. Where X holds integers the copy does, too, and cannot hold
# what is left over. Which operator makes a new array?
def centre(X):
    centred = X.copy()
    centred -= X.mean(axis=0)
    return centred


# %% centre: adds-the-means
# Your features move away from 0, not towards it. What does centring do with the mean?
def centre(X):
    return X + np.mean(X, axis=0)


# %% centre: subtracts-the-sums
# You subtract the sum of each feature, not its mean: the numbers are far too small. What makes a
# mean of a sum?
def centre(X):
    return X - np.sum(X, axis=0)


# %% centre: gives-the-means
# What comes back are the means. They are a step on the way: what is to be done to X with them?
def centre(X):
    return np.mean(X, axis=0)


# %% centre: smallest-to-zero
# Your features begin at 0: you subtract the smallest value of each. Which number should become
# 0, by the text?
def centre(X):
    return X - np.min(X, axis=0)


# %% centre: mean-of-one-less
# Your means are a little too far from 0: the sum of n values is divided by something other than
# n.
def centre(X):
    return X - np.sum(X, axis=0) / (len(X) - 1)


# %% centre: without-a-sign
# All that you give is positive. A value below its mean has a negative difference, and keeps it.
def centre(X):
    return np.abs(X - np.mean(X, axis=0))


# %% row_shares: keepdims-forgotten
# Your sums have the shape (n,), so they are laid across the columns, if they fit at all. With as many
# rows as columns no error tells you. What keeps the axis, with size 1?
def row_shares(X):
    return X / np.sum(X, axis=1)


# %% row_shares: shares-of-columns
# In your answer each column adds up to 1. Which axis has to vanish so that each row does?
def row_shares(X):
    return X / np.sum(X, axis=0)


# %% row_shares: shares-of-everything
# You divide by the sum of the whole array, so all entries together add up to 1. Each row has a sum of
# its own.
def row_shares(X):
    return X / np.sum(X)


# %% row_shares: divides-by-the-largest
# You divide by the largest amount of each row. What must you divide by for the row to add up
# to 1?
def row_shares(X):
    return X / np.max(X, axis=1, keepdims=True)


# %% row_shares: divides-by-the-mean
# You divide by the mean of each row, so it adds up to the number of columns. What must it add
# up to?
def row_shares(X):
    return X / np.mean(X, axis=1, keepdims=True)


# %% row_shares: per-cent
# Your shares are per cent. A share lies between 0 and 1.
def row_shares(X):
    return 100 * X / np.sum(X, axis=1, keepdims=True)


# %% row_shares: whole-division
# Your division drops what is behind the point. What is the difference between / and //?
def row_shares(X):
    return X // np.sum(X, axis=1, keepdims=True)


# %% row_shares: writes-into-x
# You write into X, so whoever called the function has lost the amounts (and with integers it fails).
# /= works in place: what makes a new array?
def row_shares(X):
    X /= np.sum(X, axis=1, keepdims=True)
    return X


# %% row_shares: powers-first
# You divide powers of e by their sum. That comes in notebook 2; here the amounts themselves are
# divided.
def row_shares(X):
    return np.exp(X) / np.sum(np.exp(X), axis=1, keepdims=True)


# %% row_shares: gives-the-sums
# What comes back are the sums of the rows. They are a step on the way: what is divided by them?
def row_shares(X):
    return np.sum(X, axis=1, keepdims=True)


# %% row_shares: upside-down
# Your fractions stand on their heads: sum over amount. Which of them is the whole?
def row_shares(X):
    return np.sum(X, axis=1, keepdims=True) / X


# %% row_shares: smallest-to-zero
# You subtract the smallest amount of each row before you divide. Nothing is subtracted here.
def row_shares(X):
    return (X - np.min(X, axis=1, keepdims=True)) / np.sum(
        X - np.min(X, axis=1, keepdims=True), axis=1, keepdims=True
    )


# %% row_shares: length-of-the-row
# You divide by the length of each row as an arrow, the root of the sum of squares. The shares
# are to add up to 1; what do yours add up to?
def row_shares(X):
    return X / np.sqrt(np.sum(X**2, axis=1, keepdims=True))


# %% row_shares: rounded
# Your shares are rounded. Give them as they are; only what is printed is rounded.
def row_shares(X):
    return np.round(X / np.sum(X, axis=1, keepdims=True), 2)


# %% masks: counts-for-share
# Your share is a count: it grows with the number of samples. What does a share lie between?
def share_right(predicted, y):
    return np.sum(predicted == y)


def mistakes(X, predicted, y):
    return X[predicted != y]


# %% masks: share-of-mistakes
# You give the share of the wrong predictions. Which comparison asks for the right ones?
def share_right(predicted, y):
    return np.mean(predicted != y)


def mistakes(X, predicted, y):
    return X[predicted != y]


# %% masks: all-or-nothing
# Your answer says whether all predictions are right. How many of them are?
def share_right(predicted, y):
    return float(np.array_equal(predicted, y))


def mistakes(X, predicted, y):
    return X[predicted != y]


# %% masks: gives-the-right-ones
# Your second function keeps the samples that were predicted right. Which comparison is True for a
# mistake?
def share_right(predicted, y):
    return np.mean(predicted == y)


def mistakes(X, predicted, y):
    return X[predicted == y]


# %% masks: gives-the-places
# You give the numbers of the rows. X can be indexed with them: what is asked for are the rows
# themselves.
def share_right(predicted, y):
    return np.mean(predicted == y)


def mistakes(X, predicted, y):
    return np.flatnonzero(predicted != y)


# %% masks: zeros-in-place-of-rows
# You have set the other rows to 0, but they are still there. How does X[mask] differ from a
# product with the mask?
def share_right(predicted, y):
    return np.mean(predicted == y)


def mistakes(X, predicted, y):
    return X * (predicted != y)[:, np.newaxis]


# %% masks: only-too-large
# You find the predictions that are greater than the label, and miss those that are smaller. Which
# comparison finds both?
def share_right(predicted, y):
    return np.mean(predicted == y)


def mistakes(X, predicted, y):
    return X[predicted > y]


# %% masks: no-mistake-no-features
# You collect the rows in a list. Where there is no mistake it is empty, and nobody can tell how many
# features a row had: (0, d) was asked. What does X[mask] give where the mask is nowhere True?
def share_right(predicted, y):
    return np.mean(predicted == y)


def mistakes(X, predicted, y):
    return np.array([row for row, p, t in zip(X, predicted, y) if p != t])


# %% masks: a-single-mistake-loses-its-axis
# Axes of size 1 are taken away, so a single mistake comes back as a row without a table: (1, d) was
# asked. A mask keeps the axis of the samples, however many it selects.
def share_right(predicted, y):
    return np.mean(predicted == y)


def mistakes(X, predicted, y):
    return np.squeeze(X[predicted != y])


# %% masks: signs-only
# You compare signs, which works for -1 and +1. Labels may be digits, too: what is a mistake there?
def share_right(predicted, y):
    return np.mean(predicted * y > 0)


def mistakes(X, predicted, y):
    return X[predicted * y < 0]


# %% masks: the-first-mistake-only
# You give one mistake only. A mask in the brackets selects all rows at once.
def share_right(predicted, y):
    return np.mean(predicted == y)


def mistakes(X, predicted, y):
    return X[np.argmax(predicted != y)][np.newaxis]


# %% masks: per-cent
# Your share is a percentage. A share runs from 0 to 1.
def share_right(predicted, y):
    return 100 * np.mean(predicted == y)


# %% masks: first-feature-only
# Your mistakes have only their first feature. A row has all of them: what does one more index
# take away?
def mistakes(X, predicted, y):
    return X[predicted != y][:, 0]


# %% masks: gives-the-mask
# What comes back are True and False, the mask. What does X give you if you put the mask in
# brackets behind it?
def mistakes(X, predicted, y):
    return predicted != y


# %% masks: counts-the-mistakes
# What comes back is the number of mistakes. The rows themselves are asked for.
def mistakes(X, predicted, y):
    return np.sum(predicted != y)


# %% masks: share-of-the-positive
# Your share counts the predictions that are positive, right or not. With what are they to be
# compared?
def share_right(predicted, y):
    return np.mean(predicted > 0)


# %% masks: divides-by-one-less
# Your share is a little too large: it is divided by something other than the number of
# predictions.
def share_right(predicted, y):
    return np.sum(predicted == y) / (len(y) - 1)


# %% masks: columns-selected
# Your mask selects columns. Rows stand in front: which place in the brackets is theirs?
def mistakes(X, predicted, y):
    return X[:, : len(y)][:, (predicted != y)[: X.shape[1]]]


# %% slope: forward
# Yours is the forward difference, from x to x + h. Which two points does the central one take?
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h


# %% slope: backward
# Yours is the backward difference, from x - h to x. Which two points does the central one take?
def slope(f, x, h=1e-5):
    return (f(x) - f(x - h)) / h


# %% slope: one-step-for-two
# Your slopes are twice too large. How far is it from x - h to x + h?
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / h


# %% slope: brackets-forgotten
# Python divides by 2 and then multiplies by h. What does a / 2 * h mean, and where do brackets belong?
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / 2 * h


# %% slope: only-the-second-is-divided
# You divide only the second value by 2h: division comes before subtraction. Put the difference
# in brackets.
def slope(f, x, h=1e-5):
    return f(x + h) - f(x - h) / (2 * h)


# %% slope: downhill
# Your slopes have the wrong sign. From which of the two values is the other subtracted?
def slope(f, x, h=1e-5):
    return (f(x - h) - f(x + h)) / (2 * h)


# %% slope: a-step-of-its-own
# Your answer is the same whatever h is. Use the step that you are given.
def slope(f, x, h=1e-5):
    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5


# %% slope: half-steps
# Your two points lie half a step from x. That is a central difference, but with half the step that
# you were given.
def slope(f, x, h=1e-5):
    return (f(x + h / 2) - f(x - h / 2)) / h


# %% slope: moves-x-itself
# You move x to the right and back: the array of whoever called the function, who may not even allow
# it. What does x + h make, and what x += h?
def slope(f, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    x += h
    right = f(x)
    x -= 2 * h
    left = f(x)
    x += h
    return (right - left) / (2 * h)


# %% slope: numbers-and-rows-only
# Your answer has one axis, whatever x had. f takes a whole array at once, so no loop is needed: what
# shape has f(x + h)?
def slope(f, x, h=1e-5):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    return np.array([(f(v + h) - f(v - h)) / (2 * h) for v in np.ravel(x)])


# %% slope: not-divided
# You give the rise alone. A slope is the rise divided by the run.
def slope(f, x, h=1e-5):
    return f(x + h) - f(x - h)


# %% slope: adds-the-two
# You add the two values of f. A slope asks how far they are from each other.
def slope(f, x, h=1e-5):
    return (f(x + h) + f(x - h)) / (2 * h)


# %% slope: forward-over-two-steps
# You go one step, from x to x + h, and divide by two. How far is it from x to x + h?
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x)) / (2 * h)


# %% slope: backward-over-two-steps
# You go one step, from x - h to x, and divide by two. How far is it from x - h to x?
def slope(f, x, h=1e-5):
    return (f(x) - f(x - h)) / (2 * h)


# %% slope: one-value-only
# You divide one value of f by the distance. A slope is made of two of them: where is the other?
def slope(f, x, h=1e-5):
    return f(x + h) / (2 * h)


# %% slope: multiplies-by-h
# You multiply where you should divide: for a small h, your slope is nearly 0.
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) * (2 * h)


# %% slope: half-as-steep
# Your slope is half of what it should be: you divide by 4h. How far is it from x - h to x + h?
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (4 * h)


# %% slope: plus-two
# You divide by 2 + h. The distance is two steps of h: which operation makes that of them?
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 + h)


# %% standardise: the-error-silenced
# The error is gone, but now each sample is divided by its own spread, over kg, cm and years
# together. Whose standard deviation is it to be?
def standardise(X):
    return (X - np.mean(X, axis=0)) / np.std(X, axis=1, keepdims=True)


# %% standardise: not-mended
# The spread still has one entry for each sample, so it fails, or with as many samples as features is
# wrong without a word. Which axis has to vanish?
def standardise(X):
    return (X - np.mean(X, axis=0)) / np.std(X, axis=1)


# %% standardise: one-spread-for-all
# You divide everything by the same number, the standard deviation of the whole table. Each feature
# has one of its own.
def standardise(X):
    return (X - np.mean(X, axis=0)) / np.std(X)


# %% standardise: one-mean-for-all
# You subtract the same number everywhere. Each feature has a mean of its own.
def standardise(X):
    return (X - np.mean(X)) / np.std(X, axis=0)


# %% standardise: rows
# You have standardised each sample, by its own mean and spread. It is the features that are to have
# mean 0.
def standardise(X):
    mean = np.mean(X, axis=1, keepdims=True)
    return (X - mean) / np.std(X, axis=1, keepdims=True)


# %% standardise: divides-by-n-minus-one
# Your spreads are a little too large: they divide by n - 1. The text says by what to divide, and
# np.std as it comes does so.
def standardise(X):
    return (X - np.mean(X, axis=0)) / np.std(X, axis=0, ddof=1)


# %% standardise: divides-by-the-variance
# You divide by the variance, the square of the standard deviation. What is left to be done to it?
def standardise(X):
    return (X - np.mean(X, axis=0)) / np.var(X, axis=0)


# %% standardise: not-centred
# You divide, but do not subtract the means. What must the mean of each feature be afterwards?
def standardise(X):
    return X / np.std(X, axis=0)


# %% standardise: not-scaled
# You subtract the means, but do not divide. What must the standard deviation of each feature be
# afterwards?
def standardise(X):
    return X - np.mean(X, axis=0)


# %% standardise: brackets-forgotten
# You divide only the mean: division comes before subtraction. Put the difference in brackets.
def standardise(X):
    return X - np.mean(X, axis=0) / np.std(X, axis=0)


# %% standardise: cuts-integers
# You store the answer in a copy of X. Where X holds integers, so does the copy, and all that stands
# behind the point is lost. Which expression makes a new array by itself?
def standardise(X):
    answer = X.copy()
    for j in range(X.shape[1]):
        answer[:, j] = (X[:, j] - X[:, j].mean()) / X[:, j].std()
    return answer


# %% standardise: writes-into-x
# You write into X, so whoever called the function has lost the data. -= and /= work in place: what
# makes a new array?
def standardise(X):
    X -= np.mean(X, axis=0)
    X /= np.std(X, axis=0)
    return X


# %% standardise: one-mean-and-one-spread
# You take one mean and one spread for everything. Each feature has its own: which axis has to be
# named?
def standardise(X):
    mean = np.mean(X)
    spread = np.std(X)
    return (X - mean) / spread


# %% standardise: smallest-to-zero
# Your features run from 0 to 1: smallest value and range. The text asks for mean 0 and standard
# deviation 1.
def standardise(X):
    mean = np.min(X, axis=0)
    spread = np.max(X, axis=0) - np.min(X, axis=0)
    return (X - mean) / spread


# %% standardise: by-the-largest
# You divide by the largest value of each feature. By what does the text scale?
def standardise(X):
    mean = np.mean(X, axis=0)
    spread = np.max(X, axis=0)
    return (X - mean) / spread


# %% standardise: by-the-range
# You divide by the range of each feature, the largest less the smallest value. By what does the
# text scale?
def standardise(X):
    mean = np.mean(X, axis=0)
    spread = np.max(X, axis=0) - np.min(X, axis=0)
    return (X - mean) / spread


# %% standardise: multiplies-by-the-spread
# Your features spread even wider: you multiply by the standard deviation. What makes it 1?
def standardise(X):
    mean = np.mean(X, axis=0)
    spread = np.std(X, axis=0)
    return (X - mean) * spread


# %% standardise: adds-the-means
# Your features move away from 0, not towards it. What is to be done with the mean?
def standardise(X):
    mean = np.mean(X, axis=0)
    spread = np.std(X, axis=0)
    return (X + mean) / spread


# %% standardise: sums-for-means
# You subtract the sum of each feature, not its mean. What makes a mean of a sum?
def standardise(X):
    mean = np.sum(X, axis=0)
    spread = np.std(X, axis=0)
    return (X - mean) / spread


# %% standardise: median-for-mean
# You subtract the middle value of each feature. That is the median; the mean is asked for.
def standardise(X):
    mean = np.median(X, axis=0)
    spread = np.std(X, axis=0)
    return (X - mean) / spread


# %% standardise: gives-whole-numbers
# Your results are whole numbers: // rounds down. Which sign divides without rounding?
def standardise(X):
    mean = np.mean(X, axis=0)
    spread = np.std(X, axis=0)
    return (X - mean) // spread


# %% standardise: mean-absolute-spread
# Your spread is the mean distance from the mean. The standard deviation squares the distances
# first.
def standardise(X):
    mean = np.mean(X, axis=0)
    spread = np.mean(np.abs(X - mean), axis=0)
    return (X - mean) / spread


# %% standardise: scales-before-it-centres
# You divide first, and subtract the mean of the undivided values then. In which order do the
# brackets work?
def standardise(X):
    mean = np.mean(X, axis=0)
    spread = np.std(X, axis=0)
    return X / spread - mean
