"""Everything right, in ways of her own."""

# %% digits_tensors
def digits_tensors():
    pixels, labels = load_digits(return_X_y=True)
    images = (pixels.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    labels = labels.astype(np.int64)
    parts = [images[:1415], labels[:1415], images[1415:], labels[1415:]]
    return [torch.from_numpy(part) for part in parts]

# %% build_cnn
def build_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(128, 10)  # made in another order than it runs
            self.conv2 = nn.Conv2d(16, 32, (3, 3), padding="same")
            self.conv1 = nn.Conv2d(1, 16, 3, 1, 1)

        def forward(self, x):
            x = F.relu(F.max_pool2d(self.conv1(x), 2))
            x = F.max_pool2d(torch.relu(self.conv2(x)), kernel_size=2, stride=2)
            return self.fc(x.view(x.size(0), -1))

    return Net()

# %% count_parameters
def count_parameters(model):
    total = 0
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        size = 1
        for n in parameter.shape:
            size *= n
        total += size
    return total

# %% trace_shapes
def trace_shapes(model, x):
    seen = []

    def hook(module, args, output):
        if not list(module.children()):
            seen.append([module.__class__.__name__, list(output.shape)])

    handle = nn.modules.module.register_module_forward_hook(hook)
    with torch.no_grad():
        model(x)
    handle.remove()
    return seen

# %% train
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    rng = np.random.default_rng(seed)
    opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    history = []
    for epoch in range(epochs):
        order = rng.permutation(len(X))
        losses = []
        for start in range(0, len(X), batch_size):
            i = torch.from_numpy(order[start : start + batch_size])
            loss = F.cross_entropy(model(X[i]), y[i], reduction="none")
            opt.zero_grad()
            loss.mean().backward()
            opt.step()
            losses.extend(loss.detach().tolist())
        history.append(sum(losses) / len(losses))
    return history

# %% accuracy
def accuracy(model, X, y):
    before = {name: m.training for name, m in model.named_modules()}
    model.eval()
    right = 0
    with torch.inference_mode():
        for i in range(0, len(X), 100):
            right += int((model(X[i : i + 100]).max(1).indices == y[i : i + 100]).sum())
    for name, m in model.named_modules():
        m.training = before[name]
    return right / y.shape[0]

# %% shift_images
def shift_images(X, dx, dy):
    h, w = X.shape[2], X.shape[3]
    px, py = abs(dx), abs(dy)
    padded = F.pad(X, (px, px, py, py))
    return padded[:, :, py - dy : py - dy + h, px - dx : px - dx + w]

# %% embed
def embed(model, images):
    before = {name: m.training for name, m in model.named_modules()}
    model.eval()
    rows = []
    with torch.inference_mode():
        for start in range(0, len(images), 16):
            out = model(images[start : start + 16])
            rows.append(out.reshape(out.shape[0], -1))
    for name, m in model.named_modules():
        m.training = before[name]
    return torch.cat(rows, dim=0)

# %% train_head
def train_head(features, labels, classes, epochs, lr, seed):
    torch.manual_seed(seed)
    head = nn.Linear(features.size(1), classes)
    optimizer = torch.optim.SGD(head.parameters(), lr=lr)
    features = features.detach()
    for _ in range(epochs):
        optimizer.zero_grad()
        nn.CrossEntropyLoss()(head(features), labels).backward()
        optimizer.step()
    return head

# %% choose_device
def choose_device():
    if torch.cuda.is_available():
        return "cuda:0"
    return "mps" if torch.backends.mps.is_available() else "cpu"

# %% measure_seconds
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    for i in range(warmup):
        work()
        synchronize()
    starts, ends = [], []
    for i in range(repeats):
        synchronize()
        starts.append(clock())
        work()
        synchronize()
        ends.append(clock())
    times = sorted(end - start for start, end in zip(starts, ends))
    middle = repeats // 2
    return times[middle] if repeats % 2 else (times[middle - 1] + times[middle]) / 2

# %% [markdown] gpu_or_cpu
# For small batches the CPU was faster here. I have no GPU at home.
