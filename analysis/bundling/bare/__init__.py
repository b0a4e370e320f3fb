"""The bare solver on benchmark instances."""
