"""Right, in a notebook that editors have damaged.

same as: ada
damage: duplicate toy_gradients, delete check_toy_step, move to the end toy_forward
"""
