"""Handed in as it was handed out.

zero: all
"""
