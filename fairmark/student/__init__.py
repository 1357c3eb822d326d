"""What runs inside the student's process. Nothing that it says is trusted."""
