"""What somebody with a key sends to bring the service down: it is refused, and others are served."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.access.guard import COOKIE
from api.jobs import streams
from api.wire import bodies
from bookwright.contracts.access import Role
from bookwright.contracts.ids import OwnerId
from tests.support.library import Home, home_at
from tests.support.serving import served
from tests.support.stories import KITE

OWNER = OwnerId("olga")
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("bounds")) as opened:
        await opened.made(KITE, spoken=[1])
        yield opened


@pytest.fixture(scope="module")
def app(home: Home) -> FastAPI:
    return home.app()


@pytest.fixture
async def client(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(app=app) as asking:
        yield asking


@pytest.fixture
async def browser(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is signed in."""
    cookies = {COOKIE: await home.session()}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=cookies) as asking:
        yield asking


# -- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/keys", "/api/jobs/create", "/api/jobs/1/pause", "/api/jobs/1/approve"])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_without_end_is_not_read_into_memory(
    client: httpx.AsyncClient, path: str, announced: bool
) -> None:
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(64):
            taken += 1
            yield bytes(1 << 20)

    headers = {"Idempotency-Key": f"{path}{announced}"} | ({"Content-Length": str(64 << 20)} if announced else {})
    answer = await client.post(path, content=body(), headers=headers)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert taken <= 5


async def test_a_body_that_stalls_is_given_up(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SILENCE_S", 0.01)

    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    for path in ("/api/keys", "/signin", "/api/estimate"):
        answer = await client.post(path, content=body(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 408, path


# -- values ----------------------------------------------------------------------------------------------------------


def cursor(moment: str, name: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment, name]).encode()).decode()


@pytest.mark.parametrize("path", ["/api/books", "/api/jobs", "/api/admin/jobs/list", "/api/keys", "/api/users"])
@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("0001-01-01T00:00:00+14:00", "1"),
        ("9999-12-31T23:59:59-14:00", "1"),
        ("2026-01-01T00:00:00+00:00", "a\x00"),
        ("2026-01-01T00:00:00+00:00", "\ud800"),
    ],
)
async def test_a_cursor_that_was_tampered_with_is_refused(
    client: httpx.AsyncClient, path: str, moment: str, name: str
) -> None:
    answer = await client.get(path, params={"cursor": cursor(moment, name)})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


@pytest.mark.parametrize("name", ["9" * 40, "x"])
async def test_a_numbered_list_goes_on_only_after_a_number(client: httpx.AsyncClient, name: str) -> None:
    for path in ("/api/books", "/api/jobs"):
        answer = await client.get(path, params={"cursor": cursor("2026-01-01T00:00:00+00:00", name)})
        assert answer.status_code == 422, path


async def test_an_end_that_no_other_zone_can_tell_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/keys", json={"name": "x", "expires_at": "9999-12-31T23:59:59-12:00"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "expires_at")


async def test_a_books_id_in_a_body_has_no_control_characters(client: httpx.AsyncClient) -> None:
    """PostgreSQL refuses some as text, which must not be an error of ours."""
    answer = await client.post("/api/jobs/create", json={"type": "audio_generation", "storyId": "\x00"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "audio_generation.storyId")


@pytest.mark.parametrize("field", ["title", "author", "voice"])
@pytest.mark.parametrize("sign", ["\x00", "\r\n", "\x7f"])
async def test_a_name_with_control_characters_is_refused(client: httpx.AsyncClient, field: str, sign: str) -> None:
    files = {"file": ("otter.txt", b"An otter found a lamp.")}
    answer = await client.post("/api/books/upload/", files=files, data={field: f"The{sign}Otter"})
    assert (answer.status_code, answer.json()["status"]) == (422, "FAIL")


# -- caches, browsers, streams ---------------------------------------------------------------------------------------


async def test_what_is_somebodys_own_is_kept_by_no_proxy(client: httpx.AsyncClient, app: FastAPI) -> None:
    for path in ("/api/books", "/api/jobs", "/api/keys", "/api/usage", "/api/books/1/status/", "/api/books/1/pages/",
                 "/api/books/1/pages/1/versions", "/api/books/99", "/api/books/1/cover", "/read/1"):  # fmt: skip
        kept = (await client.get(path)).headers["cache-control"]
        assert kept == "no-store" or kept.startswith("private"), path
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as stranger:
        assert (await stranger.get("/api/books")).headers["cache-control"] == "no-store"


async def test_an_old_signed_address_opens_for_a_browser_that_is_signed_in(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/books/1/reader?signature=0123456789abcdef.1.00", headers=HTML)
    assert answer.status_code == 200, "and does not lead in circles"


async def test_a_key_in_an_address_is_not_carried_on(home: Home, browser: httpx.AsyncClient, app: FastAPI) -> None:
    key = await home.key()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as stranger:
        for asking in (browser, stranger):
            answer = await asking.get("/read/1", params={"key": key}, headers=HTML)
            assert answer.status_code == 401
            assert key not in str(answer.headers) + answer.text


async def test_one_users_streams_leave_room_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STREAMS_EACH", 1)
    async with home_at(tmp_path) as home:
        kite, app = await home.order(KITE), home.app()
        url = f"/api/jobs/{kite.job_id}/events"
        headers = {"Authorization": f"Bearer {await home.key()}"}
        async with served(app) as address, httpx.AsyncClient(base_url=address, headers=headers) as client:
            async with client.stream("GET", url) as first:
                reading = first.aiter_bytes()  # which closes the stream when it is forgotten
                await anext(reading)
                second = await client.get(url)
                assert (second.status_code, second.headers["retry-after"]) == (429, "30")
                other = {"Authorization": f"Bearer {await home.key(OWNER, Role.USER)}"}
                assert (await client.get("/api/books", headers=other)).status_code == 200
            while app.state.streams.open:  # noqa: ASYNC110
                await asyncio.sleep(0)
            async with client.stream("GET", url) as again:
                assert again.status_code == 200
