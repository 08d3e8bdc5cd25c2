"""Signed URLs: what `<audio>`, EventSource and downloads open, which can't send a header.

A URL is bound to one key (and so to its owner), to its path and query, and to a time. It may only be read, and works
for no longer than the key does.
"""

import hashlib
import json
import re
import time
from collections.abc import Collection
from hmac import compare_digest, digest
from typing import NamedTuple
from urllib.parse import unquote

from api.access.sharing import in_share
from bookwright.contracts.access import Caller, KeyId

PARAMETER = "signature"
FEED = "feed"
"""The parameter that has a feed's token."""
LIFETIME_S = 3600
"""A URL works for at least so long, and for less than twice as long: within an hour the same one is handed out, so
that what was fetched by it is found in the browser's cache."""
_MARK = f"{PARAMETER}="
_FEED_PATH = re.compile(r"/api/books/([^/]+)/feed(?:\.xml|/[^/]+)")


class Signature(NamedTuple):
    """What a signed URL says of itself, not yet believed."""

    key: KeyId
    until: int
    mac: str
    path: str
    query: str
    """What it would be for: the path decoded, the rest of the query as it was sent."""


def link(caller: Caller, path: str, *, lifetime_s: int = LIFETIME_S) -> str:
    """`path` (with its query, if any) as the caller can open it: signed for somebody who came with a key. A browser
    that is signed in needs no more than its cookie, a podcast player has its feed's token, and who came by a share has
    a cookie for the paths of that share."""
    if caller.share:
        return in_share(path, caller.share)
    if caller.feed:
        return in_feed(path, caller.feed)
    return path if caller.session else signed(caller, path, lifetime_s=lifetime_s)


def signed(caller: Caller, path: str, *, lifetime_s: int = LIFETIME_S) -> str:
    """`path` with a signature of the caller's key."""
    until = (int(time.time()) // lifetime_s + 2) * lifetime_s
    bare, marked, query = path.partition("?")
    mac = _mac(caller, until, unquote(bare), query)
    return f"{path}{'&' if marked else '?'}{_MARK}{caller.key_id}.{until}.{mac}"


def in_feed(path: str, token: str) -> str:
    """`path`, one of a feed, with the feed's token."""
    return f"{path}?{FEED}={token}"


def in_no_feed(path: str, names: Collection[str]) -> bool:
    """Whether a path (decoded) is none of those that the feed of the book with these names in paths opens."""
    found = _FEED_PATH.fullmatch(path)
    return found is None or found[1] not in names


def signature(path: str, query: str) -> Signature | None:
    """The signature in a request's query, whose last part it is; the path is decoded, the query is not. None when there
    is none that could be right."""
    rest, found, value = query.rpartition(_MARK)
    parts = value.split(".")
    if not found or (rest and not rest.endswith("&")) or len(parts) != 3:
        return None
    key, until, mac = parts
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        return None
    return Signature(KeyId(key), int(until), mac, path, rest.removesuffix("&"))


def opens(caller: Caller, found: Signature) -> bool:
    """Whether the caller's key made this signature, and its time has not passed."""
    right = compare_digest(_mac(caller, found.until, found.path, found.query).encode(), found.mac.encode())
    return right and found.until > time.time()


def _mac(caller: Caller, until: int, path: str, query: str) -> str:
    message = json.dumps([caller.owner, until, path, query]).encode()
    return digest(caller.signing, message, hashlib.sha256).hex()
