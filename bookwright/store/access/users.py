"""Users: made, listed, changed, deactivated. Each change is written down in the same transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction, Role, SessionFacts, User, UserChange, UserLimits
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import OwnerId
from bookwright.store.access.audit import note
from bookwright.store.access.tables import sessions
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert
from bookwright.store.tables import users

_SHOWN = 16
"""So much of a digest names a session among those of its user."""


class UserStore:
    """Users, and the sessions that they have open."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._now = now

    async def create(
        self,
        user: OwnerId,
        name: str | None,
        *,
        actor: Actor | str,
        role: Role = Role.USER,
        limits: UserLimits | None = None,
    ) -> User:
        """Make a user. Raises Conflict when there is one of this id."""
        made = User(user_id=user, name=name, role=role, limits=limits or UserLimits(), created_at=self._now())
        row = {"owner_id": user, "name": name, "role": role, "created_at": made.created_at}

        def work(connection: sa.Connection) -> bool:
            new = insert(connection, users).values(row | made.limits.model_dump())
            if connection.execute(new.on_conflict_do_nothing().returning(users.c.owner_id)).scalar() is None:
                return False
            facts = made.model_dump(mode="json", include={"name", "role", "limits"}, exclude_none=True)
            note(connection, user, actor, AuditAction.USER_CREATED, user, facts, at=made.created_at)
            return True

        if not await self._database.write(user, work):
            raise Conflict("there is a user of this id already")
        return made

    async def user(self, user: OwnerId) -> User:
        """One user. Raises NotFound."""
        return await self._database.read(user, lambda c: _one(c, user))

    async def users(self, limit: int, before: tuple[datetime, str] | None = None, q: str = "") -> list[User]:
        """Users, newest first: those before a time of creation and id, with `q` in their id or name."""
        wanted = sa.select(users).order_by(users.c.created_at.desc(), users.c.owner_id.desc()).limit(limit)
        if q:
            wanted = wanted.where(
                sa.or_(users.c.owner_id.icontains(q, autoescape=True), users.c.name.icontains(q, autoescape=True))
            )
        if before:
            place = sa.tuple_(sa.literal(before[0], users.c.created_at.type), sa.literal(before[1]))
            wanted = wanted.where(sa.tuple_(users.c.created_at, users.c.owner_id) < place)
        rows = await self._database.read(SERVICE, lambda c: c.execute(wanted).all())
        return [_user(row) for row in rows]

    async def change(self, user: OwnerId, change: UserChange, *, actor: Actor | str) -> User:
        """Change what is set in `change`. Deactivating ends the user's sessions and shuts their keys, whose streams end
        within seconds; activated again, keys that were not revoked open again. Raises NotFound, and Conflict when no
        admin would be left."""

        def work(connection: sa.Connection) -> User:
            admins = sa.select(users.c.owner_id).where(users.c.role == Role.ADMIN, users.c.disabled_at.is_(None))
            # Locked, so that two admins who take the role from each other don't both succeed.
            others = set(connection.execute(admins.with_for_update()).scalars()) - {user}
            before = _one(connection, user)
            after = _changed(before, change, self._now())
            if _admin(before) and not _admin(after) and not others:
                raise Conflict("no admin would be left: make somebody else one first")
            if before == after:
                return before
            row = after.model_dump(include={"name", "role", "disabled_at"}) | after.limits.model_dump()
            connection.execute(sa.update(users).where(users.c.owner_id == user).values(row))
            if after.disabled_at:
                connection.execute(sa.delete(sessions).where(sessions.c.owner_id == user))
            facts = change.model_dump(mode="json", exclude_unset=True)
            note(connection, user, actor, AuditAction.USER_CHANGED, user, facts, at=self._now())
            return after

        return await self._database.write(SERVICE, work)

    async def sessions(self, user: OwnerId, current: str | None = None) -> list[SessionFacts]:
        """The browsers that are signed in as this user, newest first. `current` is the digest of the one that asks."""
        now = self._now()
        wanted = (
            sa.select(sessions)
            .where(sessions.c.owner_id == user, sa.not_(sessions.c.ticket), sessions.c.expires_at > now)
            .order_by(sessions.c.expires_at.desc(), sessions.c.digest)
        )
        rows = await self._database.read(user, lambda c: c.execute(wanted).all())
        return [
            SessionFacts(
                id=row.digest[:_SHOWN],
                key_id=row.key_id,
                created_at=row.created_at,
                expires_at=row.expires_at,
                address=row.address,
                agent=row.agent,
                current=row.digest == current,
            )
            for row in rows
        ]

    async def end_session(self, user: OwnerId, session: str, *, actor: Actor | str) -> None:
        """End a session: its browser is signed out. Raises NotFound."""
        named = sa.func.substr(sessions.c.digest, 1, _SHOWN) == session
        end = sa.delete(sessions).where(sessions.c.owner_id == user, sa.not_(sessions.c.ticket), named)

        def work(connection: sa.Connection) -> None:
            ended = connection.execute(end.returning(sessions.c.key_id)).scalars().all()
            if not ended:
                raise NotFound("there is no such session")
            note(connection, user, actor, AuditAction.SIGNED_OUT, ended[0], {"session": session}, at=self._now())

        await self._database.write(user, work)


def _one(connection: sa.Connection, user: OwnerId) -> User:
    row = connection.execute(sa.select(users).where(users.c.owner_id == user)).one_or_none()
    if row is None:
        raise NotFound("there is no such user")
    return _user(row)


def _user(row: Any) -> User:
    limits = {name: getattr(row, name) for name in UserLimits.model_fields}
    return User(
        user_id=row.owner_id,
        name=row.name,
        role=row.role,
        disabled_at=row.disabled_at,
        limits=UserLimits(**limits),
        created_at=row.created_at,
    )


def _admin(user: User) -> bool:
    return user.role is Role.ADMIN and user.disabled_at is None


def _changed(user: User, change: UserChange, now: datetime) -> User:
    new = change.model_dump(include=change.model_fields_set & {"name", "role"})
    if "disabled" in change.model_fields_set:
        new["disabled_at"] = (user.disabled_at or now) if change.disabled else None
    if "limits" in change.model_fields_set:
        new["limits"] = user.limits.model_copy(update=change.limits.model_dump(exclude_unset=True))
    return user.model_copy(update=new)
