"""Scanned books for tests: pages that are pictures, set by typst and printed so that the emulators can read them."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pypdfium2
import typst
from PIL import Image

from bookwright.press.pdf.fonts import folders
from emulators.printed import LEFT, TOP, WIDTH, block

SIZE = (1_240, 1_754)
"""Pixels of a page: A4 at 150 dots an inch."""
FONTS = '("Libertinus Serif", "Noto Sans", "Noto Sans Devanagari")'
Page = dict[str, Any]


def page(*blocks: tuple[str, str], language: str = "en", number: str = "") -> Page:
    """What a page says: (kind, text) of its blocks."""
    told = [{"kind": kind, "text": text} for kind, text in blocks]
    return {"language": language, "page_number": number, "blocks": told}


def scan(said: Page | None, size: tuple[int, int] = SIZE) -> Image.Image:
    """A page as a scanner sees it: its text, set small, and its block. None is a blank sheet."""
    image = Image.new("L", size, 250)
    if said is None:
        return image
    lines = [text for one in said["blocks"] for text in one["text"].split("\n")]
    body = "\n\n".join(f"#text({json.dumps(line, ensure_ascii=False)})" for line in lines)
    source = f"#set page(width: 210mm, height: 148mm, margin: 15mm)\n#set text(size: 11pt, font: {FONTS})\n{body}"
    png = typst.compile(source.encode(), format="png", ppi=size[0] / 8.27, font_paths=folders())  # type: ignore[call-overload]
    first = png[0] if isinstance(png, list) else png
    with Image.open(io.BytesIO(first)) as text:
        image.paste(text.convert("L").resize((size[0], int(size[0] * 148 / 210))), (0, 0))
    cells = block(said)
    width = round(WIDTH * size[0])
    wide = cells.convert("L").resize((width, round(cells.height * width / cells.width)), Image.Resampling.NEAREST)
    image.paste(wide, (round(LEFT * size[0]), round(TOP * size[1])))
    return image


def scanned(pages: Sequence[Page | None]) -> bytes:
    """A PDF of these pages, each a picture."""
    file = io.BytesIO()
    images = [scan(said) for said in pages]
    images[0].save(file, "PDF", save_all=True, append_images=images[1:], resolution=150)
    return file.getvalue()


def printed_over(data: bytes, said: Page) -> bytes:
    """A PDF whose first page has text of its own, with a block on it that says this: what is seen on the page differs
    from its letters."""
    document = pypdfium2.PdfDocument(data)
    sheet = document[0]
    width, height = sheet.get_size()
    cells = block(said)
    pixels = (SIZE[0], round(SIZE[0] * cells.height / cells.width))
    picture = pypdfium2.PdfImage.new(document)
    wide = cells.convert("RGB").resize(pixels, Image.Resampling.NEAREST)
    picture.set_bitmap(pypdfium2.PdfBitmap.from_pil(wide))
    shown = (WIDTH * width, WIDTH * width * pixels[1] / pixels[0])
    place = pypdfium2.PdfMatrix().scale(*shown)
    picture.set_matrix(place.translate(LEFT * width, (1 - TOP) * height - shown[1]))
    sheet.insert_obj(picture)
    sheet.gen_content()
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def joined(*parts: bytes) -> bytes:
    """One PDF of the pages of several."""
    whole = pypdfium2.PdfDocument.new()
    for part in parts:
        whole.import_pages(pypdfium2.PdfDocument(part))
    file = io.BytesIO()
    whole.save(file)
    return file.getvalue()
