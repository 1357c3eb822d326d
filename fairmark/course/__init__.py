"""The instructor's files: courses, assignments, versions of a notebook, and proofs of graders."""
