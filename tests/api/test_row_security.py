"""The API on PostgreSQL: each request reads and writes under row-level security, as its caller and nobody else."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.orders import BookContext
from bookwright.store.database.postgres import PostgresEngine
from tests.support.library import Home, home_at
from tests.support.postgres import postgres_server
from tests.support.routes import routes_of
from tests.support.stories import KITE

BELA = OwnerId("bela")


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    with postgres_server() as server:
        async with home_at(tmp_path_factory.mktemp("home"), server.url(server.database())) as opened:
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
