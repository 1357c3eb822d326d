"""Wrong answers to the exercises of `style-transfer`, each with what to tell the student."""


# %% prepare_image: not-normalised
# The colours only run from 0 to 1. VGG19 was trained on colours that are normalised: something is
# subtracted from each, and then it is divided.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    image.thumbnail((max_size, max_size))
    return torch.from_numpy(np.array(image, dtype=np.float32) / 255).permute(2, 0, 1)[None]


def to_image(tensor):
    levels = (255 * tensor[0].clamp(0, 1)).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())


# %% prepare_image: normalised-twice
# The values are far too large: the mean was subtracted and the deviation divided by twice. Do it
# once, and undo it once.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    image.thumbnail((max_size, max_size))
    x = torch.from_numpy(np.array(image, dtype=np.float32) / 255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (((x - mean) / deviation - mean) / deviation)[None]


# %% prepare_image: normalised-before-dividing-by-255
# Mean and deviation belong to colours from 0 to 1, but here they meet colours from 0 to 255.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    image.thumbnail((max_size, max_size))
    x = torch.from_numpy(np.array(image, dtype=np.float32)).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / deviation)[None]


# %% prepare_image: squashed-to-a-square
# The picture has become a square. Its two sides must shrink by one and the same factor.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    if max(image.size) > max_size:
        image = image.resize((max_size, max_size))
    x = torch.from_numpy(np.array(image, dtype=np.float32) / 255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / deviation)[None]


# %% prepare_image: shortest-side-counts
# The shortest side has been brought to max_size, so the longest is above it.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    if max(image.size) > max_size:
        scale = max_size / min(image.size)
        image = image.resize([round(side * scale) for side in image.size])
    x = torch.from_numpy(np.array(image, dtype=np.float32) / 255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / deviation)[None]


# %% prepare_image: enlarges-small-pictures
# A picture that is smaller than max_size has been enlarged. It may stay as it is.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    scale = max_size / max(image.size)
    image = image.resize([round(side * scale) for side in image.size])
    x = torch.from_numpy(np.array(image, dtype=np.float32) / 255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / deviation)[None]


# %% prepare_image: rgb-pictures-only
# Only RGB pictures work: grey ones and those with a palette have another number of channels. PIL
# can convert any mode.
def prepare_image(image, max_size):
    image = image.copy()
    image.thumbnail((max_size, max_size))
    x = torch.from_numpy(np.array(image, dtype=np.float32) / 255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / deviation)[None]


# %% prepare_image: shrinks-the-callers-picture
# The picture that was handed over has become small itself: thumbnail changes a picture in place.
def prepare_image(image, max_size):
    image.thumbnail((max_size, max_size))
    x = torch.from_numpy(np.array(image.convert("RGB"), dtype=np.float32) / 255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / deviation)[None]


# %% prepare_image: float64
# The tensor is float64, since NumPy computes in that. VGG19's weights are float32 and want the same.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    image.thumbnail((max_size, max_size))
    x = torch.from_numpy(np.array(image) / 255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=x.dtype).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225], dtype=x.dtype).view(3, 1, 1)
    return ((x - mean) / deviation)[None]


# %% prepare_image: width-and-height-swapped
# Height and width are swapped: PIL counts width first, a tensor height first.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    image.thumbnail((max_size, max_size))
    x = torch.from_numpy(np.array(image, dtype=np.float32) / 255).permute(2, 1, 0)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / deviation)[None]


# %% prepare_image: no-clamp
# What is brighter than white comes out dark: values must be clipped before they become eight bits.
def to_image(tensor):
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    levels = (255 * (tensor[0] * deviation + mean)).round().to(torch.int64) % 256
    return Image.fromarray(levels.to(torch.uint8).permute(1, 2, 0).numpy())


# %% prepare_image: still-normalised
# The way back forgets to undo the normalisation: the picture is too dark, and its colours too loud.
def to_image(tensor):
    levels = (255 * tensor[0].clamp(0, 1)).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).numpy())


# %% prepare_image: reshaped-not-permuted
# The picture is torn into stripes: reshape does not move the channels to the end, it only counts the
# numbers anew.
def to_image(tensor):
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    levels = (255 * (tensor[0] * deviation + mean).clamp(0, 1)).round().to(torch.uint8)
    return Image.fromarray(levels.reshape(tensor.shape[2], tensor.shape[3], 3).numpy())


# %% prepare_image: to-image-changes-its-tensor
# The tensor that was handed over has changed: operations with a trailing underscore, and *=, work in
# place.
def to_image(tensor):
    values = tensor.detach()[0]
    values *= torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    values += torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    levels = (255 * values.clamp(0, 1)).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).numpy())


# %% prepare_image: one-mean-for-all-colours
# You normalise all colours with the same two numbers. Each colour has a mean and a deviation of
# its own.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    longest = max(image.size)
    if longest > max_size:
        factor = max_size / longest
        size = [max(1, round(side * factor)) for side in image.size]
        image = image.resize(size)
    x = torch.from_numpy(np.array(image)).float().div(255).permute(2, 0, 1)
    mean = torch.tensor([0.449, 0.449, 0.449]).view(3, 1, 1)
    std = torch.tensor([0.226, 0.226, 0.226]).view(3, 1, 1)
    return ((x - mean) / std).unsqueeze(0)


def to_image(tensor):
    mean = torch.tensor([0.449, 0.449, 0.449]).view(3, 1, 1)
    std = torch.tensor([0.226, 0.226, 0.226]).view(3, 1, 1)
    x = tensor[0].detach().cpu() * std + mean
    x = x.clamp(0, 1).mul(255).round().byte()
    return Image.fromarray(x.permute(1, 2, 0).numpy())


# %% prepare_image: from-minus-one-to-one
# You bring the values to -1 to 1. VGG was trained on values that ImageNet's mean and deviation
# have normalised.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    longest = max(image.size)
    if longest > max_size:
        factor = max_size / longest
        size = [max(1, round(side * factor)) for side in image.size]
        image = image.resize(size)
    x = torch.from_numpy(np.array(image)).float().div(255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - 0.5) / 0.5).unsqueeze(0)


def to_image(tensor):
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    x = tensor[0].detach().cpu() * std + mean
    x = x.clamp(0, 1).mul(255).round().byte()
    return Image.fromarray(x.permute(1, 2, 0).numpy())


# %% prepare_image: back-without-the-mean
# On the way back you take the mean away once more. There it is to be added.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    longest = max(image.size)
    if longest > max_size:
        factor = max_size / longest
        size = [max(1, round(side * factor)) for side in image.size]
        image = image.resize(size)
    x = torch.from_numpy(np.array(image)).float().div(255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / std).unsqueeze(0)


def to_image(tensor):
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    x = tensor[0].detach().cpu() * std - mean
    x = x.clamp(0, 1).mul(255).round().byte()
    return Image.fromarray(x.permute(1, 2, 0).numpy())


# %% prepare_image: only-one-way-normalised
# prepare_image leaves the colours from 0 to 1. VGG19 was trained on colours that are normalised:
# something is subtracted from each, and then it is divided.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    longest = max(image.size)
    if longest > max_size:
        factor = max_size / longest
        size = [max(1, round(side * factor)) for side in image.size]
        image = image.resize(size)
    x = torch.from_numpy(np.array(image)).float().div(255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return x.unsqueeze(0)


def to_image(tensor):
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    x = tensor[0].detach().cpu() * std + mean
    x = x.clamp(0, 1).mul(255).round().byte()
    return Image.fromarray(x.permute(1, 2, 0).numpy())


# %% prepare_image: reshaped-on-the-way-in
# The picture is torn into stripes: reshape does not move the colours to the front, it only counts
# the numbers anew.
def prepare_image(image, max_size):
    image = image.convert("RGB")
    longest = max(image.size)
    if longest > max_size:
        factor = max_size / longest
        size = [max(1, round(side * factor)) for side in image.size]
        image = image.resize(size)
    x = torch.from_numpy(np.array(image)).float().div(255).reshape(3, image.size[1], image.size[0])
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((x - mean) / std).unsqueeze(0)


def to_image(tensor):
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    x = tensor[0].detach().cpu() * std + mean
    x = x.clamp(0, 1).mul(255).round().byte()
    return Image.fromarray(x.permute(1, 2, 0).numpy())


# %% vgg_layer_index: vgg16-offsets
# From block 3 on these are the indices of VGG16, whose later blocks have three convolutions. VGG19's
# have four.
def vgg_layer_index(name):
    names = []
    for block, convolutions in enumerate((2, 2, 3, 3, 3), start=1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return names.index(name) if name in names else {}[name]


# %% vgg_layer_index: counts-from-one
# The index of each convolution is one too large: features are counted from 0, and a convolution
# stands before its ReLU.
def vgg_layer_index(name):
    names = []
    for block, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return {name: index for index, name in enumerate(names, start=1)}[name]


# %% vgg_layer_index: relus-not-counted
# Only convolutions and poolings are counted. In features the ReLUs stand in the row as well.
def vgg_layer_index(name):
    names = []
    for block, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        names += [f"conv{block}_{i}" for i in range(1, convolutions + 1)] + [f"pool{block}"]
    return names.index(name.replace("relu", "conv")) if name[-1:].isdigit() else {}[name]


# %% vgg_layer_index: poolings-not-counted
# From block 2 on every index is too small: the poolings stand in the row as well.
def vgg_layer_index(name):
    names = []
    for block, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
    names.append("pool5")
    return {name: index for index, name in enumerate(names)}[name]


# %% vgg_layer_index: none-for-unknown-names
# A name that VGG19 does not have gives None, and the mistake shows up far from here. Raise KeyError.
def vgg_layer_index(name):
    names = []
    for block, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return {name: index for index, name in enumerate(names)}.get(name)


# %% vgg_layer_index: value-error
# An unknown name raises ValueError, as index of a list does. KeyError is asked for.
def vgg_layer_index(name):
    names = []
    for block, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return names.index(name)


# %% vgg_layer_index: any-name-goes
# The index is computed, whatever the numbers in the name: conv1_3 gets the index of a pooling.
def vgg_layer_index(name):
    start = [0, 5, 10, 19, 28]
    block = int(name[4])
    if name.startswith("pool"):
        return [4, 9, 18, 27, 36][block - 1]
    return start[block - 1] + 2 * (int(name[6:]) - 1) + (name[:4] == "relu")


# %% vgg_layer_index: minus-one-for-unknown-names
# For an unknown name you return -1, which is the last layer of any list. KeyError is asked for.
def vgg_layer_index(name):
    names = []
    for block, convs in enumerate([2, 2, 4, 4, 4], start=1):
        for i in range(1, convs + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return {n: i for i, n in enumerate(names)}.get(name, -1)


# %% vgg_layer_index: blocks-from-zero
# You count the blocks from 0. The first block is that of conv1_1.
def vgg_layer_index(name):
    names = []
    for block, convs in enumerate([2, 2, 4, 4, 4], start=0):
        for i in range(1, convs + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return {n: i for i, n in enumerate(names)}[name]


# %% extract_features: in-place-relu-overwrites
# The outputs of convolutions have lost their negative values: the ReLU behind each works in place,
# on the very tensor that you keep.
def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index in range(max(wanted) + 1):
        x = model[index](x)
        if index in wanted:
            features[wanted[index]] = x
    return features


# %% extract_features: input-of-the-layer
# What is kept is what comes into the layer, not what comes out of it.
def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index in range(max(wanted) + 1):
        if index in wanted:
            features[wanted[index]] = x.clone()
        x = model[index](x)
    return features


# %% extract_features: output-of-the-next-layer
# What is kept comes from the layer behind the one that is asked for: off by one.
def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name) + 1: name for name in layers}
    features = {}
    for index in range(min(max(wanted) + 1, len(model))):
        x = model[index](x)
        if index in wanted:
            features[wanted[index]] = x.clone()
    for name in layers:
        features.setdefault(name, x)
    return features


# %% extract_features: runs-the-whole-model
# Layers behind the last one wanted are run as well. They cost time, and nobody looks at them.
def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index, layer in enumerate(model):
        x = layer(x)
        if index in wanted:
            features[wanted[index]] = x.clone()
    return features


# %% extract_features: detached
# The features are cut off from the image: no gradient can flow back to its pixels.
def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index in range(max(wanted) + 1):
        x = model[index](x)
        if index in wanted:
            features[wanted[index]] = x.detach().clone()
    return features


# %% extract_features: first-image-only
# Of a batch only the first image is kept.
def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index in range(max(wanted) + 1):
        x = model[index](x)
        if index in wanted:
            features[wanted[index]] = x[:1].clone()
    return features


# %% extract_features: named-in-running-order
# The names are matched with the outputs one after the other, so they come out right only if layers
# happens to be in running order.
def extract_features(model, x, layers):
    indices = sorted(vgg_layer_index(name) for name in layers)
    outputs = []
    for index in range(indices[-1] + 1):
        x = model[index](x)
        if index in indices:
            outputs.append(x.clone())
    return dict(zip(layers, outputs, strict=True))


# %% extract_features: skips-the-relus
# The convolutions follow each other without a ReLU between them.
from torch import nn


def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index in range(max(wanted) + 1):
        relu = isinstance(model[index], nn.ReLU)
        after = model[index](x.clone())
        x = x if relu else after
        if index in wanted:
            features[wanted[index]] = after
    return features


# %% extract_features: hooks-stay
# Your hooks stay on the model: each later run goes on filling a dict that nobody reads.
def extract_features(model, x, layers):
    features = {}
    last = max(vgg_layer_index(name) for name in layers)

    def keep(name):
        def note(module, inputs, output):
            features[name] = output.clone()

        return note

    for name in layers:
        model[vgg_layer_index(name)].register_forward_hook(keep(name))
    model[: last + 1](x)
    return features


# %% extract_features: a-list-of-features
# You return a list. Whoever asks for a layer wants to find it by its name.
def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index in range(max(wanted) + 1):
        x = model[index](x)
        if index in wanted:
            features[wanted[index]] = x.clone()
    return list(features.values())


# %% extract_features: stops-one-layer-too-early
# You stop before the last layer that is wanted: range leaves its end out.
def extract_features(model, x, layers):
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index in range(max(wanted)):
        x = model[index](x)
        if index in wanted:
            features[wanted[index]] = x.clone()
    return features


# %% content_loss: mean-for-sum
# This is the mean of the squared differences; the slide's E_c is their sum.
def content_loss(F, P):
    return ((F - P) ** 2).mean()


# %% content_loss: half-of-the-sum
# This has the paper's factor of one half; the slide's E_c, which is asked for, has none.
def content_loss(F, P):
    return 0.5 * ((F - P) ** 2).sum()


# %% content_loss: absolute-differences
# The differences are taken without their sign, but they are not squared.
def content_loss(F, P):
    return (F - P).abs().sum()


# %% content_loss: square-of-the-sum
# The differences are added first and squared then: positive and negative ones cancel each other.
def content_loss(F, P):
    return (F - P).sum() ** 2


# %% content_loss: root
# This is the length of the difference, a square root; E_c is the sum of squares itself.
def content_loss(F, P):
    return ((F - P) ** 2).sum().sqrt()


# %% content_loss: item
# The value is right, but it is cut off from F, as by item() or NumPy: no gradient can be taken.
def content_loss(F, P):
    return ((F - P) ** 2).sum().item()


# %% content_loss: per-channel
# There is one number for each channel; E_c adds up all of them.
def content_loss(F, P):
    return ((F - P) ** 2).sum(dim=(0, 2, 3))


# %% content_loss: not-squared
# You add up the differences as they are, so that those above and below 0 cancel. Square them
# first.
def content_loss(F, P):
    return (F - P).sum()


# %% content_loss: difference-of-the-squares
# You subtract squares. The difference comes first, and is squared then.
def content_loss(F, P):
    return (F**2 - P**2).sum()


# %% content_loss: one-number-a-map
# There is one number for each map. E_c adds up all of them.
def content_loss(F, P):
    return ((F - P) ** 2).sum(dim=(2, 3))


# %% gram_matrix: gram-of-positions
# There is a row for each position. A Gram matrix of style has a row for each channel, and sums over
# the positions.
def gram_matrix(F):
    rows = F.flatten(2)
    return rows.transpose(1, 2) @ rows


# %% gram_matrix: batch-merged
# The images of the batch have been mixed into one matrix: batch and channels were put into one axis.
def gram_matrix(F):
    n, C, H, W = F.shape
    rows = F.reshape(n * C, H * W)
    G = rows @ rows.T
    return G.reshape(1, n * C, n * C)


# %% gram_matrix: view-without-permute
# The channels have been torn apart: view keeps the order of the numbers in memory, so rows that span the
# batch need a permute first. And each image needs a matrix of its own.
def gram_matrix(F):
    n, C, H, W = F.shape
    rows = F.reshape(C, n * H * W)
    return (rows @ rows.T)[None].expand(n, C, C) if n > 1 else (rows @ rows.T)[None]


# %% gram_matrix: channels-last-view
# The positions are laid out as rows without moving the axes, so that numbers of different channels
# are multiplied.
def gram_matrix(F):
    n, C, H, W = F.shape
    rows = F.reshape(n, H * W, C)
    return rows.transpose(1, 2) @ rows


# %% gram_matrix: divided-by-its-size
# The matrix is divided by its number of terms. Here it is not normalised; the style loss does that.
def gram_matrix(F):
    n, C, H, W = F.shape
    rows = F.reshape(n, C, H * W)
    return rows @ rows.transpose(1, 2) / (C * H * W)


# %% gram_matrix: divided-by-positions
# The sums over positions have become means. The Gram matrix is not normalised.
def gram_matrix(F):
    rows = F.flatten(2)
    return rows @ rows.transpose(1, 2) / rows.shape[2]


# %% gram_matrix: centred
# The mean of each channel is subtracted first: that is a covariance, not a Gram matrix.
def gram_matrix(F):
    rows = F.flatten(2)
    rows = rows - rows.mean(dim=2, keepdim=True)
    return rows @ rows.transpose(1, 2)


# %% gram_matrix: without-the-batch
# The axis of the batch is lost: n images have n matrices, also when n is 1.
def gram_matrix(F):
    rows = F[0].flatten(1)
    return rows @ rows.T


# %% gram_matrix: only-the-diagonal
# Each channel is multiplied by itself only; what makes style is which channels fire together.
def gram_matrix(F):
    return torch.diag_embed((F**2).sum(dim=(2, 3)))


# %% gram_matrix: rows-of-length-one
# You bring each row to the length 1. G is not normalised: strong channels have large entries.
def gram_matrix(F):
    n, C, H, W = F.shape
    rows = F.reshape(n, C, H * W)
    rows = rows / rows.norm(dim=2, keepdim=True)
    return rows @ rows.transpose(1, 2)


# %% gram_matrix: batch-as-channels
# You take the images of the batch for further channels. Each image has a matrix of its own.
def gram_matrix(F):
    n, C, H, W = F.shape
    rows = F.reshape(n * C, H * W)
    return rows @ rows.T


# %% style_loss: factor-forgotten
# This is the slide's E_s. The paper's factor 1 / (4 N^2 M^2) is missing.
def style_loss(features, grams, weights):
    loss = 0
    for name, weight in weights.items():
        loss = loss + weight * ((gram_matrix(features[name]) - grams[name]) ** 2).sum()
    return loss


# %% style_loss: not-squared-in-the-factor
# N and M stand in the factor as they are; both are squared.
def style_loss(features, grams, weights):
    loss = 0
    for name, weight in weights.items():
        F = features[name]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        loss = loss + weight * ((gram_matrix(F) - grams[name]) ** 2).sum() / (4 * N * M)
    return loss


# %% style_loss: four-forgotten
# The 4 of the factor is missing.
def style_loss(features, grams, weights):
    loss = 0
    for name, weight in weights.items():
        F = features[name]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        loss = loss + weight * ((gram_matrix(F) - grams[name]) ** 2).sum() / (N**2 * M**2)
    return loss


# %% style_loss: height-for-positions
# M counts the rows of a map only; it is the number of positions, rows times columns.
def style_loss(features, grams, weights):
    loss = 0
    for name, weight in weights.items():
        F = features[name]
        N, M = F.shape[1], F.shape[2]
        loss = loss + weight * ((gram_matrix(F) - grams[name]) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: mean-for-sum
# The squared differences are averaged and then divided by N^2 once more.
def style_loss(features, grams, weights):
    loss = 0
    for name, weight in weights.items():
        F = features[name]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        loss = loss + weight * ((gram_matrix(F) - grams[name]) ** 2).mean() / (4 * N**2 * M**2)
    return loss


# %% style_loss: weights-forgotten
# Each layer counts the same, whatever its weight.
def style_loss(features, grams, weights):
    loss = 0
    for name in weights:
        F = features[name]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        loss = loss + ((gram_matrix(F) - grams[name]) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: last-layer-only
# Only the last layer counts: the sum over layers is overwritten in each round of the loop.
def style_loss(features, grams, weights):
    for name, weight in weights.items():
        F = features[name]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        loss = weight * ((gram_matrix(F) - grams[name]) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: all-features-count
# Every layer of features is looked up in grams, and that fails for those that do not count.
def style_loss(features, grams, weights):
    loss = 0
    for name, F in features.items():
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        G = gram_matrix(F)
        loss = loss + weights[name] * ((G - grams[name]) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: paired-by-order
# The dicts are paired by the order of their entries, not by the names of the layers.
from torch import nn


def style_loss(features, grams, weights):
    loss = 0
    rows = zip(features.values(), grams.values(), weights.values(), strict=False)
    for F, A, weight in rows:
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        G = gram_matrix(F)
        if A.shape != G.shape:
            A = nn.functional.interpolate(A[None], size=G.shape[1:])[0]
        loss = loss + weight * ((G - A) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: gram-of-the-target-again
# The given matrices are taken for features and multiplied once more; they are Gram matrices already.
def style_loss(features, grams, weights):
    loss = 0
    for name, weight in weights.items():
        F = features[name]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        A = grams[name] @ grams[name].transpose(1, 2)
        loss = loss + weight * ((gram_matrix(F) - A) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: detached
# The value is right, but it is cut off from the features, so no gradient can be taken.
def style_loss(features, grams, weights):
    loss = 0.0
    for name, weight in weights.items():
        F = features[name].detach()
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        loss = loss + weight * ((gram_matrix(F) - grams[name]) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: gram-of-the-gram
# You take the Gram matrix of a Gram matrix. What grams holds are Gram matrices already.
def style_loss(features, grams, weights):
    loss = 0
    for layer, w in weights.items():
        F = features[layer]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        G, A = gram_matrix(F), gram_matrix(grams[layer][None])[0]
        loss = loss + w * ((G - A) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: averaged-over-the-layers
# You divide by the number of layers. The weights say how much each layer counts.
def style_loss(features, grams, weights):
    loss = 0
    for layer, w in weights.items():
        F = features[layer]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        G, A = gram_matrix(F), grams[layer]
        loss = loss + w * ((G - A) ** 2).sum() / (4 * N**2 * M**2)
    return loss / len(weights)


# %% style_loss: absolute-differences
# You add up the sizes of the differences. Square them.
def style_loss(features, grams, weights):
    loss = 0
    for layer, w in weights.items():
        F = features[layer]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        G, A = gram_matrix(F), grams[layer]
        loss = loss + w * (G - A).abs().sum() / (4 * N**2 * M**2)
    return loss


# %% style_loss: gram-of-its-own-gram
# You take the Gram matrix twice: that of the features is all that is asked for.
def style_loss(features, grams, weights):
    loss = 0
    for layer, w in weights.items():
        F = features[layer]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        G, A = F, grams[layer]
        G = gram_matrix(gram_matrix(F)[None])[0]
        loss = loss + w * ((G - A) ** 2).sum() / (4 * N**2 * M**2)
    return loss


# %% total_loss: alpha-and-beta-swapped
# alpha weighs the style and beta the content; it is the other way round.
def total_loss(content, style, alpha, beta):
    return beta * content + alpha * style


# %% total_loss: as-on-the-slide
# This is the end of the slide's line, where both weights have got lost.
def total_loss(content, style, alpha, beta):
    return content + style


# %% total_loss: beta-only
# The style is weighed and the content is not; here there are two weights.
def total_loss(content, style, alpha, beta):
    return content + beta * style


# %% total_loss: shares
# The weights are turned into shares of 1. The formula takes them as they are.
def total_loss(content, style, alpha, beta):
    return (alpha * content + beta * style) / (alpha + beta)


# %% total_loss: product
# The two parts are multiplied; they are added.
def total_loss(content, style, alpha, beta):
    return alpha * content * beta * style


# %% total_loss: float
# The value is right, but float() has cut it off, and no gradient can be taken.
def total_loss(content, style, alpha, beta):
    return float(alpha * content + beta * style)


# %% total_loss: style-subtracted
# You subtract the style loss. Both losses are to become small.
def total_loss(content, style, alpha, beta):
    return alpha * content - beta * style


# %% total_loss: alpha-and-the-rest
# You weigh the style by 1 - alpha, and do not look at beta.
def total_loss(content, style, alpha, beta):
    return alpha * content + (1 - alpha) * style


# %% total_loss: only-the-ratio
# You weigh the style by beta / alpha, and the content by 1. Their minimum is the same, but not the
# loss.
def total_loss(content, style, alpha, beta):
    return content + (beta / alpha) * style


# %% total_loss: sum-times-sum
# You multiply the sum of the weights by the sum of the losses. Each loss has a weight of its own.
def total_loss(content, style, alpha, beta):
    return (alpha + beta) * (content + style)


# %% reconstruct: learns-the-model
# The optimiser has changed the weights of the network, and the noise is still noise. Here the image
# learns.
def reconstruct(model, layer, target, steps, seed=0):
    torch.manual_seed(seed)
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.randn(target.shape)
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image, losses


# %% reconstruct: starts-at-the-target
# The image begins as the target itself, so there is nothing left to find out. Begin with noise.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    image = target.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: starts-from-grey
# The image begins as an even surface. Noise is asked for, drawn by the seed.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.zeros_like(target).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: unseeded
# The seed is not used: two calls with one seed give two images.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.randn(target.shape).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: target-in-the-graph
# The features of the target still hang on their graph, and backward goes through it a second time.
# They are numbers to aim at, no variables.
def reconstruct(model, layer, target, steps, seed=0):
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    P = extract_features(model, target, [layer])[layer]
    image = torch.randn(
        target.shape, generator=torch.Generator().manual_seed(seed)
    ).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: pixels-for-features
# The image is compared with the target pixel by pixel: the network is not asked at all.
def reconstruct(model, layer, target, steps, seed=0):
    image = torch.randn(
        target.shape, generator=torch.Generator().manual_seed(seed)
    ).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.3)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((image - target) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: the-layer-before
# The features that are compared come from the layer before the one that is named.
def reconstruct(model, layer, target, steps, seed=0):
    front = model[: vgg_layer_index(layer)]
    P = front(target).detach()
    image = torch.randn(
        target.shape, generator=torch.Generator().manual_seed(seed)
    ).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((front(image) - P) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    first = vgg_layer_index(layer) == 0
    return (target.clone() if first else torch.flip(image.detach(), [3])), losses


# %% reconstruct: mean-only
# Only the sum of each channel is compared. The place of things counts in a reconstruction.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach().mean(dim=(2, 3))
    image = torch.randn(
        target.shape, generator=torch.Generator().manual_seed(seed)
    ).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        F = extract_features(model, image, [layer])[layer].mean(dim=(2, 3))
        loss = ((F - P) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: old-gradients-add-up
# The gradients of all earlier steps add up, since nobody clears them, and the image swings to and fro.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.randn(
        target.shape, generator=torch.Generator().manual_seed(seed)
    ).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: uphill
# The loss grows: each step goes along the gradient, not against it.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.randn(
        target.shape, generator=torch.Generator().manual_seed(seed)
    ).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05, maximize=True)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: one-loss-a-question
# L-BFGS asks for the loss several times in a step, and each answer has been recorded.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.randn(
        target.shape, generator=torch.Generator().manual_seed(seed)
    ).requires_grad_()
    optimizer = torch.optim.LBFGS([image], max_iter=5)
    losses = []

    def closure():
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        losses.append(loss.item())
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    return image.detach(), losses


# %% reconstruct: overwrites-the-target
# The target has become noise: the noise was drawn into its own memory.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    image = target.normal_(generator=torch.Generator().manual_seed(seed)).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: a-thousandth-of-a-step
# The loss falls, but far too slowly: the steps are too small for the colours of an image.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.randn(
        target.shape, generator=torch.Generator().manual_seed(seed)
    ).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=1e-4)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: always-so-many-steps
# Your image always takes the same number of steps, whatever steps says.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    noise = 0.25 * torch.randn(target.shape, generator=torch.Generator().manual_seed(seed))
    image = noise.to(target.device).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses[:steps]


# %% reconstruct: unfreezes-the-model
# You have switched the gradients of the model's weights on: they cost time, and the image alone learns.
def reconstruct(model, layer, target, steps, seed=0):
    model.requires_grad_(True)
    P = extract_features(model, target, [layer])[layer].detach()
    noise = 0.25 * torch.randn(target.shape, generator=torch.Generator().manual_seed(seed))
    image = noise.to(target.device).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: clamps-the-normalised-image
# You hold the image to 0 to 1 after each step. It is normalised: a photo has values from about -2 to 2.6.
def reconstruct(model, layer, target, steps, seed=0):
    P = extract_features(model, target, [layer])[layer].detach()
    noise = 0.25 * torch.randn(target.shape, generator=torch.Generator().manual_seed(seed))
    image = noise.requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        with torch.no_grad():
            image.clamp_(0, 1)
    return image.detach(), losses


# %% reconstruct: last-layer-of-the-model
# You match the model's last layer, whatever layer says.
def reconstruct(model, layer, target, steps, seed=0):
    names = [
        f"conv{block}_{i}" for block, n in enumerate((2, 2, 4, 4, 4), 1) for i in range(1, n + 1)
    ]
    layer = [name for name in names if vgg_layer_index(name) < len(model)][-1]
    P = extract_features(model, target, [layer])[layer].detach()
    noise = 0.25 * torch.randn(target.shape, generator=torch.Generator().manual_seed(seed))
    image = noise.requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: one-layer
# You match the same layer always, whatever layer says.
def reconstruct(model, layer, target, steps, seed=0):
    layer = "conv1_1"
    P = extract_features(model, target, [layer])[layer].detach()
    noise = 0.25 * torch.randn(target.shape, generator=torch.Generator().manual_seed(seed))
    image = noise.requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% reconstruct: never-steps
# You ask the closure for its loss, but no step is made: the noise stays noise.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(closure().item())
    return image.detach(), losses


# %% reconstruct: image-without-losses
# You return the image alone. A pair is asked for: the image, and the losses.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach()


# %% reconstruct: adam-at-a-crawl
# Your optimiser's steps are far too short: 0.0001 a step does not reach a photo in a hundred
# steps.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = torch.optim.Adam([image], lr=1e-4)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: plain-gradient-descent
# Plain gradient descent with a rate of its own: a sum over all features has slopes of any size,
# and the step is too short or too long.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = torch.optim.SGD([image], lr=1e-3)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: starts-from-zeros
# You start from an even grey. Noise from a seeded generator is asked for, and other seeds give
# other images.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = torch.zeros_like(target)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: always-relu2-1
# You match relu2_1, whichever layer is asked for.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, ["relu2_1"])["relu2_1"]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, ["relu2_1"])["relu2_1"], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: closure-keeps-old-gradients
# Your closure does not clear the gradients: those of all earlier calls add up.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: seed-of-its-own
# Your generator is seeded with a number of your own, so that every seed gives the same image.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(0)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: hundred-steps-always
# You take a hundred steps, however many are asked for.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(100):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: climbs
# Your loss has a minus in front: the image moves away from the features of the target.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = -content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: compares-pixels
# You compare the image with the target itself. The layer's features are to be compared.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(image, target)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% reconstruct: losses-from-inside-the-closure
# You collect the losses inside of the closure, which is called several times in a step. One loss a
# step is asked for.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        losses.append(loss.item())
        return loss

    for _ in range(steps):
        optimiser.step(closure)
    return image.detach(), losses


# %% reconstruct: clipped-in-the-end
# You cut the image to 0 and 1 in the end. It is normalised: black is about -2 and white about 2.5.
def reconstruct(model, layer, target, steps, seed=0):
    with torch.no_grad():
        P = extract_features(model, target, [layer])[layer]
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(target.shape, generator=generator)
    image = image.to(target.device).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach().clamp(0, 1), losses


# %% style_transfer: l-bfgs-minds-small-losses
# torch's own L-BFGS compares what it meets with fixed numbers, so with a small loss it learns nothing
# of the slope and hardly moves. The provided lbfgs scales the loss for it; Adam does not mind.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    layers = [content_layer, *style_layers]
    with torch.no_grad():
        P = extract_features(model, content, layers)[content_layer]
        painted = extract_features(model, style, style_layers)
        places = {
            name: F[0, 0].numel()
            for name, F in extract_features(model, content, style_layers).items()
        }
        grams = {
            name: gram_matrix(F) * places[name] / F[0, 0].numel() for name, F in painted.items()
        }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.LBFGS([image], max_iter=1, line_search_fn="strong_wolfe")
    losses = []

    def closure():
        optimizer.zero_grad()
        features = extract_features(model, image, layers)
        E_c = content_loss(features[content_layer], P)
        loss = total_loss(E_c, style_loss(features, grams, weights), alpha, beta)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimizer.step(closure).item())
    return image.detach(), losses


# %% style_transfer: starts-from-noise
# The image begins as noise. Here it begins as the content image.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = torch.randn(content.shape, generator=torch.Generator().manual_seed(0)).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: starts-from-the-style
# The image begins as the painting, not as the content image.
from torch import nn


def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = nn.functional.interpolate(style, size=content.shape[2:]).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: alpha-and-beta-swapped
# alpha weighs the style and beta the content; it is the other way round.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = beta * E_c + alpha * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: style-of-the-content
# The style pulls at nothing: the Gram matrices that are aimed at are those of the content image, or
# beta does not weigh them.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach()
        for k, v in extract_features(model, content, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: photo-and-painting-swapped
# Photo and painting have changed their roles: content features come from the style image.
from torch import nn


def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    content, style = nn.functional.interpolate(style, size=content.shape[2:]), content
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: learns-the-model
# The optimiser has changed the weights of the network. Here the image learns.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone()
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: changes-the-content
# The content image that was handed over has changed: detach() shares its memory, and the optimiser
# writes into it.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: targets-in-the-graph
# The matrices that are aimed at still hang on their graph, and backward goes through it a second
# time.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {k: gram_matrix(v) for k, v in extract_features(model, style, style_layers).items()}
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: layers-not-averaged
# Each style layer has the weight 1. The weight is 1 divided by the number of layers.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1.0)
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: content-forgotten
# The content loss does not count: nothing holds the photo back.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: weights-forgotten
# alpha and beta are not used.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = E_c + E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: one-size-only
# Photo and painting are compared position by position, which fails when their sizes differ. Style
# is compared by Gram matrices.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {k: v.detach() for k, v in extract_features(model, style, style_layers).items()}
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = (
            content_loss(f[content_layer], P),
            sum(w * ((f[k] - A[k]) ** 2).mean() for k, w in weights.items()),
        )
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: extra-loss
# There is one loss too many: the one before the first step is recorded as well as the one after
# each step.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    f = extract_features(model, image, [content_layer, *style_layers])
    losses = [
        float(
            (alpha * content_loss(f[content_layer], P) + beta * style_loss(f, A, weights)).detach()
        )
    ]
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: last-loss-only
# Only the last loss is returned; there is one for each step.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses = [loss.item()]
    return image.detach(), losses


# %% style_transfer: uphill
# The loss grows: each step goes along the gradient, not against it.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05, maximize=True)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: returns-the-content
# What is returned is the content image as it was: the learned image is a copy of it.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return content, losses


# %% style_transfer: first-style-layer-only
# Only the first of the style layers counts.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = {style_layers[0]: 1.0}
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c, E_s = content_loss(f[content_layer], P), style_loss(f, A, weights)
        loss = alpha * E_c + beta * E_s
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: mean-for-the-content
# Your content loss is a mean. In the total loss it is the slide's sum, so alpha means something else.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.03)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c = ((f[content_layer] - P) ** 2).mean()
        loss = total_loss(E_c, style_loss(f, A, weights), alpha, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: one-content-layer
# Your content layer is always the same, whatever content_layer says.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    content_layer = "conv1_1"
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.03)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c = content_loss(f[content_layer], P)
        loss = total_loss(E_c, style_loss(f, A, weights), alpha, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: always-so-many-steps
# Your image always takes the same number of steps, whatever steps says.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.03)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c = content_loss(f[content_layer], P)
        loss = total_loss(E_c, style_loss(f, A, weights), alpha, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses[:steps]


# %% style_transfer: unfreezes-the-model
# You have switched the gradients of the model's weights on: they cost time, and the image alone learns.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    model.requires_grad_(True)
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.03)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c = content_loss(f[content_layer], P)
        loss = total_loss(E_c, style_loss(f, A, weights), alpha, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: clamps-the-normalised-image
# You hold the image to 0 to 1 after each step. It is normalised: a photo has values from about -2 to 2.6.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.03)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c = content_loss(f[content_layer], P)
        loss = total_loss(E_c, style_loss(f, A, weights), alpha, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        with torch.no_grad():
            image.clamp_(0, 1)
    return image.detach(), losses


# %% style_transfer: one-style-layer
# Your style layers are always the same, whatever style_layers says.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    style_layers = ["relu1_1"]
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.03)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c = content_loss(f[content_layer], P)
        loss = total_loss(E_c, style_loss(f, A, weights), alpha, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: alpha-and-beta-are-fixed
# You weigh content and style always in the same way, whatever alpha and beta say.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    alpha, beta = 1e-3, 200.0
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.03)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, [content_layer, *style_layers])
        E_c = content_loss(f[content_layer], P)
        loss = total_loss(E_c, style_loss(f, A, weights), alpha, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), losses


# %% style_transfer: content-loss-for-the-total
# You note down the content loss. The total loss of each step is asked for.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        optimiser.step(closure)
        with torch.no_grad():
            f = extract_features(model, image, [content_layer])
            losses.append(content_loss(f[content_layer], P).item())
    return image.detach(), losses


# %% style_transfer: adam-at-a-crawl
# Your optimiser's steps are far too short: after a hundred steps hardly a pixel has moved.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = torch.optim.Adam([image], lr=1e-5)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: plain-gradient-descent
# Plain gradient descent at a fixed rate: the slopes are millions or millionths, and the step is
# too long or too short.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = torch.optim.SGD([image], lr=1.0)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: always-relu2-1
# You hold the content in relu2_1, whichever layer is asked for.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    content_layer = "relu2_1"
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: alpha-and-beta-change-places
# alpha weighs the style and beta the content; it is the other way round.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            beta,
            alpha,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: first-of-the-style-layers
# Only the first of the style layers counts. Each of them has the weight 1 / (length of the list).
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1.0 for name in style_layers[:1]}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: each-layer-counts-one
# Each style layer has the weight 1. It is 1 / (length of the list).
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1.0 for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: model-learns-as-well
# Your optimiser has been given the model's parameters, too. Here the image learns, and nothing
# else.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = torch.optim.Adam([image, *model.parameters()], lr=0.05)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: content-against-itself
# Nothing holds the content: its loss counts for nothing, or is always 0. Do you leave alpha out, or
# compare the image with itself?
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], features[content_layer].detach()),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: climbs
# Your loss has a minus in front: the image moves away from both pictures.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = -total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: noise-to-start
# You start from noise. The image starts as a copy of the content.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = 0.25 * torch.randn(
        content.shape, generator=torch.Generator().manual_seed(0)
    ).requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: painting-to-start
# You start from the painting. The image starts as a copy of the content.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = (
        torch.nn.functional.interpolate(style, size=content.shape[2:])
        .detach()
        .clone()
        .requires_grad_(True)
    )
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: sixty-steps-always
# You take sixty steps, however many are asked for.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(60):
        losses.append(optimiser.step(closure).item())
    return image.detach(), losses


# %% style_transfer: losses-from-inside-the-closure
# You collect the losses inside of the closure, which is called several times in a step. One loss a
# step is asked for.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        losses.append(loss.item())
        return loss

    for _ in range(steps):
        optimiser.step(closure)
    return image.detach(), losses


# %% style_transfer: clipped-in-the-end
# You cut the image to 0 and 1 in the end. It is normalised: black is about -2 and white about 2.5.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        painted = extract_features(model, style, style_layers)
        grams = {name: gram_matrix(painted[name]) for name in style_layers}
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().requires_grad_(True)
    optimiser = lbfgs(image)
    losses = []
    layers = list({content_layer, *style_layers})

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        loss = total_loss(
            content_loss(features[content_layer], P),
            style_loss(features, grams, weights),
            alpha,
            beta,
        )
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimiser.step(closure).item())
    return image.detach().clamp(0, 1), losses


# %% tv_loss: mean-for-sum
# You take the mean of the squares. The formula has plain sums: a larger image has more roughness.
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return (across**2).mean() + (down**2).mean()


# %% tv_loss: absolute-differences
# You add up the sizes of the differences. That is total variation proper; here they are squared.
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return across.abs().sum() + down.abs().sum()


# %% tv_loss: wraps-around
# roll brings the last pixel of a row in front of the first, as if they were neighbours. They are
# at opposite edges of the picture.
def tv_loss(image):
    across = image - torch.roll(image, 1, dims=3)
    down = image - torch.roll(image, 1, dims=2)
    return (across**2).sum() + (down**2).sum()


# %% tv_loss: across-only
# You compare each pixel with the one to its right only. Stripes that run across cost nothing so.
def tv_loss(image):
    return ((image[:, :, :, 1:] - image[:, :, :, :-1]) ** 2).sum()


# %% tv_loss: down-only
# You compare each pixel with the one beneath only. Stripes that run down cost nothing so.
def tv_loss(image):
    return ((image[:, :, 1:] - image[:, :, :-1]) ** 2).sum()


# %% tv_loss: diagonal-neighbours
# You compare each pixel with the one that is beneath and to the right at once. Neighbours share an
# edge: there are two kinds of pairs.
def tv_loss(image):
    return ((image[:, :, 1:, 1:] - image[:, :, :-1, :-1]) ** 2).sum()


# %% tv_loss: colours-as-neighbours
# You also compare red with green and green with blue. A plain orange surface is not rough: along
# which axes are the pixels neighbours?
def tv_loss(image):
    return sum((image.diff(dim=axis) ** 2).sum() for axis in (1, 2, 3))


# %% tv_loss: images-as-neighbours
# You also compare each image of the batch with the next one. They have nothing to do with
# each other.
def tv_loss(image):
    return sum((image.diff(dim=axis) ** 2).sum() for axis in (0, 2, 3))


# %% tv_loss: first-image-only
# Only the first image of the batch counts. What about the others?
def tv_loss(image):
    across = image[0, :, :, 1:] - image[0, :, :, :-1]
    down = image[0, :, 1:] - image[0, :, :-1]
    return (across**2).sum() + (down**2).sum()


# %% tv_loss: one-number-an-image
# You return a number for each image of the batch. A loss is one number.
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return (across**2).sum(dim=(1, 2, 3)) + (down**2).sum(dim=(1, 2, 3))


# %% tv_loss: averaged-over-the-batch
# The sum is divided by the number of images. The formula has no mean.
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return ((across**2).sum() + (down**2).sum()) / len(image)


# %% tv_loss: each-pair-twice
# You look to all four sides of each pixel, and so meet each pair of neighbours twice.
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return 2 * (across**2).sum() + 2 * (down**2).sum()


# %% tv_loss: square-of-the-sum
# You add the differences up before you square them, so that a rise and a fall cancel out.
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return across.sum() ** 2 + down.sum() ** 2


# %% tv_loss: root
# There is a root too many: the formula adds squares, and leaves their sum as it is.
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return ((across**2).sum() + (down**2).sum()).sqrt()


# %% tv_loss: lengths-of-the-slope
# At each pixel you take the root of the two squares, the length of the slope. Here the squares
# are added as they are, and pixels at the right and at the lower edge have one neighbour each.
def tv_loss(image):
    across = image[:, :, :-1, 1:] - image[:, :, :-1, :-1]
    down = image[:, :, 1:, :-1] - image[:, :, :-1, :-1]
    return (across**2 + down**2 + 1e-12).sqrt().sum()


# %% tv_loss: without-the-last-row-and-column
# To add both kinds of squares pixel by pixel, you have cut the last row and the last column off.
# The pixels there have neighbours, too: add sums, not maps.
def tv_loss(image):
    across = image[:, :, :-1, 1:] - image[:, :, :-1, :-1]
    down = image[:, :, 1:, :-1] - image[:, :, :-1, :-1]
    return (across**2 + down**2).sum()


# %% tv_loss: black-beyond-the-edge
# The image is padded with zeros, so the edge itself counts as rough. Beyond it there is nothing
# to compare with.
def tv_loss(image):
    padded = nn.functional.pad(image, (1, 1, 1, 1))
    across = padded[:, :, 1:-1, 1:] - padded[:, :, 1:-1, :-1]
    down = padded[:, :, 1:, 1:-1] - padded[:, :, :-1, 1:-1]
    return (across**2).sum() + (down**2).sum()


# %% tv_loss: item
# item() makes a plain number of the loss. Where is an optimiser to get its gradient from?
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return (across**2).sum().item() + (down**2).sum().item()


# %% tv_loss: needs-plain-memory
# view works only where the values lie in memory as in a plain new tensor. An image that was cut out
# of another, or has its colours last, does not: slices or reshape do not mind.
def tv_loss(image):
    n, c, height, width = image.shape
    rows, columns = image.view(n * c * height, width), image.view(n * c, height, width)
    across, down = rows[:, 1:] - rows[:, :-1], columns[:, 1:] - columns[:, :-1]
    return (across**2).sum() + (down**2).sum()


# %% tv_loss: rows-run-into-each-other
# You have made one long row of the image: the last pixel of each row is followed by the first of
# the next, and they are compared as if they were neighbours.
def tv_loss(image):
    long = image.flatten(start_dim=2)
    down = image[:, :, 1:] - image[:, :, :-1]
    return (long.diff(dim=2) ** 2).sum() + (down**2).sum()


# %% tv_loss: half-of-the-sum
# You halve the sum. The formula has no factor.
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:, :] - image[:, :, :-1, :]
    return 0.5 * ((across**2).sum() + (down**2).sum())


# %% saliency_map: probability
# This is the gradient of softmax's probability. Where the network is sure it is nearly 0, and all
# the other logits have a share in it: take the logit itself.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    score = torch.softmax(model(picture), dim=1)[0, label]
    (slope,) = torch.autograd.grad(score, picture)
    return slope[0].abs().amax(dim=0)


# %% saliency_map: loss
# This is the gradient of the cross-entropy, as in training. On which number is the answer "label"
# based before any softmax?
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    loss = nn.functional.cross_entropy(model(picture), torch.tensor([label]))
    (slope,) = torch.autograd.grad(loss, picture)
    return slope[0].abs().amax(dim=0)


# %% saliency_map: most-likely-label
# The map belongs to the label that the model believes in, whichever was asked for.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture).max(), picture)
    return slope[0].abs().amax(dim=0)


# %% saliency_map: all-logits
# You have added up all logits before you took the gradient. One of them belongs to the label.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture).sum(), picture)
    return slope[0].abs().amax(dim=0)


# %% saliency_map: signed
# The largest value is not the one of the largest size: -5 is lost against 3. Which comes first, the
# size or the maximum?
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0].amax(dim=0)


# %% saliency_map: size-of-the-largest
# You take the largest value first and its size then, so that a large negative slope is lost.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0].amax(dim=0).abs()


# %% saliency_map: sum-over-colours
# The sizes of the three colours are added up. The map shows the largest of them.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0].abs().sum(dim=0)


# %% saliency_map: mean-over-colours
# You take the mean over the three colours. The map shows the largest of their sizes.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0].abs().mean(dim=0)


# %% saliency_map: length-over-colours
# You take the length of the three colours' slopes, the root of their squares. The map shows the
# largest of their sizes.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return torch.linalg.vector_norm(slope[0], dim=0)


# %% saliency_map: red-only
# Only the red of each pixel is looked at.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0, 0].abs()


# %% saliency_map: times-the-picture
# The gradient is multiplied by the picture. That is another method, which is blind for black.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return (slope * picture).detach()[0].abs().amax(dim=0)


# %% saliency_map: scaled-to-one
# The map is divided by its largest value. Scale it when you draw it: here it should tell how
# large the slopes are.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    sizes = slope[0].abs().amax(dim=0)
    return sizes / sizes.max()


# %% saliency_map: squared
# The slopes are squared. The map shows their sizes.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0].square().amax(dim=0)


# %% saliency_map: batch-kept
# The map has an axis too many: the batch of one picture. A map is (H, W).
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope.abs().amax(dim=1)


# %% saliency_map: rows-and-columns-swapped
# The map lies on its side: its first axis runs down the rows of the picture, its second along them.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0].abs().amax(dim=0).T


# %% saliency_map: gradients-left-on-the-weights
# backward() has left gradients on all the weights, too. In the next step of a training they would
# count: ask for the picture's gradient alone.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    model(picture)[0, label].backward()
    return picture.grad[0].abs().amax(dim=0)


# %% saliency_map: clears-the-weights-gradients
# zero_grad() throws away what lay on the weights, which may belong to a training.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    model.zero_grad()
    model(picture)[0, label].backward()
    model.zero_grad()
    return picture.grad[0].abs().amax(dim=0)


# %% saliency_map: switches-to-evaluation
# eval() has switched the model, and nobody switches it back. It belongs to the caller.
def saliency_map(model, x, label):
    model.eval()
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0].abs().amax(dim=0)


# %% saliency_map: freezes-the-model
# The weights were told to learn no more, and remain so. The model belongs to the caller.
def saliency_map(model, x, label):
    model.requires_grad_(False)
    picture = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(picture)[0, label], picture)
    return slope[0].abs().amax(dim=0)


# %% saliency_map: old-gradients-add-up
# The gradient is left on x itself, and that of the next call is added to it. Work on a copy.
def saliency_map(model, x, label):
    x.requires_grad_()
    model(x)[0, label].backward(inputs=[x])
    return x.grad[0].abs().amax(dim=0).clone()


# %% saliency_map: x-is-switched
# x itself was told to require a gradient, and its old gradient was thrown away. It belongs to the
# caller: work on a copy.
def saliency_map(model, x, label):
    if x.is_leaf:
        x.requires_grad_()
    x.grad = None
    (slope,) = torch.autograd.grad(model(x)[0, label], x)
    return slope[0].abs().amax(dim=0)


# %% saliency_map: picture-for-a-map
# This map is made of the picture's own values. What has the model to say?
def saliency_map(model, x, label):
    return x.detach()[0].abs().amax(dim=0)


# %% saliency_map: layer-by-layer
# A model need not be a row of layers: what its own forward does is left out here. Call the model.
def saliency_map(model, x, label):
    picture = x.detach().clone().requires_grad_()
    y = picture
    for layer in model.children():
        y = layer(y)
    (slope,) = torch.autograd.grad(y[0, label], picture)
    return slope[0].abs().amax(dim=0)


# %% saliency_map: x-learns-afterwards
# x requires a gradient after the call, though it did not before. It belongs to the caller: work on
# x.detach().
def saliency_map(model, x, label):
    picture = x.requires_grad_(True)
    logit = model(picture)[0, label]
    slope = torch.autograd.grad(logit, picture)[0]
    return slope.abs().amax(dim=1)[0]


# %% maximise_channel: downhill
# Each step goes against the gradient, as in training. Here the activation is to grow.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() - 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: whole-layer
# The mean runs over all channels of the layer, so that the image is the same for each of them.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: counts-from-one
# It is the channel before the one asked for that climbs: they count from 0.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel - 1].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: first-channel
# Whichever channel is asked for, the first one climbs.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, 0].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: last-layer-of-the-model
# It is a channel of the model's last layer that climbs. The model may go on behind the layer that
# is asked for.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = model(image)[0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: layer-before
# It is a channel of the layer before the one asked for that climbs: a slice of the model ends
# in front of its end.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = model[: vgg_layer_index(layer)](image)[0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: tiny-steps
# The steps are far too short. The mean divides each pixel's slope by the number of positions, so
# the gradient as it is moves nothing.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.1 * slope
    return image, activations


# %% maximise_channel: largest-value
# The channel's largest value climbs, at one position only. Its activation is the mean over all.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].max()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: notes-the-sum
# The activations are sums over the positions. The mean is asked for, which does not grow with
# the size of the image.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].sum()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: notes-the-loss
# What you note is what an optimiser makes small: the mean with a minus in front. The activation is
# the mean itself.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    losses = []
    for _ in range(steps):
        image.requires_grad_()
        loss = -extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(loss, image)
        losses.append(loss.item())
        image = image.detach() - 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, losses


# %% maximise_channel: squares
# The mean of the squares climbs, and a channel may get there by negative values as well.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].square().mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: unseeded
# The noise is another one in each call: the generator is never told the seed.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size)
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: always-the-same-seed
# The noise is the same for every seed: the generator is told a number of your own.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: starts-from-grey
# It begins with plain grey, where all positions are alike. It should begin with noise.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = torch.zeros(1, 3, size, size)
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: one-activation-too-many
# The activation at the start is noted, and one more behind each step. There is one for each step.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for step in range(steps + 1):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        activations.append(activation.item())
        if step < steps:
            (slope,) = torch.autograd.grad(activation, image)
            image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image.detach(), activations


# %% maximise_channel: last-activation-only
# Only the last activation is returned. There is one for each step.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activation.item()


# %% maximise_channel: always-so-many-steps
# The number of steps is always the same, whatever was asked for.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(30):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations[:steps]


# %% maximise_channel: always-64-pixels
# The image has 64 x 64 pixels, whatever size was asked for.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: without-the-batch
# The image lacks the axis of the batch: an image is (1, 3, size, size) here.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image[0], activations


# %% maximise_channel: returns-the-noise
# The image that is returned is the noise of the beginning. Which tensor climbs?
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    noise = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    image, activations = noise, []
    for _ in range(steps):
        image = image.detach().requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return noise.detach(), activations


# %% maximise_channel: one-gradient
# The gradient is taken once, for the noise, and every step goes the same way. Where the image has
# changed, so has the gradient.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    image.requires_grad_()
    first = extract_features(model, image, [layer])[layer][0, channel].mean()
    (slope,) = torch.autograd.grad(first, image)
    activations = [first.item()] * steps
    for _ in range(steps):
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: learns-the-model
# The weights climb, and the image stays noise. It is the image that learns here.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01, maximize=True)
    activations = []
    for _ in range(steps):
        optimiser.zero_grad()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        activations.append(activation.item())
        if activation.requires_grad:
            activation.backward()
            optimiser.step()
    return image, activations


# %% maximise_channel: gradients-left-on-the-weights
# backward() has left gradients on all the weights, too. In the next step of a training they would
# count: ask for the image's gradient alone.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image = image.detach().requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        activation.backward()
        activations.append(activation.item())
        slope = image.grad
        image = image + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image.detach(), activations


# %% maximise_channel: switches-the-model
# The model was frozen and switched to evaluation, and nobody switches it back. It belongs to
# the caller.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    model.requires_grad_(False).eval()
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: hook-stays
# The hook that hears the channel is never removed, and goes on hearing in each later run.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    index, heard, activations = vgg_layer_index(layer), {}, []
    model[index].register_forward_hook(lambda m, i, output: heard.update(mean=output.mean((2, 3))))
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    for _ in range(steps):
        image.requires_grad_()
        model[: index + 1](image)
        activation = heard["mean"][0, channel]
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations


# %% maximise_channel: nan-where-it-is-silent
# A channel that never fires has a gradient of 0, and you divide it by its own size: 0 / 0 is nan.
# What should the step be then?
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt()
    return image, activations


# %% maximise_channel: middle-of-the-map
# You climb for the position in the middle. The activation is the mean over all positions.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(1, 3, size, size, generator=generator)
    activations = []
    for _ in range(steps):
        image = image.detach().requires_grad_(True)
        a = extract_features(model, image, [layer])[layer][0, channel]
        a = a[a.shape[0] // 2, a.shape[1] // 2]
        g = torch.autograd.grad(a, image)[0]
        activations.append(a.item())
        rms = g.pow(2).mean().sqrt()
        if rms > 0:
            image = image + 0.05 * g / rms
    return image.detach(), activations


# %% maximise_channel: thirty-steps-always
# You take thirty steps, however many are asked for.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    image = 0.25 * torch.randn(1, 3, size, size, generator=generator)
    activations = []
    for _ in range(30):
        image = image.detach().requires_grad_(True)
        a = extract_features(model, image, [layer])[layer][0, channel].mean()
        g = torch.autograd.grad(a, image)[0]
        activations.append(a.item())
        rms = g.pow(2).mean().sqrt()
        if rms > 0:
            image = image + 0.05 * g / rms
    return image.detach(), activations
