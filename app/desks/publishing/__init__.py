"""Plans as layers that other programs subscribe to."""
