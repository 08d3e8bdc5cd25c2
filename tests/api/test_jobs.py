"""Jobs over HTTP: ordering, lists, figures, and how one stands."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER, JobId, OwnerId
from bookwright.contracts.orders import JobKind
from bookwright.contracts.progress import JobState
from tests.support.library import Home, home_at
from tests.support.stories import KITE

UNKNOWN = "9c0f4a52-0000-4000-8000-000000000000"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


def audio(story: str, **config: Any) -> dict[str, Any]:
    return {"type": "audio_generation", "storyId": story, "config": config}


async def test_a_book_that_is_there_is_narrated_again_by_its_next_job(home: Home, client: httpx.AsyncClient) -> None:
    kite = await home.made(KITE, spoken=[1, 2, 3], failed={4: "the voice refused"})
    answer = await client.post("/api/jobs/create", json=audio(kite.book_id))
    assert answer.status_code == 202
    body = answer.json()
    assert (body["storyId"], body["status"]) == (kite.book_id, "pending")
    assert body["estimate"]["pages"] == kite.pages - 3, "what is spoken is not made again"
    assert answer.headers["location"] == f"/api/jobs/{body['jobId']}/status"
    assert int(answer.headers["retry-after"]) > 0
    row = await home.jobs.job(LOCAL_OWNER, body["jobId"])
    assert (row.generation, row.state, row.order.source.kind) == (2, JobState.QUEUED, "existing")
    again = await client.post("/api/jobs/create", json=audio(kite.book_id))
    assert again.json()["jobId"] == body["jobId"], "the job that waits does just that"
    other = await client.post("/api/jobs/create", json=audio(kite.book_id, priority=1))
    assert other.status_code == 409 and "wait for its end" in other.json()["detail"]


@pytest.mark.parametrize(
    ("order", "status", "field"),
    [
        ({"type": "story_generation", "config": {"content": "Bees."}}, 422, "type"),
        ({"type": "image_generation"}, 422, "storyId"),
        ({"type": "dance"}, 422, None),
        ({"type": "audio_generation"}, 422, "storyId"),
        (audio(UNKNOWN), 404, None),
        (audio("KITE", language="hi"), 422, "config.language"),
        (audio("KITE", voice="nobody"), 422, "voice"),
        (audio("KITE", tempo=3), 422, None),
        (audio("KITE") | {"user_id": "somebody"}, 422, None),
    ],
)
async def test_an_order_that_can_not_be_worked_off_leaves_nothing_behind(
    home: Home, client: httpx.AsyncClient, order: dict[str, Any], status: int, field: str | None
) -> None:
    kite = await home.made(KITE, spoken=[])
    if order.get("storyId") == "KITE":
        order = order | {"storyId": kite.book_id}
    answer = await client.post("/api/jobs/create", json=order)
    assert answer.status_code == status
    if field:
        assert answer.json()["errors"][0]["field"] == field
    assert len((await client.get("/api/jobs")).json()["jobs"]) == 1


async def test_the_status_of_a_job_that_is_done(home: Home, client: httpx.AsyncClient) -> None:
    kite = await home.made(KITE, spoken=[], closed=False)
    segments = [await home.speak(kite, page) for page in range(1, kite.pages + 1)]
    await home.bind(kite, segments)
    await home.close(kite)
    answer = await client.get(f"/api/jobs/{kite.job_id}/status")
    body = answer.json()
    assert (body["status"], body["progress"], body["type"]) == ("completed", 100, "audio_generation")
    assert (body["error"], body["cost"], body["attempts"]) == (None, "0.00", 1)
    assert [stage["name"] for stage in body["stages"]] == ["text", "narration", "binding"]
    [edition] = body["result"]["editions"]
    assert (await client.get(edition["url"])).status_code == 200
    assert body["createdAt"].endswith("Z") and body["finishedAt"].endswith("Z")
    tag = answer.headers["etag"]
    same = await client.get(f"/api/jobs/{kite.job_id}/status", headers={"If-None-Match": tag})
    assert same.status_code == 304
    assert (await client.get(f"/api/jobs/{body['number']}/status")).json()["jobId"] == kite.job_id


async def test_a_job_under_way_is_told_from_the_store_while_temporal_is_away(
    home: Home, client: httpx.AsyncClient
) -> None:
    half = await home.made(KITE, spoken=[1, 2], closed=False)
    body = (await client.get(f"/api/jobs/{half.job_id}/status")).json()
    assert body["status"] == "processing" and body["result"] is None
    asked = datetime.fromisoformat(body["as_of"])
    assert abs(datetime.now(UTC) - asked) < timedelta(minutes=1)


@pytest.mark.parametrize("name", [UNKNOWN, "0", "999999999", "a%00b", "x" * 70, "%F0%9F%AA%81"])
async def test_an_unknown_job_is_not_found_on_any_route(client: httpx.AsyncClient, name: str) -> None:
    for method, path in (("GET", "status"), ("GET", "events"), ("POST", "cancel"), ("POST", "retry")):
        answer = await client.request(method, f"/api/jobs/{name}/{path}")
        assert (answer.status_code, answer.json()["detail"]) == (404, "there is no such job")


async def test_somebody_elses_job_is_like_an_unknown_one(home: Home, client: httpx.AsyncClient) -> None:
    kite = await home.made(KITE, spoken=[])
    number = (await home.jobs.job(LOCAL_OWNER, kite.job_id)).number
    async with home.client(OwnerId("mira"), Role.USER) as other:
        for name in (kite.job_id, str(number)):
            for method, path, body in (
                ("GET", "status", None),
                ("GET", "events", None),
                ("POST", "cancel", None),
                ("POST", "pause", None),
                ("POST", "resume", None),
                ("POST", "retry", None),
                ("POST", "approve", None),
                ("POST", "budget", {"cap": "1"}),
            ):
                mine = await other.request(method, f"/api/jobs/{name}/{path}", json=body)
                none = await other.request(method, f"/api/jobs/{UNKNOWN}/{path}", json=body)
                assert (mine.status_code, mine.json()) == (404, none.json())
        assert (await other.post("/api/jobs/create", json=audio(kite.book_id))).status_code == 404
        assert (await other.get("/api/jobs")).json()["jobs"] == []
        assert (await other.get("/api/admin/jobs/list")).status_code == 403
        assert (await other.get("/api/admin/jobs/stats")).status_code == 403
        assert (await other.get("/api/usage")).json()["books"] == 0


async def test_lists_are_had_in_parts_newest_first(home: Home, client: httpx.AsyncClient) -> None:
    made = [(await home.order(KITE)).job_id for _ in range(5)]
    seen: list[str] = []
    address: str | None = "/api/jobs?limit=2"
    while address:
        answer = await client.get(address)
        seen += [job["jobId"] for job in answer.json()["jobs"]]
        address = answer.links["next"]["url"] if "next" in answer.links else None
        assert (address is None) == (answer.json()["next_cursor"] is None)
    assert seen == made[::-1]
    for wrong in ("nonsense", "WzEsMl0=", "%00"):
        assert (await client.get(f"/api/jobs?cursor={wrong}")).status_code == 422
    assert (await client.get("/api/jobs?limit=101")).status_code == 422


async def test_operators_find_jobs(home: Home, client: httpx.AsyncClient) -> None:
    done = await home.made(KITE, spoken=[])
    failed = await home.made(KITE, spoken=[], closed=False)
    await home.close(failed, JobState.FAILED, "the disk was full")
    running = await home.order(KITE)

    async def found(query: str) -> list[str]:
        answer = await client.get(f"/api/admin/jobs/list?{query}")
        assert answer.status_code == 200, answer.text
        return [job["jobId"] for job in answer.json()["jobs"]]

    everything = [running.job_id, failed.job_id, done.job_id]
    assert await found("") == everything
    assert await found("status=failed") == [failed.job_id]
    assert await found("status=processing") == [running.job_id]
    assert await found("type=audio_generation&user=local") == everything
    assert await found("user=mira") == []
    assert await found("q=that%20read") == everything and await found("q=100%25") == []
    assert await found(f"q={failed.job_id}") == [failed.job_id] and await found(f"q={done.book_id}") == [done.job_id]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert await found(f"since={tomorrow}") == [] and await found(f"until={tomorrow}") == everything
    assert (await client.get("/api/admin/jobs/list?since=2026-01-01T00:00:00")).status_code == 422
    [entry] = (await client.get("/api/admin/jobs/list?status=failed")).json()["jobs"]
    assert entry["error"] == "the disk was full"


async def test_figures_for_operators_and_for_oneself(home: Home, client: httpx.AsyncClient) -> None:
    await home.made(KITE, spoken=[])
    failed = await home.made(KITE, spoken=[], closed=False)
    await home.close(failed, JobState.FAILED, "the disk was full")
    paused = await home.order(KITE)
    await home.books.hold(LOCAL_OWNER, JobId(paused.job_id), "lunch", paused=True)
    delayed = await home.order(KITE)
    await home.books.hold(LOCAL_OWNER, JobId(delayed.job_id), "the provider asks to wait", paused=False)
    stats = (await client.get("/api/admin/jobs/stats")).json()
    counts = {
        "waiting": 0,
        "active": 0,
        "delayed": 1,
        "paused": 1,
        "completed": 1,
        "failed": 1,
        "cancelled": 0,
    }
    none = dict.fromkeys(counts, 0)
    assert stats["queues"] == {"story_generation": none, "image_generation": none, "audio_generation": counts}
    assert stats["totals"] == counts
    assert stats["throughput"] == {"last_hour": 1, "last_day": 1}
    assert stats["durations"]["p50"] is not None and stats["cost"] == {"today": "0.00", "month": "0.00"}
    assert {alert["type"] for alert in stats["alerts"]} == {"failures", "paused"}
    usage = (await client.get("/api/usage")).json()
    assert (usage["books"], usage["jobs"], usage["cap"]) == (4, counts, None)


async def test_jobs_start_by_priority_and_leave_room_for_others(home: Home, client: httpx.AsyncClient) -> None:
    """Admission over the API: who asks first is served first, but for priority; one user can't fill the house."""
    ordered = {}
    for name, priority in (("late", 7), ("first", 5), ("second", 5), ("urgent", 1)):
        book = await home.made(KITE, spoken=[])
        answer = await client.post("/api/jobs/create", json=audio(book.book_id, priority=priority))
        ordered[answer.json()["jobId"]] = name
    claimed = await home.jobs.claim({JobKind.AUDIO: 8}, per_user=3, batch=10)
    assert [ordered[job.job_id] for job in claimed] == ["urgent", "first", "second"]
