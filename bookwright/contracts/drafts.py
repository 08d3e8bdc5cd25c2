"""What is known of a document before its chapters are planned: after a quick look, and after it was read."""

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.book import PageTrouble
from bookwright.contracts.documents import SAMPLE_LIMIT, DocumentKind
from bookwright.contracts.ids import AssetId


class DocumentFacts(Payload):
    """What a quick look at a document says, before there is a job."""

    kind: DocumentKind
    pages: int
    title: str | None = None
    author: str | None = None
    language: str | None = None
    """As the document declares it, unchecked."""
    sample: str = Field(default="", max_length=SAMPLE_LIMIT)
    has_text: bool = True
    """False when no page has text: only a vision provider can read the document."""


class DraftPage(Payload):
    """One page of a document as it was taken from it, headings and all."""

    number: int
    text: str
    label: str | None = None
    trouble: PageTrouble | None = None


class DraftHeading(Payload):
    """What may be a heading; `size` is in points, or what stands for it."""

    page: int
    """1-based."""
    text: str
    size: float


class DraftEntry(Payload):
    """An entry of the document's outline; `page` is 1-based."""

    level: int
    title: str
    page: int


class DocumentDraft(Payload):
    """A document that was read, before its chapters are planned: that has to wait for the pages that are read off
    their pictures."""

    title: str | None
    author: str | None = None
    language: str | None = None
    """As the document declares it, unchecked."""
    pages: tuple[DraftPage, ...]
    starts: tuple[tuple[str | None, int], ...]
    """(title, first page) of each chapter, by its own text alone."""
    outline: tuple[DraftEntry, ...] = ()
    headings: tuple[DraftHeading, ...] = ()
    body: float = 0.0
    """The size of most of its text, in points; 0 when it has none."""
    document: AssetId | None = None
    """Its bytes, when it is kept."""

    @property
    def troubled(self) -> tuple[int, ...]:
        """The numbers of the pages that need vision."""
        return tuple(page.number for page in self.pages if page.trouble)
