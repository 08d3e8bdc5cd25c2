"""How words of a book are said: changed, refused, and spoken anew where they stand."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.progress import JobState
from tests.activities.conftest import Engine
from tests.support.library import Home, home_at
from tests.support.stories import KITE

INES = {"word": "Ines", "respelling": "Eeness"}
WITH_INES = [number for number, text in enumerate(KITE.pages, 1) if "Ines" in text]


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("lexicon")) as made:
        yield made


@pytest.fixture(scope="module")
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


@pytest.fixture
async def kite(home: Home) -> BookContext:
    """A finished book, narrated without a lexicon."""
    return await home.made(KITE)


async def completed(home: Home, book: BookContext) -> set[int]:
    return set(await home.books.made(LOCAL_OWNER, book.book_id, Track.NARRATION, 1, book.pages))


def address(book: BookContext) -> str:
    return f"/api/books/{book.book_id}/lexicon"


async def test_a_change_says_which_pages_it_is_for_and_speaks_them_when_it_is_applied(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    empty = await client.get(address(kite))
    assert empty.json() == {"entries": [], "changed_at": None, "pages_to_speak": [], "jobId": None}
    put = await client.put(address(kite), json={"entries": [INES]})
    assert (put.status_code, put.json()["pages_to_speak"], put.json()["jobId"]) == (200, WITH_INES, None)
    assert put.json()["entries"] == [INES | {"ipa": None, "match_case": False}]
    assert await completed(home, kite) == set(range(1, kite.pages + 1)), "nothing is spoken without being asked for"
    assert (await client.get(address(kite))).json()["pages_to_speak"] == WITH_INES

    applied = await client.put(f"{address(kite)}?apply=true", json={"entries": [INES]})
    job = await home.jobs.job(LOCAL_OWNER, applied.json()["jobId"])
    assert applied.status_code == 202
    assert applied.headers["location"] == f"/api/jobs/{job.job_id}/status"
    assert (job.state, job.order.tracks, job.order.source.kind) == (JobState.QUEUED, (Track.NARRATION,), "existing")
    assert await completed(home, kite) == set(range(1, kite.pages + 1)) - set(WITH_INES)
    versions = (await client.get(f"/api/books/{kite.book_id}/pages/{WITH_INES[0]}/versions")).json()["versions"]
    assert [(one["version"], one["spoken"]) for one in versions] == [(2, False), (1, True)], "the old sound is kept"
    assert versions[0]["text"] == versions[1]["text"]
    again = await client.put(f"{address(kite)}?apply=true", json={"entries": [INES]})
    assert (again.status_code, again.json()["jobId"]) == (200, None), "and once"


async def test_a_word_that_is_nowhere_orders_nothing(home: Home, client: httpx.AsyncClient, kite: BookContext) -> None:
    put = await client.put(f"{address(kite)}?apply=true", json={"entries": [{"word": "Zora", "respelling": "Sora"}]})
    assert (put.status_code, put.json()["pages_to_speak"]) == (200, [])
    assert (await home.jobs.newest_of(LOCAL_OWNER, kite.book_id)).state is JobState.DONE


async def test_changes_go_by_what_was_seen(client: httpx.AsyncClient, kite: BookContext) -> None:
    seen = (await client.get(address(kite))).headers["etag"]
    first = await client.put(address(kite), json={"entries": [INES]}, headers={"If-Match": seen})
    assert first.status_code == 200
    stale = await client.put(address(kite), json={"entries": []}, headers={"If-Match": seen})
    assert (stale.status_code, stale.headers["content-type"]) == (412, "application/problem+json")
    assert (await client.get(address(kite))).json()["entries"]
    fresh = (await client.get(address(kite))).headers["etag"]
    assert fresh == first.headers["etag"] != seen
    assert (await client.get(address(kite), headers={"If-None-Match": fresh})).status_code == 304
    assert (await client.put(address(kite), json={"entries": []}, headers={"If-Match": fresh})).status_code == 200


async def test_while_the_book_is_made_it_is_changed_but_not_applied(home: Home, client: httpx.AsyncClient) -> None:
    made = await home.made(KITE, spoken=WITH_INES, closed=False)
    refused = await client.put(f"{address(made)}?apply=true", json={"entries": [INES]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "apply")
    assert (await client.get(address(made))).json()["entries"] == []
    put = await client.put(address(made), json={"entries": [INES]})
    assert (put.status_code, put.json()["pages_to_speak"]) == (200, WITH_INES), "spoken before it was changed"


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        ([{"word": "Ines"}], "entries.0"),
        ([INES, {"word": "Tomas", "respelling": "x" * 121}], "entries.1.respelling"),
        ([{"word": "Ines", "ipa": "123"}], "entries.0.ipa"),
        ([{"word": "\x1b[1m", "respelling": "a"}], "entries.0.word"),
        ([INES | {"said": "so"}], "entries.0.said"),
        ([{"word": f"w{n}", "respelling": "a"} for n in range(501)], "entries"),
        ("Ines", "entries"),
    ],
)
async def test_what_can_not_be_an_entry_is_refused_by_its_field(
    client: httpx.AsyncClient, kite: BookContext, entries: Any, field: str
) -> None:
    answer = await client.put(address(kite), json={"entries": entries})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert "\x1b" not in answer.text
    twice = await client.put(address(kite), json={"entries": [INES, INES | {"word": "INES"}]})
    assert twice.status_code == 422 and "twice" in twice.json()["errors"][0]["message"]


async def test_ipa_alone_is_refused_where_an_engine_can_not_be_told(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    spelt = {"word": "Ines", "ipa": "iˈnɛs"}
    assert (await client.put(address(kite), json={"entries": [spelt]})).status_code == 200, "espeak-ng takes it"
    app = home.app()
    app.state.backend = dataclasses.replace(app.state.backend, engine=Engine())
    async with home.client(app=app) as asking:
        refused = await asking.put(address(kite), json={"entries": [INES | {"word": "Tomas"}, spelt]})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "entries.1.respelling")
        assert "voice can't be told a word in IPA" in refused.json()["detail"]
        both = await asking.put(address(kite), json={"entries": [spelt | {"respelling": "Eeness"}]})
        assert both.status_code == 200


async def test_nobody_else_s_lexicon_is_seen_or_changed(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    await client.put(address(kite), json={"entries": [INES]})
    unknown = (await client.get("/api/books/no-such-book/lexicon")).json()
    async with home.client(OwnerId("bela")) as bela:
        for answer in (
            await bela.get(address(kite)),
            await bela.put(f"{address(kite)}?apply=true", json={"entries": []}),
        ):
            assert (answer.status_code, answer.json()) == (404, unknown)
    assert (await client.get(address(kite))).json()["entries"]
    assert (await client.delete(f"/api/books/{kite.book_id}")).status_code == 204
    assert (await client.get(address(kite))).status_code == 404
