"""Plans changed by hand: read, measured, and the few units around a change placed exactly."""
