"""The command line."""

from bookwright.cli import jobs, making, running
from bookwright.cli.app import app

__all__ = ["main"]


def main() -> None:
    """Entry point."""
    for module in (making, jobs, running):
        module.register(app)
    app()
