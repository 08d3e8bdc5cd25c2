"""An upload that is told of while it comes: scanned pages as they are read, refusals, connections that break."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.orders import streaming
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.estimating import Makers
from bookwright.money.prices import default_prices
from bookwright.providers.gemini import GeminiModel
from tests.api.reading_worker import reading_worker
from tests.support.documents import pdf
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.library import Home, home_at
from tests.support.providers import emulator_of
from tests.support.scans import joined, page, scanned
from tests.support.serving import served

UPLOAD = "/api/books/upload/?stream=true"
FERRY = "The ferry crosses the wide brown river every morning, and every evening it comes back with news. " * 2
KILNS = "In the village of the potters the kilns are lit on Mondays, and smoke lies over the roofs for two days. " * 2
MIXED = joined(
    pdf("The Ferry", "A. Writer", (("The Ferry", FERRY),)),
    scanned([page(("heading", "The Kilns"), ("paragraph", KILNS)), page(("paragraph", FERRY))]),
)
SCAN = scanned([page(("paragraph", KILNS))])
MOST_S = 60
emulator = emulator_of("gemini")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as opened:
        yield opened


@pytest.fixture
async def looker(emulator: EmulatorProcess) -> AsyncIterator[GeminiModel]:
    model = GeminiModel(KEY, base_url=emulator.url)
    yield model
    await model.close()


@pytest.fixture
async def client(home: Home, looker: GeminiModel) -> AsyncIterator[httpx.AsyncClient]:
    """Of an application that has somebody who sees."""
    makers = Makers(home.engine, default_prices(), vision=looker)
    async with home.client(app=home.app(makers=makers)) as asking:
        yield asking


def form(data: bytes, name: str = "book.pdf") -> dict[str, Any]:
    return {"files": {"file": (name, data)}}


def told(text: str) -> list[dict[str, Any]]:
    """The events of a stream, comments left out."""
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


async def test_pages_are_told_of_as_they_are_read(
    home: Home, client: httpx.AsyncClient, looker: GeminiModel, emulator: EmulatorProcess
) -> None:
    async with reading_worker(home, looker):
        first = await client.post(UPLOAD, **form(MIXED))
        again = await client.post(UPLOAD, **form(MIXED))
    assert first.text.startswith(": receiving"), "the answer begins with the file"
    events = told(first.text)
    assert [one["event"] for one in events] == [
        *("received", "page", "page", "page", "chapters", "queued", "completed")
    ]  # fmt: skip
    pages = {one["data"]["page_number"]: one["data"] for one in events if one["event"] == "page"}
    assert {number: data["source"] for number, data in pages.items()} == {
        1: "text",
        2: "vision:gemini",
        3: "vision:gemini",
    }
    assert pages[3]["preview"].startswith("The ferry crosses") and pages[3]["total_pages"] == 3
    assert [chapter["title"] for chapter in events[4]["data"]["chapters"]] == ["The Ferry", "The Kilns"]
    assert told(again.text)[-1] == events[-1], "the same file again is the same book"
    assert (await emulator.calls())["received"] == 2, "and no page of it is read or paid for again"
    number = events[-1]["data"]["book_id"]
    answer = (await client.get(f"/api/books/{number}/pages/")).json()["data"]["pages"]
    assert [found["source"] for found in answer] == ["text", "vision:gemini", "vision:gemini"]
    assert answer[1]["text_content"] == KILNS.strip(), "the heading is the chapter's title"
    versions = (await client.get(f"/api/books/{number}/pages/2/versions")).json()["versions"]
    assert [(version["version"], version["source"]) for version in versions] == [(1, "vision:gemini")]


async def test_pages_come_before_the_others_are_read(
    home: Home, client: httpx.AsyncClient, looker: GeminiModel, emulator: EmulatorProcess
) -> None:
    """The text of a mixed PDF is told of while a scanned page is still being looked at."""
    await emulator.knobs(gate="The Kilns")
    makers = Makers(home.engine, default_prices(), vision=looker)
    async with reading_worker(home, looker), served(home.app(makers=makers)) as url:
        async with httpx.AsyncClient(base_url=url, headers=client.headers, timeout=MOST_S) as asking:
            async with asking.stream("POST", UPLOAD, **form(MIXED)) as answer:
                seen: list[int] = []
                async for line in answer.aiter_lines():
                    if line.startswith("data: "):
                        one = json.loads(line.removeprefix("data: "))
                        if one["event"] == "page":
                            seen.append(one["data"]["page_number"])
                        if sorted(seen) == [1, 3]:
                            await emulator.release()
                        if one["event"] == "completed":
                            break
    assert seen[-1] == 2 and sorted(seen) == [1, 2, 3]


async def test_a_scan_is_estimated_with_its_calls_and_refused_where_nobody_sees(
    home: Home, client: httpx.AsyncClient
) -> None:
    estimate = (await client.post("/api/estimate", **form(SCAN))).json()
    reading = next(stage for stage in estimate["stages"] if stage["name"] == "reading")
    assert reading["calls"] == 1 and float(reading["cost_high_usd"]) > 0 and estimate["characters"] > 1_000
    async with home.client() as blind:
        answer = await blind.post(UPLOAD, **form(SCAN))
        [error] = [one for one in told(answer.text) if one["event"] == "error"]
        assert "vision provider" in error["data"]["message"]
        assert (await blind.post("/api/books/upload/", **form(SCAN))).status_code == 422
        assert (await blind.post("/api/estimate", **form(SCAN))).status_code == 422
    assert list(home.assets.all()) == [] and list(home.assets.scratch().iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"files": {"file": ("book.exe", SCAN)}}, 422),
        ({"files": {"book": ("book.pdf", SCAN)}}, 422),
        (form(SCAN) | {"data": {"colour": "blue"}}, 422),
        ({"content": b"{}", "headers": {"content-type": "application/json"}}, 415),
    ],
    ids=["a name", "a part", "a field", "no form"],
)
async def test_what_is_seen_before_the_file_gets_its_status(
    home: Home, client: httpx.AsyncClient, asked: dict[str, Any], status: int
) -> None:
    answer = await client.post(UPLOAD, **asked)
    assert (answer.status_code, answer.json()["status"]) == (status, "FAIL")
    assert list(home.assets.scratch().iterdir()) == [] and await home.jobs.jobs(LOCAL_OWNER) == []


async def test_an_upload_that_breaks_off_after_the_answer_began_leaves_nothing(home: Home) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="book.pdf"\r\n\r\n'
    async with served(home.app()) as url:
        host = url.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*host.split(":"))
        lines = (f"POST {UPLOAD} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {await home.key()}")
        head = "\r\n".join((*lines, "Content-Length: 100000", "Content-Type: multipart/form-data; boundary=x", "", ""))
        writer.write(head.encode() + part + SCAN[:2_000])
        async with asyncio.timeout(MOST_S):
            await reader.readuntil(b": receiving")
            assert len(list(home.assets.scratch().iterdir())) == 1, "the file is on its way"
            writer.close()
            while list(home.assets.scratch().iterdir()):  # noqa: ASYNC110 - another task's file
                await asyncio.sleep(0.01)
    assert await home.jobs.jobs(LOCAL_OWNER) == [] and list(home.assets.all()) == []


async def test_a_stream_says_that_it_is_still_at_it(
    home: Home, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads here: the stream says so until its patience is over, and that the book waits."""
    monkeypatch.setattr(streaming, "BEAT_S", 0.05)
    monkeypatch.setattr("api.routes.uploads.PATIENCE_S", 1.0)
    answer = await client.post(UPLOAD, **form(SCAN))
    assert ": still at it" in answer.text
    events = told(answer.text)
    assert [one["event"] for one in events] == ["received", "queued", "completed"]
    assert events[-1]["data"]["total_pages"] is None
