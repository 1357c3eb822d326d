"""Everything right, in ways of her own."""

# %% prepare_image
from torchvision import transforms


def prepare_image(image, max_size):
    image = image.convert("RGB")
    longest = max(image.size)
    if longest > max_size:
        w, h = image.size
        image = transforms.functional.resize(
            image, [max(1, int(h * max_size / longest)), max(1, int(w * max_size / longest))]
        )
    return transforms.Compose(
        [
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )(image)[None]


def to_image(tensor):
    undo = transforms.Normalize(
        [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225], [1 / 0.229, 1 / 0.224, 1 / 0.225]
    )
    return transforms.ToPILImage()(undo(tensor.detach().cpu()[0]).clamp(0, 1))

# %% vgg_layer_index
import re


def vgg_layer_index(name):
    start = {1: 0, 2: 5, 3: 10, 4: 19, 5: 28}
    count = {1: 2, 2: 2, 3: 4, 4: 4, 5: 4}
    pool = re.fullmatch(r"pool([1-5])", name)
    if pool:
        block = int(pool[1])
        return start[block] + 2 * count[block]
    match = re.fullmatch(r"(conv|relu)([1-5])_([1-4])", name)
    if match is None or int(match[3]) > count[int(match[2])]:
        raise KeyError(name)
    return start[int(match[2])] + 2 * (int(match[3]) - 1) + (match[1] == "relu")

# %% extract_features
from torch import nn


def extract_features(model, x, layers):
    indices = [vgg_layer_index(name) for name in layers]
    outputs = []
    for layer in list(model)[: max(indices) + 1]:
        x = torch.relu(x) if isinstance(layer, nn.ReLU) else layer(x)
        outputs.append(x)
    return {name: outputs[index] for name, index in zip(layers, indices, strict=True)}

# %% content_loss
from torch import nn


def content_loss(F, P):
    return nn.functional.mse_loss(F, P, reduction="sum")

# %% reconstruct
def reconstruct(model, layer, target, steps, seed=0):
    torch.manual_seed(seed)
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.rand_like(target).requires_grad_(True)
    optimizer = torch.optim.Adam([image], lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return image, losses

# %% gram_matrix
def gram_matrix(F):
    return torch.einsum("bihw,bjhw->bij", F, F)

# %% style_loss
from torch import nn


def style_loss(features, grams, weights):
    terms = []
    for layer in weights:
        F = features[layer]
        M = F.shape[-1] * F.shape[-2]
        mean = nn.functional.mse_loss(gram_matrix(F), grams[layer])
        terms.append(weights[layer] * mean * F.shape[0] / (4.0 * M * M))
    return sum(terms)

# %% total_loss
def total_loss(content, style, alpha, beta):
    losses = torch.stack([torch.as_tensor(content), torch.as_tensor(style)])
    return losses @ torch.tensor([alpha, beta], dtype=losses.dtype)

# %% style_transfer
from torch import nn


def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    P = extract_features(model, content, [content_layer])[content_layer].detach()
    A = {
        k: gram_matrix(v).detach() for k, v in extract_features(model, style, style_layers).items()
    }
    w = {layer: 1.0 / len(style_layers) for layer in style_layers}
    image = nn.Parameter(content.clone())
    optimizer = torch.optim.Adam([image], lr=0.03)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        f = extract_features(model, image, list({content_layer, *style_layers}))
        loss = total_loss(content_loss(f[content_layer], P), style_loss(f, A, w), alpha, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image.detach(), torch.tensor(losses)

# %% tv_loss
def tv_loss(image):
    return sum(torch.diff(image, dim=axis).pow(2).sum() for axis in (-1, -2))

# %% [markdown] hyperparameters
# Deeper content layers keep less of the detail; a larger beta lets the style win.

# %% saliency_map
def saliency_map(model, x, label):
    slope = torch.func.grad(lambda picture: model(picture).flatten()[label])(x.detach())
    red, green, blue = slope[0].abs()
    return torch.maximum(torch.maximum(red, green), blue)

# %% maximise_channel
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    torch.manual_seed(seed)
    image = torch.rand(1, 3, size, size).sub(0.5).requires_grad_(True)
    optimizer = torch.optim.Adam([image], lr=0.05, maximize=True)
    activations = []
    for _ in range(steps):
        optimizer.zero_grad()
        activation = extract_features(model, image, [layer])[layer][:, channel].mean()
        activation.backward(inputs=[image])
        optimizer.step()
        activations.append(activation.detach())
    return image.detach(), activations
