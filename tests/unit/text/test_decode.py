"""Bytes to text, and what is refused."""

import codecs
import unicodedata

import pytest

from bookwright.contracts.errors import EmptySource, UnreadableSource
from bookwright.text.decode import decode, tidy

SECRET = "the butler did it"


def test_utf8_with_and_without_a_byte_order_mark() -> None:
    assert decode("नमस्ते".encode()) == "नमस्ते"
    assert decode(codecs.BOM_UTF8 + b"Hello") == "Hello"


@pytest.mark.parametrize("mark, encoding", [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_utf16_with_a_byte_order_mark(mark: bytes, encoding: str) -> None:
    assert decode(mark + "Größe 🐘".encode(encoding)) == "Größe 🐘"


def test_line_ends_composition_and_outer_space_are_made_uniform() -> None:
    decomposed = unicodedata.normalize("NFD", "é")
    assert decode(f"\r\n a\r\nb\rc\u2028d\u2029{decomposed} \n".encode()) == "a\nb\nc\nd\n\né"


def test_form_feeds_stay_at_the_ends_because_they_are_page_marks() -> None:
    assert decode(b"\fone\ftwo\f\n") == "\fone\ftwo\f"


def test_stray_control_characters_and_soft_hyphens_go() -> None:
    assert decode("Schiff\u00adfahrt\x07 ahoi".encode()) == "Schifffahrt ahoi"
    assert tidy("a\ud800b") == "ab"


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", codecs.BOM_UTF8, "\u3000\u00a0\f".encode()])
def test_nothing_but_white_space_is_empty(data: bytes) -> None:
    with pytest.raises(EmptySource):
        decode(data)


@pytest.mark.parametrize(
    "head, name",
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04\x14\0", "EPUB"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"{\\rtf1", "RTF"),
        (b"\0\0\0\x20ftypM4B ", "MP4"),
    ],
)
def test_known_formats_are_named_with_the_remedy(head: bytes, name: str) -> None:
    with pytest.raises(UnreadableSource, match=rf"{name}.*UTF-8"):
        decode(head + SECRET.encode() * 9)


def test_a_wrong_encoding_is_placed_by_its_byte_offset_and_never_shown() -> None:
    with pytest.raises(UnreadableSource, match=r"offset 20\b.*UTF-8") as caught:
        decode(codecs.BOM_UTF8 + SECRET.encode() + "é".encode("latin-1") + b" again")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert caught.value.field == "source"


def test_binary_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="byte 3 is zero"):
        decode(b"abc\0def")
    with pytest.raises(UnreadableSource, match="control characters"):
        decode(b"\x01\x02\x03\x04\x05\x06" * 20)
    with pytest.raises(UnreadableSource, match="UTF-32"):
        decode("hello".encode("utf-32"))
    with pytest.raises(UnreadableSource, match="UTF-16"):
        decode(codecs.BOM_UTF16_LE + b"\x00\xd8\x00")
