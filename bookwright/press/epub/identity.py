"""Who a book is: its identifier, its language, its date and its cover, as a package document wants them."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from bookwright.contracts.errors import BadInput, UnknownLanguage
from bookwright.press.epub.contents import File
from bookwright.text.language import normalise_language


def utc(time: datetime) -> datetime:
    """The time in UTC; one without a zone is taken to be."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def uuid_of(book_id: str) -> UUID:
    """The book's id, or one that follows from it where somebody named a book by hand."""
    try:
        return UUID(book_id)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"bookwright:{book_id}")


def language_of(tag: str) -> str:
    """The BCP 47 tag in its usual form. Raises BadInput for what is none."""
    try:
        return normalise_language(tag)
    except UnknownLanguage as error:
        raise BadInput(str(error), field="language") from None


def cover_file(data: bytes) -> File:
    """The file that a cover becomes. Raises BadInput for what is neither PNG nor JPEG."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return File("cover-image", "images/cover.png", "image/png")
    if data.startswith(b"\xff\xd8\xff"):
        return File("cover-image", "images/cover.jpg", "image/jpeg")
    raise BadInput("The cover is neither PNG nor JPEG.", field="cover")
