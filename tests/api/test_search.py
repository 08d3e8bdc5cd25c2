"""Searching over HTTP: what is answered, what it costs, and what becomes of it without vectors."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bookwright.contracts.access import Role
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import Refused
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.media import Vectors
from bookwright.contracts.ports.calls import Turn
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE
from bookwright.store.ingestion.store import IngestionStore
from bookwright.store.ingestion.tables import audiobooks
from tests.store.conftest import Clock, World
from tests.store.test_search import spoken
from tests.support.library import Home, home_at
from tests.support.stories import CLOUD, KITE

BELA = OwnerId("bela")


class Meaning:
    """Knows that a lantern is a lamp, and nothing else."""

    provider, model, concurrency, dimensions, batch = "test", "vectors", 1, 2, 8

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    def call(self, texts: Sequence[str], *, query: bool = False, take: int = 0) -> ProviderCall:
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation="embedding",
            input={"texts": list(texts), "query": query},
            max_cost_micros=0,
            take=take,
        )

    async def embed(self, call: ProviderCall, turn: Turn) -> Vectors:
        async with turn:
            if self.away:
                raise Refused("away")
            self.asked += call.input["texts"]
            lamp = "lantern" in call.input["texts"][0]
            return Vectors(vectors=((1.0, 0.0) if lamp else (0.0, 1.0),))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


async def test_passages_are_found_with_where_they_are_heard(home: Home) -> None:
    world = World(home.database, home.assets, Clock())
    book = await spoken(world, "It rained <b>all</b> day.", "Mira lit the lamp.", owner=LOCAL_OWNER)
    store = IngestionStore(home.database, home.assets)
    await store.embedded(book, "test vectors", {1: (0.0, 1.0), 2: (1.0, 0.0)})
    public = await spoken(world, "The lamp for all.", owner=BELA, public=True)
    meaning = Meaning()
    app = home.app(embedder=meaning)
    async with home.client(app=app, role=Role.USER) as owner:
        answer = await owner.get("/api/search", params={"q": "lantern"})
        body = answer.json()
        assert (answer.status_code, body["by_meaning"], body["notice"]) == (200, True, None)
        first = body["results"][0]
        assert (first["snippet"], first["marks"], first["matched_by"]) == ("Mira lit the lamp.", [], ["meaning"])
        assert (first["page"], first["start_seconds"], first["recording_seconds"]) == (2, 0.5, 70.5)
        assert first["reader_url"] == f"/read/{book.book_id}#page=2&t=0.5"
        assert first["audio_url"].startswith(f"/api/books/{book.book_id}/pages/2/audio?signature=")
        await owner.get("/api/search", params={"q": "lantern"})
        assert meaning.asked == ["lantern"], "a query's vector is bought once"
        [one] = (await owner.get("/api/search", params={"q": "RAINED", "limit": 1})).json()["results"]
        assert one["snippet"] == "It rained <b>all</b> day.", "text, as it is"
        assert one["marks"] == [{"start": 3, "end": 9}]
        found = (await owner.get("/api/search", params={"q": "for all"})).json()["results"]
        [theirs] = [each for each in found if not each["own"]]
        assert theirs["book_id"] == public.book_id and theirs["reader_url"].startswith(f"/read/{public.book_id}#")
        assert theirs["audio_url"].startswith(f"/api/public/{public.book_id}/pages/1/audio?signature=")
        meaning.away = True
        body = (await owner.get("/api/search", params={"q": "lamp"})).json()
        assert not body["by_meaning"] and "words" in body["notice"]
        assert {each["snippet"] for each in body["results"]} == {"Mira lit the lamp.", "The lamp for all."}
    async with home.client(OwnerId("cora"), Role.USER, app=home.app()) as cora:
        body = (await cora.get("/api/search", params={"q": "lamp"})).json()
        assert [each["book_id"] for each in body["results"]] == [public.book_id]
        assert "BOOKWRIGHT_EMBEDDINGS" in body["notice"]
        wrongs = ("", "q=", "q=%20", f"q={'a' * 301}", "q=a&limit=51", "q=a&limit=0")
        for wrong in wrongs:
            assert (await cora.get(f"/api/search?{wrong}")).status_code == 422, wrong
        strange = ["\x00", "'", '"', "a' | 'b", "NEAR(a b)", "*", "terms:lamp", "\\", "a & !", "😀" * 300]
        for query in strange:
            assert (await cora.get("/api/search", params={"q": query})).status_code in (200, 422), query


async def test_somebody_elses_public_audiobook_can_be_read_and_heard_and_nothing_else(home: Home) -> None:
    made = [(await home.made(story, spoken=[1])).book_id for story in (KITE, CLOUD)]
    rows = [
        {"owner_id": LOCAL_OWNER, "book_id": book, "is_public": book == made[0], "updated_at": utcnow()}
        for book in made
    ]
    await home.database.write(SERVICE, lambda c: c.execute(sa.insert(audiobooks), rows))
    async with home.client(OwnerId("cora"), Role.USER) as cora:
        await only_reading_and_hearing(cora, *made)
        closed = sa.update(audiobooks).values(is_public=False)
        await home.database.write(SERVICE, lambda c: c.execute(closed))
        assert (await cora.get(f"/api/public/{made[0]}/pages/1")).status_code == 404, "at once"


async def only_reading_and_hearing(reader: httpx.AsyncClient, public: str, private: str) -> None:
    """What somebody else may do with a public audiobook."""
    folder = f"/api/public/{public}"
    page = await reader.get(f"{folder}/pages/1")
    assert page.status_code == 200 and page.json()["audio_url"].startswith(f"{folder}/pages/1/audio")
    sound = await reader.get(page.json()["audio_url"])
    assert sound.status_code == 200 and sound.content[:4] == b"RIFF"
    facts = await reader.get(f"{folder}/reader")
    assert facts.status_code == 200 and facts.json()["files"] == []
    assert f"/api/books/{public}" not in facts.text + page.text, "all addresses are of this folder"
    shown = await reader.get(f"/read/{public}", headers={"Accept": "text/html"})
    assert shown.status_code == 200 and folder in shown.text
    for path in (
        f"/api/books/{public}",
        f"/api/books/{public}/pages/1",
        f"{folder}/pages/1/versions",
        f"{folder}/feed.xml",
    ):
        assert (await reader.get(path)).status_code == 404, path
    for path in (f"/api/public/{private}/pages/1", f"/read/{private}"):
        assert (await reader.get(path)).status_code == 404, path
    assert (await reader.patch(f"{folder}/pages/1", json={"text": "Mine."})).status_code == 404
    assert (await reader.delete(f"/api/books/{public}")).status_code == 404
    async with httpx.AsyncClient(transport=reader._transport, base_url="http://localhost") as nobody:
        assert (await nobody.get(f"{folder}/pages/1")).status_code == 401
