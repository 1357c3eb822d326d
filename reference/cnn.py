"""Assignment 5: a convolutional network that reads digits, and how to measure its time.

The lecture's parts "Convolutional Layer", "Pooling Layer", "Fully Connected Layer" and the practice
"GPU vs CPU". Images are float32 tensors ``(n, channels, height, width)``, labels int64 ``(n,)``,
logits ``(n, classes)``, times seconds.

No function changes its arguments, but for :func:`train`, whose business it is to change the
model's parameters. An argument that does not fit raises ``ValueError`` and is named.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

TRAINING_DIGITS = 1415
LARGEST_VALUE = 16
LEARNING_RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
"""The rates of which one must bring the network to 90% in 12 epochs."""

# --- Data -------------------------------------------------------------------------------------


def digits_tensors() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The lecture's 1797 digits as ``(X_train, y_train, X_test, y_test)``.

    Pixels are divided by 16, so that they lie in [0, 1]. The first 1415 digits train, the other
    382 test: the data come writer by writer, so the test digits are written by other hands.
    Shapes: ``(1415, 1, 8, 8)``, ``(1415,)``, ``(382, 1, 8, 8)``, ``(382,)``.
    """
    digits = load_digits()
    X = torch.from_numpy(digits.images / LARGEST_VALUE).float().unsqueeze(1)
    y = torch.from_numpy(digits.target).long()
    return X[:TRAINING_DIGITS], y[:TRAINING_DIGITS], X[TRAINING_DIGITS:], y[TRAINING_DIGITS:]


def shift_images(X: Tensor, dx: int, dy: int) -> Tensor:
    """Shift images ``(..., height, width)`` by dx pixels to the right and dy down; zeros move in.

    ``answer[..., r, c] = X[..., r - dy, c - dx]`` where that pixel exists, else 0.
    """
    if X.ndim < 2:
        raise ValueError(f"X must have a height and a width, got shape {tuple(X.shape)}")
    height, width = X.shape[-2:]
    answer = torch.zeros_like(X)
    rows, columns = _overlap(dy, height), _overlap(dx, width)
    answer[..., rows[0], columns[0]] = X[..., rows[1], columns[1]]
    return answer


def _overlap(shift: int, size: int) -> tuple[slice, slice]:
    """Where along one axis the shifted pixels land, and where they come from."""
    shift = max(-size, min(size, int(shift)))
    there = slice(max(shift, 0), size + min(shift, 0))
    here = slice(max(-shift, 0), size + min(-shift, 0))
    return there, here


# --- The network ------------------------------------------------------------------------------


def build_cnn() -> nn.Module:
    """The network for digits ``(n, 1, 8, 8)``, giving logits ``(n, 10)``.

    8x8 -> conv 16 -> 8x8 -> pool -> 4x4 -> conv 32 -> 4x4 -> pool -> 2x2 -> 32*2*2 = 128 -> 10.
    There is no softmax at the end: the loss takes logits.
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 2 * 2, 10),
    )


def count_parameters(model: nn.Module) -> int:
    """How many numbers of ``model`` training changes.

    A parameter that two layers share counts once; frozen parameters and buffers do not count.
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def trace_shapes(model: nn.Module, x: Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """Run ``model(x)`` and list ``(class name, output shape)`` of its leaf modules as they run.

    A leaf has no modules inside it. One that runs twice is listed twice. The hooks that watch are
    taken off again, also when the model fails.
    """
    trace: list[tuple[str, tuple[int, ...]]] = []

    def note(module: nn.Module, _args: object, output: Tensor) -> None:
        trace.append((type(module).__name__, tuple(output.shape)))

    leaves = [module for module in model.modules() if next(module.children(), None) is None]
    hooks = [leaf.register_forward_hook(note) for leaf in leaves]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for hook in hooks:
            hook.remove()
    return trace


# --- Training and testing ---------------------------------------------------------------------


def train(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    epochs: int,
    lr: float,
    batch_size: int = 64,
    seed: int = 0,
) -> list[float]:
    """Train ``model`` with Adam on the cross-entropy; return the mean loss of each epoch.

    The loss of a sample with logits a and label c is -log softmax(a)_c. Each epoch visits every
    sample once, in an order that ``seed`` decides, in batches of ``batch_size`` (the last may be
    smaller). The loss of an epoch is the mean over its samples, each with the weights of the
    moment it was visited. The same model, data and seed give the same result.
    """
    _check_samples(X, y)
    for name, number in (("epochs", epochs), ("batch_size", batch_size)):
        if number < 1:
            raise ValueError(f"{name} must be at least 1, got {number}")
    if not lr > 0:
        raise ValueError(f"lr must be above 0, got {lr}")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).to(X.device).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


def accuracy(model: nn.Module, X: Tensor, y: Tensor) -> float:
    """The share of samples, from 0 to 1, whose largest logit is that of their label.

    The model runs in evaluation mode and without gradients. Afterwards each of its modules is in
    the mode in which it was, which may differ from one to the other.
    """
    _check_samples(X, y)
    with _evaluating(model):
        right = sum(
            int((model(some).argmax(dim=1) == labels).sum())
            for some, labels in zip(X.split(1024), y.split(1024), strict=True)
        )
    return right / len(X)


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards each module is in its own mode again."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def _check_samples(X: Tensor, y: Tensor) -> None:
    if len(X) == 0:
        raise ValueError("X must have at least one sample, got none")
    if y.shape != X.shape[:1]:
        raise ValueError(
            f"y must have one label for each of the {len(X)} samples, got shape {tuple(y.shape)}"
        )
    if y.dtype.is_floating_point or y.min() < 0:
        raise ValueError(f"y must hold class numbers 0, 1, 2, ... as integers, got {y.dtype}: {y}")


# --- Transfer learning --------------------------------------------------------------------------


def embed(model: nn.Module, images: Tensor) -> Tensor:
    """What ``model`` makes of each image, as one row: ``(n, ...)`` -> ``(n, features)``.

    The model runs in evaluation mode and without gradients, and is left as it was.
    """
    with _evaluating(model):
        return torch.cat([model(some).flatten(1) for some in images.split(64)])


def train_head(
    features: Tensor, labels: Tensor, classes: int, epochs: int, lr: float, seed: int
) -> nn.Linear:
    """Train a linear layer from ``features`` (n, d) to ``classes`` logits; return it.

    The seed decides its first weights and the order of the samples. Whatever made the features
    learns nothing.
    """
    _check_samples(features, labels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = nn.Linear(features.shape[1], classes)
    train(head, features.detach(), labels, epochs, lr, seed=seed)
    return head


# --- Time (slide "GPU vs CPU: running time measurement") --------------------------------------


def choose_device() -> torch.device:
    """The fastest device there is: CUDA, else Apple's Metal (mps), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def measure_seconds(
    work: Callable[[], object],
    synchronize: Callable[[], object],
    repeats: int = 5,
    warmup: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The median time that one call of ``work`` takes, in seconds of ``clock``.

    ``work()`` may only hand its job to a device and return at once; ``synchronize()`` returns when
    the device has nothing left to do. It is called before each look at the clock. The first
    ``warmup`` calls are not timed: they load kernels and fill caches. The slide's ``datetime`` is
    no clock for this, since it can jump.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}")
    if warmup < 0:
        raise ValueError(f"warmup must not be negative, got {warmup}")
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return statistics.median(seconds)
