"""A notebook that costs next to nothing, so that what grading costs beside it is seen."""

# %% [markdown] id=title
# # Scores
# Pixels become numbers, scores become probabilities.

# %% id=setup
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


# %% id=scale solution
def scale(images: Floats) -> Floats:
    """Return images of shape (n, 8, 8) with pixels 0..16 as rows of 64 numbers 0..1."""
    ### BEGIN SOLUTION
    return np.asarray(images.reshape(len(images), -1) / 16)
    ### END SOLUTION


# %% id=check_scale points=2
rows = scale(np.arange(320.0).reshape(5, 8, 8) % 16)
assert rows.shape == (5, 64)
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
