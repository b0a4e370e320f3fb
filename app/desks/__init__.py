"""One folder for each task of a planner."""
