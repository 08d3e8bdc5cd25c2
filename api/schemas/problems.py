"""Errors as bodies (RFC 9457)."""

from typing import Literal

from bookwright.contracts.base import Payload


class FieldError(Payload):
    """What is wrong with one part of the request."""

    field: str
    """Its name; parts of parts are joined by dots, such as `config.numberOfPages`."""
    message: str
    """What is wrong and what to do."""


class Problem(Payload):
    """An error. It never repeats what was sent."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    error: Literal["ValidationError"] | None = None
    """What the soundscapes of an existing book call a request that is not valid."""
