"""Health, readiness, metrics, and what is logged of each request."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from temporalio.client import Client

from bookwright.contracts.access import Role
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import BookOrder, InlineText
from bookwright.link import TemporalLink
from bookwright.store import Database
from bookwright.telemetry.metrics import WorkerMeter, registry
from bookwright.telemetry.operations import Operations
from tests.support.library import Home, home_at


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture
async def stranger(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a key."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(home.app()), base_url="http://localhost") as asking:
        yield asking


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and the values of its labels."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_process_that_lives_says_so_to_anybody(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_what_is_missing_is_named(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/readyz")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert answer.json() == {"status": "not ready", "missing": ["temporal"]}


async def test_a_database_that_is_gone_is_named_too(tmp_path: Path) -> None:
    async def no_temporal() -> Client:
        raise ServiceUnavailable("there is none")

    async with Database(f"postgresql://me@/db?host={tmp_path}") as away:
        operations = Operations(away, TemporalLink(no_temporal))
        assert await operations.missing() == ("database", "temporal")
        found = samples((await operations.metrics.text()).decode())
        assert (found["bookwright_store_up",], found["bookwright_temporal_up",]) == (0, 0)
        assert "bookwright_month_cost_usd" not in str(found)


async def test_metrics_are_for_admins_and_say_how_jobs_stand(home: Home, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/metrics")).status_code == 401
    async with home.client(OwnerId("reader"), Role.USER) as reader:
        assert (await reader.get("/metrics")).status_code == 403
    order = BookOrder(book_id="kite", source=InlineText(text="A kite."))
    await home.jobs.accept(order, fingerprint="kite")
    async with home.client() as admin:
        assert (await admin.get("/api/books/kite")).status_code == 200
        assert (await admin.get("/api/books/no-such-book")).status_code == 404
        answer = await admin.get("/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        found = samples(answer.text)
        assert found["bookwright_jobs", "audio", "queued"] == 1
        assert found["bookwright_oldest_queued_job_seconds", "audio"] >= 0
        assert found["bookwright_month_cost_usd",] == 0
        assert (found["bookwright_store_up",], found["bookwright_temporal_up",]) == (1, 0)
        assert found["bookwright_http_requests_total", "GET", "/api/books/{book}", "404"] == 1
        assert found["bookwright_http_request_seconds_count", "GET", "/api/books/{book}"] == 2


async def test_labels_hold_no_ids_whatever_is_asked(home: Home) -> None:
    async with home.client() as admin:
        for path in ("/api/books/kite", "/static/reader.js", "/static/none", "/nothing/here", "/api/../x"):
            await admin.get(path)
        await admin.request("PROPFIND", "/api/books/kite")
        text = (await admin.get("/metrics")).text
    assert "kite" not in text and "here" not in text and "PROPFIND" not in text
    assert 'method="other"' in text and 'route="/static"' in text


async def test_each_request_is_one_line_with_ids(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "api.wire.observing")
    async with home.client() as admin:
        named = await admin.get("/api/books/kite?note=private", headers={"X-Request-ID": "trip-7"})
        odd = await admin.get("/healthz", headers={"X-Request-ID": "no line of mine"})
    assert named.headers["X-Request-ID"] == "trip-7"
    assert len(odd.headers["X-Request-ID"]) == 32
    [line] = [record.msg for record in caplog.records if record.name == "api.wire.observing"]
    assert isinstance(line, dict)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/books/{book}", 200)
    assert (line["request"], line["owner"]) == ("trip-7", "local")
    assert line["ms"] > 0 and "private" not in str(line)


def test_a_worker_counts_activities_units_calls_and_money() -> None:
    metrics = registry()
    meter = WorkerMeter(metrics)
    meter.slots("bookwright-speech", 16)
    for _ in range(2):
        meter.began("bookwright-speech", "Narrate pages", 2, 0.15)
    meter.ended("bookwright-speech", "Narrate pages", "done", 1.5)
    meter.unit("narration", "completed")
    meter.call("sarvam", "speech", "settled", 1500, 0.2)
    meter.call("sarvam", "speech", "reused", 0, None)
    found = samples(generate_latest(metrics).decode())
    assert found["bookwright_activities_total", "Narrate pages", "done"] == 1
    assert found["bookwright_activity_retries_total", "Narrate pages"] == 2
    assert found["bookwright_activity_slots", "bookwright-speech"] == 16
    assert found["bookwright_activity_slots_used", "bookwright-speech"] == 1
    assert found["bookwright_queue_lag_seconds_sum", "bookwright-speech"] == 0.3
    assert found["bookwright_units_total", "completed", "narration"] == 1
    assert found["bookwright_provider_calls_total", "speech", "reused", "sarvam"] == 1
    assert found["bookwright_provider_cost_usd_total", "sarvam"] == 0.0015
    assert found["bookwright_provider_call_seconds_count", "speech", "sarvam"] == 1
