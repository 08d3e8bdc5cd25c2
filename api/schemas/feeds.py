"""Podcast feeds."""

from pydantic import ConfigDict, Field

from bookwright.contracts.access import FeedFacts
from bookwright.contracts.base import Payload


class FeedOrder(Payload):
    """A feed to open."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"expires_in_days": 90}]})
    expires_in_days: int = Field(default=365, ge=1, le=3650)
    """For so long the feed opens the book, unless it is revoked or its key ends before."""


class MadeFeed(FeedFacts):
    """A feed that was just made."""

    url: str
    """What a podcast player subscribes to. Whoever has it can hear the book; it is shown here and never again."""


class FeedList(Payload):
    """The feeds that open a book, newest first."""

    feeds: tuple[FeedFacts, ...]
