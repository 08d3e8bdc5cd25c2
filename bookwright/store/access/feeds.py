"""Feeds: addresses under which podcast players, which can send no header, find one book for a long time.

A feed opens one book, for reading, until it expires or is revoked, and for no longer than the key does that asked for
it: whoever revokes a key has closed everything that it opened.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import NamedTuple

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction, Caller, FeedFacts, FeedId, KeyId, Scope
from bookwright.contracts.errors import Conflict, NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.store.access.audit import note
from bookwright.store.access.credentials import CALLER, caller_of, holds
from bookwright.store.access.secrets import FEEDS, digest
from bookwright.store.access.tables import feeds, keys
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.tables import books

MOST = 20
"""Feeds of one book that are open at the same time."""
_NO_DIGEST = "0" * 64


class NewFeed(NamedTuple):
    """A feed that was just made. Nobody can read its token again."""

    token: str
    facts: FeedFacts


class OpenFeed(NamedTuple):
    """Who comes by a feed's token, and the names in paths of the one book that it opens."""

    caller: Caller
    names: frozenset[str]


class FeedStore:
    """Feeds: made, listed, revoked, and found by their tokens."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._now = now

    async def create(
        self, owner: OwnerId, book: BookId, key: KeyId, lifetime: timedelta, *, actor: Actor | None = None
    ) -> NewFeed:
        """Open a feed of the owner's book for so long, by the owner unless an actor is named. Feeds that have expired
        are swept. Raises Conflict when the book has MOST of them."""
        made, now = FEEDS.make(), self._now()
        facts = FeedFacts(feed_id=made.id, book_id=book, created_at=now, expires_at=now + lifetime)

        def work(connection: sa.Connection) -> None:
            mine = (feeds.c.owner_id == owner, feeds.c.book_id == book)
            connection.execute(sa.delete(feeds).where(feeds.c.owner_id == owner, feeds.c.expires_at <= now))
            if connection.execute(sa.select(sa.func.count()).select_from(feeds).where(*mine)).scalar_one() >= MOST:
                raise Conflict(f"the book has {MOST} feeds already: revoke one of them first")
            row = facts.model_dump(exclude={"feed_id"}) | {"id": made.id, "owner_id": owner}
            connection.execute(sa.insert(feeds).values(row | {"key_id": key, "digest": made.digest}))
            told = {"book": book, "expires_at": facts.expires_at.isoformat()}
            note(connection, owner, actor or owner, AuditAction.FEED_CREATED, made.id, told, at=now)

        await self._database.write(owner, work)
        return NewFeed(made.secret, facts)

    async def feeds(self, owner: OwnerId, book: BookId) -> list[FeedFacts]:
        """The book's feeds that open it, newest first."""
        query = (
            sa.select(feeds)
            .join(keys, keys.c.id == feeds.c.key_id)
            .where(feeds.c.owner_id == owner, feeds.c.book_id == book, feeds.c.expires_at > self._now())
            .where(*holds(self._now()))
            .order_by(feeds.c.created_at.desc(), feeds.c.id)
        )
        rows = await self._database.read(owner, lambda c: c.execute(query).all())
        return [
            FeedFacts(feed_id=row.id, book_id=row.book_id, created_at=row.created_at, expires_at=row.expires_at)
            for row in rows
        ]

    async def revoke(self, owner: OwnerId, book: BookId, feed: FeedId, *, actor: Actor | None = None) -> None:
        """Close a feed: from the next request on it opens nothing. Raises NotFound."""
        this = sa.delete(feeds).where(feeds.c.owner_id == owner, feeds.c.book_id == book, feeds.c.id == feed)

        def work(connection: sa.Connection) -> bool:
            if not connection.execute(this).rowcount:
                return False
            note(connection, owner, actor or owner, AuditAction.FEED_REVOKED, feed, {"book": book}, at=self._now())
            return True

        if not await self._database.write(owner, work):
            raise NotFound("the book has no such feed")

    async def opened(self, token: str) -> OpenFeed | None:
        """Who comes with this token; None when it opens nothing. Takes as long for a wrong token as for a right one."""
        found = FEEDS.id_in(token)
        if found is None:
            return None
        query = (
            sa.select(*CALLER, feeds.c.digest.label("feed_digest"), books.c.id.label("book"), books.c.number)
            .join(feeds, keys.c.id == feeds.c.key_id)
            .join(books, sa.and_(books.c.owner_id == feeds.c.owner_id, books.c.id == feeds.c.book_id))
            .where(feeds.c.id == found, feeds.c.expires_at > self._now(), *holds(self._now()))
        )
        row = await self._database.read(SERVICE, lambda c: c.execute(query).first())
        right = compare_digest(row.feed_digest if row else _NO_DIGEST, digest(token))
        if row is None or not right:
            return None
        caller = caller_of(row)
        only = replace(caller, scopes=caller.scopes & {Scope.READ}, feed=token)
        return OpenFeed(only, frozenset((row.book, str(row.number))))
