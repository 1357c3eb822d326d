"""Wrong in typical ways, right between.

loses: build_cnn train embed choose_device
"""

# %% digits_tensors
def digits_tensors():
    """Return (X_train, y_train, X_test, y_test): X float32 (n, 1, 8, 8) in [0, 1], y int64 (n,).

    The first 1415 digits train, the other 382 test, in the order in which they come.
    """
    digits = load_digits()
    X = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(digits.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]

# %% build_cnn
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

# %% count_parameters
def count_parameters(model):
    """Return how many trainable numbers the model has."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)

# %% trace_shapes
def trace_shapes(model, x):
    """Run model(x); return [(class name, output shape), ...] of its leaf modules as they ran."""
    trace = []

    def note(module, inputs, output):
        trace.append((type(module).__name__, tuple(output.shape)))

    leaves = [module for module in model.modules() if len(list(module.children())) == 0]
    hooks = [leaf.register_forward_hook(note) for leaf in leaves]
    try:
        model(x)
    finally:
        for hook in hooks:
            hook.remove()
    return trace

# %% train
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

# %% accuracy
def accuracy(model, X, y):
    """Return the fraction, from 0 to 1, of the samples X that the model gives their label y."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        right = (model(X).argmax(dim=1) == y).sum().item()
    for module, mode in modes:
        module.training = mode
    return right / len(X)

# %% shift_images
def shift_images(X, dx, dy):
    """Shift images (n, channels, height, width) by dx to the right and dy down; zeros move in."""
    height, width = X.shape[2:]
    padded = F.pad(X, (abs(dx), abs(dx), abs(dy), abs(dy)))
    left, top = abs(dx) - dx, abs(dy) - dy
    return padded[..., top : top + height, left : left + width]

# %% embed
def embed(model, images):
    model.eval()
    with torch.no_grad():
        return model(images).flatten(1)

# %% train_head
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.shape[1], classes)
    optimizer = torch.optim.Adam(head.parameters(), lr=lr)
    for _ in range(epochs):
        optimizer.zero_grad()
        F.cross_entropy(head(features.detach()), labels).backward()
        optimizer.step()
    return head

# %% choose_device
def choose_device():
    return torch.device("cpu")

# %% measure_seconds
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    """Return the median time in seconds that one call of work() keeps the device busy."""
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return float(np.median(seconds))

# %% [markdown] gpu_or_cpu
# For small batches the CPU was faster here. I have no GPU at home.
