"""What grader modules run in; safe on a student's machine, and the same there as in the judge."""
