"""The reference of the style transfer assignment, against torchvision, autograd and the paper."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms import functional as transforms

from reference import style as s
from reference.vgg import he_initialise

WIDTHS = (6, 8, 10, 8, 6)


def slim_vgg(length: int, seed: int = 0) -> nn.Sequential:
    """The first layers of a VGG19 with few channels."""
    layers: list[nn.Module] = []
    channels = 3
    for width, repeats in zip(WIDTHS, s.BLOCKS, strict=True):
        for _ in range(repeats):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return he_initialise(nn.Sequential(*layers[:length]), seed).requires_grad_(False)


def random_tensor(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)


def picture(height: int, width: int, seed: int = 0) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


class TestImages:
    def test_against_torchvision(self) -> None:
        image = picture(20, 31)
        expected = transforms.normalize(
            transforms.to_tensor(image), list(s.MEAN), list(s.DEVIATION)
        )
        answer = s.prepare_image(image, 31)
        assert answer.dtype == torch.float32
        assert answer.is_contiguous()
        torch.testing.assert_close(answer, expected.unsqueeze(0))

    @pytest.mark.parametrize(
        ("size", "max_size", "expected"),
        [
            ((640, 427), 128, (85, 128)),
            ((427, 640), 128, (128, 85)),
            ((50, 50), 64, (50, 50)),
            ((64, 30), 64, (30, 64)),
            ((900, 2), 100, (1, 100)),
        ],
    )
    def test_sizes(self, size: tuple[int, int], max_size: int, expected: tuple[int, int]) -> None:
        answer = s.prepare_image(Image.new("RGB", size), max_size)
        assert answer.shape == (1, 3, *expected)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
    def test_modes_that_pil_converts(self, mode: str) -> None:
        image = picture(7, 9).convert(mode)
        before = image.tobytes()
        expected = s.prepare_image(image.convert("RGB"), 9)
        torch.testing.assert_close(s.prepare_image(image, 9), expected)
        assert (image.mode, image.tobytes()) == (mode, before)

    @pytest.mark.parametrize("mode", ["La", "RGBa", "PA", "RGBX", "LAB", "I;16B", "I;16L", "F"])
    def test_rare_modes(self, mode: str) -> None:
        answer = s.prepare_image(Image.new(mode, (5, 4)), 9)
        assert answer.shape == (1, 3, 4, 5)
        assert answer.isfinite().all()

    @pytest.mark.parametrize("dtype", [np.uint16, np.int32])
    def test_16_bits_are_scaled_not_cut_off(self, dtype: type[np.generic]) -> None:
        levels = np.array([[0, 128 * 257, 255 * 257]], dtype=dtype)
        image = Image.fromarray(levels)
        grey = Image.fromarray(np.array([[0, 128, 255]], dtype=np.uint8))
        torch.testing.assert_close(s.prepare_image(image, 3), s.prepare_image(grey, 3))

    def test_there_and_back(self) -> None:
        image = picture(6, 11)
        again = s.to_image(s.prepare_image(image, 11))
        assert again.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(again), np.asarray(image))

    def test_clips(self) -> None:
        tensor = torch.tensor([-50.0, 50.0]).view(1, 1, 1, 2).expand(1, 3, 1, 2).requires_grad_()
        np.testing.assert_array_equal(np.asarray(s.to_image(tensor))[0, :, 0], [0, 255])

    def test_errors(self) -> None:
        with pytest.raises(TypeError, match="image must be a PIL image, got ndarray"):
            s.prepare_image(np.zeros((3, 3)), 8)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="max_size must be at least 1, got 0"):
            s.prepare_image(picture(3, 3), 0)
        with pytest.raises(ValueError, match=r"tensor must have shape \(1, 3, H, W\)"):
            s.to_image(torch.zeros(3, 4, 4))


class TestFeatures:
    def test_index(self) -> None:
        wanted = {"conv1_1": 0, "relu1_1": 1, "pool1": 4, "conv4_2": 21, "pool5": 36}
        assert {name: s.vgg_layer_index(name) for name in wanted} == wanted
        assert [s.vgg_layer_index(name) for name in s.LAYERS] == list(range(37))

    @pytest.mark.parametrize("name", ["conv1_3", "conv6_1", "pool0", "fc6", ""])
    def test_unknown_names(self, name: str) -> None:
        with pytest.raises(KeyError, match="name must be a layer of VGG19"):
            s.vgg_layer_index(name)

    def test_every_layer_against_running_the_front(self) -> None:
        model, x = slim_vgg(37), random_tensor(2, 3, 32, 48)
        features = s.extract_features(model, x, s.LAYERS[::-1])
        for layer in model:
            if isinstance(layer, nn.ReLU):
                layer.inplace = False
        for index, name in enumerate(s.LAYERS):
            torch.testing.assert_close(features[name], model[: index + 1](x))

    def test_stops_and_changes_nothing(self) -> None:
        model = nn.Sequential(*slim_vgg(6), nn.Linear(1, 1))  # the last cannot take an image
        x = random_tensor(1, 3, 8, 10)
        before = x.clone()
        features = s.extract_features(model, x, ["conv2_1", "conv1_1"])
        assert set(features) == {"conv1_1", "conv2_1"}
        assert torch.equal(x, before)
        assert s.extract_features(model, x, []) == {}

    def test_gradients(self) -> None:
        model = slim_vgg(8).double()
        x = random_tensor(1, 3, 4, 6, dtype=torch.float64).requires_grad_()

        def function(x: Tensor) -> tuple[Tensor, ...]:
            return tuple(s.extract_features(model, x, ["conv1_2", "relu2_1", "pool1"]).values())

        assert torch.autograd.gradcheck(function, (x,))

    def test_model_too_short(self) -> None:
        with pytest.raises(ValueError, match=r"reach up to conv2_1 \(index 5\), but has 3 layers"):
            s.extract_features(slim_vgg(3), random_tensor(1, 3, 8, 8), ["conv1_1", "conv2_1"])


class TestLosses:
    def test_content_loss(self) -> None:
        F, P = random_tensor(2, 3, 4, 5), random_tensor(2, 3, 4, 5, seed=1)
        expected = nn.functional.mse_loss(F, P, reduction="sum")
        torch.testing.assert_close(s.content_loss(F, P), expected)
        with pytest.raises(ValueError, match="P must have the shape of F"):
            s.content_loss(F, P[:1])

    def test_gram_matrix(self) -> None:
        F = random_tensor(3, 4, 5, 7)
        expected = torch.einsum("nchw,ndhw->ncd", F, F)
        torch.testing.assert_close(s.gram_matrix(F), expected)
        with pytest.raises(ValueError, match=r"F must have shape \(n, C, H, W\), got \(4, 5, 7\)"):
            s.gram_matrix(F[0])

    def test_style_loss(self) -> None:
        F = {"relu1_1": random_tensor(1, 3, 4, 6), "relu2_1": random_tensor(1, 5, 2, 3)}
        A = {"relu2_1": random_tensor(1, 5, 5), "relu1_1": random_tensor(1, 3, 3)}
        w = {"relu1_1": 0.3, "relu2_1": 2.0}
        expected = sum(
            w[name] * (s.gram_matrix(F[name]) - A[name]).square().sum() / (4 * n**2 * m**2)
            for name, n, m in (("relu1_1", 3, 24), ("relu2_1", 5, 6))
        )
        torch.testing.assert_close(s.style_loss({**F, "conv4_2": F["relu1_1"]}, A, w), expected)

    @pytest.mark.parametrize(
        ("features", "grams", "weights", "message"),
        [
            ({}, {}, {}, "weights must name at least one layer"),
            ({}, {"a": torch.zeros(1, 2, 2)}, {"a": 1.0}, "features must hold a"),
            ({"a": torch.zeros(1, 2, 3, 3)}, {}, {"a": 1.0}, "grams must hold a"),
            (
                {"a": torch.zeros(1, 2, 3, 3)},
                {"a": torch.zeros(2, 2)},
                {"a": 1.0},
                r"grams\['a'\] must have shape \(1, 2, 2\)",
            ),
        ],
    )
    def test_style_loss_errors(
        self,
        features: dict[str, Tensor],
        grams: dict[str, Tensor],
        weights: dict[str, float],
        message: str,
    ) -> None:
        with pytest.raises(ValueError, match=message):
            s.style_loss(features, grams, weights)

    def test_total_loss(self) -> None:
        assert s.total_loss(5.0, 2.0, 1.0, 1000.0) == 2005.0

    def test_tv_loss(self) -> None:
        image = torch.zeros(1, 3, 2, 3)
        image[0, 0] = torch.tensor([[1.0, 2.0, 4.0], [1.0, 0.0, 4.0]])
        assert float(s.tv_loss(image)) == 26
        assert float(s.tv_loss((255 * image).to(torch.uint8))) == float(
            s.tv_loss((255 * image).to(torch.uint8).double())
        )
        batch = random_tensor(2, 3, 5, 4)
        pairs = [
            float(batch[n, c, i, j] - batch[n, c, k, m]) ** 2
            for n, c, i, j in torch.cartesian_prod(*map(torch.arange, batch.shape)).tolist()
            for k, m in ((i + 1, j), (i, j + 1))
            if k < 5 and m < 4
        ]
        assert float(s.tv_loss(batch)) == pytest.approx(sum(pairs), rel=1e-5)
        assert float(s.tv_loss(batch[..., :1, :1])) == 0
        with pytest.raises(ValueError, match=r"image must have shape \(n, 3, H, W\), got \(3, 5"):
            s.tv_loss(batch[0])

    def test_gradients(self) -> None:
        F = random_tensor(1, 3, 2, 4, dtype=torch.float64).requires_grad_()
        P, A = F.detach() + 1, {"a": random_tensor(1, 3, 3, dtype=torch.float64)}
        functions: list[Callable[[Tensor], Any]] = [
            lambda F: s.content_loss(F, P),
            s.gram_matrix,
            lambda F: s.style_loss({"a": F}, A, {"a": 0.5}),
            lambda F: s.total_loss(s.content_loss(F, P), F.sum(), 2.0, 3.0),
            s.tv_loss,
        ]
        for function in functions:
            assert torch.autograd.gradcheck(function, (F,))


def photo(height: int, width: int, seed: int = 0) -> Tensor:
    coarse = torch.rand(
        1, 3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed)
    )
    smooth = nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    return (smooth - torch.tensor(s.MEAN).view(3, 1, 1)) / torch.tensor(s.DEVIATION).view(3, 1, 1)


class TestReconstruct:
    def test_features_match(self) -> None:
        model, target = slim_vgg(8), photo(16, 20)
        image, losses = s.reconstruct(model, "conv2_1", target, 120)
        assert image.shape == target.shape
        assert len(losses) == 120
        assert losses[-1] < 0.01 * losses[0]
        left = s.content_loss(
            s.extract_features(model, image, ["conv2_1"])["conv2_1"],
            s.extract_features(model, target, ["conv2_1"])["conv2_1"],
        )
        assert float(left) < 0.05 * losses[0]  # what clipping the colours costs

    def test_seeds(self) -> None:
        model, target = slim_vgg(8), photo(12, 12)
        images = [s.reconstruct(model, "conv2_1", target, 3, seed)[0] for seed in (0, 0, 1)]
        assert torch.equal(images[0], images[1])
        assert not torch.allclose(images[0], images[2], atol=0.05)

    def test_nothing_is_changed(self) -> None:
        model, target = slim_vgg(8).requires_grad_(), photo(12, 12)
        before = [parameter.clone() for parameter in model.parameters()]
        kept = target.clone()
        image, _ = s.reconstruct(model, "conv2_1", target, 5)
        assert torch.equal(target, kept)
        assert not image.requires_grad
        assert all(map(torch.equal, before, model.parameters()))
        assert all(parameter.grad is None for parameter in model.parameters())

    def test_float64(self) -> None:
        image, _ = s.reconstruct(slim_vgg(3).double(), "conv1_2", photo(8, 8).double(), 2)
        assert image.dtype == torch.float64

    def test_errors(self) -> None:
        with pytest.raises(ValueError, match=r"target must have shape \(1, 3, H, W\)"):
            s.reconstruct(slim_vgg(3), "conv1_1", torch.zeros(2, 3, 8, 8), 1)
        with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
            s.reconstruct(slim_vgg(3), "conv1_1", photo(8, 8), 0)


class TestStyleTransfer:
    LAYERS = ("relu1_1", "relu2_1")

    def transfer(
        self, content: Tensor, style: Tensor, alpha: float, beta: float, steps: int
    ) -> tuple[Tensor, list[float]]:
        return s.style_transfer(
            slim_vgg(11), content, style, "conv3_1", self.LAYERS, alpha, beta, steps
        )

    def test_first_loss_and_descent(self) -> None:
        content, style = photo(16, 20), photo(20, 16, seed=1)
        _, losses = self.transfer(content, style, 1e-4, 50.0, 60)
        features = s.extract_features(slim_vgg(11), content, self.LAYERS)
        targets = s.extract_features(slim_vgg(11), style, self.LAYERS)
        grams = {name: s.gram_matrix(F) for name, F in targets.items()}
        start = 50 * s.style_loss(features, grams, dict.fromkeys(self.LAYERS, 0.5))
        assert losses[0] == pytest.approx(float(start), rel=1e-4)
        assert len(losses) == 60
        assert losses[-1] < 0.2 * losses[0]

    def test_without_style_the_content_stays(self) -> None:
        content = photo(12, 16)
        image, losses = self.transfer(content, photo(16, 12, seed=1), 1.0, 0.0, 3)
        torch.testing.assert_close(image, content)
        assert losses == [0.0, 0.0, 0.0]

    @pytest.mark.parametrize("factor", [1e-6, 1.0, 1e6])
    def test_a_loss_that_is_mostly_constant_is_descended(self, factor: float) -> None:
        target = photo(32, 48)

        def objective(x: Tensor) -> Tensor:  # its slope is small beside its value
            return factor * (100 + ((x - target) ** 2).mean())

        image, _ = s._descend(torch.zeros(1, 3, 32, 48), objective, 12)
        assert float((image - target).abs().max()) < 0.02

    def test_the_best_image_is_returned(self) -> None:
        target = torch.tensor([0.3, -0.2, 0.1]).view(1, 3, 1, 1).expand(1, 3, 8, 8)

        def objective(x: Tensor) -> Tensor:  # so steep that steps overshoot
            return ((x - target).abs() ** 1.2).sum()

        image, losses = s._descend(torch.zeros(1, 3, 8, 8), objective, 15)
        assert float(objective(image)) <= min(losses) * (1 + 1e-5)

    def test_size_of_the_style_does_not_matter(self) -> None:
        flat = torch.full((1, 3, 16, 16), 0.5)
        _, losses = self.transfer(flat[..., :12], flat[..., :12].repeat(1, 1, 2, 2), 1.0, 1.0, 1)
        borders = losses[0]  # the same colour everywhere: only the padded border differs
        _, losses = self.transfer(flat[..., :12], photo(24, 24), 1.0, 1.0, 1)
        assert borders < 0.1 * losses[0]

    def test_nothing_is_changed(self) -> None:
        content, style = photo(12, 16), photo(16, 12, seed=1)
        kept = content.clone(), style.clone()
        image, _ = self.transfer(content, style, 1e-4, 10.0, 4)
        assert torch.equal(content, kept[0])
        assert torch.equal(style, kept[1])
        assert not torch.equal(image, content)

    def test_a_tensor_of_any_layout(self) -> None:
        content = photo(12, 16).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
        assert not content.is_contiguous()
        image, _ = self.transfer(content, photo(16, 12), 1e-4, 10.0, 2)
        assert image.shape == content.shape

    def test_errors(self) -> None:
        x = photo(8, 8)
        with pytest.raises(ValueError, match="style_layers must name at least one layer"):
            s.style_transfer(slim_vgg(3), x, x, "conv1_1", [], 1.0, 1.0, 1)
        with pytest.raises(ValueError, match=r"style must have shape \(1, 3, H, W\)"):
            s.style_transfer(slim_vgg(3), x, x[0], "conv1_1", ["conv1_1"], 1.0, 1.0, 1)


def test_every_function_is_documented() -> None:
    functions: list[Callable[..., object]] = [
        getattr(s, name) for name in s.__all__ if inspect.isfunction(getattr(s, name))
    ]
    assert len(functions) == 12
    for function in functions:
        assert function.__doc__, function
