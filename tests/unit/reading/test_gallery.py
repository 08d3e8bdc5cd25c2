"""Pages drawn as pictures, in a process that they may break."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bookwright.contracts.errors import Permanent
from bookwright.press.reading.gallery import Gallery
from emulators.printed import read_picture
from tests.support.odd_pdfs.odd import document, shown
from tests.support.scans import page, scanned

SAID = page(("heading", "The Lamp"), ("paragraph", "The wick was long and white. " * 12), number="7")
HINDI = page(("paragraph", "नदी के किनारे एक छोटा गाँव था। " * 8), language="hi")


def test_pages_are_drawn_so_that_they_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned([SAID, HINDI, None]))
    gallery = Gallery(path)
    try:
        for number, said, px in ((1, SAID, 1_800), (2, HINDI, 1_800), (1, SAID, 2_600)):
            picture = gallery.picture(number, px)
            assert max(picture.width, picture.height) == px
            assert not picture.blank and picture.rows >= 3 and picture.layer == ""
            with Image.open(io.BytesIO(picture.data)) as image:
                assert (image.format, image.size) == ("JPEG", (picture.width, picture.height))
                assert read_picture(image) == said
        assert gallery.picture(3, 1_800).blank
    finally:
        gallery.close()
    with pytest.raises(Permanent):
        gallery.picture(1, 1_800)


def test_a_page_that_can_not_be_drawn_is_the_only_one_that_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "text.pdf"
    path.write_bytes(document([shown("The ferry crosses the river.")]))
    gallery = Gallery(path)
    try:
        with pytest.raises(Permanent, match="can't be drawn"):
            gallery.picture(2, 1_800)
        found = gallery.picture(1, 1_800)
        assert found.layer.strip() == "The ferry crosses the river." and found.rows == 1
    finally:
        gallery.close()
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing")
    gallery = Gallery(broken)
    with pytest.raises(Permanent, match="can't be drawn"):
        gallery.picture(1, 1_800)
    gallery.close()
