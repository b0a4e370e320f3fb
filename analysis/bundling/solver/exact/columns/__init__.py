"""Column generation of anchored areas: pricing, the master, cuts, lists, and the proof they make."""
