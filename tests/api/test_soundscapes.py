"""Soundscapes over HTTP: what is refused before there is a job. What becomes of one is in tests/e2e."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.progress import JobState
from tests.support.library import Home, home_at
from tests.support.stories import KITE

ROUTE = "/api/generate-soundscapes"
UNKNOWN = "9c0f4a52-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(Path(tmp_path_factory.mktemp("soundscapes"))) as made:
        yield made


@pytest.fixture(scope="module")
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


@pytest.fixture(scope="module")
async def unread(home: Home) -> BookContext:
    """A book whose job has failed before its text was read."""
    context = await home.order(KITE)
    await home.close(context, JobState.FAILED, "the file could not be read")
    return context


async def test_a_book_that_is_unknown_or_somebody_elses_is_not_found(
    home: Home, client: httpx.AsyncClient, unread: BookContext
) -> None:
    answers = [await client.post(ROUTE, json={"bookId": book}) for book in (UNKNOWN, "9999", 9999)]
    async with home.client(OwnerId("somebody-else")) as stranger:
        answers.append(await stranger.post(ROUTE, json={"bookId": unread.book_id}))
    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.text for answer in answers}) == 1, "nobody learns which books there are"
    assert answers[0].headers["content-type"] == "application/problem+json"


async def test_a_book_without_pages_is_refused_and_no_job_begun(
    home: Home, client: httpx.AsyncClient, unread: BookContext
) -> None:
    answer = await client.post(ROUTE, json={"bookId": unread.book_id})
    body = answer.json()
    assert (answer.status_code, body["error"]) == (422, "ValidationError")
    assert body["errors"] == [{"field": "bookId", "message": "the book has no pages: its text was never read"}]
    newest = await home.jobs.newest_of(LOCAL_OWNER, unread.book_id)
    assert newest.job_id == unread.job_id


@pytest.mark.parametrize("body", [{}, {"bookId": ""}, {"bookId": None}, {"bookId": 0}, {"bookId": "1", "pages": 3}, []])
async def test_a_bad_body_is_refused(client: httpx.AsyncClient, body: Any) -> None:
    answer = await client.post(ROUTE, json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "ValidationError")
