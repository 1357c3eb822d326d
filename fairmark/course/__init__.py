"""What instructors write: courses, assignments, versions of a notebook, and proofs of graders."""
