"""Reading Python code without running it."""
