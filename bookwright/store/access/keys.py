"""Users and their keys: made, listed, revoked. Each change is written down in the same transaction."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from bookwright.contracts.access import ALL_SCOPES, AuditAction, KeyFacts, KeyId, Role, Scope, User
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.store.access.credentials import holds
from bookwright.store.access.secrets import make_key
from bookwright.store.access.tables import audit, keys, sessions
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert, insert_missing
from bookwright.store.tables import users

COMMAND_LINE = "command line"
"""The actor of changes made on the machine itself."""
FIRST_ADMIN = "first admin"


class NewKey(NamedTuple):
    """A key that was just made. Nobody can read it again."""

    key: str
    facts: KeyFacts


class KeyStore:
    """Users and keys."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._now = now

    async def create_user(self, user: OwnerId, name: str | None, *, actor: str) -> User:
        """Make a user. Raises Conflict when there is one of this id."""
        now = self._now()

        def work(connection: sa.Connection) -> bool:
            new = insert(connection, users).values(owner_id=user, name=name, created_at=now)
            made = connection.execute(new.on_conflict_do_nothing().returning(users.c.owner_id)).scalar()
            if made:
                self._note(connection, user, actor, AuditAction.USER_CREATED, user, {"name": name})
            return made is not None

        if not await self._database.write(user, work):
            raise Conflict("there is a user of this id already")
        return User(user_id=user, name=name, created_at=now)

    async def user(self, user: OwnerId) -> User:
        """One user. Raises NotFound."""
        wanted = sa.select(users).where(users.c.owner_id == user)
        row = await self._database.read(user, lambda c: c.execute(wanted).first())
        if row is None:
            raise NotFound("there is no such user")
        return _user(row)

    async def users(self, limit: int, before: tuple[datetime, str] | None = None) -> list[User]:
        """Users, newest first: those before a time of creation and id."""
        wanted = sa.select(users).order_by(users.c.created_at.desc(), users.c.owner_id.desc()).limit(limit)
        if before:
            wanted = wanted.where(sa.tuple_(users.c.created_at, users.c.owner_id) < _place(users.c.created_at, before))
        rows = await self._database.read(SERVICE, lambda c: c.execute(wanted).all())
        return [_user(row) for row in rows]

    async def create(
        self,
        owner: OwnerId,
        name: str,
        *,
        actor: str,
        role: Role = Role.USER,
        scopes: frozenset[Scope] = ALL_SCOPES,
        expires_at: datetime | None = None,
    ) -> NewKey:
        """Make a key for a user, who is made when missing."""
        made = self._made(owner, name, role, scopes, expires_at)
        await self._database.write(owner, lambda connection: self._insert(connection, *made, actor))
        return made[0]

    async def first_admin(self) -> NewKey | None:
        """Make the first admin's key, unless somebody has an admin key that holds."""
        made = self._made(LOCAL_OWNER, FIRST_ADMIN, Role.ADMIN, ALL_SCOPES, None)

        def work(connection: sa.Connection) -> bool:
            admins = sa.select(keys.c.id).where(keys.c.role == Role.ADMIN, *holds(self._now()))
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
        wanted = sa.select(keys.c.id).where(keys.c.owner_id == owner, keys.c.role == Role.ADMIN, *holds(self._now()))
        found = await self._database.read(
            owner, lambda c: c.execute(wanted.order_by(keys.c.created_at).limit(1)).scalar()
        )
        return KeyId(found) if found else None

    async def revoke(self, owner: OwnerId, key: KeyId, *, actor: str) -> None:
        """Revoke a key and end its sessions; one that is revoked stays so. Raises NotFound."""

        def work(connection: sa.Connection) -> bool:
            this = (keys.c.owner_id == owner, keys.c.id == key)
            open_ = sa.update(keys).where(*this, keys.c.revoked_at.is_(None)).values(revoked_at=self._now())
            if connection.execute(open_).rowcount:
                connection.execute(sa.delete(sessions).where(sessions.c.owner_id == owner, sessions.c.key_id == key))
                self._note(connection, owner, actor, AuditAction.KEY_REVOKED, key, {})
            return connection.execute(sa.select(keys.c.id).where(*this)).first() is not None

        if not await self._database.write(owner, work):
            raise NotFound("there is no such key")

    def _made(
        self, owner: OwnerId, name: str, role: Role, scopes: frozenset[Scope], expires_at: datetime | None
    ) -> tuple[NewKey, str]:
        made = make_key()
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
        return NewKey(made.key, facts), made.digest

    def _insert(self, connection: sa.Connection, new: NewKey, digest: str, actor: str) -> None:
        facts = new.facts
        insert_missing(connection, users, {"owner_id": facts.user_id, "created_at": facts.created_at})
        row = facts.model_dump(exclude={"user_id"}) | {"owner_id": facts.user_id}
        connection.execute(sa.insert(keys).values(row | {"digest": digest, "signing": secrets.token_bytes(32)}))
        about = facts.model_dump(mode="json", include={"name", "role", "scopes", "expires_at"})
        self._note(connection, facts.user_id, actor, AuditAction.KEY_CREATED, facts.id, about)

    def _note(
        self,
        connection: sa.Connection,
        owner: OwnerId,
        actor: str,
        action: AuditAction,
        subject: str,
        facts: dict[str, Any],
    ) -> None:
        connection.execute(
            sa.insert(audit).values(
                owner_id=owner, actor=actor, action=action, subject=subject, facts=facts, at=self._now()
            )
        )


def _place(created_at: sa.ColumnElement[datetime], place: tuple[datetime, str]) -> sa.Tuple:
    return sa.tuple_(sa.literal(place[0], created_at.type), sa.literal(place[1]))


def _user(row: sa.Row[tuple[object, ...]]) -> User:
    found = row._mapping
    return User(user_id=OwnerId(found["owner_id"]), name=found["name"], created_at=found["created_at"])


def _facts(row: sa.Row[tuple[object, ...]]) -> KeyFacts:
    found = row._mapping
    names = ("id", "name", "role", "scopes", "created_at", "expires_at", "revoked_at")
    return KeyFacts.model_validate({name: found[name] for name in names} | {"user_id": found["owner_id"]})
