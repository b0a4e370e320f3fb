"""Each rule of a plan checked from the tables alone."""
