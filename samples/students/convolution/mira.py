"""Right, in a notebook that editors have damaged.

same as: ada
damage: duplicate activation_map_size, delete check_same_padding, move to the end connection_weights
"""
