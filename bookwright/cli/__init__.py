"""The command line."""

from bookwright.cli import api, batches, emulate, jobs, keys, making, money, running, stories
from bookwright.cli.app import app

__all__ = ["main"]

for _module in (making, stories, batches, jobs, keys, money, running, emulate, api):
    _module.register(app)


def main() -> None:
    """Entry point."""
    app()
