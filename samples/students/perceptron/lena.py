"""Hangs: the training has no cap, so XOR never ends.

same as: bela
loses: train_perceptron
"""

# %% train_perceptron
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    epochs = 0
    while True:
        epochs += 1
        updates = 0
        for x, label in zip(X, y):
            if predict(w, x) != label:
                w = perceptron_update(w, x, label, lr)
                updates += 1
        if updates == 0:
            return w, epochs, True
