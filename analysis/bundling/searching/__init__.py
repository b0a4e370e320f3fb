"""How better plans are found, part by part, within a budget."""
