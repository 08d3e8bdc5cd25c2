"""Documents that are handed in over HTTP: what is taken, what is refused, and what a refusal leaves behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.orders import multipart
from api.routes import uploads
from bookwright import submission
from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.orders import Edition, StoredDocument
from tests.api.reading_worker import reading_worker
from tests.support.documents import Chapters, docx, epub, html, pdf
from tests.support.library import Home, home_at
from tests.support.serving import served

UPLOAD = "/api/books/upload/"
TEXT = b"# The River\n\nFar up the valley the river began as a thread of water.\n\n# The Sea\n\nIt had no end.\n"
CHAPTERS: Chapters = (
    ("The Wick", "The wick was long and white, and nobody had ever lit it."),
    ("The Oil", "The oil came in a jar from the coast, and smelled of summer."),
)
BELA = OwnerId("bela")
MOST_S = 60


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is worth a minute."""
    monkeypatch.setattr(uploads, "PATIENCE_S", 20.0)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as opened:
        yield opened


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


@pytest.fixture(scope="module")
async def untouched(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """A home that only gets what is refused, and so has nothing in it."""
    async with home_at(tmp_path_factory.mktemp("untouched")) as opened:
        yield opened


@pytest.fixture(scope="module")
async def refused_client(untouched: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with untouched.client() as asking:
        yield asking


def form(data: bytes = TEXT, name: str = "river.md", declared: str | None = None) -> dict[str, Any]:
    """A form's one file."""
    return {"files": {"file": (name, data, declared) if declared else (name, data)}}


async def left(home: Home) -> list[str]:
    """What an order leaves: jobs, stored bytes and scratch files."""
    jobs = [row.job_id for row in await home.jobs.jobs(LOCAL_OWNER)]
    scratch = [path.name for path in home.assets.scratch().iterdir()]
    return [*jobs, *home.assets.all(), *scratch]


async def test_an_upload_is_answered_when_its_text_was_read(home: Home, client: httpx.AsyncClient) -> None:
    async with reading_worker(home):
        answer = await client.post(UPLOAD, **form(), data={"author": "A. Writer", "title": " "})
    assert answer.status_code == 200
    number = answer.json()["book_id"]
    assert answer.json() == {
        "book_id": number,
        "title": "river",
        "total_pages": 2,
        "status_url": f"/api/books/{number}/status/",
        "message": "Upload completed! Audio generation is running in background.",
    }
    pages = (await client.get(f"/api/books/{number}/pages/")).json()
    assert (pages["status"], pages["data"]["book"]["processing_status"]) == ("PASS", "processing")
    assert [page["text_content"] for page in pages["data"]["pages"]] == [
        "Far up the valley the river began as a thread of water.",
        "It had no end.",
    ]
    book = (await client.get(f"/api/books/{number}")).json()
    assert (book["author"], book["status"], book["chapters"]) == ("A. Writer", "processing", 2)
    assert [path.name for path in home.assets.scratch().iterdir()] == []


async def test_a_stream_tells_the_way_of_an_upload(home: Home, client: httpx.AsyncClient) -> None:
    async with reading_worker(home):
        answer = await client.post(UPLOAD, params={"stream": "true"}, **form())
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [block.splitlines() for block in answer.text.strip().split("\n\n") if not block.startswith(":")]
    named = [event.removeprefix("event: ") for event, _ in events]
    told = [json.loads(data.removeprefix("data: ")) for _, data in events]
    assert named == ["received", "page", "page", "chapters", "queued", "completed"]
    assert [one["event"] for one in told] == named
    assert told[0]["data"] == {"name": "river.md", "size": len(TEXT)}
    assert told[1]["data"] == {
        "page_number": 1,
        "total_pages": 2,
        "preview": "Far up the valley the river began as a thread of water.",
        "source": "text",
    }
    assert [chapter["title"] for chapter in told[3]["data"]["chapters"]] == ["The River", "The Sea"]
    assert told[5]["data"]["total_pages"] == 2


async def test_a_stream_ends_with_an_error_when_the_file_can_not_be_read(home: Home, client: httpx.AsyncClient) -> None:
    answer = await client.post(UPLOAD, params={"stream": "true"}, **form(b"*** ... ***"))
    last = json.loads(answer.text.strip().splitlines()[-1].removeprefix("data: "))
    assert (answer.status_code, last["event"]) == (200, "error")
    assert "nothing to speak" in last["data"]["message"]
    assert await left(home) == []


@pytest.mark.parametrize("waits", [True, False])
async def test_an_upload_that_nobody_reads_for_a_minute_is_taken_all_the_same(
    home: Home, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    if waits:
        monkeypatch.setattr(uploads, "PATIENCE_S", 0.0)
    answer = await client.post(UPLOAD, **form(), headers={} if waits else {"Prefer": "respond-async"})
    body = answer.json()
    assert (answer.status_code, body["total_pages"], body["estimate"]["pages"]) == (202, None, 2)
    assert answer.headers["location"] == body["status_url"] and int(answer.headers["retry-after"]) > 0
    status = (await client.get(body["status_url"])).json()["data"]
    assert (status["processing_status"], status["estimated_time_remaining"]) == ("pending", "Waiting to start")
    [job] = await home.jobs.jobs(LOCAL_OWNER)
    assert job.state == "queued"


@pytest.mark.parametrize(
    ("name", "data", "declared"),
    [
        ("lamp.pdf", pdf("The Lamp", "A. Writer", CHAPTERS), "application/pdf"),
        ("lamp.epub", epub(CHAPTERS), "application/epub+zip"),
        ("lamp.docx", docx("The Lamp", "A. Writer", CHAPTERS), None),
        ("lamp.html", html("The Lamp", "A. Writer", CHAPTERS), "text/html"),
        ("lamp.txt", b"CHAPTER I\n\nThe wick was long.\n\nCHAPTER II\n\nThe oil came in a jar.\n", "text/plain"),
        ("Lamp v1.2", TEXT, "application/octet-stream"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_every_kind_of_document_is_taken(
    home: Home, client: httpx.AsyncClient, name: str, data: bytes, declared: str | None
) -> None:
    async with reading_worker(home):
        answer = await client.post(UPLOAD, **form(data, name, declared))
    assert (answer.status_code, answer.json()["total_pages"]) == (200, 2)
    book = (await client.get(f"/api/books/{answer.json()['book_id']}")).json()
    assert (book["chapters"], book["language"]) == (2, "en")


async def test_what_is_wished_for_is_ordered(home: Home, client: httpx.AsyncClient) -> None:
    wishes = {
        "title": "Another",
        "language": "hi",
        "voice": "hi+f2",
        "editions": "m4b,pdf",
        "budget": "2.50",
        "priority": "1",
        "style": "minimalist",
    }
    async with reading_worker(home):
        assert (await client.post(UPLOAD, **form(), data=wishes)).status_code == 200
    [job] = await home.jobs.jobs(LOCAL_OWNER)
    order = job.order
    assert (order.title, order.language, order.voice, order.priority) == ("Another", "hi", "hi+f2", 1)
    assert order.style == "minimalist"
    assert (order.editions, str(order.budget_usd)) == ((Edition.M4B, Edition.PDF), "2.500000")


async def test_the_same_file_with_the_same_wishes_is_the_same_book(home: Home, client: httpx.AsyncClient) -> None:
    async with reading_worker(home), home.client(BELA, Role.USER) as bela:
        first = (await client.post(UPLOAD, **form())).json()
        assert (await client.post(UPLOAD, **form())).json() == first
        other = (await client.post(UPLOAD, **form(), data={"language": "hi"})).json()
        theirs = (await bela.post(UPLOAD, **form())).json()
    assert len({first["book_id"], other["book_id"], theirs["book_id"]}) == 3
    assert len(await home.jobs.jobs(LOCAL_OWNER)) == 2


async def test_the_same_file_many_times_at_once_is_one_book(home: Home, client: httpx.AsyncClient) -> None:
    async with reading_worker(home):
        answers = await asyncio.gather(*(client.post(UPLOAD, **form()) for _ in range(8)))
    assert len({answer.json()["book_id"] for answer in answers}) == 1
    assert len(await home.jobs.jobs(LOCAL_OWNER)) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_the_same_key_gets_the_same_answer(home: Home, client: httpx.AsyncClient, stream: bool) -> None:
    asked: dict[str, Any] = {"headers": {"Idempotency-Key": "k1"}, "params": {"stream": stream}}
    async with reading_worker(home):
        first = await client.post(UPLOAD, **form(), **asked)
        again = await client.post(UPLOAD, **form(), **asked)
        other = await client.post(UPLOAD, **form(b"Another text."), **asked)
        without = await client.post(UPLOAD, **form(), data={"title": "Else"}, **asked)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    for refused in (other, without):
        assert "used for another request" in refused.text
        assert refused.status_code == (200 if stream else 422)
    assert len(await home.jobs.jobs(LOCAL_OWNER)) == 1
    assert list(home.assets.scratch().iterdir()) == []


async def test_many_at_once_with_one_key_are_one_book(home: Home, client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    async with reading_worker(home):
        answers = await asyncio.gather(*(client.post(UPLOAD, **form(), headers=key) for _ in range(20)))
    bodies = {answer.content for answer in answers if answer.status_code == 200}
    assert len(bodies) == 1 and {answer.status_code for answer in answers} <= {200, 409}
    assert len(await home.jobs.jobs(LOCAL_OWNER)) == 1


PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
REFUSED = {
    "empty": form(b""),
    "nothing to speak": form(b"... --- ..."),
    "a picture called text": form(PNG, "story.txt"),
    "a picture": form(PNG, "story.png", "image/png"),
    "a text called picture": form(TEXT, "story.png"),
    "a text called program": form(TEXT, "story.exe"),
    "a text called PDF": form(TEXT, "story.pdf", "application/pdf"),
    "a PDF called text": form(b"%PDF-1.7\n", "story.txt", "text/plain"),
    "a PDF declared as text": form(b"%PDF-1.7\n", "story.pdf", "text/plain"),
    "a text declared as PDF": form(TEXT, "story", "application/pdf"),
    "a text declared as a picture": form(TEXT, "story.md", "image/png"),
    "an EPUB called DOCX": form(epub(CHAPTERS), "story.docx"),
    "an EPUB declared as DOCX": form(
        epub(CHAPTERS), "story", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    "a cut PDF": form(pdf("T", "A", CHAPTERS)[:200], "story.pdf"),
    "latin-1": form("Brücke".encode("latin-1"), "story.txt"),
    "a long name": form(TEXT, "x" * 5_000 + ".md"),
    "two files": {"files": [("file", ("a.md", TEXT)), ("file", ("b.md", TEXT))]},
    "a file of another name": {"files": {"book": ("a.md", TEXT)}},
    "no file": {"files": {"title": (None, "The River")}},
    "a file without a name": {"files": {"file": (None, "The River")}},
    "an unknown field": form() | {"data": {"colour": "blue"}},
    "another's id": form() | {"data": {"owner_id": "bela"}},
    "a field twice": form() | {"data": {"title": ["One", "Two"]}},
    "a long field": form() | {"data": {"title": "T" * 5_000}},
    "a long title": form() | {"data": {"title": "T" * 301}},
    "many fields": {"files": [("file", ("a.md", TEXT)), *((f"f{number}", (None, "x")) for number in range(30))]},
    "no language": form() | {"data": {"language": "no tag"}},
    "no voice": form() | {"data": {"voice": "Caruso"}},
    "no edition": form() | {"data": {"editions": "vinyl"}},
    "no budget": form() | {"data": {"budget": "NaN"}},
    "no priority": form() | {"data": {"priority": "0"}},
    "no style": form() | {"data": {"style": "cubist"}},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_says_what_is_wrong_and_leaves_nothing(
    untouched: Home, refused_client: httpx.AsyncClient, name: str
) -> None:
    for path in (UPLOAD, "/api/estimate"):
        answer = await refused_client.post(path, **REFUSED[name])
        assert answer.status_code == 422, answer.text
        body = answer.json()
        if path == UPLOAD:
            assert (body["data"], body["status"]) == (None, "FAIL") and body["message"]
        else:
            assert body["errors"][0]["field"] and body["errors"][0]["message"]
        assert "T" * 300 not in answer.text and "x" * 300 not in answer.text
    assert await left(untouched) == []


@pytest.mark.parametrize("language", ["tlh", "xx", "ii"])
async def test_a_language_without_a_voice_is_refused_with_those_that_have_one(
    untouched: Home, refused_client: httpx.AsyncClient, language: str
) -> None:
    wanted = form() | {"data": {"language": language}}
    voices = refused_client.get("/api/voices", params={"language": language})
    for asking in (refused_client.post(UPLOAD, **wanted), refused_client.post("/api/estimate", **wanted), voices):
        answer = await asking
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["field"] == "language" and f"'{language}'" in error["message"]
        offered = error["message"].rpartition(": ")[2].rstrip(".").split(", ")
        assert set("en hi bn ta te mr gu kn ml pa or ur es fr de pt ar sw".split()) <= set(offered)
    assert await left(untouched) == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"--x--", 415),
        ("multipart/form-data; boundary=x", b"", 422),
        ("multipart/form-data; boundary=x", b"no part at all", 422),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"', 422),
        ("multipart/form-data; boundary=" + "x" * 5_000, b"", 422),
    ],
)
async def test_a_body_that_is_no_whole_form_is_refused(
    untouched: Home, refused_client: httpx.AsyncClient, kind: str, body: bytes, status: int
) -> None:
    answer = await refused_client.post(UPLOAD, content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["status"]) == (status, "FAIL")
    assert await left(untouched) == []


async def test_names_never_reach_the_disk(home: Home, client: httpx.AsyncClient) -> None:
    async with reading_worker(home):
        answer = await client.post(UPLOAD, **form(TEXT, "../../tmp/../story.md"))
    assert answer.status_code == 200
    [job] = await home.jobs.jobs(LOCAL_OWNER)
    assert not isinstance(job.order.source, StoredDocument) and getattr(job.order.source, "name", "") == "story.md"
    assert not any("story" in path.name for path in home.folder.rglob("*"))


def head(key: str, host: str, *more: str) -> bytes:
    lines = (f"POST {UPLOAD} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {key}", *more)
    return "\r\n".join((*lines, "Content-Type: multipart/form-data; boundary=x", "", "")).encode()


PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="river.md"\r\n\r\n'


async def test_too_large_a_file_is_refused_before_it_is_sent(home: Home) -> None:
    async with served(home.app()) as url:
        host = url.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(head(await home.key(), host, f"Content-Length: {10**12}"))
        assert b" 413 " in await reader.readline()
        writer.close()


async def test_too_large_a_file_is_refused_while_it_comes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, block = 1 << 20, b"\r\n".join((b"10000", b"water! \n" * 8192, b""))
    monkeypatch.setattr(multipart, "SOURCE_LIMIT", limit)
    async with served(home.app()) as url:
        host = url.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(head(await home.key(), host, "Transfer-Encoding: chunked"))
        writer.write(b"%x\r\n%s\r\n" % (len(PART), PART))
        answer = asyncio.create_task(reader.readline())
        sent = 0
        while not answer.done():
            writer.write(block)
            sent += 65536
            assert sent < 64 * limit, "it goes on taking"
            await asyncio.wait([answer], timeout=0.01)
        assert b" 413 " in await answer
        writer.close()
    assert await left(home) == []


async def test_too_long_a_text_is_refused(
    home: Home, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "TEXT_LIMIT", len(TEXT) - 1)
    for path in (UPLOAD, "/api/estimate"):
        assert (await client.post(path, **form())).status_code == 413
    assert await left(home) == []


async def test_a_connection_that_breaks_in_an_upload_leaves_nothing(home: Home) -> None:
    async with served(home.app()) as url:
        host = url.removeprefix("http://")
        _, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(head(await home.key(), host, "Content-Length: 100000") + PART + TEXT)
        await writer.drain()
        scratch = home.assets.scratch()
        async with asyncio.timeout(MOST_S):
            while not list(scratch.iterdir()):  # noqa: ASYNC110 - another task's file
                await asyncio.sleep(0.01)
            writer.close()
            while list(scratch.iterdir()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert await left(home) == []


async def test_a_connection_that_breaks_after_an_upload_loses_nothing(home: Home) -> None:
    body = PART + TEXT + b"\r\n--x--\r\n"
    async with served(home.app()) as url:
        host = url.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*host.split(":"))
        wanted = head(await home.key(), host, f"Content-Length: {len(body)}").replace(b"/ HTTP", b"/?stream=true HTTP")
        writer.write(wanted + body)
        async with asyncio.timeout(MOST_S):
            await reader.readuntil(b"received")
            writer.close()
            while not (jobs := await home.jobs.jobs(LOCAL_OWNER)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert [job.title for job in jobs] == ["river"]


async def test_an_estimate_is_the_same_for_a_text_and_its_file(home: Home, client: httpx.AsyncClient) -> None:
    by_file = await client.post("/api/estimate", **form(), data={"language": "en"})
    by_text = await client.post("/api/estimate", json={"text": TEXT.decode(), "language": "en"})
    assert by_file.status_code == 200 and by_file.json() == by_text.json()
    assert (by_file.json()["pages"], by_file.json()["calls"]) == (2, 2)
    of_pdf = await client.post("/api/estimate", **form(pdf("T", "A", CHAPTERS), "t.pdf"))
    assert of_pdf.json()["pages"] == 2
    assert await left(home) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text": ""}', b'{"text": "One.", "x": 1}', b'{"text": 5}'])
async def test_an_estimate_of_no_text_is_refused(refused_client: httpx.AsyncClient, body: bytes) -> None:
    answer = await refused_client.post("/api/estimate", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422 and answer.json()["errors"]


async def test_paths_with_and_without_a_slash_are_different_routes(client: httpx.AsyncClient) -> None:
    answers = [await client.post("/api/books/upload", **form()), await client.get("/api/books/1/status")]
    answers += [await client.get("/api/books/"), await client.get("/api/voices/")]
    assert [answer.status_code for answer in answers] == [405, 404, 404, 404]
    problems = list(chain.from_iterable(answer.json() for answer in answers))
    assert "FAIL" not in problems
