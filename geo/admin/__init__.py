"""Districts, streets and neighbourhoods: their names, their codes, and which unit is in which."""
