"""The addresses beside Dash's own."""
