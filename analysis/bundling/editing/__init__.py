"""Plans changed by hand: applied, measured, compared."""
