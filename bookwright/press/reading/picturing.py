"""The process that draws pages of a PDF as pictures: `python -m bookwright.press.reading.picturing`.

It takes requests as JSON lines on standard input, the first one naming the document, and answers each page's picture
as a JSON line, until its input ends. What a document does to it ends this process only.
"""

import base64
import gc
import io
import json
import os
from itertools import groupby
from typing import Any

import pypdfium2
from PIL import Image

from bookwright.press.reading.bounds import answer_only, end_with_parent, limit
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


def main() -> None:
    """Answer requests until there are no more."""
    if not end_with_parent():
        return
    requests = os.fdopen(os.dup(0), "rb")
    opened = json.loads(requests.readline())
    gc.disable()
    answer = answer_only()
    limit(opened["memory_bytes"], opened["cpu_seconds"])
    document = pypdfium2.PdfDocument(opened["path"])
    for line in requests:
        wanted = json.loads(line)
        try:
            found: dict[str, Any] = {"picture": drawn(document, wanted["page"], wanted["px"], opened["layer"])}
        except (pypdfium2.PdfiumError, MemoryError, OSError, ValueError):
            found = {"picture": None}
        answer.write(json.dumps(found).encode() + b"\n")
        answer.flush()
    os._exit(0)


def drawn(document: pypdfium2.PdfDocument, number: int, px: int, layer: int) -> dict[str, Any]:
    """The page with this number (from 1) as a `PagePicture`, its longest side `px` pixels, with up to `layer` code
    points of its own text."""
    page = document[number - 1]
    width, height = page.get_size()
    scale = min(px / max(width, height, 1), _MOST_SCALE)
    image = page.render(scale=scale, grayscale=True).to_pil().convert("L")
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


if __name__ == "__main__":
    main()
