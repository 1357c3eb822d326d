"""Exercises whose tests are made from one call in the instructor's check cell."""
