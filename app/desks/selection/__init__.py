"""Units are selected and looked at."""
