"""Following a job to its end, with bars for its stages and chapters."""

import asyncio
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bookwright.cli.app import Exit, out
from bookwright.cli.desk import Desk
from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import JobId
from bookwright.contracts.progress import ChapterStatus, JobState, StageStatus
from bookwright.store import JobProgress

POLL_S = 0.25
BAR = 24
SHOWN_CHAPTERS = 12


async def follow(desk: Desk, jobs: Sequence[JobId], *, quiet: bool = False) -> list[JobProgress]:
    """Wait until each job is closed, or is paused for a person; show how they come along."""
    live = None if quiet else Live(console=out, refresh_per_second=8, transient=not out.is_terminal)
    if live is not None and out.is_terminal:
        live.start()
    told: dict[JobId, str] = {}
    try:
        while True:
            found = [await desk.jobs.progress(desk.owner, job) for job in jobs]
            if live is not None:
                if out.is_terminal:
                    live.update(Group(*(picture(progress) for progress in found)))
                else:
                    _tell_lines(found, told)
            if all(settled(progress) for progress in found):
                return found
            await desk.service.revive()
            await asyncio.sleep(POLL_S)
    finally:
        if live is not None and out.is_terminal:
            live.stop()


def settled(progress: JobProgress) -> bool:
    """Closed, or standing still until somebody acts."""
    return progress.job.state.closed or progress.job.state is JobState.PAUSED


def exit_code(progress: JobProgress) -> Exit:
    """What the end of a job means to a script."""
    if progress.job.state is JobState.DONE:
        return Exit.PARTLY if progress.job.warning else Exit.DONE
    if progress.job.state in (JobState.CANCELLED, JobState.PAUSED):
        return Exit.PARTLY
    return Exit.FAILED if progress.job.state is JobState.FAILED else Exit.DONE


def picture(progress: JobProgress) -> RenderableType:
    """The job as a table of bars."""
    table = Table.grid(padding=(0, 2))
    for stage in progress.stages:
        table.add_row(f"[bold]{stage.name}[/bold]", _bar(stage.done, stage.failed, stage.total), _count(stage))
    chapters = [chapter for chapter in progress.chapters if chapter.done + chapter.failed < chapter.pages]
    shown = progress.chapters if len(progress.chapters) <= SHOWN_CHAPTERS else tuple(chapters[:SHOWN_CHAPTERS])
    for chapter in shown:
        title = Text(f"  {chapter.number}. {chapter.title}", overflow="ellipsis", no_wrap=True)
        title.truncate(44)
        table.add_row(title, _bar(chapter.done, chapter.failed, chapter.pages), _pages(chapter))
    if len(shown) < len(progress.chapters):
        table.add_row(f"  … {len(progress.chapters) - len(shown)} more chapters")
    return Group(headline(progress), table)


def headline(progress: JobProgress) -> Text:
    """One line: number, title, state, and why it stands still or ended as it did."""
    job = progress.job
    line = Text.assemble((f"job {job.number} ", "dim"), (job.title, "bold"), f" · {job.state}")
    for reason in (job.paused_reason, job.warning, job.error):
        if reason:
            line.append(f" · {reason}", style="yellow")
    return line


def _bar(done: int, failed: int, total: int) -> Text:
    good = BAR * done // total if total else 0
    bad = BAR * failed // total if total else 0
    return Text.assemble(("━" * good, "green"), ("━" * bad, "red"), ("━" * (BAR - good - bad), "dim"))


def _count(stage: StageStatus) -> str:
    failed = f" [red]{stage.failed} failed[/red]" if stage.failed else ""
    took = ""
    if stage.started_at and stage.completed_at:
        took = f" [dim]{(stage.completed_at - stage.started_at).total_seconds():.1f} s[/dim]"
    return f"{stage.done}/{stage.total}{failed}{took}" if stage.total else str(stage.state)


def _pages(chapter: ChapterStatus) -> str:
    failed = f" [red]{chapter.failed} failed[/red]" if chapter.failed else ""
    return f"{chapter.done}/{chapter.pages} pages{failed}"


def _tell_lines(found: Sequence[JobProgress], told: dict[JobId, str]) -> None:
    """Without a terminal: a line whenever a job has moved on."""
    for progress in found:
        narration = next((stage for stage in progress.stages if stage.state is TrackState.PROCESSING), None)
        at = f"{narration.name} {narration.done}/{narration.total}" if narration else str(progress.job.state)
        if told.get(progress.job.job_id) != at:
            told[progress.job.job_id] = at
            out.print(f"job {progress.job.number} {progress.job.title}: {at}", markup=False)
