"""Deleted two cells: a check cell, which costs nothing, and the answer to one question.

same as: chen
damage: delete check_predict, delete decision_boundary
zero: decision_boundary
"""
