"""`order` and `write`: from a brief, or from notes, to a book on the disk."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from api.schemas.stories import BookBrief
from bookwright.cli.app import AsJson, Exit, run
from bookwright.cli.desk import Desk, desk
from bookwright.cli.follow import follow
from bookwright.cli.makers import check_engines, makers
from bookwright.cli.making import check_out, go_on, report
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.errors import BadInput
from bookwright.contracts.orders import TRACKS, editions_with
from bookwright.contracts.progress import JobState
from bookwright.contracts.stories import MOST_PAGES, StoryKind
from bookwright.intake import Wishes, lacking, parse_budget, parse_list
from bookwright.storyorders import NOTES_EDITIONS, NOTES_LIMIT, Crew, StoryOrder, order_notes, submit_story
from bookwright.text.decode import decode

_LONGEST = 4 * NOTES_LIMIT
"""Bytes of a file that is read."""
Out = Annotated[Path, typer.Option("--out", help="Where the finished files go.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(order)
    app.command()(write)


def order(
    brief: Annotated[Path, typer.Argument(help="A JSON file, as POST /api/books/generate takes it.")],
    out_dir: Out = Path(),
    as_json: AsJson = False,
) -> None:
    """Make a personalised book from a brief: written, illustrated and narrated. Run again after anything went wrong, it
    goes on where it was; the same brief again is the same book."""

    async def work() -> Exit:
        from api.orders.stories import brief_order  # only now: the web framework takes its time

        try:
            asked = BookBrief.model_validate_json(_read(brief, "brief"))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or "brief"
            raise BadInput(f"{field}: {first['msg'].removeprefix('Value error, ')}", field=field) from None
        if asked.user_id is not None:
            raise BadInput("user_id: books of this command are those of this home; leave it out", field="user_id")
        check_out(out_dir)
        async with desk() as opened, makers(opened.settings) as chosen:
            crew = Crew(chosen.speech, chosen.text, lacking(opened.settings))
            return await _make(opened, brief_order(asked, crew, opened.owner), out_dir, as_json=as_json)

    run(work, as_json=as_json)


def write(
    notes: Annotated[Path, typer.Argument(help="A text file: what the story is to tell.")],
    pages: Annotated[int, typer.Option(min=1, max=MOST_PAGES, help="Of about 250 words each.")] = 8,
    kind: Annotated[StoryKind, typer.Option(help="A life story, or a tale.")] = StoryKind.CREATIVE,
    tone: Annotated[str, typer.Option(help="How it sounds.")] = "warm",
    audience: Annotated[str, typer.Option(help="Whom it is for.")] = "adults",
    improve_grammar: Annotated[bool, typer.Option("--improve-grammar", help="Go over it once more.")] = False,
    tracks: Annotated[str, typer.Option(help=f"Comma-separated: {', '.join(TRACKS)}; the text alone without.")] = "",
    style: Annotated[PictureStyle, typer.Option(help="Of its pictures.")] = PictureStyle.ARTISTIC,
    title: Annotated[str | None, typer.Option(help="The book's title; its writer finds one when left out.")] = None,
    author: Annotated[str | None, typer.Option(help="The author's name.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47; that of the notes when left out.")] = None,
    voice: Annotated[str | None, typer.Option(help="A voice of the speech provider.")] = None,
    budget: Annotated[str | None, typer.Option(help="The most it may cost, in US dollars.")] = None,
    out_dir: Out = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a story from notes, and bind it. Run again after anything went wrong, it goes on where it was."""

    async def work() -> Exit:
        wanted = parse_list(tracks, TRACKS, "tracks")
        wishes = Wishes(
            title=title,
            author=author,
            language=language,
            voice=voice,
            tracks=wanted,
            editions=editions_with(NOTES_EDITIONS, wanted),
            budget_usd=parse_budget(budget),
            style=style,
        )
        content = decode(_read(notes, "notes"))
        check_out(out_dir)
        async with desk() as opened, makers(opened.settings) as chosen:
            accepted = await asyncio.to_thread(
                order_notes,
                content,
                wishes,
                Crew(chosen.speech, chosen.text, lacking(opened.settings)),
                opened.owner,
                kind=kind,
                pages=pages,
                tone=tone,
                audience=audience,
                improve_grammar=improve_grammar,
            )
            return await _make(opened, accepted, out_dir, as_json=as_json)

    run(work, as_json=as_json)


async def _make(opened: Desk, accepted: StoryOrder, out_dir: Path, *, as_json: bool) -> Exit:
    await check_engines(opened.settings)
    job = await submit_story(accepted, opened.jobs, opened.assets, once=True)
    already = job.state is JobState.DONE
    if job.state is JobState.PAUSED:
        await go_on(opened, job.workflow_id)
    if not already:
        await opened.client()
    ended = await follow(opened, [job.job_id], quiet=as_json)
    return await report(opened, ended, out_dir, nothing_new=already, as_json=as_json)


def _read(path: Path, field: str) -> bytes:
    """A small file that was named. Raises BadInput."""
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
    except OSError as error:
        raise BadInput(f"{field}: {path.name} can't be read: {error.strerror}", field=field) from None
    if len(data) > _LONGEST:
        raise BadInput(f"{field}: {path.name} is larger than {_LONGEST} bytes", field=field)
    return data
