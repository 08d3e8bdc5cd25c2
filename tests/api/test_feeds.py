"""A book as a podcast: valid RSS in order, addresses that players can open, and that close again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI

from bookwright.contracts.access import Role, Scope
from bookwright.contracts.ids import LOCAL_OWNER, BookId, OwnerId
from bookwright.store.access.credentials import Credentials
from bookwright.store.access.feeds import MOST, FeedStore
from bookwright.store.access.keys import KeyStore
from tests.support.library import Home, Shelved, home_at
from tests.support.stories import HOSTILE, KITE, Story

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
ATOM = "{http://www.w3.org/2005/Atom}"
CHAPTERS = [title for title, _ in KITE.chapters]


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """A home of its own: keys are revoked and books deleted here."""
    async with home_at(tmp_path_factory.mktemp("feeds")) as home:
        yield home


@pytest.fixture(scope="module")
def app(home: Home) -> FastAPI:
    return home.app()


@pytest.fixture
async def player(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A podcast player: it has no key."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as asking:
        yield asking


@pytest.fixture
async def owner(home: Home, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client(app=app) as asking:
        yield asking


async def bound(home: Home, story: Story, chapters: list[int], *, closed: bool = False) -> BookId:
    """A book of which these chapters (each of page `chapter`) are bound."""
    context = await home.order(story)
    await home.read(context, story)
    for chapter in chapters:
        await home.bind(context, [await home.speak(context, chapter)], chapter=chapter)
    if closed:
        await home.close(context)
    return context.book_id


def rss(text: str) -> tuple[ElementTree.Element, list[ElementTree.Element]]:
    """Channel and items of a feed that keeps the rules of RSS 2.0 and of Apple's podcasts."""
    root = ElementTree.fromstring(text)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    [channel] = root
    for name in ("title", "link", "description", "language", "lastBuildDate"):
        assert channel.findtext(name), name
    parsedate_to_datetime(channel.findtext("lastBuildDate") or "")
    assert channel.find(f"{ATOM}link").get("rel") == "self"  # type: ignore[union-attr]
    assert urlsplit(channel.find(f"{ITUNES}image").get("href") or "").path.endswith(".jpg")  # type: ignore[union-attr]
    assert channel.find(f"{ITUNES}category").get("text") == "Arts"  # type: ignore[union-attr]
    assert channel.findtext(f"{ITUNES}explicit") == "false"
    items = channel.findall("item")
    guids = [item.findtext("guid") for item in items]
    assert len(guids) == len(set(guids)) and all(guids)
    for item in items:
        assert item.findtext("title") and item.findtext("description")
        assert parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo
        assert int(item.findtext(f"{ITUNES}duration") or 0) > 0
        [enclosure] = item.findall("enclosure")
        assert enclosure.get("type") == "audio/mpeg" and int(enclosure.get("length") or 0) > 0
        assert urlsplit(enclosure.get("url") or "").scheme == "http"
        assert urlsplit(enclosure.get("url") or "").path.endswith(".mp3")
    return channel, items


async def subscribed(owner: httpx.AsyncClient, book: BookId, **wish: int) -> dict[str, str]:
    answer = await owner.post(f"/api/books/{book}/feeds", json=wish)
    assert answer.status_code == 201
    made: dict[str, str] = answer.json()
    return made


def enclosure(item: ElementTree.Element) -> str:
    found = item.find("enclosure")
    assert found is not None
    return found.get("url") or ""


async def test_a_player_hears_the_chapters_in_order_with_nothing_but_the_address(
    home: Home, owner: httpx.AsyncClient, player: httpx.AsyncClient
) -> None:
    book = await bound(home, KITE, [3, 1, 2], closed=True)
    made = await subscribed(owner, book)
    channel, items = rss((await player.get(made["url"])).text)
    assert channel.findtext("title") == KITE.title and channel.findtext(f"{ITUNES}author") == KITE.author
    assert (channel.findtext("language"), channel.findtext(f"{ITUNES}complete")) == ("en", "Yes")
    assert [item.findtext("title") for item in items] == CHAPTERS
    assert [item.findtext(f"{ITUNES}episode") for item in items] == ["1", "2", "3"]
    dates = [parsedate_to_datetime(item.findtext("pubDate") or "") for item in items]
    assert dates == sorted(set(dates))
    for item in items:
        whole = await player.get(enclosure(item))
        assert whole.headers["content-type"] == "audio/mpeg"
        assert len(whole.content) == int(item.find("enclosure").get("length") or 0)  # type: ignore[union-attr]
        part = await player.get(enclosure(item), headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, whole.content[100:200])
    picture = await player.get(channel.find(f"{ITUNES}image").get("href") or "")  # type: ignore[union-attr]
    assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
    size = await player.head(enclosure(items[0]))
    assert (size.status_code, size.headers["accept-ranges"]) == (200, "bytes")


async def test_a_feed_that_has_not_changed_is_not_sent_again(
    home: Home, owner: httpx.AsyncClient, player: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.feeds._SETTLED", timedelta(days=-1))
    context = await home.order(KITE)
    await home.read(context, KITE)
    await home.bind(context, [await home.speak(context, 1)], chapter=1)
    url = (await subscribed(owner, context.book_id))["url"]
    first = await player.get(url)
    for headers in (
        {"If-None-Match": first.headers["etag"]},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        assert (await player.get(url, headers=headers)).status_code == 304
    before = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    for headers in ({"If-Modified-Since": before}, {"If-Modified-Since": "yesterday"}, {"If-None-Match": '"other"'}):
        assert (await player.get(url, headers=headers)).status_code == 200
    await home.bind(context, [await home.speak(context, 2)], chapter=2)
    changed = await player.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200 and len(rss(changed.text)[1]) == 2


async def test_a_book_in_the_making_says_so_and_its_episodes_keep_their_identity(
    home: Home, owner: httpx.AsyncClient
) -> None:
    book = await bound(home, KITE, [2])
    channel, [item] = rss((await owner.get(f"/api/books/{book}/feed.xml")).text)
    assert "1 of 3 chapters so far" in (channel.findtext("description") or "")
    assert channel.find(f"{ITUNES}complete") is None
    assert (item.findtext("title"), item.findtext(f"{ITUNES}episode")) == (CHAPTERS[1], "2")
    _, [again] = rss((await owner.get(f"/api/books/{book}/feed.xml")).text)
    assert again.findtext("guid") == item.findtext("guid")


async def test_who_has_a_key_gets_addresses_that_open_for_an_hour(shelved: Shelved, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/api/books/{shelved.kite.book_id}/feed.xml")
    _, [item] = rss(answer.text)
    assert "signature=" in enclosure(item)
    app = shelved.home.app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as stranger:
        assert (await stranger.get(enclosure(item))).status_code == 200


async def test_hostile_titles_stay_text(home: Home, owner: httpx.AsyncClient) -> None:
    story = HOSTILE._replace(title=f"{HOSTILE.title} \x0b\x01 ]]> &amp; 🪁", chapters=HOSTILE.chapters)
    book = await bound(home, story, [1], closed=True)
    channel, [item] = rss((await owner.get(f"/api/books/{book}/feed.xml")).text)
    assert channel.findtext("title") == f"{HOSTILE.title} ]]> &amp; 🪁"
    assert item.findtext("title") == HOSTILE.chapters[0][0]
    assert [child.tag for child in item if child.tag in ("b", "img", "script")] == []


async def test_a_feed_opens_its_book_and_nothing_else(
    home: Home, app: FastAPI, owner: httpx.AsyncClient, player: httpx.AsyncClient
) -> None:
    book, other = [await bound(home, KITE, [1], closed=True) for _ in range(2)]
    made = await subscribed(owner, book)
    token = made["url"].partition("?")[2]
    for path in (
        f"/api/books/{other}/feed.xml",
        f"/api/books/{other}/feed/chapter_0001.mp3",
        f"/api/books/{book}",
        f"/api/books/{book}/feeds",
        f"/api/books/{book}/reader",
        f"/api/books/{book}/pages/",
        "/api/books",
        "/api/keys",
    ):
        assert (await player.get(f"{path}?{token}")).status_code == 401, path
    assert (await player.delete(f"/api/books/{book}/feeds/{made['feed_id']}?{token}")).status_code == 401
    assert (await player.post(f"/api/books/{book}/feeds?{token}", json={})).status_code == 401
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "feed=", "feed=x.y", f"feed={made['feed_id']}."):
        assert (await player.get(f"/api/books/{book}/feed.xml?{wrong}")).status_code == 401
    assert (await player.get(f"/api/books/{book}/feed/chapter_0009.mp3?{token}")).status_code == 404
    async with home.client(OwnerId("bela"), Role.USER, app=app) as bela:
        assert (await bela.get(f"/api/books/{book}/feed.xml")).status_code == 404
        assert (await bela.delete(f"/api/books/{book}/feeds/{made['feed_id']}")).status_code == 404


async def test_a_revoked_feed_and_one_of_a_revoked_key_open_nothing(
    home: Home, app: FastAPI, owner: httpx.AsyncClient, player: httpx.AsyncClient
) -> None:
    book = await bound(home, KITE, [1], closed=True)
    made, kept = await subscribed(owner, book), await subscribed(owner, book)
    listed = (await owner.get(f"/api/books/{book}/feeds")).json()["feeds"]
    assert {feed["feed_id"] for feed in listed} == {made["feed_id"], kept["feed_id"]}
    assert "url" not in listed[0]
    assert (await owner.delete(f"/api/books/{book}/feeds/{made['feed_id']}")).status_code == 204
    assert (await owner.delete(f"/api/books/{book}/feeds/{made['feed_id']}")).status_code == 404
    assert (await player.get(made["url"])).status_code == 401
    episode = enclosure(rss((await player.get(kept["url"])).text)[1][0])
    key = await Credentials(home.database).by_key(owner.headers["authorization"].removeprefix("Bearer "))
    assert key
    await KeyStore(home.database).revoke(LOCAL_OWNER, key.key_id, actor="test")
    for url in (kept["url"], episode):
        assert (await player.get(url)).status_code == 401


async def test_a_feed_expires_and_a_book_has_a_limited_number(home: Home) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    store = FeedStore(home.database, lambda: now)
    context = await home.made(KITE, spoken=[])
    key = await KeyStore(home.database).create(LOCAL_OWNER, "a", actor="test", scopes=frozenset({Scope.READ}))
    made = [
        await store.create(LOCAL_OWNER, context.book_id, key.facts.id, timedelta(days=day + 1)) for day in range(MOST)
    ]
    with pytest.raises(Exception, match="revoke one"):
        await store.create(LOCAL_OWNER, context.book_id, key.facts.id, timedelta(days=1))
    assert await store.opened(made[0].token)
    now += timedelta(days=1)
    assert await store.opened(made[0].token) is None and await store.opened(made[1].token)
    assert len(await store.feeds(LOCAL_OWNER, context.book_id)) == MOST - 1
    await store.create(LOCAL_OWNER, context.book_id, key.facts.id, timedelta(days=1))


async def test_orders_of_feeds_that_make_no_sense_are_refused(home: Home, owner: httpx.AsyncClient) -> None:
    book = await bound(home, KITE, [], closed=True)
    for days in (0, -1, 4000, "soon"):
        answer = await owner.post(f"/api/books/{book}/feeds", json={"expires_in_days": days})
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "expires_in_days"
    assert rss((await owner.get(f"/api/books/{book}/feed.xml")).text)[1] == []
