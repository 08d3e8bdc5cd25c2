"""Keys: made, listed, revoked. Each change is written down in the same transaction."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from bookwright.contracts.access import ALL_SCOPES, Actor, AuditAction, KeyFacts, KeyId, Role, Scope
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.store.access.audit import COMMAND_LINE, note
from bookwright.store.access.credentials import holds
from bookwright.store.access.secrets import KEYS
from bookwright.store.access.tables import keys, sessions
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert_missing
from bookwright.store.tables import users

FIRST_ADMIN = "first admin"


class NewKey(NamedTuple):
    """A key that was just made. Nobody can read it again."""

    key: str
    facts: KeyFacts


class KeyStore:
    """Keys."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._now = now

    async def create(
        self,
        owner: OwnerId,
        name: str,
        *,
        actor: Actor | str,
        role: Role = Role.USER,
        scopes: frozenset[Scope] = ALL_SCOPES,
        expires_at: datetime | None = None,
    ) -> NewKey:
        """Make a key for a user, who is made when missing; an admin's key makes them an admin. Raises Conflict for a
        user who is deactivated."""
        made = self._made(owner, name, role, scopes, expires_at)
        await self._database.write(owner, lambda connection: self._insert(connection, *made, actor))
        return made[0]

    async def first_admin(self) -> NewKey | None:
        """Make the first admin's key, unless somebody has an admin key that holds."""
        made = self._made(LOCAL_OWNER, FIRST_ADMIN, Role.ADMIN, ALL_SCOPES, None)

        def work(connection: sa.Connection) -> bool:
            admins = sa.select(keys.c.id).where(*_of_admins(), *holds(self._now()))
            if connection.execute(admins.limit(1)).first():
                return False
            self._insert(connection, *made, COMMAND_LINE)
            return True

        return made[0] if await self._database.write(SERVICE, work) else None

    async def keys(self, owner: OwnerId, limit: int, before: tuple[datetime, str] | None = None) -> list[KeyFacts]:
        """A user's keys, newest first, also those that hold no more."""
        wanted = sa.select(keys).where(keys.c.owner_id == owner)
        if before:
            wanted = wanted.where(sa.tuple_(keys.c.created_at, keys.c.id) < _place(keys.c.created_at, before))
        wanted = wanted.order_by(keys.c.created_at.desc(), keys.c.id.desc()).limit(limit)
        rows = await self._database.read(owner, lambda c: c.execute(wanted).all())
        return [_facts(row) for row in rows]

    async def admin_key(self, owner: OwnerId) -> KeyId | None:
        """The oldest admin key of this user that holds."""
        wanted = sa.select(keys.c.id).where(keys.c.owner_id == owner, *_of_admins(), *holds(self._now()))
        found = await self._database.read(
            owner, lambda c: c.execute(wanted.order_by(keys.c.created_at).limit(1)).scalar()
        )
        return KeyId(found) if found else None

    async def revoke(self, owner: OwnerId, key: KeyId, *, actor: Actor | str) -> None:
        """Revoke a key and end its sessions; one that is revoked stays so. Raises NotFound."""

        def work(connection: sa.Connection) -> bool:
            this = (keys.c.owner_id == owner, keys.c.id == key)
            open_ = sa.update(keys).where(*this, keys.c.revoked_at.is_(None)).values(revoked_at=self._now())
            if connection.execute(open_).rowcount:
                connection.execute(sa.delete(sessions).where(sessions.c.owner_id == owner, sessions.c.key_id == key))
                note(connection, owner, actor, AuditAction.KEY_REVOKED, key, at=self._now())
            return connection.execute(sa.select(keys.c.id).where(*this)).first() is not None

        if not await self._database.write(owner, work):
            raise NotFound("there is no such key")

    def _made(
        self, owner: OwnerId, name: str, role: Role, scopes: frozenset[Scope], expires_at: datetime | None
    ) -> tuple[NewKey, str]:
        made = KEYS.make()
        facts = KeyFacts(
            id=made.id,
            user_id=owner,
            name=name,
            role=role,
            scopes=tuple(sorted(scopes)),
            created_at=self._now(),
            expires_at=expires_at,
            revoked_at=None,
        )
        return NewKey(made.secret, facts), made.digest

    def _insert(self, connection: sa.Connection, new: NewKey, digest: str, actor: Actor | str) -> None:
        facts, now = new.facts, new.facts.created_at
        insert_missing(connection, users, {"owner_id": facts.user_id, "created_at": now})
        user = connection.execute(sa.select(users).where(users.c.owner_id == facts.user_id)).one()
        if user.disabled_at is not None:
            raise Conflict(f"{facts.user_id} is deactivated: activate the user before you make keys for them")
        if facts.role is Role.ADMIN and user.role != Role.ADMIN:
            connection.execute(sa.update(users).where(users.c.owner_id == facts.user_id).values(role=Role.ADMIN))
            note(connection, facts.user_id, actor, AuditAction.USER_CHANGED, facts.user_id, {"role": "admin"}, at=now)
        row = facts.model_dump(exclude={"user_id"}) | {"owner_id": facts.user_id}
        connection.execute(sa.insert(keys).values(row | {"digest": digest, "signing": secrets.token_bytes(32)}))
        about = facts.model_dump(mode="json", include={"name", "role", "scopes", "expires_at"}, exclude_none=True)
        note(connection, facts.user_id, actor, AuditAction.KEY_CREATED, facts.id, about, at=now)


def _of_admins() -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of an admin's key, next to `holds`."""
    return (keys.c.role == Role.ADMIN, users.c.role == Role.ADMIN)


def _place(created_at: sa.ColumnElement[datetime], place: tuple[datetime, str]) -> sa.Tuple:
    return sa.tuple_(sa.literal(place[0], created_at.type), sa.literal(place[1]))


def _facts(row: sa.Row[tuple[object, ...]]) -> KeyFacts:
    found = row._mapping
    names = set(KeyFacts.model_fields) - {"user_id"}
    return KeyFacts.model_validate({name: found[name] for name in names} | {"user_id": found["owner_id"]})
