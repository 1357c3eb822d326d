"""The reference of the cnn assignment, against SciPy, NumPy and finite differences."""

import copy
import statistics
import time
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.ndimage import shift as scipy_shift
from scipy.signal import correlate2d
from sklearn.datasets import load_digits
from torch import Tensor, nn

from reference import cnn


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _toy() -> tuple[Tensor, Tensor, nn.Module]:
    X = torch.randn(50, 4, generator=_generator(1))
    y = torch.randint(0, 3, (50,), generator=_generator(2))
    model = nn.Linear(4, 3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=_generator(3)))
    return X, y, model


class TestDigits:
    def test_shapes_and_dtypes(self) -> None:
        X, y, X_test, y_test = cnn.digits_tensors()
        assert (X.shape, X_test.shape) == ((1415, 1, 8, 8), (382, 1, 8, 8))
        assert (y.shape, y_test.shape) == ((1415,), (382,))
        assert X.dtype == X_test.dtype == torch.float32
        assert y.dtype == y_test.dtype == torch.int64

    def test_values(self) -> None:
        X, y, X_test, y_test = cnn.digits_tensors()
        data = load_digits()
        np.testing.assert_allclose(torch.cat([X, X_test])[:, 0] * 16, data.images)
        np.testing.assert_array_equal(torch.cat([y, y_test]), data.target)
        assert X.min() == 0 and X.max() == 1
        assert y[0] == 0 and y_test[-1] == 8  # the lecture prints these two


class TestShift:
    @pytest.mark.parametrize("dx", [-9, -7, -2, 0, 1, 7, 8])
    @pytest.mark.parametrize("dy", [-6, -5, -1, 0, 3, 5, 20])
    def test_against_scipy(self, dx: int, dy: int) -> None:
        X = torch.randn(2, 3, 5, 7, generator=_generator()).double()
        before = X.clone()
        expected = scipy_shift(X.numpy(), (0, 0, dy, dx), order=0, mode="constant")
        np.testing.assert_array_equal(cnn.shift_images(X, dx, dy), expected)
        assert torch.equal(X, before)

    @pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float16, torch.bool])
    def test_keeps_the_dtype(self, dtype: torch.dtype) -> None:
        X = torch.ones(1, 1, 2, 3).to(dtype)
        shifted = cnn.shift_images(X, 1, 0)
        assert shifted.dtype == dtype
        assert shifted.tolist() == [[[[0, 1, 1], [0, 1, 1]]]]

    def test_shape_is_checked(self) -> None:
        with pytest.raises(ValueError, match=r"X must have a height.*\(4,\)"):
            cnn.shift_images(torch.zeros(4), 1, 0)


class TestBuild:
    def test_against_scipy(self) -> None:
        """The logits of one digit, each filter slid by SciPy."""
        model = cnn.build_cnn().double()
        x = torch.randn(1, 1, 8, 8, generator=_generator()).double()
        W1, b1, W2, b2, W3, b3 = (p.detach().numpy() for p in model.parameters())
        maps = x[0].numpy()
        for W, b in ((W1, b1), (W2, b2)):
            slid = [
                sum(correlate2d(m, k, mode="same") for m, k in zip(maps, kernel, strict=True))
                + bias
                for kernel, bias in zip(W, b, strict=True)
            ]
            maps = np.maximum(np.stack(slid), 0)
            size = maps.shape[-1] // 2
            maps = maps.reshape(len(maps), size, 2, size, 2).max(axis=(2, 4))
        expected = W3 @ maps.reshape(-1) + b3
        np.testing.assert_allclose(model(x)[0].detach(), expected, rtol=1e-10)

    def test_shapes(self) -> None:
        assert cnn.trace_shapes(cnn.build_cnn(), torch.zeros(5, 1, 8, 8)) == [
            ("Conv2d", (5, 16, 8, 8)),
            ("ReLU", (5, 16, 8, 8)),
            ("MaxPool2d", (5, 16, 4, 4)),
            ("Conv2d", (5, 32, 4, 4)),
            ("ReLU", (5, 32, 4, 4)),
            ("MaxPool2d", (5, 32, 2, 2)),
            ("Flatten", (5, 128)),
            ("Linear", (5, 10)),
        ]


class TestCount:
    def test_the_cnn(self) -> None:
        assert cnn.count_parameters(cnn.build_cnn()) == 160 + 4640 + 1290 == 6090

    def test_frozen_shared_and_buffers(self) -> None:
        layer = nn.Linear(3, 3)
        model = nn.Sequential(layer, nn.BatchNorm1d(3), layer, nn.Linear(3, 2))
        assert cnn.count_parameters(model) == 12 + 6 + 8
        model[3].requires_grad_(False)
        assert cnn.count_parameters(model) == 12 + 6
        assert cnn.count_parameters(nn.ReLU()) == 0


class TestTrace:
    def test_order_of_running_and_reuse(self) -> None:
        class Twice(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.last = nn.Linear(2, 5)
                self.unused = nn.Linear(9, 9)
                self.inner = nn.Sequential(nn.Sequential(nn.Linear(2, 2)), nn.Tanh())

            def forward(self, x: Tensor) -> Tensor:
                out: Tensor = self.last(torch.relu(self.inner(self.inner(x))))
                return out

        expected = [("Linear", (3, 2)), ("Tanh", (3, 2))] * 2 + [("Linear", (3, 5))]
        assert cnn.trace_shapes(Twice(), torch.zeros(3, 2)) == expected

    def test_a_model_that_is_one_layer_or_empty(self) -> None:
        assert cnn.trace_shapes(nn.Linear(2, 4), torch.zeros(1, 2)) == [("Linear", (1, 4))]
        model = nn.Sequential(nn.Sequential(), nn.ReLU())
        assert cnn.trace_shapes(model, torch.zeros(2)) == [("Sequential", (2,)), ("ReLU", (2,))]

    def test_leaves_no_hook_even_when_the_model_fails(self) -> None:
        model = nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1))
        calls: list[int] = []
        model[0].register_forward_hook(lambda *_: calls.append(1))
        with pytest.raises(RuntimeError):
            cnn.trace_shapes(model, torch.zeros(1, 2))
        assert [len(layer._forward_hooks) for layer in model] == [1, 0]
        assert calls == [1]


class TestTrain:
    def test_first_loss_is_the_cross_entropy(self) -> None:
        """With all samples in one batch, the first epoch's loss is that of the start."""
        X, y, model = _toy()
        scores = model(X).detach().double().numpy()
        log_softmax = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        expected = -log_softmax[np.arange(50), y.numpy()].mean()
        (loss,) = cnn.train(model, X, y, epochs=1, lr=0.1, batch_size=50)
        assert loss == pytest.approx(expected, rel=1e-5)

    def test_follows_the_slope(self) -> None:
        """Adam's first step is lr times the sign of the gradient, found by finite differences."""
        X, y, model = _toy()
        assert isinstance(model, nn.Linear)
        X, model = X.double(), model.double()
        start = model.weight.detach().clone()
        slope = torch.zeros_like(start)
        for i in range(3):
            for j in range(4):
                step = torch.zeros_like(start)
                step[i, j] = 1e-6
                up, down = (
                    F.cross_entropy(X @ (start + d).T + model.bias.detach(), y)
                    for d in (step, -step)
                )
                slope[i, j] = (up - down) / 2e-6
        cnn.train(model, X, y, epochs=1, lr=0.01, batch_size=50)
        torch.testing.assert_close(
            model.weight.detach() - start, -0.01 * slope.sign(), rtol=1e-3, atol=1e-6
        )

    def test_same_seed_same_result(self) -> None:
        X, y, model = _toy()
        runs: list[tuple[list[float], list[Any]]] = []
        for seed in (3, 3, 4):
            torch.manual_seed(len(runs))  # the global random numbers have no say
            twin = copy.deepcopy(model)
            losses = cnn.train(twin, X, y, epochs=3, lr=0.05, batch_size=8, seed=seed)
            runs.append((losses, [p.tolist() for p in twin.parameters()]))
        assert runs[0] == runs[1] != runs[2]

    def test_every_sample_once_in_batches(self) -> None:
        X, y, inner = _toy()
        seen: list[Tensor] = []
        inner.register_forward_hook(lambda _m, args, _o: seen.append(args[0]))
        before = X.clone(), y.clone()
        losses = cnn.train(inner, X, y, epochs=2, lr=0.01, batch_size=16)
        assert [len(batch) for batch in seen] == [16, 16, 16, 2] * 2
        for epoch in (torch.cat(seen[:4]), torch.cat(seen[4:])):
            assert not torch.equal(epoch, X)
            assert sorted(epoch.tolist()) == sorted(X.tolist())
        assert len(losses) == 2
        assert torch.equal(X, before[0]) and torch.equal(y, before[1])

    def test_the_contract(self) -> None:
        """12 epochs at one of the five rates: at least 90% of the digits of other writers."""
        X, y, X_test, y_test = cnn.digits_tensors()
        torch.manual_seed(0)
        model = cnn.build_cnn()
        assert 1e-2 in cnn.LEARNING_RATES
        losses = cnn.train(model, X, y, epochs=12, lr=1e-2)
        assert losses[-1] < 0.05 < 1 < losses[0]
        assert 0.90 <= cnn.accuracy(model, X_test, y_test) <= 0.99

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"epochs": 0}, "epochs must be at least 1, got 0"),
            ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
            ({"lr": 0.0}, "lr must be above 0, got 0"),
            ({"y": torch.zeros(49, dtype=torch.int64)}, r"one label for each of the 50.*\(49,\)"),
            ({"y": torch.zeros(50)}, "y must hold class numbers.*float32"),
            ({"y": torch.full((50,), -1)}, "y must hold class numbers"),
            ({"X": torch.zeros(0, 4)}, "X must have at least one sample"),
        ],
    )
    def test_arguments_are_checked(self, change: dict[str, Any], message: str) -> None:
        X, y, model = _toy()
        arguments: dict[str, Any] = {"X": X, "y": y, "epochs": 1, "lr": 0.1} | change
        with pytest.raises(ValueError, match=message):
            cnn.train(model, **arguments)


class TestAccuracy:
    def test_counts(self) -> None:
        logits = torch.tensor([[0.1, 0.9], [2.0, -1.0], [-3.0, -2.0], [0.6, 0.5]])
        assert cnn.accuracy(nn.Identity(), logits, torch.tensor([1, 0, 1, 1])) == 0.75

    def test_many_samples(self) -> None:
        X = torch.randn(5001, 3, generator=_generator())
        y = torch.randint(0, 3, (5001,), generator=_generator(1))
        expected = (X.argmax(dim=1) == y).double().mean().item()
        assert cnn.accuracy(nn.Identity(), X, y) == pytest.approx(expected)

    def test_evaluation_mode_and_every_mode_restored(self) -> None:
        model = nn.Sequential(nn.Dropout(0.9), nn.BatchNorm1d(4), nn.Sequential(nn.Dropout(0.9)))
        model[1].eval()
        modes = [module.training for module in model.modules()]
        X = torch.rand(200, 4, generator=_generator()) + 0.1
        assert cnn.accuracy(model, X, X.argmax(dim=1)) == 1.0
        assert [module.training for module in model.modules()] == modes

    def test_modes_are_restored_when_the_model_fails(self) -> None:
        model = nn.Sequential(nn.Linear(3, 2))
        with pytest.raises(RuntimeError):
            cnn.accuracy(model, torch.zeros(2, 4), torch.zeros(2, dtype=torch.int64))
        assert model.training and model[0].training

    def test_no_gradients(self) -> None:
        seen: list[bool] = []
        model = nn.Linear(3, 2)
        model.register_forward_hook(lambda *_: seen.append(torch.is_grad_enabled()))
        cnn.accuracy(model, torch.zeros(2, 3), torch.zeros(2, dtype=torch.int64))
        assert seen == [False] and torch.is_grad_enabled()


class TestEmbed:
    def test_maps_become_rows(self) -> None:
        images = torch.rand(70, 2, 3, 3)
        features = cnn.embed(nn.Identity(), images)
        assert torch.equal(features, images.flatten(1))

    def test_evaluation_mode_without_gradients(self) -> None:
        model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.9), nn.BatchNorm1d(4))
        model[2].eval()
        modes = [module.training for module in model.modules()]
        features = cnn.embed(model, torch.ones(5, 3))
        assert torch.equal(features[0], features[4]) and features.all()
        assert not features.requires_grad
        assert modes == [module.training for module in model.modules()]


class TestTrainHead:
    def test_tells_clouds_apart(self) -> None:
        y = torch.arange(60) % 3
        X = 3 * torch.eye(5)[y] + torch.rand(60, 5, generator=torch.Generator().manual_seed(0))
        head = cnn.train_head(X, y, 4, 50, 0.1, 0)
        assert head.weight.shape == (4, 5)
        assert torch.equal(head(X).argmax(dim=1), y)

    def test_seed_and_nothing_else(self) -> None:
        X, y = torch.rand(8, 5), torch.arange(8) % 2
        state = torch.get_rng_state()
        first = cnn.train_head(X, y, 2, 2, 0.01, 7).weight
        assert torch.equal(state, torch.get_rng_state())
        torch.rand(3)
        assert torch.equal(first, cnn.train_head(X, y, 2, 2, 0.01, 7).weight)
        assert not torch.equal(first, cnn.train_head(X, y, 2, 2, 0.01, 8).weight)

    def test_what_made_the_features_learns_nothing(self) -> None:
        body = nn.Linear(3, 5)
        cnn.train_head(body(torch.rand(8, 3)), torch.arange(8) % 2, 2, 2, 0.01, 0)
        assert body.weight.grad is None


class TestDevice:
    @pytest.mark.parametrize(
        ("cuda", "mps", "expected"),
        [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
    )
    def test_order(
        self, monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str
    ) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        assert cnn.choose_device() == torch.device(expected)


class TestMeasure:
    @pytest.mark.parametrize("jobs", [[4.0], [9.0, 1.0], [5.0, 1.0, 2.0], [1.0, 9.0, 2.0, 4.0]])
    def test_an_asynchronous_device(self, jobs: list[float]) -> None:
        """Work that was pending, and the warm-up, do not count; the median of the rest does."""
        now, free_at, events = 0.0, 6.0, []
        durations = iter([50.0, 30.0, *jobs])

        def work() -> None:
            nonlocal free_at
            events.append("work")
            free_at = max(now, free_at) + next(durations)

        def synchronize() -> None:
            nonlocal now
            events.append("wait")
            now = max(now, free_at)

        def clock() -> float:
            events.append("clock")
            return now

        seconds = cnn.measure_seconds(work, synchronize, len(jobs), 2, clock)
        assert seconds == pytest.approx(statistics.median(jobs))
        assert events == ["work"] * 2 + ["wait", "clock", "work", "wait", "clock"] * len(jobs)

    def test_real_time(self) -> None:
        seconds = cnn.measure_seconds(lambda: time.sleep(0.01), lambda: None, repeats=3)
        assert 0.0099 <= seconds < 5

    def test_arguments_are_checked(self) -> None:
        with pytest.raises(ValueError, match="repeats must be at least 1, got 0"):
            cnn.measure_seconds(lambda: None, lambda: None, repeats=0)
        with pytest.raises(ValueError, match="warmup must not be negative, got -1"):
            cnn.measure_seconds(lambda: None, lambda: None, warmup=-1)
