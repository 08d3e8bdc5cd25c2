"""A book's pronunciation lexicon."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, model_validator

from bookwright.contracts.base import Payload
from bookwright.contracts.lexicon import Entries, LexiconEntry, check_words

_EXAMPLE: dict[str, Any] = {"word": "Nguyen", "respelling": "nwin", "ipa": "ŋʷiən", "match_case": False}


class LexiconOrder(Payload):
    """The entries that a book is to have, in place of those it has."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"entries": [_EXAMPLE]}]})
    entries: Entries

    @model_validator(mode="after")
    def _has_each_word_once(self) -> "LexiconOrder":
        check_words(self.entries)
        return self


class LexiconAnswer(Payload):
    """How words of a book are said."""

    entries: tuple[LexiconEntry, ...]
    changed_at: datetime | None
    """Null before there was an entry."""
    pages_to_speak: tuple[int, ...]
    """The narrated pages that say words otherwise, as `?apply=true` would have them spoken anew."""
    jobId: str | None
    """The job that speaks them, when one was ordered."""
