"""Forgets the bias: in add_bias, in the prediction and in the boundary.

same as: bela
loses: add_bias predict decision_boundary
"""

# %% add_bias
def add_bias(X):
    return np.asarray(X, dtype=float)


# %% predict
def predict(w, X):
    return np.where(np.asarray(X)[..., 1:] @ np.asarray(w)[1:] > 0, 1, -1)


# %% decision_boundary
def decision_boundary(w):
    if w[2] == 0:
        raise ValueError("vertical")
    return -w[1] / w[2], 0.0
