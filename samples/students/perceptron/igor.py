"""Trains in batches: all misclassified points of a sweep at once, judged by the old w.

same as: bela
loses: train_perceptron
either: zero_versus_one
"""

# %% train_perceptron
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else np.array(w, dtype=float)
    for epoch in range(1, max_epochs + 1):
        wrong = predict(w, X) != y
        if not wrong.any():
            return w, epoch, True
        w = w + lr * (y[wrong][:, None] * X[wrong]).sum(axis=0)
    return w, max_epochs, False
