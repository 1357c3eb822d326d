"""Submissions: finding, reading, identifying and repairing them."""
