"""The benchmark's notebook: one cell behind each ``# %%``, with what nbgrader should know of it."""

# %% [markdown] id=title
# # Handwritten digits
# A small network learns to read digits of 8 × 8 pixels.

# %% id=setup
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import torch
import torchvision
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

Floats = npt.NDArray[np.float64]

digits = load_digits()
torch.manual_seed(0)


# %% id=scale solution
def scale(images: Floats) -> Floats:
    """Return images of shape (n, 8, 8) with pixels 0..16 as rows of 64 numbers 0..1."""
    ### BEGIN SOLUTION
    return np.asarray(images.reshape(len(images), -1) / 16)
    ### END SOLUTION


# %% id=check_scale points=2
rows = scale(digits.images[:5])
assert rows.shape == (5, 64)
assert np.allclose(rows[0], digits.images[0].ravel() / 16)
assert scale(np.full((1, 8, 8), 16.0)).max() == 1


# %% id=softmax solution
def softmax(scores: Floats) -> Floats:
    """Return each row's probabilities, without overflow."""
    ### BEGIN SOLUTION
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    ### END SOLUTION


# %% id=check_softmax points=2
answer = softmax(np.array([[0.0, 0.0], [0.0, np.log(3.0)]]))
assert np.allclose(answer, [[0.5, 0.5], [0.25, 0.75]])
assert np.allclose(softmax(np.array([[1000.0, 1000.0]])), 0.5)
assert np.allclose(softmax(np.random.default_rng(0).normal(size=(7, 10))).sum(axis=1), 1)


# %% id=make_model solution
def make_model(hidden: int) -> torch.nn.Module:
    """Return a network with 64 inputs, ``hidden`` ReLU units and 10 outputs."""
    ### BEGIN SOLUTION
    return torch.nn.Sequential(
        torch.nn.Linear(64, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 10)
    )
    ### END SOLUTION


# %% id=check_make_model points=2
small = make_model(7)
assert sum(p.numel() for p in small.parameters()) == 64 * 7 + 7 + 7 * 10 + 10
assert small(torch.zeros(3, 64)).shape == (3, 10)
assert make_model(5)(torch.zeros(1, 64)).shape == (1, 10)


# %% id=train solution
def train(model: torch.nn.Module, X: torch.Tensor, y: torch.Tensor, epochs: int) -> list[float]:
    """Train in batches of 50 with Adam (step 0.003); return each epoch's mean cross-entropy."""
    ### BEGIN SOLUTION
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(X), 50):
            batch, labels = X[start : start + 50], y[start : start + 50]
            loss = torch.nn.functional.cross_entropy(model(batch), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses
    ### END SOLUTION


# %% id=training
X, X_test, y, y_test = train_test_split(
    torch.tensor(scale(digits.images), dtype=torch.float32),
    torch.tensor(digits.target),
    random_state=0,
)
model = make_model(64)
losses = train(model, X, y, epochs=30)
accuracy = (model(X_test).argmax(dim=1) == y_test).float().mean().item()
print(f"accuracy on the test digits: {accuracy:.3f}")

# %% id=picture
grid = torchvision.utils.make_grid(X_test[:32].reshape(-1, 1, 8, 8))
figure, (left, right) = plt.subplots(1, 2, figsize=(6, 2))
left.imshow(grid.permute(1, 2, 0).numpy())
right.plot(losses)

# %% id=check_train points=4
assert len(losses) == 30
assert losses[-1] < losses[0] / 4
assert accuracy > 0.9
