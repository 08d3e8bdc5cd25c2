"""The real stores on SQLite under the activities."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bookwright.store import Database, LocalAssets, migrate
from tests.store.conftest import Clock, World


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "book.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def world(migrated: Path, tmp_path: Path) -> AsyncIterator[World]:
    """Stores on a database of their own."""
    path = tmp_path / "book.db"
    shutil.copy(migrated, path)
    async with Database(f"sqlite:///{path}") as database:
        yield World(database, LocalAssets(tmp_path / "assets", min_room=0), Clock())
