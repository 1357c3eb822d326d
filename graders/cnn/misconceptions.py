"""Wrong answers to the exercises of `cnn`, each with the sentence that a student reads."""


# %% digits_tensors: not-divided
# Your pixels go up to 16. Layers start with weights that are made for inputs of about 1.
def digits_tensors():
    d = load_digits()
    X = torch.tensor(d.images, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: divided-by-255
# You divide by 255, the largest value of photos. What is the largest value of these digits?
def digits_tensors():
    d = load_digits()
    X = torch.tensor(d.images / 255, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: random-split
# You draw the test digits at random, so that most writers are in both parts, and the test
# becomes easier than reading the digits of strangers.
def digits_tensors():
    d = load_digits()
    X = torch.tensor(d.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    X, y = X[order], y[order]
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: cuts-a-writer
# You cut at digit 1400, in the middle of a writer's block: fifteen of that hand are then tested,
# whose others were trained on. The next writer begins at 1415.
def digits_tensors():
    d = load_digits()
    X = torch.tensor(d.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    return X[:1400], y[:1400], X[1400:], y[1400:]


# %% digits_tensors: float64-images
# Your images are float64, as NumPy makes them. What do PyTorch's layers compute in?
def digits_tensors():
    d = load_digits()
    X, y = torch.tensor(d.images / 16)[:, None], torch.tensor(d.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: no-channel-axis
# Your images are (n, 8, 8). A convolution wants to know the channels too: which axis do they have?
def digits_tensors():
    d = load_digits()
    X, y = torch.tensor(d.images / 16, dtype=torch.float32), torch.tensor(d.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: channel-last
# Your channel axis is the last one. PyTorch puts it right behind the batch.
def digits_tensors():
    d = load_digits()
    X, y = torch.tensor(d.images / 16, dtype=torch.float32)[..., None], torch.tensor(d.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: float-labels
# Your labels are floats. cross_entropy takes class numbers, and those are integers.
def digits_tensors():
    d = load_digits()
    X = torch.tensor(d.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target, dtype=torch.float32)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: test-digits-leak
# Your training digits contain the test digits. Then the test asks only what was learned by heart.
def digits_tensors():
    d = load_digits()
    X = torch.tensor(d.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    return X, y, X[1415:], y[1415:]


# %% digits_tensors: images-then-labels
# The four parts come in another order: X_train, y_train, X_test, y_test is asked for.
def digits_tensors():
    d = load_digits()
    X = torch.tensor(d.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    return X[:1415], X[1415:], y[:1415], y[1415:]


# %% digits_tensors: turned-images
# Your images are transposed: rows have become columns.
def digits_tensors():
    d = load_digits()
    X = torch.tensor(d.images / 16, dtype=torch.float32).permute(0, 2, 1)[:, None]
    y = torch.tensor(d.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: test-set-first
# You return the test set first.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target)
    return X[1415:], y[1415:], X[:1415], y[:1415]


# %% digits_tensors: a-digit-lost
# One digit is in neither set: where does the second slice begin?
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target)
    return X[:1415], y[:1415], X[1416:], y[1416:]


# %% digits_tensors: a-digit-in-both
# One digit is in both sets: where does the first slice end?
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target)
    return X[:1416], y[:1416], X[1415:], y[1415:]


# %% digits_tensors: standardised
# Your pixels have mean 0. The text asks for numbers from 0 to 1.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    X = (X - X.mean()) / X.std()
    y = torch.tensor(digits.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: ink-turned-round
# Dark and bright are exchanged: 1 is where there is no ink.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(1 - digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: divided-by-15
# Your pixels go beyond 1. Sixteen steps above 0: what is the largest value?
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 15, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: labels-of-32-bits
# Your labels are int32. cross_entropy wants int64, the type of PyTorch's own integers.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target, dtype=torch.int32)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: images-as-rows
# Your images are rows of 64 pixels. A convolution wants height and width.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).reshape(-1, 1, 64)
    y = torch.tensor(digits.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: labels-one-hot
# Your labels are one-hot rows. cross_entropy wants the labels as they are.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.eye(10, dtype=torch.int64)[torch.tensor(digits.target)]
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: channel-axis-in-the-middle
# Your channel axis stands between height and width. It comes before both, right behind the batch.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(2)
    y = torch.tensor(digits.target, dtype=torch.int64)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% digits_tensors: a-training-label-too-many
# You have cut images and labels of the training part at different places. Each image needs its own
# label.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target, dtype=torch.int64)
    return X[:1415], y[:1416], X[1415:], y[1415:]


# %% digits_tensors: a-training-label-too-few
# You have cut one training label too few: there are fewer labels than images.
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target, dtype=torch.int64)
    return X[:1415], y[:1414], X[1415:], y[1415:]


# %% digits_tensors: a-test-label-too-few
# You have cut images and labels of the test part at different places. Where do the test labels
# begin?
def digits_tensors():
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target, dtype=torch.int64)
    return X[:1415], y[:1415], X[1415:], y[1416:]


# %% build_cnn: softmax-at-the-end
# Your network ends with a softmax. The loss has one inside already, and two of them hardly learn.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
        nn.Softmax(dim=1),
    )


# %% build_cnn: log-softmax-at-the-end
# Your network ends with a log-softmax. These are log-probabilities, and logits are asked for.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
        nn.LogSoftmax(dim=1),
    )


# %% build_cnn: no-relu
# There is no ReLU in your network. What do two linear steps in a row amount to?
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: one-relu
# Only your first convolution is followed by a ReLU.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: only-the-second-relu
# There is no ReLU behind your first convolution. The table has one behind each of the two.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: relu-on-logits
# There is a ReLU behind your last layer. Logits may be negative.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
        nn.ReLU(),
    )


# %% build_cnn: average-pooling
# Your pooling takes the average of each window. Which pooling stands in the table?
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: no-padding
# Your convolutions have no padding, so that the images shrink at each of them.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(32, 10),
    )


# %% build_cnn: filters-of-five
# Your filters are 5x5 with padding 2: the shapes fit, the number of weights does not.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: strides-for-pooling
# Your convolutions have stride 2 and nothing is pooled: the shapes fit, the numbers do not.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: flattens-the-batch
# Your network flattens the batch as well, so that the digits of a batch become one long row.
def build_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
            self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
            self.fc = nn.Linear(128, 10)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(torch.flatten(x).reshape(128, -1).T)

    return Net()


# %% build_cnn: squeezes-a-single-digit
# For a single digit your network loses the batch axis.
def build_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
            self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
            self.fc = nn.Linear(128, 10)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(x.flatten(1)).squeeze()

    return Net()


# %% build_cnn: with-dropout
# Your network drops values at random while it trains. That can be useful, but it is another network.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


# %% build_cnn: no-biases
# Your convolutions have no biases.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: a-hidden-layer-more
# There is one linear layer too many between the maps and the logits.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


# %% build_cnn: sigmoids-for-relus
# Your network has sigmoids. Which function stands behind each convolution in the table?
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.Sigmoid(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.Sigmoid(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: tanh-for-relus
# Your network has hyperbolic tangents. Which function stands behind each convolution in the table?
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: pools-once
# You pool once. The table has a pooling behind each of the two convolutions.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(512, 10),
    )


# %% build_cnn: half-the-filters
# Your convolutions have 8 and 16 filters. The table has twice as many.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


# %% build_cnn: twice-the-filters
# Your convolutions have 32 and 64 filters, as many tutorials do. The table has half as many.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 10),
    )


# %% build_cnn: with-batch-norm
# Your network has batch norms. They are not in the table, and have parameters of their own.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: leaky-relus
# Your ReLUs are leaky: a part of each negative number comes through.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.LeakyReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.LeakyReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


# %% build_cnn: one-convolution
# Your network has one convolution. The table has two.
def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 10),
    )


# %% count_parameters: frozen-as-well
# You count parameters that are frozen. Does training change them?
def count_parameters(model):
    return sum(p.numel() for p in model.parameters())


# %% count_parameters: buffers-as-well
# You count the whole state of the model. Buffers are in there as well, and nobody trains them.
def count_parameters(model):
    return sum(value.numel() for value in model.state_dict().values())


# %% count_parameters: tensors
# You count tensors, not the numbers in them.
def count_parameters(model):
    return len([p for p in model.parameters() if p.requires_grad])


# %% count_parameters: weights-only
# You leave out the biases.
def count_parameters(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad and p.dim() > 1)


# %% count_parameters: shared-twice
# You count a parameter as often as it is used. Two layers that share it have one set of numbers.
def count_parameters(model):
    named = model.named_parameters(remove_duplicate=False)
    return sum(p.numel() for _, p in named if p.requires_grad)


# %% count_parameters: children-only
# You look at the layers directly inside the model. Layers may lie deeper, and the model itself may
# have parameters.
def count_parameters(model):
    return sum(
        p.numel()
        for child in model.children()
        for p in child.parameters(recurse=False)
        if p.requires_grad
    )


# %% count_parameters: known-layers-only
# You count convolutions and linear layers. Others have parameters too.
def count_parameters(model):
    layers = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    return sum(p.numel() for m in layers for p in m.parameters() if p.requires_grad)


# %% count_parameters: equal-values-once
# You take parameters with equal values for one. They are one only if they are the same object.
def count_parameters(model):
    seen = {tuple(p.flatten().tolist()) for p in model.parameters() if p.requires_grad}
    return sum(len(values) for values in seen)


# %% count_parameters: unfreezes-the-model
# You have changed the model: what was frozen before your call is not frozen behind it.
def count_parameters(model):
    number = sum(p.numel() for p in model.parameters() if p.requires_grad)
    model.requires_grad_(True)
    return number


# %% count_parameters: first-axis-only
# You count the rows of each tensor. It holds numbers along all of its axes.
def count_parameters(model):
    return sum(len(p) for p in model.parameters() if p.requires_grad)


# %% count_parameters: frozen-only
# You count what is frozen. The trainable ones are asked for.
def count_parameters(model):
    return sum(p.numel() for p in model.parameters() if not p.requires_grad)


# %% count_parameters: biases-only
# You count the biases only.
def count_parameters(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad and p.dim() == 1)


# %% count_parameters: axes-counted
# You add up the numbers of axes. How many numbers does a tensor hold?
def count_parameters(model):
    return sum(p.dim() for p in model.parameters() if p.requires_grad)


# %% count_parameters: largest-only
# You count the largest tensor only.
def count_parameters(model):
    return max([p.numel() for p in model.parameters() if p.requires_grad], default=0)


# %% count_parameters: parameters-called-weight
# You count only the parameters whose name says weight. What else does a layer learn?
def count_parameters(model):
    return sum(
        p.numel() for name, p in model.named_parameters() if p.requires_grad and "weight" in name
    )


# %% trace_shapes: containers-as-well
# Your list has containers in it, such as a Sequential. A leaf has no modules inside.
def trace_shapes(model, x):
    trace = []
    hooks = [
        m.register_forward_hook(lambda m, i, o: trace.append((type(m).__name__, tuple(o.shape))))
        for m in model.modules()
    ]
    model(x)
    for hook in hooks:
        hook.remove()
    return trace


# %% trace_shapes: hooks-stay
# You leave your hooks on the model: each later run reports to a list that nobody reads.
def trace_shapes(model, x):
    trace = []
    for m in model.modules():
        if not list(m.children()):
            m.register_forward_hook(
                lambda m, i, o: trace.append((type(m).__name__, tuple(o.shape)))
            )
    model(x)
    return trace


# %% trace_shapes: all-hooks-removed
# You remove all the hooks of the model, also those that were there before yours.
def trace_shapes(model, x):
    trace = []
    leaves = [m for m in model.modules() if not list(m.children())]
    for m in leaves:
        m.register_forward_hook(lambda m, i, o: trace.append((type(m).__name__, tuple(o.shape))))
    model(x)
    for m in leaves:
        m._forward_hooks.clear()
    return trace


# %% trace_shapes: children-in-a-row
# You send x through the model's children one after the other. That is what a Sequential does; what
# another model does, its forward decides.
def trace_shapes(model, x):
    trace = []
    for child in model.children():
        x = child(x)
        trace.append((type(child).__name__, tuple(x.shape)))
    return trace


# %% trace_shapes: order-of-making
# You list the layers in the order in which they were made, not in which they ran.
def trace_shapes(model, x):
    shapes = {}
    leaves = [m for m in model.modules() if not list(m.children())]
    hooks = [m.register_forward_hook(lambda m, i, o: shapes.update({m: o.shape})) for m in leaves]
    model(x)
    for hook in hooks:
        hook.remove()
    return [(type(m).__name__, tuple(shapes[m])) for m in leaves if m in shapes]


# %% trace_shapes: each-layer-once
# A layer that runs twice is only once in your list.
def trace_shapes(model, x):
    shapes = {}
    leaves = [m for m in model.modules() if not list(m.children())]
    hooks = [m.register_forward_hook(lambda m, i, o: shapes.update({m: o.shape})) for m in leaves]
    model(x)
    for hook in hooks:
        hook.remove()
    return [(type(m).__name__, tuple(shape)) for m, shape in shapes.items()]


# %% trace_shapes: input-shapes
# You note the shape of what goes into each layer, not of what comes out.
def trace_shapes(model, x):
    trace = []
    hooks = [
        m.register_forward_hook(lambda m, i, o: trace.append((type(m).__name__, tuple(i[0].shape))))
        for m in model.modules()
        if not list(m.children())
    ]
    model(x)
    for hook in hooks:
        hook.remove()
    return trace


# %% trace_shapes: without-the-batch
# Your shapes leave out the batch.
def trace_shapes(model, x):
    trace = []
    hooks = [
        m.register_forward_hook(
            lambda m, i, o: trace.append((type(m).__name__, tuple(o.shape[1:])))
        )
        for m in model.modules()
        if not list(m.children())
    ]
    model(x)
    for hook in hooks:
        hook.remove()
    return trace


# %% trace_shapes: first-level-only
# You watch the modules directly inside the model. What lies deeper, and a model that is a layer
# itself, escapes you.
def trace_shapes(model, x):
    trace = []
    hooks = [
        m.register_forward_hook(lambda m, i, o: trace.append((type(m).__name__, tuple(o.shape))))
        for m in model.children()
        if not list(m.children())
    ]
    model(x)
    for hook in hooks:
        hook.remove()
    return trace


# %% trace_shapes: a-hook-for-each-place
# A layer that lies in two containers gets two hooks from you, and reports each of its runs twice.
def trace_shapes(model, x):
    trace, hooks = [], []

    def note(module, inputs, output):
        trace.append((type(module).__name__, tuple(output.shape)))

    def watch(module):
        children = list(module.children())
        if not children:
            hooks.append(module.register_forward_hook(note))
        for child in children:
            watch(child)

    watch(model)
    model(x)
    for hook in hooks:
        hook.remove()
    return trace


# %% trace_shapes: stays-in-evaluation-mode
# You leave the model in evaluation mode. In which mode was each of its modules before?
def trace_shapes(model, x):
    trace = []

    def note(module, inputs, output):
        trace.append((type(module).__name__, tuple(output.shape)))

    leaves = [module for module in model.modules() if not list(module.children())]
    hooks = [leaf.register_forward_hook(note) for leaf in leaves]
    model.eval()
    model(x)
    for hook in hooks:
        hook.remove()
    return trace


# %% trace_shapes: names-inside-the-model
# You list the name that each module has inside the model. Its class name is asked for:
# type(module).__name__.
def trace_shapes(model, x):
    trace, handles = [], []
    for name, module in model.named_modules():
        if not list(module.children()):
            handles.append(
                module.register_forward_hook(
                    lambda m, i, o, name=name: trace.append((name, tuple(o.shape)))
                )
            )
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return trace


# %% trace_shapes: nothing-is-watched
# Your list is empty: either no module has a hook, or the model has never run. Do you call it?
def trace_shapes(model, x):
    trace, handles = [], []

    def hook(module, inputs, output):
        trace.append((type(module).__name__, tuple(output.shape)))

    for module in model.modules():
        if not list(module.children()):
            handles.append(module.register_forward_hook(hook))
    try:
        pass
    finally:
        for handle in handles:
            handle.remove()
    return trace


# %% trace_shapes: containers-only
# You watch the modules that have others inside. The leaves are those that have none.
def trace_shapes(model, x):
    trace, handles = [], []

    def hook(module, inputs, output):
        trace.append((type(module).__name__, tuple(output.shape)))

    for module in model.modules():
        if list(module.children()):
            handles.append(module.register_forward_hook(hook))
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return trace


# %% trace_shapes: all-that-a-layer-prints
# You note all that a layer prints of itself. Its class name is asked for: type(module).__name__.
def trace_shapes(model, x):
    trace = []
    leaves = [m for m in model.modules() if not list(m.children())]
    hooks = [
        m.register_forward_hook(lambda m, i, o: trace.append((str(m), tuple(o.shape))))
        for m in leaves
    ]
    model(x)
    for hook in hooks:
        hook.remove()
    return trace


# %% trace_shapes: counts-of-values
# You note how many numbers come out of each layer. Their shape is asked for.
def trace_shapes(model, x):
    trace = []
    leaves = [m for m in model.modules() if not list(m.children())]
    hooks = [
        m.register_forward_hook(lambda m, i, o: trace.append((type(m).__name__, o.numel())))
        for m in leaves
    ]
    model(x)
    for hook in hooks:
        hook.remove()
    return trace


# %% train: no-zero-grad
# You never set the gradients to zero, so that each step follows the sum of all gradients so far.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: softmax-before-the-loss
# You apply a softmax before cross_entropy, which has one inside: the loss cannot come near 0 then.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(F.softmax(model(X[batch]), dim=1), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: not-shuffled
# You take the samples in the order in which they come. The seed should shuffle them.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.arange(len(X)).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: one-order-for-all-epochs
# You draw one order and keep it: each epoch has the same batches. Draw another one in each epoch,
# from one generator, which you seed once.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    order = torch.randperm(len(X), generator=generator)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in order.split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: seed-unused
# Your order does not depend on the seed, so that no run can be repeated.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X)).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: always-the-same-seed
# Your order is always the same, whatever the seed.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: last-batch-dropped
# You leave out the samples that do not fill a batch.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total, count = 0.0, 0
        order = torch.randperm(len(X), generator=generator)
        for b in range(len(X) // batch_size):
            batch = order[b * batch_size : (b + 1) * batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(batch), count + len(batch)
        losses.append(total / max(count, 1))
    return losses


# %% train: random-batches
# You draw each batch anew from all samples: some come twice in an epoch, others not at all.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(X), batch_size):
            size = min(batch_size, len(X) - start)
            batch = torch.randint(len(X), (size,), generator=generator)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: labels-not-shuffled
# You shuffle the images, but not their labels.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        images = X[torch.randperm(len(X), generator=generator)]
        for x_batch, y_batch in zip(images.split(batch_size), y.split(batch_size)):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x_batch), y_batch)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x_batch)
        losses.append(total / len(X))
    return losses


# %% train: sum-of-batches
# You add up the losses of the batches and never divide.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return losses


# %% train: means-divided-by-samples
# You add up means of batches and divide by the number of samples: your losses are too small, by
# about the size of a batch.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(X))
    return losses


# %% train: loss-of-the-last-batch
# You keep the loss of each epoch's last batch. The mean of all its samples is asked for.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return losses


# %% train: never-steps
# The gradients are computed, but nobody takes the step: the model stays as it was.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: a-copy-is-trained
# You train a copy. The caller's model learns nothing of it.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    import copy

    model = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: all-samples-in-one-batch
# You take all the samples as one batch: one step an epoch, whatever batch_size says.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        order = torch.randperm(len(X), generator=generator)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X[order]), y[order])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% train: squared-error
# You train on the squared distance to one-hot labels. The cross-entropy is asked for.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            logits = model(X[batch])
            loss = F.mse_loss(logits, F.one_hot(y[batch], logits.shape[1]).float())
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: uphill
# Your steps go up the slope: the loss grows.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            model.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p += lr * p.grad
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: learning-rate-unused
# Your steps are always as large, whatever lr says.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: batch-size-unused
# Your batches always hold 64 samples, whatever batch_size says.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(64):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


# %% train: plain-gradient-descent
# Plain gradient descent does not get far in 12 epochs. Which optimisers does the text name beside
# it?
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for piece in torch.randperm(len(X), generator=generator).split(batch_size):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(X[piece]), y[piece])
            loss.backward()
            optimiser.step()
            total += loss.item() * len(piece)
        losses.append(total / len(X))
    return losses


# %% train: rate-of-a-hundredth
# Your rate is 0.01 whatever lr says.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for piece in torch.randperm(len(X), generator=generator).split(batch_size):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(X[piece]), y[piece])
            loss.backward()
            optimiser.step()
            total += loss.item() * len(piece)
        losses.append(total / len(X))
    return losses


# %% train: twelve-epochs-always
# You train for twelve epochs, however many are asked for.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for epoch in range(12):
        total = 0.0
        for piece in torch.randperm(len(X), generator=generator).split(batch_size):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(X[piece]), y[piece])
            loss.backward()
            optimiser.step()
            total += loss.item() * len(piece)
        losses.append(total / len(X))
    return losses


# %% train: ten-epochs-always
# You train for ten epochs, however many are asked for.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for epoch in range(10):
        total = 0.0
        for piece in torch.randperm(len(X), generator=generator).split(batch_size):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(X[piece]), y[piece])
            loss.backward()
            optimiser.step()
            total += loss.item() * len(piece)
        losses.append(total / len(X))
    return losses


# %% train: loss-over-the-size-of-the-batch
# You divide the loss of a batch by its size before you add it up. It is a mean already: times the
# size, it is the sum of its samples.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for piece in torch.randperm(len(X), generator=generator).split(batch_size):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(X[piece]), y[piece])
            loss.backward()
            optimiser.step()
            total += loss.item() / len(piece)
        losses.append(total / len(X))
    return losses


# %% train: nothing-is-added-up
# Your losses are all 0: what is added to the total?
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for piece in torch.randperm(len(X), generator=generator).split(batch_size):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(X[piece]), y[piece])
            loss.backward()
            optimiser.step()
        losses.append(total / len(X))
    return losses


# %% accuracy: percent
# You answer in percent. A fraction from 0 to 1 is asked for.
def accuracy(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        share = (model(X).argmax(1) == y).double().mean().item()
    for m, mode in modes:
        m.training = mode
    return 100 * share


# %% accuracy: number-right
# You count the right answers, but do not divide by the number of samples.
def accuracy(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        right = (model(X).argmax(1) == y).sum().item()
    for m, mode in modes:
        m.training = mode
    return right


# %% accuracy: train-mode-left-on
# You ask the model in training mode: dropout throws values away while you test.
def accuracy(model, X, y):
    with torch.no_grad():
        return (model(X).argmax(1) == y).double().mean().item()


# %% accuracy: stays-in-evaluation-mode
# You leave the model in evaluation mode. Who trains it next trains without dropout.
def accuracy(model, X, y):
    model.eval()
    with torch.no_grad():
        return (model(X).argmax(1) == y).double().mean().item()


# %% accuracy: always-back-to-training
# You put the model into training mode at the end, also when it was not.
def accuracy(model, X, y):
    model.eval()
    with torch.no_grad():
        share = (model(X).argmax(1) == y).double().mean().item()
    model.train()
    return share


# %% accuracy: one-mode-for-all
# You keep the mode of the model as a whole. Its submodules may have been in other modes.
def accuracy(model, X, y):
    mode = model.training
    model.eval()
    with torch.no_grad():
        share = (model(X).argmax(1) == y).double().mean().item()
    model.train(mode)
    return share


# %% accuracy: with-gradients
# You let PyTorch keep a graph for a backward pass that never comes.
def accuracy(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    share = (model(X).argmax(1) == y).double().mean().item()
    for m, mode in modes:
        m.training = mode
    return share


# %% accuracy: mean-of-batches
# You take the mean over batches. The last batch is smaller, and its samples count too much.
def accuracy(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        shares = [
            (model(a).argmax(1) == b).double().mean().item()
            for a, b in zip(X.split(64), y.split(64))
        ]
    for m, mode in modes:
        m.training = mode
    return sum(shares) / len(shares)


# %% accuracy: largest-of-the-batch
# You look for the largest logit among the samples, not among the classes.
def accuracy(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        best = model(X).argmax(0)
    for m, mode in modes:
        m.training = mode
    n = min(len(best), len(y))
    return (best[:n] == y[:n]).double().mean().item()


# %% accuracy: scores-the-training-set
# You score the training digits, whatever X and y are given.
def accuracy(model, X, y):
    X, y = digits_tensors()[:2]
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        share = (model(X).argmax(1) == y).double().mean().item()
    for m, mode in modes:
        m.training = mode
    return share


# %% accuracy: freezes-the-model
# You freeze the model's parameters to save the graph, and nobody can train it afterwards.
def accuracy(model, X, y):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    model.requires_grad_(False)
    with torch.no_grad():
        right = (model(X).argmax(dim=1) == y).sum().item()
    for module, mode in modes:
        module.training = mode
    return right / len(X)


# %% accuracy: gradients-off-for-good
# You switch gradients off and never on again: whatever is trained next learns nothing.
def accuracy(model, X, y):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    torch.set_grad_enabled(False)
    right = (model(X).argmax(dim=1) == y).sum().item()
    for module, mode in modes:
        module.training = mode
    return right / len(X)


# %% accuracy: divided-by-the-classes
# You divide by 10, which is the number of digits there are. The share is among the samples.
def accuracy(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        answers = model(X).argmax(dim=1)
    for module, mode in modes:
        module.training = mode
    return (answers == y).sum().item() / 10


# %% accuracy: least-likely-class
# You take the class with the smallest logit.
def accuracy(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        answers = model(X).argmin(dim=1)
    for module, mode in modes:
        module.training = mode
    return (answers == y).float().mean().item()


# %% accuracy: wrong-answers-counted
# You count the answers that are wrong.
def accuracy(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        answers = model(X).argmax(dim=1)
    for module, mode in modes:
        module.training = mode
    return (answers != y).float().mean().item()


# %% shift_images: wraps-around
# What leaves your images on one side comes back on the other.
def shift_images(X, dx, dy):
    return torch.roll(X, (dy, dx), dims=(-2, -1))


# %% shift_images: dx-and-dy-swapped
# You have swapped the axes: dx goes along the columns, the last axis.
def shift_images(X, dx, dy):
    h, w = X.shape[-2:]
    out = torch.zeros_like(X)
    for r in range(h):
        for c in range(w):
            if 0 <= r - dx < h and 0 <= c - dy < w:
                out[..., r, c] = X[..., r - dx, c - dy]
    return out


# %% shift_images: other-way
# Your images go to the left and up where they should go to the right and down.
def shift_images(X, dx, dy):
    h, w = X.shape[-2:]
    out = torch.zeros_like(X)
    for r in range(h):
        for c in range(w):
            if 0 <= r + dy < h and 0 <= c + dx < w:
                out[..., r, c] = X[..., r + dy, c + dx]
    return out


# %% shift_images: mathematical-y
# +dy goes up in your function, as in a diagram. In an image row 0 is at the top, and +dy is down.
def shift_images(X, dx, dy):
    h, w = X.shape[-2:]
    out = torch.zeros_like(X)
    for r in range(h):
        for c in range(w):
            if 0 <= r + dy < h and 0 <= c - dx < w:
                out[..., r, c] = X[..., r + dy, c - dx]
    return out


# %% shift_images: positive-only
# Your slices are right for positive shifts. What do they say when dx or dy is negative?
def shift_images(X, dx, dy):
    out = torch.zeros_like(X)
    h, w = X.shape[-2:]
    if dx < 0 or dy < 0:
        return out
    out[..., dy:, dx:] = X[..., : h - min(dy, h), : w - min(dx, w)]
    return out


# %% shift_images: edge-repeats
# The border pixel is repeated where zeros should move in.
def shift_images(X, dx, dy):
    h, w = X.shape[-2:]
    r = (torch.arange(h) - dy).clamp(0, h - 1)
    c = (torch.arange(w) - dx).clamp(0, w - 1)
    return X[..., r[:, None], c]


# %% shift_images: square-only
# You use one size for both axes: it works for square images alone.
def shift_images(X, dx, dy):
    n = X.shape[-1]
    padded = F.pad(X, (n, n, n, n))
    return padded[..., n - dy : 2 * n - dy, n - dx : 2 * n - dx]


# %% shift_images: in-place
# You shift the images that you were given, and the caller has lost his own.
def shift_images(X, dx, dy):
    h, w = X.shape[-2:]
    dx, dy = max(-w, min(w, dx)), max(-h, min(h, dy))
    X.copy_(F.pad(X, (w, w, h, h))[..., h - dy : 2 * h - dy, w - dx : 2 * w - dx])
    return X


# %% shift_images: far-shifts-fail
# A negative padding cuts off, and more than there is cannot be cut off. What is left of an image that
# moves by its own width or more?
def shift_images(X, dx, dy):
    return F.pad(X, (dx, -dx, dy, -dy))


# %% shift_images: far-shifts-come-back
# A shift larger than the image wraps around. Is anything of the image left to see?
def shift_images(X, dx, dy):
    h, w = X.shape[-2:]
    dx, dy = int(np.fmod(dx, w)), int(np.fmod(dy, h))
    padded = F.pad(X, (w, w, h, h))
    return padded[..., h - dy : 2 * h - dy, w - dx : 2 * w - dx]


# %% shift_images: always-single-precision
# The zeros that you move the image into are float32, whatever the image is: its numbers are rounded.
def shift_images(X, dx, dy):
    h, w = X.shape[-2:]
    dx, dy = max(-w, min(w, dx)), max(-h, min(h, dy))
    padded = torch.zeros(*X.shape[:2], 3 * h, 3 * w)
    padded[..., h : 2 * h, w : 2 * w] = X
    return padded[..., h - dy : 2 * h - dy, w - dx : 2 * w - dx]


# %% shift_images: dy-ignored
# You shift to the side only.
def shift_images(X, dx, dy):
    dy = 0
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded[..., top : top + height, left : left + width]


# %% shift_images: dx-ignored
# You shift up and down only.
def shift_images(X, dx, dy):
    dx = 0
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded[..., top : top + height, left : left + width]


# %% shift_images: ones-move-in
# Ones move in. The text says zeros.
def shift_images(X, dx, dy):
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)), value=1)
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded[..., top : top + height, left : left + width]


# %% shift_images: one-pixel-at-most
# You shift by one pixel, however large dx and dy are.
def shift_images(X, dx, dy):
    dx, dy = max(-1, min(dx, 1)), max(-1, min(dy, 1))
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded[..., top : top + height, left : left + width]


# %% shift_images: always-right-and-down
# Negative numbers shift to the right and down as well.
def shift_images(X, dx, dy):
    dx, dy = abs(dx), abs(dy)
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded[..., top : top + height, left : left + width]


# %% shift_images: old-pixels-stay
# Where zeros should move in, the old pixels are still there.
def shift_images(X, dx, dy):
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    moved = padded[..., top : top + height, left : left + width]
    return torch.where(moved == 0, X, moved)


# %% shift_images: twice-as-far
# You shift twice as far as asked for.
def shift_images(X, dx, dy):
    dx, dy = 2 * dx, 2 * dy
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded[..., top : top + height, left : left + width]


# %% shift_images: grown
# Your images have grown: what is shifted out is cut off.
def shift_images(X, dx, dy):
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded


# %% shift_images: nothing-for-zero
# A shift in one direction only leaves the images as they are.
def shift_images(X, dx, dy):
    if dx == 0 or dy == 0:
        return X.clone()
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded[..., top : top + height, left : left + width]


# %% shift_images: zeros-at-the-other-end
# What leaves on one side comes back on the other, and the zeros overwrite what should have stayed:
# clear the side that the pixels come from.
def shift_images(X, dx, dy):
    X = torch.roll(X, shifts=(dy, dx), dims=(2, 3))
    if dx > 0:
        X[:, :, :, -dx:] = 0
    elif dx < 0:
        X[:, :, :, :-dx] = 0
    if dy > 0:
        X[:, :, -dy:] = 0
    elif dy < 0:
        X[:, :, :-dy] = 0
    return X


# %% choose_device: always-cpu
# Where there is a GPU, you still say cpu: safe, but slow. Do you ask for it, and in each call?
def choose_device():
    return torch.device("cpu")


# %% choose_device: always-cuda
# You say cuda without asking whether there is one.
def choose_device():
    return torch.device("cuda")


# %% choose_device: no-mps
# You never ask for Apple's GPU.
def choose_device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


# %% choose_device: mps-first
# Where there are both you take mps. cuda goes first.
def choose_device():
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


# %% choose_device: built-is-not-there
# You say mps where there is none. What PyTorch was built for is not what the machine has.
def choose_device():
    if torch.backends.cuda.is_built() and torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_built() else "cpu"


# %% choose_device: named-gpu
# PyTorch has no device called gpu. What does it call an NVIDIA card?
def choose_device():
    if torch.cuda.is_available():
        return "gpu"
    return "mps" if torch.backends.mps.is_available() else "cpu"


# %% choose_device: chosen-once
# What the function returns does not follow cuda: was it asked for when the function is called?
DEVICE_AT_START = "cuda" if torch.cuda.is_available() else "cpu"


def choose_device():
    if DEVICE_AT_START == "cpu" and torch.backends.mps.is_available():
        return "mps"
    return DEVICE_AT_START


# %% choose_device: none-without-a-gpu
# Without cuda and mps you return nothing. What is always there?
def choose_device():
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return None


# %% choose_device: cpu-where-cuda-is
# You return the CPU where cuda is, and cuda where it is not.
def choose_device():
    if not torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


# %% choose_device: mps-where-it-is-not
# You say mps where there is none. Which way round is the condition?
def choose_device():
    if torch.cuda.is_available():
        return torch.device("cuda")
    if not torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


# %% measure_seconds: no-synchronize
# You never wait for the device: you have measured how long it takes to hand over a job.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        start = clock()
        work()
        seconds.append(clock() - start)
    return float(np.median(seconds))


# %% measure_seconds: synchronize-after-only
# You wait before the clock is stopped, but not before it is started: what the device was still
# doing counts as well.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.median(seconds))


# %% measure_seconds: synchronize-before-only
# You wait before the clock is started, but not before it is stopped.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        seconds.append(clock() - start)
    return float(np.median(seconds))


# %% measure_seconds: no-warm-up
# You never warm up, so that the slow first call is among your times.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.median(seconds))


# %% measure_seconds: warm-up-is-timed
# You time the warm-up calls as well.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    seconds = []
    for _ in range(warmup + repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.median(seconds))


# %% measure_seconds: one-warm-up
# You warm up once, whatever warmup says.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.median(seconds))


# %% measure_seconds: mean
# You take the mean. One disturbed call moves it; the median stays.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.mean(seconds))


# %% measure_seconds: total-divided
# You time all the calls together and divide. That is the mean, and the median is asked for.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    synchronize()
    start = clock()
    for _ in range(repeats):
        work()
    synchronize()
    return (clock() - start) / repeats


# %% measure_seconds: fastest
# You take the fastest call. The median is asked for.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return min(seconds)


# %% measure_seconds: upper-middle
# With an even number of times there are two in the middle, and you take one of them.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return sorted(seconds)[repeats // 2]


# %% measure_seconds: not-sorted
# You take the middle of the times in the order in which they came. Sort them first.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    middle = repeats // 2
    return seconds[middle] if repeats % 2 else (seconds[middle - 1] + seconds[middle]) / 2


# %% measure_seconds: time-of-day
# You read the time of day instead of the clock that you were given. It can jump while you
# measure, and you have cut it to whole seconds.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    import datetime

    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = datetime.datetime.now().replace(microsecond=0)
        work()
        synchronize()
        now = datetime.datetime.now().replace(microsecond=0)
        seconds.append((now - start).total_seconds())
    return float(np.median(seconds))


# %% measure_seconds: milliseconds
# Your answer is in milliseconds.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return 1000 * float(np.median(seconds))


# %% measure_seconds: rounded
# You round the seconds. Most calls take less than a millisecond: nothing of them is left.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return round(float(np.median(seconds)), 3)


# %% measure_seconds: slowest
# You return the longest time. The median is asked for.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.max(seconds))


# %% measure_seconds: all-times
# You return all times. Their median is asked for.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return seconds


# %% measure_seconds: negative
# Your times are negative: which of the two looks at the clock came first?
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(start - clock())
    return float(np.median(seconds))


# %% measure_seconds: synchronizes-behind-the-first-look
# You synchronise behind the first look at the clock: what the device still had to do is timed as
# well.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        start = clock()
        synchronize()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.median(seconds))


# %% measure_seconds: synchronizes-behind-the-last-look
# You look at the clock before you synchronise: the work may not have been done yet.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        seconds.append(clock() - start)
        synchronize()
    return float(np.median(seconds))


# %% measure_seconds: clock-of-its-own
# You do not use the clock that you are given.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = time.perf_counter()
        work()
        synchronize()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


# %% measure_seconds: sum-of-the-times
# You return the sum of the times. Their median is asked for.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.sum(seconds))


# %% measure_seconds: one-run
# You time a single run. The text says how many.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(1):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.median(seconds))


# %% measure_seconds: middle-of-the-unsorted
# You take the one in the middle of the times as they came. The median is the middle of them in
# order, and with an even number the mean of two.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    times = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        times.append(clock() - start)
    return times[len(times) // 2]


# %% measure_seconds: five-times-always
# You measure five times, whatever repeats says.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    times = []
    for _ in range(5):
        synchronize()
        start = clock()
        work()
        synchronize()
        times.append(clock() - start)
    return float(np.median(times))


# %% measure_seconds: warms-up-twice-unless-told
# Unless it is told otherwise, your function warms up twice. The head of the function says
# warmup=1.
def measure_seconds(work, synchronize, repeats=5, warmup=2, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    times = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        times.append(clock() - start)
    return float(np.median(times))


# %% measure_seconds: no-warm-up-unless-told
# Unless it is told otherwise, your function does not warm up. The head of the function says
# warmup=1.
def measure_seconds(work, synchronize, repeats=5, warmup=0, clock=time.perf_counter):
    for _ in range(warmup):
        work()
    times = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        times.append(clock() - start)
    return float(np.median(times))


# %% embed: in-the-mode-it-was-in
# You ask the model in the mode in which you found it. What do dropout and batch norm do in training mode?
def embed(model, images):
    with torch.no_grad():
        return model(images).flatten(1)


# %% embed: left-in-evaluation-mode
# You leave the model in evaluation mode. Somebody may want to go on training it.
def embed(model, images):
    model.eval()
    with torch.no_grad():
        return model(images).flatten(1)


# %% embed: left-in-training-mode
# You put the whole model into training mode afterwards. It need not have been in it.
def embed(model, images):
    model.eval()
    with torch.no_grad():
        features = model(images).flatten(1)
    model.train()
    return features


# %% embed: mode-of-the-outermost
# You restore the mode of the outermost module, and with it set all those inside to the same.
def embed(model, images):
    mode = model.training
    model.eval()
    with torch.no_grad():
        features = model(images).flatten(1)
    model.train(mode)
    return features


# %% embed: graph-is-kept
# Your features still hang on the graph that computed them, and it fills the memory.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    features = model(images).flatten(1)
    for m, mode in modes:
        m.training = mode
    return features


# %% embed: gradients-off-for-ever
# You switch gradients off and do not switch them on again: nothing can be trained after this call.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    torch.set_grad_enabled(False)
    features = model(images).flatten(1)
    for m, mode in modes:
        m.training = mode
    return features


# %% embed: probabilities
# You make probabilities of the features. They are features because they are not squashed.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = F.softmax(model(images).flatten(1), dim=1)
    for m, mode in modes:
        m.training = mode
    return features


# %% embed: maps-stay-maps
# Your answer has more than two axes. Each image is to become one row.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = model(images)
    for m, mode in modes:
        m.training = mode
    return features


# %% embed: batch-flattened-too
# You have flattened the batch as well: the images run into one another.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = model(images).flatten()
    for m, mode in modes:
        m.training = mode
    return features


# %% embed: mean-over-positions
# You take the mean of each map. Nobody asked for that: all numbers of the model's answer are features.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = model(images)
        features = features.mean(dim=(2, 3)) if features.ndim == 4 else features
    for m, mode in modes:
        m.training = mode
    return features


# %% embed: one-column-for-each-image
# Your answer has one column for each image. Which axis is the batch's?
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = model(images).flatten(1).T
    for m, mode in modes:
        m.training = mode
    return features


# %% embed: unit-length
# You scale each row to length 1. The features are to be what the model gives.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = F.normalize(model(images).flatten(1), dim=1)
    for m, mode in modes:
        m.training = mode
    return features


# %% embed: the-pixels
# Your features are the pixels of the images. Does the model look at them at all?
def embed(model, images):
    return images.flatten(1)


# %% embed: parameters-frozen
# You freeze the model's parameters for good, and the call is still made with gradients enabled.
# torch.no_grad() holds for one block.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    model.requires_grad_(False)
    features = model(images).flatten(1)
    for module, mode in modes:
        module.training = mode
    return features


# %% embed: last-layer-cut-off
# You leave out the last layer of the model that you are given. It has been cut off before, where
# it must be.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = nn.Sequential(*list(model.children())[:-1])(images).flatten(1)
    for module, mode in modes:
        module.training = mode
    return features


# %% embed: channels-last
# You have moved the channels to the end before you laid the maps in a row. As they are, one map
# comes after the other.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = model(images)
        features = (features.permute(0, 2, 3, 1) if features.ndim == 4 else features).flatten(1)
    for module, mode in modes:
        module.training = mode
    return features


# %% embed: flattened-too-late
# You flatten from axis 2 on: each map is a row then, but each image must be.
def embed(model, images):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        features = model(images).flatten(2)
    for module, mode in modes:
        module.training = mode
    return features


# %% train_head: no-seed
# The first weights of your layer are other ones in each call. Who draws them, and when is it seeded?
def train_head(features, labels, classes, epochs, lr, seed):
    head = nn.Linear(features.shape[1], classes)
    train(head, features.detach(), labels, epochs, lr, seed=seed)
    return head


# %% train_head: always-the-same-seed
# You do not use the seed that you are given.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(0)
    head = nn.Linear(features.shape[1], classes)
    train(head, features.detach(), labels, epochs, lr)
    return head


# %% train_head: softmax-before-the-loss
# cross_entropy takes logits and has its softmax inside. Yours gets probabilities.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    train(nn.Sequential(head, nn.Softmax(dim=1)), features.detach(), labels, epochs, lr, seed=seed)
    return head


# %% train_head: gives-probabilities
# Your layer has a softmax behind it. Logits are linear in the features.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    train(head, features.detach(), labels, epochs, lr, seed=seed)
    return nn.Sequential(head, nn.Softmax(dim=1))


# %% train_head: classes-that-occur
# You count the classes among the labels. One of them may have no sample there: classes says how many.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], len(labels.unique()))
    train(head, features.detach(), labels, epochs, lr, seed=seed)
    return head


# %% train_head: squared-error
# You fit the one-hot labels by their squared distance. The loss is the cross-entropy.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    optimizer = torch.optim.Adam(head.parameters(), lr=lr)
    for _ in range(epochs):
        optimizer.zero_grad()
        F.mse_loss(head(features.detach()), F.one_hot(labels, classes).float()).backward()
        optimizer.step()
    return head


# %% train_head: no-bias
# Your layer has no biases.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes, bias=False)
    train(head, features.detach(), labels, epochs, lr, seed=seed)
    return head


# %% train_head: hidden-layer
# You train two layers. One is asked for: the features do the rest.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Sequential(nn.Linear(features.shape[1], 32), nn.ReLU(), nn.Linear(32, classes))
    train(head, features.detach(), labels, epochs, lr, seed=seed)
    return head


# %% train_head: untrained
# Your layer has its first weights still. Does a step change them?
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    return nn.Linear(features.shape[1], classes)


# %% train_head: one-epoch
# You go over the samples once, however many epochs are asked for.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    train(head, features.detach(), labels, 1, lr, seed=seed)
    return head


# %% train_head: rate-of-its-own
# You train with a learning rate of your own.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    train(head, features.detach(), labels, epochs, 0.05, seed=seed)
    return head


# %% train_head: through-the-network
# Your training follows the features back into the network that made them. They are data here.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    optimizer = torch.optim.Adam(head.parameters(), lr=lr)
    for _ in range(epochs):
        optimizer.zero_grad()
        F.cross_entropy(head(features), labels).backward(retain_graph=True)
        optimizer.step()
    return head


# %% train_head: standardised
# You have shifted and scaled the features for training. Whoever uses the layer does not do so.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    X = features.detach()
    X = (X - X.mean(dim=0)) / (X.std(dim=0) + 1e-5)
    head = nn.Linear(features.shape[1], classes)
    train(head, X, labels, epochs, lr, seed=seed)
    return head


# %% train_head: uphill
# Your steps go up the slope of the loss.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    for _ in range(epochs):
        loss = F.cross_entropy(head(features.detach()), labels)
        for p, g in zip(head.parameters(), torch.autograd.grad(loss, list(head.parameters()))):
            p.data += lr * g
    return head


# %% train_head: logits-not-layer
# You return what the layer says of the training features, not the layer.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    train(head, features.detach(), labels, epochs, lr, seed=seed)
    return head(features).detach()


# %% train_head: starts-at-zero
# Your layer starts from zeros, so that no seed makes a difference. The text asks for small random
# weights.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    features = features.detach()
    head = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimiser = torch.optim.Adam(head.parameters(), lr=lr)
    for epoch in range(epochs):
        optimiser.zero_grad()
        loss = F.cross_entropy(head(features), labels)
        loss.backward()
        optimiser.step()
    return head


# %% train_head: labels-say-how-many-classes
# You read the number of classes off the largest label. A class may have no sample: classes says
# how many there are.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    features = features.detach()
    head = nn.Linear(features.shape[1], int(labels.max()) + 1)
    optimiser = torch.optim.Adam(head.parameters(), lr=lr)
    for epoch in range(epochs):
        optimiser.zero_grad()
        loss = F.cross_entropy(head(features), labels)
        loss.backward()
        optimiser.step()
    return head


# %% train_head: rate-of-a-tenth
# Your rate is 0.1 whatever lr says.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    features = features.detach()
    head = nn.Linear(features.shape[1], classes)
    optimiser = torch.optim.Adam(head.parameters(), lr=0.1)
    for epoch in range(epochs):
        optimiser.zero_grad()
        loss = F.cross_entropy(head(features), labels)
        loss.backward()
        optimiser.step()
    return head


# %% train_head: rate-of-the-optimiser
# You do not hand lr on: the optimiser takes a rate of its own.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    features = features.detach()
    head = nn.Linear(features.shape[1], classes)
    optimiser = torch.optim.Adam(head.parameters())
    for epoch in range(epochs):
        optimiser.zero_grad()
        loss = F.cross_entropy(head(features), labels)
        loss.backward()
        optimiser.step()
    return head


# %% train_head: number-of-epochs-of-its-own
# You train for 100 epochs, however many are asked for.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    features = features.detach()
    head = nn.Linear(features.shape[1], classes)
    optimiser = torch.optim.Adam(head.parameters(), lr=lr)
    for epoch in range(100):
        optimiser.zero_grad()
        loss = F.cross_entropy(head(features), labels)
        loss.backward()
        optimiser.step()
    return head


# %% train_head: gradients-add-up
# You never set the gradients to zero, so that each step follows the sum of all so far.
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    features = features.detach()
    head = nn.Linear(features.shape[1], classes)
    optimiser = torch.optim.Adam(head.parameters(), lr=lr)
    for epoch in range(epochs):
        loss = F.cross_entropy(head(features), labels)
        loss.backward()
        optimiser.step()
    return head
