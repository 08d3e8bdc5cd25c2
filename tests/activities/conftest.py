"""The real stores on SQLite under the activities, a voice, and what a worker does with them without Temporal."""

import asyncio
import io
import shutil
import wave
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
import sqlalchemy as sa
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.binding import Binding
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.narration import Narration
from activities.slots import Slots
from bookwright.contracts.book import (
    BookPlan,
    BoundFile,
    ChapterRef,
    EditionRef,
    PageBatch,
    Segment,
    SourceText,
    SpokenClip,
    Voice,
)
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BookwrightError
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import OF_SOUND, BookContext, Edition
from bookwright.contracts.ports.calls import Failpoint, Turn
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.progress import BatchOutcome, Bound
from bookwright.press.audio import Press
from bookwright.press.bundle import Bundler
from bookwright.press.cover import Cover
from bookwright.press.epub import EpubPress
from bookwright.press.pdf.press import PdfPress
from bookwright.store import SERVICE, Database, LocalAssets, migrate
from bookwright.store.tables import files, page_tracks, renditions
from bookwright.text.measure import expected_speech_ms
from tests.store.conftest import ANNA, Clock, World
from tests.support.editions import DRY

RATE = 16_000
ATTEMPTS = 3
"""At a batch, as the workflows' policy says."""


def wav(text: str, *, share: float = 1.5, level: float = 0.3) -> bytes:
    """A tone that lasts as long as speaking the text may, with the ups and downs of syllables and its own pitch."""
    time = np.arange(round(RATE * share * max(expected_speech_ms(text), 400) / 1000)) / RATE
    pitch = 150 + crc32(text.encode()) % 80
    sound = np.sin(2 * np.pi * pitch * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)) * level
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return out.getvalue()


class Engine:
    """A voice that fails where a test says so."""

    provider, model, concurrency = "voice", "v1", 4

    def __init__(self, max_chars: int = 200, cost: int = 0) -> None:
        self.max_chars = max_chars
        self.cost = cost
        self.spoken: Counter[str] = Counter()
        self.errors: dict[str, BookwrightError] = {}
        """By a word of the text."""
        self.sound: dict[tuple[str, int], dict[str, float]] = {}
        """How a text's take differs from a good one."""
        self.gate: asyncio.Event | None = None
        self.arrived = asyncio.Event()

    def voices(self, language: str) -> Sequence[Voice]:
        return (Voice(id="v", language=language, name="V"),)

    def voice(self, language: str, wanted: str | None) -> Voice:
        return self.voices(language)[0]

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        wanted = {"text": text, "voice": voice.id}
        return ProviderCall(
            provider="voice", model="v1", operation="speech", input=wanted, max_cost_micros=self.cost, take=take
        )

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        async with turn:
            return await self._spoken(call)

    async def _spoken(self, call: ProviderCall) -> SpokenClip:
        text = str(call.input["text"])
        self.spoken[text] += 1
        self.arrived.set()
        if self.gate is not None:
            await self.gate.wait()
        for word, error in self.errors.items():
            if word in text:
                raise error
        audio = wav(text, **self.sound.get((text, call.take), {}))
        return SpokenClip(audio=audio, media_type="audio/wav", cost_micros=self.cost)


class Studio:
    """Narration as a worker runs it; each `narrate` is one attempt."""

    def __init__(self, world: World, context: BookContext, engine: Engine) -> None:
        self.world = world
        self.context = context
        self.engine = engine
        self.chain: Chain[SpeechEngine] = Chain([Link[SpeechEngine](engine, Slots(4), 30)])
        self.beats: list[Any] = []
        self.attempts = 0
        self.environment = ActivityEnvironment()

    async def narrate(self, first: int = 1, last: int | None = None, *, chapter: int = 1) -> BatchOutcome:
        self.attempts += 1
        self.environment = ActivityEnvironment()
        self.environment.info = replace(
            self.environment.info,
            attempt=self.attempts,
            current_attempt_scheduled_time=datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.attempts),
            heartbeat_details=self.beats[-1:],
            retry_policy=RetryPolicy(maximum_attempts=ATTEMPTS),
        )
        self.environment.on_heartbeat = self.beats.append
        return await self.environment.run(self.narration.speak, self.batch(first, last, chapter))

    @property
    def narration(self) -> Narration:
        assets, buyer = self.world.assets, Buyer(self.world.ledger, self.world.assets)
        return Narration(self.chain, buyer, self.world.books, assets, Press(expected_speech_ms))

    def batch(self, first: int = 1, last: int | None = None, chapter: int = 1) -> PageBatch:
        return PageBatch(context=self.context, chapter=chapter, first_page=first, last_page=last or self.context.pages)

    async def failure(self) -> ApplicationError:
        with pytest.raises(ApplicationError) as failure:
            await self.narrate()
        return failure.value

    async def states(self) -> dict[int, tuple[str, str | None]]:
        """Each page's state, and the error that it was recorded with."""

        def read(connection: sa.Connection) -> dict[int, tuple[str, str | None]]:
            rows = connection.execute(sa.select(page_tracks).order_by(page_tracks.c.page)).mappings()
            return {row["page"]: (row["state"], row["error_type"]) for row in rows}

        return await self.world.database.read(SERVICE, read)

    async def segments(self) -> dict[int, Segment]:
        material = await self.world.books.binding_material(ANNA, self.context.book_id, None)
        pages = [page for chapter in material.chapters for page in chapter.pages if page.asset]
        return {
            page.number: Segment.model_validate_json(await self.world.assets.get(page.asset))
            for page in pages
            if page.asset
        }


Place = tuple[Edition, int | None]
"""An edition, and the chapter of a file of it; None for one of the whole book."""


class Artist:
    """Draws a cover once for all attempts, each of which has a Binding of its own."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, str | None, str, bytes | None], bytes] = {}

    def cover(self, title: str, author: str | None, language: str, banner: bytes | None = None) -> bytes:
        about = (title, author, language, banner)
        if about not in self._drawn:
            self._drawn[about] = Cover().cover(*about)
        return self._drawn[about]


class Bindery:
    """Binds one book the way its workflow has it bound; each `bind` is one attempt."""

    def __init__(self, world: World, context: BookContext, engine: Engine) -> None:
        self.world = world
        self.context = context
        self.studio = Studio(world, context, engine)
        self.press = Press(expected_speech_ms)
        self.artist = Artist()
        self.printer = PdfPress()
        self.environment = ActivityEnvironment()

    async def save(self, source: SourceText) -> None:
        """Make the book's text this."""
        plan = BookPlan(context=self.context, chapters=len(source.chapters), words=1)
        await self.world.books.save_source(plan, "Asha Rao", source)

    async def bind(
        self,
        *editions: Edition,
        assets: LocalAssets | None = None,
        failpoint: Failpoint = lambda step: None,
    ) -> list[Bound]:
        """Bind these editions (DRY, when none is named): the chapters' own files, then those of the whole book."""
        wanted = editions or DRY
        context = self.context.model_copy(update={"editions": wanted})
        binding = Binding(
            self.world.books,
            assets or self.world.assets,
            self.press,
            {Edition.EPUB: EpubPress(), Edition.PDF: self.printer},
            Bundler(),
            self.artist,
            failpoint,
        )
        bound = []
        if not OF_SOUND.isdisjoint(wanted):
            for brief in await self.world.books.chapters(ANNA, context.book_id, 1, 100):
                ref = ChapterRef(context=context, chapter=brief.number)
                bound.append(await self._attempt(binding.bind_chapter, ref))
        for edition in wanted:
            if not edition.by_chapter:
                bound.append(await self._attempt(binding.bind_edition, EditionRef(context=context, edition=edition)))
        return bound

    async def _attempt(self, activity: Any, ref: ChapterRef | EditionRef) -> Bound:
        self.environment = ActivityEnvironment()
        bound: Bound = await self.environment.run(activity, ref)
        return bound

    async def files(self) -> dict[Place, BoundFile]:
        """What has been bound."""
        found = await self.world.books.files(ANNA, self.context.book_id)
        return {(file.edition, file.chapter): file for file in found}

    async def path(self, edition: Edition, chapter: int | None = None) -> Path:
        """A bound file."""
        return self.world.assets.path((await self.files())[edition, chapter].asset)

    async def parts(self) -> set[AssetId]:
        """The encoded pages and chapters that editions are joined from."""

        def read(connection: sa.Connection) -> set[AssetId]:
            return set(connection.execute(sa.select(renditions.c.asset)).scalars())

        return await self.world.database.read(SERVICE, read)

    async def forget(self, edition: Edition | None = None) -> None:
        """Forget the files of an edition; all that was bound or encoded, when none is named."""

        def write(connection: sa.Connection) -> None:
            if edition is not None:
                connection.execute(sa.delete(files).where(files.c.edition == edition))
                return
            for table in (files, renditions):
                connection.execute(sa.delete(table))

        await self.world.database.write(SERVICE, write)

    def stored(self) -> Mapping[str, int]:
        """Everything in the asset folder and when it was last put there; also what nobody has finished."""
        root = self.world.assets.scratch().parent
        return {path.name: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "book.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def world(migrated: Path, tmp_path: Path) -> AsyncIterator[World]:
    """Stores on a database of their own."""
    path = tmp_path / "book.db"
    shutil.copy(migrated, path)
    async with Database(f"sqlite:///{path}") as database:
        yield World(database, LocalAssets(tmp_path / "assets", min_room=0), Clock())
