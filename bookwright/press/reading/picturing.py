"""Pages of a PDF drawn as pictures, in the process that `bookwright.press.reading.child` is."""

import base64
import io
import json
from itertools import groupby
from typing import Any, BinaryIO

import pypdfium2
from PIL import Image

from bookwright.press.reading.rawpage import whole_text

_QUALITY = 82
_MOST_SCALE = 8.0
"""Pixels for a point: a page the size of a stamp is not blown up to a poster."""
_INK = 40
"""How much darker than its paper (of 255) something is that counts as ink."""
_ROW_INK = 2.5
"""The same for a row of pixels as a whole."""
_LEAST_ROW_PX = 0.003
_ONE_BLOCK = 0.5
"""A run of rows higher than this share of the page is a picture or a dark scan, not lines of text."""


def draw(opened: dict[str, Any], requests: BinaryIO, answer: BinaryIO) -> None:
    """Answer each request for a page, a JSON line, with its picture as a JSON line, until there are no more."""
    document = pypdfium2.PdfDocument(opened["path"])
    for line in requests:
        wanted = json.loads(line)
        try:
            found: dict[str, Any] = {"picture": drawn(document, wanted["page"], wanted["px"], opened["layer"])}
        except (pypdfium2.PdfiumError, MemoryError, OSError, ValueError):
            found = {"picture": None}
        answer.write(json.dumps(found).encode() + b"\n")
        answer.flush()


def drawn(document: pypdfium2.PdfDocument, number: int, px: int, layer: int) -> dict[str, Any]:
    """The page with this number (from 1) as a `PagePicture`, its longest side `px` pixels, with up to `layer` code
    points of its own text."""
    page = document[number - 1]
    width, height = page.get_size()
    scale = min(px / max(width, height, 1), _MOST_SCALE)
    # PDFium takes three times as long for shades of grey.
    image = page.render(scale=scale, prefer_bgrx=True).to_pil().convert("L")
    text_page = page.get_textpage()
    text = whole_text(text_page.raw)[:layer]
    text_page.close()
    page.close()
    ink, rows = _seen(image)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    data = base64.b64encode(file.getvalue()).decode()
    return {"data": data, "width": image.width, "height": image.height, "ink": ink, "rows": rows, "layer": text}


def _seen(image: Image.Image) -> tuple[float, int]:
    """How much of it is ink, and in how many rows; 0 rows when that can't be told."""
    counts = image.histogram()
    paper = max(range(128, 256), key=lambda shade: counts[shade])
    dark = max(paper - _INK, 1)
    ink = sum(counts[:dark]) / max(image.width * image.height, 1)
    # Each row of pixels as one: how far it is from the paper.
    column = image.point(lambda shade: 0 if shade >= dark else 255).resize((1, image.height), Image.Resampling.BOX)
    runs = [len(list(group)) for inked, group in groupby(column.tobytes(), lambda shade: shade > _ROW_INK) if inked]
    if any(run > _ONE_BLOCK * image.height for run in runs):
        return ink, 0
    return ink, sum(run >= _LEAST_ROW_PX * image.height for run in runs)
