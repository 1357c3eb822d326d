"""fairmark: fair, safe and fast marks for neural-network notebooks, on top of nbgrader."""

from fairmark.check import check

__all__ = ["__version__", "check"]

__version__ = "0.2.0"
