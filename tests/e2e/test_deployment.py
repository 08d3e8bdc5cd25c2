"""The compose file's topology, natively: PostgreSQL, Temporal, the API and workers of different queues as processes."""

import json
from itertools import pairwise
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.contracts.queues import Queue
from bookwright.store.access.keys import KeyStore
from bookwright.temporal import free_port
from tests.support.collector import Collector, collector
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.postgres import PostgresServer
from tests.support.stack import CLOSE_S, Stack, WorkerProcess, book_text, page_texts

PAGES = 12
AT_ONCE = 4


async def test_a_book_ordered_over_http_is_complete_though_a_worker_is_killed(
    tmp_path: Path, emulator: EmulatorProcess, postgres: PostgresServer
) -> None:
    with collector() as collected:
        home, url = tmp_path / "home", postgres.url(postgres.database())
        traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": collected.url}
        async with Stack(home, emulator, database_url=url, environment=traced) as stack:
            ports = [free_port() for _ in range(4)]
            api = await stack.api(ports[0], metrics_port=ports[1])
            key = (await KeyStore(stack.database).create(LOCAL_OWNER, "operator", actor="test", role=Role.ADMIN)).key
            base = f"http://localhost:{ports[0]}"
            async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {key}"}) as client:
                assert (await client.get("/readyz")).json() == {"status": "ready", "missing": []}
                books = await stack.worker(queues=[Queue.BOOKS])
                others = (Queue.SPEECH, Queue.PRESS)
                book = await _order(stack, client)
                victim = await stack.worker(queues=others, concurrency=AT_ONCE)
                await emulator.wait_calls(AT_ONCE, of="held")
                await victim.kill()
                await emulator.release()
                heir = await stack.worker(queues=others, concurrency=AT_ONCE, metrics_port=ports[2])
                await _complete(stack, client, book)
                await check_invariants(stack)
                await _shown(ports[1], ports[2], client)
            for process in (heir, books, api):
                process.terminate()
                assert await process.ended() == 0
            _traced(collected)
            _logged(api, heir, key)


async def _order(stack: Stack, client: httpx.AsyncClient) -> int:
    """Hand a book in, whose calls the provider will hold; its text is read then."""
    pages = page_texts(PAGES)
    stack.texts.extend(pages)
    await stack.emulator.knobs(gate="zephyrine")
    file = ("river.md", book_text(pages, per_chapter=6).encode(), "text/markdown")
    answer = await client.post(
        "/api/books/upload/",
        files={"file": file},
        data={"title": "The River", "language": "en", "editions": "mp3,m4b"},
        timeout=CLOSE_S,
    )
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["book_id"]
    return number


async def _complete(stack: Stack, client: httpx.AsyncClient, book: int) -> None:
    async def status() -> dict[str, object]:
        data: dict[str, object] = (await client.get(f"/api/books/{book}/status/")).json()["data"]
        return data

    ended = await stack.until(status, lambda data: data["processing_status"] not in ("pending", "processing"))
    assert (ended["processing_status"], ended["warning"], ended["error"]) == ("completed", None, None)
    assert ended["pages_status"] == {"pending": 0, "processing": 0, "completed": PAGES, "failed": 0}
    m4b = await client.get(f"/api/books/{book}/editions/m4b")
    assert m4b.status_code == 200 and m4b.content[4:8] == b"ftyp"


async def _shown(api_port: int, worker_port: int, client: httpx.AsyncClient) -> None:
    """What Prometheus would see."""
    shown: dict[tuple[str, ...], float] = {}
    for port in (api_port, worker_port):
        text = (await client.get(f"http://localhost:{port}/metrics", headers={"Authorization": ""})).text
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                shown[sample.name, *sorted(sample.labels.values())] = sample.value
    assert shown["bookwright_jobs", "audio", "done"] == 1
    assert shown["bookwright_store_up",] == shown["bookwright_temporal_up",] == 1
    assert shown["bookwright_task_queue_pollers", "activity", str(Queue.SPEECH)] >= 1
    assert shown["bookwright_task_queue_backlog", "activity", str(Queue.SPEECH)] == 0
    assert shown["bookwright_month_cost_usd",] > 0
    assert shown["bookwright_units_total", "completed", "narration"] == PAGES
    assert shown["bookwright_provider_calls_total", "sarvam", "settled", "speech"] >= PAGES - AT_ONCE
    assert shown["bookwright_provider_cost_usd_total", "sarvam"] > 0
    assert shown["bookwright_activity_retries_total", "Narrate pages"] >= 1
    assert shown["bookwright_http_requests_total", "/api/books/upload/", "200", "POST"] == 1


def _traced(collected: Collector) -> None:
    """One trace goes from the request to the calls that were made for it, also by the second worker."""
    spans = {span.name: span for span in collected.trace("POST /api/books/upload/")}
    by_id = {span.span_id: span.name for span in collected.spans}
    chain = ["sarvam speech", "RunActivity:Narrate pages", "StartActivity:Narrate pages"]
    for child, parent in pairwise(chain):
        assert by_id[spans[child].parent_span_id] == parent
    assert by_id[spans["dispatch"].parent_span_id] == "POST /api/books/upload/"
    assert by_id[spans["StartWorkflow:BookGeneration"].parent_span_id] == "dispatch"
    assert by_id[spans["RunWorkflow:BookGeneration"].parent_span_id] == "StartWorkflow:BookGeneration"
    assert "RunWorkflow:ChapterProduction" in spans
    assert "zephyrine" not in str(collected.spans)


def _logged(api: WorkerProcess, worker: WorkerProcess, key: str) -> None:
    """Each line is JSON, with ids and without secrets."""
    requests = [json.loads(line) for line in api.log.read_text().splitlines()]
    [upload] = [line for line in requests if line.get("route") == "/api/books/upload/"]
    assert (upload["method"], upload["status"], upload["owner"]) == ("POST", 200, LOCAL_OWNER)
    activities = [json.loads(line) for line in worker.log.read_text().splitlines()]
    spoken = [line for line in activities if line.get("activity") == "Narrate pages" and "outcome" in line]
    assert spoken and all(line["outcome"] == "done" and line["owner"] == LOCAL_OWNER for line in spoken)
    assert all(line["workflow"].startswith("book/") and line["job"] and line["book"] for line in spoken)
    assert key not in api.log.read_text()
