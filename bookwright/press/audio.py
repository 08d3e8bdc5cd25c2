"""The audio press: what stands behind the port `AudioPress`."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bookwright.contracts.book import ClipFacts, PlacedClip, Segment, SpokenClip, WordTiming
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import Edition
from bookwright.contracts.ports import AudioTags, ChapterAudio, EncodedAudio
from bookwright.press import coverage, loudness
from bookwright.press.segment import compose
from bookwright.press.wav import Sound, decode


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

    def encode(
        self,
        edition: Edition,
        chapters: Iterable[ChapterAudio],
        tags: AudioTags,
        clip_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
        cover: bytes | None = None,
    ) -> EncodedAudio:
        """Encode chapters to `target`, in bounded memory; see `bookwright.press.encode`."""
        from bookwright.press.encode import encode  # FFmpeg's libraries: 15 MB that narration alone does without

        return encode(edition, chapters, tags, clip_path, target, on_progress, cover)

    def _facts(self, sound: Sound, words: Sequence[WordTiming]) -> ClipFacts:
        start, end = coverage.heard(sound)
        lead_ms = round(start * 1000 / sound.rate)
        energies = loudness.hops(sound.samples[start:end], sound.rate)
        return ClipFacts(
            sample_rate=sound.rate,
            start_sample=start,
            end_sample=end,
            hops=tuple(round(10 * loudness.lufs(energy)) for energy in energies),
            words=tuple(
                WordTiming(start=word.start, length=word.length, at_ms=max(word.at_ms - lead_ms, 0)) for word in words
            ),
        )
