"""fairmark: fair, safe and fast marks for neural-network notebooks, on top of nbgrader."""

__version__ = "0.1.0"
