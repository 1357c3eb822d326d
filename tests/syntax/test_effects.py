"""What a cell reads and changes, and which cells may change places."""

from __future__ import annotations

import pytest

from fairmark.syntax.effects import effects_of


@pytest.mark.parametrize(
    ("first", "second", "around"),
    [
        ("def f(x):\n    return x + 1", "def g(x):\n    return x - 1", ""),
        ("def f(x):\n    return x + 1", "data = [1, 2, 3]", ""),
        ("def f(x):\n    return torch.exp(x)", "model = torch.zeros(3)", "import torch"),
        ("f = 1", "print(len('abc'), [n * 2 for n in range(3)])", ""),
        ("a = np.ones(3)", "b = np.zeros(2)", "import numpy as np"),
        ("%matplotlib inline\na = 1", "b = 2", ""),
        ("assert f(1) == 2", "assert g(1) == 0", "def f(x): return x\ndef g(x): return x"),
    ],
)
def test_these_may_change_places(first: str, second: str, around: str) -> None:
    _, one, other = effects_of([around, first, second])
    assert not one.conflicts(other)
    assert not other.conflicts(one)


@pytest.mark.parametrize(
    ("first", "second", "around"),
    [
        ("a = 1", "b = a + 1", ""),
        ("b = a + 1", "a = 2", "a = 1"),
        ("a = 1", "a = 2", ""),
        ("a = a + 1", "a = a * 2", "a = 1"),
        ("a += 1", "print(a)", "a = 1"),
        ("def f(x): return x", "g = f(1)", ""),
        ("helper = 3", "f(1)", "def f(x): return x + helper"),
        ("def f(x): return x", "m.run()", "class M:\n    def run(self): return f(1)\nm = M()"),
        ("log.append(1)", "assert log == [1]", "log = []"),
        ("def f(): log.append(1)\nf()", "print(log)", "log = []"),
        ("f()", "print(count)", "count = 0\ndef f():\n    global count\n    count = 1"),
        ("alias[0] = 5", "print(data)", "data = [1]\nalias = data"),
        ("fill(alias)", "print(data)", "data = [1]\nalias = data\ndef fill(x): x[0] = 2"),
        ("a = np.random.rand(3)", "b = np.random.rand(2)", "import numpy as np"),
        ("a = torch.rand(3)", "b = torch.rand(2)", "import torch"),
        ("np.seterr(all='raise')", "a = np.random.rand()", "import numpy as np"),
        ("open('a', 'w').write('1')", "b = open('a').read()", ""),
        ("plt.plot([1])", "axes = plt.gca()", "import matplotlib.pyplot as plt"),
        ("a = 1", "eval('a + 1')", ""),
        ("a = 1", "%run other.ipynb", ""),
        ("a = 1", "!ls", ""),
        ("a = 1", "from math import *", ""),
        ("a = 1", "this is no Python", ""),
        ("match [1, 2]:\n    case [x, *rest]:\n        pass", "print(rest)", ""),
        ("if (n := 3) > 2:\n    pass", "print(n)", ""),
        ("for item in items:\n    pass", "print(next(items))", "items = iter([1, 2])"),
    ],
)
def test_these_keep_their_order(first: str, second: str, around: str) -> None:
    _, one, other = effects_of([around, first, second])
    assert one.conflicts(other)
    assert other.conflicts(one)
