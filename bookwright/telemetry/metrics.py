"""Prometheus metrics of a process. Labels have few values: names of routes, queues and providers, never ids."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from bookwright.store.jobs.figures import Figures
from bookwright.telemetry.backlog import Backlog

FAST = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1800)
SCRAPE_S = 8.0
"""How long a scrape waits for the store and for Temporal; Prometheus gives up after 10 s."""
disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, which says when the process began


def registry() -> CollectorRegistry:
    """A registry with what every process shows of itself: memory, CPU, open files."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    return made


def serve_metrics(metrics: CollectorRegistry, host: str, port: int) -> Callable[[], None]:
    """Serve `/metrics` in a thread, without a key; answers what ends it. Raises OSError when the port is taken."""
    server, thread = start_http_server(port, host, metrics)

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


class WorkerMeter:
    """Counts what a worker does: an `ActivityMeter`, and the outcomes of units and provider calls."""

    def __init__(self, metrics: CollectorRegistry) -> None:
        self._activities = Counter(
            "bookwright_activities", "Activities that ended.", ["activity", "outcome"], registry=metrics
        )
        self._retries = Counter(
            "bookwright_activity_retries", "Activities begun again.", ["activity"], registry=metrics
        )
        self._seconds = Histogram(
            "bookwright_activity_seconds", "How long activities took.", ["activity"], buckets=SLOW, registry=metrics
        )
        self._lag = Histogram(
            "bookwright_queue_lag_seconds", "How long activities waited.", ["queue"], buckets=SLOW, registry=metrics
        )
        self._slots = Gauge("bookwright_activity_slots", "Activities that fit at once.", ["queue"], registry=metrics)
        self._used = Gauge("bookwright_activity_slots_used", "Activities under way.", ["queue"], registry=metrics)
        self._units = Counter(
            "bookwright_units", "Tracks of pages that were made or given up.", ["track", "outcome"], registry=metrics
        )
        self._calls = Counter(
            "bookwright_provider_calls", "Provider calls.", ["provider", "operation", "outcome"], registry=metrics
        )
        self._call_seconds = Histogram(
            "bookwright_provider_call_seconds",
            "From marking a call as sent to the end of its settling.",
            ["provider", "operation"],
            buckets=SLOW,
            registry=metrics,
        )
        self._usd = Counter(
            "bookwright_provider_cost_usd", "What calls cost, in US dollars.", ["provider"], registry=metrics
        )

    def slots(self, queue: str, count: int) -> None:
        """So many activities of a queue fit into this process at once."""
        self._slots.labels(queue).set(count)
        self._used.labels(queue).set(0)

    def began(self, queue: str, name: str, attempt: int, lag_s: float) -> None:
        self._lag.labels(queue).observe(lag_s)
        self._used.labels(queue).inc()
        if attempt > 1:
            self._retries.labels(name).inc()

    def ended(self, queue: str, name: str, outcome: str, seconds: float) -> None:
        self._used.labels(queue).dec()
        self._activities.labels(name, outcome).inc()
        self._seconds.labels(name).observe(seconds)

    def unit(self, track: str, outcome: str) -> None:
        """A track of a page was `completed` or has `failed`."""
        self._units.labels(track, outcome).inc()

    def call(self, provider: str, operation: str, outcome: str, cost_micros: int, seconds: float | None) -> None:
        """A provider call ended (`contracts.calls.CallState`), or its answer was `reused`."""
        self._calls.labels(provider, operation, outcome).inc()
        self._usd.labels(provider).inc(cost_micros / 1_000_000)
        if seconds is not None:
            self._call_seconds.labels(provider, operation).observe(seconds)


class RequestMeter:
    """Counts requests, by the templates of their routes."""

    def __init__(self, metrics: CollectorRegistry) -> None:
        self._requests = Counter(
            "bookwright_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=metrics
        )
        self._seconds = Histogram(
            "bookwright_http_request_seconds",
            "From a request to the beginning of its answer.",
            ["method", "route"],
            buckets=FAST,
            registry=metrics,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


class Standing(NamedTuple):
    """How everything stands; None for what can't be reached."""

    figures: Figures | None
    backlogs: list[Backlog] | None


class ApiMetrics:
    """The API's metrics: of its requests, and from the store and Temporal how everything stands."""

    def __init__(self, standing: Callable[[], Awaitable[Standing]]) -> None:
        self.registry = registry()
        self.requests = RequestMeter(self.registry)
        self._standing = _StandingCollector(standing)
        self.registry.register(self._standing)

    async def text(self) -> bytes:
        """The text that Prometheus reads."""
        self._standing.loop = asyncio.get_running_loop()
        return await asyncio.to_thread(generate_latest, self.registry)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """`serve_metrics`, to be called in the event loop."""
        self._standing.loop = asyncio.get_running_loop()
        return serve_metrics(self.registry, host, port)


class _StandingCollector(Collector):
    """Scraped in threads; asks in the event loop."""

    def __init__(self, standing: Callable[[], Awaitable[Standing]]) -> None:
        self._ask = standing
        self.loop: asyncio.AbstractEventLoop | None = None

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        standing = Standing(None, None)
        if self.loop is not None:
            with suppress(TimeoutError):
                standing = asyncio.run_coroutine_threadsafe(_awaited(self._ask), self.loop).result(SCRAPE_S)
        yield _gauge("bookwright_store_up", "Whether the store answers.", standing.figures is not None)
        yield _gauge("bookwright_temporal_up", "Whether Temporal answers.", standing.backlogs is not None)
        if standing.figures is not None:
            yield from _of_the_store(standing.figures)
        if standing.backlogs is not None:
            yield from _of_temporal(standing.backlogs)


async def _awaited(ask: Callable[[], Awaitable[Standing]]) -> Standing:
    return await ask()


def _of_the_store(figures: Figures) -> Iterator[GaugeMetricFamily]:
    jobs = GaugeMetricFamily("bookwright_jobs", "Jobs.", labels=["kind", "state"])
    for counted in figures.jobs:
        jobs.add_metric([counted.kind, counted.state], counted.count)
    yield jobs
    oldest = GaugeMetricFamily(
        "bookwright_oldest_queued_job_seconds", "How long the oldest job that was not started waits.", labels=["kind"]
    )
    for kind, seconds in figures.queued_s.items():
        oldest.add_metric([kind], seconds)
    yield oldest
    calls = GaugeMetricFamily("bookwright_open_calls", "Provider calls without an answer yet.", labels=["state"])
    for state, count in figures.open_calls.items():
        calls.add_metric([state], count)
    yield calls
    yield _gauge("bookwright_ambiguous_calls", "Calls whose outcome nobody knows.", figures.ambiguous_calls)
    yield _gauge("bookwright_dead_letters", "Steps of audiobooks that were given up.", figures.dead_letters)
    yield _gauge(
        "bookwright_month_budget_used_ratio",
        "The largest part of a monthly budget that any user has used up.",
        figures.month_share,
    )
    yield _gauge(
        "bookwright_month_cost_usd", "This month's calls, open ones at their most.", figures.month_micros / 1e6
    )


def _of_temporal(backlogs: list[Backlog]) -> Iterator[GaugeMetricFamily]:
    labels = ["queue", "kind"]
    tasks = GaugeMetricFamily("bookwright_task_queue_backlog", "Tasks that wait.", labels=labels)
    ages = GaugeMetricFamily("bookwright_task_queue_backlog_age_seconds", "How long the oldest waits.", labels=labels)
    pollers = GaugeMetricFamily("bookwright_task_queue_pollers", "Processes that poll.", labels=labels)
    for backlog in backlogs:
        name = [backlog.queue, backlog.kind]
        tasks.add_metric(name, backlog.tasks)
        ages.add_metric(name, backlog.age_s)
        pollers.add_metric(name, backlog.pollers)
    yield from (tasks, ages, pollers)


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=float(value))
