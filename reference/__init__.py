"""The correct solution of every exercise, one module per assignment, to be read beside the lecture."""
