"""Chapters become an MP3 or an M4B: 64 kbit/s mono, at the set loudness, with marks, tags and cover.

The sound is made, limited and encoded a block at a time, so memory does not grow with the book: all that is kept of a
segment is where its clips lie. The same input gives the same bytes.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from bookwright.contracts.book import ChapterMark
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import Edition
from bookwright.contracts.ports import AudioTags, ChapterAudio, EncodedAudio
from bookwright.press.languages import iso_639_2
from bookwright.press.mastering import makeup_db, mastered
from bookwright.press.render import Page, page_of
from bookwright.press.segment import DEFAULT_RATE
from bookwright.press.wav import Signal

BIT_RATE = 64_000
CEILING_DBTP = -2.5
"""Before encoding. The encoders overshoot by up to half a decibel; -1.5 dBTP is promised after."""
_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""What both MP3 and AAC have, in Hz."""
_BITEXACT = 1 << 23  # AV_CODEC_FLAG_BITEXACT


class _Form(NamedTuple):
    container: str
    codec: str
    sample_format: str
    scale: float
    """What the samples are multiplied with; LAME takes all down to 0.95 of what it is given."""
    codec_options: dict[str, str]
    container_options: dict[str, str]


_FORMS = {
    Edition.MP3: _Form("mp3", "libmp3lame", "s16p", 1 / 0.95, {"compression_level": "7"}, {"id3v2_version": "3"}),
    Edition.M4B: _Form("mp4", "aac", "fltp", 1.0, {"aac_coder": "fast"}, {"movflags": "+faststart", "brand": "M4B "}),
}


class _Chapter(NamedTuple):
    title: str
    pages: tuple[Page, ...]


def encode(
    edition: Edition,
    chapters: Iterable[ChapterAudio],
    tags: AudioTags,
    clip_path: Callable[[AssetId], Path],
    target: Path,
    on_progress: Callable[[int], None],
    cover: bytes | None = None,
) -> EncodedAudio:
    """Encode `chapters` (read once; those without a segment have no mark) to `target`. See the port `AudioPress`.

    Raises BadInput for no audio at all and AssetCorrupt for a clip that is not what its segment says; whatever is
    raised, also by `on_progress`, no file is left.
    """
    rate, plan = _plan(chapters)
    marks = _marks(plan)
    pages = [page for chapter in plan for page in chapter.pages]
    makeup = makeup_db(pages, rate, CEILING_DBTP, clip_path, lambda: on_progress(0))
    signal = mastered(pages, rate, CEILING_DBTP, makeup, clip_path)
    form = _FORMS[edition]
    options = {"fflags": "+bitexact", **form.container_options}
    try:
        with av.open(str(target), "w", format=form.container, options=options) as container:
            container.metadata.update(_metadata(edition, tags))
            if edition is Edition.M4B or len(marks) > 1:
                container.set_chapters(_av_chapters(marks))
            stream = _audio_stream(container, form, rate, tags.language)
            picture = _cover_stream(container, cover)
            if picture is not None:
                container.mux(picture)
            done = _write(container, stream, signal, rate, form, on_progress)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return EncodedAudio(duration_ms=round(done * 1000 / rate), marks=marks)


def _plan(chapters: Iterable[ChapterAudio]) -> tuple[int, list[_Chapter]]:
    """The file's sample rate, which is the highest of its clips', and what to render."""
    highest = 0
    plan = []
    for chapter in chapters:
        if chapter.segments:
            plan.append(_Chapter(chapter.title, tuple(page_of(segment) for segment in chapter.segments)))
            highest = max([highest, *(segment.sample_rate for segment in chapter.segments if segment.clips)])
    if not plan:
        raise BadInput("There is no audio to bind: not one page is spoken.")
    wanted = highest or DEFAULT_RATE
    return next((rate for rate in _RATES if rate >= wanted), _RATES[-1]), plan


def _marks(plan: list[_Chapter]) -> tuple[ChapterMark, ...]:
    marks, at = [], 0
    for chapter in plan:
        end = at + sum(page.duration_ms for page in chapter.pages)
        marks.append(ChapterMark(title=chapter.title, start_ms=at, end_ms=end))
        at = end
    return tuple(marks)


def _av_chapters(marks: tuple[ChapterMark, ...]) -> list[Any]:
    return [
        {
            "id": index,
            "start": mark.start_ms,
            "end": mark.end_ms,
            "time_base": Fraction(1, 1000),
            "metadata": {"title": mark.title},
        }
        for index, mark in enumerate(marks)
    ]


def _metadata(edition: Edition, tags: AudioTags) -> dict[str, str]:
    entries = {"title": tags.title, "album": tags.album, "genre": "Audiobook"}
    if tags.author:
        entries |= {"artist": tags.author, "album_artist": tags.author}
    if tags.track is not None:
        entries["track"] = f"{tags.track}/{tags.tracks}" if tags.tracks else str(tags.track)
    if edition is Edition.MP3:
        entries["language"] = iso_639_2(tags.language)
    else:
        entries["media_type"] = "2"  # what players file under audiobooks
    return entries


def _audio_stream(container: OutputContainer, form: _Form, rate: int, language: str) -> AudioStream:
    # The literal type lists only some codecs.
    stream = cast(AudioStream, container.add_stream(cast(Any, form.codec), rate=rate, options=form.codec_options))
    stream.codec_context.layout = "mono"
    stream.codec_context.format = form.sample_format
    stream.codec_context.bit_rate = BIT_RATE
    stream.codec_context.flags |= _BITEXACT
    stream.codec_context.thread_count = 1
    stream.metadata["language"] = iso_639_2(language)
    return stream


def _cover_stream(container: OutputContainer, cover: bytes | None) -> "av.Packet[VideoStream] | None":
    """The cover as an attached picture; the packet is muxed before all audio."""
    if cover is None:
        return None
    with av.open(io.BytesIO(cover), "r", format="png_pipe" if cover[:4] == b"\x89PNG" else "jpeg_pipe") as image:
        packet = next(image.demux(image.streams.video[0]))
        stream: VideoStream = container.add_stream_from_template(image.streams.video[0])
        stream.disposition = Disposition.attached_pic
        stream.metadata["comment"] = "Cover (front)"
        packet.stream = stream
        packet.pts = packet.dts = 0
        return packet


def _write(
    container: OutputContainer,
    stream: AudioStream,
    signal: Iterator[Signal],
    rate: int,
    form: _Form,
    on_progress: Callable[[int], None],
) -> int:
    """Encode the signal; the number of samples that went in."""
    done = 0
    for block in signal:
        if not len(block):
            continue
        scaled = block * np.float32(form.scale)
        data = (scaled * 32767).round().astype(np.int16) if form.sample_format == "s16p" else scaled
        frame = av.AudioFrame.from_ndarray(data[None], format=form.sample_format, layout="mono")
        frame.sample_rate = rate
        frame.time_base = Fraction(1, rate)
        frame.pts = done
        container.mux(stream.encode(frame))
        done += len(block)
        on_progress(round(done * 1000 / rate))
    container.mux(stream.encode(None))
    return done
