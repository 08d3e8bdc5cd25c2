"""Batches and schedules in the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import sqlalchemy as sa
from pydantic import TypeAdapter

from bookwright.contracts.base import Payload
from bookwright.contracts.batches import BatchState, BookItem, Item, OrderItem, Timing
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.progress import JobState
from bookwright.store.batches.tables import batch_items, batches, schedules
from bookwright.store.blobs import Catalogue, record_blob
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert_missing, named
from bookwright.store.tables import jobs, users

_ITEM: TypeAdapter[Item] = TypeAdapter(Item)
_OPEN = (BatchState.QUEUED, BatchState.RUNNING)


class BatchFacts(Payload):
    """A batch, and how many of its items are where."""

    batch_id: str
    number: int
    owner_id: OwnerId
    name: str
    workflow_id: str
    state: BatchState
    at_once: int
    schedule_id: str | None
    created_at: datetime
    closed_at: datetime | None
    items: int
    waiting: int
    """Items without a job yet."""
    refused: int
    jobs: dict[JobState, int]
    """Jobs of its items, by their states."""
    lacking: int
    """Jobs that are done and lack something."""


class BatchItem(Payload):
    """One item of a batch, and its job."""

    item: int
    wanted: Item
    job_id: JobId | None
    error: str | None
    state: JobState | None
    """Of its job."""
    warning: str | None


class ScheduleFacts(Payload):
    """A schedule."""

    schedule_id: str
    number: int
    owner_id: OwnerId
    name: str
    timing: Timing
    items: tuple[BookItem, ...]
    at_once: int
    settled: bool
    removed: bool
    created_at: datetime


def batch_workflow_id(batch: str) -> str:
    """The id of the `BatchGeneration` of a batch."""
    return f"batch/{batch}"


class BatchStore:
    """Batches and schedules as everybody sees them."""

    def __init__(self, database: Database, assets: Catalogue) -> None:
        self._database = database
        self._assets = assets

    async def create(self, owner: OwnerId, name: str, items: Sequence[Item], at_once: int) -> str:
        """Take a batch in; the dispatcher starts it. Answers its id."""
        batch = str(uuid4())
        await self._create(owner, batch, batch_workflow_id(batch), name, items, at_once, BatchState.QUEUED, None)
        return batch

    async def create_scheduled(self, schedule: ScheduleFacts, workflow_id: str, items: Sequence[Item]) -> str:
        """The batch that a run of a schedule makes; the same run again answers the same batch."""
        batch = str(uuid5(NAMESPACE_URL, f"bookwright:{workflow_id}"))
        owner, at_once = schedule.owner_id, schedule.at_once
        await self._create(
            owner, batch, workflow_id, schedule.name, items, at_once, BatchState.RUNNING, schedule.schedule_id
        )
        return batch

    async def _create(
        self,
        owner: OwnerId,
        batch: str,
        workflow_id: str,
        name: str,
        items: Sequence[Item],
        at_once: int,
        state: BatchState,
        schedule: str | None,
    ) -> None:
        assets = [item.order.source_asset if isinstance(item, OrderItem) else None for item in items]
        blobs = [await self._assets.describe(asset) for asset in assets if asset]
        row = {
            "id": batch,
            "owner_id": owner,
            "name": name,
            "workflow_id": workflow_id,
            "state": state,
            "at_once": at_once,
            "schedule_id": schedule,
            "created_at": utcnow(),
        }
        rows = [
            {
                "owner_id": owner,
                "batch_id": batch,
                "item": number,
                "wanted": item.model_dump(mode="json"),
                "asset": asset,
            }
            for number, (item, asset) in enumerate(zip(items, assets, strict=True), 1)
        ]

        def work(connection: sa.Connection) -> None:
            insert_missing(connection, users, {"owner_id": owner, "created_at": utcnow()})
            for blob in blobs:
                record_blob(connection, owner, blob)
            known = connection.execute(sa.select(batches.c.id).where(*_this(owner, batch))).scalar()
            if known is None:
                connection.execute(sa.insert(batches).values(row))
                insert_missing(connection, batch_items, *rows)

        await self._database.write(owner, work)

    async def batch(self, owner: OwnerId, name: str) -> BatchFacts:
        """A batch by its id or number. Raises NotFound."""
        found = await self._database.read(owner, lambda c: _facts(c, owner, [named(batches, name)], 1))
        if not found:
            raise NotFound("there is no such batch")
        return found[0]

    async def batches(self, owner: OwnerId, limit: int, cursor: int | None = None) -> list[BatchFacts]:
        """The owner's batches, newest first. `cursor` is the last number of the list before."""
        older = [] if cursor is None else [batches.c.number < cursor]
        return await self._database.read(owner, lambda c: _facts(c, owner, older, limit))

    async def items(self, owner: OwnerId, batch: str) -> list[BatchItem]:
        """All items of a batch (by id), in order."""
        query = (
            sa.select(batch_items, jobs.c.state, jobs.c.warning)
            .outerjoin(jobs, sa.and_(jobs.c.owner_id == batch_items.c.owner_id, jobs.c.id == batch_items.c.job_id))
            .where(batch_items.c.owner_id == owner, batch_items.c.batch_id == batch)
            .order_by(batch_items.c.item)
        )
        rows = await self._database.read(owner, lambda c: c.execute(query).all())
        return [_item(row) for row in rows]

    async def ordered(
        self, owner: OwnerId, batch: str, item: int, *, job: JobId | None = None, error: str | None = None
    ) -> None:
        """Write down an item's job, or why it was refused."""
        this = (batch_items.c.owner_id == owner, batch_items.c.batch_id == batch, batch_items.c.item == item)
        statement = sa.update(batch_items).where(*this).values(job_id=job, error=error)
        await self._database.write(owner, lambda c: c.execute(statement))

    async def change(self, owner: OwnerId, batch: str, state: BatchState) -> bool:
        """Say where a batch stands; False, with nothing changed, for one that is closed or stands there already."""
        now = {"state": state, **({"closed_at": utcnow()} if state.closed else {})}
        statement = sa.update(batches).where(*_this(owner, batch), batches.c.state.in_(_OPEN), batches.c.state != state)
        return await self._database.write(owner, lambda c: c.execute(statement.values(now)).rowcount > 0)

    async def waiting(self, limit: int = 20) -> list[BatchFacts]:
        """All owners' batches that are to be started, oldest first."""
        query = sa.select(batches).where(batches.c.state == BatchState.QUEUED).order_by(batches.c.number).limit(limit)
        rows = await self._database.read(SERVICE, lambda c: c.execute(query).all())
        return [_bare(row) for row in rows]

    async def still_open(self, owner: OwnerId, wanted: Sequence[JobId]) -> list[JobId]:
        """Those of the jobs that go on. One that stands still until somebody acts keeps no others waiting."""
        states = (JobState.QUEUED, JobState.RUNNING)
        query = sa.select(jobs.c.id).where(jobs.c.owner_id == owner, jobs.c.id.in_(wanted), jobs.c.state.in_(states))
        return [JobId(job) for job in await self._database.read(owner, lambda c: c.execute(query).scalars().all())]

    # -- schedules ---------------------------------------------------------------------------------------------------

    async def add_schedule(
        self, owner: OwnerId, name: str, timing: Timing, items: Sequence[BookItem], at_once: int
    ) -> ScheduleFacts:
        """Take a schedule in; the dispatcher tells Temporal."""
        row = {
            "id": str(uuid4()),
            "owner_id": owner,
            "name": name,
            "timing": timing.model_dump(mode="json"),
            "items": [item.model_dump(mode="json") for item in items],
            "at_once": at_once,
            "settled": False,
            "removed": False,
            "created_at": utcnow(),
        }

        def work(connection: sa.Connection) -> Any:
            insert_missing(connection, users, {"owner_id": owner, "created_at": utcnow()})
            return connection.execute(sa.insert(schedules).values(row).returning(schedules)).one()

        return _schedule(await self._database.write(owner, work))

    async def schedule(self, owner: OwnerId, name: str) -> ScheduleFacts:
        """A schedule by its id or number. Raises NotFound."""
        where = (schedules.c.owner_id == owner, ~schedules.c.removed, named(schedules, name))
        row = await self._database.read(owner, lambda c: c.execute(sa.select(schedules).where(*where)).one_or_none())
        if row is None:
            raise NotFound("there is no such schedule")
        return _schedule(row)

    async def schedules(self, owner: OwnerId, limit: int, cursor: int | None = None) -> list[ScheduleFacts]:
        """The owner's schedules, newest first."""
        query = sa.select(schedules).where(schedules.c.owner_id == owner, ~schedules.c.removed)
        if cursor is not None:
            query = query.where(schedules.c.number < cursor)
        query = query.order_by(schedules.c.number.desc()).limit(limit)
        return [_schedule(row) for row in await self._database.read(owner, lambda c: c.execute(query).all())]

    async def remove_schedule(self, schedule: ScheduleFacts) -> None:
        """Have the dispatcher take it out of Temporal."""
        this = (schedules.c.owner_id == schedule.owner_id, schedules.c.id == schedule.schedule_id)
        statement = sa.update(schedules).where(*this).values(removed=True, settled=False)
        await self._database.write(schedule.owner_id, lambda c: c.execute(statement))

    async def unsettled(self, limit: int = 20) -> list[ScheduleFacts]:
        """All owners' schedules of which Temporal is to be told."""
        query = sa.select(schedules).where(~schedules.c.settled).order_by(schedules.c.number).limit(limit)
        return [_schedule(row) for row in await self._database.read(SERVICE, lambda c: c.execute(query).all())]

    async def settled(self, schedule: ScheduleFacts) -> None:
        """Temporal has been told."""
        this = (schedules.c.owner_id == schedule.owner_id, schedules.c.id == schedule.schedule_id)
        gone = sa.delete(schedules).where(*this, schedules.c.removed)
        there = sa.update(schedules).where(*this, ~schedules.c.removed).values(settled=True)
        statement = gone if schedule.removed else there
        await self._database.write(schedule.owner_id, lambda c: c.execute(statement))


def _this(owner: OwnerId, batch: str) -> "tuple[sa.ColumnElement[bool], ...]":
    return batches.c.owner_id == owner, batches.c.id == batch


def _facts(
    connection: sa.Connection, owner: OwnerId, where: "Sequence[sa.ColumnElement[bool]]", limit: int
) -> list[BatchFacts]:
    query = sa.select(batches).where(batches.c.owner_id == owner, *where).order_by(batches.c.number.desc()).limit(limit)
    rows = connection.execute(query).all()
    counted = (
        sa.select(
            batch_items.c.batch_id,
            jobs.c.state,
            sa.func.count().label("items"),
            sa.func.count(batch_items.c.error).label("refused"),
            sa.func.count(jobs.c.warning).label("lacking"),
        )
        .outerjoin(jobs, sa.and_(jobs.c.owner_id == batch_items.c.owner_id, jobs.c.id == batch_items.c.job_id))
        .where(batch_items.c.owner_id == owner, batch_items.c.batch_id.in_([row.id for row in rows]))
        .group_by(batch_items.c.batch_id, jobs.c.state)
    )
    found: dict[str, list[Any]] = {}
    for count in connection.execute(counted) if rows else ():
        found.setdefault(count.batch_id, []).append(count)
    return [_bare(row, found.get(row.id, [])) for row in rows]


def _bare(row: Any, counts: Sequence[Any] = ()) -> BatchFacts:
    without = [count for count in counts if count.state is None]
    refused = sum(count.refused for count in without)
    return BatchFacts(
        batch_id=row.id,
        number=row.number,
        owner_id=OwnerId(row.owner_id),
        name=row.name,
        workflow_id=row.workflow_id,
        state=BatchState(row.state),
        at_once=row.at_once,
        schedule_id=row.schedule_id,
        created_at=row.created_at,
        closed_at=row.closed_at,
        items=sum(count.items for count in counts),
        waiting=sum(count.items for count in without) - refused,
        refused=refused,
        jobs={JobState(count.state): count.items for count in counts if count.state is not None},
        lacking=sum(count.lacking for count in counts),
    )


def _item(row: Any) -> BatchItem:
    return BatchItem(
        item=row.item,
        wanted=_ITEM.validate_python(row.wanted),
        job_id=row.job_id,
        error=row.error,
        state=None if row.state is None else JobState(row.state),
        warning=row.warning,
    )


def _schedule(row: Any) -> ScheduleFacts:
    return ScheduleFacts(
        schedule_id=row.id,
        number=row.number,
        owner_id=OwnerId(row.owner_id),
        name=row.name,
        timing=Timing.model_validate(row.timing),
        items=tuple(BookItem.model_validate(item) for item in row.items),
        at_once=row.at_once,
        settled=row.settled,
        removed=row.removed,
        created_at=row.created_at,
    )
