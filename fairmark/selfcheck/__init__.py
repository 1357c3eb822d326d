"""The student's check cell: its runner, and what of the graders is cut out for students."""
