"""Outputs of the whole tool, recorded: a change of structure must not change one byte of them."""
