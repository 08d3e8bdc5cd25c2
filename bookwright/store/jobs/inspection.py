"""One job as an operator looks into it: its pages with what was tried, its provider calls, and what went wrong, grouped
by cause. Whoever owns it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import CallState
from bookwright.contracts.errors import NotFound
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import named
from bookwright.store.ingestion.tables import processing_jobs, transcripts
from bookwright.store.jobs.progress import JOB_COLUMNS, job_row
from bookwright.store.jobs.records import JobRow
from bookwright.store.ledger.report import CHARGED, UNDER_WAY
from bookwright.store.ledger.tables import provider_attempts as attempts
from bookwright.store.ledger.tables import provider_calls as calls
from bookwright.store.scenes.tables import processing_errors
from bookwright.store.tables import jobs, page_tracks, pages

MOST_CAUSES = 50
MOST_PAGES = 12
"""Pages that a cause names."""
LOST = (CallState.FAILED, CallState.REJECTED, CallState.AMBIGUOUS, CallState.FENCED)
"""Attempts at calls that gave nothing that could be used."""


class TrackLook(Payload):
    """One track of one page."""

    track: str
    state: TrackState
    version: int
    made_by: str | None
    error_type: str | None
    error: str | None


class PageLook(Payload):
    """One page of a job's book, and the calls that this job made for it."""

    page: int
    chapter: int
    tracks: tuple[TrackLook, ...]
    attempts: int = 0
    """At its calls, also those that failed."""
    lost: int = 0
    """Of these, those that gave nothing that could be used."""
    cost_micros: int = 0


class CallLook(Payload):
    """One attempt at a provider call."""

    call_id: int
    attempt: int
    provider: str
    model: str
    operation: str
    unit: str
    state: CallState
    cost_micros: int
    """At the most while nobody knows."""
    reserved_at: datetime
    seconds: float | None
    """From sending it to its answer."""
    reason: str | None
    external_id: str | None


class CallSum(Payload):
    """A job's attempts at calls of one kind that ended alike."""

    provider: str
    operation: str
    state: CallState
    attempts: int
    cost_micros: int


class Cause(Payload):
    """What went wrong, as often as it did."""

    where: str
    """`job`, a track, `spread`, a step of an audiobook, or `call to` a provider."""
    cause: str
    """The kind of error."""
    message: str
    """What the most frequent one of these says."""
    count: int
    pages: tuple[int, ...] = ()
    """The first ones that it happened to."""


class Part(NamedTuple):
    """Where in the list of a job's attempts one goes on: after this one."""

    call_id: int
    attempt: int


class Inspections:
    """Looks into jobs, for operators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def job(self, id_or_number: str) -> JobRow:
        """A job of anybody's; of two owners' jobs with the same id the newer one. Raises NotFound."""
        query = JOB_COLUMNS.where(named(jobs, id_or_number)).order_by(jobs.c.number.desc()).limit(1)
        found = await self._database.read(SERVICE, lambda c: c.execute(query).one_or_none())
        if found is None:
            raise NotFound("there is no such job")
        return job_row(found)

    async def pages(self, job: JobRow, after: int, limit: int, *, failed: bool = False) -> list[PageLook]:
        """Pages of the job's book after number `after`; only those of which a track has failed, if that is wanted."""
        return await self._database.read(SERVICE, lambda c: _pages(c, job, after, limit, failed))

    async def calls(self, job: JobRow, before: Part | None, limit: int) -> list[CallLook]:
        """The job's attempts at calls, the newest call first."""
        return await self._database.read(SERVICE, lambda c: _calls(c, job, before, limit))

    async def call_sums(self, job: JobRow) -> list[CallSum]:
        """How many attempts of each kind there are and what they cost."""
        return await self._database.read(SERVICE, lambda c: _sums(c, job))

    async def causes(self, job: JobRow) -> list[Cause]:
        """What went wrong, the most frequent first; why the job failed before all."""
        return await self._database.read(SERVICE, lambda c: _causes(c, job))


def _pages(connection: sa.Connection, job: JobRow, after: int, limit: int, failed: bool) -> list[PageLook]:
    of_book = (pages.c.owner_id == job.owner_id, pages.c.book_id == job.book_id, pages.c.number > after)
    query = sa.select(pages.c.number, pages.c.chapter).where(*of_book).order_by(pages.c.number).limit(limit)
    if failed:
        query = query.where(
            pages.c.number.in_(
                sa.select(page_tracks.c.page).where(*_tracks_of(job), page_tracks.c.state == TrackState.FAILED)
            )
        )
    found = {row.number: PageLook(page=row.number, chapter=row.chapter, tracks=()) for row in connection.execute(query)}
    if not found:
        return []
    made = sa.select(page_tracks).where(*_tracks_of(job), page_tracks.c.page.between(min(found), max(found)))
    tracks: dict[int, list[TrackLook]] = {}
    for row in connection.execute(made.order_by(page_tracks.c.track)):
        tracks.setdefault(row.page, []).append(
            TrackLook(
                track=row.track,
                state=TrackState(row.state),
                version=row.version,
                made_by=row.made_by,
                error_type=row.error_type,
                error=row.error,
            )
        )
    tried = _tried(connection, job)
    return [
        one.model_copy(update={"tracks": tuple(tracks.get(number, ()))} | tried.get(number, {}))
        for number, one in found.items()
    ]


def _tried(connection: sa.Connection, job: JobRow) -> dict[int, dict[str, int]]:
    """By page: attempts at its calls, those lost, and what they cost."""
    rows = connection.execute(
        sa.select(
            attempts.c.unit,
            sa.func.count().label("attempts"),
            sa.func.count().filter(attempts.c.state.in_(LOST)).label("lost"),
            sa.func.sum(_COST).label("micros"),
        )
        .where(*_attempts_of(job), attempts.c.unit.like("page/%"))
        .group_by(attempts.c.unit)
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        page = found.setdefault(int(row.unit.split("/")[1]), {"attempts": 0, "lost": 0, "cost_micros": 0})
        page["attempts"] += row.attempts
        page["lost"] += row.lost
        page["cost_micros"] += int(row.micros)
    return found


_COST = sa.case((attempts.c.state.in_((CallState.FAILED, *UNDER_WAY)), 0), else_=CHARGED)
_SAME_CALL = sa.and_(calls.c.owner_id == attempts.c.owner_id, calls.c.id == attempts.c.call_id)


def _attempts_of(job: JobRow) -> "tuple[sa.ColumnElement[bool], ...]":
    return attempts.c.owner_id == job.owner_id, attempts.c.job_id == job.job_id


def _tracks_of(job: JobRow) -> "tuple[sa.ColumnElement[bool], ...]":
    return page_tracks.c.owner_id == job.owner_id, page_tracks.c.book_id == job.book_id


def _calls(connection: sa.Connection, job: JobRow, before: Part | None, limit: int) -> list[CallLook]:
    place = (attempts.c.call_id, attempts.c.fence)
    query = sa.select(attempts, calls.c.provider, calls.c.model, calls.c.operation, CHARGED.label("charged"))
    query = query.join(calls, _SAME_CALL).where(*_attempts_of(job))
    if before is not None:
        query = query.where(sa.tuple_(*place) < sa.tuple_(sa.literal(before.call_id), sa.literal(before.attempt)))
    rows = connection.execute(query.order_by(*(column.desc() for column in place)).limit(limit))
    return [
        CallLook(
            call_id=row.call_id,
            attempt=row.fence,
            provider=row.provider,
            model=row.model,
            operation=row.operation,
            unit=row.unit,
            state=CallState(row.state),
            cost_micros=0 if row.state == CallState.FAILED else int(row.charged),
            reserved_at=row.reserved_at,
            seconds=_took(row.sent_at, row.answered_at),
            reason=row.reason,
            external_id=row.external_id,
        )
        for row in rows
    ]


def _took(sent: datetime | None, answered: datetime | None) -> float | None:
    return None if sent is None or answered is None else round((answered - sent).total_seconds(), 3)


def _sums(connection: sa.Connection, job: JobRow) -> list[CallSum]:
    kinds = (calls.c.provider, calls.c.operation, attempts.c.state)
    rows = connection.execute(
        sa.select(*kinds, sa.func.count().label("attempts"), sa.func.sum(_COST).label("micros"))
        .join(calls, _SAME_CALL)
        .where(*_attempts_of(job))
        .group_by(*kinds)
        .order_by(*kinds)
    )
    return [
        CallSum(
            provider=row.provider,
            operation=row.operation,
            state=CallState(row.state),
            attempts=row.attempts,
            cost_micros=int(row.micros),
        )
        for row in rows
    ]


class _Told(NamedTuple):
    """An error as a table has it."""

    where: str
    cause: str
    message: str
    times: int
    pages: tuple[int, ...] = ()


def _causes(connection: sa.Connection, job: JobRow) -> list[Cause]:
    grouped: dict[tuple[str, str], list[_Told]] = {}
    for told in _told(connection, job):
        grouped.setdefault((told.where, told.cause), []).append(told)
    found = []
    for (where, cause), alike in grouped.items():
        said: dict[str, int] = {}
        for told in alike:
            said[told.message] = said.get(told.message, 0) + told.times
        found.append(
            Cause(
                where=where,
                cause=cause,
                message=max(said, key=lambda message: said[message]),
                count=sum(said.values()),
                pages=tuple(sorted({page for told in alike for page in told.pages})[:MOST_PAGES]),
            )
        )
    found.sort(key=lambda one: (one.where != "job", -one.count))
    return found[:MOST_CAUSES]


def _told(connection: sa.Connection, job: JobRow) -> Iterable[_Told]:
    if job.error:
        yield _Told("job", "failed" if job.state.closed else "failed before", job.error, 1)
    of_pages = sa.select(page_tracks).where(*_tracks_of(job), page_tracks.c.state == TrackState.FAILED)
    for row in connection.execute(of_pages.order_by(page_tracks.c.page)):
        yield _Told(row.track, row.error_type or "failed", row.error or "", 1, (row.page,))
    of_spreads = sa.select(processing_errors).where(
        processing_errors.c.owner_id == job.owner_id, processing_errors.c.job_id == job.job_id
    )
    for row in connection.execute(of_spreads):
        yield _Told("spread", row.kind, row.message, 1, tuple(row.pages))
    for table, name in ((processing_jobs, "job_type"), (transcripts, None)):
        of_book = (table.c.owner_id == job.owner_id, table.c.book_id == job.book_id)
        for row in connection.execute(sa.select(table).where(*of_book, table.c.state == TrackState.FAILED)):
            where = f"step {row._mapping[name]}" if name else "transcript"
            yield _Told(where, row.error_type or "failed", row.error or "", 1)
    lost = (calls.c.provider, attempts.c.state, attempts.c.reason)
    of_calls = sa.select(*lost, sa.func.count().label("times")).join(calls, _SAME_CALL).where(*_attempts_of(job))
    for row in connection.execute(of_calls.where(attempts.c.state.in_(LOST)).group_by(*lost)):
        yield _Told(f"call to {row.provider}", row.state, row.reason or "", row.times)
