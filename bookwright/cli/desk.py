"""The desk: the store and, when wanted, the service, opened for one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client

from bookwright.assets import open_assets
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.service import Service
from bookwright.settings import Settings
from bookwright.store import Assets, BookStore, Database, JobStore, migrate


@dataclass(frozen=True)
class Desk:
    """What commands work with."""

    settings: Settings
    database: Database
    jobs: JobStore
    books: BookStore
    assets: Assets
    service: Service
    owner: OwnerId = LOCAL_OWNER

    async def client(self) -> Client:
        """Temporal, with a worker behind it; both are started when nobody runs them, and stopped with the desk."""
        return await self.service.ensure()


@asynccontextmanager
async def desk(*, ui_port: int | None = None, connections: int = 3) -> AsyncIterator[Desk]:
    """Open the store, its tables made or upgraded, with so many connections at most. Nothing is started yet."""
    settings = Settings.load()
    settings.home.mkdir(parents=True, exist_ok=True)
    await migrate(settings.database)
    assets = open_assets(settings.storage, settings.assets)
    async with (
        Database(settings.database, pool_size=connections) as database,
        Service(settings, ui_port=ui_port) as service,
    ):
        yield Desk(settings, database, JobStore(database, assets), BookStore(database, assets), assets, service)
