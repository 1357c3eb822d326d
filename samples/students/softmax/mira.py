"""Right, in a notebook that editors have damaged.

same as: ada
damage: duplicate count_network, delete check_two_layer_forward, move to the end dense
"""
