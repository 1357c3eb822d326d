"""Right answers to the exercises of `style-transfer` in other styles; each must get full points."""

# %% prepare_image: torchvision-transforms
# With torchvision's transforms, and its truncating way back.
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


# %% prepare_image: thumbnail-and-numpy
# PIL's thumbnail on a copy, and the rest in NumPy with channels last.
def prepare_image(image, max_size):
    small = image.convert("RGB").copy()
    small.thumbnail((max_size, max_size))
    array = np.asarray(small).astype("float32") / 255.0
    array = (array - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    return torch.tensor(np.moveaxis(array, 2, 0)[np.newaxis], dtype=torch.float32)


def to_image(tensor):
    array = np.moveaxis(tensor.detach().cpu().numpy()[0], 0, 2)
    array = array * np.array([0.229, 0.224, 0.225]) + np.array([0.485, 0.456, 0.406])
    return Image.fromarray(np.rint(np.clip(array, 0, 1) * 255).astype("uint8"), "RGB")


# %% prepare_image: interpolate-in-torch
# The shrinking is done by torch, on floats; alpha is composed on white; loops over colours.
from torch import nn


import torch.nn.functional as nnf

MEANS = [0.485, 0.456, 0.406]
DEVIATIONS = [0.229, 0.224, 0.225]


def prepare_image(image, max_size):
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        image.alpha_composite(rgba)
    pixels = torch.tensor(np.array(image.convert("RGB")))
    x = pixels.permute(2, 0, 1).float().unsqueeze(0) / 255
    h, w = x.shape[2:]
    factor = min(1.0, max_size / max(h, w))
    if factor < 1.0:
        new = (max(1, round(h * factor)), max(1, round(w * factor)))
        x = nnf.interpolate(x, size=new, mode="bilinear", antialias=True, align_corners=False)
    return torch.stack([(x[:, i] - MEANS[i]) / DEVIATIONS[i] for i in range(3)], dim=1)


def to_image(tensor):
    image = Image.new("RGB", (tensor.shape[3], tensor.shape[2]))
    for row in range(tensor.shape[2]):
        for column in range(tensor.shape[3]):
            colour = []
            for i in range(3):
                value = tensor[0, i, row, column].item() * DEVIATIONS[i] + MEANS[i]
                colour.append(min(255, max(0, round(255 * value))))
            image.putpixel((column, row), tuple(colour))
    return image


# %% vgg_layer_index: arithmetic
# Taken apart by a regular expression, and computed.
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


# %% vgg_layer_index: literal-table
# The table, typed in.
def vgg_layer_index(name):
    table = (
        "conv1_1 relu1_1 conv1_2 relu1_2 pool1 conv2_1 relu2_1 conv2_2 relu2_2 pool2 "
        "conv3_1 relu3_1 conv3_2 relu3_2 conv3_3 relu3_3 conv3_4 relu3_4 pool3 "
        "conv4_1 relu4_1 conv4_2 relu4_2 conv4_3 relu4_3 conv4_4 relu4_4 pool4 "
        "conv5_1 relu5_1 conv5_2 relu5_2 conv5_3 relu5_3 conv5_4 relu5_4 pool5"
    )
    return dict(zip(table.split(), range(37), strict=True))[name]


# %% vgg_layer_index: walks-the-model
# The names are counted out along the layers of torchvision's VGG19.
from torch import nn
from torchvision.models import vgg19


def vgg_layer_index(name):
    with torch.device("meta"):
        layers = vgg19(weights=None).features
    block, place = 1, 0
    for index, layer in enumerate(layers):
        if isinstance(layer, nn.Conv2d):
            place += 1
            here = f"conv{block}_{place}"
        elif isinstance(layer, nn.ReLU):
            here = f"relu{block}_{place}"
        else:
            here = f"pool{block}"
            block, place = block + 1, 0
        if here == name:
            return index
    raise KeyError(f"VGG19 has no {name}")


# %% extract_features: functional-relu
# ReLUs are replaced by the function, which does not work in place.
from torch import nn


def extract_features(model, x, layers):
    indices = [vgg_layer_index(name) for name in layers]
    outputs = []
    for layer in list(model)[: max(indices) + 1]:
        x = torch.relu(x) if isinstance(layer, nn.ReLU) else layer(x)
        outputs.append(x)
    return {name: outputs[index] for name, index in zip(layers, indices, strict=True)}


# %% extract_features: hooks
# Forward hooks copy what each wanted layer gives; the front part is run at once.
def extract_features(model, x, layers):
    found, hooks = {}, []
    for name in layers:

        def keep(module, inputs, output, name=name):
            found[name] = output + 0.0

        hooks.append(model[vgg_layer_index(name)].register_forward_hook(keep))
    try:
        model[: max(vgg_layer_index(name) for name in layers) + 1](x)
    finally:
        for hook in hooks:
            hook.remove()
    return found


# %% extract_features: one-front-per-layer
# The wasteful way: the network is run from the start for each layer.
from torch import nn


def extract_features(model, x, layers):
    return {
        name: nn.Sequential(*list(model.children())[: vgg_layer_index(name) + 1])(x)
        for name in layers
    }


# %% extract_features: turns-in-place-off
# The ReLUs are told not to work in place.
from torch import nn


def extract_features(model, x, layers):
    for layer in model:
        if isinstance(layer, nn.ReLU):
            layer.inplace = False
    left = set(layers)
    names = {vgg_layer_index(name): name for name in layers}
    features = {}
    for i, layer in enumerate(model):
        x = layer(x)
        if i in names:
            features[names[i]] = x
            left.discard(names[i])
        if not left:
            break
    return features


# %% content_loss: mse-sum
# torch's own, told to sum.
from torch import nn


def content_loss(F, P):
    return nn.functional.mse_loss(F, P, reduction="sum")


# %% content_loss: norm-squared
# The square of the length of the difference.
def content_loss(F, P):
    difference = torch.flatten(F - P)
    return torch.dot(difference, difference)


# %% content_loss: channel-loop
# A loop over channels.
def content_loss(F, P):
    total = torch.zeros((), dtype=F.dtype, device=F.device)
    for c in range(F.shape[1]):
        total = total + torch.sum(torch.pow(F[:, c] - P[:, c], 2))
    return total


# %% gram_matrix: einsum
# Sums named by letters.
def gram_matrix(F):
    return torch.einsum("bihw,bjhw->bij", F, F)


# %% gram_matrix: loops
# One product of maps at a time, other order of positions.
def gram_matrix(F):
    n, C, _, _ = F.shape
    F = F.permute(0, 1, 3, 2)
    rows = []
    for b in range(n):
        for i in range(C):
            rows.append(torch.stack([(F[b, i] * F[b, j]).sum() for j in range(C)]))
    return torch.stack(rows).reshape(n, C, C)


# %% gram_matrix: bmm-view
# The usual view and bmm.
def gram_matrix(F):
    b, c, h, w = F.size()
    rows = F.contiguous().view(b, c, h * w)
    return torch.bmm(rows, rows.permute(0, 2, 1))


# %% gram_matrix: image-by-image
# A list of matrices, stacked.
def gram_matrix(F):
    return torch.stack([torch.mm(f.reshape(len(f), -1), f.reshape(len(f), -1).t()) for f in F])


# %% gram_matrix: list-of-matrices
# One matrix for each image, in a list.
def gram_matrix(F):
    return [image.flatten(1) @ image.flatten(1).T for image in F]


# %% style_loss: mse
# torch's mean makes the N squared; the rest is written out.
from torch import nn


def style_loss(features, grams, weights):
    terms = []
    for layer in weights:
        F = features[layer]
        M = F.shape[-1] * F.shape[-2]
        mean = nn.functional.mse_loss(gram_matrix(F), grams[layer])
        terms.append(weights[layer] * mean * F.shape[0] / (4.0 * M * M))
    return sum(terms)


# %% style_loss: divided-first
# Both matrices are divided before they are compared.
def style_loss(features, grams, weights):
    loss = None
    for layer, w in sorted(weights.items()):
        _, N, H, W = features[layer].shape
        flat = features[layer].reshape(N, H * W)
        G = flat @ flat.T / (2 * N * H * W)
        A = grams[layer].reshape(N, N) / (2 * N * H * W)
        term = w * torch.linalg.matrix_norm(G - A) ** 2
        loss = term if loss is None else loss + term
    return loss


# %% style_loss: skips-what-has-no-weight
# Goes through the features and asks whether they count.
def style_loss(features, grams, weights):
    total = torch.tensor(0.0)
    for layer, F in features.items():
        if layer not in weights:
            continue
        G = torch.einsum("bihw,bjhw->bij", F, F)
        N, M = F.size(1), F.size(2) * F.size(3)
        total = total + weights[layer] / (4 * N**2 * M**2) * torch.sum((G - grams[layer]) ** 2)
    return total


# %% total_loss: dot
# As a dot product.
def total_loss(content, style, alpha, beta):
    losses = torch.stack([torch.as_tensor(content), torch.as_tensor(style)])
    return losses @ torch.tensor([alpha, beta], dtype=losses.dtype)


# %% total_loss: step-by-step
# In two steps.
def total_loss(content, style, alpha, beta):
    weighted = torch.mul(style, beta)
    return torch.add(weighted, content, alpha=alpha)


# %% total_loss: sum-of-pairs
# A sum over pairs.
def total_loss(content, style, alpha, beta):
    return sum(factor * loss for factor, loss in ((beta, style), (alpha, content)))


# %% reconstruct: adam
# Adam, uniform noise, losses as tensors.
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


# %% reconstruct: lbfgs-many-questions
# L-BFGS as it comes, twenty questions a step; loud noise; clipped at the end.
def reconstruct(model, layer, target, steps, seed=0):
    g = torch.Generator(device=target.device)
    g.manual_seed(seed)
    image = torch.randn(target.shape, generator=g, device=target.device).requires_grad_()
    with torch.no_grad():
        wanted = extract_features(model, target, [layer])[layer]
    optimizer = torch.optim.LBFGS([image])

    def closure():
        optimizer.zero_grad()
        loss = ((extract_features(model, image, [layer])[layer] - wanted) ** 2).sum()
        loss.backward()
        return loss

    losses = []
    for _ in range(steps):
        losses.append(optimizer.step(closure).item())
    mean = torch.tensor([0.485, 0.456, 0.406], device=target.device).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], device=target.device).view(1, 3, 1, 1)
    return ((image.detach() * std + mean).clamp(0, 1) - mean) / std, losses


# %% reconstruct: hand-made-descent
# Gradient descent by hand with momentum and a step of fixed length; clamps after each step.
from torch import nn


def reconstruct(model, layer, target, steps, seed=0):
    rng = np.random.default_rng(seed)
    image = torch.tensor(0.5 * rng.standard_normal(target.shape), dtype=target.dtype)
    P = extract_features(model, target, [layer])[layer].detach()
    velocity, losses = torch.zeros_like(image), []
    for step in range(steps):
        image.requires_grad_(True)
        loss = nn.functional.mse_loss(extract_features(model, image, [layer])[layer], P)
        (grad,) = torch.autograd.grad(loss, image)
        losses.append(loss.item())
        velocity = 0.9 * velocity + grad / (grad.pow(2).mean().sqrt() + 1e-12)
        image = (image.detach() - 0.02 / (1 + step / 50) * velocity).clamp(-2.2, 2.7)
    return image, losses


# %% reconstruct: scipy
# SciPy's L-BFGS-B with bounds, one step at a time.
def reconstruct(model, layer, target, steps, seed=0):
    from scipy.optimize import minimize

    wanted = extract_features(model, target, [layer])[layer].detach()
    start = np.random.RandomState(seed).normal(size=target.numel()) * 0.3

    def value_and_slope(x):
        image = torch.tensor(x, dtype=torch.float32).reshape(target.shape).requires_grad_()
        loss = content_loss(extract_features(model, image, [layer])[layer], wanted)
        (grad,) = torch.autograd.grad(loss, image)
        return loss.item(), grad.numpy().ravel().astype(float)

    losses = []
    done = minimize(
        value_and_slope,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-2.2, 2.7)] * start.size,
        callback=lambda x: losses.append(value_and_slope(x)[0]),
        options={"maxiter": steps, "ftol": 0, "gtol": 0},
    )
    losses += [losses[-1] if losses else done.fun] * (steps - len(losses))
    return done.x.reshape(tuple(target.shape)).astype("float32"), losses[:steps]


# %% style_transfer: adam
# Adam, everything written out, losses as a tensor; the style's matrices as they are.
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


# %% style_transfer: adam-fast-and-clamped
# A large learning rate, clamped to valid colours after each step; losses after the step.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    with torch.no_grad():
        P = extract_features(model, content, [content_layer])[content_layer]
        A = {}
        for layer in style_layers:
            A[layer] = gram_matrix(extract_features(model, style, [layer])[layer])
    lowest = torch.tensor([-2.1179, -2.0357, -1.8044]).view(1, 3, 1, 1).to(content)
    highest = torch.tensor([2.2489, 2.4286, 2.64]).view(1, 3, 1, 1).to(content)

    def energy(x):
        e = alpha * content_loss(extract_features(model, x, [content_layer])[content_layer], P)
        for layer in style_layers:
            f = extract_features(model, x, [layer])
            e = e + beta / len(style_layers) * style_loss(f, A, {layer: 1.0})
        return e

    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.1)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        energy(image).backward()
        optimizer.step()
        with torch.no_grad():
            image.clamp_(lowest, highest)
            losses.append(float(energy(image)))
    return image.detach(), losses


# %% style_transfer: lbfgs-strong-wolfe
# L-BFGS with a line search; the style image is resized to the content's size first.
from torch import nn


def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    style = nn.functional.interpolate(style, size=content.shape[2:], mode="bilinear")
    layers = [*style_layers, content_layer]
    with torch.no_grad():
        P = extract_features(model, content, layers)[content_layer].clone()
        A = {k: gram_matrix(v) for k, v in extract_features(model, style, layers).items()}
    weights = dict.fromkeys(style_layers, 1 / len(style_layers))
    image = content.clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS([image], max_iter=8, line_search_fn="strong_wolfe")
    losses = []

    def closure():
        optimizer.zero_grad()
        f = extract_features(model, image, layers)
        loss = total_loss(content_loss(f[content_layer], P), style_loss(f, A, weights), alpha, beta)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimizer.step(closure).item())
    return image.detach().numpy(), losses


# %% style_transfer: signs-of-the-gradient
# Each pixel takes a small step against the sign of its gradient, ever smaller.
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    def gram(x, name):
        f = extract_features(model, x, [name])[name]
        return gram_matrix(f), f.shape[1], f.shape[2] * f.shape[3]

    P = extract_features(model, content, [content_layer])[content_layer].detach()
    aims = []
    for name in style_layers:
        A, _, positions = gram(style, name)
        aims.append((A / positions).detach())
    image, losses = content.clone(), []
    for step in range(steps):
        image = image.detach().requires_grad_()
        loss = alpha * content_loss(
            extract_features(model, image, [content_layer])[content_layer], P
        )
        for name, A in zip(style_layers, aims, strict=True):
            G, N, M = gram(image, name)
            loss = loss + beta * ((G / M - A) ** 2).sum() / (4 * N**2) / len(style_layers)
        (slope,) = torch.autograd.grad(loss, image)
        losses.append(loss.item())
        image = image - 0.05 / (1 + step / 20) * slope.sign()
    return image.detach(), losses


# %% tv_loss: diff
# torch's own differences, along each of the two axes.
def tv_loss(image):
    return sum(torch.diff(image, dim=axis).pow(2).sum() for axis in (-1, -2))


# %% tv_loss: rows-and-columns
# A loop over rows and one over columns.
def tv_loss(image):
    total = torch.zeros((), dtype=image.dtype, device=image.device)
    for i in range(1, image.shape[2]):
        total = total + torch.sum(torch.square(image[:, :, i] - image[:, :, i - 1]))
    for j in range(1, image.shape[3]):
        total = total + torch.sum(torch.square(image[:, :, :, j - 1] - image[:, :, :, j]))
    return total


# %% tv_loss: mse-sum
# torch's squared error, told to sum, of each image with its shifted self.
from torch import nn


def tv_loss(image):
    def apart(a, b):
        return nn.functional.mse_loss(a, b, reduction="sum")

    return apart(image[..., 1:], image[..., :-1]) + apart(image[..., 1:, :], image[..., :-1, :])


# %% tv_loss: replicated-edge
# One row and one column more, each a copy of the last: at the edge the difference is 0.
from torch import nn


def tv_loss(image):
    padded = nn.functional.pad(image, (0, 1, 0, 1), mode="replicate")
    right = padded[:, :, :-1, 1:] - image
    below = padded[:, :, 1:, :-1] - image
    return torch.sum(right * right + below * below)


# %% tv_loss: image-by-image
# One image and one colour at a time, with narrow.
def tv_loss(image):
    terms = []
    for picture in image:
        for colour in picture:
            height, width = colour.shape
            down = colour.narrow(0, 1, height - 1) - colour.narrow(0, 0, height - 1)
            across = colour.narrow(1, 1, width - 1) - colour.narrow(1, 0, width - 1)
            terms += [torch.linalg.vector_norm(down) ** 2, across.flatten().dot(across.flatten())]
    return torch.stack(terms).sum()


# %% tv_loss: rolled-and-cropped
# The image is rolled by one; what came in on the other side is cut off.
def tv_loss(image):
    down = (image.roll(1, dims=2) - image)[:, :, 1:]
    across = (image.roll(-1, dims=3) - image)[..., :-1]
    return down.square().sum() + across.square().sum()


# %% tv_loss: matrices-of-differences
# The differences are products with matrices of 1 and -1.
def tv_loss(image):
    def differences(n):
        ones = torch.eye(n, dtype=image.dtype, device=image.device)
        return ones[1:] - ones[:-1]

    down = torch.einsum("ih,nchw->nciw", differences(image.shape[2]), image)
    across = image @ differences(image.shape[3]).T
    return (down**2).sum() + (across**2).sum()


# %% saliency_map: backward-on-the-picture-only
# backward, told to leave gradients on the picture and nowhere else.
def saliency_map(model, x, label):
    picture = x.detach().clone()
    picture.requires_grad = True
    logits = model(picture)
    logits[0][label].backward(inputs=[picture])
    largest, _ = torch.max(picture.grad.abs(), dim=1)
    return largest.squeeze(0)


# %% saliency_map: copy-of-the-model
# The usual backward, on a copy of the whole model.
import copy


def saliency_map(model, x, label):
    twin = copy.deepcopy(model).eval()
    x = x.clone().detach().requires_grad_(True)
    twin(x)[0, label].backward()
    return np.abs(x.grad.numpy()).max(axis=1)[0]


# %% saliency_map: functional-gradient
# The gradient of a function, without any leaf to look after.
def saliency_map(model, x, label):
    slope = torch.func.grad(lambda picture: model(picture).flatten()[label])(x.detach())
    red, green, blue = slope[0].abs()
    return torch.maximum(torch.maximum(red, green), blue)


# %% saliency_map: all-labels-at-once
# The Jacobian of all logits, of which one row is wanted.
def saliency_map(model, x, label):
    rows = torch.autograd.functional.jacobian(model, x.detach())
    return torch.linalg.vector_norm(rows[0, label, 0], ord=float("inf"), dim=0)


# %% saliency_map: one-hot-weights
# The logits are weighted with 1 for the label and 0 for all others; the map is a list of rows.
def saliency_map(model, x, label):
    x = x.detach().clone().requires_grad_()
    logits = model(x)
    weights = torch.zeros_like(logits)
    weights[:, label] = 1
    (slope,) = torch.autograd.grad(logits, x, grad_outputs=weights)
    return torch.cat([slope, -slope], dim=1).amax(dim=(0, 1)).tolist()


# %% saliency_map: puts-the-gradients-back
# What lay on the weights is put aside, and back again.
def saliency_map(model, x, label):
    kept = [parameter.grad for parameter in model.parameters()]
    for parameter in model.parameters():
        parameter.grad = None
    picture = torch.tensor(x.detach().cpu().numpy(), requires_grad=True)
    model(picture)[:, label].sum().backward()
    for parameter, grad in zip(model.parameters(), kept, strict=True):
        parameter.grad = grad
    return picture.grad.abs().max(dim=1).values[0]


# %% saliency_map: two-largest
# The largest slope and the largest of its opposite.
def saliency_map(model, x, label):
    x = torch.nn.Parameter(x.detach().clone())
    with torch.enable_grad():
        score = model(x).squeeze(0).select(0, label)
    slope = torch.autograd.grad([score], [x])[0].squeeze(0)
    return torch.maximum(slope.max(dim=0).values, -slope.min(dim=0).values)


# %% maximise_channel: adam-uphill
# Adam, told to maximise; uniform noise; activations as tensors.
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


# %% maximise_channel: adam-small-steps
# Adam with its steps of a hundredth, down the negative mean.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    g = torch.Generator()
    g.manual_seed(seed)
    image = (torch.randn((1, 3, size, size), generator=g) * 0.1).requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.01)
    activations = []
    for _ in range(steps):
        loss = -torch.mean(extract_features(model, image, [layer])[layer][0][channel])
        (image.grad,) = torch.autograd.grad(loss, image)
        optimizer.step()
        activations.append(-loss.item())
    return image, activations


# %% maximise_channel: signs-and-clamps
# Each pixel climbs by the sign of its slope, and stays within the colours of a picture.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    rng = np.random.default_rng(seed)
    image = torch.tensor(rng.normal(0, 0.3, (1, 3, size, size)), dtype=torch.float32)
    lowest = torch.tensor([-2.1179, -2.0357, -1.8044]).view(1, 3, 1, 1)
    highest = torch.tensor([2.2489, 2.4286, 2.64]).view(1, 3, 1, 1)

    def mean(x):
        return extract_features(model, x, [layer])[layer][0, channel].mean()

    activations = []
    for _ in range(steps):
        image.requires_grad_(True)
        slope = torch.autograd.grad(mean(image), image)[0]
        with torch.no_grad():
            image = torch.clamp(image + 0.03 * slope.sign(), lowest, highest)
            activations.append(float(mean(image)))
    return image, activations


# %% maximise_channel: loud-noise-and-momentum
# Loud noise, momentum, steps of unit length that shrink; clipped at the end.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    image = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(100 + seed))
    velocity, activations = torch.zeros_like(image), []
    for step in range(steps):
        leaf = image.clone().requires_grad_()
        maps = extract_features(model, leaf, [layer])[layer]
        score = maps[0, channel].sum() / maps[0, channel].numel()
        (slope,) = torch.autograd.grad(score, leaf)
        activations.append(score.item())
        velocity = 0.5 * velocity + slope / (slope.norm() + 1e-12) * slope.numel() ** 0.5
        image = image + 0.06 * (1 - step / (2 * steps)) * velocity
    return image.clamp(-2.2, 2.7), activations


# %% maximise_channel: sum-for-the-slope
# Climbs the sum, whose slope needs no scaling, with weight decay; notes the mean behind each step.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    rng = np.random.RandomState(seed)
    image = rng.standard_normal((1, 3, size, size)).astype("float32") * 0.25
    front = model[: vgg_layer_index(layer) + 1]
    activations = np.zeros(steps)
    for step in range(steps):
        x = torch.from_numpy(image).requires_grad_()
        torch.autograd.backward(front(x)[0, channel].sum(), inputs=[x])
        image = image * 0.99 + 0.1 * x.grad.numpy()
        with torch.no_grad():
            activations[step] = front(torch.from_numpy(image))[0, channel].mean().item()
    return image, activations


# %% maximise_channel: hook-and-largest-slope
# A hook, removed afterwards, hears the channel; steps are scaled by the largest slope.
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    index, heard, activations = vgg_layer_index(layer), {}, []
    hook = model[index].register_forward_hook(
        lambda module, inputs, output: heard.update(mean=output[0, channel].mean())
    )
    generator = torch.Generator().manual_seed(seed)
    image = torch.empty(1, 3, size, size).normal_(0, 0.25, generator=generator)
    try:
        for _ in range(steps):
            image = image.detach().requires_grad_()
            model[: index + 1](image)
            activations.append(heard["mean"].item())
            (slope,) = torch.autograd.grad(heard["mean"], [image])
            image = image + 0.2 * slope / (slope.abs().max() + 1e-12)
    finally:
        hook.remove()
    return image, activations
