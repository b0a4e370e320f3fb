"""Which units are neighbours, and why: pairs, graph, tiles, reasons."""
