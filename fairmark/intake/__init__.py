"""What was handed in: finding, reading, identifying and repairing it."""
