"""Bytes to text: UTF-8, or UTF-16 with a byte order mark, and nothing else."""

import codecs
import re
import unicodedata

from bookwright.contracts.errors import EmptySource, UnreadableSource

_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (EPUB and Word files are ones)"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"RIFF", "a WAV or WebP file"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"fLaC", "a FLAC recording"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
)
_NEWLINES = re.compile("\r\n|[\r\v\x85\u2028]")
_UNSPOKEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_OUTER = " \t\n\u00a0\u200b\u3000"
_CONTROL_SHARE = 0.01
_AS_TEXT = "Only text is read for now: hand it in as plain text or Markdown, saved as UTF-8."


def decode(data: bytes) -> str:
    """The text in `data`, as `tidy` leaves it. Raises UnreadableSource when it is binary or wrongly encoded (with the
    byte offset), EmptySource when nothing but white space is in it. The messages never show the input."""
    text = tidy(_decoded(data))
    if not text.strip():
        raise EmptySource("There is no text in the source: it is empty or white space.")
    return text


def tidy(text: str) -> str:
    """`text` in NFC with `\\n` line ends, without control characters, soft hyphens, byte order marks and outer white
    space. Form feeds stay, at the ends too: they are page marks."""
    text = _NEWLINES.sub("\n", text).replace("\u2029", "\n\n")
    return unicodedata.normalize("NFC", _UNSPOKEN.sub("", text)).strip(_OUTER)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise UnreadableSource("The source is UTF-32. Save it as UTF-8.")
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return _strictly(data, len(mark), encoding, "UTF-16, as its byte order mark says")
    skip = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    _refuse_known_formats(data[skip : skip + 16])
    return _strictly(data, skip, "utf-8", "UTF-8")


def _strictly(data: bytes, skip: int, encoding: str, said: str) -> str:
    if encoding == "utf-8" and b"\0" in data:
        offset = data.index(b"\0")
        raise UnreadableSource(
            f"The source is binary, or UTF-16 without a byte order mark: byte {offset} is zero. {_AS_TEXT}"
        )
    try:
        text = data[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        offset = skip + error.start
        # `from None`: the original carries the whole input.
        raise UnreadableSource(
            f"The source is not {said}: the bytes at offset {offset} don't fit. Save it as UTF-8."
        ) from None
    controls = sum(1 for _ in _CONTROL.finditer(text))
    if "\0" in text or controls > max(4, len(text) * _CONTROL_SHARE):
        raise UnreadableSource(f"The source is binary: it is full of control characters. {_AS_TEXT}")
    return text


def _refuse_known_formats(head: bytes) -> None:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            raise UnreadableSource(f"The source is {name}, not text. {_AS_TEXT}")
    if head[4:8] == b"ftyp":
        raise UnreadableSource(f"The source is an MP4 recording, not text. {_AS_TEXT}")
