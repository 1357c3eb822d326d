"""Right answers to the exercises of `cnn` in other styles; each must get full points."""


# %% digits_tensors: numpy-to-the-end
# NumPy does all of it; tensors are made at the end, and come as a list.
def digits_tensors():
    pixels, labels = load_digits(return_X_y=True)
    images = (pixels.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    labels = labels.astype(np.int64)
    parts = [images[:1415], labels[:1415], images[1415:], labels[1415:]]
    return [torch.from_numpy(part) for part in parts]


# %% digits_tensors: torch-view-and-long
# Tensors first, then float, view, long and split.
def digits_tensors():
    d = load_digits()
    X = torch.FloatTensor(d["data"]).view(-1, 1, 8, 8).div(16.0)
    y = torch.LongTensor(d["target"].tolist())
    X_train, X_test = X.split([1415, 382])
    y_train, y_test = torch.tensor_split(y, [1415])
    return X_train, y_train, X_test, y_test


# %% digits_tensors: one-image-at-a-time
# A loop over the digits, each made a tensor of its own, stacked at the end.
def digits_tensors():
    d = load_digits()
    images, labels = [], []
    for image, label in zip(d.images, d.target):
        images.append(torch.tensor(image.tolist()).float()[None] * 0.0625)
        labels.append(int(label))
    X, y = torch.stack(images), torch.tensor(labels)
    return X[:-382], y[:-382], X[-382:], y[-382:]


# %% digits_tensors: arrays-for-tensors
# An answer may be arrays: they have the dtypes and shapes that were asked for.
def digits_tensors():
    d = load_digits()
    X = np.float32(d.images)[:, np.newaxis] / np.float32(16)
    y = np.int64(d.target)
    return X[:1415], y[:1415], X[1415:], y[1415:]


# %% build_cnn: class-with-functions
# A class whose forward uses functions for what has no weights, and pools before the ReLU.
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


# %% build_cnn: bare-parameters
# No layer at all: six parameters and the functions that use them; flattened channels last.
class BareNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.W1 = nn.Parameter(torch.randn(16, 1, 3, 3) * 0.3)
        self.b1 = nn.Parameter(torch.zeros(16))
        self.W2 = nn.Parameter(torch.randn(32, 16, 3, 3) * 0.1)
        self.b2 = nn.Parameter(torch.zeros(32))
        self.W3 = nn.Parameter(torch.randn(128, 10) * 0.1)
        self.b3 = nn.Parameter(torch.zeros(10))

    def forward(self, x):
        x = F.conv2d(F.pad(x, (1, 1, 1, 1)), self.W1, self.b1).clamp(min=0)
        x = F.max_pool2d(x, 2)
        x = F.conv2d(x, self.W2, self.b2, padding=1).clamp(min=0)
        x = x.unfold(2, 2, 2).unfold(3, 2, 2).amax(dim=(4, 5))
        return x.permute(0, 2, 3, 1).flatten(1) @ self.W3 + self.b3


def build_cnn():
    return BareNetwork()


# %% build_cnn: lazy-layers
# Layers that find their input sizes by themselves, in nested Sequentials with names.
def build_cnn():
    from collections import OrderedDict

    def block(filters):
        return nn.Sequential(
            nn.ZeroPad2d(1), nn.LazyConv2d(filters, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2)
        )

    parts = OrderedDict(first=block(16), second=block(32), head=nn.Flatten(), out=nn.LazyLinear(10))
    return nn.Sequential(parts)


# %% build_cnn: linear-as-convolution
# The linear layer is a convolution as large as what is left of the image.
def build_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.ModuleList(
                [nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)]
            )
            self.head = nn.Conv2d(32, 10, kernel_size=2)
            self.pool = nn.AdaptiveMaxPool2d

        def forward(self, x):
            for conv, size in zip(self.body, (4, 2)):
                x = F.adaptive_max_pool2d(conv(x).relu(), size)
            return self.head(x).squeeze(-1).squeeze(-1)

    return Net()


# %% count_parameters: loop-over-shapes
# Products of the sizes, in a loop over named parameters.
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


# %% count_parameters: own-walk-without-twins
# A recursive walk that remembers which parameters it has met.
def count_parameters(model):
    met = {}

    def walk(module):
        for p in module._parameters.values():
            if p is not None and p.requires_grad:
                met[id(p)] = len(p.detach().reshape(-1))
        for child in module.children():
            walk(child)

    walk(model)
    return sum(met.values())


# %% count_parameters: one-long-vector
# All trainable parameters in one vector, whose length is the answer, as a NumPy integer.
def count_parameters(model):
    trainable = filter(lambda p: p.requires_grad, model.parameters())
    return np.sum([np.prod(p.shape) for p in trainable], dtype=int)


# %% trace_shapes: hook-for-all-modules
# One global hook instead of one on each leaf; shapes as lists.
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


# %% trace_shapes: exit-stack
# A context manager takes the hooks off; shapes are torch.Size.
def trace_shapes(model, x):
    import contextlib

    out = []
    with contextlib.ExitStack() as stack:
        for m in model.modules():
            if next(m.children(), None) is None:
                handle = m.register_forward_hook(
                    lambda mod, i, o: out.append((type(mod).__name__, o.size()))
                )
                stack.callback(handle.remove)
        model(x)
    return out


# %% trace_shapes: wrapped-forward
# No hook: each leaf's forward is wrapped for the time of the call, and unwrapped again.
def trace_shapes(model, x):
    trace = []
    leaves = [m for m in model.modules() if sum(1 for _ in m.children()) == 0]

    def wrap(leaf):
        original = leaf.forward

        def forward(*args, **kwargs):
            y = original(*args, **kwargs)
            trace.append((leaf._get_name(), tuple(y.shape)))
            return y

        leaf.forward = forward

    for leaf in leaves:
        wrap(leaf)
    try:
        model(x)
    finally:
        for leaf in leaves:
            del leaf.forward
    return tuple(trace)


# %% trace_shapes: recursive-collector
# An own recursion finds the leaves; a list of handles, and an answer made at the end.
def trace_shapes(model, x):
    handles, outputs, met = [], [], set()

    def note(module, args, output):
        outputs.append((module, output))

    def visit(module):
        if module in met:
            return
        met.add(module)
        children = list(module.named_children())
        if len(children) == 0:
            handles.append(module.register_forward_hook(note))
        for _, child in children:
            visit(child)

    visit(model)
    model(x)
    for handle in handles:
        handle.remove()
    return [(module._get_name(), [*output.shape]) for module, output in outputs]


# %% train: momentum-and-numpy
# Gradient descent with momentum; NumPy draws the order; zero_grad behind the forward pass.
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


# %% train: data-loader
# torch's DataLoader, the global seed, and tensors as losses.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(X, y), batch_size=batch_size, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-3)
    means = []
    for _ in range(epochs):
        model.train()
        running = torch.tensor(0.0)
        for images, labels in loader:
            model.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.detach() * labels.numel()
        means.append(running / len(loader.dataset))
    return means


# %% train: own-momentum-without-optimiser
# torch.autograd.grad and momentum written by hand; log-softmax and the picked label.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    import random

    shuffler = random.Random(seed)
    parameters = [p for p in model.parameters() if p.requires_grad]
    speed = [torch.zeros_like(p) for p in parameters]
    result = []
    for _ in range(epochs):
        order = list(range(len(X)))
        shuffler.shuffle(order)
        total = 0.0
        while order:
            now, order = order[:batch_size], order[batch_size:]
            log_p = torch.log_softmax(model(X[now]), dim=-1)
            loss = -log_p[torch.arange(len(now)), y[now]].mean()
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for p, v, g in zip(parameters, speed, gradients):
                    v.mul_(0.9).add_(g)
                    p -= lr * v
            total += float(loss) * len(now)
        result.append(total / len(X))
    return np.array(result)


# %% train: rmsprop-and-loss-after-the-epoch
# RMSprop, summed losses, and the epoch's loss measured at its end, over all the samples.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    torch.manual_seed(seed)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=lr)
    batches = -(-len(X) // batch_size)
    losses = []
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for b in range(batches):
            rows = order[b * batch_size : (b + 1) * batch_size]
            for p in model.parameters():
                p.grad = None
            nn.NLLLoss()(model(X[rows]).log_softmax(1), y[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            losses.append(F.cross_entropy(model(X), y).item())
    return losses


# %% train: nesterov-and-clipping
# Nesterov's momentum, the mean of the batches' means, and gradients of which too large ones are cut.
def train(model, X, y, epochs, lr, batch_size=64, seed=0):
    g = torch.Generator()
    g.manual_seed(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr, momentum=0.9, nesterov=True)
    losses = torch.zeros(epochs, dtype=torch.float64)
    for epoch in range(epochs):
        batches = torch.utils.data.BatchSampler(
            torch.utils.data.RandomSampler(range(len(X)), generator=g), batch_size, drop_last=False
        )
        each = []
        for batch in batches:
            optimizer.zero_grad(set_to_none=False)
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            each.append(loss.item())
        losses[epoch] = np.mean(each)
    return losses


# %% accuracy: in-batches
# Batches of 100, inference mode, a dict of modes.
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


# %% accuracy: numpy-and-decorator
# A decorator switches gradients off, NumPy compares; the model goes back module by module.
@torch.no_grad()
def accuracy(model, X, y):
    training = [m for m in model.modules() if m.training]
    for m in training:
        m.training = False
    try:
        scores = model(X).numpy()
    finally:
        for m in training:
            m.training = True
    return np.mean(np.argmax(scores, axis=-1) == y.numpy())


# %% accuracy: a-copy-is-asked
# A copy of the model goes to evaluation mode, so that nothing has to be put back.
def accuracy(model, X, y):
    import copy

    twin = copy.deepcopy(model).eval()
    with torch.set_grad_enabled(False):
        hits = torch.topk(twin(X), 1, dim=1).indices[:, 0].eq(y)
    return hits.double().mean()


# %% shift_images: pad-and-crop
# Pad generously on all sides, then cut out a window of the old size.
def shift_images(X, dx, dy):
    h, w = X.shape[2], X.shape[3]
    px, py = abs(dx), abs(dy)
    padded = F.pad(X, (px, px, py, py))
    return padded[:, :, py - dy : py - dy + h, px - dx : px - dx + w]


# %% shift_images: roll-and-blank
# Roll around, then blank what came back on the other side.
def shift_images(X, dx, dy):
    out = torch.roll(X, shifts=(dy, dx), dims=(-2, -1)).clone()
    if dx > 0:
        out[..., :dx] = 0
    elif dx < 0:
        out[..., max(X.shape[-1] + dx, 0) :] = 0
    if dy > 0:
        out[..., :dy, :] = 0
    elif dy < 0:
        out[..., max(X.shape[-2] + dy, 0) :, :] = 0
    return out


# %% shift_images: pixel-by-pixel
# Loops over all pixels, in plain lists.
def shift_images(X, dx, dy):
    n, channels, height, width = X.shape
    old = X.tolist()
    new = []
    for image in old:
        new.append([])
        for channel in image:
            rows = []
            for r in range(height):
                row = []
                for c in range(width):
                    inside = 0 <= r - dy < height and 0 <= c - dx < width
                    row.append(channel[r - dy][c - dx] if inside else 0)
                rows.append(row)
            new[-1].append(rows)
    return new


# %% shift_images: two-matrices
# A shift is linear: one matrix moves the rows, another the columns.
def shift_images(X, dx, dy):
    rows = np.eye(X.shape[-2], k=-dy)
    columns = np.eye(X.shape[-1], k=dx)
    return np.einsum("ij,ncjk,kl->ncil", rows, X.numpy().astype(float), columns)


# %% shift_images: gather-with-a-mask
# Where each pixel comes from, clipped, and zero where that lies outside.
def shift_images(X, dx, dy):
    h, w = X.shape[-2:]
    r, c = torch.arange(h) - dy, torch.arange(w) - dx
    inside = ((r >= 0) & (r < h))[:, None] & ((c >= 0) & (c < w))[None, :]
    return X[..., r.clamp(0, h - 1)[:, None], c.clamp(0, w - 1)[None, :]] * inside


# %% shift_images: convolution-with-a-single-one
# A kernel of zeros with a single 1 moves an image; of its own dtype, and in float32 for integers.
def shift_images(X, dx, dy):
    X = X if X.is_floating_point() else X.float()
    n, channels, height, width = X.shape
    kernel = torch.zeros(1, 1, 2 * abs(dy) + 1, 2 * abs(dx) + 1, dtype=X.dtype)
    kernel[0, 0, abs(dy) - dy, abs(dx) - dx] = 1
    moved = F.conv2d(X.reshape(-1, 1, height, width), kernel, padding=(abs(dy), abs(dx)))
    return moved.reshape(n, channels, height, width)


# %% choose_device: one-line
# Names instead of objects, in one expression.
def choose_device():
    if torch.cuda.is_available():
        return "cuda:0"
    return "mps" if torch.backends.mps.is_available() else "cpu"


# %% choose_device: count-the-cards
# CUDA devices are counted; for Apple it is asked whether PyTorch was built for it as well.
def choose_device():
    if torch.cuda.device_count() > 0:
        return torch.device("cuda", 0)
    mps = getattr(torch.backends, "mps", None)
    if mps is not None and mps.is_built() and mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


# %% choose_device: dictionary
# A table of names and questions, gone through in order.
def choose_device():
    questions = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "cpu": lambda: True,
    }
    return torch.device(next(name for name, available in questions.items() if available()))


# %% choose_device: accelerator
# PyTorch's newer question for whatever accelerator there is.
def choose_device():
    if hasattr(torch, "accelerator") and torch.accelerator.is_available():
        return torch.accelerator.current_accelerator()
    return torch.device("cpu")


# %% choose_device: imported-names
# The functions were imported by name, before anybody could replace them.
from torch.backends.mps import is_available as mps_is_available
from torch.cuda import is_available as cuda_is_available


def choose_device():
    return "cuda" if cuda_is_available() else "mps" if mps_is_available() else "cpu"


# %% measure_seconds: sorted-by-hand
# Start and end in two lists; the median by sorting.
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


# %% measure_seconds: one-loop
# Warm-up and measurement in one loop; a helper reads the clock.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    import statistics

    def now():
        synchronize()
        return clock()

    seconds = []
    for number in range(warmup + repeats):
        start = now()
        work()
        passed = now() - start
        if number >= warmup:
            seconds.append(passed)
    return statistics.median(seconds)


# %% measure_seconds: differences
# The end of one measurement is the start of the next: repeats + 1 readings.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    [work() for _ in range(warmup)]
    synchronize()
    readings = [clock()]
    for _ in range(repeats):
        work()
        synchronize()
        readings.append(clock())
    return np.median(np.diff(readings))


# %% measure_seconds: torch-quantile
# Tensors of float64, and the median as the 0.5 quantile.
def measure_seconds(work, synchronize, repeats=5, warmup=1, clock=time.perf_counter):
    seconds = torch.zeros(repeats, dtype=torch.float64)
    for i in range(-warmup, repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        stop = clock()
        if i >= 0:
            seconds[i] = stop - start
    return seconds.quantile(0.5)


# %% embed: in-batches
# Inference mode, batches of 16, a dict of modes, the rows put together at the end.
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


# %% embed: one-image-at-a-time
# A loop over the images, and plain lists of numbers.
def embed(model, images):
    training = [m for m in model.modules() if m.training]
    for m in training:
        m.training = False
    rows = []
    with torch.no_grad():
        for image in images:
            rows.append(model(image.unsqueeze(0)).flatten().tolist())
    for m in training:
        m.training = True
    return rows


# %% embed: a-copy-is-asked
# A copy goes to evaluation mode, so nothing has to be put back; NumPy arrays come out.
@torch.no_grad()
def embed(model, images):
    import copy

    out = copy.deepcopy(model).eval()(images).numpy()
    return out.reshape(len(out), -1)


# %% embed: flatten-layer-and-rows
# A Flatten behind the model; the answer is a list of tensors.
def embed(model, images):
    modes = [m.training for m in model.modules()]
    try:
        with torch.set_grad_enabled(False):
            whole = nn.Sequential(model, nn.Flatten()).eval()
            return list(whole(images))
    finally:
        for m, mode in zip(model.modules(), modes):
            m.training = mode


# %% train_head: all-samples-at-once
# Plain gradient descent on all samples; the global seed.
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


# %% train_head: own-gradient
# The gradient of notebook 2, and weights of an own generator, copied into the layer at the end.
def train_head(features, labels, classes, epochs, lr, seed):
    X = features.detach().double().numpy()
    T = np.eye(classes)[labels.numpy()]
    rng = np.random.default_rng(seed)
    W, b = rng.normal(scale=0.05, size=(X.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        a = X @ W + b
        y = np.exp(a - a.max(axis=1, keepdims=True))
        y /= y.sum(axis=1, keepdims=True)
        W -= lr * X.T @ (y - T) / len(X)
        b -= lr * (y - T).mean(axis=0)
    layer = nn.Linear(X.shape[1], classes)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(W.T))
        layer.bias.copy_(torch.from_numpy(b))
    return layer


# %% train_head: loader-and-momentum
# A DataLoader with momentum; the layer stands in a Sequential.
def train_head(features, labels, classes, epochs, lr, seed):
    from torch.utils.data import DataLoader, TensorDataset

    g = torch.Generator().manual_seed(seed)
    layer = nn.Linear(features.shape[-1], classes)
    nn.init.normal_(layer.weight, std=0.01, generator=g)
    nn.init.zeros_(layer.bias)
    head = nn.Sequential(layer)
    data = TensorDataset(features.detach().clone(), labels)
    optimizer = torch.optim.SGD(head.parameters(), lr=lr, momentum=0.9)
    for _ in range(epochs):
        for x, t in DataLoader(data, batch_size=32, shuffle=True, generator=g):
            head.zero_grad()
            F.cross_entropy(head(x), t).backward()
            optimizer.step()
    return head


# %% train_head: a-class-of-its-own
# A module with two parameters, drawn with the global seed; AdamW; log-softmax and the picked label.
def train_head(features, labels, classes, epochs, lr, seed):
    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.W = nn.Parameter(torch.randn(features.shape[1], classes) / 10)
            self.b = nn.Parameter(torch.zeros(classes))

        def forward(self, x):
            return x @ self.W + self.b

    torch.manual_seed(seed)
    head = Head()
    optimizer = torch.optim.AdamW(head.parameters(), lr=lr)
    for _ in range(epochs):
        for rows in torch.randperm(len(features)).split(20):
            log_p = head(features[rows].detach()).log_softmax(dim=1)
            loss = -log_p.gather(1, labels[rows][:, None]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return head
