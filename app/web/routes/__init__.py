"""The addresses next to Dash's own."""
