"""The gate for graders: proof that a grader accepts right answers and rejects wrong ones."""
