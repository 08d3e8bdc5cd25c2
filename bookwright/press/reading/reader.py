"""Reading a document: its pages and chapters, or a quick look at it. Only a process of its own opens the file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bookwright.contracts.book import PageTrouble, SourceText
from bookwright.contracts.documents import DocumentKind, ReadingLimits, ReadingUsage
from bookwright.contracts.drafts import DocumentDraft, DocumentFacts, DraftEntry, DraftHeading, DraftPage
from bookwright.press.bounded.starting import Starter
from bookwright.press.reading.planning import planned
from bookwright.press.reading.process import ReaderProcess, refused
from bookwright.press.reading.records import Chapters, Facts, Head, Layout, PageRecord


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
    starter: Starter | None = None,
) -> DocumentFacts:
    """A quick look: kind, pages, title, a sample of the text. `name` is what somebody called the file, if `path` is
    not; its ending must agree with the content.

    Raises BadInput (field `file`) for what `read_document` would refuse; a document that only fails on one of its later
    pages passes. Blocking, some tenths of a second, or less with a `starter` that keeps processes ready."""
    limits = limits or ReadingLimits()
    with ReaderProcess(path, name or path.name, limits, probe=True, starter=starter) as process:
        facts = None
        try:
            for record in process.records():
                if isinstance(record, Facts):
                    facts = DocumentFacts.model_validate(record._asdict())
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
    """The whole document as chapters and pages, by its own text alone. `title` wins over the document's own. The rest
    is as `draft_document` says."""
    draft = draft_document(path, kind, name=name, limits=limits, on_progress=on_progress, on_usage=on_usage)
    return ReadDocument(planned(draft, {}, title), draft.author, draft.language)


def draft_document(
    path: Path,
    kind: DocumentKind | None = None,
    *,
    name: str | None = None,
    limits: ReadingLimits | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_usage: Callable[[ReadingUsage], None] | None = None,
    starter: Starter | None = None,
) -> DocumentDraft:
    """The whole document, its chapters not planned yet, page numbers running from 1. One page of a PDF is one page, in
    order, also when it is empty or needs vision (`DraftPage.trouble`); other kinds are paged as plain text is.

    `kind` is what an earlier look found; a file that is something else by now is refused. `on_progress` gets the pages
    read so far, several times a second also while none comes, and may raise to stop. `on_usage` gets what it took,
    however it ends. Blocking: callers run it off the event loop.

    Raises BadInput (field `file`), saying what to do: not a document of a known kind, damaged, cut off, encrypted,
    protected, no page, too many pages, too much text, over its memory or time."""
    head: Head | None = None
    chapters: Chapters | None = None
    layout = Layout((), (), 0.0)
    pages: list[PageRecord] = []

    def waiting() -> None:
        if on_progress:
            on_progress(len(pages))

    process = ReaderProcess(
        path, name or path.name, limits or ReadingLimits(), kind=kind, on_wait=waiting, starter=starter
    )
    with process:
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
                elif isinstance(record, Layout):
                    layout = record
        finally:
            _report(process, on_usage)
    if head is None or chapters is None or len(pages) != head.pages:
        raise refused("The document can't be read: it is damaged. Save or print it anew.")
    return DocumentDraft(
        title=head.title,
        author=head.author,
        language=head.language,
        pages=tuple(
            DraftPage(
                number=page.number,
                text=page.text,
                label=page.label,
                trouble=PageTrouble(page.trouble) if page.trouble else None,
            )
            for page in pages
        ),
        starts=tuple((title, first) for title, first in chapters.starts),
        outline=tuple(DraftEntry(level=level, title=title, page=page) for level, title, page in layout.outline),
        headings=tuple(DraftHeading(page=page, text=text, size=size) for page, text, size in layout.headings),
        body=layout.body,
    )


def _report(process: ReaderProcess, on_usage: Callable[[ReadingUsage], None] | None) -> None:
    process.end()
    if on_usage and process.usage:
        on_usage(process.usage)
