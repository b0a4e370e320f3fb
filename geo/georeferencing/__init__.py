"""Where the rows of a file are: datum, coordinates, and points that cannot be right."""
