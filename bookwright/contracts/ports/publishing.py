"""The port of a service that delivers files to readers: what it holds are copies, the store keeps the originals."""

from pathlib import Path
from typing import Protocol


class Publisher(Protocol):
    """Holds files under their public keys. Repeating either call leaves the same as making it once."""

    async def publish(self, name: str, path: Path) -> str:
        """Put a file under its public key, in place of the one before it. Answers the version, part of its address.
        Raises MustWait, Permanent for a file that is not taken, or Transient."""
        ...

    async def withdraw(self, name: str) -> None:
        """Remove what is under a public key, if anything is. Raises MustWait, Permanent or Transient."""
        ...


class Delivery(Protocol):
    """Knows the addresses that readers get."""

    def address(self, name: str, version: str) -> str:
        """Where the file is delivered from; only who knows the account's secret can make this up."""
        ...
