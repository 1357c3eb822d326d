"""The reference of looking inside a network, against finite differences, algebra and autograd."""

from __future__ import annotations

import inspect

import pytest
import torch
from torch import Tensor, nn

from reference import inside
from reference.style import extract_features
from reference.vgg import he_initialise


def random_tensor(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def classifier(classes: int = 4, seed: int = 0) -> nn.Sequential:
    """A small one in double precision, of pictures of any size, that is just being trained."""
    layers = [
        nn.Conv2d(3, 5, 3, padding=1),
        nn.Tanh(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(5, classes),
    ]
    torch.manual_seed(seed)
    model = nn.Sequential(*layers).double().train()
    for parameter in model.parameters():
        parameter.data.normal_()
        parameter.grad = torch.ones_like(parameter)
    return model


def front(length: int = 8, seed: int = 0) -> nn.Sequential:
    """The first layers of a narrow VGG19."""
    layers: list[nn.Module] = []
    channels = 3
    for width in (6, 8):
        for _ in range(2):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return he_initialise(nn.Sequential(*layers[:length]), seed)


class TestSaliencyMap:
    def test_a_linear_model_has_its_weights(self) -> None:
        weights = torch.tensor([[2.0, 0, -5, 1, 3, -1], [0, 4, 1, 0, -2, -3]])
        linear = nn.Linear(6, 2, bias=False)
        linear.weight.data.copy_(weights)
        model, x = nn.Sequential(nn.Flatten(), linear), torch.randn(1, 3, 1, 2)
        assert inside.saliency_map(model, x, 0).tolist() == [[5, 1]]
        assert inside.saliency_map(model, x, 1).tolist() == [[2, 4]]

    @pytest.mark.parametrize("label", range(4))
    def test_against_differences(self, label: int) -> None:
        model, x, h = classifier(), random_tensor(1, 3, 4, 6), 1e-5
        answer = inside.saliency_map(model, x, label)
        slopes = torch.empty(3, 4, 6, dtype=torch.float64)
        with torch.no_grad():
            for place in torch.cartesian_prod(*map(torch.arange, (3, 4, 6))).tolist():
                step = torch.zeros_like(x)
                step[0, *place] = h
                rise = model(x + step) - model(x - step)
                slopes[*place] = rise[0, label] / (2 * h)
        torch.testing.assert_close(answer, slopes.abs().amax(dim=0), rtol=1e-6, atol=1e-9)

    def test_nothing_is_changed(self) -> None:
        model, x = classifier(), random_tensor(1, 3, 5, 7).requires_grad_()
        x.grad = torch.full_like(x, 2.0)
        before = [parameter.clone() for parameter in model.parameters()]
        kept = x.detach().clone()
        first = inside.saliency_map(model, x, 1)
        assert torch.equal(inside.saliency_map(model, x, 1), first)
        assert not first.requires_grad
        assert torch.equal(x, kept) and bool((x.grad == 2).all())
        assert all(map(torch.equal, before, model.parameters()))
        assert all(bool((p.grad == 1).all()) for p in model.parameters() if p.grad is not None)
        assert all(module.training for module in model.modules())

    def test_errors(self) -> None:
        x = random_tensor(1, 3, 5, 7)
        with pytest.raises(ValueError, match=r"x must have shape \(1, 3, H, W\), got \(2, 3, 4"):
            inside.saliency_map(classifier(), random_tensor(2, 3, 4, 4), 0)
        with pytest.raises(ValueError, match=r"must give logits \(1, K\), but gave \(1, 5, 5, 7"):
            inside.saliency_map(classifier()[:1], x, 0)
        for label in (-1, 4):
            with pytest.raises(IndexError, match=f"label must be from 0 to 3, got {label}"):
                inside.saliency_map(classifier(), x, label)


class TestMaximiseChannel:
    @pytest.mark.parametrize(("layer", "channel"), [("conv1_2", 3), ("relu1_2", 0), ("conv2_1", 7)])
    def test_climbs(self, layer: str, channel: int) -> None:
        model = front()
        image, activations = inside.maximise_channel(model, layer, channel, 40, size=20)
        assert image.shape == (1, 3, 20, 20) and not image.requires_grad
        assert len(activations) == 40
        end = extract_features(model, image, [layer])[layer][0, channel].mean().item()
        assert end > activations[20] > activations[0] + 0.2

    def test_the_first_layer_drifts_to_one_colour(self) -> None:
        model = front()
        start, _ = inside.maximise_channel(model, "conv1_1", 4, 1, size=12)
        image, _ = inside.maximise_channel(model, "conv1_1", 4, 31, size=12)
        moved = (image - start)[0, :, 1:-1, 1:-1].flatten(1)
        sums = next(model.parameters())[4].sum(dim=(1, 2))
        torch.testing.assert_close(moved.std(dim=1), torch.zeros(3), atol=1e-4, rtol=0)
        colour = nn.functional.cosine_similarity(moved.mean(dim=1), sums, dim=0)
        assert colour.item() > 0.9999

    def test_activations_are_means_before_each_step(self) -> None:
        model, arguments = front(), ("conv2_1", 2)
        image, _ = inside.maximise_channel(model, *arguments, 2, 10)
        _, activations = inside.maximise_channel(model, *arguments, 3, 10)
        mean = extract_features(model, image, ["conv2_1"])["conv2_1"][0, 2].mean()
        assert activations[2] == pytest.approx(mean.item(), rel=1e-4)

    def test_seeds_and_defaults(self) -> None:
        images = [inside.maximise_channel(front(), "conv1_1", 0, 1, 9, s)[0] for s in (0, 0, 1)]
        assert torch.equal(images[0], images[1])
        assert not torch.allclose(images[0], images[2], atol=0.05)
        assert inside.maximise_channel(front(), "conv1_1", 0, 1)[0].shape == (1, 3, 64, 64)

    def test_a_silent_channel_leaves_the_noise(self) -> None:
        model = front()
        _, bias = list(model.parameters())[:2]
        bias.data.fill_(-100.0)
        image, activations = inside.maximise_channel(model, "relu1_1", 0, 3, size=8)
        assert activations == [0, 0, 0]
        assert bool(image.isfinite().all())

    def test_nothing_is_changed(self) -> None:
        model = front().requires_grad_().train()
        before = [parameter.clone() for parameter in model.parameters()]
        inside.maximise_channel(model, "conv2_1", 1, 3, size=8)
        assert all(map(torch.equal, before, model.parameters()))
        assert all(parameter.grad is None for parameter in model.parameters())
        assert all(module.training for module in model.modules())

    def test_float64(self) -> None:
        image, _ = inside.maximise_channel(front().double(), "conv1_1", 0, 1, 8)
        assert image.dtype == torch.float64

    def test_errors(self) -> None:
        with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
            inside.maximise_channel(front(), "conv1_1", 0, 0)
        with pytest.raises(IndexError, match="channel must be from 0 to 5, got 6"):
            inside.maximise_channel(front(), "conv1_1", 6, 1, 8)


def test_public_functions_say_what_they_do() -> None:
    for name in inside.__all__:
        assert inspect.getdoc(getattr(inside, name)), name
