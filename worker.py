"""The composition root: settings → providers → activity objects → one Worker per task queue.

Started as a process (`python -m worker --queues …`); nobody imports it.
"""

if __name__ == "__main__":
    import gc

    gc.disable()  # nothing becomes garbage while modules are loaded; `spare_the_collector` switches it on again

import argparse
import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.sharing import Sharing
from bookwright.alerting.looking import AlertLook
from bookwright.assets import open_assets, open_publisher
from bookwright.batching import open_batching
from bookwright.batchstart import BatchStarter
from bookwright.bulk import BulkSteering
from bookwright.contracts.errors import BookwrightError, Conflict, ServiceUnavailable
from bookwright.contracts.queues import Queue
from bookwright.deliveries import DeliveryStarter
from bookwright.dispatch import Dispatcher
from bookwright.looking import keep_looking
from bookwright.memory import keep_memory_together, spare_the_collector
from bookwright.providers.choice import Engines, engines
from bookwright.providers.handed import HandedPictures
from bookwright.publishing import Publishing
from bookwright.settings import Capability, Settings
from bookwright.steering import Steering
from bookwright.store import AssetRows, Assets, Database, JobStore, LedgerStore, LimitStore, migrate
from bookwright.store.batches.store import BatchStore
from bookwright.store.books.redos import Redos
from bookwright.store.books.versions import PageVersions
from bookwright.store.bulk.store import BulkStore
from bookwright.store.ingestion.uploads import UploadStore
from bookwright.store.ledger.months import MonthBudgets
from bookwright.store.publications import Publications
from bookwright.store.webhooks.alerts import AlertStore
from bookwright.store.webhooks.deliveries import DeliveryStore
from bookwright.telemetry.logs import configure_logging, get_logger
from bookwright.telemetry.tracing import start_tracing, stop_tracing, tracing
from bookwright.telemetry.watching import Watching
from bookwright.temporal import STICKY_TIMEOUT, connect
from bookwright.wiring.activities import activities_by_queue
from bookwright.wiring.chains import batches_at_once, chapters_at_once
from bookwright.wiring.counting import open_meter
from bookwright.wiring.delivering import open_delivering
from workflows import WORKFLOW_FAILURES
from workflows.batch import BatchGeneration
from workflows.book import BookGeneration
from workflows.chapter import ChapterProduction
from workflows.delivery import WebhookDelivery
from workflows.ingestion import CHAPTERS_AT_ONCE, AudiobookIngestion
from workflows.scoring import SceneScoring
from workflows.transcription import ChapterTranscription

if TYPE_CHECKING:
    from bookwright.telemetry.metrics import WorkerMeter

logger = get_logger("worker")

DRAIN = timedelta(seconds=30)
"""What is under way when a worker is told to stop has this long to be finished."""
LEAVE = timedelta(seconds=45)
"""A worker that is told to stop has ended by then, come what may: the SDK may wait for a Temporal that is gone."""
ORPHAN_AGE = timedelta(hours=1)
"""A blob without a row after this long belongs to a process that died between storing it and saying so."""
ALERT_S, PRUNE_S = 10.0, 3600.0
"""Between looks for what operators should see, and for what of it is old."""
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
    WebhookDelivery,
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
        meter = open_meter(settings, stack)
        handed = HandedPictures()
        stack.push_async_callback(handed.close)
        batches = BatchStore(database, assets)

        async def connected() -> Client:
            return client

        batching = open_batching(database, assets, jobs, connected)
        activities = activities_by_queue(settings, queues, database, assets, chosen, sharing, handed, batching, meter)
        activities[Queue.DELIVERY] = open_delivering(settings, database, stack).all()
        workers = _workers(client, queues, _deployment(settings), activities, chosen, meter)
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        ledger, rows = LedgerStore(database, assets), AssetRows(database)
        months = MonthBudgets(database)
        alerting = AlertLook(AlertStore(database, settings.notices.outlets), connected)
        deliveries = DeliveryStore(database)
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
        begin = (BatchStarter(client, batches).look, DeliveryStarter(client, deliveries).look)
        beside.append(asyncio.create_task(keep_looking(*begin)))
        bulk = BulkSteering(BulkStore(database), jobs, Steering(jobs, connected))
        beside.append(asyncio.create_task(keep_looking(bulk.look)))  # not behind others: it may take minutes
        beside.append(asyncio.create_task(keep_looking(alerting.look, every_s=ALERT_S)))
        beside.append(asyncio.create_task(keep_looking(deliveries.prune, every_s=PRUNE_S)))
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


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """The build that this worker is of, where builds are told apart. A job stays on the build that it began on, with
    all its children: docs/upgrading.md."""
    if not settings.build_id:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


def _workers(
    client: Client,
    queues: Sequence[Queue],
    deployment: WorkerDeploymentConfig | None,
    activities: Mapping[Queue, Sequence[Callable[..., Any]]],
    chosen: Engines,
    meter: "WorkerMeter | None",
) -> list[Worker]:
    passed_through = (*PASSED_THROUGH, "opentelemetry") if tracing() else PASSED_THROUGH
    slots = {
        Queue.BOOKS: 20,
        Queue.SPEECH: batches_at_once(chosen.speech),
        Queue.TEXT: batches_at_once(chosen.text),
        Queue.IMAGES: batches_at_once(chosen.images),
        Queue.SOUNDS: batches_at_once(chosen.sounds),
        Queue.TRANSCRIPTION: chapters_at_once(chosen.transcription, CHAPTERS_AT_ONCE),
        Queue.PRESS: os.cpu_count() or 2,
        Queue.DELIVERY: 20,
    }
    if meter is not None:
        for queue in queues:
            meter.slots(queue, slots[queue])
    return [
        Worker(
            client,
            task_queue=queue,
            deployment_config=deployment,
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
