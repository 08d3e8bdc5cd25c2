"""Reading a document: its pages and chapters, or a quick look at it. Only a process of its own opens the file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bookwright.contracts.book import ChapterText, PageText, PageTrouble, SourceText
from bookwright.contracts.documents import DocumentFacts, DocumentKind, ReadingLimits, ReadingUsage
from bookwright.press.reading.process import ReaderProcess, refused
from bookwright.press.reading.records import Chapters, Facts, Head, PageRecord
from bookwright.text.blocks import shortened
from bookwright.text.characters import speakable

_OPENING = 60


@dataclass(frozen=True)
class ReadDocument:
    """What was read, and what the document says about itself."""

    source: SourceText
    author: str | None
    language: str | None
    """As the document declares it, unchecked."""


def probe_document(
    path: Path,
    *,
    name: str | None = None,
    limits: ReadingLimits | None = None,
    on_usage: Callable[[ReadingUsage], None] | None = None,
) -> DocumentFacts:
    """A quick look: kind, pages, title, a sample of the text. `name` is what somebody called the file, if `path` is
    not; its ending must agree with the content.

    Raises BadInput (field `file`) for what `read_document` would refuse; a document that only fails on one of its later
    pages passes. Blocking, about 0.3 s."""
    with ReaderProcess(path, name or path.name, limits or ReadingLimits(), probe=True) as process:
        facts = None
        try:
            for record in process.records():
                if isinstance(record, Facts):
                    facts = DocumentFacts.model_validate_json(record.json)
        finally:
            _report(process, on_usage)
    if facts is None:
        raise refused("The document can't be read: it is damaged. Save or print it anew.")
    return facts


def read_document(
    path: Path,
    kind: DocumentKind | None = None,
    *,
    name: str | None = None,
    title: str | None = None,
    limits: ReadingLimits | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_usage: Callable[[ReadingUsage], None] | None = None,
) -> ReadDocument:
    """The whole document as chapters and pages, page numbers running from 1. One page of a PDF is one page, in order,
    also when it is empty or needs vision (`PageText.trouble`); other kinds are paged as plain text is.

    `kind` is what an earlier look found; a file that is something else by now is refused. `title` wins over the
    document's own. `on_progress` gets the pages read so far, several times a second also while none comes, and may
    raise to stop. `on_usage` gets what it took, however it ends. Blocking: callers run it off the event loop.

    Raises BadInput (field `file`), saying what to do: not a document of a known kind, damaged, cut off, encrypted,
    protected, no page, too many pages, too much text, over its memory or time."""
    head: Head | None = None
    chapters: Chapters | None = None
    pages: list[PageRecord] = []

    def waiting() -> None:
        if on_progress:
            on_progress(len(pages))

    with ReaderProcess(path, name or path.name, limits or ReadingLimits(), kind=kind, on_wait=waiting) as process:
        try:
            for record in process.records():
                if isinstance(record, PageRecord):
                    pages.append(record)
                    if on_progress:
                        on_progress(len(pages))
                elif isinstance(record, Head):
                    head = record
                elif isinstance(record, Chapters):
                    chapters = record
        finally:
            _report(process, on_usage)
    if head is None or chapters is None or len(pages) != head.pages:
        raise refused("The document can't be read: it is damaged. Save or print it anew.")
    own = shortened(title) if title and title.strip() else head.title
    return ReadDocument(_source(own, chapters, pages), head.author, head.language)


def _report(process: ReaderProcess, on_usage: Callable[[ReadingUsage], None] | None) -> None:
    process.end()
    if on_usage and process.usage:
        on_usage(process.usage)


def _source(title: str | None, chapters: Chapters, pages: list[PageRecord]) -> SourceText:
    made = []
    ends = [first for _, first in chapters.starts[1:]] + [len(pages) + 1]
    for number, ((heading, first), end) in enumerate(zip(chapters.starts, ends, strict=True), start=1):
        texts = [page.text for page in pages[first - 1 : end - 1]]
        if heading and texts:
            texts[0] = _without_heading(texts[0], heading)
        made.append(
            ChapterText(
                number=number,
                title=shortened(heading or title or _opening(texts)),
                pages=tuple(
                    PageText(
                        number=page.number,
                        chapter=number,
                        text=text,
                        label=page.label,
                        trouble=PageTrouble(page.trouble) if page.trouble else None,
                    )
                    for page, text in zip(pages[first - 1 : end - 1], texts, strict=True)
                ),
            )
        )
    return SourceText(
        title=title or (made[0].title if len(made) == 1 and chapters.starts[0][0] else None), chapters=tuple(made)
    )


def _without_heading(text: str, heading: str) -> str:
    """A page's text without the paragraphs at its top that are its chapter's title: as everywhere, a title is no part
    of the text, unless there is no other."""
    wanted = _letters(heading)
    paragraphs = text.split("\n\n")
    begun = ""
    for count, paragraph in enumerate(paragraphs[:-1], start=1):
        begun += _letters(paragraph)
        if begun == wanted:
            return "\n\n".join(paragraphs[count:])
        if not wanted.startswith(begun):
            break
    return text


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _opening(texts: list[str]) -> str:
    """The first words of a chapter that has no name at all."""
    text = next((text for text in texts if speakable(text)), "")
    return shortened(text[: _OPENING * 4], _OPENING) or "1"
