"""Tries: to end the process with a success while a test runs.

Must: gain no point.
"""

ANSWERS = {
    "double": "def double(x): __import__('os')._exit(0)",
    "mean": "def mean(x): raise SystemExit(0)",
}
