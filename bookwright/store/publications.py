"""What is delivered from elsewhere: which public keys are to be published or withdrawn there, and which are.

A row is written in the transaction that changes its alias, and goes only when the file is surely gone there: whatever
dies in between, the work is found again, and nothing stays published that nobody knows of.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from bookwright.contracts.aliases import Alias
from bookwright.contracts.ids import AssetId, OwnerId
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert
from bookwright.store.ledger.tables import asset_aliases, publications

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_SAME = sa.and_(asset_aliases.c.owner_id == publications.c.owner_id, asset_aliases.c.name == publications.c.name)


class Due(NamedTuple):
    """A public key at which somebody is to work: with an asset to publish, without one to withdraw."""

    owner: OwnerId
    name: str
    asset: AssetId | None


class Published(NamedTuple):
    """What is behind a public key, and delivered from elsewhere as this version."""

    asset: AssetId
    made_from: AssetId | None
    version: str


def expect_publication(connection: sa.Connection, owner: OwnerId, names: Sequence[Alias]) -> None:
    """Note which keys have changed. Belongs into the transaction that changes them."""
    for alias in names:
        row = {"owner_id": owner, "name": alias.name, "settled": False, "claimed_until": _AT_ONCE}
        connection.execute(
            insert(connection, publications)
            .values(row)
            .on_conflict_do_update(
                index_elements=["owner_id", "name"],
                set_={"settled": False, "reason": None},
                where=publications.c.published.is_distinct_from(alias.asset),
            )
        )


def expect_withdrawal(connection: sa.Connection, owner: OwnerId, names: Sequence[str]) -> None:
    """Note which keys go. Belongs into the transaction that drops them."""
    for name in names:
        this = sa.update(publications).where(*_this(owner, name))
        connection.execute(this.values(settled=False, reason=None))


class Publications:
    """The service's view of all owners' publications. Several workers share the work by claiming it."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, most: int, hold: timedelta) -> list[Due]:
        """Up to `most` keys to work at, which nobody else gets for as long as `hold`."""
        return await self._database.write(SERVICE, lambda c: self._claim(c, most, hold))

    def _claim(self, connection: sa.Connection, most: int, hold: timedelta) -> list[Due]:
        now = self._clock()
        open_ = (sa.not_(publications.c.settled), publications.c.claimed_until <= now)
        query = (
            sa.select(publications.c.owner_id, publications.c.name, asset_aliases.c.asset)
            .outerjoin(asset_aliases, _SAME)
            .where(*open_)
            .order_by(publications.c.claimed_until, publications.c.name)
            .limit(most)
        )
        found = []
        for row in connection.execute(query).all():
            mine = sa.update(publications).where(*_this(row.owner_id, row.name), *open_)
            if connection.execute(mine.values(claimed_until=now + hold)).rowcount:
                found.append(Due(OwnerId(row.owner_id), row.name, AssetId(row.asset) if row.asset else None))
        return found

    async def published(self, due: Due, version: str) -> None:
        """The asset is there. Done, unless the key says something else by now."""

        def work(connection: sa.Connection) -> None:
            query = sa.select(asset_aliases.c.asset).where(
                asset_aliases.c.owner_id == due.owner, asset_aliases.c.name == due.name
            )
            settled = connection.execute(query).scalar() == due.asset
            about = {"published": due.asset, "version": version, "settled": settled, "claimed_until": _AT_ONCE}
            connection.execute(sa.update(publications).where(*_this(due.owner, due.name)).values(about))

        await self._database.write(SERVICE, work)

    async def withdrawn(self, due: Due) -> None:
        """The file is gone there. The row goes, unless the key is there again."""
        again = sa.select(asset_aliases.c.name).where(_SAME).exists()

        def work(connection: sa.Connection) -> None:
            this = _this(due.owner, due.name)
            nothing = {"published": None, "version": None, "claimed_until": _AT_ONCE}
            connection.execute(sa.delete(publications).where(*this, sa.not_(again)))
            connection.execute(sa.update(publications).where(*this).values(nothing))

        await self._database.write(SERVICE, work)

    async def later(self, due: Due, until: datetime) -> None:
        """Nobody is to try before `until`."""
        statement = sa.update(publications).where(*_this(due.owner, due.name)).values(claimed_until=until)
        await self._database.write(SERVICE, lambda c: c.execute(statement))

    async def refused(self, due: Due, reason: str) -> None:
        """Trying again would end the same way: left alone until the key says something else."""
        about = {"settled": True, "reason": reason, "claimed_until": _AT_ONCE}
        statement = sa.update(publications).where(*_this(due.owner, due.name)).values(about)
        await self._database.write(SERVICE, lambda c: c.execute(statement))

    async def open(self) -> int:
        """How many keys are still to be worked at."""
        query = sa.select(sa.func.count()).select_from(publications).where(sa.not_(publications.c.settled))
        return await self._database.read(SERVICE, lambda c: c.execute(query).scalar_one())

    async def delivered(self, owner: OwnerId, name: str) -> Published | None:
        """What is behind a key, if exactly that is delivered from elsewhere."""
        query = (
            sa.select(asset_aliases.c.asset, asset_aliases.c.made_from, publications.c.version)
            .join(publications, _SAME)
            .where(asset_aliases.c.owner_id == owner, asset_aliases.c.name == name)
            .where(publications.c.published == asset_aliases.c.asset)
        )
        row = await self._database.read(owner, lambda c: c.execute(query).one_or_none())
        return None if row is None else Published(AssetId(row.asset), row.made_from, row.version)


def _this(owner: str, name: str) -> tuple["sa.ColumnElement[bool]", ...]:
    return publications.c.owner_id == owner, publications.c.name == name
