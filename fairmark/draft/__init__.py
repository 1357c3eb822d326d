"""Proposing graders where there are none: from the instructor's solutions and calls."""
