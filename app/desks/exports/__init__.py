"""Files of a plan are made by a job, and read back."""
