"""The reference of the convolution assignment, against torch, SciPy and the lecture."""

import inspect
from collections.abc import Callable
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
import torch
from scipy.signal import correlate, correlate2d
from torch.nn import functional

from reference import convolution as c

Floats = npt.NDArray[np.float64]

# x (C, H, W), weight (K, C, FH, FW), stride, padding: nothing square, and in most of them some
# rows or columns at the edge are in no window, so that (H + 2P - F) is not divisible by stride.
CASES = [
    ((2, 7, 5), (3, 2, 3, 2), 1, 0),
    ((2, 7, 5), (3, 2, 3, 2), 2, 0),
    ((3, 8, 6), (2, 3, 3, 4), 3, 1),
    ((1, 6, 9), (4, 1, 2, 3), 2, 2),
    ((4, 5, 7), (1, 4, 5, 1), 3, 0),
    ((3, 4, 6), (5, 3, 1, 1), 4, 0),
    ((2, 3, 4), (3, 2, 5, 6), 1, 1),
]


def _case(
    shape: tuple[int, ...], filters: tuple[int, ...], seed: int = 0
) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape), rng.normal(size=filters), rng.normal(size=filters[0])


class TestCounts:
    def test_the_lecture_numbers(self) -> None:
        assert c.fully_connected_weights(7, 4) == 28
        assert c.locally_connected_weights(4, 4) == 16
        assert [c.convolution_weights(f) for f in (4, 3)] == [4, 3]

    @pytest.mark.parametrize(("k", "f", "channels"), [(1, 1, 1), (16, 3, 1), (32, 5, 16)])
    def test_parameters_against_torch(self, k: int, f: int, channels: int) -> None:
        layer = torch.nn.Conv2d(channels, k, f)
        expected = sum(parameter.numel() for parameter in layer.parameters())
        assert c.conv_layer_parameters(k, f, channels) == expected


class TestSizes:
    @pytest.mark.parametrize(
        ("stride", "padding", "size"), [(1, 0, 5), (2, 0, 3), (3, 0, 2), (1, 1, 7)]
    )
    def test_the_lecture_numbers(self, stride: int, padding: int, size: int) -> None:
        assert c.activation_map_size(7, 3, stride, padding) == size

    def test_against_counting_the_places(self) -> None:
        for n, f, stride, padding in product(range(1, 12), range(1, 7), range(1, 5), range(3)):
            places = range(0, n + 2 * padding - f + 1, stride)
            if places:
                assert c.activation_map_size(n, f, stride, padding) == len(places)
            else:
                with pytest.raises(ValueError, match="f must be at most"):
                    c.activation_map_size(n, f, stride, padding)

    @pytest.mark.parametrize("f", [1, 3, 5, 11])
    def test_same_padding_keeps_the_size(self, f: int) -> None:
        for n in (1, 8, 13):
            assert c.activation_map_size(n, f, padding=c.same_padding(f)) == n

    @pytest.mark.parametrize(
        ("layers", "size"),
        [
            ([], 1),
            ([(3, 1)], 3),
            ([(3, 1), (3, 1)], 5),
            ([(3, 1), (3, 1), (3, 1)], 7),
            ([(3, 2), (3, 2)], 7),
            ([(5, 1), (2, 2), (5, 1), (2, 2)], 16),
        ],
    )
    def test_receptive_field(self, layers: list[tuple[int, int]], size: int) -> None:
        assert c.receptive_field(layers) == size

    def test_receptive_field_against_gradients(self) -> None:
        rng = np.random.default_rng(5)
        for _ in range(10):
            layers = [(int(f), int(s)) for f, s in rng.integers(1, 4, size=(4, 2))]
            x = torch.zeros(1, 1, 400, requires_grad=True)
            y = x
            for f, stride in layers:
                y = functional.conv1d(y, torch.ones(1, 1, f), stride=stride)
            y[0, 0, 0].backward()
            assert x.grad is not None
            seen = x.grad[0, 0].nonzero().flatten()
            # Where a stride is longer than the filter after it there are gaps between.
            assert c.receptive_field(layers) == int(seen[-1] - seen[0]) + 1

    @pytest.mark.parametrize("shape", [(2, 3), (4, 2, 3), (2, 3, 4, 5)])
    def test_pad2d_against_torch(self, shape: tuple[int, ...]) -> None:
        x = np.random.default_rng(1).normal(size=shape)
        for padding in (0, 1, 3):
            expected = functional.pad(torch.tensor(x), (padding,) * 4)
            np.testing.assert_array_equal(c.pad2d(x, padding), expected.numpy())


class TestOneDimension:
    @pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (3, 1), (2, 3)])
    def test_conv1d_against_torch(self, stride: int, padding: int) -> None:
        rng = np.random.default_rng(2)
        for n, f in [(9, 4), (8, 1), (5, 5)]:
            x, k = rng.normal(size=n), rng.normal(size=f)
            expected = functional.conv1d(
                torch.tensor(x)[None, None], torch.tensor(k)[None, None], None, stride, padding
            )[0, 0].numpy()
            np.testing.assert_allclose(c.conv1d(x, k, stride, padding), expected, atol=1e-12)

    def test_the_filter_is_not_flipped(self) -> None:
        np.testing.assert_array_equal(c.conv1d([0, 0, 1, 0, 0], [1, 2, 3]), [3, 2, 1])

    @pytest.mark.parametrize(("n", "f"), [(7, 3), (7, 4), (5, 5), (6, 1)])
    def test_the_matrix_does_what_conv1d_does(self, n: int, f: int) -> None:
        rng = np.random.default_rng(3)
        x, k = rng.normal(size=n), rng.normal(size=f)
        M = c.convolution_matrix(k, n)
        assert M.shape == (n - f + 1, n)
        np.testing.assert_allclose(M @ x, c.conv1d(x, k), atol=1e-12)
        np.testing.assert_allclose(M @ x, correlate(x, k, mode="valid"), atol=1e-12)
        assert np.count_nonzero(M) == f * (n - f + 1)


class TestConv2d:
    @pytest.mark.parametrize(("shape", "filters", "stride", "padding"), CASES)
    def test_against_torch(
        self, shape: tuple[int, ...], filters: tuple[int, ...], stride: int, padding: int
    ) -> None:
        x, weight, bias = _case(shape, filters)
        image, kernels, offsets = (torch.tensor(array) for array in (x, weight, bias))
        expected = functional.conv2d(image, kernels, offsets, stride, padding)
        answer = c.conv2d(x, weight, bias, stride, padding)
        np.testing.assert_allclose(answer, expected.numpy(), atol=1e-12)

    def test_against_scipy(self) -> None:
        x, weight, bias = _case((1, 8, 6), (1, 1, 3, 2))
        expected = correlate2d(x[0], weight[0, 0], mode="valid") + bias[0]
        np.testing.assert_allclose(c.conv2d(x, weight, bias)[0], expected, atol=1e-12)

    def test_integers_do_not_overflow(self) -> None:
        x = np.full((2, 4, 5), 250, dtype=np.uint8)
        weight = np.full((1, 2, 3, 3), 100, dtype=np.int8)
        np.testing.assert_array_equal(c.conv2d(x, weight, [0.5]), np.full((1, 2, 3), 450000.5))


class TestConv2dBackward:
    @pytest.mark.parametrize(("shape", "filters", "stride", "padding"), CASES)
    def test_against_torch(
        self, shape: tuple[int, ...], filters: tuple[int, ...], stride: int, padding: int
    ) -> None:
        x, weight, bias = _case(shape, filters)
        tensors = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
        answer = functional.conv2d(tensors[0], tensors[1], tensors[2], stride, padding)
        grad = np.random.default_rng(9).normal(size=tuple(answer.shape))
        answer.backward(torch.tensor(grad))
        gradients = c.conv2d_backward(grad, x, weight, stride, padding)
        for gradient, tensor in zip(gradients, tensors, strict=True):
            assert tensor.grad is not None
            np.testing.assert_allclose(gradient, tensor.grad.numpy(), atol=1e-12)

    @pytest.mark.parametrize(("shape", "filters", "stride", "padding"), CASES)
    def test_against_finite_differences(
        self, shape: tuple[int, ...], filters: tuple[int, ...], stride: int, padding: int
    ) -> None:
        x, weight, bias = _case(shape, filters, seed=4)
        grad = np.random.default_rng(6).normal(
            size=c.conv2d(x, weight, bias, stride, padding).shape
        )
        gradients = c.conv2d_backward(grad, x, weight, stride, padding)
        for array, gradient in zip((x, weight, bias), gradients, strict=True):
            for place in list(np.ndindex(*array.shape))[::5]:
                kept, losses = array[place], []
                for step in (1e-3, -1e-3):
                    array[place] = kept + step
                    losses.append(float((grad * c.conv2d(x, weight, bias, stride, padding)).sum()))
                array[place] = kept
                # The loss is linear in each number, so the quotient is exact but for rounding.
                slope = (losses[0] - losses[1]) / 2e-3
                assert gradient[place] == pytest.approx(slope, abs=1e-9)

    def test_inputs_in_no_window_have_no_gradient(self) -> None:
        x, weight, _ = _case((2, 6, 8), (3, 2, 3, 3))
        dx, _, _ = c.conv2d_backward(np.ones((3, 2, 3)), x, weight, stride=2)
        assert not dx[:, 5].any() and not dx[:, :, 7].any()
        assert dx[:, :5, :7].all()


class TestPooling:
    @pytest.mark.parametrize(("size", "stride"), [(2, None), (3, None), (3, 2), (2, 3), (1, 2)])
    def test_against_torch(self, size: int, stride: int | None) -> None:
        x = np.random.default_rng(7).normal(size=(3, 8, 7)) - 5
        tensor = torch.tensor(x)
        expected = functional.max_pool2d(tensor[None], size, stride)[0].numpy()
        np.testing.assert_array_equal(c.max_pool2d(x, size, stride), expected)
        expected = functional.avg_pool2d(tensor[None], size, stride)[0].numpy()
        np.testing.assert_allclose(c.avg_pool2d(x, size, stride), expected)

    def test_the_defaults(self) -> None:
        x = np.arange(15).reshape(1, 3, 5)
        np.testing.assert_array_equal(c.max_pool2d(x), [[[6, 8]]])
        np.testing.assert_array_equal(c.avg_pool2d(x), [[[3, 5]]])


def test_fully_connected_against_torch() -> None:
    rng = np.random.default_rng(8)
    x, W, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(24, 5)), rng.normal(size=5)
    expected = functional.linear(torch.tensor(x).flatten(), torch.tensor(W.T), torch.tensor(b))
    np.testing.assert_allclose(c.fully_connected(x, W, b), expected.numpy())


def test_arguments_are_neither_changed_nor_returned() -> None:
    x, weight, bias = _case((2, 7, 5), (3, 2, 3, 2))
    for array in (x, weight, bias):
        array.flags.writeable = False
    for answer in (
        c.pad2d(x, 0),
        c.max_pool2d(x, 1),
        c.avg_pool2d(x, 1),
        c.conv2d(x, weight, bias),
        c.conv2d_backward(np.ones((3, 5, 4)), x, weight)[0],
        c.conv1d(x[0, 0], [1.0]),
    ):
        assert not np.shares_memory(answer, x)
        assert answer.flags.writeable


X, W, B = np.ones((2, 5, 6)), np.ones((3, 2, 3, 4)), np.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: c.fully_connected_weights(0, 4), "n_in must be at least 1, got 0"),
        (lambda: c.locally_connected_weights(4, -1), "f must be at least 1, got -1"),
        (lambda: c.convolution_weights(2.5), "f must be an integer, got 2.5"),  # type: ignore[arg-type]
        (lambda: c.conv_layer_parameters(2, 3, 0), "c must be at least 1, got 0"),
        (lambda: c.activation_map_size(2, 3), "f must be at most 2, the padded input, got 3"),
        (lambda: c.activation_map_size(0, 3, padding=2), "n must be at least 1"),
        (lambda: c.activation_map_size(7, 0), "f must be at least 1"),
        (lambda: c.activation_map_size(7, 3, 0), "stride must be at least 1"),
        (lambda: c.activation_map_size(7, 3, 1, -1), "padding must be at least 0"),
        (lambda: c.same_padding(4), "f must be odd .* got 4"),
        (lambda: c.receptive_field([(3, 1), (0, 1)]), "f must be at least 1"),
        (lambda: c.receptive_field([(3, 0)]), "stride must be at least 1"),
        (lambda: c.pad2d([1, 2], 1), r"x must have shape \(\.\.\., H, W\), got \(2,\)"),
        (lambda: c.pad2d(X, -1), "padding must be at least 0, got -1"),
        (lambda: c.conv1d(X, [1]), r"x must have shape \(N,\), got \(2, 5, 6\)"),
        (lambda: c.conv1d([1, 2], 3), r"k must have shape \(F,\), got \(\)"),
        (lambda: c.conv1d([1, 2], [1, 2, 3]), "f must be at most 2"),
        (lambda: c.convolution_matrix([1, 2, 3], 2), "f must be at most 2"),
        (lambda: c.conv2d(X[0], W, B), r"x must have shape \(C, H, W\), got \(5, 6\)"),
        (lambda: c.conv2d(X, W[0], B), r"weight must have shape \(K, C, FH, FW\), got"),
        (lambda: c.conv2d(X, W, 1), r"bias must have shape \(K,\), got \(\)"),
        (lambda: c.conv2d(X, W, B[:2]), r"bias must have shape \(3,\) to fit weight, got \(2,\)"),
        (lambda: c.conv2d(X[:1], W, B), "x must have 2 channels to fit weight, got shape"),
        (lambda: c.conv2d(X[:, :, :3], W, B), "f must be at most 3"),
        (lambda: c.conv2d(X, W, B, stride=0), "stride must be at least 1"),
        (lambda: c.conv2d_backward(X, X, W), r"grad must have the shape .* \(3, 3, 3\), got"),
        (lambda: c.max_pool2d(X[0]), r"x must have shape \(C, H, W\), got \(5, 6\)"),
        (lambda: c.max_pool2d(X, 6), r"size must be at most 5 for x \(2, 5, 6\), got 6"),
        (lambda: c.avg_pool2d(X, 2, 0), "stride must be at least 1"),
        (lambda: c.fully_connected(X, np.ones((6, 2)), B), "W must have 60 rows"),
        (lambda: c.fully_connected(X, np.ones((60, 2)), B), r"b must have shape \(2,\) to fit W"),
    ],
)
def test_the_message_names_the_argument(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_every_function_tells_what_it_gives() -> None:
    functions = [
        f
        for name, f in inspect.getmembers(c, inspect.isfunction)
        if name[0] != "_" and f.__module__ == c.__name__
    ]
    assert len(functions) == 15
    assert all(function.__doc__ for function in functions)
