"""Links to a book for people without an account: what they open, what they do not, and how they end."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from bookwright.contracts.access import Role
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import TRACKS, BookContext
from bookwright.store.access.credentials import Credentials
from bookwright.store.access.keys import KeyStore
from tests.support.library import Home, home_at
from tests.support.stories import KITE


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """A home of its own: keys are revoked and books deleted here."""
    async with home_at(tmp_path_factory.mktemp("shares")) as home:
        yield home


@pytest.fixture(scope="module")
def app(home: Home) -> FastAPI:
    return home.app()


@pytest.fixture(scope="module")
async def book(home: Home) -> BookContext:
    context = await home.order(KITE, TRACKS)
    await home.read(context, KITE)
    segment = await home.speak(context, 1)
    await home.draw(context, 1, b"\x89PNG\r\n\x1a\n a picture")
    await home.score(context, [1], b"RIFF a sound")
    await home.bind(context, [segment])
    await home.close(context)
    return context


@pytest.fixture
async def owner(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(app=app) as asking:
        yield asking


@pytest.fixture
async def guest(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without an account."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as asking:
        yield asking


async def shared(owner: httpx.AsyncClient, book: BookContext, **order: Any) -> dict[str, Any]:
    answer = await owner.post(f"/api/books/{book.book_id}/shares", json=order)
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def opened(guest: httpx.AsyncClient, made: dict[str, Any]) -> str:
    """Open the link; the folder of all that it opens."""
    answer = await guest.get(urlsplit(made["url"]).path)
    assert answer.status_code == 200
    return f"/api/shared/{made['share_id']}"


async def test_a_guest_reads_and_hears_the_book_by_a_cookie_for_it_alone(
    owner: httpx.AsyncClient, guest: httpx.AsyncClient, book: BookContext
) -> None:
    made = await shared(owner, book, expires_in=3600, note="Grandma")
    assert "token" not in made and made["note"] == "Grandma"
    page = await guest.get(urlsplit(made["url"]).path)
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
    assert "noindex" in page.headers["x-robots-tag"]
    [crumb] = SimpleCookie(page.headers["set-cookie"]).values()
    assert crumb["path"] == f"/api/shared/{made['share_id']}"
    assert crumb["httponly"] and crumb["samesite"] == "strict" and 0 < int(crumb["max-age"]) <= 3600
    folder = await opened(guest, made)
    read = (await guest.get(f"{folder}/reader")).json()
    assert read["title"] == KITE.title and read["files"] == [] and "Grandma" not in page.text
    first = read["pages"][0]
    token = urlsplit(made["url"]).path.rpartition("/")[2]
    for url in (read["cover_url"], first["audio_url"], first["image_url"], first["ambience_url"]):
        assert url.startswith(f"{folder}/") and token not in url
        assert (await guest.get(url)).status_code == 200, url
    text = (await guest.get(f"{folder}/pages/1")).json()
    assert text["text"] == KITE.pages[0]
    assert (await guest.get(first["audio_url"], headers={"Range": "bytes=0-9"})).status_code == 206
    assert len((await guest.get(f"{folder}/pages/")).json()["data"]["pages"]) == len(KITE.pages)


async def test_a_share_opens_nothing_else(
    home: Home, owner: httpx.AsyncClient, guest: httpx.AsyncClient, book: BookContext
) -> None:
    other = await home.made(KITE, spoken=[])
    made, theirs = await shared(owner, book), await shared(owner, other)
    folder = await opened(guest, made)
    for path in (
        f"/api/books/{book.book_id}/reader",
        f"/api/books/{book.book_id}",
        f"/read/{book.book_id}",
        f"/api/shared/{theirs['share_id']}/reader",
        f"{folder}/editions/m4b",
        f"{folder}/shares",
        f"{folder}/feed.xml",
        f"{folder}/place",
        f"{folder}/costs",
        f"{folder}/../{other.book_id}/reader",
        f"{folder}/pages/1/versions",
        folder,
        "/api/books",
        "/api/keys",
    ):
        assert (await guest.get(path)).status_code == 401, path
    for method, path in (("DELETE", f"{folder}/reader"), ("PUT", f"{folder}/pages/1"), ("POST", f"{folder}/cover")):
        assert (await guest.request(method, path, json={})).status_code == 401, path
    with_files = await shared(owner, book, downloads=True)
    files = (await guest.get(f"{await opened(guest, with_files)}/reader")).json()["files"]
    assert [(await guest.get(file["url"])).status_code for file in files] == [200]


async def test_what_the_owner_alone_is_to_know_is_left_out(
    home: Home, app: FastAPI, owner: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    half = await home.made(KITE, spoken=[1], failed={2: "the voice refused this text"}, closed=False)
    await home.close(half, reason="the month's budget of 5.00 USD is used up")
    folder = await opened(guest, await shared(owner, half))
    answer = await guest.get(f"{folder}/reader")
    assert "budget" not in answer.text and "refused" not in answer.text
    assert "budget" in (await owner.get(f"/api/books/{half.book_id}/reader")).text


async def test_a_revoked_share_closes_at_once_and_says_so(
    home: Home, app: FastAPI, owner: httpx.AsyncClient, guest: httpx.AsyncClient, book: BookContext
) -> None:
    made = await shared(owner, book)
    folder = await opened(guest, made)
    listed = (await owner.get(f"/api/books/{book.book_id}/shares")).json()["shares"]
    assert made["share_id"] in {share["share_id"] for share in listed} and "url" not in listed[0]
    async with home.client(OwnerId("bela"), Role.USER, app=app) as bela:
        assert (await bela.delete(f"/api/books/{book.book_id}/shares/{made['share_id']}")).status_code == 404
    revoked = f"/api/books/{book.book_id}/shares/{made['share_id']}"
    assert (await owner.delete(revoked)).status_code == 204
    assert (await owner.delete(revoked)).status_code == 404
    assert (await guest.get(f"{folder}/reader")).status_code == 401
    page = await guest.get(urlsplit(made["url"]).path)
    assert page.status_code == 410 and "This link has ended" in page.text and KITE.title not in page.text
    wrong = urlsplit(made["url"]).path[:-1]
    assert (await guest.get(wrong)).status_code == 404
    assert (await guest.get("/shared/nonsense")).status_code == 404


async def test_guessing_tokens_is_slowed_down(home: Home, book: BookContext) -> None:
    app = home.app("5/minute")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as guest:
        answers = [(await guest.get(f"/shared/{number:016x}.{'A' * 43}")).status_code for number in range(8)]
    assert answers == [404] * 5 + [429] * 3


async def test_shares_that_make_no_sense_are_refused(owner: httpx.AsyncClient, book: BookContext) -> None:
    for order, field in (
        ({"expires_in": 10}, "expires_in"),
        ({"expires_in": 10**9}, "expires_in"),
        ({"note": "a" * 201}, "note"),
    ):
        answer = await owner.post(f"/api/books/{book.book_id}/shares", json=order)
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == field


async def test_of_the_places_of_several_devices_the_newest_counts(owner: httpx.AsyncClient, book: BookContext) -> None:
    path = f"/api/books/{book.book_id}/place"
    assert (await owner.get(path)).json() == {"page": None, "ms": 0, "at": None}
    now = datetime.now(UTC)

    async def said(page: int, minutes_ago: float, ms: int = 0) -> dict[str, Any]:
        at = (now - timedelta(minutes=minutes_ago)).isoformat()
        answer = await owner.put(path, json={"page": page, "ms": ms, "at": at})
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    assert (await said(3, 10, 1200))["page"] == 3
    assert (await said(2, 20))["page"] == 3, "a device that was away for a while does not lead back"
    assert (await said(99, 5))["page"] == len(KITE.pages)
    ahead = await said(4, -60)
    assert ahead["page"] == 4 and datetime.fromisoformat(ahead["at"]) <= datetime.now(UTC)
    assert (await owner.get(path)).json() == ahead
    assert (await owner.put(path, json={"page": 1, "at": "0001-01-01T00:00:00+05:00"})).json() == ahead
    assert (await owner.put(path, json={"page": 1, "ms": 0, "at": "2026-03-01T09:00:00"})).status_code == 422


async def test_a_signed_in_guest_stays_whom_they_are(
    home: Home, app: FastAPI, owner: httpx.AsyncClient, guest: httpx.AsyncClient, book: BookContext
) -> None:
    made = await shared(owner, book)
    bela = await KeyStore(home.database).create(OwnerId("bela"), "a browser", actor="test")
    caller = await Credentials(home.database).by_key(bela.key)
    assert caller
    await opened(guest, made)
    headers = {"Authorization": f"Bearer {bela.key}"}
    assert (await guest.get(f"/api/books/{book.book_id}/reader", headers=headers)).status_code == 404
    assert (await guest.get(f"/api/shared/{made['share_id']}/reader", headers=headers)).status_code == 200
    assert (await guest.get("/api/books", headers=headers)).json()["books"] == []
