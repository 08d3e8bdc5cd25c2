"""One page's sound as a file of its own, for listening to a page before it is bound."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bookwright.contracts.book import Segment
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import AssetId
from bookwright.press.encoding import BIT_RATE, encoding_rate
from bookwright.press.mastering import CEILING_DBTP, makeup_db, mastered
from bookwright.press.pages import encode_page
from bookwright.press.render import page_of
from bookwright.press.wav import Signal

MEDIA_TYPE = "audio/wav"
LONGEST_BYTES = 1 << 31
"""Larger files are not read alike everywhere: 13 hours at 22.05 kHz."""
_HEADER = 44
_MP3_MORE_MS = 500
"""The Info frame, the encoder's delay, and the rest of the last frame."""
_BLOCK = 1 << 20


class WavSound:
    """Renders pages: 16-bit mono at the segment's own rate, levelled and limited like a bound file. Pure and without
    state: the segment decides every byte. A minute of sound takes about a tenth of a second of CPU."""

    media_type = MEDIA_TYPE

    def size(self, segment: Segment) -> int:
        """The length of the file in bytes. Raises BadInput for a page over LONGEST_BYTES."""
        size = _HEADER + 2 * page_of(segment).samples(segment.sample_rate)
        if size > LONGEST_BYTES:
            raise BadInput("the page is too long to be heard in one piece: it has to be divided", field="page")
        return size

    def render(self, segment: Segment, clip_path: Callable[[AssetId], Path]) -> Iterator[bytes]:
        """The file, exactly `size(segment)` bytes, in blocks of bounded length. Raises AssetMissing or AssetCorrupt
        for a clip that is not what the segment says."""
        page, rate = page_of(segment), segment.sample_rate
        yield _header(self.size(segment) - _HEADER, rate)
        makeup = makeup_db([page], rate, CEILING_DBTP, clip_path, lambda: None)
        for block in mastered([page], rate, CEILING_DBTP, makeup, clip_path):
            yield _pcm(block)


class Mp3Sound:
    """Renders pages as they are in the bound files: MP3, mono, at a constant bit rate."""

    media_type = "audio/mpeg"

    def size(self, segment: Segment) -> int:
        """The length of the file in bytes, or a little more."""
        return (segment.duration_ms + _MP3_MORE_MS) * BIT_RATE // 8000

    def render(self, segment: Segment, clip_path: Callable[[AssetId], Path]) -> Iterator[bytes]:
        """The file in blocks of bounded length. Raises AssetMissing or AssetCorrupt for a clip that is not what the
        segment says."""
        with TemporaryDirectory() as folder:
            target = Path(folder) / "page.mp3"
            encode_page(page_of(segment), encoding_rate([segment.sample_rate]), clip_path, target, lambda _done: None)
            with target.open("rb") as file:
                while block := file.read(_BLOCK):
                    yield block


def _header(data_bytes: int, rate: int) -> bytes:
    layout = struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + data_bytes) + b"WAVEfmt " + layout + b"data" + struct.pack("<I", data_bytes)


def _pcm(block: Signal) -> bytes:
    return (np.clip(block, -1, 1) * 32767).round().astype("<i2").tobytes()
