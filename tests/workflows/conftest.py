"""One Temporal server for all workflow tests of a test process, and workers with fake activities on it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from bookwright.contracts import attributes
from bookwright.contracts.queues import Queue
from bookwright.settings import Settings
from bookwright.temporal import SERVER_SETTINGS, DevServer, connect, data_converter, temporal_binary
from workflows import WORKFLOW_FAILURES
from workflows.book import BookGeneration
from workflows.chapter import ChapterProduction
from workflows.delivery import WebhookDelivery
from workflows.ingestion import AudiobookIngestion
from workflows.scoring import SceneScoring
from workflows.transcription import ChapterTranscription

WORKFLOWS = [BookGeneration, ChapterProduction, SceneScoring, AudiobookIngestion, ChapterTranscription, WebhookDelivery]
THROTTLE = timedelta(seconds=0.8)
"""As a real worker's; Temporal's own would let two beats of three wait until it is too late."""


class Fakes(Protocol):
    """Stand-ins for activities."""

    def all(self) -> Sequence[Callable[..., Any]]:
        """Everything to register."""
        ...


@asynccontextmanager
async def working(client: Client, fakes: Fakes) -> AsyncIterator[Client]:
    """Workers for every queue, with `fakes` behind them."""
    async with AsyncExitStack() as stack:
        for queue in Queue:
            await stack.enter_async_context(
                Worker(
                    client,
                    task_queue=queue,
                    activities=fakes.all(),
                    workflows=WORKFLOWS if queue is Queue.BOOKS else [],
                    workflow_runner=SandboxedWorkflowRunner(
                        restrictions=SandboxRestrictions.default.with_passthrough_modules(
                            "pydantic", "bookwright.contracts", "bookwright.text", "activities"
                        )
                    ),
                    workflow_failure_exception_types=WORKFLOW_FAILURES,
                    max_heartbeat_throttle_interval=THROTTLE,
                    default_heartbeat_throttle_interval=THROTTLE,
                )
            )
        yield client


@pytest.fixture(scope="session")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A client of a real server whose clock runs normally."""
    server = DevServer(Path(tmp_path_factory.mktemp("temporal")), in_memory=True)
    await server.start()
    try:
        yield await connect(Settings(), server.address, timeout_s=60)
    finally:
        await server.stop()


@pytest.fixture(scope="session")
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A real server that skips the time in which nothing happens."""
    extra = [part for value in SERVER_SETTINGS for part in ("--dynamic-config-value", value)]
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        dev_server_extra_args=extra,
        search_attributes=attributes.ALL,
        data_converter=data_converter(Settings()),
    )
    async with environment:
        yield environment
