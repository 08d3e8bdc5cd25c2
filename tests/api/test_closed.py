"""Every route that there is, or will be: closed to strangers, blind for other users, and strict about its input."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from bookwright.contracts.access import Actor, Role
from bookwright.contracts.batches import BookItem, Timing
from bookwright.contracts.deliveries import WebhookEvent
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.store.access.feeds import FeedStore
from bookwright.store.access.keys import KeyStore
from bookwright.store.access.shares import ShareStore
from bookwright.store.access.users import UserStore
from bookwright.store.batches.store import BatchStore
from bookwright.store.webhooks.store import WebhookStore
from tests.support.library import Shelved
from tests.support.routes import Route, routes_of

BELA = OwnerId("bela")
OPEN = {"/signin", "/signout", "/healthz", "/readyz", "/fonts/{name}.ttf", "/shared/{token}"} | {
    "/manifest.webmanifest",
    "/read-worker.js",
    "/api/webhooks/replicate/{token}",
    "/api/webhooks/revai/{token}",
}
"""Routes that need no key, besides the static files. Nothing in them is anybody's."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def app(shelved: Shelved) -> FastAPI:
    return shelved.home.app()


@pytest.fixture(scope="module")
async def places(shelved: Shelved) -> dict[str, str]:
    """What can stand in paths, as it is for the owner of the books. A new parameter goes here."""
    store = KeyStore(shelved.home.database)
    key = await store.create(LOCAL_OWNER, "another", actor="test")
    await shelved.home.session()
    [session, *_] = await UserStore(shelved.home.database).sessions(LOCAL_OWNER)
    feeds = FeedStore(shelved.home.database)
    feed = await feeds.create(LOCAL_OWNER, shelved.kite.book_id, key.facts.id, timedelta(days=1))
    shares = ShareStore(shelved.home.database)
    me = Actor(LOCAL_OWNER, key.facts.id)
    share = await shares.create(LOCAL_OWNER, shelved.kite.book_id, me, timedelta(days=1))
    hooks = WebhookStore(shelved.home.database)
    hook = await hooks.create(LOCAL_OWNER, "https://hooks.example/", None, tuple(WebhookEvent), actor=me)
    batches = BatchStore(shelved.home.database, shelved.home.assets)
    wanted = [BookItem(kind="rest", book=shelved.kite.book_id)]
    once = Timing(at=datetime(2100, 1, 1, tzinfo=UTC))
    schedule = await batches.add_schedule(LOCAL_OWNER, "Later", once, wanted, 1)
    return {
        "batch": await batches.create(LOCAL_OWNER, "Now", wanted, 1),
        "schedule": schedule.schedule_id,
        "book": shelved.kite.book_id,
        "book_or_job_id": shelved.kite.book_id,
        "job": shelved.kite.job_id,
        "job_id": shelved.kite.job_id,
        "key_id": key.facts.id,
        "user": LOCAL_OWNER,
        "number": "1",
        "version": "1",
        "edition": "m4b",
        "chapter": "1",
        "feed_id": feed.facts.feed_id,
        "share_id": share.facts.share_id,
        "session": session.id,
        "webhook": hook.facts.webhook_id,
        "delivery": UNKNOWN,
        "bulk": UNKNOWN,
        "alert": "1",
        "upload": "1",
        "step": "1",
        "episode": "chapter_0001.mp3",
        "file": "page_0001.mp3",
    }


SPECIAL: dict[str, Callable[[Shelved], dict[str, str]]] = {
    "/api/books/{book}/editions/{edition}/{chapter}": lambda shelved: {"edition": "mp3"},
    "/api/generate-soundscapes/{job}": lambda shelved: {"job": shelved.lamp.job_id},
    "/api/books/{book}/pages/{number}/image": lambda shelved: {"book": shelved.lamp.book_id},
    "/api/books/{book}/pages/{number}/versions/{version}/file": lambda shelved: {"book": shelved.lamp.book_id},
    "/api/books/{book}/pages/{number}/ambience": lambda shelved: {"book": shelved.lamp.book_id},
}
"""Where something else has to stand for the route to find something."""
IDS = (
    "book",
    "book_or_job_id",
    "job",
    "job_id",
    "key_id",
    "feed_id",
    "batch",
    "schedule",
    "session",
    "user",
    "webhook",
)
"""Those of them that name something of somebody's."""
IDS_IN_BODIES = ("storyId", "bookId", "book_id")


def guarded(app: FastAPI) -> list[Route]:
    return [route for route in routes_of(app) if route.path not in OPEN]


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as asking:
        yield asking


def test_the_walk_sees_the_routes(app: FastAPI) -> None:
    routes = routes_of(app)
    assert len(routes) > 20
    assert {"GET /api/books/{book}/reader", "POST /api/users", "DELETE /api/keys/{key_id}"} <= set(map(str, routes))
    assert any(route.example for route in routes)


async def test_without_a_key_every_route_answers_401(
    app: FastAPI, stranger: httpx.AsyncClient, places: dict[str, str]
) -> None:
    for route in guarded(app):
        for method in {route.method, *METHODS}:
            for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "bookwright_session=nonsense"}):
                answer = await stranger.request(method, route.at(places), headers=headers, content=b"{")
                assert answer.status_code == 401, (str(route), method)
                assert answer.headers["www-authenticate"].startswith("Bearer")
    for method in METHODS:
        assert (await stranger.request(method, "/api/no/such/route")).status_code == 401


async def test_a_person_without_a_session_is_led_to_the_page_to_sign_in(stranger: httpx.AsyncClient) -> None:
    for path in ("/read/1", "/read/nobody", "/no/such/page"):
        answer = await stranger.get(path, headers={"Accept": "text/html,*/*"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/signin?next={path.replace('/', '%2F')}")


async def test_anothers_ids_are_unknown_ids_on_every_verb(
    app: FastAPI, shelved: Shelved, places: dict[str, str]
) -> None:
    seen = 0
    async with shelved.home.client(app=app) as owner, shelved.home.client(BELA, Role.USER, app=app) as bela:
        for route in guarded(app):
            if route.for_admins or not set(route.parameters) & set(IDS):
                continue
            seen += 1
            body = {"json": route.example} if route.takes_json else {}
            for unknown in (UNKNOWN, "999999"):
                nowhere = {**places, **dict.fromkeys(IDS, unknown)}
                theirs = await bela.request(route.method, route.at(places), **body)
                nobodys = await bela.request(route.method, route.at(nowhere), **body)
                assert theirs.status_code == 404, str(route)
                assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content), str(route)
            if route.method == "GET":
                there = SPECIAL[route.path](shelved) if route.path in SPECIAL else {}
                theirs = await owner.get(route.at({**places, **there}))
                assert theirs.status_code < 400, f"{route}: what the owner of these ids gets"
    assert seen > 8


async def test_numbers_of_another_user_are_unknown_too(app: FastAPI, shelved: Shelved) -> None:
    async with shelved.home.client(BELA, Role.USER, app=app) as bela:
        for number in range(1, 8):
            theirs = await bela.get(f"/api/books/{number}/reader")
            assert (theirs.status_code, theirs.content) == (404, (await bela.get("/api/books/nobody/reader")).content)


async def test_admin_routes_refuse_a_users_key(app: FastAPI, shelved: Shelved, places: dict[str, str]) -> None:
    admins = [route for route in guarded(app) if route.for_admins]
    assert {"GET /api/users", "POST /api/users"} <= set(map(str, admins))
    async with shelved.home.client(BELA, Role.USER, app=app) as bela:
        for route in admins:
            answer = await bela.request(route.method, route.at(places), json=route.example)
            assert answer.status_code == 403, str(route)


async def test_unknown_fields_of_a_body_are_refused_by_name(
    app: FastAPI, shelved: Shelved, places: dict[str, str]
) -> None:
    async with shelved.home.client(app=app) as owner:
        for route in guarded(app):
            if route.takes_json:
                assert isinstance(route.example, dict), f"{route}: its schema gives no example"
                body = {**route.example, "no_such_field": 1}
                answer = await owner.request(route.method, route.at(places), json=body)
                assert answer.status_code == 422, str(route)
                named = {error["field"].rpartition(".")[2] for error in answer.json()["errors"]}
                assert "no_such_field" in named, str(route)


async def test_anothers_ids_in_a_body_are_unknown_ids(app: FastAPI, shelved: Shelved, places: dict[str, str]) -> None:
    seen = 0
    async with shelved.home.client(BELA, Role.USER, app=app) as bela:
        for route in guarded(app):
            for name in set(route.example or ()) & set(IDS_IN_BODIES):
                seen += 1
                answers = [
                    await bela.request(route.method, route.at(places), json={**route.example, name: of})
                    for of in (shelved.kite.book_id, UNKNOWN)
                ]
                assert answers[0].status_code == 404, str(route)
                assert answers[0].content == answers[1].content, str(route)
    assert seen


async def test_nothing_that_is_listed_is_anothers(app: FastAPI, shelved: Shelved, places: dict[str, str]) -> None:
    books = (shelved.kite, shelved.half, shelved.cloud, shelved.lamp, shelved.hostile)
    theirs = {shelved.kite.title, *(book.book_id for book in books), *(str(book.job_id) for book in books)}
    async with shelved.home.client(BELA, Role.USER, app=app) as bela:
        for route in guarded(app):
            if route.method == "GET" and not route.parameters and not route.for_admins:
                answer = await bela.get(route.path, params={"language": "en", "q": "kite"})
                assert answer.status_code < 400, str(route)
                assert not [thing for thing in theirs if thing in answer.text], str(route)


def test_no_request_waits_for_a_thread(app: FastAPI) -> None:
    """A dependency that is no coroutine costs each request two changes of thread, and all of them together at most
    forty requests at once."""
    assert {str(route): route.threaded for route in routes_of(app) if route.threaded} == {}
