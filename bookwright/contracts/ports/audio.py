"""The port of the audio press, and what it works with."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from bookwright.contracts.base import Payload
from bookwright.contracts.book import (
    ChapterMark,
    ClipFacts,
    PlacedClip,
    Segment,
    SpokenClip,
)
from bookwright.contracts.ids import AssetId


class ChapterAudio(Payload):
    """What binding needs of a chapter: its number, its title and its pages' segments in order."""

    number: int
    title: str
    segments: tuple[Segment, ...]


class AudioTags(Payload):
    """What an audio file says about itself."""

    title: str
    author: str | None = None
    language: str
    album: str
    track: int | None = None
    tracks: int | None = None


class EncodedAudio(Payload):
    """What was encoded, and where its chapters truly begin and end in the file."""

    duration_ms: int
    marks: tuple[ChapterMark, ...]


class EncodedPage(Payload):
    """One page's MP3, made by `encode_page`, and its segment's duration."""

    number: int
    label: str | None = None
    """The page's printed name where it differs from its number."""
    path: Path
    duration_ms: int


class PagePlace(Payload):
    """Where a page is heard in its chapter's file."""

    number: int
    begin_ms: int
    end_ms: int


class JoinedPages(Payload):
    """A chapter's MP3: its duration, and where its pages truly begin and end."""

    duration_ms: int
    pages: tuple[PagePlace, ...]


class EncodedChapter(Payload):
    """One chapter's M4A, made by `encode_chapter`, and the sum of its segments' durations."""

    title: str
    path: Path
    duration_ms: int


class Backdrop(Payload):
    """A stretch of a chapter that has an ambient sound, in milliseconds from the chapter's beginning."""

    sound: AssetId
    begin_ms: int
    end_ms: int


class AcxReport(Payload):
    """What was measured on a decoded audio file, against the rules of ACX."""

    sample_rate: int
    channels: int
    kbits: int
    rms_db: float
    """Over the whole file, 0 dB being a full-scale square wave; -100 is silence, here and below."""
    peak_db: float
    """The greatest sample."""
    floor_db: float
    """The RMS of the quietest half second."""
    head_s: float
    """Silence (under -60 dB) before the first sound."""
    tail_s: float
    problems: tuple[str, ...]
    """The rules that are not kept, in words; empty for a good file."""


class AudioPress(Protocol):
    """Turns clips into pages and pages into files. Synchronous and CPU-bound: callers run it off the event loop, where
    as many threads as there are cores work side by side (encoders hold no lock of Python's).

    The same input gives the same bytes. `on_progress` gets the milliseconds done so far, is called again and again, and
    may raise to stop. Whatever is raised, no file is left at `target`. A clip's file that is not
    what its segment says raises AssetCorrupt. Memory does not grow with the length of a chapter or a book."""

    def examine(self, text: str, clip: SpokenClip) -> ClipFacts:
        """Decode a clip once and say what it holds. Raises BadAnswer when it can't be decoded, is silent, or can't
        hold the whole text: far too short for it, or its words not covered."""
        ...

    def compose(self, page: int, clips: Sequence[PlacedClip]) -> Segment:
        """Space and level the clips of one page. Pure; a page without clips is a short silence."""
        ...

    def encoding_rate(self, clip_rates: Iterable[int]) -> int:
        """The sample rate (Hz) that all pages and chapters of a book with such clips are encoded at, so that they can
        be joined. Part of the recipe of every encoded page and chapter."""
        ...

    def encode_page(
        self,
        segment: Segment,
        rate: int,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """One page as an MP3 without tags: 64 kbit/s mono, -18 LUFS, at most -1.5 dBTP (the peak goes before the
        loudness where a sound is all peaks). Depends on the segment, its clips and the rate alone."""
        ...

    def join_pages(
        self,
        pages: Sequence[EncodedPage],
        tags: AudioTags,
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> JoinedPages:
        """A chapter's MP3 from its pages' (at least one, all at one rate), copied, not encoded again; with a mark for
        each page, tags and cover (JPEG or PNG). Each page begins within half a frame (13 ms; at 32 kHz 18 ms) of the
        sum of the durations before it. Raises BadInput for no page and AssetCorrupt for a page's file that is not as
        long as it should be."""
        ...

    def encode_chapter(
        self,
        segments: Iterable[Segment],
        rate: int,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """One chapter (at least one segment) as an M4A without tags: AAC, 64 kbit/s mono, each page as in
        `encode_page`."""
        ...

    def ambient_rate(self, clip_rates: Iterable[int]) -> int:
        """As `encoding_rate`, of chapters with ambience: not so low that it would sound dull."""
        ...

    def encode_ambient_chapter(
        self,
        segments: Iterable[Segment],
        backdrops: Sequence[Backdrop],
        duration_ms: int,
        rate: int,
        asset_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """One chapter with ambience under its speech as an M4A without tags: AAC, 128 kbit/s stereo, joined as those of
        `encode_chapter` are. `backdrops` follow each other, perhaps with gaps, within the segments' `duration_ms`. The
        speech is as loud as without; each scene's sound is looped, fades into the next one's and is at least 20 dB
        (K-weighted) below the speech. Silent at the beginning and at the end. A sound that can't be decoded, or is
        silent, raises AssetCorrupt."""
        ...

    def join_chapters(
        self,
        chapters: Sequence[EncodedChapter],
        tags: AudioTags,
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> EncodedAudio:
        """A book's M4B from its chapters' M4As (at least one, all at one rate), copied, not encoded again; with marks,
        tags and cover. Each chapter begins within half a frame (23 ms) of the sum of the durations before it. Raises
        as `join_pages`."""
        ...

    def encode_acx(
        self,
        chapter: ChapterAudio,
        tags: AudioTags,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> EncodedAudio:
        """One chapter as ACX takes it: MP3, 192 kbit/s, 44.1 kHz, mono; 0.75 s of silence before it and 1.8 s after.
        Raises BadInput for a chapter without a segment."""
        ...

    def acx_report(self, path: Path) -> AcxReport:
        """Decode an audio file and hold it against the rules of ACX. Raises BadInput when it can't be decoded."""
        ...
