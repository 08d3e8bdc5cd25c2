"""Keys and tokens: random, handed out once, and kept as hashes.

They hold 256 random bits, so one round of SHA-256 is enough: there is nothing to guess that a slow hash would protect.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from bookwright.contracts.access import FeedId, KeyId, ShareId

Id = TypeVar("Id", bound=str)


class Made(NamedTuple, Generic[Id]):
    """A new secret: its public id, the secret itself, and what is kept of it."""

    id: Id
    secret: str
    digest: str


class Kind(Generic[Id]):
    """Secrets that look alike: a prefix, their public id, a mark, and 256 random bits."""

    def __init__(self, prefix: str, mark: str, named: Callable[[str], Id]) -> None:
        """`named` makes an id's type of its 16 hexadecimal digits."""
        self.prefix = prefix
        self._mark = mark
        self._named = named
        self._form = re.compile(rf"{re.escape(prefix)}([0-9a-f]{{16}}){re.escape(mark)}[A-Za-z0-9_-]{{43}}")

    def make(self) -> Made[Id]:
        """A fresh one."""
        public = secrets.token_hex(8)
        secret = f"{self.prefix}{public}{self._mark}{secrets.token_urlsafe(32)}"
        return Made(self._named(public), secret, digest(secret))

    def id_in(self, secret: str) -> Id | None:
        """Its public id; None for what can't be one."""
        found = self._form.fullmatch(secret)
        return self._named(found[1]) if found else None

    def is_in(self, text: str) -> bool:
        """Whether one stands somewhere in the text."""
        return self.prefix in text and self._form.search(text) is not None


KEYS = Kind("bw_", "_", KeyId)
"""Scanners and people know one by what it begins with."""
FEEDS = Kind("", ".", FeedId)
SHARES = Kind("", ".", ShareId)


def make_token() -> str:
    """A fresh token for a session or a sign-in link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a key or token."""
    return hashlib.sha256(secret.encode()).hexdigest()
