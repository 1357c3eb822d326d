"""The correct solution of every exercise, one module per assignment, beside its equation."""
