"""All right, but a solution cell and a check cell were copied, with their ids.

same as: bela
damage: duplicate perceptron_update, duplicate check_predict
"""
