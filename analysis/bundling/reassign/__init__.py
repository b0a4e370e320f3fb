"""A few units of an existing plan are placed anew, by an exact model."""
