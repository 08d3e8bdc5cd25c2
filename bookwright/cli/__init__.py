"""The command line."""

from bookwright.cli import (
    api,
    batches,
    emulate,
    hooks,
    ingesting,
    jobs,
    keys,
    making,
    money,
    running,
    searching,
    speaking,
    stories,
)
from bookwright.cli.app import app

__all__ = ["main"]

for _module in (making, stories, ingesting, searching, batches, jobs, keys, money, hooks, speaking, running, emulate, api):
    _module.register(app)


def main() -> None:
    """Entry point."""
    app()
