"""Grading a whole class, on this machine or on a cluster."""
