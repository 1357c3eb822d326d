"""Turns the slope upside down, and changes the given w in place.

same as: ada
loses: perceptron_update decision_boundary
"""

# %% perceptron_update
def perceptron_update(w, x, y, lr):
    for i in range(len(w)):
        w[i] += lr * y * x[i]
    return w


# %% decision_boundary
def decision_boundary(w):
    if w[2] == 0:
        raise ValueError("vertical boundary")
    return -w[2] / w[1], -w[0] / w[1]
