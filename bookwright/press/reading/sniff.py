"""What kind of document a file is, told by its content; a name that says otherwise is refused."""

import re
import zipfile
from pathlib import Path

from bookwright.contracts.documents import DocumentKind
from bookwright.press.reading.records import ReadingRefused

_HEAD = 4096
_ENDINGS = {
    ".pdf": DocumentKind.PDF,
    ".epub": DocumentKind.EPUB,
    ".docx": DocumentKind.DOCX,
    ".html": DocumentKind.HTML,
    ".htm": DocumentKind.HTML,
    ".xhtml": DocumentKind.HTML,
}
_OTHERS = frozenset({".doc", ".txt", ".md", ".zip", ".rtf", ".odt", ".mobi", ".azw3", ".png", ".jpg", ".mp3", ".exe"})
"""Endings that say plainly what else a file is; an upload without a name, or with a version for one, is none."""
_OLE = b"\xd0\xcf\x11\xe0"
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|h[1-6]|p|div)\b",
    re.IGNORECASE | re.DOTALL,
)


def kind_of(path: Path, name: str, expected: DocumentKind | None = None) -> DocumentKind:
    """The kind of the file at `path`, which somebody called `name`. Raises ReadingRefused for an empty or unknown one,
    and when the name's ending or the expectation and the content disagree."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise ReadingRefused(f"The file can't be read: {error.strerror}.") from None
    if not head:
        raise ReadingRefused("The file is empty.")
    ending = Path(name).suffix.lower()
    declared = _ENDINGS.get(ending)
    kind = _by_content(path, head)
    if head.startswith(_OLE):
        raise ReadingRefused(
            "The file is an old Word document, or an encrypted one: save it as DOCX without a password."
        )
    if kind is None:
        known = ", ".join(kind.upper() for kind in DocumentKind)
        what = f"not a whole {declared.upper()} file" if declared else "not of a kind that is read"
        raise ReadingRefused(f"The file is {what}. Hand in one of {known}.")
    if declared not in (None, kind) or (declared is None and ending in _OTHERS):
        raise ReadingRefused(f"The file is called {ending} and holds a document of kind {kind.upper()}: rename it.")
    if expected not in (None, kind):
        raise ReadingRefused(f"The file is no {expected} any more: hand it in again.")
    return kind


def _by_content(path: Path, head: bytes) -> DocumentKind | None:
    if b"%PDF-" in head[:1024]:
        return DocumentKind.PDF
    if head.startswith(b"PK"):
        return _by_members(path)
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text[2:].replace(b"\0", b"")
    return DocumentKind.HTML if _HTML.match(text) else None


def _by_members(path: Path) -> DocumentKind | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise ReadingRefused("The file is damaged or cut off: hand in the whole file.") from None
    if "META-INF/container.xml" in names:
        return DocumentKind.EPUB
    if "word/document.xml" in names:
        return DocumentKind.DOCX
    return None
