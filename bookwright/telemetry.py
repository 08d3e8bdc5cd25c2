"""Logs. One line an event, to standard error; never a text of a book or a key."""

import logging
import sys


def configure_logging(level: str) -> None:
    """Log at `level` and above."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)-7s %(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        force=True,
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole URLs
