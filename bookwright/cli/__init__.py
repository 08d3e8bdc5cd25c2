"""The command line."""

from bookwright.cli import (
    api,
    batches,
    books,
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
    users,
)
from bookwright.cli.app import app

__all__ = ["app", "main"]

_MODULES = (
    making,
    stories,
    ingesting,
    searching,
    batches,
    jobs,
    books,
    keys,
    users,
    money,
    hooks,
    speaking,
    running,
    emulate,
    api,
)
for _module in _MODULES:
    _module.register(app)


def main() -> None:
    """Entry point."""
    app()
