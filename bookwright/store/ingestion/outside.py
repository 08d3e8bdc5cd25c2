"""Steps that are left to outside workers, as those who offer, claim and report on them see them."""

from hmac import compare_digest
from typing import Any, NamedTuple

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import Conflict
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.ingestion import StepKind
from bookwright.contracts.outside import OutsideState, OutsideStep, OutsideTask
from bookwright.contracts.progress import JobState
from bookwright.store.access.secrets import digest, make_token
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert
from bookwright.store.ingestion.steps import read_step
from bookwright.store.ingestion.tables import outside_steps, processing_jobs
from bookwright.store.jobs.writes import OPEN
from bookwright.store.tables import jobs

_KEYS = ("owner_id", "book_id", "job_type", "chapter")


class Claim(NamedTuple):
    """A step, and the token that its claimer reports with. Only a hash of the token is kept."""

    step: OutsideStep
    token: str


class OutsideStore:
    """The `OutsideOffers` port on the database, and what the API does with what is offered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def offer(self, task: OutsideTask, temporal_token: bytes, attempt: int) -> None:
        """Have a step wait for an outside worker. Offered anew, the token of whoever had it is worth nothing; what a
        later attempt has offered stays as it is."""
        context = task.context
        row = {
            "owner_id": context.owner_id,
            "book_id": context.book_id,
            "job_type": task.kind,
            "chapter": task.chapter,
            "job_id": context.job_id,
            "task": task.model_dump(mode="json"),
            "attempt": attempt,
            "temporal_token": temporal_token,
            "state": OutsideState.OFFERED,
            "token_digest": None,
            "failures": 0,
            "progress": 0.0,
            "offered_at": utcnow(),
        }

        def work(connection: sa.Connection) -> None:
            statement = insert(connection, outside_steps).values(row)
            new = statement.excluded
            same_job = outside_steps.c.job_id == new.job_id
            changes: dict[str, Any] = {name: new[name] for name in row if name not in _KEYS}
            # Within a job failures add up, and who was there first comes first.
            changes["failures"] = sa.case((same_job, outside_steps.c.failures), else_=new.failures)
            changes["offered_at"] = sa.case((same_job, outside_steps.c.offered_at), else_=new.offered_at)
            newer = outside_steps.c.attempt <= new.attempt
            connection.execute(statement.on_conflict_do_update(index_elements=_KEYS, set_=changes, where=newer))

        await self._database.write(context.owner_id, work)

    async def claim(self, owner: OwnerId, kind: StepKind) -> Claim | None:
        """The step of this kind that has waited longest, of a job that runs; None when there is none."""
        token = make_token()
        query = (
            sa.select(outside_steps)
            .join(jobs, sa.and_(jobs.c.owner_id == outside_steps.c.owner_id, jobs.c.id == outside_steps.c.job_id))
            .where(
                outside_steps.c.owner_id == owner,
                outside_steps.c.job_type == kind,
                outside_steps.c.state == OutsideState.OFFERED,
                jobs.c.state == JobState.RUNNING,
            )
            .order_by(outside_steps.c.offered_at, outside_steps.c.chapter)
            .limit(1)
            .with_for_update(of=outside_steps, skip_locked=True)
        )

        def work(connection: sa.Connection) -> Claim | None:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            changes = {"state": OutsideState.CLAIMED, "token_digest": digest(token)}
            connection.execute(sa.update(outside_steps).where(*_this(row)).values(changes))
            return Claim(_step(row, _step_id(connection, owner, BookId(row.book_id), kind)), token)

        return await self._database.write(owner, work)

    async def claimed(self, owner: OwnerId, step: str, token: str) -> OutsideStep:
        """The step that this token was handed out with. Raises NotFound for an unknown step, Conflict for a token that
        is not, or no longer, good for it."""
        return await self._database.read(owner, lambda c: _step(_claimed(c, owner, step, token), step))

    async def got_on(self, owner: OwnerId, step: str, token: str, progress: float) -> None:
        """Note how far a claimer is, 0 to 1. Raises what `claimed` does."""

        def work(connection: sa.Connection) -> None:
            row = _claimed(connection, owner, step, token)
            connection.execute(sa.update(outside_steps).where(*_this(row)).values(progress=progress))

        await self._database.write(owner, work)

    async def reported(self, owner: OwnerId, step: str, token: str, *, failed: bool) -> OutsideStep:
        """Use a token up: whatever else comes with it has no effect. Raises what `claimed` does."""

        def work(connection: sa.Connection) -> OutsideStep:
            row = _claimed(connection, owner, step, token)
            changes = {"state": OutsideState.REPORTED, "token_digest": None, "failures": row.failures + failed}
            connection.execute(sa.update(outside_steps).where(*_this(row)).values(changes))
            return _step(row, step).model_copy(update={"failures": row.failures + failed})

        return await self._database.write(owner, work)


def _claimed(connection: sa.Connection, owner: OwnerId, step: str, token: str) -> "sa.Row[tuple[object, ...]]":
    found = read_step(connection, owner, step)
    query = (
        sa.select(outside_steps)
        .join(jobs, sa.and_(jobs.c.owner_id == outside_steps.c.owner_id, jobs.c.id == outside_steps.c.job_id))
        .where(
            outside_steps.c.owner_id == owner,
            outside_steps.c.book_id == found.book_id,
            outside_steps.c.job_type == found.kind,
            outside_steps.c.state == OutsideState.CLAIMED,
            jobs.c.state.in_(OPEN),
        )
        .with_for_update(of=outside_steps)
    )
    mine = digest(token)
    matching = [row for row in connection.execute(query).all() if compare_digest(row.token_digest or "", mine)]
    if not matching or found.state is TrackState.COMPLETED:
        raise Conflict(
            "this token is not, or no longer, good for the job: its step was reported on, given to somebody else or "
            "cancelled; claim another one",
            field="task_token",
        )
    return matching[0]


def _this(row: "sa.Row[tuple[object, ...]]") -> "tuple[sa.ColumnElement[bool], ...]":
    return tuple(outside_steps.c[name] == row._mapping[name] for name in _KEYS)


def _step_id(connection: sa.Connection, owner: OwnerId, book: BookId, kind: StepKind) -> str:
    mine = (processing_jobs.c.owner_id == owner, processing_jobs.c.book_id == book)
    query = sa.select(processing_jobs.c.id).where(*mine, processing_jobs.c.job_type == kind)
    return str(connection.execute(query).scalar_one())


def _step(row: "sa.Row[tuple[object, ...]]", step: str) -> OutsideStep:
    about = row._mapping
    return OutsideStep(
        step_id=step,
        book_id=about["book_id"],
        task=OutsideTask.model_validate(about["task"]),
        temporal_token=about["temporal_token"],
        failures=about["failures"],
    )
