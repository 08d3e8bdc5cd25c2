"""A job's events, numbered without a gap."""

from typing import Any

import sqlalchemy as sa

from bookwright.contracts.errors import NotFound
from bookwright.store.database.columns import utcnow
from bookwright.store.database.statements import values
from bookwright.store.jobs.records import EventKind, JobEvent
from bookwright.store.tables import events, jobs
from bookwright.store.webhooks.outbox import tell_webhooks

_NEXT = (
    sa.update(jobs)
    .where(jobs.c.owner_id == sa.bindparam("p_owner"), jobs.c.id == sa.bindparam("p_job"))
    .values(event_seq=jobs.c.event_seq + 1)
    .returning(jobs.c.event_seq)
)
_INSERT = sa.insert(events).values(values(events, "owner_id", "job_id", "seq", "kind", "data", "at"))


def append_event(connection: sa.Connection, owner: str, job: str, kind: EventKind, data: dict[str, Any]) -> None:
    """Write an event in the transaction of what it tells about, and what webhooks are to be told of it. The number is
    taken under the job row's lock, which is held until the commit: so nobody sees an event before the ones with smaller
    numbers. Raises NotFound."""
    seq = connection.execute(_NEXT, {"p_owner": owner, "p_job": job}).scalar()
    if seq is None:
        raise NotFound("there is no such job")
    connection.execute(
        _INSERT,
        {"p_owner_id": owner, "p_job_id": job, "p_seq": seq, "p_kind": kind, "p_data": data, "p_at": utcnow()},
    )
    tell_webhooks(connection, owner, job, seq, kind, data)


def read_events(connection: sa.Connection, owner: str, job: str, after: int, limit: int) -> list[JobEvent]:
    """The events after number `after`, in order."""
    rows = connection.execute(
        sa.select(events.c.seq, events.c.kind, events.c.data, events.c.at)
        .where(events.c.owner_id == owner, events.c.job_id == job, events.c.seq > after)
        .order_by(events.c.seq)
        .limit(limit)
    )
    return [JobEvent(seq=row.seq, kind=EventKind(row.kind), data=row.data, at=row.at) for row in rows]
