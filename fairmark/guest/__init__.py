"""What runs inside the student's process. Nothing that it says is trusted."""

GRADING = "FAIRMARK_GRADING"
"""The environment variable that tells a student's process that a judge is at work."""
