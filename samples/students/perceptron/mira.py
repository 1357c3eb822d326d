"""Crashes her interpreter: in one function by a wild pointer, and with a cell that ends it.

same as: bela
loses: pca_project
"""

# %% [extra]
import os

print("Does the kernel restart by itself?")
os._exit(1)

# %% pca_project
import ctypes


def pca_project(X, k):
    return ctypes.string_at(0)
