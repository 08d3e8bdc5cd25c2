"""The web pages, served for as long as a command runs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

import uvicorn

from api.access.limits import RequestLimits
from api.access.webhooks import signing_key
from api.app import LOOPBACK, create_app
from api.deps import Backend, Webhooks
from api.files.delivered import Delivered
from api.files.sounds import RenderedSounds
from bookwright.alerting.looking import AlertLook
from bookwright.assets import open_publisher
from bookwright.cli.desk import Desk
from bookwright.cli.hooks import open_hooks
from bookwright.cli.makers import makers
from bookwright.contracts.errors import BadInput, Misconfigured
from bookwright.contracts.ports.engines import Embedder
from bookwright.estimating import Makers
from bookwright.intake import lacking
from bookwright.link import TemporalLink
from bookwright.looking import keep_looking
from bookwright.memory import spare_the_collector
from bookwright.press.audio import Press
from bookwright.press.cover import Cover
from bookwright.press.pagesound import Mp3Sound, WavSound
from bookwright.press.reading.documents import Documents
from bookwright.providers.choice import engines
from bookwright.searching import Searches
from bookwright.settings import Capability
from bookwright.store import LedgerStore
from bookwright.store.access.audit import AuditLog
from bookwright.store.access.credentials import Credentials
from bookwright.store.access.feeds import FeedStore
from bookwright.store.access.keys import KeyStore
from bookwright.store.access.users import UserStore
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.books.shelf import Shelf
from bookwright.store.jobs.listing import JobLists
from bookwright.store.jobs.statistics import Statistics
from bookwright.store.ledger.costs import CostBooks
from bookwright.store.ledger.months import MonthBudgets
from bookwright.store.publications import Publications
from bookwright.store.webhooks.alerts import AlertStore
from bookwright.telemetry.logs import configure_logging
from bookwright.telemetry.operations import Operations
from bookwright.telemetry.tracing import start_tracing, stop_tracing
from bookwright.text.measure import expected_speech_ms
from bookwright.voices import VoiceSamples

SPARE_READERS = 2
"""Processes that are kept ready for a quick look at uploads."""
CONNECT_S = 2.0
"""How long a request waits for a Temporal that does not answer."""
ALERT_S = 30.0
"""Between looks for what operators should see: workers look too, but here it is seen that there are none."""
LEAVE_S = 10
"""Answers that are under way when the command ends have this long; streams are cut then, and resumed elsewhere."""


class _Server(uvicorn.Server):
    """Leaves signals to the command."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def web_pages(desk: Desk, host: str, port: int, *, metrics: bool = False) -> AsyncIterator[str]:
    """Serve the pages inside the block, logged and traced; gives their address. Port 0 takes a free one. With
    `metrics`, these are served at the port of the settings, if any. Raises BadInput for a host or port that can't be
    had."""
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(_listen(host, port))
        configure_logging(desk.settings.log_level)
        start_tracing(desk.settings.otlp_endpoint, "bookwright-api")
        stack.push_async_callback(asyncio.to_thread, stop_tracing)
        chosen = await stack.enter_async_context(makers(desk.settings))
        meaning = await stack.enter_async_context(engines(desk.settings, Capability.EMBEDDINGS))
        backend = _backend(desk, chosen, meaning.embeddings[0].engine if meaning.embeddings else None)
        if metrics and desk.settings.metrics_port:
            stack.callback(_serve_metrics(desk, backend))
        outside = urlsplit(desk.settings.public_url).hostname
        named = [*LOOPBACK, host, *([outside] if outside else [])]
        app = create_app(backend, hosts=named if host != "0.0.0.0" else ["*"])  # noqa: S104 - compared, not bound
        server = _Server(
            uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=LEAVE_S)
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        alerting = AlertLook(backend.alerts, backend.temporal.client)
        looking = asyncio.create_task(keep_looking(alerting.look, every_s=ALERT_S))
        spare_the_collector()
        try:
            shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104 - compared, not bound
            yield f"http://{shown}:{listening.getsockname()[1]}"
        finally:
            await app.state.streams.close()  # which would be waited for
            server.should_exit = True
            looking.cancel()
            for task in (looking, serving):
                with suppress(asyncio.CancelledError):
                    await task


def _serve_metrics(desk: Desk, backend: Backend) -> Callable[[], None]:
    host, port = desk.settings.metrics_host, desk.settings.metrics_port
    try:
        return backend.operations.metrics.serve(host, port)
    except OSError as error:
        raise Misconfigured(f"BOOKWRIGHT_METRICS_PORT: {port} can't be had ({error.strerror})") from None


def _backend(desk: Desk, chosen: Makers, embedder: Embedder | None) -> Backend:
    publisher = open_publisher(desk.settings.storage)
    temporal = TemporalLink(lambda: desk.service.attach(CONNECT_S))
    ledger = LedgerStore(desk.database, desk.assets, month_budget=desk.settings.month_budget_micros)
    return Backend(
        database=desk.database,
        shelf=Shelf(desk.database),
        books=desk.books,
        jobs=desk.jobs,
        assets=desk.assets,
        sounds=RenderedSounds(WavSound(), desk.assets, desk.settings.home / "cache" / "sounds"),
        mp3s=RenderedSounds(Mp3Sound(), desk.assets, desk.settings.home / "cache" / "mp3s"),
        removal=BookRemoval(desk.database, desk.assets),
        artist=Cover(),
        engine=chosen.speech,
        samples=VoiceSamples(chosen.speech, ledger, desk.assets, Press(expected_speech_ms)),
        searches=Searches(desk.database, ledger, desk.assets, embedder),
        documents=Documents(spare=SPARE_READERS),
        temporal=temporal,
        operations=Operations(desk.database, temporal, desk.settings.month_budget_micros),
        credentials=Credentials(desk.database),
        lists=JobLists(desk.database),
        statistics=Statistics(desk.database),
        makers=chosen,
        costs=CostBooks(desk.database),
        months=MonthBudgets(desk.database, desk.settings.month_budget_micros),
        keys=KeyStore(desk.database),
        users=UserStore(desk.database),
        audit=AuditLog(desk.database),
        feeds=FeedStore(desk.database),
        limits=RequestLimits(desk.settings.request_limit),
        transcribes=desk.settings.transcribes,
        outside=desk.settings.outside,
        upload_lifetime=timedelta(hours=desk.settings.upload_hours),
        lacking=lacking(desk.settings),
        webhooks=_webhooks(desk),
        hooks=open_hooks(desk),
        alerts=AlertStore(desk.database, desk.settings.notices.outlets),
        delivered=Delivered(Publications(desk.database), publisher) if publisher else None,
        public_url=desk.settings.public_url.rstrip("/"),
        temporal_ui=lambda: _temporal_ui(desk),
    )


def _temporal_ui(desk: Desk) -> tuple[str, str] | None:
    """As it is set; else that of the development server that this process runs."""
    address = desk.settings.temporal_ui or desk.service.ui
    return (address, desk.settings.temporal_namespace) if address else None


def _webhooks(desk: Desk) -> Webhooks:
    secret = desk.settings.replicate_webhook_secret
    ledger = LedgerStore(desk.database, desk.assets)
    return Webhooks(ledger, signing_key(secret.get_secret_value()) if secret else None)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise BadInput(f"host: there is no {host!r} to listen at", field="host") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()  # who is told the address may ask at once, and is answered when the server runs
    except OSError as error:
        listening.close()
        raise BadInput(
            f"port: {port} can't be had ({error.strerror}): name another with --port", field="port"
        ) from None
    return listening
