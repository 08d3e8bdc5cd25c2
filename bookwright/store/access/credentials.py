"""Who somebody is that shows a key, a session or a signed URL. Keys themselves are made in `keys`."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction, Caller, KeyId, Outcome, Role, Scope
from bookwright.contracts.errors import BookwrightError, ServiceUnavailable
from bookwright.contracts.ids import OwnerId
from bookwright.store.access.audit import UNKNOWN, note
from bookwright.store.access.secrets import KEYS, digest, make_token
from bookwright.store.access.tables import keys, sessions
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.tables import users

SESSION = timedelta(days=14)
TICKET = timedelta(days=1)
GLANCE_S = 1.0
"""For so long an open stream takes it that its key still holds."""
USED = timedelta(minutes=5)
"""How exactly it is known when a key was last used: this often it is written down at most."""
_GLANCES = 1000
_LONGEST_AGENT = 200
_NO_DIGEST = "0" * 64


def holds(now: datetime | sa.BindParameter[datetime]) -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of a key that is neither revoked nor expired, and whose user is not deactivated."""
    return (
        keys.c.revoked_at.is_(None),
        sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > now),
        users.c.owner_id == keys.c.owner_id,
        users.c.disabled_at.is_(None),
    )


CALLER = (keys, users.c.role.label("user_role"), users.c.requests_per_minute)
"""What `caller_of` reads."""
_NOW = sa.bindparam("p_now", type_=keys.c.created_at.type)
_KEY = sa.select(*CALLER).where(keys.c.id == sa.bindparam("p_key"), *holds(_NOW))
_SESSION = sa.select(*CALLER).where(
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
        found = KEYS.id_in(key)
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

    async def sign_in(self, caller: Caller, address: str | None = None, agent: str = "") -> str:
        """Open a session with the caller's key; its token. Sessions that have ended are swept."""
        actor = Actor(caller.owner, caller.key_id, address)

        def note_it(connection: sa.Connection) -> None:
            note(connection, caller.owner, actor, AuditAction.SIGNED_IN, caller.key_id, at=self._now())

        return await self._add(caller.owner, caller.key_id, also=note_it, address=address, agent=agent)

    async def refused(self, key: str, address: str | None = None) -> None:
        """Write down that somebody tried to sign in with what does not work. Of a key that there is or was, its user
        sees it."""
        named = KEYS.id_in(key)

        def work(connection: sa.Connection) -> None:
            owner = connection.execute(sa.select(keys.c.owner_id).where(keys.c.id == named)).scalar() if named else None
            note(
                connection,
                OwnerId(owner) if owner else UNKNOWN,
                Actor("", None, address),
                AuditAction.SIGNED_IN,
                named if named and owner else "",
                at=self._now(),
                outcome=Outcome.FAILED,
            )

        await self._database.write(SERVICE, work)

    async def ticket(self, owner: OwnerId, key: KeyId) -> str:
        """The token of a link that signs one browser in, once."""
        return await self._add(owner, key, ticket=True)

    async def redeem(self, ticket: str, address: str | None = None, agent: str = "") -> str | None:
        """Open the session that a ticket is for; its token. None for a ticket that was used, is old, or whose key
        holds no more."""
        now, token = self._now(), make_token()
        held = sa.select(keys.c.id).where(keys.c.id == sessions.c.key_id, *holds(now)).exists()
        session = {"digest": digest(token), "ticket": False, "expires_at": now + SESSION, "created_at": now}
        change = (
            sa.update(sessions)
            .where(sessions.c.digest == digest(ticket), sessions.c.ticket, sessions.c.expires_at > now, held)
            .values(session | {"address": address, "agent": agent[:_LONGEST_AGENT]})
            .returning(sessions.c.owner_id, sessions.c.key_id)
        )

        def work(connection: sa.Connection) -> bool:
            opened = connection.execute(change).one_or_none()
            if opened is None:
                return False
            actor = Actor(opened.owner_id, KeyId(opened.key_id), address)
            facts = {"by": "link"}
            note(connection, opened.owner_id, actor, AuditAction.SIGNED_IN, opened.key_id, facts, at=now)
            return True

        return token if await self._database.write(SERVICE, work) else None

    async def sign_out(self, caller: Caller, address: str | None = None) -> None:
        """End the caller's session."""
        actor = Actor(caller.owner, caller.key_id, address)
        end = sa.delete(sessions).where(sessions.c.digest == caller.session)

        def work(connection: sa.Connection) -> None:
            if connection.execute(end).rowcount:
                note(connection, caller.owner, actor, AuditAction.SIGNED_OUT, caller.key_id, at=self._now())

        await self._database.write(caller.owner, work)

    async def note_use(self, caller: Caller) -> None:
        """Write down that a key was used, unless that was done a moment ago. For after a request was answered: nobody
        waits for it, and its failure is nobody's trouble."""
        now = self._now()
        if caller.used_at is not None and now - caller.used_at < USED:
            return
        change = sa.update(keys).where(keys.c.id == caller.key_id).values(last_used_at=now)
        with suppress(BookwrightError):
            await self._database.write(caller.owner, lambda c: c.execute(change))

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

    async def _add(
        self,
        owner: OwnerId,
        key: KeyId,
        *,
        ticket: bool = False,
        also: Callable[[sa.Connection], None] | None = None,
        address: str | None = None,
        agent: str = "",
    ) -> str:
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
                    created_at=now,
                    address=address,
                    agent=agent[:_LONGEST_AGENT],
                )
            )
            if also:
                also(connection)

        await self._database.write(owner, work)
        return token


def caller_of(row: sa.Row[tuple[object, ...]], session: str | None = None) -> Caller:
    """Who comes with the key in a row of `CALLER`. An admin's key is no more than its user may be by now."""
    found = row._mapping
    admin = found["role"] == found["user_role"] == Role.ADMIN
    return Caller(
        owner=OwnerId(found["owner_id"]),
        role=Role.ADMIN if admin else Role.USER,
        scopes=frozenset(map(Scope, found["scopes"])),
        key_id=KeyId(found["id"]),
        signing=bytes(found["signing"]),
        expires_at=found["expires_at"],
        session=session,
        requests_per_minute=found["requests_per_minute"],
        used_at=found["last_used_at"],
    )
