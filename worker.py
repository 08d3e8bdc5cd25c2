"""The composition root: settings → providers → activity objects → one Worker per task queue.

Started as a process (`python -m worker --queues …`); nobody imports it.
"""

import argparse
import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.analysis import Analysis
from activities.answers import Answers
from activities.authors import Authors
from activities.batchwork import BatchWork
from activities.binding import Binding
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.describing import Describing
from activities.drawing import Drawing
from activities.illustration import Illustration
from activities.ingesting import Ingesting
from activities.looking import Looking
from activities.narration import Narration
from activities.permits import Permits
from activities.reading import Reading
from activities.records import Records
from activities.rewriting import Rewriting
from activities.scenes import SceneFinding
from activities.scoring import Scoring
from activities.sharing import Sharing
from activities.slots import Slots
from activities.sounding import Sounding
from activities.soundscapes import Soundscapes
from activities.transcribing import Transcribing
from activities.validation import Validation
from activities.vision import Vision
from activities.writing import Handed, Writing
from bookwright.assets import open_assets, open_publisher
from bookwright.batching import Batching, open_batching
from bookwright.batchstart import BatchStarter
from bookwright.contracts.errors import BookwrightError, Conflict, Misconfigured, ServiceUnavailable
from bookwright.contracts.orders import Edition
from bookwright.contracts.ports.engines import Engine, LanguageModel
from bookwright.contracts.queues import Queue
from bookwright.dispatch import Dispatcher
from bookwright.failpoints import failpoints
from bookwright.memory import keep_memory_together, spare_the_collector
from bookwright.press.answers import Answers as DrawnAnswers
from bookwright.press.audio import Press
from bookwright.press.bundle import Bundler
from bookwright.press.deferred import DeferredArtist, DeferredPress, cover_artist, epub_press, pdf_press
from bookwright.press.examining import Pictures, Sounds
from bookwright.press.gauging import Gauge
from bookwright.press.reading.documents import Documents
from bookwright.press.recordings.press import Recordings
from bookwright.providers.choice import Chosen, Engines, Voices, engines
from bookwright.providers.handed import HandedPictures
from bookwright.publishing import Publishing
from bookwright.settings import Capability, Settings
from bookwright.steering import Steering
from bookwright.store import AssetRows, Assets, BookStore, Database, JobStore, LedgerStore, LimitStore, migrate
from bookwright.store.batches.store import BatchStore
from bookwright.store.books.redos import Redos
from bookwright.store.books.versions import PageVersions
from bookwright.store.ingestion.store import IngestionStore
from bookwright.store.ingestion.uploads import UploadStore
from bookwright.store.ledger.months import MonthBudgets
from bookwright.store.publications import Publications
from bookwright.store.scenes.store import SceneStore
from bookwright.store.stories.store import WritingStore
from bookwright.telemetry.logs import configure_logging, get_logger
from bookwright.telemetry.tracing import provider_call, start_tracing, stop_tracing, tracing
from bookwright.telemetry.watching import Watching
from bookwright.temporal import STICKY_TIMEOUT, connect
from bookwright.text.measure import expected_speech_ms
from bookwright.text.policy import AllOf, PolicyModerator
from bookwright.webhooks import webhook_urls
from workflows import WORKFLOW_FAILURES
from workflows.batch import BatchGeneration
from workflows.book import BookGeneration
from workflows.chapter import ChapterProduction
from workflows.ingestion import AudiobookIngestion
from workflows.scoring import SceneScoring
from workflows.transcription import ChapterTranscription

if TYPE_CHECKING:
    from bookwright.telemetry.metrics import WorkerMeter

E = TypeVar("E", bound=Engine)

logger = get_logger("worker")

DRAIN = timedelta(seconds=30)
"""What is under way when a worker is told to stop has this long to be finished."""
LEAVE = timedelta(seconds=45)
"""A worker that is told to stop has ended by then, come what may: the SDK may wait for a Temporal that is gone."""
ORPHAN_AGE = timedelta(hours=1)
"""A blob without a row after this long belongs to a process that died between storing it and saying so."""
THROTTLE = timedelta(seconds=0.8)
USERS = {
    Capability.SPEECH: {Queue.SPEECH},
    Capability.TEXT: {Queue.TEXT, Queue.IMAGES},
    Capability.VISION: {Queue.TEXT, Queue.IMAGES},
    Capability.IMAGES: {Queue.IMAGES},
    Capability.SOUNDS: {Queue.SOUNDS},
    Capability.TRANSCRIPTION: {Queue.TRANSCRIPTION},
    Capability.EMBEDDINGS: {Queue.TEXT},
}
"""Who makes calls of each capability."""
CACHED_WORKFLOWS = 250
"""50 books with their chapters. One costs up to a megabyte; one that is not cached is replayed when it is asked."""
WORKFLOWS = [
    BookGeneration,
    ChapterProduction,
    SceneScoring,
    BatchGeneration,
    AudiobookIngestion,
    ChapterTranscription,
]
PASSED_THROUGH = ("pydantic", "bookwright.contracts", "bookwright.text", "activities")
"""Modules that the workflow sandbox shares instead of importing them for each workflow."""


async def main(settings: Settings, queues: Sequence[Queue], address: str | None) -> None:
    """Work until SIGTERM or SIGINT, then drain."""
    async with AsyncExitStack() as stack:
        start_tracing(settings.otlp_endpoint, "bookwright-worker")
        stack.callback(stop_tracing)
        await migrate(settings.database)
        client = await connect(settings, address)
        database = await stack.enter_async_context(Database(settings.database))
        chosen = await stack.enter_async_context(engines(settings, *USERS))
        sharing = Sharing(LimitStore(database), f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}")
        assets = open_assets(settings.storage, settings.assets)
        jobs = JobStore(database, assets)
        meter = _meter(settings, stack)
        handed = HandedPictures()
        stack.push_async_callback(handed.close)
        batches = BatchStore(database, assets)

        async def connected() -> Client:
            return client

        batching = open_batching(database, assets, jobs, connected)
        workers = _workers(client, settings, queues, database, assets, chosen, sharing, handed, batching, meter)
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        ledger, rows = LedgerStore(database, assets), AssetRows(database)
        months = MonthBudgets(database)
        uploads = UploadStore(database, assets, timedelta(hours=settings.upload_hours))

        async def tidy() -> None:
            await ledger.reconcile()
            for owner, job in await months.held_up_before():
                with suppress(Conflict, ServiceUnavailable):  # it has been closed, or is about to be
                    await Steering(jobs, connected).resume(await jobs.job(owner, job))
            await Steering(jobs, connected).redo_waiting(Redos(database), PageVersions(database))
            for session in await uploads.expire():
                logger.info("upload expired", owner=session.owner_id, upload=session.upload_id)
            await asyncio.to_thread(assets.sweep)

        dispatcher = Dispatcher(client, jobs, settings.job_limits, settings.jobs_per_user, tidy, settings.job_rates)
        dispatching = asyncio.create_task(dispatcher.run())
        leasing = asyncio.create_task(sharing.run())
        beside = [asyncio.create_task(_sweep(assets, rows))]  # a bucket takes its time
        beside.append(asyncio.create_task(_load(chosen, queues)))
        beside.append(asyncio.create_task(BatchStarter(client, batches).run()))
        if Queue.PRESS in queues and (publisher := open_publisher(settings.storage)):
            beside.append(asyncio.create_task(Publishing(Publications(database), assets, publisher).run()))
        running = [asyncio.create_task(worker.run()) for worker in workers]
        stopping = asyncio.create_task(stop.wait())
        spare_the_collector()
        logger.info("ready", queues=[str(queue) for queue in queues])
        await asyncio.wait([stopping, dispatching, leasing, *running], return_when=asyncio.FIRST_COMPLETED)
        logger.info("leaving")
        _leave_within(LEAVE)
        for task in (dispatching, *beside):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        await asyncio.gather(*running)
        leasing.cancel()  # only now: the last calls wanted their share
        with suppress(asyncio.CancelledError):
            await leasing


async def _load(chosen: Engines, queues: Sequence[Queue]) -> None:
    """Have the SDKs imported while there is nothing to do yet: the first call of a book would wait for them."""
    await chosen.load(*(capability for capability, users in USERS.items() if users & set(queues)))
    spare_the_collector()


async def _sweep(assets: Assets, rows: AssetRows) -> None:
    try:
        gone = await assets.sweep_orphans(rows.known, ORPHAN_AGE)
    except BookwrightError as error:
        logger.warning("orphans not swept", reason=str(error))
    else:
        if gone:
            logger.info("orphans swept", blobs=len(gone))


def _leave_within(limit: timedelta) -> None:
    last = threading.Timer(limit.total_seconds(), os._exit, [1])
    last.daemon = True
    last.start()


def _meter(settings: Settings, stack: AsyncExitStack) -> "WorkerMeter | None":
    """What counts this process's work, served for as long as `stack` is open; None when nobody wants to know."""
    if not settings.metrics_port:
        return None
    from bookwright.telemetry.metrics import WorkerMeter, registry, serve_metrics

    metrics = registry()
    try:
        stack.callback(serve_metrics(metrics, settings.metrics_host, settings.metrics_port))
    except OSError as error:
        raise Misconfigured(f"BOOKWRIGHT_METRICS_PORT: {settings.metrics_port} can't be had") from error
    return WorkerMeter(metrics)


def _stores(
    settings: Settings, database: Database, assets: Assets, meter: "WorkerMeter | None"
) -> tuple[BookStore, LedgerStore]:
    budget = settings.month_budget_micros
    if meter is None:
        return BookStore(database, assets), LedgerStore(database, assets, month_budget=budget)
    from bookwright.telemetry.counting import CountedBooks, CountedLedger

    return CountedBooks(database, assets, meter), CountedLedger(database, assets, meter, budget)


def _workers(
    client: Client,
    settings: Settings,
    queues: Sequence[Queue],
    database: Database,
    assets: Assets,
    chosen: Engines,
    sharing: Sharing,
    handed: HandedPictures,
    batching: Batching,
    meter: "WorkerMeter | None",
) -> list[Worker]:
    fail = failpoints(settings.failpoints)
    books, ledger = _stores(settings, database, assets, meter)
    press = Press(expected_speech_ms)
    passed_through = (*PASSED_THROUGH, "opentelemetry") if tracing() else PASSED_THROUGH
    writings = WritingStore(database, assets)
    voices, documents = Voices([each.engine for each in chosen.speech]), Documents()
    lookers = _lookers(sharing, chosen)
    reading = Reading(books, assets, voices, documents, writings, sees=bool(lookers))
    records = Records(books, ledger)
    buyer = Buyer(ledger, assets, fail, provider_call, webhook_urls(settings))
    speech = _chain(sharing, Capability.SPEECH, chosen.speech)
    text = _chain(sharing, Capability.TEXT, chosen.text)
    images = _chain(sharing, Capability.IMAGES, chosen.images)
    sounds = _chain(sharing, Capability.SOUNDS, chosen.sounds)
    transcription = _chain(sharing, Capability.TRANSCRIPTION, chosen.transcription)
    embeddings = _chain(sharing, Capability.EMBEDDINGS, chosen.embeddings)
    narration = Narration(speech, buyer, books, assets, press)
    authors = Authors(text, lookers, buyer, assets, AllOf([PolicyModerator()]))
    writing = Writing(authors, books, assets, writings, Handed(handed, Pictures()))
    rewriting = Rewriting(authors, books, assets, writings)
    analysis = Analysis(text, buyer, books, assets, writings)
    looking = Looking(lookers, buyer, assets, Gauge())
    vision = Vision(lookers, buyer, books, assets, documents)
    permits = Permits(sharing)
    drawing = Drawing(images, looking, buyer, assets, Pictures(), permits)
    illustration = Illustration(drawing, books, assets)
    validation = Validation(drawing, looking, Gauge(), permits, books, assets)
    sounding = Sounding(sounds, buyer, assets, Sounds())
    scenes = SceneStore(database, assets)
    scoring = Scoring(sounding, books, assets)
    batch_work = BatchWork(batching)
    finding = SceneFinding(scenes, assets, sounding)
    soundscapes = Soundscapes(scenes, sounding)
    ingestions, recordings = IngestionStore(database, assets), Recordings()
    ingesting = Ingesting(books, ingestions, assets, recordings)
    transcribing = Transcribing(transcription, buyer, ingestions, assets, recordings)
    describing = Describing(authors, embeddings, buyer, ingestions, assets)
    activities: dict[Queue, list[Callable[..., Any]]] = {
        Queue.BOOKS: [
            reading.read,
            reading.plan,
            records.chapters,
            records.stages,
            records.hold,
            records.raise_budget,
            records.close,
            finding.find,
            finding.give_up,
            finding.tally,
            *batch_work.all(),
            ingesting.open,
            ingesting.plan,
            ingesting.step,
            ingesting.write,
        ],
        Queue.SPEECH: [narration.speak, narration.give_up],
        Queue.TEXT: [
            analysis.analyse,
            analysis.give_up,
            vision.read_pages,
            vision.give_up,
            writing.characters,
            writing.sheet,
            writing.outline,
            writing.chapter,
            writing.put_together,
            rewriting.rewrite,
            describing.summarize,
            describing.tag,
            describing.embed,
        ],
        Queue.TRANSCRIPTION: [transcribing.transcribe, transcribing.give_up],
        Queue.IMAGES: [illustration.illustrate, illustration.give_up, validation.validate, validation.give_up],
        Queue.SOUNDS: [scoring.score, scoring.give_up, soundscapes.make, soundscapes.give_up],
    }
    if Queue.PRESS in queues:
        presses = {Edition.EPUB: DeferredPress(epub_press), Edition.PDF: DeferredPress(pdf_press)}
        binding = Binding(books, assets, press, presses, Bundler(), DeferredArtist(cover_artist), fail)
        answers = Answers(DrawnAnswers(), books, assets)
        activities[Queue.PRESS] = [binding.bind_chapter, binding.bind_edition, answers.draw, ingesting.survey]
    # More batches than the provider takes calls, also when each has one page only: while one's last call is answered,
    # the next one's pages are already read. Not many more, since each waits with a heartbeat.
    slots = {
        Queue.BOOKS: 20,
        Queue.SPEECH: _batches(chosen.speech),
        Queue.TEXT: _batches(chosen.text),
        Queue.IMAGES: _batches(chosen.images),
        Queue.SOUNDS: _batches(chosen.sounds),
        Queue.TRANSCRIPTION: _batches(chosen.transcription),
        Queue.PRESS: os.cpu_count() or 2,
    }
    return [
        Worker(
            client,
            task_queue=queue,
            activities=activities[queue],
            workflows=WORKFLOWS if queue is Queue.BOOKS else [],
            workflow_runner=SandboxedWorkflowRunner(
                restrictions=SandboxRestrictions.default.with_passthrough_modules(*passed_through)
            ),
            workflow_failure_exception_types=WORKFLOW_FAILURES,
            interceptors=[Watching(meter)],
            max_cached_workflows=CACHED_WORKFLOWS,
            max_concurrent_activities=slots[queue],
            # The SDK's own five pollers leave one for workflows that are not cached: with 50 books under way the first
            # task of a chapter then waits for 9 s, and a query for as long.
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(initial=5, maximum=20),
            activity_task_poller_behavior=PollerBehaviorAutoscaling(initial=2, maximum=16),
            sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
            max_heartbeat_throttle_interval=THROTTLE,
            default_heartbeat_throttle_interval=THROTTLE,
            graceful_shutdown_timeout=DRAIN,
        )
        for queue in queues
    ]


def _lookers(sharing: Sharing, chosen: Engines) -> Chain[LanguageModel]:
    """Who looks at pictures: those who are set to, or else the models that write, as far as they see."""
    lookers = chosen.vision or [each for each in chosen.text if each.engine.sees]
    return _chain(sharing, Capability.VISION if chosen.vision else Capability.TEXT, lookers)


def _batches(chosen: Sequence[Chosen[E]]) -> int:
    most = max((_concurrency(each) for each in chosen), default=1)
    return most + max(most // 2, 1)


def _concurrency(each: Chosen[E]) -> int:
    return each.account.concurrency or each.engine.concurrency


def _chain(sharing: Sharing, capability: Capability, chosen: Sequence[Chosen[E]]) -> Chain[E]:
    """The engines of a capability with what limits each: all workers together, unless it runs on this machine."""

    def limit(each: Chosen[E]) -> Slots:
        if not each.account.remote:
            return Slots(_concurrency(each))
        # Providers count by model, and one's queue is not to stand before another's. A model's own name may be longer
        # than a key of the store.
        return sharing.slots(f"{each.engine.provider} {capability}", _concurrency(each), each.account.pace)

    return Chain([Link(each.engine, limit(each), each.account.deadline) for each in chosen], capability.variable)


if __name__ == "__main__":
    keep_memory_together()
    parser = argparse.ArgumentParser(description="Work on Bookwright's task queues.")
    parser.add_argument("--queues", nargs="+", type=Queue, default=list(Queue))
    parser.add_argument("--address", help="where Temporal is, when not at TEMPORAL_ADDRESS")
    arguments = parser.parse_args()
    loaded = Settings.load()
    configure_logging(loaded.log_level)
    with suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main(loaded, arguments.queues, arguments.address))
