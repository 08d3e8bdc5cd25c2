"""What requests for generated answers have in common."""

from typing import Any

from bookwright import sniff
from bookwright.contracts.errors import Unspeakable

PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp")
PICTURE_TOKENS = 2_240
"""The most that a picture counts when it is looked at; Gemini 3 counts 1,120 at the resolution that is asked for."""
OVERHEAD_TOKENS = 256
"""The most that a request's own structure counts."""
SAFETY: list[Any] = [
    {"category": f"HARM_CATEGORY_{harm}", "threshold": "BLOCK_MEDIUM_AND_ABOVE"}
    for harm in ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
]
"""Gemini's newer models block nothing of these unless they are told to."""


def one_request() -> Any:
    """What a config says so that the SDK makes one request and no other: it would go on with a long answer by itself,
    and call functions."""
    return {"automatic_continuation": False, "automatic_function_calling": {"disable": True}}


def picture_part(picture: bytes) -> dict[str, Any]:
    """A picture as a part of a request. Raises Unspeakable for one that Gemini does not take, or that is cut."""
    media_type = sniff.picture(picture)
    if media_type not in PICTURE_TYPES or sniff.picture_is_cut(picture, media_type):
        raise Unspeakable("a picture to look at is none that Gemini takes (PNG, JPEG, WebP), or it is cut")
    return {"inline_data": {"mime_type": media_type, "data": picture}}
