"""Mixed-integer models kept by rows and columns: handed to HiGHS, or to SCIP where rows are found on the way."""
