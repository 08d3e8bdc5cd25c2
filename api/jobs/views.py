"""What the store and the workflows know of jobs, as the API says it."""

from collections.abc import Sequence
from zlib import crc32

from api.access.links import link
from api.files.editions import edition_path
from api.jobs.minutes import Minute
from api.jobs.states import processing_status
from api.schemas.jobs import (
    Costs,
    JobChapter,
    JobEdition,
    JobResult,
    JobStage,
    JobStatus,
    JobStatusName,
    JobType,
    QueueCounts,
    StatsAlert,
)
from bookwright.contracts.access import Caller
from bookwright.contracts.book import BoundFile, TrackState
from bookwright.contracts.deliveries import Alert, AlertKind
from bookwright.contracts.ids import BookId
from bookwright.contracts.orders import Edition, JobKind, main_track
from bookwright.contracts.progress import BookStatus, JobState, StageName, StageStatus, stages_for
from bookwright.money.usd import to_usd
from bookwright.store import JobProgress, JobRow
from bookwright.store.jobs.statistics import JobCounts, JobStatistics

TYPES: dict[JobKind, JobType] = {
    JobKind.STORY: "story_generation",
    JobKind.IMAGE: "image_generation",
    JobKind.AUDIO: "audio_generation",
}
KINDS = {name: kind for kind, name in TYPES.items()}
WEIGHTS = {
    StageName.CHARACTERS: 5,
    StageName.ENHANCEMENT: 5,
    StageName.STORY: 30,
    StageName.TEXT: 5,
    StageName.NARRATION: 80,
    StageName.ANALYSIS: 15,
    StageName.ILLUSTRATIONS: 100,
    StageName.VALIDATION: 20,
    StageName.SOUNDSCAPE: 10,
    StageName.BINDING: 15,
}
"""About what the stages take, beside each other."""
WAITING_LONG_S = 600


def job_status(
    progress: JobProgress,
    live: BookStatus | None = None,
    files: Sequence[BoundFile] | None = None,
    caller: Caller | None = None,
    minutes: Sequence[Minute] = (),
) -> JobStatus:
    """A job as its status: what its workflow says, if it was asked, over what the store has. `files` of a job that is
    done are shown with addresses that `caller` can open, its audiobook as chapters of these `minutes`."""
    job = progress.job
    state = live.state if live and not live.state.closed else job.state  # it has closed when the store says so
    stages = stages_of(progress, live)
    return JobStatus(
        jobId=job.job_id,
        number=job.number,
        type=TYPES[job.kind],
        storyId=job.book_id,
        title=live.title if live else job.title,
        status=status_name(state),
        paused_reason=live.paused_reason if live else job.paused_reason,
        warning=job.warning,
        progress=_percent(progress, stages),
        attempts=job.retries + 1,
        stages=tuple(_stage(stage, progress) for stage in stages),
        result=_result(progress, files, caller, minutes) if job.state is JobState.DONE else None,
        error=job.error,
        cost=to_usd(progress.counts.cost_micros),
        saved=to_usd(progress.counts.saved_micros),
        reserved=None if progress.costs is None else to_usd(sum(costs.reserved_micros for costs in progress.costs)),
        priority=job.priority,
        createdAt=job.created_at,
        startedAt=job.started_at,
        finishedAt=job.closed_at,
        as_of=max(live.as_of, progress.as_of) if live else progress.as_of,
    )


def job_edition(job: JobRow) -> str:
    """What an edit of a job goes by: it changes with the state and what holds the job up, not with each page."""
    return f"{job.state}.{crc32((job.paused_reason or '').encode()):08x}"


def status_name(state: JobState) -> JobStatusName:
    """The state as section 3 calls it."""
    found: JobStatusName = processing_status(state)  # type: ignore[assignment]
    return found


def queue_counts(counts: JobCounts) -> QueueCounts:
    """The counts as an answer."""
    return QueueCounts(**counts.model_dump())


def costs(today_micros: int, month_micros: int) -> Costs:
    """Both in dollars."""
    return Costs(today=to_usd(today_micros), month=to_usd(month_micros))


def percentile(ascending: Sequence[float], share: float) -> float | None:
    """The value that `share` of them do not exceed."""
    return round(ascending[min(len(ascending) - 1, int(len(ascending) * share))], 3) if ascending else None


def alerts(
    statistics: JobStatistics, waited_s: float, total: JobCounts, unseen: Sequence[Alert]
) -> tuple[StatsAlert, ...]:
    """What an operator should look at: `unseen` alerts, and what stands so now."""
    found = [
        StatsAlert(type=one.kind, message=one.message, count=one.count, number=one.number, at=one.last_at)
        for one in unseen
    ]
    if waited_s > WAITING_LONG_S:
        message = f"a job has waited for {int(waited_s // 60)} minutes: is a worker running?"
        found.append(StatsAlert(type="waiting_long", message=message, count=total.waiting))
    if (count := statistics.failed_last_hour) and not any(one.kind is AlertKind.JOB_FAILED for one in unseen):
        found.append(StatsAlert(type="failures", message="jobs failed in the last hour", count=count))
    if total.paused:
        found.append(StatsAlert(type="paused", message="jobs are paused until somebody acts", count=total.paused))
    return tuple(found)


def stages_of(progress: JobProgress, live: BookStatus | None) -> tuple[StageStatus, ...]:
    """Each stage as whoever knows more of it says: the store counts pages, the workflow knows what has begun."""
    stored = {stage.name: stage for stage in progress.stages}
    asked = {stage.name: stage for stage in live.stages} if live else {}
    if progress.pages:  # reading the text leaves no row, but pages
        stored[StageName.TEXT] = StageStatus(name=StageName.TEXT, state=TrackState.COMPLETED, done=1, total=1)
    elif progress.job.state is JobState.RUNNING and not progress.job.order.is_written:
        stored[StageName.TEXT] = StageStatus(name=StageName.TEXT, state=TrackState.PROCESSING, total=1)
    validated, seen = (name in stored | asked for name in (StageName.VALIDATION, StageName.READING))
    return tuple(
        _further(stored.get(name, StageStatus(name=name)), asked.get(name))
        for name in stages_for(progress.job.order, validated=validated, seen=seen)
    )


def _further(stored: StageStatus, asked: StageStatus | None) -> StageStatus:
    if asked is None:
        return stored
    more = stored if stored.done + stored.failed > asked.done + asked.failed else asked
    return asked.model_copy(update={"done": more.done, "failed": more.failed, "total": max(asked.total, stored.total)})


def share(stage: StageStatus) -> float:
    """How much of a stage is done, from 0 to 1."""
    if stage.state in (TrackState.COMPLETED, TrackState.SKIPPED):
        return 1.0
    return min(1.0, (stage.done + stage.failed) / stage.total) if stage.total else 0.0


def percent(progress: JobProgress, live: BookStatus | None = None) -> int:
    """How much of a job is done, and never less than anybody was told before."""
    return _percent(progress, stages_of(progress, live))


def _percent(progress: JobProgress, stages: Sequence[StageStatus]) -> int:
    if progress.job.state is JobState.DONE:
        return 100
    return max(progress.job.shown, _overall(stages))


def _overall(stages: Sequence[StageStatus]) -> int:
    done = sum(WEIGHTS[stage.name] * share(stage) for stage in stages)
    return min(99, int(100 * done / sum(WEIGHTS[stage.name] for stage in stages)))


def _stage(stage: StageStatus, progress: JobProgress) -> JobStage:
    known = progress.costs is not None
    spent = next((costs for costs in progress.costs or () if costs.key == stage.name), None)
    return JobStage(
        name=stage.name,
        status=stage.state,
        progress=int(100 * share(stage)),
        done=stage.done,
        failed=stage.failed,
        total=stage.total,
        cost=to_usd(spent.cost_micros if spent else 0) if known else None,
        reserved=to_usd(spent.reserved_micros if spent else 0) if known else None,
        startedAt=stage.started_at,
        completedAt=stage.completed_at,
    )


def _result(
    progress: JobProgress, files: Sequence[BoundFile] | None, caller: Caller | None, minutes: Sequence[Minute]
) -> JobResult:
    book = progress.job.book_id
    main = main_track(progress.job.order.tracks)
    failed = sum(stage.failed for stage in progress.stages if main and stage.name is StageName(main))
    shown = None if files is None or caller is None else tuple(shown_edition(book, file, caller) for file in files)
    return JobResult(
        bookId=book,
        pages=progress.pages,
        failedPages=failed,
        editions=shown,
        chapters=None if files is None or caller is None else _chapters(book, files, caller, minutes),
    )


def shown_edition(book: BookId, file: BoundFile, caller: Caller) -> JobEdition:
    """A file with an address that the caller can open."""
    return JobEdition(
        edition=file.edition,
        chapter=file.chapter,
        name=file.name,
        bytes=file.bytes,
        url=link(caller, edition_path(book, file)),
    )


def _chapters(
    book: BookId, files: Sequence[BoundFile], caller: Caller, minutes: Sequence[Minute]
) -> tuple[JobChapter, ...]:
    """The minutes of the audiobook that is one file; none without that."""
    file = next((file for file in files if file.edition is Edition.M4B), None)
    if file is None:
        return ()
    url = link(caller, edition_path(book, file))
    return tuple(
        JobChapter(
            title=minute.title,
            position=position,
            start=minute.start_ms / 1000,
            duration=(minute.end_ms - minute.start_ms) / 1000,
            url=f"{url}#t={minute.start_ms / 1000:g},{minute.end_ms / 1000:g}",
        )
        for position, minute in enumerate(minutes, 1)
    )
