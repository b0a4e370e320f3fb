"""Values and units of a dataset held against each other and against what is plausible."""
