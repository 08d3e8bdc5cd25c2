"""Who somebody is that shows a key, a session or a signed URL. Keys themselves are made in `keys`."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest

import sqlalchemy as sa

from bookwright.contracts.access import Caller, KeyId, Role, Scope
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ids import OwnerId
from bookwright.store.access.secrets import digest, key_id, make_token
from bookwright.store.access.tables import keys, sessions
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database

SESSION = timedelta(days=14)
TICKET = timedelta(days=1)
GLANCE_S = 1.0
"""For so long an open stream takes it that its key still holds."""
_GLANCES = 1000
_NO_DIGEST = "0" * 64


def holds(now: datetime | sa.BindParameter[datetime]) -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of a key that is neither revoked nor expired."""
    return (keys.c.revoked_at.is_(None), sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > now))


_NOW = sa.bindparam("p_now", type_=keys.c.created_at.type)
_KEY = sa.select(keys).where(keys.c.id == sa.bindparam("p_key"), *holds(_NOW))
_SESSION = sa.select(keys).where(
    sessions.c.digest == sa.bindparam("p_session"),
    sessions.c.key_id == keys.c.id,
    sa.not_(sessions.c.ticket),
    sessions.c.expires_at > _NOW,
    *holds(_NOW),
)
# Built once: one of them is part of each request.


class Credentials:
    """Finds callers. A key that was revoked or has expired is found no more, from the next request on; with it go its
    sessions and signed URLs."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._now = now
        self._glances: dict[tuple[KeyId, str | None], tuple[float, bool]] = {}

    async def by_key(self, key: str) -> Caller | None:
        """The owner of a key. Takes as long for a wrong key as for a right one."""
        found = key_id(key)
        row = await self._key(found) if found else None
        right = compare_digest(row.digest if row else _NO_DIGEST, digest(key))
        return caller_of(row) if row and right else None

    async def by_key_id(self, key: KeyId) -> Caller | None:
        """Whose key this is: for signed URLs, whose signature shows that the key's holder asked for them."""
        row = await self._key(key)
        return caller_of(row) if row else None

    async def by_session(self, token: str) -> Caller | None:
        """Who is signed in with this token."""
        session = digest(token)
        row = await self._session(session)
        return caller_of(row, session) if row else None

    async def sign_in(self, caller: Caller) -> str:
        """Open a session with the caller's key; its token. Sessions that have ended are swept."""
        return await self._add(caller.owner, caller.key_id, ticket=False)

    async def ticket(self, owner: OwnerId, key: KeyId) -> str:
        """The token of a link that signs one browser in, once."""
        return await self._add(owner, key, ticket=True)

    async def redeem(self, ticket: str) -> str | None:
        """Open the session that a ticket is for; its token. None for a ticket that was used, is old, or whose key
        holds no more."""
        now, token = self._now(), make_token()
        held = sa.select(keys.c.id).where(keys.c.id == sessions.c.key_id, *holds(now)).exists()
        change = (
            sa.update(sessions)
            .where(sessions.c.digest == digest(ticket), sessions.c.ticket, sessions.c.expires_at > now, held)
            .values(digest=digest(token), ticket=False, expires_at=now + SESSION)
        )
        changed = await self._database.write(SERVICE, lambda c: c.execute(change).rowcount)
        return token if changed else None

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's session."""
        end = sa.delete(sessions).where(sessions.c.digest == caller.session)
        await self._database.write(caller.owner, lambda c: c.execute(end))

    async def still_allowed(self, caller: Caller) -> bool:
        """Whether the caller's key, and session, still hold: for streams, which ask again and again. The answer is at
        most GLANCE_S old, but for a database that is away, and shared by all streams of the caller."""
        which = (caller.key_id, caller.session)
        at, allowed = self._glances.get(which, (-math.inf, True))
        if time.monotonic() - at < GLANCE_S:
            return allowed
        with suppress(ServiceUnavailable):
            found = await (self._session(caller.session) if caller.session else self._key(caller.key_id))
            allowed = found is not None
        if len(self._glances) >= _GLANCES:
            self._glances.clear()
        self._glances[which] = (time.monotonic(), allowed)
        return allowed

    async def _key(self, key: KeyId) -> "sa.Row[tuple[object, ...]] | None":
        return await self._found(_KEY, {"p_key": key, "p_now": self._now()})

    async def _session(self, session: str) -> "sa.Row[tuple[object, ...]] | None":
        return await self._found(_SESSION, {"p_session": session, "p_now": self._now()})

    async def _found(
        self, query: sa.Select[tuple[object, ...]], parameters: dict[str, object]
    ) -> "sa.Row[tuple[object, ...]] | None":
        return await self._database.read(SERVICE, lambda c: c.execute(query, parameters).first())

    async def _add(self, owner: OwnerId, key: KeyId, *, ticket: bool) -> str:
        now, token = self._now(), make_token()

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(sessions).where(sessions.c.owner_id == owner, sessions.c.expires_at <= now))
            connection.execute(
                sa.insert(sessions).values(
                    digest=digest(token),
                    owner_id=owner,
                    key_id=key,
                    ticket=ticket,
                    expires_at=now + (TICKET if ticket else SESSION),
                )
            )

        await self._database.write(owner, work)
        return token


def caller_of(row: sa.Row[tuple[object, ...]], session: str | None = None) -> Caller:
    found = row._mapping
    return Caller(
        owner=OwnerId(found["owner_id"]),
        role=Role(found["role"]),
        scopes=frozenset(map(Scope, found["scopes"])),
        key_id=KeyId(found["id"]),
        signing=bytes(found["signing"]),
        expires_at=found["expires_at"],
        session=session,
    )
