"""A segment as sound: its clips decoded, trimmed, faded, levelled and spaced, in blocks of bounded size."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bookwright.contracts.book import Segment
from bookwright.contracts.errors import AssetCorrupt, BadAnswer
from bookwright.contracts.ids import AssetId
from bookwright.press import wav
from bookwright.press.wav import Signal

BLOCK = 1 << 16
"""The most samples in a block."""
_LONG_BYTES = 8 << 20
"""A longer file than any clip that was spoken: a recording, of which only what is heard is decoded."""
_FADE_S = 0.005
"""At each edge of a clip, so that a cut makes no click."""


class Piece(NamedTuple):
    """What rendering needs of a clip; its text and timings are left behind, so that a long book stays small."""

    asset: AssetId
    rate: int
    start: int
    end: int
    pause_ms: int

    def heard(self, rate: int) -> int:
        """Samples of voice at `rate`."""
        return round((self.end - self.start) * rate / self.rate)

    def pause(self, rate: int) -> int:
        """Samples of silence after it at `rate`."""
        return round(self.pause_ms * rate / 1000)


class Page(NamedTuple):
    """What rendering needs of a segment."""

    pieces: tuple[Piece, ...]
    gain_db: float
    duration_ms: int

    def samples(self, rate: int) -> int:
        """How many samples it takes at `rate`."""
        return round(self.duration_ms * rate / 1000)


def page_of(segment: Segment) -> Page:
    """The parts of a segment that are rendered."""
    pieces = tuple(
        Piece(clip.asset, clip.sample_rate, clip.start_sample, clip.end_sample, clip.pause_ms) for clip in segment.clips
    )
    return Page(pieces, segment.gain_db, segment.duration_ms)


def blocks(page: Page, rate: int, clip_path: Callable[[AssetId], Path], count: int | None = None) -> Iterator[Signal]:
    """The page's samples at `rate`; holds one clip at a time. There are `count` in all, or `page.samples(rate)`: the
    silence at its end takes up what rounding leaves, so that pages do not drift from their durations in a long book.

    Raises AssetCorrupt when a clip's file does not hold what the segment says.
    """
    left = page.samples(rate) if count is None else count
    scale = np.float32(10 ** (page.gain_db / 20) / 32768)
    for piece in page.pieces:
        voice = _voice(piece, scale, clip_path(piece.asset))
        heard = piece.heard(rate)
        if piece.rate != rate:
            voice = wav.resample(voice, piece.rate, rate, heard)
        for begin in range(0, heard, BLOCK):
            yield voice[begin : begin + BLOCK]
        left -= heard
        if piece is not page.pieces[-1]:
            yield from _silence(piece.pause(rate))
            left -= piece.pause(rate)
    yield from _silence(left)


def _voice(piece: Piece, scale: np.float32, path: Path) -> Signal:
    try:
        sound = _heard(piece, path)
    except BadAnswer as error:
        raise AssetCorrupt(f"The audio of asset {piece.asset} can't be decoded.") from error
    if sound.rate != piece.rate or len(sound.samples) < piece.end - piece.start:
        raise AssetCorrupt(f"The audio of asset {piece.asset} is not as long as its segment says.")
    voice: Signal = sound.samples * scale
    fade = min(round(_FADE_S * piece.rate), len(voice) // 2)
    if fade:
        ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)).astype(np.float32)
        voice[:fade] *= ramp
        voice[-fade:] *= ramp[::-1]
    return voice


def _heard(piece: Piece, path: Path) -> wav.Sound:
    """Those of a clip's samples that are heard."""
    if path.stat().st_size > _LONG_BYTES:
        from bookwright.press.recordings.spans import decode_span

        return decode_span(path, piece.start, piece.end)
    sound = wav.decode(path.read_bytes())
    return sound._replace(samples=sound.samples[piece.start : piece.end])


def _silence(count: int) -> Iterator[Signal]:
    for begin in range(0, count, BLOCK):
        yield np.zeros(min(BLOCK, count - begin), np.float32)
