"""The API on PostgreSQL: each request reads and writes under row-level security, as its caller and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.responses import StreamingResponse

from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId, new_book_id
from bookwright.contracts.orders import BookContext, BookOrder, InlineText
from bookwright.store.database.postgres import PostgresEngine
from tests.support.library import Home, home_at
from tests.support.postgres import postgres_server
from tests.support.routes import routes_of
from tests.support.serving import served
from tests.support.stories import KITE

BELA = OwnerId("bela")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres_server() as server:
        yield server.url(server.database())


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory, url: str) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("home"), url) as opened:
        yield opened


@pytest.fixture(scope="module")
async def book(home: Home) -> BookContext:
    return await home.made(KITE, spoken=[1])


@pytest.fixture
def actors(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """As whom each transaction was made; None is the service, which sees all rows."""
    made: list[str | None] = []
    run = PostgresEngine.run

    async def noting(engine: PostgresEngine, owner: str | None, work: Callable[[sa.Connection], Any]) -> Any:
        made.append(owner)
        return await run(engine, owner, work)

    monkeypatch.setattr(PostgresEngine, "run", noting)
    return made


async def test_only_finding_the_key_is_done_as_the_service(
    home: Home, book: BookContext, actors: list[str | None]
) -> None:
    app = home.app()
    places = {"book": book.book_id, "job": book.job_id, "number": "1", "version": "1", "edition": "mp3", "chapter": "1"}
    asked = 0
    async with home.client(LOCAL_OWNER, Role.USER, app=app) as client:
        for route in routes_of(app):
            known = set(route.parameters) <= set(places)
            streams = route.path.endswith("/events")  # they ask for news of all streams' jobs in one query, by number
            if route.method == "GET" and route.path.startswith("/api/") and known and not (route.for_admins or streams):
                actors.clear()
                asked += 1
                answer = await client.get(route.at(places))
                assert answer.status_code < 500, str(route)
                assert actors.count(None) <= 1, f"{route}: it is the guard that looks a key up"
                assert set(actors[1:]) <= {LOCAL_OWNER}, str(route)
    assert asked > 8


async def test_another_user_sees_nothing(home: Home, book: BookContext) -> None:
    async with home.client(BELA, Role.USER) as bela, home.client(LOCAL_OWNER, Role.USER) as owner:
        for path in ("/reader", "/pages/1", "/pages/1/audio", "/cover", "/editions/m4b"):
            theirs = await bela.get(f"/api/books/{book.book_id}{path}")
            nobodys = await bela.get(f"/api/books/nobody{path}")
            assert (theirs.status_code, theirs.content) == (404, nobodys.content)
        assert (await owner.get(f"/api/books/{book.book_id}/reader")).status_code == 200
        key = (await owner.post("/api/keys", json={"name": "a"})).json()
        assert (await bela.delete(f"/api/keys/{key['id']}")).status_code == 404
        assert (await owner.delete(f"/api/keys/{key['id']}")).status_code == 204
        assert [found["user_id"] for found in (await bela.get("/api/keys")).json()["keys"]] == [BELA]


async def endless() -> StreamingResponse:
    """A download that a slow reader never gets to the end of."""

    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield b"more"
            await asyncio.sleep(0.01)

    return StreamingResponse(parts())


async def test_who_is_deactivated_by_another_api_process_loses_streams_and_downloads(
    home: Home, url: str, tmp_path: Path
) -> None:
    key = await home.key(BELA, Role.USER)
    order = BookOrder(book_id=new_book_id(), owner_id=BELA, source=InlineText(text="."), title="A", tracks=())
    job = await home.jobs.accept(order, fingerprint=order.book_id)
    app = home.app()
    app.get("/api/endless")(endless)
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        home_at(tmp_path, url) as elsewhere,
        elsewhere.client() as admin,
        served(app) as address,
        httpx.AsyncClient(base_url=address, headers=headers) as bela,
        asyncio.timeout(20),
    ):
        async with (
            bela.stream("GET", "/api/endless") as download,
            bela.stream("GET", f"/api/jobs/{job.job_id}/events") as events,
        ):
            coming, told = download.aiter_raw(), events.aiter_raw()
            assert await anext(coming) and await anext(told)
            assert (await admin.patch(f"/api/users/{BELA}", json={"disabled": True})).status_code == 200
            with pytest.raises(httpx.RemoteProtocolError):  # a reader can tell that it was cut short
                async for _ in coming:
                    pass
            assert b"closed" not in b"".join([part async for part in told])
        assert (await bela.get("/api/books")).status_code == 401
