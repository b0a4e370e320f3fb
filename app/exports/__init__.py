"""Files a plan leaves the house in, each written whole or not at all."""
