"""The audio press: what stands behind the port `AudioPress`.

Encoders are imported where they are used: FFmpeg's libraries take 15 MB that narration alone does without.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from bookwright.contracts.book import ClipFacts, PlacedClip, Segment, SpokenClip, WordTiming
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.audio import (
    AcxReport,
    AudioTags,
    Backdrop,
    ChapterAudio,
    EncodedAudio,
    EncodedChapter,
    EncodedPage,
    JoinedPages,
)
from bookwright.press import coverage, loudness
from bookwright.press.render import page_of
from bookwright.press.segment import compose
from bookwright.press.wav import Sound, decode

_TIMINGS = TypeAdapter(tuple[WordTiming, ...])


class Press:
    """Turns clips into pages and pages into files. CPU-bound and without state: safe in several threads."""

    def __init__(self, least_ms: Callable[[str], float]) -> None:
        """`least_ms` says in how short a time a text could be spoken (`bookwright.text.expected_speech_ms`)."""
        self._least_ms = least_ms

    def examine(self, text: str, clip: SpokenClip) -> ClipFacts:
        """What composing a page needs to know of a clip. Raises BadAnswer when it can't be decoded, is cut off or
        silent, is far too short for the text, or its word timings do not cover the text."""
        sound = decode(clip.audio)
        facts = self._facts(sound, clip.words)
        heard_ms = (facts.end_sample - facts.start_sample) * 1000 / sound.rate
        coverage.check_duration(text, heard_ms, self._least_ms)
        coverage.check_words(text, clip.words, sound.duration_ms, self._least_ms)
        return facts

    def compose(self, page: int, clips: Sequence[PlacedClip]) -> Segment:
        """The segment of a page from clips that were examined: spaced, and at the set loudness. Pure and quick."""
        return compose(page, clips)

    def encoding_rate(self, clip_rates: Iterable[int]) -> int:
        """The one sample rate of a book; see the port."""
        from bookwright.press.encoding import encoding_rate

        return encoding_rate(clip_rates)

    def encode_page(
        self,
        segment: Segment,
        rate: int,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """One page's MP3; see `bookwright.press.pages`."""
        from bookwright.press.pages import encode_page

        encode_page(page_of(segment), rate, clip_path, target, on_progress)

    def join_pages(
        self,
        pages: Sequence[EncodedPage],
        tags: AudioTags,
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> JoinedPages:
        """A chapter's MP3 from its pages'; see `bookwright.press.pages`."""
        from bookwright.press.pages import join_pages

        return join_pages(pages, tags, target, on_progress, cover)

    def encode_chapter(
        self,
        segments: Iterable[Segment],
        rate: int,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """One chapter's M4A; see `bookwright.press.chapters`."""
        from bookwright.press.chapters import encode_chapter

        encode_chapter(map(page_of, segments), rate, clip_path, target, on_progress)

    def ambient_rate(self, clip_rates: Iterable[int]) -> int:
        """The one sample rate of a book's chapters with ambience; see the port."""
        from bookwright.press.encoding import AMBIENT_RATE, encoding_rate

        return encoding_rate([AMBIENT_RATE, *clip_rates])

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
        """One chapter's M4A with ambience; see `bookwright.press.chapters`."""
        from bookwright.press.chapters import encode_ambient_chapter

        pages = map(page_of, segments)
        encode_ambient_chapter(pages, backdrops, duration_ms, rate, asset_path, target, on_progress)

    def join_chapters(
        self,
        chapters: Sequence[EncodedChapter],
        tags: AudioTags,
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> EncodedAudio:
        """A book's M4B from its chapters' M4As; see `bookwright.press.chapters`."""
        from bookwright.press.chapters import join_chapters

        return join_chapters(chapters, tags, target, on_progress, cover)

    def encode_acx(
        self,
        chapter: ChapterAudio,
        tags: AudioTags,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> EncodedAudio:
        """One chapter as ACX takes it; see `bookwright.press.acx`."""
        from bookwright.press.acx import encode_acx

        pages = [page_of(segment) for segment in chapter.segments]
        return encode_acx(chapter.title, pages, tags, clip_path, target, on_progress, cover)

    def acx_report(self, path: Path) -> AcxReport:
        """An audio file held against the rules of ACX; see `bookwright.press.acx`."""
        from bookwright.press.acx import acx_report

        return acx_report(path)

    def _facts(self, sound: Sound, words: Sequence[WordTiming]) -> ClipFacts:
        start, end = coverage.heard(sound)
        lead_ms = round(start * 1000 / sound.rate)
        energies = loudness.hops(sound.samples[start:end], sound.rate)
        return ClipFacts(
            sample_rate=sound.rate,
            start_sample=start,
            end_sample=end,
            hops=loudness.tenths(energies),
            words=_TIMINGS.validate_python(
                [{"start": word.start, "length": word.length, "at_ms": max(word.at_ms - lead_ms, 0)} for word in words]
            ),
        )
