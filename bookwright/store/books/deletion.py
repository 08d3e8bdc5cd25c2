"""Deleting a book: its rows go, and the stored bytes that nothing else refers to."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from bookwright.contracts.access import Actor, AuditAction
from bookwright.contracts.calls import CallState
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.store.access.audit import note
from bookwright.store.assets import Assets
from bookwright.store.blobs import KNOWN_AT_ONCE, AssetRows
from bookwright.store.database.engine import Database
from bookwright.store.jobs.writes import OPEN
from bookwright.store.ledger.budgets import JOB
from bookwright.store.ledger.tables import asset_aliases, assets, budgets, provider_attempts, provider_calls, usages
from bookwright.store.publications import expect_withdrawal
from bookwright.store.tables import METADATA, books, jobs

PUT_LATELY = timedelta(minutes=1)
"""Bytes that somebody has put since then may be about to get a row; the sweep looks after them."""
_SOURCES = ("asset", "content", "character_image")
"""Where an order's source names stored bytes."""
_REFERRING = tuple(table for table in METADATA.sorted_tables if "asset" in table.c)


class BookRemoval:
    """Takes books out of the store."""

    def __init__(self, database: Database, stored: Assets, put_lately: timedelta = PUT_LATELY) -> None:
        self._database = database
        self._stored = stored
        self._rows = AssetRows(database)
        self._put_lately = put_lately

    async def remove(self, owner: OwnerId, book: BookId, *, actor: Actor | None = None) -> bool:
        """Drop the book, and its bytes unless something else refers to them; of the calls that no other book uses only
        what they cost is kept. False, with nothing changed, while a job of it is open or a call under way. Safe to
        repeat. Without an actor it is the owner who does it."""
        gone = await self._database.write(owner, lambda c: _remove(c, owner, book, actor or owner))
        if gone is None:
            return False
        await self._stored.discard(gone, self._rows.known, self._put_lately)
        return True


def _remove(connection: sa.Connection, owner: OwnerId, book: BookId, actor: Actor | str) -> list[AssetId] | None:
    """The assets that had a row of this owner and have none now."""
    mine = (jobs.c.owner_id == owner, jobs.c.book_id == book)
    rows = connection.execute(
        sa.select(jobs.c.id, jobs.c.state, *(_source(name).label(name) for name in _SOURCES))
        .where(*mine)
        .with_for_update()
    ).all()
    under_way = sa.select(provider_attempts.c.call_id).where(
        provider_attempts.c.owner_id == owner,
        provider_attempts.c.job_id.in_([row.id for row in rows]),
        provider_attempts.c.state.in_((CallState.RESERVED, CallState.SENT)),
    )
    if any(row.state in OPEN for row in rows) or connection.execute(under_way.limit(1)).first():
        return None
    touched = {row._mapping[name] for row in rows for name in _SOURCES}
    touched |= _named_by(connection, owner, book) | _forget_calls(connection, owner, book)
    for row in rows:
        this = (budgets.c.owner_id == owner, budgets.c.scope == JOB, budgets.c.ref == row.id)
        connection.execute(sa.delete(budgets).where(*this))
    names = sa.select(asset_aliases.c.name).where(asset_aliases.c.owner_id == owner, asset_aliases.c.book_id == book)
    expect_withdrawal(connection, owner, list(connection.execute(names).scalars()))
    this_book = sa.delete(books).where(books.c.owner_id == owner, books.c.id == book).returning(books.c.number)
    for number in connection.execute(this_book).scalars():
        note(connection, owner, actor, AuditAction.BOOK_DELETED, book, {"number": number})
    return drop_unreferred(connection, owner, sorted(asset for asset in touched if asset))


def _source(name: str) -> "sa.ColumnElement[str]":
    stored: sa.ColumnElement[str] = jobs.c.ordered["source"][name].as_string()
    return stored


def _named_by(connection: sa.Connection, owner: OwnerId, book: BookId) -> set[str | None]:
    """Every asset that a row of the book names."""
    found: set[str | None] = set()
    for table in _REFERRING:
        if "book_id" in table.c:
            query = sa.select(table.c.asset).where(table.c.owner_id == owner, table.c.book_id == book).distinct()
            found.update(connection.execute(query).scalars())
    return found


def _forget_calls(connection: sa.Connection, owner: OwnerId, book: BookId) -> set[str | None]:
    """Part the answers from the calls that only this book uses; their rows stay for the money. A later book buys them
    anew: a call is found again by its key."""
    used = sa.select(usages.c.call_id).where(usages.c.owner_id == owner, usages.c.book_id == book)
    others = sa.select(usages.c.call_id).where(usages.c.owner_id == owner, usages.c.book_id != book)
    calls = list(
        connection.execute(
            sa.select(provider_calls.c.id).where(
                provider_calls.c.owner_id == owner, provider_calls.c.id.in_(used), provider_calls.c.id.not_in(others)
            )
        ).scalars()
    )
    found: set[str | None] = set()
    for start in range(0, len(calls), KNOWN_AT_ONCE):
        some = calls[start : start + KNOWN_AT_ONCE]
        for table, column in ((provider_calls, provider_calls.c.id), (provider_attempts, provider_attempts.c.call_id)):
            these = (table.c.owner_id == owner, column.in_(some))
            found.update(connection.execute(sa.select(table.c.asset).where(*these)).scalars())
            connection.execute(sa.update(table).where(*these).values(asset=None))
        forgotten = sa.literal("forgotten:") + sa.cast(provider_calls.c.id, sa.String)
        connection.execute(
            sa.update(provider_calls)
            .where(provider_calls.c.owner_id == owner, provider_calls.c.id.in_(some))
            .values(key=forgotten, facts=None)
        )
    connection.execute(sa.delete(usages).where(usages.c.owner_id == owner, usages.c.book_id == book))
    return found


def drop_unreferred(connection: sa.Connection, owner: OwnerId, touched: Sequence[str]) -> list[AssetId]:
    """Drop the rows of those of the owner's assets that nothing names, and answer them: their bytes are to go."""
    dropped: list[AssetId] = []
    for start in range(0, len(touched), KNOWN_AT_ONCE):
        some = touched[start : start + KNOWN_AT_ONCE]
        kept: set[str] = set()
        for table in _REFERRING:
            query = sa.select(table.c.asset).where(table.c.owner_id == owner, table.c.asset.in_(some))
            kept.update(connection.execute(query).scalars())
        for source in map(_source, _SOURCES):
            query = sa.select(source).where(jobs.c.owner_id == owner, source.in_(some))
            kept.update(connection.execute(query).scalars())
        gone = [AssetId(asset) for asset in some if asset not in kept]
        connection.execute(sa.delete(assets).where(assets.c.owner_id == owner, assets.c.hash.in_(gone)))
        dropped += gone
    return dropped
