"""Wishes: updates that somebody wants of a running job, kept until its workflow has taken them."""

from datetime import datetime

import sqlalchemy as sa

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.contracts.progress import JobState
from bookwright.store.database.statements import insert
from bookwright.store.tables import jobs, wishes


class Wish(Payload):
    """An update by name, with its argument, for one workflow."""

    owner_id: OwnerId
    job_id: JobId
    workflow_id: str
    name: str
    argument: str | None
    turn: int

    @property
    def update_id(self) -> str:
        """The same however often it is delivered: the workflow takes it once."""
        return f"{self.name}-{self.turn}"


def add_wish(
    connection: sa.Connection, owner: OwnerId, job: JobId, name: str, argument: str | None, now: datetime
) -> Wish:
    """Write a wish down, in place of an older one of this name. One that is open and wants the same stays."""
    fresh = insert(connection, wishes).values(
        owner_id=owner, job_id=job, name=name, turn=1, argument=argument, asked_at=now, settled_at=None
    )
    another = sa.or_(wishes.c.settled_at.is_not(None), wishes.c.argument.is_distinct_from(fresh.excluded.argument))
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["owner_id", "job_id", "name"],
            set_={"turn": wishes.c.turn + 1, "argument": argument, "asked_at": now, "settled_at": None},
            where=another,
        )
    )
    return _wishes(connection, wishes.c.owner_id == owner, wishes.c.job_id == job, wishes.c.name == name)[0]


def open_wishes(connection: sa.Connection, limit: int) -> list[Wish]:
    """All owners' wishes that no workflow has taken yet and still can, oldest first."""
    under_way = jobs.c.state.in_((JobState.RUNNING, JobState.PAUSED))
    return _wishes(connection, wishes.c.settled_at.is_(None), under_way, limit=limit)


def settle_wish(connection: sa.Connection, wish: Wish, now: datetime) -> None:
    """The workflow has answered; a newer wish of the same name stays open."""
    this = (wishes.c.owner_id == wish.owner_id, wishes.c.job_id == wish.job_id, wishes.c.name == wish.name)
    connection.execute(sa.update(wishes).where(*this, wishes.c.turn == wish.turn).values(settled_at=now))


def _wishes(connection: sa.Connection, *where: "sa.ColumnElement[bool]", limit: int = 1) -> list[Wish]:
    same = sa.and_(jobs.c.owner_id == wishes.c.owner_id, jobs.c.id == wishes.c.job_id)
    rows = connection.execute(
        sa.select(wishes, jobs.c.workflow_id).join(jobs, same).where(*where).order_by(wishes.c.asked_at).limit(limit)
    )
    return [
        Wish(
            owner_id=OwnerId(row.owner_id),
            job_id=JobId(row.job_id),
            workflow_id=row.workflow_id,
            name=row.name,
            argument=row.argument,
            turn=row.turn,
        )
        for row in rows
    ]
