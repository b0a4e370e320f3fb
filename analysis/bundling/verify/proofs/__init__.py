"""What no plan can better, proven from the tables again; the bounds that a plan claims beside it."""
