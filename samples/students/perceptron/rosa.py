"""All right, but cells were moved, and she gave herself points and unlocked the check cells.

same as: dora
damage: move to the end add_bias, raise points check_predict, unlock check_activations
"""
