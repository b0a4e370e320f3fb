"""What every check reads: the plan by its schema, the tables next to it, permits and places; and what a check finds."""
