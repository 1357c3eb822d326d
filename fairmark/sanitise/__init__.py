"""What students wrote and printed, made harmless."""
