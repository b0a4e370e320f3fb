"""What the server tells browsers to refuse."""
