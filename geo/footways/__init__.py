"""Roads as a network one can walk on, and the ways units take on it (R22, R26)."""
