"""Stories over HTTP: books ordered with a brief, and stories, pictures and sound as separate jobs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.schemas.stories import LUNA
from bookwright.contracts.access import Role
from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import LOCAL_OWNER, JobId, OwnerId
from bookwright.contracts.orders import Edition, JobKind, Track
from bookwright.contracts.progress import JobEnd, JobState, StageChange, StageName
from bookwright.contracts.stories import Brief, Notes
from bookwright.estimating import Makers
from bookwright.money.prices import default_prices
from bookwright.providers.gemini import GeminiModel, GeminiPictures
from bookwright.providers.local.composing import LocalModel
from bookwright.providers.local.purposes import composers
from tests.support.library import Home, home_at
from tests.support.stories import KITE

ADVENTURE = [
    "character_extraction",
    "enhancement",
    "story_generation",
    "scene_creation",
    "consistency_validation",
    "audio_generation",
    "pdf_creation",
]
SEARCH = [name for name in ADVENTURE if name not in ("story_generation", "audio_generation")]
BEES = "Grandmother kept bees behind the mill."


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    prices = default_prices()
    makers = Makers(
        home.engine, prices, text=GeminiModel("a-key", prices=prices), images=GeminiPictures("a-key", prices=prices)
    )
    async with home.client(app=home.app(makers=makers)) as asking:
        yield asking


async def generate(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await client.post("/api/books/generate", json=LUNA | changes)


async def test_a_book_is_ordered_with_a_brief(home: Home, client: httpx.AsyncClient) -> None:
    answer = await generate(client, occasion_theme="birthday", priority=2, child_profile_id=17, style="minimalist")
    assert answer.status_code == 202
    body = answer.json()
    number = body["job_id"]
    assert (body["success"], body["message"]) == (True, f"Job {number} created successfully")
    assert answer.headers["location"] == body["status_url"] and int(answer.headers["retry-after"]) > 0
    assert body["estimate"]["pages"] == 24 and float(body["estimate"]["cost_high_usd"]) > 0
    row = await home.jobs.job(LOCAL_OWNER, number)
    assert (row.kind, row.priority, row.order.max_retries, row.state) == (JobKind.STORY, 2, 3, JobState.QUEUED)
    assert row.order.tracks == (Track.NARRATION, Track.ILLUSTRATIONS) and row.order.style == "minimalist"
    assert isinstance(row.order.source, Brief) and row.order.source.occasion_theme == "birthday"

    for path in (answer.headers["location"], f"/api/books/{row.job_id}/status", f"/api/books/{row.book_id}/status"):
        status = (await client.get(path)).json()
        assert (status["job_id"], status["status"], status["overall_progress"]) == (number, "pending", 0)
        assert [stage["stage_name"] for stage in status["stages"]] == ADVENTURE
        assert {stage["status"] for stage in status["stages"]} == {"pending"}
        assert [stage["id"] for stage in status["stages"]] == list(range(1, 8))
        assert (status["retry_count"], status["result_data"], status["child_profile_id"]) == (0, None, "17")
    as_job = (await client.get(f"/api/jobs/{number}/status")).json()
    assert (as_job["type"], as_job["attempts"]) == ("story_generation", 1)


async def test_a_search_book_has_stages_of_its_own_and_no_sound(home: Home, client: httpx.AsyncClient) -> None:
    number = (await generate(client, job_type="interactive_search")).json()["job_id"]
    status = (await client.get(f"/api/books/{number}/status")).json()
    assert [stage["stage_name"] for stage in status["stages"]] == SEARCH
    order = (await home.jobs.job(LOCAL_OWNER, number)).order
    assert order.tracks == (Track.ILLUSTRATIONS,) and order.editions == (Edition.EPUB, Edition.PDF)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"job_type": "poem"}, "job_type"),
        ({"character_name": ""}, "character_name"),
        ({"character_name": "L" * 81}, "character_name"),
        ({"character_name": " \t"}, "character_name"),
        ({"story_world": "a\x00b"}, "story_world"),
        ({"age_group": "10-7"}, "age_group"),
        ({"age_group": "young"}, "age_group"),
        ({"priority": 0}, "priority"),
        ({"priority": 11}, "priority"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 11}, "max_retries"),
        ({"pages": 3}, "pages"),
        ({"language": "xx"}, "language"),
        ({"voice": "nobody"}, "voice"),
        ({"budget": "0"}, "budget"),
        ({"flavour": "mint"}, "flavour"),
        ({"special_ability": "kills everybody with a gun"}, "special_ability"),
        ({"character_image_url": "ftp://example.com/luna.png"}, "character_image_url"),
        ({"character_image_url": "http://127.0.0.1/luna.png"}, "character_image_url"),
        ({"character_image_url": "http://[::1]/luna.png"}, "character_image_url"),
        ({"character_image_url": "http://0x7f000001/luna.png"}, "character_image_url"),
        ({"character_image_url": "http://2130706433/luna.png"}, "character_image_url"),
        ({"character_image_url": "http://127.1/luna.png"}, "character_image_url"),
        ({"character_image_url": "http://[::ffff:10.0.0.1]/luna.png"}, "character_image_url"),
        ({"character_image_url": "http://169.254.169.254/latest/meta-data"}, "character_image_url"),
        ({"character_image_url": "http://localhost./luna.png"}, "character_image_url"),
        ({"character_image_url": "http://me:secret@example.com/luna.png"}, "character_image_url"),
        ({"character_image_url": "https://example.com/" + "l" * 2_000}, "character_image_url"),
    ],
)
async def test_a_brief_that_can_not_be_worked_off_is_refused_and_leaves_nothing(
    home: Home, client: httpx.AsyncClient, changes: dict[str, Any], field: str
) -> None:
    answer = await generate(client, **changes)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    if field in ("special_ability", "character_image_url"):
        assert str(changes[field]) not in answer.text, "what was given is not repeated"
    assert (await client.get("/api/books/jobs")).json() == {"jobs": [], "next_cursor": None}


async def test_what_is_not_for_the_readers_is_explained(client: httpx.AsyncClient) -> None:
    answer = await generate(client, special_ability="kills everybody with a gun", age_group="4-7")
    [error] = answer.json()["errors"]
    assert "readers of 4" in error["message"] and "violence" in error["message"] and "gun" not in error["message"]


async def test_only_an_admin_orders_for_somebody_else(home: Home, client: httpx.AsyncClient) -> None:
    answer = await generate(client, user_id="mira")
    assert answer.status_code == 202
    assert (await client.get(f"/api/books/{answer.json()['job_id']}/status")).status_code == 404
    async with home.client(OwnerId("mira"), Role.USER, app=client._transport.app) as mira:  # type: ignore[attr-defined]
        assert (await mira.get(f"/api/books/{answer.json()['job_id']}/status")).status_code == 200
        assert (await generate(mira, user_id="mira")).status_code == 202
        assert (await generate(mira, user_id="local")).status_code == 403
        assert (await generate(mira, user_id=7)).status_code == 403


async def test_the_same_request_again_gets_the_same_answer(client: httpx.AsyncClient) -> None:
    first = await client.post("/api/books/generate", json=LUNA, headers={"Idempotency-Key": "luna"})
    again = await client.post("/api/books/generate", json=LUNA, headers={"Idempotency-Key": "luna"})
    assert again.content == first.content and again.headers["location"] == first.headers["location"]
    other = await client.post("/api/books/generate", json=LUNA | {"pages": 8}, headers={"Idempotency-Key": "luna"})
    assert other.status_code == 422
    assert len((await client.get("/api/books/jobs")).json()["jobs"]) == 1


async def test_stages_start_with_their_first_part_and_end_with_their_last(
    home: Home, client: httpx.AsyncClient
) -> None:
    number = (await generate(client)).json()["job_id"]
    row = await home.jobs.job(LOCAL_OWNER, number)
    await home.jobs.started(LOCAL_OWNER, row.job_id)
    context = (await home.order(KITE)).model_copy(update={"book_id": row.book_id, "job_id": row.job_id})

    async def stage(name: StageName, state: TrackState, **counts: int) -> dict[str, Any]:
        await home.books.stage(context, StageChange(name=name, state=state, **counts))
        client._transport.app.state.statuses.changed(LOCAL_OWNER)  # type: ignore[attr-defined]
        body = (await client.get(f"/api/books/{number}/status")).json()
        seen.append(body["overall_progress"])
        return {stage["stage_name"]: stage for stage in body["stages"]}

    seen: list[int] = []
    await stage(StageName.CHARACTERS, TrackState.COMPLETED, total=1, done=1)
    shown = await stage(StageName.STORY, TrackState.PROCESSING, total=4)
    assert shown["character_extraction"]["progress_percentage"] == 100
    assert shown["story_generation"]["started_at"] and not shown["story_generation"]["completed_at"]
    await home.read(context, KITE)
    shown = await stage(StageName.STORY, TrackState.COMPLETED, total=4, done=4)
    assert shown["story_generation"]["status"] == "completed" and shown["story_generation"]["completed_at"]
    shown = await stage(StageName.ILLUSTRATIONS, TrackState.PROCESSING, total=context.pages)
    assert shown["scene_creation"]["status"] == "processing"
    end = JobEnd(owner_id=LOCAL_OWNER, job_id=JobId(row.job_id), state=JobState.FAILED, error="no", may_retry=True)
    await home.books.close_job(end)
    shown = await stage(StageName.BINDING, TrackState.PENDING)
    assert seen == sorted(seen) and seen[0] > 0, "progress never goes back, also not when it begins again"
    body = (await client.get(f"/api/books/{number}/status")).json()
    assert (body["status"], body["retry_count"], body["error_message"]) == ("pending", 1, "no")
    [listed] = [job for job in (await client.get("/api/books/jobs")).json()["jobs"] if job["job_id"] == number]
    assert (listed["overall_progress"], listed["retry_count"]) == (body["overall_progress"], 1)


async def test_a_book_of_another_kind_has_the_stages_that_it_has(home: Home, client: httpx.AsyncClient) -> None:
    kite = await home.made(KITE, spoken=[])
    body = (await client.get(f"/api/books/{kite.book_id}/status")).json()
    assert [stage["stage_name"] for stage in body["stages"]] == ["story_generation", "audio_generation", "pdf_creation"]
    assert (body["status"], body["overall_progress"]) == ("completed", 100)
    assert body["result_data"]["pages"] == kite.pages and body["result_data"]["editions"] == []
    assert (await client.get("/api/books/nothing/status")).status_code == 404


async def test_a_story_is_ordered_from_notes_and_pictures_follow(home: Home, client: httpx.AsyncClient) -> None:
    config = {"content": BEES, "numberOfPages": 4, "includeAIImages": True, "storyKind": "life", "improveGrammar": True}
    answer = await client.post("/api/jobs/create", json={"type": "story_generation", "config": config})
    assert answer.status_code == 202, answer.text
    body = answer.json()
    row = await home.jobs.job(LOCAL_OWNER, body["jobId"])
    assert (body["storyId"], body["status"], row.kind) == (row.book_id, "pending", JobKind.STORY)
    assert isinstance(row.order.source, Notes) and row.order.source.improve_grammar
    assert await home.assets.get(row.order.source.content) == BEES.encode()
    assert (row.order.tracks, row.order.then) == ((), (Track.ILLUSTRATIONS,))
    assert body["estimate"]["pages"] == 4 and body["estimate"]["calls"] > 4
    await home.jobs.started(LOCAL_OWNER, row.job_id)
    await home.jobs.close(LOCAL_OWNER, row.job_id, JobState.DONE, None)
    following = (await client.get("/api/jobs")).json()["jobs"][0]
    assert (following["type"], following["status"], following["storyId"]) == (
        "image_generation",
        "pending",
        row.book_id,
    )


async def test_a_book_that_is_there_is_illustrated_and_keeps_its_sound(home: Home, client: httpx.AsyncClient) -> None:
    kite = await home.made(KITE)
    wish = {"type": "image_generation", "storyId": kite.book_id, "config": {"style": "realistic", "count": 2}}
    answer = await client.post("/api/jobs/create", json=wish)
    assert answer.status_code == 202, answer.text
    row = await home.jobs.job(LOCAL_OWNER, answer.json()["jobId"])
    assert (row.kind, row.order.tracks, row.order.pictures) == (JobKind.IMAGE, (Track.ILLUSTRATIONS,), 2)
    assert row.order.editions == (Edition.MP3, Edition.M4B, Edition.EPUB, Edition.PDF)
    assert answer.json()["estimate"]["pages"] == 2 and answer.json()["estimate"]["calls"] == 3
    again = await client.post("/api/jobs/create", json=wish)
    assert again.json()["jobId"] == row.job_id
    listed = (await client.get("/api/admin/jobs/list?type=image_generation")).json()["jobs"]
    assert [job["jobId"] for job in listed] == [row.job_id]
    stats = (await client.get("/api/admin/jobs/stats")).json()["queues"]
    assert stats["image_generation"]["waiting"] == 1 and stats["story_generation"]["waiting"] == 0


async def test_the_text_of_a_book_is_written_anew(home: Home, client: httpx.AsyncClient) -> None:
    kite = await home.made(KITE)
    wish = {"type": "story_generation", "storyId": kite.book_id, "config": {"numberOfPages": 4}}
    answer = await client.post("/api/jobs/create", json=wish)
    assert answer.status_code == 202, answer.text
    row = await home.jobs.job(LOCAL_OWNER, answer.json()["jobId"])
    assert (row.book_id, row.generation, row.kind) == (kite.book_id, 2, JobKind.STORY)
    assert isinstance(row.order.source, Notes) and Edition.M4B in row.order.editions
    notes = (await home.assets.get(row.order.source.content)).decode()
    assert notes.startswith(KITE.pages[0][:20])


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"type": "story_generation"}, "config.content"),
        ({"type": "story_generation", "config": {"content": "?! 12"}}, "content"),
        ({"type": "story_generation", "config": {"content": "Bees.", "numberOfPages": 201}}, "numberOfPages"),
        ({"type": "story_generation", "config": {"content": "Bees.", "storyKind": "epic"}}, "storyKind"),
        ({"type": "story_generation", "config": {"content": "Bees.", "tone": "t" * 201}}, "tone"),
        ({"type": "image_generation"}, "storyId"),
        ({"type": "image_generation", "storyId": "1", "config": {"style": "cubist"}}, "style"),
        ({"type": "image_generation", "storyId": "1", "config": {"count": 0}}, "count"),
    ],
)
async def test_an_order_for_a_job_that_can_not_be_worked_off(
    client: httpx.AsyncClient, order: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/jobs/create", json=order)
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["errors"][0]["field"]
    assert (await client.get("/api/jobs")).json()["jobs"] == []


async def test_without_anybody_who_writes_or_draws_that_is_said(home: Home) -> None:
    async with home.client() as client:
        answer = await generate(client)
        assert answer.status_code == 422 and "BOOKWRIGHT_TEXT" in answer.json()["detail"]


async def test_what_the_offline_writer_can_not_write_is_refused_with_the_remedy(home: Home) -> None:
    """It is said when a book is ordered or estimated, not by a job that fails."""
    notes = {"type": "story_generation", "config": {"content": BEES, "numberOfPages": 2}}
    in_tamil = {**notes, "config": {"content": BEES, "numberOfPages": 2, "language": "ta"}}
    offline = Makers(home.engine, default_prices(), text=LocalModel(composers()))
    async with home.client(app=home.app(makers=offline)) as client:
        for path, order in (
            ("/api/books/generate", LUNA | {"job_type": "interactive_search", "language": "ta", "pages": 4}),
            ("/api/jobs/create", in_tamil),
            ("/api/estimate", in_tamil),
            ("/api/estimate", LUNA | {"language": "ta"}),
        ):
            answer = await client.post(path, json=order)
            assert answer.status_code == 422, answer.text
            (error,) = answer.json()["errors"]
            assert error["field"].endswith("language") and "BOOKWRIGHT_TEXT" in answer.text
        assert (await client.post("/api/estimate", json=notes)).status_code == 200, "what is not said is in English"
        assert (await client.get("/api/jobs")).json()["jobs"] == []


async def test_what_a_story_would_take_is_said_before_it_is_ordered(client: httpx.AsyncClient) -> None:
    brief = await client.post("/api/estimate", json=LUNA)
    assert brief.status_code == 200, brief.text
    found = brief.json()
    stages = {stage["name"]: stage["calls"] for stage in found["stages"]}
    assert list(stages)[:3] == ["characters", "enhancement", "story"]
    assert (stages["characters"], stages["enhancement"], stages["illustrations"]) == (1, 1, 24)
    assert stages["story"] == 4, "an outline, and three chapters of eight pages"
    assert 0 < float(found["cost_low_usd"]) < float(found["cost_high_usd"]) and found["pages"] == 24
    notes = await client.post(
        "/api/estimate", json={"type": "story_generation", "config": {"content": BEES, "numberOfPages": 16}}
    )
    assert notes.json()["pages"] == 16 and notes.json()["words"] > 3_500
    wrong = await client.post("/api/estimate", json=LUNA | {"age_group": "old"})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "age_group"
    assert (await client.get("/api/jobs")).json()["jobs"] == []


async def test_a_brief_and_notes_say_what_the_book_is_to_have(home: Home, client: httpx.AsyncClient) -> None:
    answer = await generate(client, tracks=["narration", "illustrations"], editions=["pdf", "m4b"])
    row = await home.jobs.job(LOCAL_OWNER, answer.json()["job_id"])
    assert (row.order.tracks, row.order.editions) == (
        (Track.NARRATION, Track.ILLUSTRATIONS),
        (Edition.PDF, Edition.M4B),
    )
    silent = await generate(client, tracks=["illustrations"])
    row = await home.jobs.job(LOCAL_OWNER, silent.json()["job_id"])
    assert row.order.editions == (Edition.EPUB, Edition.PDF), "a book that nobody speaks has no sound files"
    unseen = await generate(client, job_type="interactive_search", tracks=["narration"])
    assert unseen.status_code == 422 and unseen.json()["errors"][0]["field"] == "tracks"
    config = {"content": BEES, "numberOfPages": 4, "includeAIImages": True, "includeAudio": True, "voice": "en-gb+f2"}
    told = await client.post("/api/jobs/create", json={"type": "story_generation", "config": config})
    row = await home.jobs.job(LOCAL_OWNER, told.json()["jobId"])
    assert (row.order.then, row.order.voice) == ((Track.NARRATION, Track.ILLUSTRATIONS), "en-gb+f2")
    plain = await client.post("/api/estimate", json={"type": "story_generation", "config": {"content": BEES}})
    whole = await client.post("/api/estimate", json={"type": "story_generation", "config": config})
    named = {stage["name"] for stage in whole.json()["stages"]}
    assert {"narration", "illustrations"} <= named and "illustrations" not in str(plain.json()["stages"])
