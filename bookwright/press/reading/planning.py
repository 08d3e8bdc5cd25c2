"""A document's chapters, planned from all of its pages: those with text of their own, and those read off their
pictures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bookwright.contracts.book import NO_SOURCE, TEXT_SOURCE, ChapterText, PageText, SourceText
from bookwright.contracts.drafts import DocumentDraft, DraftPage
from bookwright.contracts.pagereading import Block, BlockKind, PageReading
from bookwright.press.reading.chapters import Entry, Heading, chapters_of
from bookwright.text.blocks import shortened
from bookwright.text.characters import speakable
from bookwright.text.pagereading import text_of, without_heading

_OPENING = 60
_LONGEST_HEADING = 120
_LONGEST_RUNNING = 80
_LEAST_REPEATS = 3
"""Pages that the same line stands on, at the same end, before it counts as a running head."""
_MOST_OF_PAGE = 0.25
"""A line that is more of its page than this is no running head: a picture book may say the same on each."""
_LEVELS = (1.5, 1.2)
"""Sizes, in those of the text, that a heading's level stands for."""


def planned(
    draft: DocumentDraft, readings: Mapping[int, tuple[str, PageReading]], title: str | None = None
) -> SourceText:
    """The document as chapters and pages. `readings` has, by the page's number, where what was read off its picture
    came from, and what that is. `title` wins over the document's own. Pure."""
    read = {number: _without_running(reading, readings) for number, (_, reading) in readings.items()}
    pages = [_page(page, read, readings) for page in draft.pages]
    starts = tuple(_starts(draft, read)) if read else draft.starts
    own = shortened(title) if title and title.strip() else draft.title
    chapters = []
    ends = [first for _, first in starts[1:]] + [len(pages) + 1]
    for number, ((heading, first), end) in enumerate(zip(starts, ends, strict=True), start=1):
        texts = [page.text for page in pages[first - 1 : end - 1]]
        if heading and texts:
            texts[0] = without_heading(texts[0], heading)
        chapters.append(
            ChapterText(
                number=number,
                title=shortened(heading or own or _opening(texts)),
                pages=tuple(
                    page.model_copy(update={"chapter": number, "text": text})
                    for page, text in zip(pages[first - 1 : end - 1], texts, strict=True)
                ),
            )
        )
    one_named = len(chapters) == 1 and starts[0][0]
    return SourceText(title=own or (chapters[0].title if one_named else None), chapters=tuple(chapters))


def _page(
    page: DraftPage, read: Mapping[int, PageReading], readings: Mapping[int, tuple[str, PageReading]]
) -> PageText:
    if page.number not in read:
        source = NO_SOURCE if page.trouble else TEXT_SOURCE
        return PageText(
            number=page.number, chapter=1, text=page.text, label=page.label, trouble=page.trouble, source=source
        )
    reading = read[page.number]
    printed = reading.number if reading.number != str(page.number) else None
    return PageText(
        number=page.number,
        chapter=1,
        text=text_of(reading),
        label=page.label or printed,
        source=readings[page.number][0],
    )


def _starts(draft: DocumentDraft, read: Mapping[int, PageReading]) -> Iterator[tuple[str | None, int]]:
    """Where chapters begin. A heading that was read off a picture has a level in place of a size: the highest is as
    large as the chapters' own headings in the rest of the document, if there are any."""
    own = [heading for heading in draft.headings if heading.page not in read]
    body = draft.body or 1.0
    titles = [(title, page) for title, page in draft.starts if title]
    sizes = Counter(heading.size for heading in own if (heading.text, heading.page) in titles)
    large = max((heading.size for heading in own if heading.size >= _LEVELS[1] * body), default=_LEVELS[0] * body)
    largest = sizes.most_common(1)[0][0] if sizes else large
    headings = [Heading(heading.page - 1, heading.text, heading.size) for heading in own]
    for number, reading in read.items():
        for block in reading.blocks:
            if block.kind is BlockKind.HEADING and len(block.text) <= _LONGEST_HEADING and block.level <= len(_LEVELS):
                size = largest if block.level == 1 else min(_LEVELS[1] * body, largest)
                headings.append(Heading(number - 1, " ".join(block.text.split()), size))
    outline = [Entry(entry.level, entry.title, entry.page - 1) for entry in draft.outline]
    yield from chapters_of(outline, sorted(headings, key=lambda heading: heading.page), body, len(draft.pages))


def _without_running(reading: PageReading, readings: Mapping[int, tuple[str, PageReading]]) -> PageReading:
    """The page without heads and feet that run through the pages read, also those that were taken for text."""
    blocks = list(reading.blocks)
    most = _MOST_OF_PAGE * sum(len(block.text) for block in blocks)
    for end in (0, -1):
        others = Counter(_key(_outer(other.blocks, end)) for _, other in readings.values())
        if len(blocks) > 1 and (key := _key(blocks[end])) and others[key] >= _LEAST_REPEATS:
            if len(blocks[end].text) < most:
                del blocks[end]
    return reading.model_copy(update={"blocks": tuple(blocks)})


def _outer(blocks: Sequence[Block], end: int) -> Block | None:
    shown = [block for block in blocks if block.kind is not BlockKind.RUNNING]
    return shown[end] if len(shown) > 1 else None


def _key(block: Block | None) -> str:
    """What makes a line the same as another page's: its letters; empty for what can be no running head."""
    if block is None or block.kind is BlockKind.RUNNING or len(block.text) > _LONGEST_RUNNING:
        return ""
    return "".join(filter(str.isalpha, block.text.casefold()))


def _opening(texts: list[str]) -> str:
    """The first words of a chapter that has no name at all."""
    text = next((text for text in texts if speakable(text)), "")
    return shortened(text[: _OPENING * 4], _OPENING) or "1"
