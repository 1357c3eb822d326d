"""What is kept of each graded submission: gradebook, autograded notebook, notes."""
