"""Decision diagrams: plans unit by unit, what is alike so far together."""
