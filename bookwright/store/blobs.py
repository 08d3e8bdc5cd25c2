"""Asset rows: what the database says about stored bytes."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa

from bookwright.contracts.ids import AssetId, OwnerId
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert_for, values
from bookwright.store.ledger.tables import assets

KNOWN_AT_ONCE = 500


class Blob(NamedTuple):
    """A stored blob, as its row describes it."""

    asset: AssetId
    media_type: str
    size: int


class Catalogue(Protocol):
    """Tells what is stored. The stores ask it before they write a row that refers to an asset."""

    async def describe(self, asset: AssetId) -> Blob:
        """What kind of bytes the asset is. Raises AssetMissing."""
        ...


_INSERT: dict[str, Any] = {
    dialect: insert_for(dialect, assets)
    .values(values(assets, "owner_id", "hash", "media_type", "size", "created_at"))
    .on_conflict_do_nothing()
    for dialect in ("sqlite", "postgresql")
}


def record_blob(connection: sa.Connection, owner: OwnerId, blob: Blob) -> None:
    """Write the asset's row unless the owner has it. Belongs into the transaction that first refers to it, so that
    there is never a row without bytes, nor bytes without a row once the writer's work is done."""
    connection.execute(
        _INSERT[connection.dialect.name],
        {
            "p_owner_id": owner,
            "p_hash": blob.asset,
            "p_media_type": blob.media_type,
            "p_size": blob.size,
            "p_created_at": utcnow(),
        },
    )


class AssetRows:
    """All owners' asset rows, for sweeping and checking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, wanted: Sequence[AssetId]) -> set[AssetId]:
        """Those of the assets that any owner has a row of."""
        found: set[AssetId] = set()
        for start in range(0, len(wanted), KNOWN_AT_ONCE):
            some = list(wanted[start : start + KNOWN_AT_ONCE])
            query = sa.select(assets.c.hash).where(assets.c.hash.in_(some)).distinct()
            found.update(await self._database.read(SERVICE, partial(_hashes, query)))
        return found

    async def all(self) -> list[Blob]:
        """Every asset with a row, once."""
        query = sa.select(assets.c.hash, sa.func.min(assets.c.media_type), sa.func.min(assets.c.size)).group_by(
            assets.c.hash
        )
        rows = await self._database.read(SERVICE, lambda c: c.execute(query).all())
        return [Blob(AssetId(row[0]), row[1], row[2]) for row in rows]


def _hashes(query: "sa.Select[Any]", connection: sa.Connection) -> list[AssetId]:
    return [AssetId(row) for row in connection.execute(query).scalars()]
