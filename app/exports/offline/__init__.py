"""A plan as one HTML file that opens from a memory stick with the network off."""
