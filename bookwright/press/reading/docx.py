"""Word documents through mammoth, which keeps what a paragraph is and drops how it looks."""

from pathlib import Path
from typing import Any

import mammoth  # type: ignore[import-untyped]

from bookwright.press.reading.archive import Archive
from bookwright.press.reading.markup import Flow, Form, flow, local, parse
from bookwright.press.reading.records import ReadingRefused

_PROPERTIES = "docProps/core.xml"
_XML_LIMIT = 32 << 20
_STYLES = "p[style-name='Title'] => h1.document-title:fresh\np[style-name='Subtitle'] => p:fresh"


def docx_flow(path: Path, archive: Archive) -> Flow:
    """The document's blocks. Raises ReadingRefused for a damaged or too large one."""
    if archive.unpacked((".xml", ".rels")) > _XML_LIMIT:
        raise ReadingRefused("The document unpacks to more than a book can have: split it.")
    try:
        with path.open("rb") as file:
            made = mammoth.convert_to_html(file, style_map=_STYLES, convert_image=mammoth.images.img_element(_no_data))
    except MemoryError:
        raise
    except Exception:  # mammoth lets whatever its XML parser and zipfile raise through
        raise ReadingRefused("The document is damaged: open it in a word processor and save it anew.") from None
    result = flow(parse(f"<html><body>{made.value}</body></html>".encode(), Form.HTML))
    if _PROPERTIES in archive:
        for item in parse(archive.read(_PROPERTIES)).iter():
            text = " ".join("".join(item.itertext()).split())[:300] or None
            if local(item) == "title":
                result.title = text
            elif local(item) == "creator":
                result.author = text
            elif local(item) == "language":
                result.language = text
    return result


def _no_data(_image: Any) -> dict[str, str]:
    """A picture leaves its alternative text only."""
    return {}
