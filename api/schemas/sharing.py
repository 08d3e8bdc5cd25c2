"""Shares of books, and where readers are."""

from datetime import datetime

from pydantic import AwareDatetime, ConfigDict, Field

from bookwright.contracts.access import ShareFacts
from bookwright.contracts.base import Payload


class ShareOrder(Payload):
    """A share to open."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"expires_in": 604800, "note": "Grandma", "downloads": False}]}
    )
    expires_in: int = Field(default=30 * 86_400, ge=300, le=366 * 86_400)
    """For so many seconds the link opens the book, unless it is revoked or its key ends before."""
    note: str = Field(default="", max_length=200)
    """Whom it is for; nobody but the owner sees it."""
    downloads: bool = False
    """Whether the book's files can be downloaded by it, too."""


class MadeShare(ShareFacts):
    """A share that was just made."""

    url: str
    """What is handed on. Whoever has it can read and hear the book; it is shown here and never again."""


class ShareList(Payload):
    """The shares that open a book, newest first."""

    shares: tuple[ShareFacts, ...]


class PlaceOrder(Payload):
    """Where somebody is in a book."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"page": 3, "ms": 4200, "at": "2026-03-01T20:15:00Z"}]})
    page: int = Field(ge=1, le=9_999_999)
    """One behind the book's end counts as its last."""
    ms: int = Field(default=0, ge=0, le=86_400_000)
    """In the page's sound."""
    at: AwareDatetime
    """When they were there; a time to come counts as now."""


class PlaceAnswer(Payload):
    """Where somebody is in a book; without a page when nobody has said so yet."""

    page: int | None = None
    ms: int = 0
    at: datetime | None = None
