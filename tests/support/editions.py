"""A whole M4B or MP3 made at once, the way binding makes it: its parts first, which are then joined."""

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import WITH_AMBIENCE, Edition
from bookwright.contracts.ports.audio import (
    AudioPress,
    AudioTags,
    ChapterAudio,
    EncodedAudio,
    EncodedChapter,
    EncodedPage,
)

DRY = tuple(edition for edition in Edition if edition not in WITH_AMBIENCE)
"""All editions that can be made of a book without soundscapes."""


def encode(
    press: AudioPress,
    edition: Edition,
    chapters: Iterable[ChapterAudio],
    tags: AudioTags,
    clip_path: Callable[[AssetId], Path],
    target: Path,
    on_progress: Callable[[int], None],
    cover: bytes | None = None,
) -> EncodedAudio:
    """Encode the chapters to `target`; those without a segment have no mark, and an MP3 has none at all."""
    spoken = [chapter for chapter in chapters if chapter.segments]
    segments = [segment for chapter in spoken for segment in chapter.segments]
    rate = press.encoding_rate(segment.sample_rate for segment in segments if segment.clips)
    with TemporaryDirectory(dir=target.parent) as folder:
        places = (Path(folder) / str(number) for number in range(len(segments)))
        if edition is Edition.M4B:
            parts = []
            for chapter, path in zip(spoken, places, strict=False):
                press.encode_chapter(chapter.segments, rate, clip_path, path, on_progress)
                duration_ms = sum(segment.duration_ms for segment in chapter.segments)
                parts.append(EncodedChapter(title=chapter.title, path=path, duration_ms=duration_ms))
            return press.join_chapters(parts, tags, target, on_progress, cover)
        pages = []
        for segment, path in zip(segments, places, strict=True):
            press.encode_page(segment, rate, clip_path, path, on_progress)
            pages.append(EncodedPage(number=segment.page, path=path, duration_ms=segment.duration_ms))
        joined = press.join_pages(pages, tags, target, on_progress, cover)
        return EncodedAudio(duration_ms=joined.duration_ms, marks=())
