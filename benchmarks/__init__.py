"""What grading a class costs, beside stock nbgrader and a bare process in the same run."""
