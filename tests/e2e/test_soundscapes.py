"""Soundscapes for books that are there, over HTTP, through emulated providers: the three bodies of the contract's
section 1, and what they cost."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from temporalio.service import RPCError, RPCStatusCode

from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.contracts.orders import Track
from bookwright.contracts.progress import JobState
from bookwright.store import JobRow
from bookwright.store.access.keys import KeyStore
from bookwright.temporal import free_port
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.stack import CLOSE_S, Stack, book_text

CHOICE = {"BOOKWRIGHT_TEXT": "gemini", "BOOKWRIGHT_SOUNDS": "replicate"}
ROUTE = "/api/generate-soundscapes"


@pytest.fixture(scope="module")
def others() -> Iterator[dict[str, EmulatorProcess]]:
    with EmulatorProcess("gemini") as gemini, EmulatorProcess("replicate") as replicate:
        yield {"gemini": gemini, "replicate": replicate}


def told(places: Sequence[str], failing: Sequence[int] = ()) -> list[str]:
    """The pages of a book whose n-th spread plays at the n-th place; the emulated model fails at `failing`."""
    return [
        f"{'Unheard' if page // 2 in failing else 'Then'}, zephyrine, on page {page + 1}: setting={places[page // 2]} "
        "weather=clear time=day mood=calm."
        for page in range(2 * len(places))
    ]


class Asking:
    """Somebody who asks a stack's API."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient) -> None:
        self.stack = stack
        self.client = client

    async def book(self, pages: Sequence[str]) -> JobRow:
        """A narrated book of these pages."""
        job = await self.stack.order(pages, per_chapter=3)
        (row,) = await self.stack.closed(job)
        assert row.state is JobState.DONE
        return row

    async def generate(self, book: str, **headers: str) -> httpx.Response:
        return await self.client.post(ROUTE, json={"bookId": book}, headers=headers)


@pytest.fixture(scope="module")
async def reader(
    tmp_path_factory: pytest.TempPathFactory, emulator: EmulatorProcess, others: dict[str, EmulatorProcess]
) -> AsyncIterator[Asking]:
    home = tmp_path_factory.mktemp("soundscapes") / "home"
    async with Stack(home, emulator, others=others, environment=CHOICE) as stack:
        key = (await KeyStore(stack.database).create(LOCAL_OWNER, "reader", actor="test", role=Role.ADMIN)).key
        port = free_port()
        await asyncio.gather(stack.worker(), stack.api(port))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", headers=headers, timeout=CLOSE_S) as client:
            yield Asking(stack, client)


def faults_at(spreads: Sequence[int]) -> list[dict[str, object]]:
    """What the emulated Gemini says of the spreads that fail: their first page stands first in the question."""
    return [
        {"kind": "blocked_prompt", "regex": rf'first_page: "Unheard, zephyrine, on page {2 * at + 1}:'}
        for at in spreads
    ]


def seconds_apart(body: dict[str, Any]) -> dict[str, Any]:
    assert body["stats"].pop("processingTimeSeconds") >= 0
    return body


@pytest.mark.timeout(300)
async def test_the_three_bodies(reader: Asking, others: dict[str, EmulatorProcess]) -> None:
    stack = reader.stack
    places = ("forest", "forest", "harbour", "harbour", "harbour", "forest", "forest")
    whole = await reader.book(told(places))
    answer = await reader.generate(whole.book_id)
    body = seconds_apart(answer.json())
    assert (answer.status_code, body["success"], body["status"], "warning" in body) == (200, True, "ready", False)
    assert body["bookId"] == whole.book_id
    stats = body["stats"]
    assert (stats["totalSpreads"], stats["processedSpreads"], stats["scenesCreated"]) == (7, 7, 3)
    assert (stats["soundscapesGenerated"], stats["soundscapesReused"]) == (2, 1), "the second forest sounds alike"
    assert "errorCount" not in stats and "errors" not in body
    counts = {name: (await process.calls())["received"] for name, process in stack.emulators.items()}
    assert (counts["gemini"], counts["replicate"]) == (7, 2)
    assert len(await stack.segments(whole)) == 14, "the narration is kept"

    again = await reader.generate(str(whole.number))
    assert seconds_apart(again.json())["stats"]["processedSpreads"] == 7
    after = {name: (await process.calls())["received"] for name, process in stack.emulators.items()}
    assert after == counts, "nothing is bought twice"

    some = await reader.book(told(places, failing=[1, 5]))
    await others["gemini"].knobs(faults=faults_at([1, 5]))
    answer = await reader.generate(some.book_id)
    body = seconds_apart(answer.json())
    assert (answer.status_code, body["success"], body["status"]) == (200, True, "ready")
    assert body["warning"] == "Some spreads failed to process"
    assert {name: body["stats"][name] for name in ("totalSpreads", "processedSpreads", "errorCount")} == {
        "totalSpreads": 7,
        "processedSpreads": 5,
        "errorCount": 2,
    }
    assert [(error["spreadIndex"], error["pageNumbers"]) for error in body["errors"]] == [
        (1, [3, 4]),
        (5, [11, 12]),
    ]
    assert all(error["errorMessage"] and "trace" not in str(error).lower() for error in body["errors"])
    assert body["stats"]["soundscapesReused"] == body["stats"]["scenesCreated"], "all are heard in the other book"
    seen = await reader.client.get(f"/api/admin/books/{some.book_id}/processing-errors")
    records = seen.json()["errors"]
    assert [(record["errorType"], record["attempt"]) for record in records] == [("ContentAnalysisError", 1)] * 2
    assert all("activities/analysis.py" in record["stackTrace"] for record in records)

    none = await reader.book(told(("cave",) * 3, failing=[0, 1, 2]))
    await others["gemini"].knobs(faults=faults_at([0, 1, 2]))
    answer = await reader.generate(none.book_id)
    body = seconds_apart(answer.json())
    assert answer.status_code == 500
    assert {name: body[name] for name in ("success", "bookId", "status", "error", "stats")} == {
        "success": False,
        "bookId": none.book_id,
        "status": "failed",
        "error": "All spreads failed to process",
        "stats": {"totalSpreads": 3, "errorCount": 3},
    }
    assert [error["spreadIndex"] for error in body["errors"]] == [0, 1, 2]

    stack.jobs_ordered = [await stack.jobs.newest_of(LOCAL_OWNER, book.book_id) for book in (whole, some, none)]
    await check_invariants(stack, crashed=False)


@pytest.mark.timeout(300)
async def test_a_batch_is_worked_off_a_few_at_a_time_and_its_rest_is_ordered_again(
    reader: Asking, others: dict[str, EmulatorProcess]
) -> None:
    stack, client = reader.stack, reader.client
    places = ("cave", "cave")
    await others["gemini"].knobs(faults=[{"kind": "blocked_prompt", "match": "Unheard"}])
    texts = [book_text(told(places)), book_text(told(places, failing=[0]))]
    items: list[dict[str, Any]] = [
        {"kind": "text", "text": text, "title": f"Walk {turn}", "language": "en", "editions": ["mp3"]}
        | {"tracks": ["narration", "soundscape"]}
        for turn, text in enumerate(texts, 1)
    ]
    wrong = await client.post("/api/batches", json={"items": [*items, {"kind": "soundscapes", "book": "9999"}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "items.2.book")
    assert not (await client.get("/api/batches")).json()["batches"], "a refusal leaves nothing behind"

    taken = await client.post("/api/batches", json={"name": "Walks", "atOnce": 1, "items": items})
    assert taken.status_code == 202
    batch = taken.json()["batchId"]
    ended = await settled(reader, batch)
    assert (ended["status"], ended["items"]["completed"], ended["items"]["incomplete"]) == ("completed", 2, 1)
    first, second = [await stack.jobs.job(LOCAL_OWNER, item["jobId"]) for item in ended["details"]]
    assert first.closed_at and first.closed_at <= second.created_at, "one at a time"

    await others["gemini"].knobs(faults=[])
    again = await client.post(f"/api/batches/{batch}/retry")
    ended = await settled(reader, again.json()["batchId"])
    assert [(item["kind"], item["book"], item["warning"]) for item in ended["details"]] == [
        ("rest", second.book_id, None)
    ]
    nothing = await client.post(f"/api/batches/{ended['batchId']}/retry")
    assert (nothing.status_code, (await client.post(f"/api/batches/{batch}/cancel")).status_code) == (409, 409)


@pytest.mark.timeout(300)
async def test_a_schedule_makes_batches_until_it_is_deleted(reader: Asking) -> None:
    client = reader.client
    book = await reader.book(told(("desert",)))
    order = {"name": "Nightly", "cron": "30 2 * * *", "timezone": "Asia/Kolkata"}
    made = await client.post("/api/schedules", json=order | {"items": [{"kind": "soundscapes", "book": "*"}]})
    assert made.status_code == 201
    schedule = made.json()["scheduleId"]

    async def known() -> bool:
        return bool((await client.get(f"/api/schedules/{schedule}")).json()["settled"])

    await reader.stack.until(known, bool)
    handle = reader.stack.client.get_schedule_handle(f"schedule/{schedule}")
    assert (await handle.describe()).info.next_action_times[0].astimezone(ZoneInfo("Asia/Kolkata")).hour == 2
    await handle.trigger()

    async def run() -> list[Any]:
        batches = (await client.get("/api/batches")).json()["batches"]
        return [batch for batch in batches if batch["scheduleId"] == schedule and batch["status"] == "completed"]

    (batch,) = await reader.stack.until(run, bool)
    details = (await client.get(f"/api/batches/{batch['number']}")).json()["details"]
    assert book.book_id in [item["book"] for item in details], "the books that lack it"
    heard = await reader.stack.books.made(LOCAL_OWNER, book.book_id, Track.SOUNDSCAPE, 1, 2)
    assert sorted(heard) == [1, 2]

    assert (await client.delete(f"/api/schedules/{schedule}")).status_code == 204
    assert (await client.get(f"/api/schedules/{schedule}")).status_code == 404

    async def gone() -> bool:
        try:
            await handle.describe()
        except RPCError as error:
            return error.status is RPCStatusCode.NOT_FOUND
        return False

    await reader.stack.until(gone, bool)


async def settled(reader: Asking, batch: str) -> dict[str, Any]:
    """The batch when it has ended."""

    async def look() -> dict[str, Any]:
        found: dict[str, Any] = (await reader.client.get(f"/api/batches/{batch}")).json()
        return found

    return await reader.stack.until(look, lambda found: found["status"] in ("completed", "cancelled"))


@pytest.mark.timeout(300)
async def test_odd_books_a_client_that_hangs_up_and_a_model_that_is_down(
    reader: Asking, others: dict[str, EmulatorProcess]
) -> None:
    gemini = others["gemini"]
    await gemini.knobs(faults=[])
    odd = [f"Zephyrine, odd page {page}: setting=cave weather=clear time=night mood=calm." for page in (1, 2, 3)]
    for pages, spreads in ((odd[:1], 1), ([odd[1], "…", "…", "…", odd[2]], 3)):
        book = await reader.book(pages)
        answer = await reader.generate(book.book_id)
        stats = answer.json()["stats"]
        assert (answer.status_code, stats["totalSpreads"], stats["processedSpreads"]) == (200, spreads, spreads)

    before = (await gemini.calls())["received"]
    await gemini.knobs(gate="held page")
    held = await reader.book([f"Zephyrine, held page {page}: setting=cave." for page in (1, 2)])
    hanging_up = asyncio.create_task(reader.generate(held.book_id))
    await gemini.wait_calls(before + 1)
    hanging_up.cancel()
    await asyncio.wait([hanging_up])
    under_way = [await reader.generate(held.book_id, Prefer="respond-async") for _ in range(2)]
    assert [(answer.status_code, answer.json()["status"]) for answer in under_way] == [(202, "processing")] * 2
    assert len({answer.json()["jobId"] for answer in under_way}) == 1, "a book in work has one job"
    await gemini.release()
    assert (await reader.generate(held.book_id)).json()["stats"]["processedSpreads"] == 1
    assert (await gemini.calls())["received"] == before + 1, "nothing is lost with the one who hung up"

    down = await reader.book([f"Zephyrine, lost page {page}: setting=cave." for page in (1, 2)])
    await gemini.knobs(faults=[{"kind": "status", "status": 500, "match": "lost page"}])
    ended = await reader.generate(down.book_id)
    body = ended.json()
    assert (ended.status_code, body["error"]) == (500, "All spreads failed to process")
    assert body["stats"]["totalSpreads"] == body["stats"]["errorCount"] == len(body["errors"]) == 1


@pytest.mark.chaos
@pytest.mark.timeout(1200)
async def test_forty_of_150_spreads_fail(reader: Asking, others: dict[str, EmulatorProcess]) -> None:
    failing = range(0, 120, 3)
    book = await reader.book(told(("forest", "harbour", "cave") * 50, failing=failing))
    await others["gemini"].knobs(faults=faults_at(failing))
    answer = await reader.generate(book.book_id)
    body = seconds_apart(answer.json())
    assert (answer.status_code, body["warning"]) == (200, "Some spreads failed to process")
    stats = body["stats"]
    assert (stats["totalSpreads"], stats["processedSpreads"], stats["errorCount"]) == (150, 110, 40)
    records = (await reader.client.get(f"/api/admin/books/{book.book_id}/processing-errors")).json()["errors"]
    for errors in (body["errors"], records):
        assert sorted(error["spreadIndex"] for error in errors) == list(failing)
