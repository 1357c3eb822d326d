"""Tries: settings of pytest beside the notebook, for the checker to read.

Must: gain no point.
"""

ANSWERS = {"double": "def double(x): return x", "mean": "def mean(x): return x[0]"}
FILES = {
    "pytest.ini": b"[pytest]\naddopts = --collect-only\n",
    "pyproject.toml": b"[tool.pytest.ini_options]\naddopts = '--collect-only'\n",
    "test_tiny.py": b"def test_nothing(): pass\n",
}
