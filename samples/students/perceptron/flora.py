"""Empty: the release as it was handed out.

zero: all
"""
