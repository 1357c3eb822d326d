"""Subtracts where the rule adds, so nothing that trains ever learns.

same as: dora
loses: perceptron_update
"""

# %% perceptron_update
def perceptron_update(w, x, y, lr):
    return w - lr * y * x
