"""The embedded service: Temporal and a worker as processes of this machine, shared by whoever uses the same home."""

import asyncio
import fcntl
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.queues import Queue
from bookwright.settings import Settings
from bookwright.temporal import CONNECT_TIMEOUT_S, DevServer, connect, die_with_parent

ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""For workers: their arrays are small, and a BLAS thread for each core costs memory and gains nothing."""
DRAIN_S = 40.0
"""A worker that was told to stop gets this long to finish what is under way."""


class Service:
    """Temporal and a worker for one home folder.

    The first to come hosts them and holds a lock; others find their address in `run/service.json`. A host that ends
    leaves every job in its files, and the next host goes on with it.
    """

    def __init__(self, settings: Settings, *, ui_port: int | None = None) -> None:
        self._settings = settings
        self._run = settings.home / "run"
        self._card = self._run / "service.json"
        self._ui_port = ui_port
        self._lock: IO[str] | None = None
        self._server: DevServer | None = None
        self._worker: asyncio.subprocess.Process | None = None
        self.address = settings.temporal_address

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def hosting(self) -> bool:
        """Whether this process runs the service."""
        return self._lock is not None

    @property
    def ui(self) -> str | None:
        return self._server.ui if self._server else None

    async def ensure(self, queues: Sequence[Queue] = tuple(Queue)) -> Client:
        """A client of a Temporal with a worker behind it: the ones that run already, or started now.

        Raises ServiceUnavailable when a configured Temporal can't be reached.
        """
        async with asyncio.timeout(DRAIN_S + CONNECT_TIMEOUT_S):
            while not self._take_lock():
                if self._host_lives():
                    return await self.attach()
                await asyncio.sleep(0.2)  # the last host was killed, and its worker is still draining
        if self._settings.embedded_temporal:
            self._server = DevServer(self._settings.home / "temporal", ui_port=self._ui_port, keep=self._lock_fd)
            await self._server.start()
            self.address = self._server.address
        client = await connect(self._settings, self.address, timeout_s=CONNECT_TIMEOUT_S)
        if self._settings.embedded_temporal or not await has_worker(client):
            await self._start_worker(queues)
        self._card.write_text(json.dumps({"pid": os.getpid(), "temporal": self.address, "ui": self.ui}))
        return client

    async def attach(self, timeout_s: float = 10) -> Client:
        """A client of the service that runs. Raises ServiceUnavailable when none does."""
        self.address = self._settings.temporal_address or await self._announced()
        return await connect(self._settings, self.address, timeout_s=timeout_s)

    async def revive(self) -> bool:
        """Take the hosting over when the host has gone, and replace a Temporal or a worker that died. True when that
        was done."""
        if self.hosting:
            if self._server is not None and not self._server.running:
                await self._server.start()  # on the same port and file: the worker finds it again by itself
                return True
            if self._worker is not None and self._worker.returncode is not None:
                await self._start_worker(tuple(Queue))
                return True
            return False
        if not self._take_lock():
            return False
        self._release_lock()
        await self.ensure()
        return True

    async def stop(self) -> None:
        """Drain the worker, then end Temporal. Does nothing for a service that another process hosts."""
        if self._worker is not None and self._worker.returncode is None:
            with suppress(ProcessLookupError):
                self._worker.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(DRAIN_S):
                    await self._worker.wait()
            except TimeoutError:
                self._worker.kill()
                await self._worker.wait()
        if self._server is not None:
            await self._server.stop()
        if self.hosting:
            self._card.unlink(missing_ok=True)
            self._release_lock()

    async def worker_died(self) -> int:
        """Wait until the worker ends by itself; its exit code."""
        assert self._worker is not None
        return await self._worker.wait()

    async def _start_worker(self, queues: Sequence[Queue]) -> None:
        log = (self._run / "worker.log").open("ab")
        with log:
            self._worker = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "worker",
                "--address",
                self.address,
                "--queues",
                *queues,
                env={**os.environ, **ONE_BLAS_THREAD},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us, so that the worker drains while Temporal still runs
                preexec_fn=die_with_parent,
                pass_fds=(self._lock_fd,),
            )

    @property
    def _lock_fd(self) -> int:
        """The lock's descriptor. Children inherit it, so that the lock is free only when the last of them is gone:
        two Temporal servers must never open one history file."""
        assert self._lock is not None
        return self._lock.fileno()

    def _host_lives(self) -> bool:
        """Whether the process on the card is there; a host that is just starting has no card yet."""
        try:
            os.kill(json.loads(self._card.read_text())["pid"], 0)
        except ProcessLookupError:
            return False
        except (OSError, ValueError, KeyError):
            return not self._card.exists()
        return True

    async def _announced(self) -> str:
        """The address on the host's card; a host that is just starting has not written it yet."""
        for _ in range(100):
            with suppress(OSError, ValueError, KeyError):
                return str(json.loads(self._card.read_text())["temporal"])
            if self._take_lock():
                self._release_lock()
                break
            await asyncio.sleep(0.1)
        raise ServiceUnavailable("no service is running here: start `bookwright serve`, or set TEMPORAL_ADDRESS")

    def _take_lock(self) -> bool:
        self._run.mkdir(parents=True, exist_ok=True)
        lock = (self._run / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


async def has_worker(client: Client, queue: Queue = Queue.BOOKS) -> bool:
    """Whether anybody polls the queue for workflow tasks."""
    with suppress(RPCError):
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
        return bool(answer.pollers)
    return False


def log_tail(home: Path, lines: int = 5) -> str:
    """The end of the worker's log, for an error message."""
    with suppress(OSError):
        return "\n".join((home / "run" / "worker.log").read_text(errors="replace").splitlines()[-lines:])
    return ""
