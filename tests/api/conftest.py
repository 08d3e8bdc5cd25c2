"""The API over a home with books, asked in-process."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.library import Shelved, shelved

__all__ = ["shelved"]


@pytest.fixture(scope="session")
async def client(shelved: Shelved) -> AsyncIterator[httpx.AsyncClient]:
    async with shelved.home.client() as asking:
        yield asking
