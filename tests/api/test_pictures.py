"""Pictures and ambient sounds of pages: shown, served in ranges, made anew."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bookwright.contracts.book import TrackState
from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.orders import TRACKS, BookContext, JobKind, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobState
from tests.activities.conftest import wav
from tests.support.library import Home, home_at
from tests.support.stories import KITE

SOUND = wav("wind")


def png() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((96, 72)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


@pytest.fixture
async def kite(home: Home) -> BookContext:
    """A finished book: page 2 has a picture, pages 1 and 2 a sound, and page 3 nothing."""
    context = await home.order(KITE, TRACKS)
    await home.read(context, KITE)
    await home.draw(context, 2, png(), "A kite above a roof.")
    await home.score(context, (1, 2), SOUND)
    await home.close(context)
    return context


async def test_pages_say_how_each_track_stands(client: httpx.AsyncClient, kite: BookContext) -> None:
    book = (await client.get(f"/api/books/{kite.book_id}/reader")).json()
    shown = [(page["state"], page["image_state"], page["ambience_state"]) for page in book["pages"][:3]]
    assert shown == [
        ("pending", "pending", "completed"),
        ("pending", "completed", "completed"),
        ("pending", "pending", "pending"),
    ]
    page = (await client.get(f"/api/books/{kite.book_id}/pages/2")).json()
    assert page["image"] == {"alt": "A kite above a roof.", "width": 96, "height": 72}
    assert "image" not in (await client.get(f"/api/books/{kite.book_id}/pages/1")).json()


@pytest.mark.parametrize(
    ("what", "data", "media_type"), [("image", png(), "image/png"), ("ambience", SOUND, "audio/wav")]
)
async def test_what_there_is_of_a_page_is_served_whole_in_ranges_and_once(
    client: httpx.AsyncClient, kite: BookContext, what: str, data: bytes, media_type: str
) -> None:
    url = (await client.get(f"/api/books/{kite.book_id}/pages/2")).json()[f"{what}_url"]
    whole = await client.get(url)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, data, media_type)
    assert "immutable" in whole.headers["cache-control"] and whole.headers["x-content-type-options"] == "nosniff"
    part = await client.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, data[10:20])
    again = await client.get(url, headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.head(url)).headers["content-length"] == str(len(data))


async def test_a_page_without_them_has_none(client: httpx.AsyncClient, kite: BookContext) -> None:
    page = (await client.get(f"/api/books/{kite.book_id}/pages/3")).json()
    assert "image_url" not in page and "ambience_url" not in page
    for what in ("image", "ambience"):
        assert (await client.get(f"/api/books/{kite.book_id}/pages/3/{what}")).status_code == 404


async def test_another_user_sees_nothing_of_them(home: Home, kite: BookContext) -> None:
    async with home.client(owner=OwnerId("bela")) as bela:
        for what in ("image", "ambience"):
            assert (await bela.get(f"/api/books/{kite.book_id}/pages/2/{what}")).status_code == 404


async def test_a_picture_is_made_anew_alone(home: Home, client: httpx.AsyncClient, kite: BookContext) -> None:
    answer = await client.post(f"/api/books/{kite.book_id}/pages/2/redo", json={"track": "illustrations"})
    assert answer.status_code == 202
    (work,) = await home.books.begin_pages(kite, Track.ILLUSTRATIONS, 2, 2)
    assert work.take >= 10, "another take, so that the old picture is not found again"
    page = (await client.get(f"/api/books/{kite.book_id}/pages/2")).json()
    assert (page["image_state"], page["ambience_state"]) == ("processing", "completed")


async def test_a_sound_is_made_anew_for_all_pages_that_share_it(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    answer = await client.post(f"/api/books/{kite.book_id}/pages/2/redo", json={"track": "soundscape"})
    assert answer.status_code == 202
    works = await home.books.begin_pages(kite, Track.SOUNDSCAPE, 1, 3)
    assert [(work.page.number, work.take >= 10) for work in works] == [(1, True), (2, True), (3, False)]


async def test_a_track_that_was_not_ordered_is_not_made_anew(home: Home, client: httpx.AsyncClient) -> None:
    plain = await home.made(KITE, spoken=[1])
    answer = await client.post(f"/api/books/{plain.book_id}/pages/1/redo", json={"track": "illustrations"})
    assert answer.status_code == 409 and "illustrations" in answer.json()["detail"]


async def test_a_picture_is_made_anew_and_the_old_one_can_be_had_back(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    page = f"/api/books/{kite.book_id}/pages/2"
    redone = await client.post(f"{page}/redo", json={"track": "illustrations"})
    assert redone.status_code == 202, redone.text
    job = await home.jobs.job(LOCAL_OWNER, redone.json()["jobId"])
    assert (job.kind, job.order.tracks) == (JobKind.IMAGE, (Track.ILLUSTRATIONS,))
    other = await client.post(f"{page}/redo", json={"track": "soundscape"})
    assert other.status_code == 409, "the job that waits makes pictures only"
    again = await client.post(f"{page}/redo", json={"track": "illustrations"})
    assert again.json()["jobId"] == job.job_id
    await home.draw(kite, 2, png(), "Another kite.")
    await home.jobs.close(LOCAL_OWNER, job.job_id, JobState.DONE, None)

    path = f"{page}/versions?track=illustrations"
    listed = (await client.get(path)).json()
    assert listed["track"] == "illustrations"
    assert [(one["current"], one["description"]) for one in listed["versions"]] == [
        (True, "Another kite."),
        (False, "A kite above a roof."),
    ]
    old = listed["versions"][1]
    picture = await client.get(old["url"])
    assert (picture.status_code, picture.headers["content-type"], picture.content) == (200, "image/png", png())
    chosen = await client.put(f"{page}/versions/{old['version']}?track=illustrations")
    assert [one["current"] for one in chosen.json()["versions"] if one["version"] == old["version"]] == [True]
    assert (await client.get(page)).json()["image"]["alt"] == "A kite above a roof."
    assert (await client.put(f"{page}/versions/99?track=illustrations")).status_code == 404
    assert (await client.get(f"{page}/versions/99/file")).status_code == 404


async def test_a_track_is_made_anew_after_a_job_for_another_one(
    home: Home, client: httpx.AsyncClient, kite: BookContext
) -> None:
    """The book was narrated before its pictures were ordered: its sound can be made anew all the same."""
    order = {"type": "image_generation", "storyId": kite.book_id}
    job = (await client.post("/api/jobs/create", json=order)).json()["jobId"]
    await home.jobs.started(LOCAL_OWNER, job)
    busy = await client.post(f"/api/books/{kite.book_id}/pages/2/redo", json={"track": "narration"})
    assert (busy.status_code, busy.json()["jobId"]) == (202, job), "it is kept until that job has ended"
    await home.jobs.close(LOCAL_OWNER, job, JobState.DONE, None)
    redone = await client.post(f"/api/books/{kite.book_id}/pages/2/redo", json={"track": "narration"})
    row = await home.jobs.job(LOCAL_OWNER, redone.json()["jobId"])
    assert (row.kind, row.order.tracks, row.generation) == (JobKind.AUDIO, (Track.NARRATION,), 3)


async def test_a_picture_says_who_judged_it_and_what_is_wrong_with_it(home: Home, client: httpx.AsyncClient) -> None:
    ordered = await home.order(KITE, TRACKS)
    sheet = CharacterSheet(characters=(Character(name="Asha", kind="girl", looks="red scarf"),))
    asset = await home.assets.put(sheet.model_dump_json().encode(), "application/json")
    context = ordered.model_copy(update={"sheet": asset})
    await home.read(context, KITE)
    await home.draw(context, 1, png())
    await home.draw(context, 2, png())
    for page, state, note in ((1, TrackState.COMPLETED, None), (2, TrackState.FAILED, "Asha looks different")):
        judged = {"made_by": "gemini", "error_type": "NotAlike" if note else None, "error": note}
        outcome = PageOutcome.model_validate({"page": page, "track": Track.VALIDATION, "state": state} | judged)
        await home.books.page_outcome(context, outcome)
    book = (await client.get(f"/api/books/{context.book_id}/reader")).json()
    assert [page.get("image_note") for page in book["pages"][:3]] == [None, "Asha looks different", None]
    page = (await client.get(f"/api/books/{context.book_id}/pages/2")).json()
    assert page["image"]["judged"] == "gemini" and page["image_state"] == "completed"


async def test_the_first_picture_is_on_the_cover(home: Home, client: httpx.AsyncClient, kite: BookContext) -> None:
    cover = await client.get(f"/api/books/{kite.book_id}/cover")
    with Image.open(io.BytesIO(cover.content)) as image:
        red, green, blue = image.convert("RGB").getpixel((700, 800))  # type: ignore[misc]
    assert max(red, green, blue) - min(red, green, blue) < 12, "the gradient of greys, not a drawn landscape"
    unchanged = await client.get(f"/api/books/{kite.book_id}/cover", headers={"If-None-Match": cover.headers["etag"]})
    assert unchanged.status_code == 304
    other = await home.made(KITE)
    assert (await client.get(f"/api/books/{other.book_id}/cover")).headers["etag"] != cover.headers["etag"]
