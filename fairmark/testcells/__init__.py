"""Proving test cells as they stand: right answers get their points, and wrong ones do not."""
