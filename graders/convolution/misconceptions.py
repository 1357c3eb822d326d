"""Wrong answers to the exercises of `convolution`, each with what to tell a student who has it."""


# %% connection_weights: fully-connected-counts-biases
# Your number for the fully connected layer is larger by one for each output. What else does a unit
# have besides its weights, and does the exercise count it?
def fully_connected_weights(n_in, n_out):
    return (n_in + 1) * n_out


# %% connection_weights: fully-connected-adds
# You have counted the nodes of the fully connected layer. Weights belong to the lines between them:
# how many lines end at one output?
def fully_connected_weights(n_in, n_out):
    return n_in + n_out


# %% connection_weights: fully-connected-counts-pairs-of-inputs
# Your number for the fully connected layer does not depend on its outputs. Between which nodes do
# the lines in the picture run?
def fully_connected_weights(n_in, n_out):
    return n_in * n_in


# %% connection_weights: locally-connected-shares
# Your locally connected layer uses the same weights for all of its outputs. That is the second of
# the three ideas; this layer has only the first.
def locally_connected_weights(n_out, f):
    return f


# %% connection_weights: locally-connected-counts-inputs
# You have counted the inputs that a locally connected layer sees. An input that two outputs see is
# the end of two lines.
def locally_connected_weights(n_out, f):
    return n_out + f - 1


# %% connection_weights: locally-connected-counts-biases
# Your number for the locally connected layer is larger by one for each output. What else does a
# unit have besides its weights, and does the exercise count it?
def locally_connected_weights(n_out, f):
    return n_out * (f + 1)


# %% connection_weights: convolution-counts-the-bias
# Your number for the convolution is too large by one. The slides' 4 and 3 leave something out.
def convolution_weights(f):
    return f + 1


# %% connection_weights: convolution-is-a-square
# Your convolution has a square filter. Here the inputs lie in a row: how long is the filter, and
# how wide?
def convolution_weights(f):
    return f * f


# %% connection_weights: locally-connected-adds
# Your number for the locally connected layer is a sum. How many weights has one output, and how
# many outputs are there?
def locally_connected_weights(n_out, f):
    return n_out + f


# %% connection_weights: locally-connected-is-a-square
# Your number for the locally connected layer has f twice. Here an output sees f inputs in all.
def locally_connected_weights(n_out, f):
    return n_out * f * f


# %% connection_weights: convolution-is-one
# Your number for the convolution is 1. A filter has a weight for each input that it sees.
def convolution_weights(f):
    return 1


# %% connection_weights: convolution-is-the-double
# Your number for the convolution is twice as large as it should be. All outputs share one
# filter.
def convolution_weights(f):
    return 2 * f


# %% connection_weights: fully-connected-counts-outputs-twice
# Your number for the fully connected layer has the outputs twice. How many weights has one
# output?
def fully_connected_weights(n_in, n_out):
    return n_out * n_out


# %% connection_weights: fully-connected-counts-the-inputs
# Your number for the fully connected layer is that of a single output.
def fully_connected_weights(n_in, n_out):
    return n_in


# %% activation_map_size: true-division
# Your size need not be a whole number, but a filter has no third of a place. What becomes of a last
# step that does not fit?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + 2 * padding:
        raise ValueError("no")
    return (n + 2 * padding - f) / stride + 1


# %% activation_map_size: rounds-up
# Your size counts a last place in which the filter hangs over the end. Draw N = 7, F = 3 and
# stride 3.
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + 2 * padding:
        raise ValueError("no")
    return int(np.ceil((n + 2 * padding - f) / stride)) + 1


# %% activation_map_size: rounds-to-the-nearest
# You round to the nearest whole number. When nearly a whole step is left at the end, does the
# filter still fit?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + 2 * padding:
        raise ValueError("no")
    return round((n + 2 * padding - f) / stride) + 1


# %% activation_map_size: padding-counted-once
# Your padded input is too short. To how many ends of the input are zeros put?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + padding:
        raise ValueError("no")
    return (n + padding - f) // stride + 1


# %% activation_map_size: padding-ignored
# Your size is the same whatever the padding is, as with the slide's formula. How long is the input
# with its zeros?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n:
        raise ValueError("no")
    return (n - f) // stride + 1


# %% activation_map_size: forgets-the-first-place
# You count the steps that the filter makes. Where was it before its first step?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + 2 * padding:
        raise ValueError("no")
    return (n + 2 * padding - f) // stride


# %% activation_map_size: divides-the-places
# You take the number of places at stride 1 and divide it by the stride. Try it with 5 places and
# stride 2: the first, the third, the fifth.
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + 2 * padding:
        raise ValueError("no")
    return (n + 2 * padding - f + 1) // stride


# %% activation_map_size: stride-ignored
# Your size is the same whatever the stride is. How far does the filter move between two outputs?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + 2 * padding:
        raise ValueError("no")
    return n + 2 * padding - f + 1


# %% activation_map_size: answers-where-nothing-fits
# Your function gives a size where the filter is longer than its input. What should it do there?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0:
        raise ValueError("no")
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: senseless-arguments-accepted
# Your function gives an answer, or an error of another kind, for a stride or a filter of 0, and
# for negative numbers. Each of these is to be refused with a ValueError.
def activation_map_size(n, f, stride=1, padding=0):
    if f > n + 2 * padding:
        raise ValueError("the filter does not fit")
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: compares-with-the-bare-input
# You refuse filters that are longer than the input without its zeros. Is that what the filter is
# laid on?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n:
        raise ValueError("no")
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: answers-a-float
# Your numbers are right, but they are floats, and no array can have 5.0 rows. What does np.floor
# give back, and what does // give?
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) < 1 or padding < 0 or f > n + 2 * padding:
        raise ValueError("no")
    return float(np.floor((n + 2 * padding - f) / stride) + 1)


# %% activation_map_size: padding-subtracted
# You subtract the padding. Do zeros at the ends make the input shorter or longer?
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n - 2 * padding - f) // stride + 1


# %% activation_map_size: brackets-forgotten
# Only the filter is divided by the stride. What do the brackets of the formula hold?
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return n + 2 * padding - f // stride + 1


# %% activation_map_size: one-too-many
# You count one place too many.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f) // stride + 2


# %% activation_map_size: one-before-the-division-and-one-after
# You add 1 twice, inside and outside of the division.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f + 1) // stride + 1


# %% activation_map_size: filter-of-full-length-refused
# You refuse a filter that is as long as the padded input. How many places has it?
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f >= n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: zero-where-nothing-fits
# Where the filter does not fit you return a number. Raise a ValueError.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        return 0
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: filter-added
# You add the length of the filter. The longer it is, the fewer places it has.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding + f) // stride + 1


# %% activation_map_size: padding-squared
# Your padding counts four times. There are two ends.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 4 * padding - f) // stride + 1


# %% activation_map_size: multiplies-by-the-stride
# You multiply by the stride. The longer the steps, the fewer places there are.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f) * stride + 1


# %% activation_map_size: no-padding-refused
# You refuse a padding of 0. It is allowed; a negative one is not.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 1:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: stride-one-refused
# You refuse a stride of 1. It is the smallest that makes sense.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride <= 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: filter-of-one-refused
# You refuse a filter of one weight. It fits everywhere.
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f <= 1 or stride < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: zero-padding-for-negative-accepted
# A negative padding is accepted. Which arguments make no sense?
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f) // stride + 1


# %% activation_map_size: zero-stride-accepted
# A stride of 0 is accepted, or raises another error than ValueError. Which arguments make no
# sense?
def activation_map_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or padding < 0:
        raise ValueError("n, f and stride must be at least 1, padding at least 0")
    if f > n + 2 * padding:
        raise ValueError("the filter is longer than the padded input")
    return (n + 2 * padding - f) // stride + 1


# %% same_padding: answers-for-even-filters
# Your function has an answer for even filters. Put it into the formula of the size: is it N?
def same_padding(f):
    return f // 2


# %% same_padding: both-ends-together
# You have the number of zeros at both ends together. How many are put to each end?
def same_padding(f):
    if f % 2 == 0:
        raise ValueError("even")
    return f - 1


# %% same_padding: rounds-up
# Your padding makes the activation map larger than the input. A filter of one weight, for one,
# needs no padding.
def same_padding(f):
    if f % 2 == 0:
        raise ValueError("even")
    return (f + 1) // 2


# %% same_padding: always-one
# Your padding is that of F = 3, whatever F is. How many places does a longer filter lose?
def same_padding(f):
    if f % 2 == 0:
        raise ValueError("even")
    return 1


# %% same_padding: half-of-the-filter
# Your padding is not a whole number. How many inputs lie to the left of the filter's middle one?
def same_padding(f):
    if f % 2 == 0:
        raise ValueError("even")
    return f / 2


# %% same_padding: refuses-odd-filters
# You raise the error for the filters that have a middle. Which ones are these, even or odd?
def same_padding(f):
    if f % 2 == 1:
        raise ValueError("odd")
    return f // 2


# %% same_padding: none-for-even-filters
# For even filters your function ends without an error. How does a function raise a ValueError?
def same_padding(f):
    if f % 2 == 1:
        return (f - 1) // 2


# %% same_padding: the-filter-itself
# Your padding is the filter's length. Put it into the equation: is the size kept?
def same_padding(f):
    if f % 2 == 0:
        raise ValueError("an even filter would need more zeros on one side")
    return f  # half of f - 1, for f is odd


# %% same_padding: no-padding
# Your padding is 0: the size shrinks with each filter longer than 1.
def same_padding(f):
    if f % 2 == 0:
        raise ValueError("an even filter would need more zeros on one side")
    return 0  # half of f - 1, for f is odd


# %% same_padding: a-third
# Your padding is too small: solve N + 2P - F + 1 = N for P once more.
def same_padding(f):
    if f % 2 == 0:
        raise ValueError("an even filter would need more zeros on one side")
    return f // 3  # half of f - 1, for f is odd


# %% same_padding: one-too-small
# Your padding is too small by one.
def same_padding(f):
    if f % 2 == 0:
        raise ValueError("an even filter would need more zeros on one side")
    return f // 2 - 1  # half of f - 1, for f is odd


# %% pad2d: pads-every-axis
# You put zeros around all axes, so an image gets further channels, and a batch further images.
# Which axes are height and width?
def pad2d(x, padding):
    return np.pad(x, padding)


# %% pad2d: one-side-only
# Your zeros are above and to the left only. A picture has four sides.
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, 0)] * 2)


# %% pad2d: a-single-image-loses-its-axis
# A batch of one image comes back as an image. Only the last two axes grow, and all others stay,
# those of size 1 too.
def pad2d(x, padding):
    out = np.pad(x, [(0, 0)] * (np.ndim(x) - 2) + [(padding, padding)] * 2)
    return out[0] if out.ndim > 3 and len(out) == 1 else out


# %% pad2d: width-only
# Your picture gets wider, but not higher. Which two axes are to grow?
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 1) + [(padding, padding)])


# %% pad2d: repeats-the-border
# What you put around the picture are copies of its border. Which number does the exercise ask for?
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2, mode="edge")


# %% pad2d: first-two-axes
# You pad the first two axes. In `(C, H, W)` and `(n, C, H, W)` height and width stand elsewhere.
def pad2d(x, padding):
    return np.pad(x, [(padding, padding)] * 2 + [(0, 0)] * (x.ndim - 2))


# %% pad2d: padding-shared-by-two-sides
# Your picture grows by `padding` in all, half of it on each side. How many zeros does each side
# get?
def pad2d(x, padding):
    before = padding // 2
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(before, padding - before)] * 2)


# %% pad2d: one-ring-of-zeros
# You put one ring of zeros around the picture, whatever `padding` says.
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(1, 1)] * 2)


# %% pad2d: height-only
# Your picture grows up and down only. Its last two axes both grow.
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding), (0, 0)])


# %% pad2d: ones-around
# Around your picture stand ones. The text asks for zeros.
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2, constant_values=1)


# %% pad2d: wraps-around
# Around your picture stand numbers from its other side.
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2, mode="wrap")


# %% pad2d: mirrored
# Around your picture stand its own numbers, mirrored.
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2, mode="symmetric")


# %% pad2d: twice-as-wide
# Your border is twice as wide as it should be: the padding is that of each side.
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(2 * padding, 2 * padding)] * 2)


# %% pad2d: one-row-more
# Your border is one wider than it should be.
def pad2d(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding + 1, padding + 1)] * 2)


# %% pad2d: border-set-to-zero
# Your picture has kept its size: its own border has become 0. The zeros stand around it.
def pad2d(x, padding):
    out = np.zeros_like(x)
    inside = (..., slice(padding, x.shape[-2] - padding), slice(padding, x.shape[-1] - padding))
    out[inside] = x[inside]
    return out


# %% conv1d: flips-the-filter
# You have turned the filter round: that is a convolution in the mathematicians' sense. Frameworks
# lay it on the input as it is.
def conv1d(x, k, stride=1, padding=0):
    return np.convolve(np.pad(x * 1.0, padding), k, mode="valid")[::stride]


# %% conv1d: stride-ignored
# Your output is the same whatever the stride is. At which inputs does the filter begin?
def conv1d(x, k, stride=1, padding=0):
    return np.correlate(np.pad(x * 1.0, padding), k * 1.0, mode="valid")


# %% conv1d: counts-by-stride-but-steps-by-one
# With a stride you have the right number of outputs, but each window begins only one input after
# the last one. At which input does window i begin?
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(x * 1.0, padding)
    places = (len(x) - len(k)) // stride + 1
    return np.array([np.sum(x[i : i + len(k)] * k) for i in range(places)])


# %% conv1d: pads-one-end
# Your zeros are put before the input only. Where else does it end?
def conv1d(x, k, stride=1, padding=0):
    return np.correlate(np.pad(x * 1.0, (padding, 0)), k * 1.0, mode="valid")[::stride]


# %% conv1d: padding-ignored
# Your output is the same whatever the padding is.
def conv1d(x, k, stride=1, padding=0):
    return np.correlate(x * 1.0, k * 1.0, mode="valid")[::stride]


# %% conv1d: last-place-missing
# Your filter never gets to the end of the input. Where does its last window begin? Mind that
# range leaves out its end.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(x * 1.0, padding)
    return [np.sum(x[i : i + len(k)] * k) for i in range(0, len(x) - len(k), stride)]


# %% conv1d: hangs-over-the-end
# Your filter goes on where it hangs over the end of the input. It has a place only where it fits
# whole.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(x * 1.0, (padding, padding))
    longer = np.concatenate([x, np.zeros(len(k))])
    return [np.sum(longer[i : i + len(k)] * k) for i in range(0, len(x), stride)]


# %% conv1d: cuts-off-integers
# Your outputs are stored in an array of integers when the input holds integers. What happens there
# to 0.5?
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(x, padding)
    out = np.zeros((len(x) - len(k)) // stride + 1, dtype=x.dtype if x.dtype.kind == "f" else int)
    for i in range(len(out)):
        out[i] = np.sum(x[i * stride : i * stride + len(k)] * k.astype(float))
    return out


# %% conv1d: overflows
# For small integers your products overflow: 160 * 2 does not fit into eight bits. Convert to
# floats before you multiply.
def conv1d(x, k, stride=1, padding=0):
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding), len(k))
    return windows[::stride] @ k


# %% conv1d: adds-without-weights
# You add up the inputs in each window. What becomes of the filter's weights?
def conv1d(x, k, stride=1, padding=0):
    return np.correlate(np.pad(x * 1.0, padding), np.ones(len(k)), mode="valid")[::stride]


# %% conv1d: averages
# Your outputs are smaller by the length of the filter: you take a mean of the products.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(x * 1.0, padding)
    return np.correlate(x, k * 1.0, mode="valid")[::stride] / len(k)


# %% conv1d: drops-weights-of-zero
# You leave out the weights that are 0, and the others move together. A 0 has its place in the
# filter, too.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    taps = [float(w) for w in k if w != 0]
    starts = range(0, len(x) - len(k) + 1, stride)
    return np.array([sum(w * x[i + j] for j, w in enumerate(taps)) for i in starts])


# %% conv1d: pads-with-the-border
# You repeat the numbers at the ends. The text pads with zeros.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding, mode="edge")
    places = activation_map_size(len(x), len(k), stride)
    return np.array([np.sum(x[i * stride : i * stride + len(k)] * k) for i in range(places)])


# %% conv1d: first-weight-only
# All numbers of the window are multiplied by the first weight.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    places = activation_map_size(len(x), len(k), stride)
    return np.array([np.sum(x[i * stride : i * stride + len(k)] * k[0]) for i in range(places)])


# %% conv1d: largest-for-sum
# You take the largest of the products. They are added up.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    places = activation_map_size(len(x), len(k), stride)
    return np.array([np.max(x[i * stride : i * stride + len(k)] * k) for i in range(places)])


# %% conv1d: steps-by-the-filter
# You go on by the length of the filter. The stride says how far.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    stride = len(k)
    places = activation_map_size(len(x), len(k), stride)
    return np.array([np.sum(x[i * stride : i * stride + len(k)] * k) for i in range(places)])


# %% conv1d: first-window-left-out
# You begin at the second place. The filter is first laid on the very start.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    places = activation_map_size(len(x), len(k), stride)
    return np.array([np.sum(x[i * stride : i * stride + len(k)] * k) for i in range(1, places)])


# %% conv1d: without-plus-one
# Your windows are one number too far to the right.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    places = activation_map_size(len(x), len(k), stride)
    return np.array(
        [
            np.sum(np.append(x, 0)[i * stride + 1 : i * stride + 1 + len(k)] * k)
            for i in range(places)
        ]
    )


# %% conv1d: keeps-the-size
# Your result is as long as the input, whatever the padding is. How many places has the filter?
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    x = np.pad(x, len(k) // 2)
    places = activation_map_size(len(x), len(k), stride)
    return np.array([np.sum(x[i * stride : i * stride + len(k)] * k) for i in range(places)])


# %% conv1d: positive-only
# Negative results have become 0. No activation is asked for.
def conv1d(x, k, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), padding)
    places = activation_map_size(len(x), len(k), stride)
    return np.maximum([np.sum(x[i * stride : i * stride + len(k)] * k) for i in range(places)], 0)


# %% conv1d: padding-and-stride-exchanged
# You have stride and padding exchanged: the text gives the stride first.
def conv1d(x, k, stride=1, padding=0):
    stride, padding = max(padding, 1), stride - 1
    x = np.pad(np.asarray(x, dtype=float), padding)
    places = activation_map_size(len(x), len(k), stride)
    return np.array([np.sum(x[i * stride : i * stride + len(k)] * k) for i in range(places)])


# %% convolution_matrix: transposed
# Your matrix lies on its side. How many rows does M need so that M @ x has one number for each
# output?
def convolution_matrix(k, n):
    rows = n - len(k) + 1
    return sum(float(w) * np.eye(rows, n, u) for u, w in enumerate(k)).T


# %% convolution_matrix: flips-the-filter
# The filter stands in your matrix from right to left. Compare M @ x with conv1d for an x with a
# single 1.
def convolution_matrix(k, n):
    rows = n - len(k) + 1
    return sum(float(w) * np.eye(rows, n, u) for u, w in enumerate(k[::-1]))


# %% convolution_matrix: wraps-around
# In your last rows the filter goes on at the left edge. Are there outputs whose filter hangs over
# the end?
def convolution_matrix(k, n):
    row = np.concatenate([k, np.zeros(n - len(k))])
    return np.stack([np.roll(row, i) for i in range(n)])


# %% convolution_matrix: one-row-for-each-input
# Your matrix has a row for each input. How many outputs has the convolution, without padding?
def convolution_matrix(k, n):
    return sum(float(w) * np.eye(n, n, u) for u, w in enumerate(k))


# %% convolution_matrix: windows-side-by-side
# In your matrix each row begins where the row above it ended. How far does the filter move at
# stride 1?
def convolution_matrix(k, n):
    M = np.zeros((n - len(k) + 1, n))
    for i in range(len(M)):
        for u, w in enumerate(k):
            if i * len(k) + u < n:
                M[i, i * len(k) + u] = w
    return M


# %% convolution_matrix: last-row-missing
# Your matrix has one row too few: the filter never gets to the last input.
def convolution_matrix(k, n):
    return sum(float(w) * np.eye(n - len(k), n, u) for u, w in enumerate(k))


# %% convolution_matrix: moves-to-the-left
# In your matrix the first row looks at the last inputs. In which order do the outputs come?
def convolution_matrix(k, n):
    rows = n - len(k) + 1
    return sum(float(w) * np.eye(rows, n, u) for u, w in enumerate(k))[::-1]


# %% convolution_matrix: cuts-off-fractions
# The weights in your matrix are integers. Which numbers can the array hold that you made?
def convolution_matrix(k, n):
    M = np.zeros((n - len(k) + 1, n), dtype=int)
    for i in range(len(M)):
        M[i, i : i + len(k)] = k
    return M


# %% convolution_matrix: without-the-weights
# Your matrix shows which inputs an output sees, with ones. With which weights does it see them?
def convolution_matrix(k, n):
    return sum(np.eye(n - len(k) + 1, n, u) for u in range(len(k)))


# %% convolution_matrix: drops-weights-of-zero
# You leave out the weights that are 0, and the others move together. A 0 has its place in the
# filter, too.
def convolution_matrix(k, n):
    taps = [float(w) for w in k if w != 0]
    M = np.zeros((n - len(k) + 1, n))
    for i, row in enumerate(M):
        row[i : i + len(taps)] = taps
    return M


# %% convolution_matrix: no-shift
# All your rows are the same. Row i belongs to place i of the filter.
def convolution_matrix(k, n):
    rows = activation_map_size(n, len(k))
    M = np.zeros((rows, n))
    for i in range(rows):
        M[i, : len(k)] = k
    return M


# %% convolution_matrix: first-row-only
# Only your first row is filled.
def convolution_matrix(k, n):
    rows = activation_map_size(n, len(k))
    M = np.zeros((rows, n))
    for i in range(1):
        M[i, i : i + len(k)] = k
    return M


# %% convolution_matrix: diagonal-only
# Only the diagonal of your matrix is filled. A row holds the whole filter.
def convolution_matrix(k, n):
    rows = activation_map_size(n, len(k))
    M = np.zeros((rows, n))
    for i in range(rows):
        M[i, i] = k[0]
    return M


# %% convolution_matrix: one-column-to-the-right
# Your filter stands one column too far to the right.
def convolution_matrix(k, n):
    rows = activation_map_size(n, len(k))
    M = np.zeros((rows, n))
    for i in range(rows):
        M[i, i : i + len(k)] = k
    return np.roll(M, 1, axis=1)


# %% convolution_matrix: one-row-too-many
# Your matrix has a row too many, filled with a part of the filter.
def convolution_matrix(k, n):
    rows = activation_map_size(n, len(k))
    M = np.zeros((rows + 1, n + len(k)))
    for i in range(rows + 1):
        M[i, i : i + len(k)] = k
    M = M[:, :n]
    return M


# %% convolution_matrix: centred
# Your filter is centred on the diagonal, as with padding. Without it, row i begins at column i.
def convolution_matrix(k, n):
    rows = activation_map_size(n, len(k))
    M = np.zeros((rows, n))
    for i in range(rows):
        for j in range(len(k)):
            column = i + j - len(k) // 2
            if 0 <= column < n:
                M[i, column] = k[j]
    return M


# %% convolution_matrix: fills-to-the-end
# Behind the filter your rows are not 0.
def convolution_matrix(k, n):
    rows = activation_map_size(n, len(k))
    M = np.zeros((rows, n))
    for i in range(rows):
        M[i, i:] = np.resize(k, n - i)
    return M


# %% conv2d: flips-the-filters
# You have turned the filters round: that is a convolution in the mathematicians' sense. Frameworks
# lay them on the image as they are.
def conv2d(x, weight, bias, stride=1, padding=0):
    return windowed(x, weight[:, :, ::-1, ::-1], bias, stride, padding)


def windowed(x, weight, bias, stride, padding):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: transposes-the-filters
# You have swapped rows and columns of the filters. Which of their axes is the height?
def conv2d(x, weight, bias, stride=1, padding=0):
    weight = weight.transpose(0, 1, 3, 2)
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: bias-missing
# Your maps lack their biases.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    return np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight)


# %% conv2d: bias-for-each-channel
# Your bias is added once for each channel, inside the sum. Where does it stand in the formula?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->ckij", windows[:, ::stride, ::stride], weight)
    return (maps + np.reshape(bias, (-1, 1, 1))).sum(axis=0)


# %% conv2d: bias-for-each-column
# Your biases are spread along the columns of the maps, or do not fit at all. To which axis of the
# output does a bias belong, and how does NumPy line up shapes?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    return np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight) + bias


# %% conv2d: first-channel-only
# Only the first channel of the image has a say in your maps. Over what does the formula sum?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x[0] * 1.0, padding)
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:])
    maps = np.einsum("ijuv,kuv->kij", windows[::stride, ::stride], weight[:, 0])
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: channels-not-summed
# You have a map for each filter and each channel. One filter gives one map: what happens to the
# channels?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kcij", windows[:, ::stride, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1, 1))


# %% conv2d: channels-averaged
# Your maps are smaller by the number of channels: you take a mean where the formula has a sum.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight) / len(x)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: counts-by-stride-but-steps-by-one
# With a stride your maps have the right size, but the windows begin only one pixel apart. At which
# row and column does window (i, j) begin?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    FH, FW = weight.shape[2:]
    rows, columns = (x.shape[1] - FH) // stride + 1, (x.shape[2] - FW) // stride + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, (FH, FW), axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, :rows, :columns], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: stride-for-rows-only
# Your filter moves by the stride downwards, but by one pixel to the right.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: square-images-only
# Your maps are as wide as they are high. Which lengths decide on the number of columns?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    K, C, FH, FW = weight.shape
    size = (x.shape[1] - FH) // stride + 1
    maps = np.zeros((K, size, size))
    for k, i, j in np.ndindex(*maps.shape):
        window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        maps[k, i, j] = np.sum(window * weight[k][:, : window.shape[1], : window.shape[2]])
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: square-filters-only
# You take the filter's height for its width too. Which axis of weight is which?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    K, C, F, _ = weight.shape
    rows, columns = (x.shape[1] - F) // stride + 1, (x.shape[2] - F) // stride + 1
    maps = np.zeros((K, rows, columns))
    for k, i, j in np.ndindex(*maps.shape):
        window = x[:, i * stride : i * stride + F, j * stride : j * stride + F]
        maps[k, i, j] = np.sum(window * weight[k]) + bias[k]
    return maps


# %% conv2d: pads-one-side
# Your zeros are above and to the left only. A picture has four sides.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, ((0, 0), (padding, 0), (padding, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: pads-the-channels
# With padding your image has more channels than your filters. Which axes get the zeros?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x * 1.0, padding)
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: padding-ignored
# Your maps are the same whatever the padding is.
def conv2d(x, weight, bias, stride=1, padding=0):
    windows = np.lib.stride_tricks.sliding_window_view(x * 1.0, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: rounds-up
# Your maps have rows or columns for windows that hang over the edge. A filter has a place only
# where it fits whole.
def conv2d(x, weight, bias, stride=1, padding=0):
    FH, FW = weight.shape[2:]
    bottom, right = (
        -(x.shape[1] + 2 * padding - FH) % stride,
        -(x.shape[2] + 2 * padding - FW) % stride,
    )
    x = np.pad(x * 1.0, ((0, 0), (padding, padding + bottom), (padding, padding + right)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (FH, FW), axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: cuts-off-integers
# Your maps are stored in an array of integers when the image holds integers. Which numbers can it
# hold?
def conv2d(x, weight, bias, stride=1, padding=0):
    big = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(big * 1.0, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight * 1.0)
    maps = maps + np.reshape(bias, (-1, 1, 1))
    return maps if x.dtype.kind == "f" else np.trunc(maps)


# %% conv2d: overflows
# For small integers your products overflow: they do not fit into eight or sixteen bits. Convert
# to floats before you multiply.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    maps = np.einsum("cijuv,kcuv->kij", windows[:, ::stride, ::stride], weight)
    return maps + np.reshape(bias, (-1, 1, 1))


# %% conv2d: stride-ignored
# Your filter moves by 1, whichever stride is asked for.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    stride = 1
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return maps


# %% conv2d: bias-subtracted
# You subtract the bias.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) - bias
    return maps


# %% conv2d: one-bias-for-all
# All your maps have the bias of the first filter.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias[0]
    return maps


# %% conv2d: maps-last
# Your maps are the last axis. In this notebook they are the first.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return maps.transpose(1, 2, 0)


# %% conv2d: maps-transposed
# Rows and columns of your maps are exchanged.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return maps.transpose(0, 2, 1)


# %% conv2d: relu-at-the-end
# Negative numbers of your maps have become 0. The activation comes later.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return np.maximum(maps, 0)


# %% conv2d: last-places-missing
# Your maps lack their last row and column: how many places are there?
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return maps[:, : max(rows - 1, 1), : max(columns - 1, 1)]


# %% conv2d: stride-for-columns-only
# Your filter moves down by 1, whichever stride is asked for. It holds for both axes.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, 1)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i : i + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return maps


# %% conv2d: averages
# You take the mean of the products. They are added up.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.mean(weight * window, axis=(1, 2, 3)) + bias
    return maps


# %% conv2d: first-filter-for-all
# All your maps are made with the first filter.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = pad2d(np.asarray(x, dtype=float), padding)
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight[:1] * window, axis=(1, 2, 3)) + bias
    return maps


# %% conv2d: pads-below-and-right
# Your zeros stand below and on the right only.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(np.asarray(x, dtype=float), [(0, 0), (0, padding), (0, padding)])
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return maps


# %% conv2d: border-repeated
# You pad with the numbers at the border. The text pads with zeros.
def conv2d(x, weight, bias, stride=1, padding=0):
    x = np.pad(
        np.asarray(x, dtype=float), [(0, 0), (padding, padding), (padding, padding)], mode="edge"
    )
    K, _, FH, FW = weight.shape
    rows = activation_map_size(x.shape[1], FH, stride)
    columns = activation_map_size(x.shape[2], FW, stride)
    maps = np.empty((K, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
            maps[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return maps


# %% conv_layer_parameters: without-biases
# Your number lacks the biases.
def conv_layer_parameters(k, f, c):
    return k * f * f * c


# %% conv_layer_parameters: one-bias-for-all
# Your layer has a single bias for all its filters. How many biases does conv2d get?
def conv_layer_parameters(k, f, c):
    return k * f * f * c + 1


# %% conv_layer_parameters: channels-forgotten
# Your filters have weights for one channel only. What is the shape of `weight` in conv2d?
def conv_layer_parameters(k, f, c):
    return k * (f * f + 1)


# %% conv_layer_parameters: filter-in-one-dimension
# Your filters are f pixels long and one wide. What is an f x f filter's number of pixels?
def conv_layer_parameters(k, f, c):
    return k * (f * c + 1)


# %% conv_layer_parameters: bias-for-each-channel
# Your filters have a bias for each channel. One filter makes one map: how many biases does a map
# get?
def conv_layer_parameters(k, f, c):
    return k * c * (f * f + 1)


# %% conv_layer_parameters: bias-for-each-pixel
# Your filters have a bias for each of their pixels. How many does one map get?
def conv_layer_parameters(k, f, c):
    return k * f * f * (c + 1)


# %% conv_layer_parameters: filters-forgotten
# Your number is that of a single filter.
def conv_layer_parameters(k, f, c):
    return f * f * c + 1


# %% conv_layer_parameters: biases-of-the-channels
# Your biases are one for each channel. How many has a filter?
def conv_layer_parameters(k, f, c):
    return k * f * f * c + c


# %% conv_layer_parameters: two-biases
# You count two biases for each filter.
def conv_layer_parameters(k, f, c):
    return k * (f * f * c + 2)


# %% conv_layer_parameters: adds-the-channels
# You add the channels. Each channel has its own f x f weights.
def conv_layer_parameters(k, f, c):
    return k * (f * f + c + 1)


# %% conv_layer_parameters: filter-is-twice-f
# Your filter has 2f pixels. It is f x f.
def conv_layer_parameters(k, f, c):
    return k * (2 * f * c + 1)


# %% conv_layer_parameters: biases-subtracted
# You subtract the biases.
def conv_layer_parameters(k, f, c):
    return k * (f * f * c - 1)


# %% conv_layer_parameters: filters-squared
# You count the filters twice.
def conv_layer_parameters(k, f, c):
    return k * (k * f * f * c + 1)


# %% conv_layer_parameters: biases-only
# Only the biases are counted.
def conv_layer_parameters(k, f, c):
    return k


# %% conv2d_backward: image-overwritten
# A pixel lies in many windows, but your dx keeps only the share of the last one. What has to
# happen to the shares?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    _, dweight, dbias = shares(grad, x, weight, stride, padding)
    dbig = np.zeros((x.shape[0], x.shape[1] + 2 * padding, x.shape[2] + 2 * padding))
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] = float(grad[k, i, j]) * weight[k]
    return dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]], dweight, dbias


def shares(grad, x, weight, stride, padding):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight, np.sum(grad, axis=(1, 2)) * 1.0


# %% conv2d_backward: weights-overwritten
# A weight is used at every place of its map, but your dweight keeps only the share of the last
# place.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] = float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: padding-not-cut-off
# Your dx still has the padding around it. Which shape has the gradient by x?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    return dbig, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: padding-cut-off-at-one-end
# Your dx has the right shape, but it begins with the padding: where do the pixels of x lie in the
# padded image?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    return dbig[:, : x.shape[1], : x.shape[2]], dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: filters-flipped
# Your dx uses the filters turned round. Each output hands its share back through the very weights
# through which it saw the pixel.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k, :, ::-1, ::-1]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: stride-forgotten
# Your windows begin one pixel apart, whatever the stride is. They are those of the forward pass.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        dweight[k] += float(grad[k, i, j]) * big[:, i : i + FH, j : j + FW]
        dbig[:, i : i + FH, j : j + FW] += float(grad[k, i, j]) * weight[k]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: one-filter-only
# In your dx only the first filter has a say. A pixel is seen by each of them.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        if k == 0:
            dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: mean-for-the-biases
# Your dbias is a mean over the places. The bias is added at each place: what becomes of the
# shares?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight, np.mean(grad, axis=(1, 2))


# %% conv2d_backward: one-bias-for-all
# Your dbias is a single number, the sum over all maps. How many biases are there?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight, np.sum(grad)


# %% conv2d_backward: mean-for-the-weights
# Your dweight is divided by the number of places. Is there a mean in the formula?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight / grad[0].size, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: another-order
# You return the gradient by the weights first. In which order does the exercise ask for the three?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x * 1.0, ((0, 0), (padding, padding), (padding, padding)))
    dbig, dweight = np.zeros(big.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += float(grad[k, i, j]) * weight[k]
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dweight, dx, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: gradient-cut-off
# You gather dx in an array like x, which may hold integers. Which numbers can it hold?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    big = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    kind = float if x.dtype.kind == "f" else np.int64
    dbig, dweight = np.zeros(big.shape, dtype=kind), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        i0, j0 = i * stride, j * stride
        dweight[k] += float(grad[k, i, j]) * big[:, i0 : i0 + FH, j0 : j0 + FW]
        share = float(grad[k, i, j]) * weight[k]
        dbig[:, i0 : i0 + FH, j0 : j0 + FW] += share.astype(kind)
    dx = dbig[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: wrong-sign
# All your gradients have the wrong sign.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return -dx, -dweight, -np.sum(grad, axis=(1, 2))


# %% conv2d_backward: biases-summed-over-filters
# Your dbias is summed over the filters. Each filter has its own: over which axes is the sum?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx, dweight, np.sum(grad, axis=0)


# %% conv2d_backward: window-without-weights
# Your dx takes no notice of the weights: what does a pixel of the window get?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j])
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: weights-without-the-picture
# Your dweight takes no notice of the picture: what is a weight multiplied by?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j])
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: weight-gradient-flipped
# Your dweight is flipped: the filter is laid on unflipped.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx, dweight[:, :, ::-1, ::-1], np.sum(grad, axis=(1, 2))


# %% conv2d_backward: without-the-biases
# You return two gradients. Which one is missing?
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx, dweight


# %% conv2d_backward: first-channel-only
# Only the first channel has a gradient.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    dx[1:] = 0
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: window-instead-of-weights
# You have weights and window exchanged: each gets the other's numbers as its slope.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * weight[k]
        dpadded[place] += float(grad[k, i, j]) * padded[place]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx, dweight, np.sum(grad, axis=(1, 2))


# %% conv2d_backward: biases-times-their-number
# Your dbias is multiplied by something: it is the plain sum of grad.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx, dweight, np.sum(grad, axis=(1, 2)) * grad.shape[0]


# %% conv2d_backward: mean-for-dx
# Your dx is divided by the number of places. The contributions are added up.
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    padded = pad2d(x, padding)
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    FH, FW = weight.shape[2:]
    for k, i, j in np.ndindex(*grad.shape):
        place = np.s_[:, i * stride : i * stride + FH, j * stride : j * stride + FW]
        dweight[k] += float(grad[k, i, j]) * padded[place]
        dpadded[place] += float(grad[k, i, j]) * weight[k]
    height, width = x.shape[1:]
    dx = dpadded[:, padding : padding + height, padding : padding + width]
    return dx / grad[0].size, dweight, np.sum(grad, axis=(1, 2))


# %% pooling: maximum-starts-at-zero
# Your maximum is never below 0. Where does the search for the largest begin?
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(3, 4), initial=0)


# %% pooling: half-windows-kept
# Your maps have rows or columns for windows that are not whole. What does the exercise do with
# what does not fill a window?
def max_pool2d(x, size=2, stride=None, reduce=np.max):
    step = size if stride is None else stride
    rows, cols = range(0, x.shape[1], step), range(0, x.shape[2], step)
    parts = [[reduce(x[:, i : i + size, j : j + size], axis=(1, 2)) for j in cols] for i in rows]
    return np.array(parts).transpose(2, 0, 1)


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, reduce=np.mean)


# %% pooling: filled-up-with-zeros
# You fill the last windows up with zeros. What does the exercise do with what does not fill a
# window?
def max_pool2d(x, size=2, stride=None, reduce=np.max):
    step = size if stride is None else stride
    bottom, right = -(x.shape[1] - size) % step, -(x.shape[2] - size) % step
    x = np.pad(x, ((0, 0), (0, bottom), (0, right)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return reduce(windows[:, ::step, ::step], axis=(3, 4))


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, reduce=np.mean)


# %% pooling: stride-ignored
# Your windows lie side by side, whatever the stride is.
def max_pool2d(x, size=2, stride=None, reduce=np.max):
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return reduce(windows[:, ::size, ::size], axis=(3, 4))


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, reduce=np.mean)


# %% pooling: stride-one-by-default
# Where no stride is given your windows overlap. What is the default of the stride?
def max_pool2d(x, size=2, stride=None, reduce=np.max):
    step = 1 if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return reduce(windows[:, ::step, ::step], axis=(3, 4))


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, reduce=np.mean)


# %% pooling: channels-pooled-too
# Your answer has one map for all channels. Each channel is pooled by itself.
def max_pool2d(x, size=2, stride=None, reduce=np.max):
    step = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return reduce(windows[:, ::step, ::step], axis=(0, 3, 4))[np.newaxis]


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, reduce=np.mean)


# %% pooling: sum-for-the-mean
# Your average is the sum of each window.
def avg_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].sum(axis=(3, 4))


# %% pooling: divided-by-the-side
# Your average is too large by a factor. By how many numbers do you divide, and how many lie in a
# window?
def avg_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].sum(axis=(3, 4)) / size


# %% pooling: mean-of-integers-cut-off
# The mean of integers comes out as an integer. Which division gives a fraction?
def avg_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    means = windows[:, ::stride, ::stride].mean(axis=(3, 4))
    return means if x.dtype.kind == "f" else np.floor(means)


# %% pooling: largest-by-size
# You keep the number with the largest absolute value. Of -7 and -2, which is the larger?
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    flat = windows[:, ::stride, ::stride].reshape(*windows[:, ::stride, ::stride].shape[:3], -1)
    best = np.abs(flat.astype(float)).argmax(axis=3)[..., np.newaxis]
    return np.take_along_axis(flat, best, axis=3)[..., 0]


# %% pooling: square-maps-only
# Your answer is as wide as it is high. Which length decides on the number of columns?
def max_pool2d(x, size=2, stride=None, reduce=np.max):
    step = size if stride is None else stride
    n = (x.shape[1] - size) // step + 1
    out = np.zeros((len(x), n, n))
    for i, j in np.ndindex(n, n):
        window = x[:, i * step : i * step + size, j * step : j * step + size]
        out[:, i, j] = reduce(window, axis=(1, 2))
    return out


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, reduce=np.mean)


# %% pooling: mean-of-what-is-not-zero
# Your mean leaves out the values that are 0. They belong to the window like the others.
def windows(x, size, stride):
    step = stride or size
    x = np.asarray(x, dtype=float)
    rows, columns = ((n - size) // step + 1 for n in x.shape[1:])
    places = [(i, j) for i in range(size) for j in range(size)]
    return np.stack(
        [
            x[:, i : i + rows * step : step, j : j + columns * step : step][:, :rows, :columns]
            for i, j in places
        ]
    )


def max_pool2d(x, size=2, stride=None):
    return windows(x, size, stride).max(axis=0)


def avg_pool2d(x, size=2, stride=None):
    found = windows(x, size, stride)
    return found.sum(axis=0) / np.maximum(1, (found != 0).sum(axis=0))


# %% pooling: smallest-for-largest
# Your max pooling takes the smallest number.
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].min(axis=(3, 4))


# %% pooling: size-fixed
# Your windows are 2 by 2, whichever size is asked for.
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    size = 2
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(3, 4))


def avg_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    size = 2
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].mean(axis=(3, 4))


# %% pooling: maximum-of-sizes
# Your max pooling gives sizes without a sign. Of -3 and 1 the larger one is 1.
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(np.abs(x), (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(3, 4))


# %% pooling: mean-takes-the-largest
# Your average pooling takes the largest number. The mean is asked for.
def avg_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(3, 4))


# %% pooling: median-for-the-mean
# Your average pooling takes the median. The mean is asked for.
def avg_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return np.median(windows[:, ::stride, ::stride], axis=(3, 4))


# %% pooling: mean-for-the-maximum
# Your max pooling takes the mean.
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].mean(axis=(3, 4))


# %% pooling: last-windows-missing
# Your maps lack their last row and column.
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, :-1:stride, :-1:stride].max(axis=(3, 4))


def avg_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, :-1:stride, :-1:stride].mean(axis=(3, 4))


# %% pooling: maximum-transposed
# Rows and columns of your max pooling are exchanged.
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(3, 4)).transpose(0, 2, 1)


# %% pooling: channels-last
# Your channels are the last axis. In this notebook they are the first.
def max_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(3, 4)).transpose(1, 2, 0)


def avg_pool2d(x, size=2, stride=None):
    stride = size if stride is None else stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].mean(axis=(3, 4)).transpose(1, 2, 0)


# %% receptive_field: strides-ignored
# Your field is the same whatever the strides are. After a stride of 2, how many inputs apart do
# neighbouring units look?
def receptive_field(layers):
    return 1 + sum(f - 1 for f, _ in layers)


# %% receptive_field: adds-the-filters
# You add up the filters. Two filters of 3 see 5 inputs together, since their windows overlap.
def receptive_field(layers):
    field, step = 0, 1
    for f, stride in layers:
        field += f * step
        step *= stride
    return field


# %% receptive_field: multiplies-the-filters
# You multiply the filters, as if windows never overlapped. Look at the picture: three layers with
# F = 3 see 7 inputs.
def receptive_field(layers):
    return int(np.prod([f for f, _ in layers]))


# %% receptive_field: stride-acts-in-its-own-layer
# A stride widens the field of its own layer in your answer. It says how far apart this layer's
# units look: who sees several of these units?
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers:
        step *= stride
        field += (f - 1) * step
    return field


# %% receptive_field: begins-at-the-output
# You have taken the list from the wrong side. Which layer comes first in it?
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in reversed(layers):
        field += (f - 1) * step
        step *= stride
    return field


# %% receptive_field: last-stride-only
# Only the last stride counts in your step. What is the step after two layers with a stride of 2?
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers:
        field += (f - 1) * step
        step = stride
    return field


# %% receptive_field: strides-added
# You add the strides up. What is the step after three layers with a stride of 2? Draw it.
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers:
        field += (f - 1) * step
        step += stride - 1
    return field


# %% receptive_field: without-the-unit-itself
# Your field is too small by one: you count the neighbours.
def receptive_field(layers):
    field, step = 0, 1
    for f, stride in layers:
        field += (f - 1) * step
        step *= stride
    return field


# %% receptive_field: empties-the-list
# You take the layers out of the list that you were given, and the caller has none left.
def receptive_field(layers):
    field, step = 1, 1
    while layers:
        f, stride = layers.pop(0)
        field += (f - 1) * step
        step *= stride
    return field


# %% receptive_field: filter-not-lessened
# Each layer makes your field grow by a whole filter. One of its inputs has been seen already.
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers:
        field += f * step
        step *= stride
    return field


# %% receptive_field: gives-the-step
# What comes back is the product of the strides. It is how far apart the fields of neighbours
# are.
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers:
        field += (f - 1) * step
        step *= stride
    return step


# %% receptive_field: last-layer-only
# You look at one layer only.
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers[-1:]:
        field += (f - 1) * step
        step *= stride
    return field


# %% receptive_field: first-layer-only
# You look at the first layer only.
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers[:1]:
        field += (f - 1) * step
        step *= stride
    return field


# %% receptive_field: last-layer-left-out
# You leave out the last layer.
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers[:-1]:
        field += (f - 1) * step
        step *= stride
    return field


# %% receptive_field: divides-by-the-stride
# Your steps become shorter with each stride. Between two units of a later layer, are there more
# or fewer inputs?
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers:
        field += (f - 1) * step
        step /= stride
    return field


# %% receptive_field: one-too-large
# Your field is one input too large.
def receptive_field(layers):
    field, step = 2, 1
    for f, stride in layers:
        field += (f - 1) * step
        step *= stride
    return field


# %% receptive_field: multiplies-the-fields
# You multiply. Each layer adds something to the field.
def receptive_field(layers):
    field, step = 1, 1
    for f, stride in layers:
        field *= 1 + (f - 1) * step
        step *= stride
    return field


# %% fully_connected: bias-missing
# Your scores lack their biases.
def fully_connected(x, W, b):
    return np.ravel(x * 1.0) @ W


# %% fully_connected: columns-first
# In your row the first index of x runs fastest. Which one does in C order?
def fully_connected(x, W, b):
    return np.ravel(x * 1.0, order="F") @ W + b


# %% fully_connected: channels-last
# In your row the channels run fastest, as in a picture file with `(H, W, C)`. Here an image is
# `(C, H, W)`.
def fully_connected(x, W, b):
    return np.ravel(x.transpose(1, 2, 0) * 1.0) @ W + b


# %% fully_connected: weights-from-the-wrong-side
# You read W row by row as if each class had a row. W is `(C*H*W, n)`: where are the weights of one
# class?
def fully_connected(x, W, b):
    return W.reshape(len(b), -1) @ np.ravel(x * 1.0) + b


# %% fully_connected: relu-at-the-end
# None of your scores is negative. Does the formula end with an activation function?
def fully_connected(x, W, b):
    return np.maximum(np.ravel(x * 1.0) @ W + b, 0)


# %% fully_connected: further-axis
# Your answer has a further axis of length 1. The scores of one image are `(n,)`.
def fully_connected(x, W, b):
    return x.reshape(1, -1) * 1.0 @ W + b


# %% fully_connected: channels-averaged
# You average over the channels. The layer has a weight for every single number of x.
def fully_connected(x, W, b):
    means = np.broadcast_to(x.mean(axis=0), x.shape)
    return np.ravel(means) @ W + b


# %% fully_connected: overflows
# For small integers your products overflow: they do not fit into eight bits. Convert to floats
# before you multiply.
def fully_connected(x, W, b):
    return x.reshape(-1) @ W + b


# %% fully_connected: order-of-the-memory
# Your row follows the order in which the numbers lie in memory. The indices decide: the last runs fastest.
def fully_connected(x, W, b):
    return np.asarray(x, dtype=float).ravel(order="K") @ W + b


# %% fully_connected: reversed
# Your numbers stand in a row from the last to the first.
def fully_connected(x, W, b):
    return np.asarray(x, dtype=float).reshape(-1)[::-1] @ W + b


# %% fully_connected: rows-and-columns-exchanged
# Height and width are exchanged in your row: C order runs along the columns of a row first.
def fully_connected(x, W, b):
    return np.asarray(x, dtype=float).transpose(0, 2, 1).reshape(-1) @ W + b


# %% fully_connected: averages
# Your weighted sums are divided by the number of inputs.
def fully_connected(x, W, b):
    return np.asarray(x, dtype=float).reshape(-1) @ W / x.size + b


# %% fully_connected: one-bias-for-all
# You add the sum of all biases. Each score has its own.
def fully_connected(x, W, b):
    return np.asarray(x, dtype=float).reshape(-1) @ W + np.sum(b)


# %% fully_connected: bias-subtracted
# You subtract the biases.
def fully_connected(x, W, b):
    return np.asarray(x, dtype=float).reshape(-1) @ W - b


# %% fully_connected: bias-twice
# The biases are added twice.
def fully_connected(x, W, b):
    return np.asarray(x, dtype=float).reshape(-1) @ W + 2 * b


# %% fully_connected: sigmoid-at-the-end
# Your scores have gone through a sigmoid. They are asked for as they are.
def fully_connected(x, W, b):
    return 1 / (1 + np.exp(-(np.asarray(x, dtype=float).reshape(-1) @ W + b)))


# %% fully_connected: first-channel-only
# You look at the first channel only.
def fully_connected(x, W, b):
    return np.where(np.arange(len(x))[:, None, None] == 0, x, 0.0).reshape(-1) @ W + b


# %% fully_connected: softmax-at-the-end
# You make probabilities of the scores. The layer gives the scores themselves.
def fully_connected(x, W, b):
    scores = np.ravel(x * 1.0) @ W + b
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


# %% fully_connected: scores-added-up
# You add up the scores of all classes. There is one score for each class.
def fully_connected(x, W, b):
    return (np.ravel(x * 1.0) @ W + b).sum()
