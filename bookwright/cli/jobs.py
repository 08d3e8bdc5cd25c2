"""`status`, `cancel`, `pause`, `resume` and `retry` of one job, and `jobs list`."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from bookwright.cli.app import AsJson, Exit, out, print_json, run
from bookwright.cli.desk import Desk, desk
from bookwright.cli.follow import exit_code, follow, headline, picture
from bookwright.cli.missing import missing, missing_json, show_missing
from bookwright.cli.show import job_json
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import JobKind
from bookwright.contracts.progress import JobState
from bookwright.intake import parse_budget
from bookwright.steering import Steering
from bookwright.store import JobRow
from bookwright.store.access.audit import COMMAND_LINE
from bookwright.store.jobs.filters import JobFilter
from bookwright.store.jobs.listing import JobLists

Job = Annotated[str, typer.Argument(help="The job's number or id.")]


MOST = 100
jobs = typer.Typer(help="Lists of jobs. For one: `status`, `cancel`, `pause`, `resume`, `retry`.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(jobs, name="jobs")
    app.command()(status)
    app.command()(cancel)
    app.command()(pause)
    app.command()(resume)
    app.command()(retry)


def status(
    job: Job,
    watch: Annotated[bool, typer.Option("--watch", help="Follow it to its end.")] = False,
    as_json: AsJson = False,
) -> None:
    """How a job stands, from the store; with --watch, until it ends."""

    async def work() -> Exit:
        async with desk() as opened:
            progress = await opened.jobs.progress(opened.owner, job)
            if watch:
                [progress] = await follow(opened, [progress.job.job_id], quiet=as_json)
            lacking = await missing(opened, progress.job)
            if as_json:
                print_json(job_json(progress) | {"missing": missing_json(lacking)})
            else:
                out.print(picture(progress))
                show_missing(lacking)
            return exit_code(progress)

    run(work, as_json=as_json)


@jobs.command("list")
def listed(
    user: Annotated[str | None, typer.Option(help="This user's alone; all users' when left out.")] = None,
    kind: Annotated[JobKind | None, typer.Option(help="Of this kind.")] = None,
    state: Annotated[list[JobState] | None, typer.Option(help="In this state; may be given again.")] = None,
    q: Annotated[str | None, typer.Option("--find", help="In titles of newer books; or an id or number.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this day on, UTC.", formats=["%Y-%m-%d"])] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many at most.")] = 50,
    after: Annotated[int | None, typer.Option(help="Go on after the job of this number.")] = None,
    as_json: AsJson = False,
) -> None:
    """The newest jobs."""

    async def work() -> Exit:
        wanted = JobFilter(
            kind=kind,
            states=tuple(state) if state else None,
            owner=OwnerId(user) if user else None,
            since=since and since.replace(tzinfo=UTC),
            q=q,
        )
        async with desk() as opened:
            page = await JobLists(opened.database).of_all(wanted, after, limit)
        if as_json:
            print_json([job_json(progress) for progress in page.jobs])
        for progress in () if as_json else page.jobs:
            out.print(headline(progress))
        return Exit.DONE

    run(work, as_json=as_json)


def cancel(
    job: Job,
    after_page: Annotated[bool, typer.Option("--after-page", help="Finish the pages under way, and bind.")] = False,
    as_json: AsJson = False,
) -> None:
    """Cancel a job. What was made is kept, and `retry` goes on with it."""

    async def act(steering: Steering, row: JobRow) -> None:
        await steering.cancel(row, after_page=after_page)

    _act(job, act, "cancelling", as_json)


def pause(job: Job, as_json: AsJson = False) -> None:
    """Begin nothing new until resumed; what is under way is finished."""

    async def act(steering: Steering, row: JobRow) -> None:
        await steering.pause(row)

    _act(job, act, "pausing", as_json)


def resume(
    job: Job,
    budget: Annotated[str | None, typer.Option(help="Raise the budget to this many US dollars first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Go on after a pause, or after what held the job up was put right."""

    async def act(steering: Steering, row: JobRow) -> None:
        if (cap := parse_budget(budget)) is not None:
            await steering.raise_budget(row, cap, COMMAND_LINE)
        await steering.resume(row)

    _act(job, act, "resuming", as_json)


def retry(job: Job, as_json: AsJson = False) -> None:
    """Make what is missing of a job that has ended. It starts when a service runs."""

    async def work() -> Exit:
        async with desk() as opened:
            again = await _steering(opened).retry(await opened.jobs.job(opened.owner, job))
            _say(again, "queued", as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def _act(job: str, act: Callable[[Steering, JobRow], Awaitable[None]], doing: str, as_json: bool) -> None:
    async def work() -> Exit:
        async with desk() as opened:
            row = await opened.jobs.job(opened.owner, job)
            await act(_steering(opened), row)
            _say(row, doing, as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def _steering(opened: Desk) -> Steering:
    return Steering(opened.jobs, opened.service.attach)


def _say(row: JobRow, doing: str, as_json: bool) -> None:
    if as_json:
        print_json({"job_id": row.job_id, "number": row.number, "status": doing})
    else:
        out.print(f"job {row.number} ({row.title}): {doing}", markup=False)
