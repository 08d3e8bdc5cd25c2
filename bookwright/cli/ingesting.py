"""`ingest`: recordings in, an audiobook to read and to listen to out."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from bookwright.cli.app import AsJson, Exit, out, print_json, run
from bookwright.cli.desk import desk
from bookwright.cli.follow import exit_code, follow
from bookwright.contracts.errors import Misconfigured
from bookwright.ingestion import AudiobookWishes, ingest
from bookwright.store.ingestion.audiobooks import Audiobook, AudiobookStore

_SHOWN = 30


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest")(ingest_files)


def ingest_files(
    files: Annotated[list[Path], typer.Argument(help="MP3, M4A, M4B, WAV, FLAC, OGG or OPUS, sorted by their names.")],
    title: Annotated[str, typer.Option(help="The audiobook's title.")],
    author: Annotated[str | None, typer.Option(help="Who wrote it.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is about, for people.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47, such as en; some transcribers find it.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Others may find it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have recordings written down, summarized and tagged, and wait for it. The book is read in step with them."""
    wishes = AudiobookWishes(title=title, author=author, description=description, language=language, is_public=public)

    async def work() -> Exit:
        async with desk() as open_desk:
            if not open_desk.settings.transcribes:
                raise Misconfigured("BOOKWRIGHT_TRANSCRIPTION: name who writes recordings down, such as whisper")
            job = await ingest(open_desk.database, open_desk.assets, open_desk.owner, files, wishes)
            await open_desk.client()
            (ended,) = await follow(open_desk, [job], quiet=as_json)
            found = await AudiobookStore(open_desk.database, open_desk.assets).audiobook(
                open_desk.owner, ended.job.book_id
            )
            if as_json:
                print_json(_document(found))
            else:
                _tell(found)
            return exit_code(ended)

    run(work, as_json=as_json)


def _document(found: Audiobook) -> dict[str, Any]:
    facts = found.facts
    return {
        "audiobook_id": facts.book_id,
        "number": facts.number,
        "title": facts.title,
        "state": facts.state,
        "warning": facts.warning,
        "reason": facts.reason,
        "language": facts.language,
        "pages": facts.pages,
        "words": facts.words,
        "summary": found.summary.text if found.summary else None,
        "tags": found.tags.tags if found.tags else [],
        "free_tags": found.tags.free_tags if found.tags else [],
        "chapters": [
            {
                "number": chapter.chapter,
                "title": chapter.title,
                "seconds": chapter.duration_ms / 1000,
                "words": chapter.words,
                "confidence": chapter.confidence,
                "error": chapter.error,
            }
            for chapter in found.chapters
        ],
        "steps": {step.kind.value: step.state for step in found.steps},
    }


def _tell(found: Audiobook) -> None:
    facts = found.facts
    out.print(f"[bold]{escape(facts.title)}[/bold]: {facts.pages} pages, {facts.words} words, book {facts.number}")
    for chapter in found.chapters[:_SHOWN]:
        outcome = escape(chapter.error) if chapter.error else f"{chapter.words} words"
        out.print(f"  {chapter.chapter}. {escape(chapter.title)}: {outcome}")
    if len(found.chapters) > _SHOWN:
        out.print(f"  … {len(found.chapters) - _SHOWN} more chapters")
    if found.summary:
        out.print(escape(found.summary.text))
    if found.tags:
        out.print(escape(", ".join([*found.tags.tags, *found.tags.free_tags])))
    for problem in filter(None, (facts.warning, facts.reason)):
        out.print(f"[yellow]{escape(problem)}[/yellow]")
