"""A whole Bookwright of real processes, each of which may be killed, frozen and started again.

Temporal keeps its history in a file and its port for life, so that it can be killed and come back. The provider is the
emulator. Every wait is for an event: a log line, a counter of the emulator, the end of a workflow; the store alone has
to be asked again and again.
"""

import asyncio
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError

from bookwright.assets import open_assets
from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.contracts.orders import BookOrder, Edition, Track
from bookwright.contracts.progress import BookStatus
from bookwright.contracts.queues import Queue
from bookwright.intake import Wishes, accept
from bookwright.providers.sarvam import SarvamEngine
from bookwright.settings import Settings, StorageSettings
from bookwright.store import SERVICE, Assets, BookStore, Database, JobRow, JobStore, LedgerStore, migrate
from bookwright.store.tables import page_tracks
from bookwright.temporal import DevServer, connect, free_port
from tests.support.emulator import ROOT, EmulatorProcess

T = TypeVar("T")
READY_S, CLOSE_S, GONE_S = 120.0, 240.0, 120.0
POLL_S = 0.03
_READY_LINE, _LEAVING_LINE = b'"event": "ready"', b'"event": "leaving"'
_NOT_INHERITED = ("BOOKWRIGHT_", "SARVAM_", "TEMPORAL_", "PYTHONDONTWRITEBYTECODE")
"""Without its cache of compiled modules a worker takes three times as long to start."""


@dataclass
class WorkerProcess:
    """`python -m worker`, or the API. Its log goes to a file; `ready_at` is on the clock of `time.perf_counter`."""

    process: asyncio.subprocess.Process
    log: Path
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    ready_at: float = 0.0
    reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended; a frozen worker has not."""
        return self.process.returncode is None

    def send(self, what: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, what)

    def freeze(self) -> None:
        """Stop it wherever it is, perhaps in the middle of a transaction."""
        self.send(signal.SIGSTOP)

    async def stopped(self) -> None:
        """Wait until it stands still, stopped by itself (at a failpoint) or by somebody else."""
        async with asyncio.timeout(GONE_S):
            await asyncio.to_thread(os.waitid, os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def go_on(self) -> None:
        self.send(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to drain and end, as a deploy does."""
        self.send(signal.SIGTERM)

    async def drains(self) -> None:
        """Wait until it has taken in that it is to end."""
        async with asyncio.timeout(GONE_S):
            await self.leaving.wait()

    async def kill(self) -> None:
        """End it at once, frozen or not, and wait until it is gone."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def ended(self) -> int:
        """Wait until it ends; its exit code (-9 when it was killed)."""
        async with asyncio.timeout(GONE_S):
            code = await self.process.wait()
            if self.reading is not None:
                await self.reading
        return code


class Stack:
    """One home folder with Temporal and any number of workers. The emulator is the caller's, and is reset."""

    def __init__(
        self,
        home: Path,
        emulator: EmulatorProcess,
        *,
        database_url: str = "",
        codec_key: str | None = None,
        audio_jobs: int = 8,
        environment: Mapping[str, str] | None = None,
        others: Mapping[str, EmulatorProcess] | None = None,
    ) -> None:
        """`others` are emulators of further providers, by the provider's name in the ledger; `environment` says what
        they are used for."""
        self.home = home
        self.emulator = emulator
        self.emulators = {"sarvam": emulator, **(others or {})}
        self.settings = Settings.model_validate(
            {"BOOKWRIGHT_HOME": home, "DATABASE_URL": database_url, "BOOKWRIGHT_CODEC_KEY": codec_key}
        )
        self.engine = SarvamEngine(emulator.key, base_url=emulator.url)
        self.workers: list[WorkerProcess] = []
        self.jobs_ordered: list[JobRow] = []
        self.texts: list[str] = []
        """The text of every page that was ordered, for the invariants."""
        self._audio_jobs = audio_jobs
        self._environment = {**_addresses(others or {}), **(environment or {})}
        self._codec_key = codec_key
        self._closing = AsyncExitStack()
        self.temporal = DevServer(home / "temporal", port=free_port())
        self.client: Client
        self.database: Database
        self.assets: Assets
        self.books: BookStore
        self.jobs: JobStore
        self.ledger: LedgerStore

    async def __aenter__(self) -> Self:
        try:
            for emulator in self.emulators.values():
                await emulator.reset()
            self.home.mkdir(parents=True, exist_ok=True)
            await self.temporal.start()
            await migrate(self.settings.database)
            self.database = await self._closing.enter_async_context(Database(self.settings.database))
            self.assets = open_assets(StorageSettings.model_validate(self._environment), self.settings.assets)
            self.books = BookStore(self.database, self.assets)
            self.jobs = JobStore(self.database, self.assets)
            self.ledger = LedgerStore(self.database, self.assets)
            self.client = await connect(self.settings, self.temporal.address, timeout_s=READY_S)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._show_logs()
        await self._end()

    async def _end(self) -> None:
        for worker in self.workers:
            await worker.kill()
        await self.temporal.kill()
        await self._closing.aclose()

    def _show_logs(self) -> None:
        """What the workers had to say, for whoever reads about the failure."""
        for path in self.logs():
            tail = path.read_text(errors="replace").splitlines()[-25:]
            sys.stderr.write(f"--- {path.name}\n" + "\n".join(tail) + "\n")

    def logs(self) -> list[Path]:
        """The log files of Temporal and of all processes of ours so far."""
        ours = [*self.home.glob("worker-*.log"), *self.home.glob("api-*.log")]
        return [*sorted(ours), self.home / "temporal" / "temporal.log"]

    # -- workers and Temporal ----------------------------------------------------------------------------------------

    async def worker(
        self,
        *,
        failpoints: str = "",
        concurrency: int | None = None,
        wait: bool = True,
        queues: Sequence[Queue] = tuple(Queue),
        metrics_port: int = 0,
        settings: Mapping[str, str] | None = None,
    ) -> WorkerProcess:
        """Start a worker; with `wait`, answer when it polls. `settings` are further variables of its environment."""
        return await self._start(
            "worker",
            *(sys.executable, "-m", "worker", "--address", self.temporal.address, "--queues", *queues),
            wait=wait,
            settings={
                "BOOKWRIGHT_FAILPOINTS": failpoints,
                "SARVAM_CONCURRENCY": str(concurrency or ""),
                "BOOKWRIGHT_METRICS_PORT": str(metrics_port),
                **(settings or {}),
            },
        )

    async def api(self, port: int, *, metrics_port: int = 0) -> WorkerProcess:
        """Start the API alone, as `bookwright api` does, and wait until it answers."""
        command = (Path(sys.executable).parent / "bookwright", "api", "--port", str(port))
        where = {"TEMPORAL_ADDRESS": self.temporal.address, "BOOKWRIGHT_METRICS_PORT": str(metrics_port)}
        return await self._start("api", *command, settings=where)

    async def _start(
        self, name: str, *command: str | Path, settings: Mapping[str, str], wait: bool = True
    ) -> WorkerProcess:
        log = self.home / f"{name}-{len(self.workers) + 1}.log"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)},
            "BOOKWRIGHT_HOME": str(self.home),
            "DATABASE_URL": self.settings.database,
            "BOOKWRIGHT_SPEECH": "sarvam",
            "SARVAM_BASE_URL": self.emulator.url,
            "SARVAM_API_KEY": self.emulator.key,
            "BOOKWRIGHT_AUDIO_JOBS": str(self._audio_jobs),
            "BOOKWRIGHT_LOG_LEVEL": "INFO",
            **settings,
            **({"BOOKWRIGHT_CODEC_KEY": self._codec_key} if self._codec_key else {}),
            **self._environment,
        }
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        worker = WorkerProcess(process, log)
        worker.reading = asyncio.create_task(_keep_log(worker))
        self.workers.append(worker)
        if wait:
            await self.ready(worker)
        return worker

    async def ready(self, worker: WorkerProcess) -> None:
        """Wait until the worker polls. Raises RuntimeError when it ends before."""
        async with asyncio.timeout(READY_S):
            await worker.ready.wait()
        if not worker.ready_at:
            raise RuntimeError(f"a worker ended before it was ready:\n{worker.log.read_text()[-4000:]}")

    async def freeze(self, worker: WorkerProcess) -> None:
        """Stop the worker outside of a write transaction. A process that stands still in the middle of one has SQLite's
        only write lock: everybody waits for it then, and another worker can't show what it would do."""
        async with asyncio.timeout(READY_S):
            while True:
                worker.freeze()
                if self.database.dialect != "sqlite" or await asyncio.to_thread(self.writable):
                    return
                worker.go_on()
                await asyncio.sleep(POLL_S)

    def writable(self) -> bool:
        """Whether nobody holds SQLite's write lock for long."""
        connection = sqlite3.connect(self.home / "bookwright.db", timeout=0.2, isolation_level=None)
        with closing(connection), suppress(sqlite3.OperationalError):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            return True
        return False

    async def kill_temporal(self) -> None:
        """End the Temporal server at once, as a power cut would."""
        await self.temporal.kill()

    async def restart_temporal(self) -> None:
        """Start it again on the same port and file, and wait until it answers."""
        await self.temporal.start()
        await connect(self.settings, self.temporal.address, timeout_s=READY_S)

    # -- orders ------------------------------------------------------------------------------------------------------

    async def order(
        self,
        pages: Sequence[str],
        *,
        title: str = "The Lantern",
        owner: OwnerId = LOCAL_OWNER,
        per_chapter: int | None = None,
        editions: tuple[Edition, ...] = (Edition.MP3,),
        **wishes: Any,
    ) -> JobRow:
        """Hand a text of these pages in, the way the command line does; answers the queued job."""
        data = book_text(pages, per_chapter).encode()
        job = await self.order_file(data, "book.md", owner, title=title, language="en", editions=editions, **wishes)
        assert len(self.texts) >= len(pages) and self.texts[-len(pages) :] == list(pages)
        return job

    async def order_file(self, data: bytes, name: str, owner: OwnerId = LOCAL_OWNER, **wishes: Any) -> JobRow:
        """Hand a text in as it is."""
        accepted = accept(data, name, Wishes(**wishes), self.engine, owner)
        assert accepted.source is not None
        self.texts.extend(page.text for chapter in accepted.source.chapters for page in chapter.pages)
        await self.assets.put(data, accepted.media_type)
        return await self.accept(accepted.order, accepted.fingerprint)

    async def accept(self, order: BookOrder, fingerprint: str = "again") -> JobRow:
        """Put an order into the queue."""
        row = await self.jobs.accept(order, fingerprint=fingerprint)
        self.jobs_ordered.append(row)
        return row

    async def retry(self, job: JobRow) -> JobRow:
        """Order what is missing of a closed job."""
        generation = await self.jobs.next_generation(job.owner_id, job.book_id)
        return await self.accept(job.order.model_copy(update={"generation": generation}))

    def handle(self, job: JobRow) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(job.workflow_id)

    async def row(self, job: JobRow) -> JobRow:
        """The job as it is now."""
        return await self.jobs.job(job.owner_id, job.job_id)

    async def status(self, job: JobRow) -> BookStatus:
        """What the workflow itself says."""
        return BookStatus.model_validate(await self.handle(job).query("status"))

    async def until(
        self, ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool], *, timeout_s: float = CLOSE_S
    ) -> T:
        """Ask the store again and again until what it answers holds."""
        async with asyncio.timeout(timeout_s):
            while not holds(answer := await ask()):  # noqa: ASYNC110 - other processes write the store
                await asyncio.sleep(POLL_S)
        return answer

    async def job_where(self, job: JobRow, holds: Callable[[JobRow], bool], *, timeout_s: float = CLOSE_S) -> JobRow:
        """Wait until the job's row is like this."""
        return await self.until(lambda: self.row(job), holds, timeout_s=timeout_s)

    async def closed(self, *jobs: JobRow, timeout_s: float = CLOSE_S) -> list[JobRow]:
        """Wait until the jobs (all, when none is named) have ended; their rows."""
        async with asyncio.timeout(timeout_s):
            return list(await asyncio.gather(*(self._closed(job) for job in jobs or self.jobs_ordered)))

    async def _closed(self, job: JobRow) -> JobRow:
        await self.job_where(job, lambda row: row.state != "queued", timeout_s=3600)
        while True:
            try:
                await self.handle(job).result()
            except WorkflowFailureError:
                pass
            except RPCError:  # Temporal is away, or starts the job only now
                await asyncio.sleep(POLL_S)
                continue
            return await self.job_where(job, lambda row: row.state.closed, timeout_s=3600)

    async def silences(self) -> int:
        """How many attempts at activities were taken for dead because their worker was silent for too long. It was
        killed or frozen, or the machine is so busy that it seemed so. What they had under way may be done again."""
        found = 0
        for job in self.jobs_ordered:
            book = await self.handle(job).fetch_history()
            chapters = [
                event.child_workflow_execution_started_event_attributes.workflow_execution.workflow_id
                for event in book.events
                if event.HasField("child_workflow_execution_started_event_attributes")
            ]
            histories = [await self.client.get_workflow_handle(chapter).fetch_history() for chapter in chapters]
            for event in (event for history in (book, *histories) for event in history.events):
                before = event.activity_task_started_event_attributes.last_failure
                last = event.activity_task_timed_out_event_attributes.failure
                found += sum(
                    failure.timeout_failure_info.timeout_type == TimeoutType.TIMEOUT_TYPE_HEARTBEAT
                    for failure in (before, last)
                )
        return found

    # -- what has been made ------------------------------------------------------------------------------------------

    async def segments(self, job: JobRow) -> dict[int, str]:
        """The segment's asset of every page that is finished."""
        query = sa.select(page_tracks.c.page, page_tracks.c.asset).where(
            page_tracks.c.owner_id == job.owner_id,
            page_tracks.c.book_id == job.book_id,
            page_tracks.c.track == Track.NARRATION,
            page_tracks.c.state == TrackState.COMPLETED,
        )
        rows = await self.database.read(SERVICE, lambda c: c.execute(query).all())
        return {row.page: row.asset for row in rows}

    async def segments_where(self, job: JobRow, holds: Callable[[dict[int, str]], bool]) -> dict[int, str]:
        """Wait until the finished pages are like this."""
        return await self.until(lambda: self.segments(job), holds)


def _addresses(others: Mapping[str, EmulatorProcess]) -> dict[str, str]:
    """How a worker finds further emulators."""
    found: dict[str, str] = {}
    for name, emulator in others.items():
        key = "REPLICATE_API_TOKEN" if name == "replicate" else f"{name.upper()}_API_KEY"
        found |= {f"{name.upper()}_BASE_URL": emulator.url, key: emulator.key}
    return found


async def _keep_log(worker: WorkerProcess) -> None:
    """Copy the worker's log into its file, and notice when it is ready or ends."""
    assert worker.process.stderr is not None
    with worker.log.open("wb", buffering=0) as log:
        async for line in worker.process.stderr:
            log.write(line)
            if _READY_LINE in line and not worker.ready_at:
                worker.ready_at = time.perf_counter()
                worker.ready.set()
            if _LEAVING_LINE in line:
                worker.leaving.set()
    worker.ready.set()


_WORDS = "amber river lantern willow harbour garden marble copper meadow thunder velvet orchard winter candle".split()


def page_texts(count: int, *, book: str = "first", sentences: int = 1) -> list[str]:
    """Pages that one call each speaks, no two alike. `zephyrine` stands in each and nowhere else."""
    return [
        " ".join(
            f"The zephyrine {_WORDS[(page + part) % len(_WORDS)]} of the {book} book is number {page * 10 + part}."
            for part in range(sentences)
        )
        for page in range(1, count + 1)
    ]


def short_texts(count: int, book: str) -> list[str]:
    """Pages of a few words, no two alike, as many as 2,744: cheap to speak and to bind."""
    size = len(_WORDS)
    return [
        f"zephyrine {book} {_WORDS[page // size**2]} {_WORDS[page // size % size]} {_WORDS[page % size]}."
        for page in range(count)
    ]


SECRET_WORD = "zephyrine"


def book_text(pages: Sequence[str], per_chapter: int | None = None) -> str:
    """The pages as Markdown, each after a page mark; a heading before every `per_chapter`-th."""
    parts = []
    for index, page in enumerate(pages):
        parts.append("##")
        if per_chapter and index % per_chapter == 0:
            parts.append(f"## Chapter {index // per_chapter + 1}")
        parts.append(page)
    return "\n\n".join(parts) + "\n"
