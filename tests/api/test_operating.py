"""What operators see of anybody's job, and do to many at once."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from bookwright.bulk import BulkSteering
from bookwright.contracts.access import Role
from bookwright.contracts.calls import Answer, Holder, Reservation, Usage
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ids import LOCAL_OWNER, JobId, OwnerId
from bookwright.contracts.orders import BookContext, BookOrder, InlineText
from bookwright.contracts.progress import JobState
from bookwright.steering import Steering
from bookwright.store import JobRow, LedgerStore
from bookwright.store.bulk.store import BulkStore
from tests.store.conftest import call_of
from tests.support.library import Home, home_at
from tests.support.stories import KITE

MIRA = OwnerId("mira")
REFUSED = "the voice refused this text"


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="module")
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


@pytest.fixture(scope="module")
async def failed(home: Home) -> BookContext:
    """A job two of whose pages failed, after a call for one of them was paid and another one was not answered."""
    book = await home.made(KITE, spoken=[1], failed={2: REFUSED, 3: REFUSED}, closed=False)
    ledger = LedgerStore(home.database, home.assets)
    for text in ("paid", "lost"):
        unit = f"page/2/narration/{text}"
        usage = Usage(owner_id=LOCAL_OWNER, book_id=book.book_id, job_id=JobId(book.job_id), unit=unit)
        reserved = await ledger.reserve(call_of(text, cost=900), usage, Holder(activity=text, attempt=1))
        assert isinstance(reserved, Reservation)
        await ledger.sent(reserved, 30)
        if text == "lost":
            await ledger.fail(reserved, "HTTP 500")
        else:
            asset = await home.assets.put(b"RIFF....WAVE", "audio/wav")
            await ledger.settle(reserved, Answer(asset=asset, facts={}, cost_micros=700))
    await home.close(book, JobState.FAILED, "no page could be spoken")
    return book


async def ordered(home: Home, owner: OwnerId, book: str) -> JobRow:
    order = BookOrder(owner_id=owner, book_id=book, title=book, source=InlineText(text="Once."))
    return await home.jobs.accept(order, fingerprint=book)


async def end(home: Home, job: JobRow, state: JobState = JobState.FAILED) -> None:
    await home.jobs.started(job.owner_id, job.job_id)
    await home.jobs.close(job.owner_id, job.job_id, state, "the voice is gone" if state is JobState.FAILED else None)


async def test_a_job_is_looked_into(client: httpx.AsyncClient, failed: BookContext) -> None:
    found = (await client.get(f"/api/admin/jobs/{failed.job_id}")).json()
    assert (found["user"], found["job"]["status"], found["temporalUrl"]) == (LOCAL_OWNER, "failed", None)
    assert found["causes"][0] == {
        "where": "job",
        "cause": "failed",
        "message": "no page could be spoken",
        "count": 1,
        "pages": [],
    }
    told = {(cause["where"], cause["cause"]): cause for cause in found["causes"]}
    assert (told["narration", "Unspeakable"]["count"], told["narration", "Unspeakable"]["pages"]) == (2, [2, 3])
    assert told["call to voice", "failed"]["message"] == "HTTP 500"
    assert [(one["state"], one["attempts"], one["cost"]) for one in found["calls"]] == [
        ("failed", 1, "0.00"),
        ("settled", 1, "0.0007"),
    ]
    assert sum(chapter["failed"] for chapter in found["chapters"]) == 2


async def test_its_pages_and_calls_are_had_in_parts(client: httpx.AsyncClient, failed: BookContext) -> None:
    here = f"/api/admin/jobs/{failed.job_id}"
    first = (await client.get(f"{here}/pages?failed=true&limit=1")).json()
    [page] = first["pages"]
    assert (page["page"], page["attempts"], page["lost"], page["cost"]) == (2, 2, 1, "0.0007")
    assert (page["tracks"][0]["error"], page["tracks"][0]["status"]) == (REFUSED, "failed")
    rest = (await client.get(f"{here}/pages", params={"failed": True, "cursor": first["next_cursor"]})).json()
    assert ([page["page"] for page in rest["pages"]], rest["next_cursor"]) == ([3], None)
    newest = (await client.get(f"{here}/calls?limit=1")).json()
    assert (newest["calls"][0]["state"], newest["calls"][0]["reason"]) == ("failed", "HTTP 500")
    older = (await client.get(f"{here}/calls", params={"cursor": newest["next_cursor"]})).json()
    assert [(call["state"], call["cost"]) for call in older["calls"]] == [("settled", "0.0007")]
    assert (await client.get(f"{here}/calls", params={"cursor": first["next_cursor"]})).status_code == 422


async def test_the_page_in_temporals_ui_is_named_where_it_is_known(home: Home, failed: BookContext) -> None:
    app = home.app(temporal_ui=lambda: ("http://ui.example/", "books"))
    async with home.client(app=app) as asking:
        found = (await asking.get(f"/api/admin/jobs/{failed.job_id}")).json()
    assert found["temporalUrl"] == f"http://ui.example/namespaces/books/workflows/book%2F{failed.book_id}%2F1"


async def test_somebody_elses_job_is_retried_as_theirs(home: Home, client: httpx.AsyncClient) -> None:
    job = await ordered(home, MIRA, "mirror")
    await end(home, job)
    answer = await client.post(f"/api/admin/jobs/{job.number}/retry")
    assert answer.status_code == 202, answer.text
    following = await home.jobs.job(MIRA, answer.json()["jobId"])
    assert (following.generation, following.state) == (2, JobState.QUEUED)
    assert (await client.get(answer.headers["Location"])).json()["user"] == MIRA
    assert (await client.post(f"/api/admin/jobs/{job.number}/retry")).status_code == 409
    cancelled = await client.post(f"/api/admin/jobs/{following.number}/cancel")
    assert cancelled.json() == {"success": True, "jobId": following.job_id, "status": "cancelled"}


async def test_only_admins_get_in(home: Home) -> None:
    async with home.client(MIRA, Role.USER) as reader:
        for path in ("history", "1", "1/pages", "1/calls"):
            assert (await reader.get(f"/api/admin/jobs/{path}")).status_code == 403
        assert (await reader.post("/api/admin/jobs/cancel", json={})).status_code == 403
        for path in ("health", "dead-letters", "bulk"):
            assert (await reader.get(f"/api/admin/{path}")).status_code == 403


@pytest.mark.parametrize("name", ["99999", "nobody", "x" * 65])
async def test_an_unknown_job_is_not_found(client: httpx.AsyncClient, name: str) -> None:
    for path in ("", "/pages", "/calls"):
        assert (await client.get(f"/api/admin/jobs/{name}{path}")).status_code == 404
    assert (await client.post(f"/api/admin/jobs/{name}/retry")).status_code == 404
    assert (await client.get("/api/admin/jobs/retry")).status_code == 405


async def test_many_are_retried_after_their_count_was_confirmed(home: Home, client: httpx.AsyncClient) -> None:
    orla = OwnerId("orla")
    jobs = [await ordered(home, orla, f"shell-{number}") for number in range(30)]
    for job in jobs:
        await end(home, job)
    wanted = {"user": orla, "state": "failed", "type": "audio_generation"}
    count = (await client.post("/api/admin/jobs/retry", json=wanted)).json()
    assert count == {"action": "retry", "count": 30}
    stale = await client.post("/api/admin/jobs/retry", json={**wanted, "expected": 29})
    assert (stale.status_code, stale.json()["errors"][0]["field"]) == (409, "expected")
    assert "30 such jobs now" in stale.json()["detail"]
    headers = {"Idempotency-Key": "twice"}
    order = {**wanted, "expected": 30}
    both = [await client.post("/api/admin/jobs/retry", json=order, headers=headers) for _ in range(2)]
    begun = both[0].json()
    assert (both[0].status_code, both[1].json(), begun["open"]) == (202, begun, 30)
    bulk = BulkSteering(BulkStore(home.database), home.jobs, Steering(home.jobs, no_temporal))
    await bulk.look()
    now = (await client.get(both[0].headers["Location"])).json()
    assert (now["open"], now["done"], now["refused"]) == (0, 30, 0)
    assert [job.generation for job in await home.jobs.jobs(orla, 30)] == [2] * 30
    assert (await client.post("/api/admin/jobs/retry", json=wanted)).json()["count"] == 0
    [listed, *_] = (await client.get("/api/admin/bulk")).json()["actions"]
    assert listed == now


async def test_what_needs_temporal_waits_for_it(home: Home, client: httpx.AsyncClient) -> None:
    job = await ordered(home, OwnerId("pia"), "pier")
    await home.jobs.started(job.owner_id, job.job_id)
    begun = (await client.post("/api/admin/jobs/pause", json={"user": "pia", "expected": 1})).json()
    await BulkSteering(BulkStore(home.database), home.jobs, Steering(home.jobs, no_temporal)).look()
    found = (await client.get(f"/api/admin/bulk/{begun['id']}")).json()
    assert (found["open"], found["done"], found["refused"]) == (1, 0, 0)
    await end(home, job, JobState.DONE)


async def no_temporal() -> Client:
    raise ServiceUnavailable("there is none")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"expected": -1}, "expected"),
        ({"state": "lost"}, "state"),
        ({"since": "2026-01-01T00:00:00"}, "since"),
        ({"number": 3}, "number"),
    ],
)
async def test_a_filter_that_is_none_is_refused(client: httpx.AsyncClient, wrong: dict[str, Any], field: str) -> None:
    answer = await client.post("/api/admin/jobs/cancel", json=wrong)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_lists_go_by_where_jobs_stand(home: Home, client: httpx.AsyncClient) -> None:
    queues = (await client.get("/api/admin/jobs/stats")).json()["totals"]
    for state, count in queues.items():
        listed = (await client.get(f"/api/admin/jobs/list?state={state}&limit=100")).json()["jobs"]
        assert len(listed) == count, state


async def test_what_happened_over_time(client: httpx.AsyncClient, failed: BookContext) -> None:
    day = (await client.get("/api/admin/jobs/history")).json()
    assert (day["span"], day["step"], len(day["buckets"])) == ("day", "1h", 24)
    assert day["buckets"][-1]["failed"] + day["buckets"][-2]["failed"] > 0
    assert len((await client.get("/api/admin/jobs/history?span=week")).json()["buckets"]) == 28
    refused = await client.get("/api/admin/jobs/history?span=week&step=15m")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "step")


async def test_health_without_temporal_is_degraded(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/admin/health")).json()
    assert (found["status"], found["temporal"], found["queues"], found["ambiguousCalls"]) == ("degraded", False, [], 0)
