"""`soundscape`, `batches` and `schedules`."""

import json
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from bookwright.batching import Batching, open_batching
from bookwright.batchorders import BatchOrders
from bookwright.cli.app import AsJson, Exit, out, print_json, run
from bookwright.cli.desk import Desk, desk
from bookwright.cli.follow import exit_code, follow
from bookwright.cli.makers import makers
from bookwright.contracts.batches import BookItem, Timing
from bookwright.contracts.errors import BadInput
from bookwright.contracts.orders import Track
from bookwright.cron import check_timing
from bookwright.intake import check_tracks, lacking
from bookwright.money.usd import to_usd
from bookwright.soundscapes import SoundscapeOrders, SoundscapeReport
from bookwright.steering import Steering
from bookwright.store.batches.store import BatchFacts, BatchStore, ScheduleFacts
from bookwright.store.books.shelf import Shelf
from bookwright.store.scenes.store import SceneStore

_ITEMS: TypeAdapter[list[BookItem]] = TypeAdapter(list[BookItem])
_LISTED = 50
batches = typer.Typer(help="Many orders, worked off a few at a time.", no_args_is_help=True)
schedules = typer.Typer(help="Batches at set times, such as off-peak.", no_args_is_help=True)
Batch = Annotated[str, typer.Argument(help="The batch's number or id.")]
Kind = Annotated[
    str, typer.Option("--make", help="`soundscapes`, or `rest`: whatever is missing of the newest orders.")
]
Books = Annotated[list[str], typer.Argument(help="Books by number or id; * is each that lacks it.")]
AtOnce = Annotated[int, typer.Option(min=1, max=50, help="Jobs of it under way at the same time.")]
Name = Annotated[str | None, typer.Option(help="What it is called.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(soundscape)
    batches.command("make")(make_batch)
    batches.command("list")(list_batches)
    batches.command("show")(show_batch)
    batches.command("cancel")(cancel_batch)
    batches.command("retry")(retry_batch)
    schedules.command("add")(add_schedule)
    schedules.command("list")(list_schedules)
    schedules.command("remove")(remove_schedule)
    app.add_typer(batches, name="batches")
    app.add_typer(schedules, name="schedules")


def soundscape(book: Annotated[str, typer.Argument(help="The book's number or id.")], as_json: AsJson = False) -> None:
    """Make the soundscapes that a book lacks, and wait for them. All else it has is kept."""

    async def work() -> Exit:
        async with desk() as opened:
            check_tracks((Track.SOUNDSCAPE,), lacking(opened.settings))
            orders = _soundscapes(opened)
            await opened.client()
            job = await orders.order(opened.owner, book)
            [progress] = await follow(opened, [job.job_id], quiet=as_json)
            report = await orders.report(progress.job)
            if as_json:
                print_json(_report_json(report))
            else:
                _tell(report)
            return exit_code(progress)

    run(work, as_json=as_json)


def make_batch(
    books: Books, kind: Kind = "soundscapes", name: Name = None, at_once: AtOnce = 2, as_json: AsJson = False
) -> None:
    """Order the same for many books. A running service works on them."""

    async def work() -> Exit:
        async with desk() as opened:
            async with makers(opened.settings) as chosen:
                store = _store(opened)
                orders = BatchOrders(opened.database, opened.assets, store, chosen.speech, lacking(opened.settings))
                taken = await orders.take(opened.owner, name or f"{kind} of books", _items(kind, books), at_once)
            _show(taken, as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def list_batches(as_json: AsJson = False) -> None:
    """The newest batches."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await _store(opened).batches(opened.owner, _LISTED)
        if as_json:
            print_json([_batch_json(batch) for batch in found])
        for batch in () if as_json else found:
            out.print(_line(batch))
        return Exit.DONE

    run(work, as_json=as_json)


def show_batch(batch: Batch, as_json: AsJson = False) -> None:
    """How a batch and each of its items stand."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await _store(opened).batch(opened.owner, batch)
            items = await _store(opened).items(opened.owner, found.batch_id)
        if as_json:
            print_json(_batch_json(found) | {"details": [item.model_dump(mode="json") for item in items]})
            return Exit.DONE
        out.print(_line(found))
        for item in items:
            state = item.state or ("refused" if item.error else "waiting")
            out.print(f"  {item.item}. {state}  {escape(item.error or item.warning or '')}")
        return Exit.DONE

    run(work, as_json=as_json)


def cancel_batch(batch: Batch, as_json: AsJson = False) -> None:
    """Order nothing more of a batch, and cancel its jobs that go on."""

    async def work() -> Exit:
        async with desk() as opened:
            await _batching(opened).cancel(await _store(opened).batch(opened.owner, batch))
            _show(await _store(opened).batch(opened.owner, batch), as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def retry_batch(batch: Batch, as_json: AsJson = False) -> None:
    """Order what is missing of a batch that has ended, in a new one."""

    async def work() -> Exit:
        async with desk() as opened:
            rest = await _batching(opened).retry(await _store(opened).batch(opened.owner, batch))
            _show(await _store(opened).batch(opened.owner, rest), as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def add_schedule(
    books: Books,
    cron: Annotated[str | None, typer.Option(help="Minute, hour, day of the month, month, day of the week.")] = None,
    timezone: Annotated[str, typer.Option(help="An IANA name, for --cron.")] = "UTC",
    at: Annotated[str | None, typer.Option(help="Once, such as 2026-12-01T02:30:00Z.")] = None,
    kind: Kind = "soundscapes",
    name: Name = None,
    at_once: AtOnce = 2,
    as_json: AsJson = False,
) -> None:
    """Have a batch made at set times. While one run is on, the next is left out."""

    async def work() -> Exit:
        timing = check_timing(Timing(cron=cron, timezone=timezone, at=_time(at)))
        items = _items(kind, books)
        async with desk() as opened:
            async with makers(opened.settings) as chosen:
                store = _store(opened)
                orders = BatchOrders(opened.database, opened.assets, store, chosen.speech, lacking(opened.settings))
                await orders.check(opened.owner, items)
            made = await store.add_schedule(opened.owner, name or f"{kind} of books", timing, items, at_once)
        if as_json:
            print_json(made.model_dump(mode="json"))
        else:
            out.print(_schedule_line(made))
        return Exit.DONE

    run(work, as_json=as_json)


def list_schedules(as_json: AsJson = False) -> None:
    """The newest schedules."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await _store(opened).schedules(opened.owner, _LISTED)
        if as_json:
            print_json([schedule.model_dump(mode="json") for schedule in found])
        for schedule in () if as_json else found:
            out.print(_schedule_line(schedule))
        return Exit.DONE

    run(work, as_json=as_json)


def remove_schedule(
    schedule: Annotated[str, typer.Argument(help="The schedule's number or id.")], as_json: AsJson = False
) -> None:
    """Make no more batches of a schedule. Those that were made go on."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await _store(opened).schedule(opened.owner, schedule)
            await _store(opened).remove_schedule(found)
        if as_json:
            print_json({"schedule": found.number, "removed": True})
        else:
            out.print(f"schedule {found.number} is removed")
        return Exit.DONE

    run(work, as_json=as_json)


def _store(opened: Desk) -> BatchStore:
    return BatchStore(opened.database, opened.assets)


def _batching(opened: Desk) -> Batching:
    return open_batching(opened.database, opened.assets, opened.jobs, opened.service.attach)


def _soundscapes(opened: Desk) -> SoundscapeOrders:
    scenes = SceneStore(opened.database, opened.assets)
    steering = Steering(opened.jobs, opened.client)
    return SoundscapeOrders(Shelf(opened.database), opened.books, opened.jobs, scenes, steering)


def _items(kind: str, books: list[str]) -> list[BookItem]:
    try:
        return _ITEMS.validate_python([{"kind": kind, "book": book} for book in books])
    except ValidationError:
        raise BadInput("make: give soundscapes or rest, and books by number or id", field="make") from None


def _time(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("at: give a time with its zone, such as 2026-12-01T02:30:00Z", field="at") from None


def _show(batch: BatchFacts, as_json: bool) -> None:
    if as_json:
        print_json(_batch_json(batch))
    else:
        out.print(_line(batch))


def _batch_json(batch: BatchFacts) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(batch.model_dump_json(exclude={"owner_id", "workflow_id"}))
    return found


def _line(batch: BatchFacts) -> str:
    jobs = ", ".join(f"{count} {state}" for state, count in sorted(batch.jobs.items()) if count)
    parts = [
        jobs,
        f"{batch.waiting} waiting" if batch.waiting else "",
        f"{batch.refused} refused" if batch.refused else "",
    ]
    return f"batch {batch.number} [bold]{escape(batch.name)}[/bold] · {batch.state} · " + ", ".join(filter(None, parts))


def _schedule_line(found: ScheduleFacts) -> str:
    when = (
        f"{found.timing.cron} {found.timing.timezone}" if found.timing.cron else f"{found.timing.at:%Y-%m-%d %H:%M} UTC"
    )
    return f"schedule {found.number} [bold]{escape(found.name)}[/bold] · {when} · {len(found.items)} items"


def _report_json(report: SoundscapeReport) -> dict[str, Any]:
    figures = report.figures.model_dump()
    errors = [error.model_dump(mode="json", exclude={"trace"}) for error in report.errors]
    job = report.job
    return {"job": job.number, "book": job.book_id, "state": job.state, "figures": figures, "errors": errors}


def _tell(report: SoundscapeReport) -> None:
    figures = report.figures
    saved = to_usd(figures.saved_micros)
    out.print(
        f"{figures.processed} of {figures.spreads} spreads, {figures.scenes} scenes: {figures.bought} soundscapes made "
        f"for {to_usd(figures.cost_micros)} USD, {figures.reused} scenes reuse one ({saved} USD saved)"
    )
    for error in report.errors:
        pages = ", ".join(map(str, error.pages))
        out.print(f"  pages {pages}: {escape(error.message)}")
