"""Each operator for neural networks, on a small snippet: exactly the mistakes it stands for."""

from __future__ import annotations

import ast

import pytest

from fairmark.verify.mutants import mutants
from fairmark.verify.neural import changes

NUMPY = "import numpy as np\n"


def mistakes(operator: str, source: str) -> list[str]:
    """What the changed lines become, for the mutants of one operator."""
    return [m.becomes for m in mutants("q", source) if m.operator == f"neural/{operator}"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(x):\n    return a * x", ["return -(a * x)"]),
        ("def f(x):\n    return w, n, True", ["return -w, n, True", "return w, -n, True"]),
        ("def f(x):\n    return -x", []),
        ("def f(x):\n    return [x]", []),
        ("def f(x):\n    return Value(x)", []),
        ("y = np.exp(x - m)", ["y = np.exp(-(x - m))"]),
        ("y = x.exp()", ["y = (-x).exp()"]),
        ("y = np.exp(-x)", []),
    ],
)
def test_a_minus_is_added(source: str, expected: list[str]) -> None:
    assert mistakes("sign", source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("g += d", ["g -= d", "g = d"]),
        ("g /= n", ["g *= n", "g = n"]),
        ("g |= d", []),
    ],
)
def test_a_sum_is_not_accumulated(source: str, expected: list[str]) -> None:
    assert mistakes("accumulate", source) == expected


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        ("term", "y = x @ W + b", ["y = x @ W"]),
        ("term", "y = b + x @ W", ["y = b", "y = x @ W"]),
        ("term", "y = np.exp(a - a.max())", ["y = np.exp(a)"]),
        ("term", "y = (n - f) // s", ["y = n // s"]),
        ("term", "y = 'a' + b", []),
        ("factor", "y = w + lr * g", ["y = w + lr", "y = w + g"]),
        ("factor", "n = n + 2 * padding - f", ["n = n + 2 - f"]),  # 1 * padding is there already
        ("factor", "y = (a + b) * c", ["y = a + b", "y = c"]),
        ("divisor", "g = d / len(x)", ["g = d"]),
        ("divisor", "n = (n - f) // stride + 1", ["n = n - f + 1"]),
    ],
)
def test_terms_factors_and_divisors_are_forgotten(
    operator: str, source: str, expected: list[str]
) -> None:
    assert mistakes(operator, source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = X.T", ["y = X"]),
        ("y = X.transpose(1, 0)", ["y = X"]),
        ("y = np.transpose(X)", ["y = X"]),
        ("y = X.permute(0, 2, 1)", ["y = X.permute(0, 1, 2)", "y = X"]),
        ("y = np.moveaxis(X, 0, 2)", ["y = np.moveaxis(X, 2, 0)", "y = X"]),
        ("y = X @ w", ["y = w @ X", "y = X.T @ w"]),
        ("y = X.T @ D", ["y = D @ X.T", "y = X.T @ D.T", "y = X @ D"]),
        ("y = f(x) @ W", ["y = W @ f(x)", "y = f(x).T @ W", "y = f(x) @ W.T"]),
        ("y = np.einsum('ij,jk->ik', a, b)", ["y = np.einsum('ij,jk->ki', a, b)"]),
        ("y = np.einsum('i,i->', a, b)", []),
    ],
)
def test_matrices_are_transposed(source: str, expected: list[str]) -> None:
    assert mistakes("transpose", source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = F.reshape(n, c, h * w)", ["y = F.reshape(n, h * w, c)"]),
        ("y = np.zeros((k, h, w))", ["y = np.zeros((k, w, h))"]),
        ("y = np.reshape(x, (h, w))", ["y = np.reshape(x, (w, h))"]),
        ("y = np.zeros(n)", []),
        ("y = np.pad(x, 1)", ["y = x"]),
        ("y = x.unsqueeze(0)", ["y = x"]),
    ],
)
def test_shapes_are_mixed_up(source: str, expected: list[str]) -> None:
    assert mistakes("shape", source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Next to a number, cosmic-ray writes some of them.
        ("y = x.sum(axis=-1)", ["y = x.sum()"]),
        ("y = x.sum(dim=2)", ["y = x.sum(dim=-1)", "y = x.sum(dim=0)", "y = x.sum()"]),
        ("y = np.mean(x, axis=axes)", ["y = np.mean(x)"]),
        ("y = torch.cat(xs, dim=2)", ["y = torch.cat(xs, dim=-1)", "y = torch.cat(xs, dim=0)"]),
        ("y = np.hstack(xs)", ["y = np.vstack(xs)"]),
    ],
)
def test_axes_are_others_or_forgotten(source: str, expected: list[str]) -> None:
    assert mistakes("axis", source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = x.sum(axis=1)", ["y = x.sum(axis=1, keepdims=True)"]),
        ("y = x.sum(dim=1)", ["y = x.sum(dim=1, keepdim=True)"]),
        ("y = x.sum(axis=1, keepdims=True)", []),
        ("y = x - x.mean(axis=0)", []),
        ("y = x.mean(axis=0)", ["y = x.mean(axis=0, keepdims=True)"]),
    ],
)
def test_axes_are_kept(source: str, expected: list[str]) -> None:
    assert mistakes("keepdims", source) == expected


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        (
            "bounds",
            "r = range(n)",
            ["r = range(n + 1)", "r = range(n - 1)", "r = range(1, n)"],
        ),
        (
            "bounds",
            "r = range(a, b)",
            ["r = range(a, b + 1)", "r = range(a, b - 1)", "r = range(a + 1, b)"],
        ),
        (
            "bounds",
            "for _ in range(n):\n    f()",
            ["for _ in range(n + 1):", "for _ in range(n - 1):"],
        ),
        ("bounds", "r = range(1, n + 1)", []),  # its numbers are changed by cosmic-ray
        ("stride", "r = range(0, n, s)", ["r = range(0, n)"]),
        ("bounds", "y = x[:k]", ["y = x[:k + 1]", "y = x[:k - 1]"]),
        ("bounds", "y = x[i:]", ["y = x[i + 1:]", "y = x[:]"]),
        ("stride", "y = x[:, ::s]", ["y = x[:, :]"]),
        ("flip", "y = x[::-1]", ["y = x[:]"]),
        ("stride", "y = conv(x, stride=s, padding=1)", ["y = conv(x, padding=1)"]),
        ("bounds", "y = x.clamp(0, 1)", ["y = x"]),
    ],
)
def test_ranges_and_slices_are_off(operator: str, source: str, expected: list[str]) -> None:
    assert mistakes(operator, source) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return np.sum(x * k)", ["return np.sum(x * k[::-1])"]),
        (
            "return np.convolve(x, k)",
            ["return np.correlate(x, k)", "return np.convolve(x, k[::-1])"],
        ),
        (
            "return np.einsum(paths, x, weight[c])",
            ["return np.einsum(paths, x, weight[..., ::-1, ::-1][c])"],
        ),
        ("M[i, i : i + len(k)] = k", ["M[i, i : i + len(k)] = k[::-1]"]),
        ("return torch.sum(x * weight)", ["return torch.sum(x * weight.flip(-1, -2))"]),
        ("return np.sum(x[:k])", []),
        ("return k * (f + 1)", []),
        ("return weight.shape", []),
    ],
)
def test_kernels_are_flipped(body: str, expected: list[str]) -> None:
    assert mistakes("flip", f"def f(x, k, weight):\n    {body}") == expected


def test_a_counter_is_no_kernel() -> None:
    assert mistakes("flip", "def f(x):\n    for k in y:\n        x[k] += k") == []


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        ("reduction", "y = x.sum()", ["y = x.mean()"]),
        ("reduction", "y = torch.mean(x)", ["y = torch.sum(x)"]),
        ("reduction", "y = x.max()", ["y = x.mean()"]),
        ("extremum", "y = x.max()", ["y = x.min()"]),
        ("extremum", "y = max(a, b)", ["y = min(a, b)"]),
        ("extremum", "y = np.maximum(x, 0)", ["y = np.minimum(x, 0)"]),
        ("function", "y = np.log(x)", ["y = np.log2(x)", "y = np.log10(x)"]),
        ("function", "y = nn.ReLU()", ["y = nn.Identity()"]),
        ("fill", "y = np.zeros(3)", ["y = np.ones(3)"]),
        ("word", "y = loss(x, reduction='mean')", ["y = loss(x, reduction='sum')"]),
        ("warnings", "with np.errstate(over='ignore'):\n    y = 1", ["with np.errstate():"]),
        ("gradient", "with torch.no_grad():\n    y = 1", ["with torch.enable_grad():"]),
        ("gradient", "@torch.no_grad()\ndef f():\n    return 1", ["@torch.enable_grad()"]),
    ],
)
def test_functions_are_mixed_up(operator: str, source: str, expected: list[str]) -> None:
    assert mistakes(operator, source) == expected


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        ("function", "y = np.exp(x)", ["y = x"]),
        ("function", "y = F.relu(a + b) * c", ["y = (a + b) * c"]),
        ("function", "y = x.sqrt()", ["y = x"]),
        ("function", "y = softmax(dense(x, W))", ["y = dense(x, W)"]),
        ("function", "y = int(x)", []),
        ("flip", "for v in reversed(order):\n    go(v)", ["for v in order:"]),
        ("detach", "y = x.detach()", ["y = x"]),
        ("copy", "y = x.clone()", ["y = x"]),
        ("copy", "y = copy.deepcopy(x)", ["y = x"]),
        ("copy", "y = np.array(x)", ["y = np.asarray(x)"]),
        ("copy", "y = np.array([a, b])", []),
        ("dtype", "y = np.asarray(x, dtype=float)", ["y = np.asarray(x)"]),
        ("dtype", "y = x.float()", ["y = x"]),
        ("dtype", "y = float(x)", []),
        ("mode", "y = model.eval()(x)", ["y = model(x)"]),
    ],
)
def test_functions_are_forgotten(operator: str, source: str, expected: list[str]) -> None:
    assert mistakes(operator, source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = predict(w, x)", ["y = predict(x, w)"]),
        ("y = isinstance(w, x)", []),
        ("y = np.where(c, a, b)", ["y = np.where(c, b, a)"]),
        ("def f():\n    return slope, intercept", ["return intercept, slope"]),
        ("y = {'w': x, 'x': w}", ["y = {'w': w, 'x': x}"]),
        ("y = np.column_stack([one, x])", ["y = np.column_stack([x, one])"]),
    ],
)
def test_two_things_are_swapped(source: str, expected: list[str]) -> None:
    assert mistakes("swap", source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(F, P):\n    return ((F - P) ** 2).sum()", ["return ((F - P) ** 2).sum().detach()"]),
        ("def f(x):\n    return torch.exp(x)", ["return torch.exp(x).detach()"]),
        ("def f(x):\n    return np.sum(x)", []),
        ("def f(x):\n    return n * m", []),
        ("def f(x):\n    return x.detach().sum()", []),
    ],
)
def test_answers_lose_their_gradient(source: str, expected: list[str]) -> None:
    assert [text for text in mistakes("detach", source) if "detach" in text] == expected


def test_probabilities_go_where_logits_belong() -> None:
    source = "loss = F.cross_entropy(model(X), y)"
    assert mistakes("softmax", source) == ["loss = F.cross_entropy(model(X).softmax(-1), y)"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x = x - y", ["x -= y"]),
        ("return x / x.sum()", ["x /= x.sum(); return x"]),
        ("return np.maximum(x, 0)", ["return np.maximum(x, 0, out=x)"]),
        ("z = z - y", []),  # no parameter
        ("return x @ y", []),
        ("return n_in * x", []),  # a number
    ],
)
def test_inputs_are_changed(body: str, expected: list[str]) -> None:
    assert mistakes("in-place", f"def f(x, n_in):\n    {body}") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a, b = b, a + b", ["a = b; b = a + b"]),
        ("a, b = a + 1, b + 1", []),
        ("a, b = f(a)", []),
    ],
)
def test_a_new_value_is_taken_for_the_old(source: str, expected: list[str]) -> None:
    assert mistakes("sequence", source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("optimizer.zero_grad()", ["pass"]),
        ("synchronize()", ["pass"]),
        ("if w == 0:\n    raise ValueError('vertical')", ["pass"]),
        ("x = 1\nx = f(x)", ["pass"]),
        ("x = 1", []),  # what follows would lack it
        ("def f():\n    return 1", []),
        ("def f(x):\n    if x:\n        return 1", ["pass"]),
        ("def f():\n    'Says what it does.'\n    g()", ["pass"]),
    ],
)
def test_statements_are_forgotten(source: str, expected: list[str]) -> None:
    assert mistakes("statement", source) == expected


def test_filters_are_forgotten() -> None:
    source = "n = sum(p.numel() for p in model.parameters() if p.requires_grad)"
    assert mistakes("filter", source) == [source.replace("p.requires_grad", "True")]


def test_looking_for_changes_leaves_the_tree_as_it_is() -> None:
    tree = ast.parse(f"{NUMPY}def f(x):\n    return np.sum(x, axis=0) / len(x)")
    before = ast.dump(tree, include_attributes=True)
    assert list(changes(tree))
    assert ast.dump(tree, include_attributes=True) == before
