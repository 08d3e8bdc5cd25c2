"""A migrated database of each kind, and the stores on it."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bookwright.contracts.book import BookPlan, ChapterText, PageText, SourceText
from bookwright.contracts.calls import Answer, Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.ids import AssetId, BookId, JobId, OwnerId, new_book_id
from bookwright.contracts.orders import BookContext, BookOrder, InlineText, Track
from bookwright.store import Assets, BookStore, Database, JobRow, JobStore, LedgerStore, LocalAssets, migrate
from bookwright.store.stories.store import WritingStore
from tests.support.buckets import Bucket
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.providers import Emulated

ANNA, BELA = OwnerId("anna"), OwnerId("bela")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class World:
    """The stores on one database, and short ways to say what tests say often."""

    database: Database
    assets: Assets
    clock: Clock
    books: BookStore = field(init=False)
    jobs: JobStore = field(init=False)
    ledger: LedgerStore = field(init=False)
    writings: WritingStore = field(init=False)

    def __post_init__(self) -> None:
        self.books = BookStore(self.database, self.assets)
        self.jobs = JobStore(self.database, self.assets, self.clock)
        self.ledger = LedgerStore(self.database, self.assets, self.clock)
        self.writings = WritingStore(self.database, self.assets)

    async def accepted(
        self,
        owner: OwnerId = ANNA,
        *,
        book: BookId | None = None,
        generation: int = 1,
        budget: str | None = None,
        priority: int = 5,
        fingerprint: str = "print",
    ) -> JobRow:
        """A queued job."""
        return await self.jobs.accept(
            order(owner, book=book, generation=generation, budget=budget, priority=priority), fingerprint=fingerprint
        )

    async def book(
        self,
        owner: OwnerId = ANNA,
        *texts: str,
        budget: str | None = None,
        tracks: tuple[Track, ...] = (Track.NARRATION,),
    ) -> BookContext:
        """A running job whose book has one page for each text."""
        job = await self.accepted(owner, budget=budget)
        await self.jobs.started(owner, job.job_id)
        context = context_of(job, len(texts or ("one",))).model_copy(update={"tracks": tracks})
        await self.books.save_source(plan_of(context), None, source_of(*(texts or ("one",))))
        return context

    async def bought(self, context: BookContext, call: ProviderCall, cost: int, unit: str = "page/1") -> Answer:
        """A call that was made and settled."""
        reservation = await self.reserved(context, call, unit)
        await self.ledger.sent(reservation, 30)
        answer = await self.answer(cost)
        await self.ledger.settle(reservation, answer)
        return answer

    async def reserved(
        self, context: BookContext, call: ProviderCall, unit: str = "page/1", activity: str = "run/1", attempt: int = 1
    ) -> Reservation:
        """The reservation of a call that was not made yet."""
        got = await self.ledger.reserve(call, usage_of(context, unit), Holder(activity=activity, attempt=attempt))
        assert isinstance(got, Reservation)
        return got

    async def answer(self, cost: int = 0, content: bytes = b"RIFF....WAVE") -> Answer:
        """An answer whose bytes are stored."""
        asset = await self.assets.put(content, "audio/wav")
        return Answer(asset=asset, facts={"ms": 5}, cost_micros=cost)


def order(
    owner: OwnerId = ANNA,
    *,
    book: BookId | None = None,
    generation: int = 1,
    budget: str | None = None,
    priority: int = 5,
) -> BookOrder:
    return BookOrder(
        book_id=book or new_book_id(),
        owner_id=owner,
        source=InlineText(text="Once"),
        generation=generation,
        title="The River",
        budget_usd=Decimal(budget) if budget else None,
        priority=priority,
    )


def context_of(job: JobRow, pages: int, voice: str = "en") -> BookContext:
    return BookContext(
        owner_id=job.owner_id,
        book_id=job.book_id,
        job_id=job.job_id,
        title="The River",
        language="en",
        voice=voice,
        editions=job.order.editions,
        tracks=job.order.tracks,
        pages=pages,
    )


def source_of(*texts: str, per_chapter: int = 2) -> SourceText:
    chapters = []
    for start in range(0, len(texts), per_chapter):
        number = start // per_chapter + 1
        pages = tuple(
            PageText(number=start + index + 1, chapter=number, text=text)
            for index, text in enumerate(texts[start : start + per_chapter])
        )
        chapters.append(ChapterText(number=number, title=f"Chapter {number}", pages=pages))
    return SourceText(title="The River", chapters=tuple(chapters))


def plan_of(context: BookContext, per_chapter: int = 2) -> BookPlan:
    return BookPlan(context=context, chapters=-(-context.pages // per_chapter), words=context.pages)


def call_of(text: str = "Hello", *, cost: int = 0, take: int = 0) -> ProviderCall:
    return ProviderCall(
        provider="voice", model="v1", operation="speak", input={"text": text}, max_cost_micros=cost, take=take
    )


def usage_of(context: BookContext, unit: str = "page/1") -> Usage:
    return Usage(owner_id=context.owner_id, book_id=context.book_id, job_id=JobId(context.job_id), unit=unit)


def asset_of(content: bytes) -> AssetId:
    return AssetId(hashlib.sha256(content).hexdigest())


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    name = postgres.database()
    asyncio.run(migrate(postgres.url(name)))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "book.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "book.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    name = postgres.database(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database that nobody else uses."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'book.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.database()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database(url) as opened:
        yield opened


@pytest.fixture
def bucket(emulated: Emulated, tmp_path: Path) -> Bucket:
    """An empty bucket; the emulator's counts are 0 and its knobs as at the start."""
    process = emulated("s3")
    process.reset_now()
    return Bucket(process, tmp_path)


@pytest.fixture
def assets(tmp_path: Path) -> LocalAssets:
    return LocalAssets(tmp_path / "assets", min_room=0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(database: Database, assets: LocalAssets, clock: Clock) -> World:
    return World(database, assets, clock)
