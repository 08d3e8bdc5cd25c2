"""Chapters become an MP3 or an M4B in one go: each page or chapter is encoded, and they are joined."""

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from bookwright.contracts.book import ChapterMark
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import Edition
from bookwright.contracts.ports.audio import AudioTags, ChapterAudio, EncodedAudio, EncodedChapter, EncodedPage
from bookwright.press import chapters as aac
from bookwright.press import pages as mp3
from bookwright.press.encoding import CEILING_DBTP, encoding_rate
from bookwright.press.render import Page, page_of

__all__ = ["CEILING_DBTP", "encode"]


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
    plan = [
        (chapter.title, [(segment.page, page_of(segment)) for segment in chapter.segments])
        for chapter in chapters
        if chapter.segments
    ]
    if not plan:
        raise BadInput("There is no audio to bind: not one page is spoken.")
    rate = encoding_rate(piece.rate for _, pages in plan for _, page in pages for piece in page.pieces)
    done_ms = 0

    def progress(milliseconds: int) -> None:
        on_progress(done_ms + milliseconds)

    with TemporaryDirectory(dir=target.parent) as folder:
        if edition is Edition.M4B:
            parts = []
            for index, (title, pages) in enumerate(plan):
                part = EncodedChapter(title=title, path=Path(folder) / str(index), duration_ms=_duration_ms(pages))
                aac.encode_chapter([page for _, page in pages], rate, clip_path, part.path, progress)
                parts.append(part)
                done_ms += part.duration_ms
            return aac.join_chapters(parts, tags, target, on_progress, cover)
        sheets = []
        for number, page in (numbered for _, pages in plan for numbered in pages):
            sheet = EncodedPage(number=number, path=Path(folder) / str(number), duration_ms=page.duration_ms)
            mp3.encode_page(page, rate, clip_path, sheet.path, progress)
            sheets.append(sheet)
            done_ms += sheet.duration_ms
        joined = mp3.join_pages(sheets, tags, target, on_progress, cover)
    marks, place = [], iter(joined.pages)
    for title, pages in plan:
        places = [next(place) for _ in pages]
        marks.append(ChapterMark(title=title, start_ms=places[0].begin_ms, end_ms=places[-1].end_ms))
    return EncodedAudio(duration_ms=joined.duration_ms, marks=tuple(marks))


def _duration_ms(pages: list[tuple[int, Page]]) -> int:
    return sum(page.duration_ms for _, page in pages)
