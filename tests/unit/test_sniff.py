"""Pictures are told by their content, and cut ones are found out. Audio: see `press/test_wav.py`."""

import io

import pytest
from PIL import Image

from bookwright import sniff

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


def encoded(form: str) -> bytes:
    target = io.BytesIO()
    Image.effect_noise((90, 60), 80).convert("RGB").save(target, form)
    return target.getvalue()


@pytest.mark.parametrize(("form", "media_type"), FORMATS.items())
def test_a_picture_is_told_by_its_content(form: str, media_type: str) -> None:
    picture = encoded(form)
    assert sniff.picture(picture) == media_type
    assert not sniff.picture_is_cut(picture, media_type)
    assert not sniff.picture_is_cut(picture + b"\n", media_type)
    for keep in (0.2, 0.5, 0.9):
        assert sniff.picture_is_cut(picture[: int(len(picture) * keep)], media_type)


def test_what_is_no_picture_is_none() -> None:
    for data in (b"", b"<svg/>", b"\x89PNG", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7", encoded("BMP")):
        assert sniff.picture(data) is None
