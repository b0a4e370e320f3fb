"""What the program notes of what it does."""
