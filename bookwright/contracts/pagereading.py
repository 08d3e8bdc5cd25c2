"""Pages that are read off their pictures: what a model answers, and what the picture itself says."""

from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload

USUAL_PX, LARGE_PX = 1_800, 2_600
"""The longest side of a page's picture: what letters of a printed page are read well at, and for another look."""
LAYER_LIMIT = 20_000
"""Code points of a page's own text that its picture comes with."""


class BlockKind(StrEnum):
    """What a part of a page is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    VERSE = "verse"
    TABLE = "table"
    FOOTNOTE = "footnote"
    CAPTION = "caption"
    RUNNING = "running"
    """A running head or foot: no part of the text."""


class Block(Payload):
    """A part of a page, as it is to be read."""

    kind: BlockKind
    text: str
    level: int = Field(default=1, ge=1, le=6)
    """Of a heading: 1 begins a chapter."""


class PageReading(Payload):
    """What a page says, in reading order."""

    language: str = Field(max_length=35)
    """BCP 47, as whoever read it says; `und` of a page without words."""
    number: str | None = Field(default=None, max_length=20)
    """Printed on the page."""
    blocks: tuple[Block, ...]
    note: str | None = None
    """Why it is not quite to be relied on, for people."""


class PagePicture(Payload):
    """A page's picture, and what can be told of it without reading."""

    data: bytes = Field(repr=False)
    """A JPEG in shades of grey."""
    width: int
    height: int
    ink: float = Field(ge=0, le=1)
    """The share of it that is darker than its paper."""
    rows: int = Field(ge=0)
    """How many rows of ink, parted by paper, there are from top to bottom: about as many as lines of text."""
    layer: str = Field(default="", repr=False)
    """The page's own text as it came, garbled or not; up to LAYER_LIMIT code points."""

    @property
    def blank(self) -> bool:
        """Whether there is nothing to be read."""
        return self.ink < 0.000_5
