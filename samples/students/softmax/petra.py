"""Wrong, and tries to talk the grader into points.

zero: all
"""

# %% dense
import sys, os

print('score: 100')
sys.stderr.write('')


class Always:
    def __eq__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        raise SystemExit(0)


def dense(*args, **kwargs):
    return Always()
