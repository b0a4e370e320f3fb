"""The plan as a document, and read back."""
