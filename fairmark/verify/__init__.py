"""The gate for graders: proof that a grader accepts what is right and notices what is wrong."""
