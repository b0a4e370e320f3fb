"""A problem is solved: decomposed, searched, bounded, and certified."""
