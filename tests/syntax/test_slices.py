"""Slices of notebooks."""

from __future__ import annotations

from fairmark.syntax.slices import needed_statements


def test_only_what_is_needed_is_kept() -> None:
    cells = [
        "%matplotlib inline\nimport numpy as np\nimport os\nprint(1)\nRATE = float('1')",
        "def helper(y):\n    points = 1\n    return points * RATE",
        "points = load()\nplt.show()",
        "def wanted(x):\n    return helper(np.asarray(x))\nwanted(3)",
        "1 +",
    ]
    assert needed_statements(cells, ["wanted"]) == [
        "import numpy as np\nRATE = float('1')",
        "def helper(y):\n    points = 1\n    return points * RATE",
        "",
        "def wanted(x):\n    return helper(np.asarray(x))",
        "",
    ]


def test_a_later_binding_is_kept_too() -> None:
    cells = ["table = {}", "table['a'] = 1\ntable = dict(table, b=2)", "x = 3"]
    assert needed_statements(cells, ["table"]) == ["table = {}", "table = dict(table, b=2)", ""]


def test_nothing_is_needed_for_names_that_are_not_there() -> None:
    assert needed_statements(["a = 1"], ["b"]) == [""]
