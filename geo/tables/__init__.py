"""Tables of a bureau: which column is which field, and the cells of each row."""
