"""The command line."""

from bookwright.cli.app import main

__all__ = ["main"]
