"""The API over a home with books, asked in-process."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.library import Shelved, shelved

__all__ = ["shelved"]


@pytest.fixture(scope="session")
async def client(shelved: Shelved) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(shelved.home.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
        yield asking
