"""Signed URLs: what `<audio>`, EventSource and downloads open, which can't send a header.

A URL is bound to one key (and so to its owner), to its path and query, and to a time. It may only be read, and works
for no longer than the key does.
"""

import hashlib
import time
from hmac import compare_digest, digest
from typing import NamedTuple
from urllib.parse import unquote

from bookwright.contracts.access import Caller, KeyId

PARAMETER = "signature"
LIFETIME_S = 3600
"""A URL works for at least so long, and for less than twice as long: within an hour the same one is handed out, so
that what was fetched by it is found in the browser's cache."""
_MARK = f"{PARAMETER}="


class Signature(NamedTuple):
    """What a signed URL says of itself, not yet believed."""

    key: KeyId
    until: int
    mac: str
    signed: str
    """The path and query that it is for."""


def link(caller: Caller, path: str, *, lifetime_s: int = LIFETIME_S) -> str:
    """`path` (with its query, if any) as the caller can open it: signed for somebody who came with a key. A browser
    that is signed in needs no more than its cookie."""
    return path if caller.session else signed(caller, path, lifetime_s=lifetime_s)


def signed(caller: Caller, path: str, *, lifetime_s: int = LIFETIME_S) -> str:
    """`path` with a signature of the caller's key."""
    until = (int(time.time()) // lifetime_s + 2) * lifetime_s
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}{_MARK}{caller.key_id}.{until}.{_mac(caller, until, path)}"


def signature(path: str, query: str) -> Signature | None:
    """The signature in a request's encoded query; it is its last part. None when there is none that could be right."""
    rest, found, value = query.rpartition(_MARK)
    parts = value.split(".")
    if not found or (rest and not rest.endswith("&")) or len(parts) != 3:
        return None
    key, until, mac = parts
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        return None
    rest = rest.removesuffix("&")
    return Signature(KeyId(key), int(until), mac, f"{path}?{rest}" if rest else path)


def opens(caller: Caller, found: Signature) -> bool:
    """Whether the caller's key made this signature, and its time has not passed."""
    right = compare_digest(_mac(caller, found.until, found.signed).encode(), found.mac.encode())
    return right and found.until > time.time()


def _mac(caller: Caller, until: int, path: str) -> str:
    bare, _, query = path.partition("?")
    message = f"{caller.owner}\n{until}\n{unquote(bare)}\n{query}".encode()
    return digest(caller.signing, message, hashlib.sha256).hex()
