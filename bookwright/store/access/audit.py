"""The audit log: who did what to whose things, when and from where. It only grows.

Whoever changes something writes it down in the transaction of the change, with `note`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction, AuditEntry, Outcome
from bookwright.contracts.ids import OwnerId
from bookwright.store.access.tables import audit
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database

COMMAND_LINE = Actor("command line")
"""Who makes changes on the machine itself."""
UNKNOWN = OwnerId("")
"""Whose things are meant when nobody knows: of a sign-in with what is no key."""


def note(
    connection: sa.Connection,
    owner: OwnerId,
    actor: Actor | str,
    action: AuditAction,
    subject: str,
    facts: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
    outcome: Outcome = Outcome.OK,
) -> None:
    """Write down that `actor` did something to a thing of `owner`, within the transaction of the change. `facts` are
    ids, numbers and settings in JSON; never a secret and never the text of a book."""
    who = Actor(actor) if isinstance(actor, str) else actor
    connection.execute(
        sa.insert(audit).values(
            owner_id=owner,
            actor=who.name,
            key_id=who.key_id,
            address=who.address,
            action=action,
            subject=subject,
            facts=dict(facts or {}),
            at=at or utcnow(),
            outcome=outcome,
        )
    )


class Wanted(NamedTuple):
    """Which lines are wanted: all that fulfil what is set."""

    owner: OwnerId | None = None
    actor: str | None = None
    action: AuditAction | None = None
    subject: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """Reads the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, wanted: Wanted, limit: int, before: int | None = None) -> list[AuditEntry]:
        """Lines, newest first, those before a number. With an owner it is read as this owner, and so finds nobody
        else's."""
        equal = {
            audit.c.owner_id: wanted.owner,
            audit.c.actor: wanted.actor,
            audit.c.action: wanted.action,
            audit.c.subject: wanted.subject,
            audit.c.outcome: wanted.outcome,
        }
        query = sa.select(audit).where(*(column == value for column, value in equal.items() if value is not None))
        if wanted.since:
            query = query.where(audit.c.at >= wanted.since)
        if wanted.until:
            query = query.where(audit.c.at < wanted.until)
        if before is not None:
            query = query.where(audit.c.number < before)
        query = query.order_by(audit.c.number.desc()).limit(limit)
        rows = await self._database.read(
            SERVICE if wanted.owner is None else wanted.owner, lambda c: c.execute(query).mappings().all()
        )
        return [_entry(row) for row in rows]


def _entry(row: sa.RowMapping) -> AuditEntry:
    found = dict(row)
    return AuditEntry.model_validate(found | {"user_id": found.pop("owner_id")})
