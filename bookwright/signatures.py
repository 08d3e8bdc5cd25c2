"""Signatures of webhooks as Standard Webhooks has them: of those that come in, and of those that are sent."""

import base64
import binascii
import secrets
from hmac import digest

MARK = "whsec_"
"""What every secret begins with."""
_SECRET_BYTES = 32


def make_secret() -> str:
    """A fresh secret, such as `whsec_…`."""
    return MARK + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def key_in(secret: str) -> bytes | None:
    """The key in a secret; None for what is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(MARK), validate=True) if secret.startswith(MARK) else b""
    except (binascii.Error, ValueError):
        key = b""
    return key or None


def signature(key: bytes, name: str, at: str, body: bytes) -> str:
    """The signature (`v1,…`) of a message with this id, at this time (Unix seconds), with exactly this body."""
    signed = digest(key, f"{name}.{at}.".encode("latin-1", "replace") + body, "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"
