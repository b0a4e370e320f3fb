"""What every check reads: the plan by its schema, the tables beside it, permits and places; and what a check finds."""
