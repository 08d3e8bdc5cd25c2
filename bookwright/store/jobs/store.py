"""Jobs: taking orders in, admitting them, and looking at them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction
from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import BadInput, NotFound
from bookwright.contracts.ids import BookId, JobId, OwnerId, book_workflow_id, job_id
from bookwright.contracts.orders import TRACKS, BookOrder, ExistingBook, JobKind, Track
from bookwright.contracts.progress import JobState
from bookwright.store.access.audit import note
from bookwright.store.blobs import Catalogue, record_blob
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import named
from bookwright.store.jobs.admission import claim, is_waiting
from bookwright.store.jobs.closing import close_job
from bookwright.store.jobs.events import append_event, read_events
from bookwright.store.jobs.progress import JOB_COLUMNS, job_row, progress
from bookwright.store.jobs.records import ClaimedJob, EventKind, JobEvent, JobProgress, JobRow, RunningJob
from bookwright.store.jobs.wishes import Wish, add_wish, open_wishes, settle_wish
from bookwright.store.jobs.writes import change_job, create_job, set_budget, start_job
from bookwright.store.tables import books, jobs, page_tracks
from bookwright.telemetry.tracing import current_trace

__all__ = ["ClaimedJob", "JobEvent", "JobProgress", "JobRow", "JobStore", "RunningJob"]

MOST_GENERATIONS = 1_000
"""Jobs of one book that are looked through."""


class _Taken(Exception):
    """The job is there already: whatever else was written for it is to be undone."""


class JobStore:
    """Jobs as the command line, the API and the dispatcher see them."""

    def __init__(self, database: Database, assets: Catalogue, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._assets = assets
        self._clock = clock

    async def accept(
        self, order: BookOrder, *, fingerprint: str, idempotency_key: str | None = None, kind: JobKind | None = None
    ) -> JobRow:
        """Take an order in: user, book, budget and a queued job (of this kind, or of that of the order), in one
        transaction. The dispatcher starts it.

        The same order again (its book and generation, or its idempotency key) answers the job that is there. Raises
        BadInput when the key was used for another order.
        """
        workflow_id = book_workflow_id(order.book_id, order.generation)
        job = job_id(workflow_id)
        source = await self._assets.describe(order.source_asset) if order.source_asset else None
        trace = current_trace()

        def work(connection: sa.Connection) -> JobRow:
            if idempotency_key and (known := _by_key(connection, order.owner_id, idempotency_key)):
                return known
            if not create_job(connection, order, workflow_id, fingerprint, idempotency_key, trace, kind):
                raise _Taken
            if source is not None:
                record_blob(connection, order.owner_id, source)
            return _job(connection, order.owner_id, job)

        def existing(connection: sa.Connection) -> JobRow:
            known = _by_key(connection, order.owner_id, idempotency_key) if idempotency_key else None
            return known or _job(connection, order.owner_id, job)

        try:
            accepted = await self._database.write(order.owner_id, work)
        except _Taken:
            accepted = await self._database.read(order.owner_id, existing)
        if idempotency_key and accepted.fingerprint != fingerprint:
            raise BadInput("this idempotency key was used for another order", field="idempotency_key")
        return accepted

    async def accept_once(self, order: BookOrder, *, fingerprint: str) -> JobRow:
        """Take an order in as `accept` does, unless its owner has given the same before: then the job for that is the
        answer, or, when it ended with something left out, the next one of its book, which makes what is missing."""
        source = await self._assets.describe(order.source_asset) if order.source_asset else None
        trace = current_trace()

        def work(connection: sa.Connection) -> JobRow:
            _one_at_a_time(connection, f"{order.owner_id}:{fingerprint}")
            wanted, kind = order, order.kind
            found = _jobs(connection, (jobs.c.owner_id == order.owner_id, jobs.c.fingerprint == fingerprint), 1)
            if found and not found[0].wants_more:
                return found[0]
            if found:
                book, kind = found[0].book_id, found[0].kind
                changes: dict[str, Any] = {"generation": _newest_generation(connection, order.owner_id, book) + 1}
                if _was_read(connection, order.owner_id, book):
                    changes["source"] = ExistingBook()  # reading it again would undo what was edited
                wanted = order.model_copy(update=changes | {"book_id": book})
            workflow_id = book_workflow_id(wanted.book_id, wanted.generation)
            create_job(connection, wanted, workflow_id, fingerprint, trace=trace, kind=kind)
            if source is not None:
                record_blob(connection, order.owner_id, source)
            return _job(connection, order.owner_id, job_id(workflow_id))

        return await self._database.write(order.owner_id, work)

    async def find_by_fingerprint(self, owner: OwnerId, fingerprint: str) -> JobRow | None:
        """The latest job for the same order, or None."""
        where = (jobs.c.owner_id == owner, jobs.c.fingerprint == fingerprint)
        found = await self._database.read(owner, lambda c: _jobs(c, where, 1))
        return found[0] if found else None

    async def job(self, owner: OwnerId, id_or_number: str | int) -> JobRow:
        """A job by its id or its number. Raises NotFound."""
        return await self._database.read(owner, lambda c: _job(c, owner, id_or_number))

    async def jobs(self, owner: OwnerId, limit: int = 50, cursor: int | None = None) -> list[JobRow]:
        """The owner's jobs, newest first. `cursor` is the last number of the list before."""
        where = [jobs.c.owner_id == owner]
        if cursor is not None:
            where.append(jobs.c.number < cursor)
        return await self._database.read(owner, lambda c: _jobs(c, where, limit))

    async def events(self, owner: OwnerId, job: JobId, after: int = 0, limit: int = 100) -> list[JobEvent]:
        """A job's events after number `after`, in order. An event once skipped never appears later."""
        return await self._database.read(owner, lambda c: read_events(c, owner, job, after, limit))

    async def progress(self, owner: OwnerId, id_or_number: str | int) -> JobProgress:
        """How a job stands: stages, pages by chapter, calls and cost. Raises NotFound."""
        now = self._clock()
        return await self._database.read(owner, lambda c: progress(c, _job(c, owner, id_or_number), now))

    async def next_generation(self, owner: OwnerId, book: BookId) -> int:
        """The number that a book's next job gets. Raises NotFound for a book without jobs."""
        newest = await self._database.read(owner, lambda c: _newest_generation(c, owner, book))
        if not newest:
            raise NotFound("there is no such book")
        return newest + 1

    async def newest_of_named(self, owner: OwnerId, name: str) -> JobRow:
        """The newest job of a book by its id or number. Raises NotFound."""
        query = sa.select(books.c.id).where(books.c.owner_id == owner, named(books, name))
        book = await self._database.read(owner, lambda c: c.execute(query).scalar())
        if book is None:
            raise NotFound("there is no such book")
        return await self.newest_of(owner, BookId(book))

    async def newest_of(self, owner: OwnerId, book: BookId) -> JobRow:
        """The book's newest job. Raises NotFound for a book without jobs."""
        return await self._database.read(owner, lambda c: _newest_of(c, owner, book))

    async def meant(self, owner: OwnerId, job_or_book: str) -> JobRow:
        """The job with this id or number, or else the newest one of the book that has it. Raises NotFound."""

        def look(connection: sa.Connection) -> JobRow:
            found = _jobs(connection, (jobs.c.owner_id == owner, named(jobs, job_or_book)), 1)
            if found:
                return found[0]
            of_book = (jobs.c.owner_id == owner, named(books, job_or_book))
            newest = JOB_COLUMNS.where(*of_book).order_by(jobs.c.generation.desc()).limit(1)
            row = connection.execute(newest).one_or_none()
            if row is None:
                raise NotFound("there is no such book or job")
            return job_row(row)

        return await self._database.read(owner, look)

    async def first_orders(self, owner: OwnerId, wanted: Collection[BookId]) -> dict[BookId, BookOrder]:
        """What each of these books was ordered as at first."""
        query = (
            sa.select(jobs.c.book_id, jobs.c.ordered)
            .where(jobs.c.owner_id == owner, jobs.c.book_id.in_(wanted))
            .order_by(jobs.c.generation.desc())
        )
        rows = await self._database.read(owner, lambda c: c.execute(query).all())
        first = {BookId(row.book_id): row.ordered for row in rows}
        return {book: BookOrder.model_validate(ordered) for book, ordered in first.items()}

    async def show(self, owner: OwnerId, job: JobId, percent: int) -> None:
        """Remember that somebody was told of this progress."""
        mine = (jobs.c.owner_id == owner, jobs.c.id == job, jobs.c.shown < percent)
        await self._database.write(owner, lambda c: c.execute(sa.update(jobs).where(*mine).values(shown=percent)))

    async def newest_with(self, owner: OwnerId, book: BookId, track: Track) -> JobRow | None:
        """The newest job of a book that was ordered with this track; None when there is none."""
        where = (jobs.c.owner_id == owner, jobs.c.book_id == book)
        rows = await self._database.read(owner, lambda c: _jobs(c, where, MOST_GENERATIONS))
        return next((row for row in rows if track in row.order.tracks), None)

    async def lacking(self, owner: OwnerId, book: BookId) -> frozenset[Track]:
        """The tracks that jobs of a book were ordered with and that some of its pages don't have."""
        query = (
            sa.select(page_tracks.c.track)
            .distinct()
            .where(
                page_tracks.c.owner_id == owner,
                page_tracks.c.book_id == book,
                page_tracks.c.track.in_(TRACKS),
                page_tracks.c.state.not_in((TrackState.COMPLETED, TrackState.SKIPPED)),
            )
        )
        found = await self._database.read(owner, lambda c: c.execute(query).scalars().all())
        return frozenset(Track(track) for track in found)

    async def event_counts(self, watched: Sequence[int]) -> dict[int, int]:
        """The number of the newest event of each of these jobs (by number), whoever owns them; unknown ones are left
        out."""
        query = sa.select(jobs.c.number, jobs.c.event_seq).where(jobs.c.number.in_(watched))
        rows = await self._database.read(SERVICE, lambda c: c.execute(query).all())
        return {row.number: row.event_seq for row in rows}

    async def withdraw(self, owner: OwnerId, job: JobId) -> bool:
        """Cancel a job that nobody has begun to start. False when it is too late for that."""
        now = self._clock()
        untouched = sa.or_(jobs.c.claimed_until.is_(None), jobs.c.claimed_until <= now)
        query = sa.select(jobs.c.id).where(
            jobs.c.owner_id == owner, jobs.c.id == job, jobs.c.state == JobState.QUEUED, untouched
        )

        def work(connection: sa.Connection) -> bool:
            if connection.execute(query.with_for_update()).first() is None:
                return False
            close_job(connection, owner, job, JobState.CANCELLED, None, None)
            return True

        return await self._database.write(owner, work)

    async def set_budget(self, owner: OwnerId, job: JobId, cap_micros: int, actor: Actor | None = None) -> None:
        """Set the budget of a job; it is written down who did it, if that is said. Raises NotFound."""

        def work(connection: sa.Connection) -> None:
            set_budget(connection, owner, job, cap_micros)
            if actor:
                note(connection, owner, actor, AuditAction.BUDGET_RAISED, job, {"cap_micros": cap_micros})

        await self._database.write(owner, work)

    async def wish(
        self, owner: OwnerId, job: JobId, name: str, argument: str | None = None, actor: Actor | None = None
    ) -> Wish:
        """Write down an update that somebody wants of a running job; it replaces an older one of this name. With an
        actor it is one of a budget, and who wants it is written down, too."""
        now = self._clock()

        def work(connection: sa.Connection) -> Wish:
            if actor:
                note(connection, owner, actor, AuditAction.BUDGET_RAISED, job, {"cap": argument}, at=now)
            return add_wish(connection, owner, job, name, argument, now)

        return await self._database.write(owner, work)

    async def open_wishes(self, limit: int = 100) -> list[Wish]:
        """All owners' wishes that no workflow has taken yet, oldest first."""
        return await self._database.read(SERVICE, lambda c: open_wishes(c, limit))

    async def settle_wish(self, wish: Wish) -> None:
        """The workflow has taken the wish, or refused it."""
        now = self._clock()
        await self._database.write(wish.owner_id, lambda c: settle_wish(c, wish, now))

    async def claim(
        self,
        limits: Mapping[JobKind, int],
        per_user: int | None,
        batch: int,
        rates: Mapping[JobKind, int] = MappingProxyType({}),
    ) -> list[ClaimedJob]:
        """Up to `batch` queued jobs that may start now, by priority, then first come, first served; within the limit
        of jobs under way per kind and per user, and of those of a kind that start in a minute (`rates`). A claim not
        followed by `started` lapses after CLAIM_LEASE."""
        now = self._clock()
        if not await self._database.read(SERVICE, lambda c: is_waiting(c, now)):
            return []  # nearly always, twenty times a second: no lock is worth taking for that
        return await self._database.write(SERVICE, lambda c: claim(c, limits, rates, per_user, batch, now))

    async def started(self, owner: OwnerId, job: JobId) -> None:
        """A claimed job's workflow was started."""
        await self._database.write(owner, lambda c: start_job(c, owner, job))

    async def requeue(self, owner: OwnerId, job: JobId) -> None:
        """Put a job that is not closed back into the queue, at its old place."""

        def work(connection: sa.Connection) -> None:
            under_way = (JobState.RUNNING, JobState.PAUSED)
            if change_job(connection, owner, job, under_way, state=JobState.QUEUED, paused_reason=None):
                append_event(connection, owner, job, EventKind.REQUEUED, {})

        await self._database.write(owner, work)

    async def running(self) -> list[RunningJob]:
        """All owners' jobs that were started and are not closed."""
        query = (
            sa.select(jobs.c.owner_id, jobs.c.id, jobs.c.workflow_id, jobs.c.state)
            .where(jobs.c.state.in_((JobState.RUNNING, JobState.PAUSED)))
            .order_by(jobs.c.number)
        )
        rows = await self._database.read(SERVICE, lambda c: c.execute(query).all())
        return [
            RunningJob(
                owner_id=OwnerId(row.owner_id),
                job_id=JobId(row.id),
                workflow_id=row.workflow_id,
                state=JobState(row.state),
            )
            for row in rows
        ]

    async def close(self, owner: OwnerId, job: JobId, state: JobState, error: str | None) -> None:
        """Close a job whose workflow ended without saying so; one that failed is begun again as often as its order
        says. A closed job stays as it is."""
        await self._database.write(owner, lambda c: close_job(c, owner, job, state, None, error, may_retry=True))


def _one_at_a_time(connection: sa.Connection, what: str) -> None:
    """Let nobody else who does the same go on until this transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(what))))


def _was_read(connection: sa.Connection, owner: OwnerId, book: BookId) -> bool:
    query = sa.select(books.c.source_at).where(books.c.owner_id == owner, books.c.id == book)
    return connection.execute(query).scalar() is not None


def _newest_generation(connection: sa.Connection, owner: OwnerId, book: BookId) -> int:
    """0 for a book without jobs."""
    query = sa.select(sa.func.max(jobs.c.generation)).where(jobs.c.owner_id == owner, jobs.c.book_id == book)
    return connection.execute(query).scalar() or 0


def _newest_of(connection: sa.Connection, owner: OwnerId, book: BookId) -> JobRow:
    of_book = (jobs.c.owner_id == owner, jobs.c.book_id == book)
    row = connection.execute(JOB_COLUMNS.where(*of_book).order_by(jobs.c.generation.desc()).limit(1)).one_or_none()
    if row is None:
        raise NotFound("there is no such book")
    return job_row(row)


def _by_key(connection: sa.Connection, owner: OwnerId, idempotency_key: str) -> JobRow | None:
    found = _jobs(connection, (jobs.c.owner_id == owner, jobs.c.idempotency_key == idempotency_key), 1)
    return found[0] if found else None


def _job(connection: sa.Connection, owner: OwnerId, id_or_number: str | int) -> JobRow:
    found = _jobs(connection, (jobs.c.owner_id == owner, named(jobs, str(id_or_number))), 1)
    if not found:
        raise NotFound("there is no such job")
    return found[0]


def _jobs(connection: sa.Connection, where: Any, limit: int) -> list[JobRow]:
    rows = connection.execute(JOB_COLUMNS.where(*where).order_by(jobs.c.number.desc()).limit(limit))
    return [job_row(row) for row in rows]
