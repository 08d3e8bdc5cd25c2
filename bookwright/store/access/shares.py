"""Shares: links under which people without an account read and hear one book.

A share opens one book until it expires or is revoked, and for no longer than the key does that asked for it. What has
ended is remembered for a while, so that whoever comes late is told so.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, NamedTuple

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction, Caller, Role, Scope, ShareFacts, ShareId
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.store.access.audit import note
from bookwright.store.access.credentials import CALLER, caller_of, holds
from bookwright.store.access.secrets import SHARES, digest
from bookwright.store.access.tables import keys, shares
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.ingestion.tables import audiobooks

MOST = 50
"""Shares of one book that are open at the same time."""
REMEMBERED = timedelta(days=90)
"""For so long a share that has ended is told from one that never was."""
_NO_DIGEST = "0" * 64


class NewShare(NamedTuple):
    """A share that was just made. Nobody can read its token again."""

    token: str
    facts: ShareFacts


class ShareStore:
    """Shares: made, listed, revoked, and found by their tokens."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._now = now

    async def create(
        self,
        owner: OwnerId,
        book: BookId,
        actor: Actor,
        lifetime: timedelta,
        purpose: str = "",
        *,
        downloads: bool = False,
    ) -> NewShare:
        """Open the owner's book to whoever has the token, for so long; `purpose` is for the owner alone. Raises
        Conflict when the book has MOST of them."""
        made, now = SHARES.make(), self._now()
        facts = ShareFacts(
            share_id=made.id,
            book_id=book,
            note=purpose,
            downloads=downloads,
            created_at=now,
            expires_at=now + lifetime,
        )

        def work(connection: sa.Connection) -> None:
            gone = (shares.c.owner_id == owner, shares.c.expires_at <= now - REMEMBERED)
            connection.execute(sa.delete(shares).where(*gone))
            mine = sa.select(sa.func.count()).select_from(shares).where(*self._open(owner, book))
            if connection.execute(mine).scalar_one() >= MOST:
                raise Conflict(f"the book is shared {MOST} times already: revoke one of the links first")
            row = facts.model_dump(exclude={"share_id", "public"}) | {"id": made.id, "owner_id": owner}
            connection.execute(sa.insert(shares).values(row | {"key_id": actor.key_id, "digest": made.digest}))
            about = {"book": book, "expires_at": facts.expires_at.isoformat(), "downloads": downloads}
            note(connection, owner, actor, AuditAction.SHARE_CREATED, made.id, about, at=now)

        await self._database.write(owner, work)
        return NewShare(made.secret, facts)

    async def shares(self, owner: OwnerId, book: BookId) -> list[ShareFacts]:
        """The book's shares that open it, newest first."""
        query = (
            sa.select(shares)
            .join(keys, keys.c.id == shares.c.key_id)
            .where(*self._open(owner, book), *holds(self._now()))
            .order_by(shares.c.created_at.desc(), shares.c.id)
        )
        return [_facts(row) for row in await self._database.read(owner, lambda c: c.execute(query).mappings().all())]

    async def revoke(self, owner: OwnerId, book: BookId, share: ShareId, actor: Actor) -> None:
        """Close a share: from the next request on it opens nothing. Raises NotFound."""
        now = self._now()
        this = sa.update(shares).where(*self._open(owner, book), shares.c.id == share).values(revoked_at=now)

        def work(connection: sa.Connection) -> bool:
            if not connection.execute(this).rowcount:
                return False
            note(connection, owner, actor, AuditAction.SHARE_REVOKED, share, {"book": book}, at=now)
            return True

        if not await self._database.write(owner, work):
            raise NotFound("the book has no such share")

    async def opened(self, token: str) -> Caller | None:
        """Who comes with this token, as its `share` says; None when it opens nothing. Takes as long for a wrong token
        as for a right one."""
        query = (
            sa.select(*CALLER, *(shares.c[name].label(f"share_{name}") for name in _SHARED))
            .join(shares, keys.c.id == shares.c.key_id)
            .where(shares.c.id == SHARES.id_in(token), shares.c.revoked_at.is_(None), shares.c.expires_at > self._now())
            .where(*holds(self._now()))
        )
        row = await self._database.read(SERVICE, lambda c: c.execute(query).first())
        right = compare_digest(row.share_digest if row else _NO_DIGEST, digest(token))
        if row is None or not right:
            return None
        caller = caller_of(row)
        named = {name: row._mapping[f"share_{name}"] for name in _SHARED}
        return replace(caller, scopes=caller.scopes & {Scope.READ}, share=_facts(named))

    async def public(self, book: BookId, reader: Caller) -> Caller | None:
        """The reader as somebody who may read and hear a public audiobook of somebody else's, and do nothing with it;
        None for a book that is not public, or their own."""
        query = sa.select(audiobooks.c.owner_id, audiobooks.c.updated_at).where(
            audiobooks.c.book_id == book, audiobooks.c.is_public, audiobooks.c.owner_id != reader.owner
        )
        row = await self._database.read(SERVICE, lambda c: c.execute(query).first())
        if row is None:
            return None
        facts = ShareFacts(
            share_id=ShareId(book),
            book_id=book,
            note="",
            downloads=False,
            created_at=row.updated_at,
            expires_at=datetime.max.replace(tzinfo=UTC),
            public=True,
        )
        scopes = reader.scopes & {Scope.READ}
        return replace(reader, owner=OwnerId(row.owner_id), role=Role.USER, scopes=scopes, session=None, share=facts)

    async def ended(self, token: str) -> bool:
        """Whether this token, which opens nothing now, once did."""
        query = sa.select(shares.c.digest).where(shares.c.id == SHARES.id_in(token))
        known = await self._database.read(SERVICE, lambda c: c.execute(query).scalar())
        return compare_digest(known or _NO_DIGEST, digest(token))

    def _open(self, owner: OwnerId, book: BookId) -> tuple["sa.ColumnElement[bool]", ...]:
        of_book = (shares.c.owner_id == owner, shares.c.book_id == book)
        return *of_book, shares.c.revoked_at.is_(None), shares.c.expires_at > self._now()


_SHARED = ("id", "digest", "book_id", "note", "downloads", "created_at", "expires_at")


def _facts(row: Mapping[Any, Any]) -> ShareFacts:
    return ShareFacts(share_id=row["id"], **{name: row[name] for name in _SHARED if name not in ("id", "digest")})
