"""What a plan states of itself: figures, reasons, bounds; recomputed, or said not to be checked."""
