"""The port of what was written of stories, and of the pictures that orders name."""

from enum import StrEnum
from typing import Protocol

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import AssetId, BookId, OwnerId


class Part(StrEnum):
    """What is kept of a story, each as an asset. Chapters are kept one by one, as `chapter/3`."""

    CONFIG = "config"
    """The `Brief` or `Notes` that it was ordered as."""
    IMAGE = "image"
    """The picture of the hero, as it was fetched."""
    CAST = "cast"
    """A `Cast`."""
    SHEET = "sheet"
    """The `CharacterSheet`."""
    OUTLINE = "outline"
    """An `Outline`."""
    MANUSCRIPT = "manuscript"
    """The whole story as Markdown."""
    IDEAS = "ideas"
    """Its `Ideas`."""
    SEARCH = "search"
    """Its `SearchScenes`."""
    DRAFT = "draft"
    """The `DocumentDraft` of a PDF some pages of which have no good text."""


class Writing(Payload):
    """A part of a book's story."""

    part: str = Field(min_length=1, max_length=64)
    asset: AssetId
    made_by: str | None = None
    """Provider and model; None of what nobody has written."""


class Writings(Protocol):
    """What has been written of stories."""

    async def keep(self, owner: OwnerId, book: BookId, writing: Writing) -> None:
        """Keep a part of the book's story in place of the one before it. Safe to repeat."""
        ...

    async def parts(self, owner: OwnerId, book: BookId) -> dict[str, Writing]:
        """What there is of the book's story, by the part."""
        ...


class PictureFetcher(Protocol):
    """Fetches pictures from addresses that orders name."""

    async def fetch(self, url: str) -> tuple[bytes, str]:
        """The bytes and the media type of a picture on the open internet. Raises UnsafeAddress before anything is
        opened, BadInput for what is no picture or too large, Transient when the server does not answer well."""
        ...
