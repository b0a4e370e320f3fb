"""A workbench is backed up and restored."""
