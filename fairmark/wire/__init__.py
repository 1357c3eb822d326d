"""What travels between the student's process and the judge: plain data in bounded frames."""
