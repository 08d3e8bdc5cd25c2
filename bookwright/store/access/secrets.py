"""Keys and tokens: random, handed out once, and kept as hashes.

They hold 256 random bits, so one round of SHA-256 is enough: there is nothing to guess that a slow hash would protect.
"""

import hashlib
import re
import secrets
from typing import NamedTuple

from bookwright.contracts.access import FeedId, KeyId

PREFIX = "bw_"
"""What every key begins with, so that scanners and people know one when they see it."""
_KEY = re.compile(r"bw_([0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_FEED = re.compile(r"([0-9a-f]{16})\.[A-Za-z0-9_-]{43}")


class MadeKey(NamedTuple):
    """A new key: its public id, the key itself, and what is kept of it."""

    id: KeyId
    key: str
    digest: str


def make_key() -> MadeKey:
    """A fresh key, such as `bw_<id>_<secret>`."""
    key_id = secrets.token_hex(8)
    key = f"{PREFIX}{key_id}_{secrets.token_urlsafe(32)}"
    return MadeKey(KeyId(key_id), key, digest(key))


def key_id(key: str) -> KeyId | None:
    """The public id in a key; None for what can't be a key."""
    found = _KEY.fullmatch(key)
    return KeyId(found[1]) if found else None


def has_key(text: str) -> bool:
    """Whether a key stands somewhere in the text."""
    return PREFIX in text and _KEY.search(text) is not None


class MadeFeed(NamedTuple):
    """A new feed token: its public id, the token itself, and what is kept of it."""

    id: FeedId
    token: str
    digest: str


def make_feed() -> MadeFeed:
    """A fresh feed token, such as `<id>.<secret>`."""
    feed = secrets.token_hex(8)
    token = f"{feed}.{secrets.token_urlsafe(32)}"
    return MadeFeed(FeedId(feed), token, digest(token))


def feed_id(token: str) -> FeedId | None:
    """The public id in a feed token; None for what can't be one."""
    found = _FEED.fullmatch(token)
    return FeedId(found[1]) if found else None


def make_token() -> str:
    """A fresh token for a session or a sign-in link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a key or token."""
    return hashlib.sha256(secret.encode()).hexdigest()
