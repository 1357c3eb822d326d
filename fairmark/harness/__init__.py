"""Running grader modules: the same code in the judge and on a student's machine."""
