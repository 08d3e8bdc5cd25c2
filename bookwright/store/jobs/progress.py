"""How a job stands, read from the store."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import BookId, JobId, OwnerId
from bookwright.contracts.orders import BookOrder, JobKind, Track, main_track
from bookwright.contracts.progress import ChapterStatus, JobState, StageName, StageStatus
from bookwright.store.jobs.records import JobProgress, JobRow
from bookwright.store.joins import track_of_page
from bookwright.store.ledger.report import counts, stage_costs
from bookwright.store.tables import books, chapters, jobs, page_tracks, pages, stages

JOB_COLUMNS = sa.select(
    jobs, books.c.title, books.c.pages.label("book_pages"), books.c.number.label("book_number")
).join(books, sa.and_(books.c.owner_id == jobs.c.owner_id, books.c.id == jobs.c.book_id))


def _how_many(*states: TrackState) -> "sa.ColumnElement[int]":
    return sa.func.count().filter(page_tracks.c.state.in_(states))


# Built once: a look at a job would cost more in building them than in their answers.
_STAGES = sa.select(stages).where(stages.c.owner_id == sa.bindparam("owner"), stages.c.job_id == sa.bindparam("job"))
_PAGE_COUNTS = (
    sa.select(
        jobs.c.number,
        page_tracks.c.track,
        _how_many(TrackState.COMPLETED, TrackState.SKIPPED).label("done"),
        _how_many(TrackState.FAILED).label("failed"),
    )
    .join(page_tracks, sa.and_(page_tracks.c.owner_id == jobs.c.owner_id, page_tracks.c.book_id == jobs.c.book_id))
    .where(jobs.c.number.in_(sa.bindparam("numbers", expanding=True)))
    .group_by(jobs.c.number, page_tracks.c.track)
)
_BY_CHAPTER = (
    sa.select(
        pages.c.chapter,
        _how_many(TrackState.COMPLETED).label("done"),
        _how_many(TrackState.FAILED).label("failed"),
        _how_many(TrackState.PROCESSING).label("begun"),
    )
    .join(page_tracks, track_of_page(sa.bindparam("track")))
    .where(pages.c.owner_id == sa.bindparam("owner"), pages.c.book_id == sa.bindparam("book"))
    .group_by(pages.c.chapter)
    .subquery()
)
_CHAPTERS = (
    sa.select(chapters, _BY_CHAPTER.c.done, _BY_CHAPTER.c.failed, _BY_CHAPTER.c.begun)
    .outerjoin(_BY_CHAPTER, _BY_CHAPTER.c.chapter == chapters.c.number)
    .where(chapters.c.owner_id == sa.bindparam("owner"), chapters.c.book_id == sa.bindparam("book"))
    .order_by(chapters.c.number)
)


def job_row(row: Any) -> JobRow:
    """A job from a row of JOB_COLUMNS."""
    return JobRow(
        job_id=JobId(row.id),
        number=row.number,
        owner_id=OwnerId(row.owner_id),
        book_id=BookId(row.book_id),
        book_number=row.book_number,
        workflow_id=row.workflow_id,
        kind=JobKind(row.kind),
        generation=row.generation,
        state=JobState(row.state),
        priority=row.priority,
        title=row.title or "Untitled",
        fingerprint=row.fingerprint,
        order=BookOrder.model_validate(row.ordered),
        paused_reason=row.paused_reason,
        warning=row.warning,
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        closed_at=row.closed_at,
        retries=row.retries,
        shown=row.shown,
        event_seq=row.event_seq,
    )


def progress(connection: sa.Connection, job: JobRow, now: datetime) -> JobProgress:
    """All about a job at one moment. The stages of tracks count pages as they are while they run."""
    found = _chapters(connection, job.owner_id, job.book_id, main_track(job.order.tracks))
    rows = connection.execute(_STAGES, {"owner": job.owner_id, "job": job.job_id}).all()
    live = {} if job.state.closed else page_counts(connection, [job.number]).get(job.number, {})
    return JobProgress(
        job=job,
        stages=stage_statuses(rows, live),
        chapters=found,
        counts=counts(connection, job.owner_id, job.job_id),
        costs=stage_costs(connection, job.owner_id, job.job_id),
        pages=sum(chapter.pages for chapter in found),
        as_of=now,
    )


def page_counts(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, dict[str, tuple[int, int]]]:
    """How many pages are made, and failed, of each track of each of these jobs' books. A page that has nothing for a
    track to be made of is made."""
    found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in connection.execute(_PAGE_COUNTS, {"numbers": list(numbers)}):
        found[row.number][row.track] = (row.done, row.failed)
    return found


def stage_statuses(rows: Sequence[Any], live: Mapping[str, tuple[int, int]]) -> tuple[StageStatus, ...]:
    """A job's stages in order, from their rows. While a track's stage is under way its counts are `live`: pages done
    and failed, by the track."""
    order = list(StageName)
    statuses = []
    for row in sorted(rows, key=lambda row: order.index(StageName(row.name))):
        counted = live.get(row.name) if row.state == TrackState.PROCESSING else None
        done, failed = counted or (row.done, row.failed)
        statuses.append(
            StageStatus(
                name=StageName(row.name),
                state=TrackState(row.state),
                done=done,
                failed=failed,
                total=row.total,
                started_at=row.started_at,
                completed_at=row.completed_at,
            )
        )
    return tuple(statuses)


def _chapters(
    connection: sa.Connection, owner: OwnerId, book: BookId, track: Track | None
) -> tuple[ChapterStatus, ...]:
    rows = connection.execute(_CHAPTERS, {"owner": owner, "book": book, "track": track})
    return tuple(_chapter(row) for row in rows)


def _chapter(row: Any) -> ChapterStatus:
    number_of_pages = row.last_page - row.first_page + 1
    done, failed, begun = row.done or 0, row.failed or 0, row.begun or 0
    if done == number_of_pages:
        state = TrackState.COMPLETED
    elif done + failed == number_of_pages:
        state = TrackState.FAILED
    else:
        state = TrackState.PROCESSING if done or failed or begun else TrackState.PENDING
    return ChapterStatus(
        number=row.number, title=row.title, pages=number_of_pages, state=state, done=done, failed=failed
    )
