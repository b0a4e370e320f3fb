"""Units become contiguous service areas: the problem, the search, and the independent check."""
