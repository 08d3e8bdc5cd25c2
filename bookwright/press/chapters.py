"""A chapter becomes an M4A, and a book's M4B is its chapters' AAC packets, copied."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer, OutputContainer

from bookwright.contracts.book import ChapterMark
from bookwright.contracts.errors import AssetCorrupt, BadInput
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.audio import AudioTags, Backdrop, EncodedAudio, EncodedChapter
from bookwright.press.ambience import Ambience
from bookwright.press.encoding import (
    Codec,
    Places,
    configure,
    gone_on_failure,
    packets,
    places,
)
from bookwright.press.jacket import Jacket
from bookwright.press.mastering import CEILING_DBTP, Level, levelled
from bookwright.press.render import Page
from bookwright.press.wav import Signal

FRAME = DELAY = 1024
"""Samples in an AAC frame, and those by which a decoder's output is late."""
_AAC = Codec("aac", {"aac_coder": "fast"})
_STEREO = _AAC._replace(bit_rate=128_000, layout="stereo")
_MIDDLE = np.float32(np.sqrt(0.5))


def encode_chapter(
    pages: Iterable[Page],
    rate: int,
    clip_path: Callable[[AssetId], Path],
    target: Path,
    on_progress: Callable[[int], None],
) -> None:
    """Write a chapter's sound as an M4A without tags. See the port `AudioPress`."""
    signal = levelled(pages, rate, Level(CEILING_DBTP), clip_path, lambda: on_progress(0))
    _encode(signal, _AAC, rate, target, on_progress)


def encode_ambient_chapter(
    pages: Iterable[Page],
    backdrops: Sequence[Backdrop],
    duration_ms: int,
    rate: int,
    asset_path: Callable[[AssetId], Path],
    target: Path,
    on_progress: Callable[[int], None],
) -> None:
    """Write a chapter's sound with its ambience as an M4A without tags. See the port."""
    speech = levelled(pages, rate, Level(CEILING_DBTP), asset_path, lambda: on_progress(0))
    ambience = Ambience(backdrops, duration_ms, rate, asset_path)
    _encode(_mixed(speech, ambience), _STEREO, rate, target, on_progress)


def _mixed(speech: Iterable[Signal], ambience: Ambience) -> Iterator[Signal]:
    """Speech in the middle, as loud on both sides together as it was in mono, and the ambience around it."""
    done = 0
    for block in speech:
        yield ambience.between(done, done + len(block)) + block * _MIDDLE
        done += len(block)


def _encode(
    signal: Iterable[Signal], codec: Codec, rate: int, target: Path, on_progress: Callable[[int], None]
) -> None:
    with gone_on_failure(target), _mp4(target, "M4A ") as container:
        stream = container.add_stream("aac", rate=rate, options=codec.options)
        configure(stream.codec_context, codec, rate)
        for packet in packets(stream.codec_context, codec, signal, on_progress):
            packet.stream = stream
            container.mux(packet)


def join_chapters(
    chapters: Sequence[EncodedChapter],
    tags: AudioTags,
    target: Path,
    on_progress: Callable[[int], None],
    cover: bytes | None = None,
) -> EncodedAudio:
    """Write a book's M4B from its chapters' M4As. See the port."""
    if not chapters:
        raise BadInput("There is no audio to bind: not one page is spoken.")
    with _m4a(chapters[0].path) as first:
        rate = first.streams.audio[0].rate
    placed = places([chapter.duration_ms for chapter in chapters], rate, FRAME)
    placed = placed.ending_with(_frames(chapters[-1]), DELAY)
    spans = placed.spans_ms()
    marks = tuple(
        ChapterMark(title=chapter.title, start_ms=begin, end_ms=end)
        for chapter, (begin, end) in zip(chapters, spans, strict=True)
    )
    with gone_on_failure(target), _mp4(target, "M4B ") as container, _m4a(chapters[0].path) as first:
        stream = container.add_stream_from_template(first.streams.audio[0])
        jacket = Jacket(tags, marks, cover)
        stream.metadata["language"] = jacket.language
        picture = jacket.put_on(container)
        container.metadata["media_type"] = "2"  # what players file under audiobooks
        if picture is not None:
            container.mux(picture)
        at = -DELAY
        for index, chapter in enumerate(chapters):
            for packet in _packets(chapter, placed, index, stream.codec_context.extradata):
                packet.stream = stream
                packet.time_base = Fraction(1, rate)
                packet.pts = packet.dts = at
                packet.duration = min(FRAME, placed.samples - at)
                container.mux(packet)
                at += FRAME
            on_progress(spans[index][1])
    return EncodedAudio(duration_ms=spans[-1][1], marks=marks)


def _frames(chapter: EncodedChapter) -> int:
    """How many frames a chapter's sound has."""
    with _m4a(chapter.path) as container:
        return sum(packet.size > 0 for packet in container.demux(container.streams.audio[0]))


def _packets(
    chapter: EncodedChapter, placed: Places, index: int, extradata: bytes | None
) -> "Iterator[av.Packet[Any]]":
    """The packets that are taken of a chapter."""
    left = placed.frames(index, DELAY)
    with _m4a(chapter.path) as container:
        stream = container.streams.audio[0]
        length_ms = round(((stream.duration or 0) - DELAY) * 1000 / stream.rate)
        if (stream.rate, stream.codec_context.extradata, length_ms) != (placed.rate, extradata, chapter.duration_ms):
            raise AssetCorrupt(f"The sound of “{chapter.title}” has another sample rate or length than it should.")
        for packet in container.demux(stream):
            if not left:
                return
            if packet.size:
                yield packet
                left -= 1
    if left:
        raise AssetCorrupt(f"The sound of “{chapter.title}” is cut off.")


def _mp4(target: Path, brand: str) -> OutputContainer:
    options = {"fflags": "+bitexact", "movflags": "+faststart", "brand": brand}
    return av.open(str(target), "w", format="mp4", options=options)


def _m4a(path: Path) -> InputContainer:
    """The file with all its packets: as it stands, the edit list hides the first, which holds the encoder's delay."""
    try:
        return av.open(str(path), "r", format="mp4", options={"ignore_editlist": "1"})
    except av.InvalidDataError as error:
        raise AssetCorrupt("A chapter's sound is no M4A.") from error
