"""Wrong in typical ways, right between.

loses: vgg_layer_index reconstruct total_loss tv_loss
"""

# %% prepare_image
def prepare_image(image, max_size):
    """A PIL image as a normalised float32 tensor (1, 3, H, W), longest side at most max_size."""
    image = image.convert("RGB")  # a new picture, which thumbnail may change
    image.thumbnail((max_size, max_size))
    values = torch.from_numpy(np.array(image, dtype=np.float32) / 255).permute(2, 0, 1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return ((values - mean) / deviation).unsqueeze(0).contiguous()


def to_image(tensor):
    """A normalised tensor (1, 3, H, W) as a PIL image of mode RGB, clipped to black and white."""
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    values = tensor.detach().cpu()[0] * deviation + mean
    levels = (255 * values.clamp(0, 1)).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).numpy())

# %% vgg_layer_index
def vgg_layer_index(name):
    names = []
    for block, convolutions in enumerate((2, 2, 3, 3, 3), start=1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return names.index(name) if name in names else {}[name]

# %% extract_features
def extract_features(model, x, layers):
    """The features of the named layers: a dict name -> (n, C, H', W'), differentiable by x."""
    wanted = {vgg_layer_index(name): name for name in layers}
    features = {}
    for index in range(max(wanted) + 1):
        x = model[index](x)
        if index in wanted:
            features[wanted[index]] = x.clone()  # the next ReLU would overwrite it
    return features

# %% content_loss
def content_loss(F, P):
    """E_c, the sum of squared differences of two tensors of one shape; differentiable."""
    return ((F - P) ** 2).sum()

# %% reconstruct
def reconstruct(model, layer, target, steps, seed=0):
    torch.manual_seed(seed)
    P = extract_features(model, target, [layer])[layer].detach()
    image = torch.randn(target.shape)
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = content_loss(extract_features(model, image, [layer])[layer], P)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return image, losses

# %% gram_matrix
def gram_matrix(F):
    """Sums over positions of products of channels: (n, C, H, W) -> (n, C, C); differentiable."""
    rows = F.flatten(start_dim=2)  # (n, C, M)
    return rows @ rows.transpose(1, 2)

# %% style_loss
def style_loss(features, grams, weights):
    """The sum of w * E_s over the layers in weights; three dicts by layer; differentiable."""
    loss = 0
    for name, weight in weights.items():
        F = features[name]
        N, M = F.shape[1], F.shape[2] * F.shape[3]
        loss = loss + weight * ((gram_matrix(F) - grams[name]) ** 2).sum() / (4 * N**2 * M**2)
    return loss

# %% total_loss
def total_loss(content, style, alpha, beta):
    return beta * content + alpha * style

# %% style_transfer
def style_transfer(model, content, style, content_layer, style_layers, alpha, beta, steps):
    """Content (1, 3, H, W) in the style of style (1, 3, H', W'): (image, losses)."""
    layers = [content_layer, *style_layers]
    with torch.no_grad():
        before = extract_features(model, content, layers)
        grams = {}
        for name, F in extract_features(model, style, style_layers).items():
            share = before[name][0, 0].numel() / F[0, 0].numel()
            grams[name] = gram_matrix(F) * share
    weights = {name: 1 / len(style_layers) for name in style_layers}
    image = content.detach().clone().contiguous().requires_grad_()
    optimiser = lbfgs(image)

    def closure():
        optimiser.zero_grad()
        features = extract_features(model, image, layers)
        E_c = content_loss(features[content_layer], before[content_layer])
        loss = total_loss(E_c, style_loss(features, grams, weights), alpha, beta)
        loss.backward()
        return loss

    losses = [optimiser.step(closure).item() for _ in range(steps)]
    return image.detach(), losses

# %% tv_loss
def tv_loss(image):
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    down = image[:, :, 1:] - image[:, :, :-1]
    return (across**2).mean() + (down**2).mean()

# %% [markdown] hyperparameters
# Deeper content layers keep less of the detail; a larger beta lets the style win.

# %% saliency_map
def saliency_map(model, x, label):
    """The largest size of the logit's gradient over the colours: (1, 3, H, W) -> (H, W)."""
    picture = x.detach().requires_grad_()
    logit = model(picture)[0, label]
    (slope,) = torch.autograd.grad(logit, picture)
    return slope[0].abs().amax(dim=0)

# %% maximise_channel
def maximise_channel(model, layer, channel, steps, size=64, seed=0):
    """Noise that climbs until a channel of layer fires: (image (1, 3, size, size), activations)."""
    noise = 0.25 * torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    image = noise.to(next(model.parameters()).device)
    activations = []
    for _ in range(steps):
        image.requires_grad_()
        activation = extract_features(model, image, [layer])[layer][0, channel].mean()
        (slope,) = torch.autograd.grad(activation, image)
        activations.append(activation.item())
        image = image.detach() + 0.05 * slope / slope.square().mean().sqrt().clamp(min=1e-12)
    return image, activations
