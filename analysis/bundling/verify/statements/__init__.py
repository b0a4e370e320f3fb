"""What a plan states of itself: figures and reasons; recomputed, or said not to be checked."""
