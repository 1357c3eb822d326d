"""Handed in a text document under the notebook's name.

damage: not a notebook
"""

# %% [file]
# Workshop 3, exercise 1
#
# I did the exercise on paper. The photos are in my mail.
