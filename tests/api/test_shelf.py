"""The shelf over HTTP: status and pages as in the contract's section 4, lists, editions, deletion."""

import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import av
import httpx
import pytest

from api.jobs.states import time_remaining
from api.routes import shelf as shelf_routes
from bookwright.contracts.access import Role
from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.progress import JobState, StageChange, StageName
from bookwright.store.books.shelf import Shelf
from bookwright.store.books.standing import Earlier, Pace, Standing
from tests.support.library import Home, Shelved, home_at
from tests.support.stories import CLOUD, KITE, LAMP

BELA = OwnerId("bela")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as opened:
        yield opened


async def number_of(client: httpx.AsyncClient, book_id: str) -> int:
    return int((await client.get(f"/api/books/{book_id}")).json()["number"])


async def test_the_status_of_a_book_in_the_making(client: httpx.AsyncClient, shelved: Shelved) -> None:
    number = await number_of(client, shelved.half.book_id)
    answer = (await client.get(f"/api/books/{number}/status/")).json()
    assert (answer["status"], answer["message"]) == ("PASS", "Book processing status retrieved successfully")
    data = answer["data"]
    for name in ("created_at", "last_updated"):
        assert datetime.fromisoformat(data.pop(name)).tzinfo
    assert data == {
        "book_id": number,
        "title": KITE.title,
        "processing_status": "processing",
        "processing_progress": 57,
        "total_pages": 7,
        "pages_status": {"pending": 2, "processing": 1, "completed": 3, "failed": 1},
        "audio_ready": False,
        "pages_with_audio": 3,
        "estimated_time_remaining": data["estimated_time_remaining"],
        "warning": None,
        "error": None,
    }
    by_id = (await client.get(f"/api/books/{shelved.half.book_id}/status/")).json()
    assert by_id["data"]["book_id"] == number


async def test_the_status_of_a_finished_book(client: httpx.AsyncClient, shelved: Shelved) -> None:
    data = (await client.get(f"/api/books/{shelved.kite.book_id}/status/")).json()["data"]
    assert (data["processing_status"], data["processing_progress"], data["audio_ready"]) == ("completed", 100, True)
    assert (data["pages_with_audio"], data["estimated_time_remaining"]) == (7, "Complete!")


async def test_a_book_that_lacks_pages_is_completed_and_says_how_many(home: Home) -> None:
    context = await home.made(CLOUD, spoken=[1, 3], failed={2: "the voice refused this text"}, closed=False)
    await home.close(context, reason="1 page could not be made")
    async with home.client() as client:
        data = (await client.get(f"/api/books/{context.book_id}/status/")).json()["data"]
    assert (data["processing_status"], data["estimated_time_remaining"]) == ("completed", "Complete!")
    assert data["pages_status"] == {"pending": 0, "processing": 0, "completed": 2, "failed": 1}
    assert (data["audio_ready"], data["pages_with_audio"], data["processing_progress"]) == (True, 2, 100)
    assert (data["warning"], data["error"]) == ("1 page could not be made", None)


@pytest.mark.parametrize(
    ("state", "says", "left"),
    [
        (JobState.FAILED, "failed", "Failed"),
        (JobState.CANCELLED, "cancelled", "Cancelled"),
    ],
)
async def test_a_job_that_ended_badly_is_said_to_have(home: Home, state: JobState, says: str, left: str) -> None:
    context = await home.made(CLOUD, spoken=[1], closed=False)
    await home.close(context, state, "the worker gave up")
    async with home.client() as client:
        data = (await client.get(f"/api/books/{context.book_id}/status/")).json()["data"]
    assert (data["processing_status"], data["estimated_time_remaining"]) == (says, left)
    assert (data["pages_with_audio"], data["error"]) == (1, "the worker gave up")


async def test_pages_come_with_their_text_and_a_sound_that_can_be_opened(
    client: httpx.AsyncClient, shelved: Shelved
) -> None:
    answer = (await client.get(f"/api/books/{shelved.half.book_id}/pages/")).json()
    number = answer["data"]["book"]["id"]
    assert answer["status"] == "PASS"
    assert answer["data"]["book"] == {
        "id": number,
        "title": KITE.title,
        "total_pages": 7,
        "processing_status": "processing",
    }
    pages = answer["data"]["pages"]
    promised = {"id", "page_number", "text_content", "audio_url", "audio_duration", "processing_status"}
    assert all(promised <= page.keys() for page in pages)
    assert [page["page_number"] for page in pages] == list(range(1, 8))
    assert tuple(page["text_content"] for page in pages) == KITE.pages
    assert len({page["id"] for page in pages}) == 7
    states = ["completed"] * 3 + ["failed", "processing", "pending", "pending"]
    assert [page["processing_status"] for page in pages] == states
    assert pages[3]["error"] == "the voice refused this text" and pages[3]["audio_url"] is None
    assert urlsplit(pages[0]["audio_url"]).path.endswith("/page_0001.mp3")
    async with httpx.AsyncClient(transport=client._transport, base_url="http://localhost") as keyless:
        sound = await keyless.get(pages[0]["audio_url"])
        part = await keyless.get(pages[0]["audio_url"], headers={"Range": "bytes=10-19"})
    assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/mpeg")
    assert (part.status_code, part.content) == (206, sound.content[10:20])
    with av.open(io.BytesIO(sound.content), "r") as container:
        frames = [frame.samples for frame in container.decode(audio=0)]
        seconds = sum(frames) / container.streams.audio[0].rate
    assert isinstance(pages[0]["audio_duration"], int) and abs(pages[0]["audio_duration"] - seconds) < 0.6


@pytest.mark.parametrize("file", ["page_0005.mp3", "page_0099.mp3", "page_1.mp3", "page_0001.wav", "page_0000.mp3"])
async def test_a_page_without_sound_is_not_found(client: httpx.AsyncClient, shelved: Shelved, file: str) -> None:
    answer = await client.get(f"/api/books/{shelved.half.book_id}/audio/{file}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_errors_of_the_old_uploader_keep_their_shape(shelved: Shelved) -> None:
    async with shelved.home.client(BELA, Role.USER) as bela:
        for end in ("status", "pages"):
            unknown = await bela.get(f"/api/books/999999/{end}/")
            theirs = await bela.get(f"/api/books/{shelved.kite.book_id}/{end}/")
            assert (unknown.status_code, theirs.status_code, theirs.content) == (404, 404, unknown.content)
            assert unknown.json() == {"data": None, "status": "FAIL", "message": "there is no such book"}
            keyless = await bela.get(f"/api/books/1/{end}/", headers={"Authorization": "Bearer nothing"})
            assert (keyless.status_code, keyless.json()["status"]) == (401, "FAIL")
            wrong = await bela.post(f"/api/books/1/{end}/")
            assert (wrong.status_code, wrong.json()["status"]) == (405, "FAIL")


@pytest.mark.parametrize(
    ("state", "read", "narrating", "binding", "says"),
    [
        (JobState.QUEUED, False, (0, 0, 0), None, "Waiting to start"),
        (JobState.RUNNING, False, (0, 0, 0), None, "Reading the text"),
        (JobState.RUNNING, True, (0, 0, 10), None, "Not known yet"),
        (JobState.RUNNING, True, (2, 60, 10), None, "Not known yet"),
        (JobState.RUNNING, True, (10, 60, 5), None, "Less than a minute"),
        (JobState.RUNNING, True, (10, 60, 11), None, "2 minutes"),
        (JobState.RUNNING, True, (10, 600, 75), None, "1 hour 15 minutes"),
        (JobState.RUNNING, True, (10, 60, 0), None, "Not known yet"),
        (JobState.RUNNING, True, (10, 60, 0), (4, 60, 2), "Less than a minute"),
        (JobState.PAUSED, True, (10, 60, 5), None, "Paused"),
        (JobState.DONE, True, (10, 60, 0), None, "Complete!"),
        (JobState.FAILED, True, (10, 60, 5), None, "Failed"),
    ],
)
async def test_the_time_that_is_left_is_measured_not_made_up(
    shelved: Shelved,
    state: JobState,
    read: bool,
    narrating: tuple[int, int, int],
    binding: tuple[int, int, int] | None,
    says: str,
) -> None:
    now = datetime.now(UTC)

    def pace(done: int, seconds: int, left: int) -> Pace:
        return Pace(done=done, since=now - timedelta(seconds=seconds) if done else None, left=left)

    facts = await Shelf(shelved.home.database).facts(LOCAL_OWNER, shelved.kite.book_id)
    book = facts.model_copy(update={"state": state, "read_at": now if read else None})
    standing = Standing(book=book, pages={}, narrating=pace(*narrating), binding=binding and pace(*binding))
    assert time_remaining(standing, now) == says


async def test_before_anything_is_measured_the_time_follows_from_earlier_books(shelved: Shelved) -> None:
    now = datetime.now(UTC)
    facts = await Shelf(shelved.home.database).facts(LOCAL_OWNER, shelved.kite.book_id)
    book = facts.model_copy(update={"state": JobState.RUNNING, "read_at": now, "pages": 60})
    earlier = Earlier(pages=100, narrating_s=400, after_s=100)

    def says(done: int, seconds: int, left: int, **more: object) -> str:
        pace = Pace(done=done, since=now - timedelta(seconds=seconds) if done else None, left=left)
        standing = Standing(book=book.model_copy(update=more), pages={}, narrating=pace, binding=None, earlier=earlier)
        return time_remaining(standing, now)

    assert says(0, 0, 60) == "About 5 minutes"  # 60 pages of 4 s, and 1 s for each to bind it
    assert says(50, 500, 10) == "3 minutes"  # its own pace of 10 s by now, and a minute for binding
    assert says(0, 0, 60, reason="speech: over its rate limit") == "Waiting for a provider"


async def test_what_earlier_books_took_is_known_by_who_spoke_them(home: Home) -> None:
    for _ in range(2):
        context = await home.made(KITE, spoken=[], closed=False)
        await home.books.stage(context, StageChange(name=StageName.NARRATION, state=TrackState.PROCESSING, total=7))
        for page in range(1, 8):
            await home.speak(context, page)
        await home.books.stage(context, StageChange(name=StageName.NARRATION, state=TrackState.COMPLETED, total=7))
        await home.close(context)
    new = await home.made(CLOUD, spoken=[], closed=False)
    shelf = Shelf(home.database)
    earlier = (await shelf.standing(LOCAL_OWNER, new.book_id, "espeak-ng")).earlier
    assert earlier is not None and earlier.pages == 14 and earlier.narrating_s > 0 and earlier.after_s >= 0
    assert (await shelf.standing(LOCAL_OWNER, new.book_id, "sarvam")).earlier is None


async def test_books_are_listed_newest_first_in_parts(home: Home) -> None:
    made = [await home.made(story, spoken=[]) for story in (KITE, CLOUD, LAMP)]
    async with home.client() as client:
        first = await client.get("/api/books", params={"limit": 2})
        assert [book["book_id"] for book in first.json()["books"]] == [made[2].book_id, made[1].book_id]
        following = first.headers["link"].partition(">")[0].removeprefix("<")
        assert 'rel="next"' in first.headers["link"]
        assert parse_qs(urlsplit(following).query)["cursor"] == [first.json()["next_cursor"]]
        rest = await client.get(following)
        assert [book["book_id"] for book in rest.json()["books"]] == [made[0].book_id]
        assert rest.json()["next_cursor"] is None and "link" not in rest.headers
        for wrong in ({"limit": 0}, {"limit": 101}, {"cursor": "x"}, {"cursor": "bm8="}):
            assert (await client.get("/api/books", params=wrong)).status_code == 422
    async with home.client(BELA, Role.USER) as bela:
        assert (await bela.get("/api/books")).json()["books"] == []


async def test_a_book_shows_its_editions(client: httpx.AsyncClient, shelved: Shelved) -> None:
    book = (await client.get(f"/api/books/{shelved.kite.book_id}")).json()
    assert (book["status"], book["title"], book["total_pages"]) == ("ready", KITE.title, 7)
    assert [(edition["edition"], edition["missing_pages"]) for edition in book["editions"]] == [
        ("mp3.zip", [4, 5, 6, 7]),
        ("m4b", []),
    ]
    for edition in book["editions"]:
        whole = await client.get(edition["url"])
        assert (whole.status_code, len(whole.content)) == (200, edition["bytes"])


async def test_the_chapters_files_come_as_one_zip_in_ranges(client: httpx.AsyncClient, shelved: Shelved) -> None:
    url = f"/api/books/{shelved.kite.book_id}/editions/mp3.zip"
    whole = await client.get(url)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "application/zip")
    assert whole.headers["bookwright-missing-pages"] == "4-7"
    assert whole.headers["content-disposition"].startswith("attachment;")
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert archive.testzip() is None
        [name] = archive.namelist()
        chapter = await client.get(f"/api/books/{shelved.kite.book_id}/editions/mp3/1")
        assert archive.read(name) == chapter.content
        assert name.startswith("01 ") and name.endswith(".mp3")
    size = len(whole.content)
    for wanted, first, last in ((f"0-{size}", 0, size - 1), ("20-2000", 20, 2000), ("-30", size - 30, size - 1)):
        part = await client.get(url, headers={"Range": f"bytes={wanted}"})
        assert (part.status_code, part.content) == (206, whole.content[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
    beyond = await client.get(url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    for none in ("bytes=5-3", "bytes=-", "bytes=0-1,4-5", "lines=1-2"):
        assert (await client.get(url, headers={"Range": none})).status_code == 200
    head = await client.head(url)
    assert (head.headers["content-length"], head.content) == (str(size), b"")
    etag = whole.headers["etag"]
    assert (await client.get(url, headers={"If-None-Match": etag})).status_code == 304
    other = await client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (other.status_code, len(other.content)) == (200, size)


async def test_what_there_is_comes_as_one_bundle_that_says_what_it_lacks(home: Home) -> None:
    context = await home.made(KITE, spoken=[1, 2], failed={3: "the voice refused this text"}, closed=False)
    async with home.client() as client:
        url = f"/api/books/{context.book_id}/editions/bundle.zip"
        assert (await client.get(url)).status_code == 404
        await home.bind(context, [await home.speak(context, 1)], chapter=1)
        whole = await client.get(url)
        assert (whole.status_code, whole.headers["content-type"]) == (200, "application/zip")
        assert whole.headers["bookwright-missing-pages"] == "4-7"
        part = await client.get(url, headers={"Range": "bytes=50-99"})
        assert (part.status_code, part.content) == (206, whole.content[50:100])
    with zipfile.ZipFile(io.BytesIO(whole.content)) as bundle:
        assert bundle.testzip() is None
        manifest = json.loads(bundle.read("manifest.json"))
        [name] = set(bundle.namelist()) - {"manifest.json", "SHA256SUMS"}
        digest = hashlib.sha256(bundle.read(name)).hexdigest()
        assert bundle.read("SHA256SUMS").decode() == f"{digest}  {name}\n"
    assert (manifest["title"], manifest["complete"], manifest["missing_editions"]) == (
        KITE.title,
        False,
        ["m4b", "epub", "pdf"],
    )
    assert manifest["missing_pages"] == [
        {"page": page, "reason": "This page is still being made."} for page in (4, 5, 6, 7)
    ]


async def test_voices_are_listed_for_a_language(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/voices", params={"language": "hi"})).json()
    assert found["provider"] == "espeak-ng" and "hi" in [voice["id"] for voice in found["voices"]]
    for wrong in ({}, {"language": "tlh-Qaak"}, {"language": "no tag"}, {"language": "x" * 50}):
        answer = await client.get("/api/voices", params=wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "language")


async def test_a_deleted_book_is_gone_with_its_bytes(home: Home) -> None:
    kept = await home.made(CLOUD)
    gone = await home.made(KITE)
    kept_sounds, sounds = [
        {page.asset for page in (await Shelf(home.database).overview(LOCAL_OWNER, book.book_id)).pages}
        for book in (kept, gone)
    ]
    async with home.client() as client:
        path = f"/api/books/{gone.book_id}"
        assert (await client.delete(path)).status_code == 204
        for end in ("", "/status/", "/pages/", "/reader", "/audio/page_0001.mp3"):
            assert (await client.get(path + end)).status_code == 404
        assert (await client.delete(path)).status_code == 404
        assert (await client.get(f"/api/books/{kept.book_id}/audio/page_0001.mp3")).status_code == 200
    there = set(home.assets.all())
    assert kept_sounds <= there and not sounds & there


async def test_a_book_that_waits_is_deleted_without_temporal_one_that_runs_is_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_routes, "PATIENCE_S", 0.0)
    running = await home.made(KITE, spoken=[], closed=False)
    async with home.client() as client:
        assert (
            await client.post(
                "/api/books/upload/", files={"file": ("a.md", b"One.")}, headers={"Prefer": "respond-async"}
            )
        ).status_code == 202
        [number] = [book["number"] for book in (await client.get("/api/books")).json()["books"][:1]]
        assert (await client.delete(f"/api/books/{number}")).status_code == 204
        refused = await client.delete(f"/api/books/{running.book_id}")
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        assert (await client.get(f"/api/books/{running.book_id}")).json()["job_state"] == "running"
    async with home.client(BELA, Role.USER) as bela:
        assert (await bela.delete(f"/api/books/{running.book_id}")).status_code == 404
