"""`make`, `estimate` and `demo`: from a text to a book on the disk."""

import asyncio
import os
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any, NamedTuple
from uuid import uuid4

import typer

from bookwright.cli.app import AsJson, Exit, err, out, print_json, run
from bookwright.cli.deliver import deliver
from bookwright.cli.desk import Desk, desk
from bookwright.cli.follow import exit_code, follow, headline
from bookwright.cli.makers import check_engines, makers
from bookwright.cli.missing import missing, missing_json, show_missing
from bookwright.cli.show import job_json, show_estimate
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import DEFAULT_EDITIONS, TRACKS, Edition
from bookwright.contracts.progress import JobState
from bookwright.intake import Wishes, check_tracks, lacking, parse_budget, parse_list, sees
from bookwright.money.usd import to_usd
from bookwright.press.reading.documents import Documents
from bookwright.providers.choice import voices
from bookwright.samples import SAMPLES, read_sample
from bookwright.settings import Settings
from bookwright.store import JobProgress
from bookwright.submission import Submission, check_file, examine, submit
from bookwright.submission import estimate as estimate_submission

Title = Annotated[str | None, typer.Option(help="The book's title; found in the text when left out.")]
Author = Annotated[str | None, typer.Option(help="The author's name.")]
Language = Annotated[str | None, typer.Option(help="BCP 47, such as en, hi or pt-BR; detected when left out.")]
VoiceName = Annotated[str | None, typer.Option(help="A voice of the speech provider.")]

Tracks = Annotated[str, typer.Option(help=f"Comma-separated: {', '.join(TRACKS)}.")]
SOURCES = "A text, Markdown, PDF, EPUB, DOCX or HTML file."


class Handed(NamedTuple):
    """Where a source comes from, what it is called, and what is wished for."""

    source: Path | bytes
    name: str
    wishes: Wishes


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(make)
    app.command()(estimate)
    app.command()(demo)


def make(
    file: Annotated[Path, typer.Argument(help=SOURCES)],
    out_dir: Annotated[Path, typer.Option("--out", help="Where the finished files go.")] = Path(),
    title: Title = None,
    author: Author = None,
    language: Language = None,
    voice: VoiceName = None,
    tracks: Tracks = "narration",
    editions: Annotated[str, typer.Option(help=f"Comma-separated: {', '.join(Edition)}.")] = ",".join(DEFAULT_EDITIONS),
    budget: Annotated[str | None, typer.Option(help="The most it may cost, in US dollars.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a narrated book from a text or a document. Run again after anything went wrong, it goes on where it was."""

    async def work() -> Exit:
        wishes = Wishes(
            title=title,
            author=author,
            language=language,
            voice=voice,
            tracks=parse_list(tracks, TRACKS, "tracks"),
            editions=parse_list(editions, Edition, "editions"),
            budget_usd=parse_budget(budget),
        )
        check_file(file)
        check_out(out_dir)
        async with desk() as opened:
            check_tracks(wishes.tracks, lacking(opened.settings))
            return await _make(opened, [Handed(file, file.name, wishes)], out_dir, as_json=as_json)

    run(work, as_json=as_json)


def demo(
    out_dir: Annotated[Path, typer.Option("--out", help="Where the finished files go.")] = Path("books"),
    as_json: AsJson = False,
) -> None:
    """Make the sample book, in English and in Hindi."""

    async def work() -> Exit:
        check_out(out_dir)
        wishes = Wishes(author="The Bookwright authors")
        orders = [Handed(read_sample(name), name, wishes) for name in SAMPLES]
        async with desk() as opened:
            code = await _make(opened, orders, out_dir, as_json=as_json)
            if sys.stdin.isatty() and sys.stdout.isatty() and not as_json:
                await _offer_to_stay(opened)
            return code

    run(work, as_json=as_json)


def estimate(
    file: Annotated[Path, typer.Argument(help=SOURCES)],
    title: Title = None,
    language: Language = None,
    voice: VoiceName = None,
    tracks: Tracks = "narration",
    as_json: AsJson = False,
) -> None:
    """Say what a book would take: calls, cost and time. Nothing is made or stored."""

    async def work() -> Exit:
        settings = Settings.load()
        wanted = parse_list(tracks, TRACKS, "tracks")
        check_tracks(wanted, lacking(settings))
        submission = Submission(file, file.name, Wishes(title=title, language=language, voice=voice, tracks=wanted))
        async with makers(settings) as chosen:
            figures = await asyncio.to_thread(estimate_submission, submission, Documents(), chosen)
        if as_json:
            print_json(figures.model_dump(mode="json"))
        else:
            show_estimate(figures)
        return Exit.DONE

    run(work, as_json=as_json)


@asynccontextmanager
async def _handed_in(desk: Desk, handed: Handed) -> AsyncIterator[Submission]:
    """What was handed in as a file of our own, until it has been stored or refused."""
    path = desk.assets.scratch() / f"{uuid4().hex}.source"
    try:
        try:
            await asyncio.to_thread(_copy, handed.source, path)
        except OSError as error:
            raise BadInput(f"the file can't be read: {error.strerror}", field="file") from None
        yield Submission(path, handed.name, handed.wishes)
    finally:
        path.unlink(missing_ok=True)


def _copy(source: Path | bytes, target: Path) -> None:
    if isinstance(source, bytes):
        target.write_bytes(source)
    else:
        shutil.copyfile(source, target)


async def _make(desk: Desk, orders: list[Handed], out_dir: Path, *, as_json: bool) -> Exit:
    jobs: list[JobId] = []
    already = 0
    documents = Documents()
    await check_engines(desk.settings)
    async with voices(desk.settings) as engine:
        for handed in orders:
            async with _handed_in(desk, handed) as submission:
                looks = partial(examine, submission, engine, documents, desk.owner, sees=sees(desk.settings))
                accepted = await asyncio.to_thread(looks)
                job = await submit(submission, accepted, desk.jobs, desk.assets)
            already += job.state is JobState.DONE
            if job.state is JobState.PAUSED:
                await go_on(desk, job.workflow_id)
            jobs.append(job.job_id)
    if already < len(jobs):
        await desk.client()
    ended = await follow(desk, jobs, quiet=as_json)
    return await report(desk, ended, out_dir, nothing_new=already == len(jobs), as_json=as_json)


async def go_on(desk: Desk, workflow_id: str) -> None:
    """The same order again is a wish to go on."""
    client = await desk.client()
    await client.get_workflow_handle(workflow_id).signal("resume")


async def report(desk: Desk, ended: list[JobProgress], out_dir: Path, *, nothing_new: bool, as_json: bool) -> Exit:
    """Copy the files of jobs that have ended to `out_dir`, and say how they ended."""
    documents: list[dict[str, Any]] = []
    for progress in ended:
        files = await deliver(desk, progress.job, out_dir)
        lacking = await missing(desk, progress.job)
        more = {"files": [str(path) for path in files], "nothing_new": nothing_new, "missing": missing_json(lacking)}
        documents.append(job_json(progress) | more)
        if as_json:
            continue
        out.print(headline(progress))
        show_missing(lacking)
        for path in files:
            out.print(f"  {path}", markup=False)
        if files:
            out.print(f"  to read and hear it: {_serve()}, then /read/{progress.job.book_id}", markup=False)
        counts = progress.counts
        out.print(
            f"  {counts.calls} calls made, {counts.reused} reused, {counts.ambiguous} without a known answer, "
            f"{to_usd(counts.cost_micros)} USD"
        )
        if progress.job.state is JobState.PAUSED:
            err.print(f"  go on with: bookwright resume {progress.job.number}")
    if as_json:
        print_json(documents[0] if len(documents) == 1 else documents)
    elif nothing_new:
        out.print("Nothing had to be made again.")
    return max((exit_code(progress) for progress in ended), key=_severity)


def _serve() -> str:
    """The command that shows the books of this home."""
    home = os.environ.get("BOOKWRIGHT_HOME")
    return f"BOOKWRIGHT_HOME={shlex.quote(home)} bookwright serve" if home else "bookwright serve"


def _severity(code: Exit) -> int:
    return [Exit.DONE, Exit.PARTLY, Exit.FAILED].index(code)


async def _offer_to_stay(desk: Desk) -> None:
    """At a terminal: keep the service up until the person has seen enough."""
    if typer.confirm("Stay up, with the books' pages and the Temporal UI, until Ctrl-C?", default=False):
        from bookwright.cli.keys import welcome
        from bookwright.cli.running import serve_until_interrupted
        from bookwright.cli.web import web_pages

        async with web_pages(desk, "127.0.0.1", 0) as url:
            await serve_until_interrupted(desk, await welcome(desk, url, host="127.0.0.1"))


def check_out(folder: Path) -> None:
    """Refuse before work is done what would fail after it. Makes nothing: the order may still be refused."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise BadInput(f"--out: {folder} can't be written to: {error.strerror}", field="out") from None
