"""The command line: `pianqu`, one module for each family of commands."""

from app.cli.main import cli, main

__all__ = ["cli", "main"]
