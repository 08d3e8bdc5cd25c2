"""Whether a webhook is from whom it says: signatures as Standard Webhooks and Replicate make them."""

import time
from collections.abc import Mapping
from hmac import compare_digest

from bookwright.contracts.errors import Misconfigured
from bookwright.signatures import key_in, signature

TOLERANCE_S = 300
"""How far a webhook's time may be from ours. Within it a webhook may be repeated by anybody, which has no effect."""


def signing_key(secret: str) -> bytes:
    """The key in a secret such as `whsec_…`. Raises Misconfigured."""
    key = key_in(secret)
    if key is None:
        raise Misconfigured("a webhook secret is whsec_ and base64: `GET /v1/webhooks/default/secret` says Replicate's")
    return key


def is_signed(key: bytes, headers: Mapping[str, str], body: bytes, now: float | None = None) -> bool:
    """Whether these headers sign exactly this body, as it came, at about this time."""
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or not (at.isascii() and at.isdigit() and len(at) <= 12):
        return False
    if abs(int(at) - (time.time() if now is None else now)) > TOLERANCE_S:
        return False
    right = signature(key, name, at, body).encode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(compare_digest(right, mark.encode("latin-1", "replace")) for mark in given)
