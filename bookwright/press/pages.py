"""A page becomes an MP3, and a chapter's MP3 is its pages' frames, copied."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bookwright.contracts.book import ChapterMark
from bookwright.contracts.errors import AssetCorrupt, BadInput
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.audio import AudioTags, EncodedPage, JoinedPages, PagePlace
from bookwright.press import mp3
from bookwright.press.encoding import BIT_RATE, Codec, encoder, packets, places
from bookwright.press.jacket import Jacket
from bookwright.press.mastering import CEILING_DBTP, Level, levelled
from bookwright.press.render import Page

LAME = Codec("libmp3lame", {"compression_level": "7", "reservoir": "0"}, scale=1 / 0.95)


def encode_page(
    page: Page, rate: int, clip_path: Callable[[AssetId], Path], target: Path, on_progress: Callable[[int], None]
) -> None:
    """Write one page's MP3, without tags: the same page sounds the same in every book. See the port `AudioPress`."""
    signal = levelled([page], rate, Level(CEILING_DBTP), clip_path, lambda: on_progress(0))
    runs = ((bytes(packet), 1) for packet in packets(encoder(LAME, rate), LAME, signal, on_progress))
    mp3.write(target, rate, BIT_RATE, runs, page.samples(rate), Jacket())


def join_pages(
    pages: Sequence[EncodedPage],
    tags: AudioTags,
    target: Path,
    on_progress: Callable[[int], None],
    cover: bytes | None = None,
) -> JoinedPages:
    """Write a chapter's MP3 from its pages', with a mark for each page where there are several. See the port."""
    if not pages:
        raise BadInput("There is no audio to bind: not one page is spoken.")
    rate = mp3.read(pages[0].path).rate
    placed = places([page.duration_ms for page in pages], rate, mp3.frame_samples(rate))
    placed = placed.ending_with(mp3.read(pages[-1].path).number, mp3.DELAY)
    spans = placed.spans_ms()

    def runs() -> Iterator[tuple[bytes, int]]:
        for index, page in enumerate(pages):
            frames = mp3.read(page.path)
            if frames.rate != rate or frames.duration_ms != page.duration_ms:
                raise AssetCorrupt(f"The MP3 of page {page.number} has another sample rate or length than it should.")
            count = placed.frames(index, mp3.DELAY)
            yield frames.first(count), count
            on_progress(spans[index][1])

    marks = [
        ChapterMark(title=page.label or str(page.number), start_ms=begin, end_ms=end)
        for page, (begin, end) in zip(pages, spans, strict=True)
    ]
    jacket = Jacket(tags, marks if len(marks) > 1 else (), cover)
    mp3.write(target, rate, BIT_RATE, runs(), placed.samples, jacket)
    return JoinedPages(
        duration_ms=spans[-1][1],
        pages=tuple(
            PagePlace(number=page.number, begin_ms=begin, end_ms=end)
            for page, (begin, end) in zip(pages, spans, strict=True)
        ),
    )
