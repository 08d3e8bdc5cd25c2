"""A home with books in it, made without Temporal: straight through the store, spoken by espeak-ng."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from temporalio.client import Client

from api.access.limits import RequestLimits
from api.app import create_app
from api.deps import Backend, Webhooks
from api.files.delivered import Delivered
from api.files.sounds import RenderedSounds
from bookwright.contracts.access import Role
from bookwright.contracts.book import (
    BookPlan,
    BoundFile,
    ChapterText,
    PageText,
    PlacedClip,
    Segment,
    SourceText,
    TrackState,
)
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ids import LOCAL_OWNER, JobId, OwnerId, new_book_id
from bookwright.contracts.orders import TRACKS, BookContext, BookOrder, Edition, InlineText, Track
from bookwright.contracts.ports.audio import AudioTags, ChapterAudio
from bookwright.contracts.ports.engines import Embedder
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobEnd, JobState
from bookwright.contracts.spreads import Ambience, Plate
from bookwright.estimating import Makers
from bookwright.hooks import Hooks
from bookwright.link import TemporalLink
from bookwright.money.prices import default_prices
from bookwright.press.audio import Press
from bookwright.press.cover import Cover
from bookwright.press.pagesound import Mp3Sound, WavSound
from bookwright.press.reading.documents import Documents
from bookwright.providers.guarded import GuardedClient
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.searching import Searches
from bookwright.store import BookStore, Database, JobStore, LedgerStore, LocalAssets, migrate
from bookwright.store.access.audit import AuditLog
from bookwright.store.access.credentials import Credentials
from bookwright.store.access.feeds import FeedStore
from bookwright.store.access.keys import KeyStore
from bookwright.store.access.users import UserStore
from bookwright.store.blobs import record_blob
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.books.shelf import Shelf
from bookwright.store.jobs.listing import JobLists
from bookwright.store.jobs.statistics import Statistics
from bookwright.store.ledger.costs import CostBooks
from bookwright.store.ledger.months import MonthBudgets
from bookwright.store.webhooks.alerts import AlertStore
from bookwright.store.webhooks.store import WebhookStore
from bookwright.telemetry.operations import Operations
from bookwright.text.chunks import chunks
from bookwright.text.measure import expected_speech_ms
from bookwright.text.names import file_name
from bookwright.voices import VoiceSamples
from emulators.replicate.webhooks import KEY as WEBHOOK_KEY
from tests.support.editions import encode
from tests.support.stories import CLOUD, HOSTILE, KITE, LAMP, Story

PUBLIC = "93.184.215.14"


@dataclass
class Home:
    """The stores of one home, an engine and a press; short ways to make books."""

    folder: Path
    database: Database
    assets: LocalAssets
    engine: EspeakEngine
    press: Press = field(default_factory=lambda: Press(expected_speech_ms))

    def __post_init__(self) -> None:
        self.books = BookStore(self.database, self.assets)
        self.jobs = JobStore(self.database, self.assets)

    def app(
        self,
        request_limit: str = "100000/second",
        *,
        connect: Callable[[], Awaitable[Client]] | None = None,
        delivered: Delivered | None = None,
        makers: Makers | None = None,
        embedder: Embedder | None = None,
        temporal_ui: Callable[[], tuple[str, str] | None] = lambda: None,
    ) -> FastAPI:
        """The application over this home, without Temporal unless `connect` leads there. `makers` are who would make
        books; nobody but the voice when left out. `embedder` makes the vectors of queries, if anybody does."""
        temporal = TemporalLink(connect or _no_temporal)
        ledger = LedgerStore(self.database, self.assets)
        sounds = RenderedSounds(WavSound(), self.assets, self.folder / "cache")
        return create_app(
            Backend(
                database=self.database,
                shelf=Shelf(self.database),
                books=self.books,
                jobs=self.jobs,
                assets=self.assets,
                sounds=sounds,
                mp3s=RenderedSounds(Mp3Sound(), self.assets, self.folder / "mp3s"),
                removal=BookRemoval(self.database, self.assets, timedelta(0)),
                artist=Cover(),
                engine=self.engine,
                samples=VoiceSamples(self.engine, ledger, self.assets, self.press),
                searches=Searches(self.database, ledger, self.assets, embedder),
                documents=Documents(),
                temporal=temporal,
                operations=Operations(self.database, temporal),
                credentials=Credentials(self.database),
                lists=JobLists(self.database),
                statistics=Statistics(self.database),
                webhooks=Webhooks(ledger, WEBHOOK_KEY),
                hooks=Hooks(WebhookStore(self.database), GuardedClient(resolve=_resolve).check),
                alerts=AlertStore(self.database),
                makers=makers or Makers(self.engine, default_prices()),
                costs=CostBooks(self.database),
                months=MonthBudgets(self.database),
                keys=KeyStore(self.database),
                users=UserStore(self.database),
                audit=AuditLog(self.database),
                feeds=FeedStore(self.database),
                limits=RequestLimits(request_limit, request_limit),
                delivered=delivered,
                temporal_ui=temporal_ui,
            )
        )

    async def key(self, owner: OwnerId = LOCAL_OWNER, role: Role = Role.ADMIN, **wishes: Any) -> str:
        """A new key of this user."""
        return (await KeyStore(self.database).create(owner, "a test's", actor="test", role=role, **wishes)).key

    @asynccontextmanager
    async def client(
        self, owner: OwnerId = LOCAL_OWNER, role: Role = Role.ADMIN, *, app: FastAPI | None = None
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody who asks the application, in this process, with a key of their own."""
        headers = {"Authorization": f"Bearer {await self.key(owner, role)}"}
        transport = httpx.ASGITransport(app or self.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as asking:
            yield asking

    async def session(self) -> str:
        """The cookie's value of somebody who is signed in."""
        return await new_session(self.database)

    async def order(self, story: Story, tracks: tuple[Track, ...] = (Track.NARRATION,)) -> BookContext:
        """A running job whose book's text has not been read yet."""
        order = BookOrder(
            book_id=new_book_id(), source=InlineText(text="."), title=story.title, author=story.author, tracks=tracks
        )
        job = await self.jobs.accept(order, fingerprint=order.book_id)
        await self.jobs.started(LOCAL_OWNER, job.job_id)
        return BookContext(
            owner_id=LOCAL_OWNER,
            book_id=order.book_id,
            job_id=job.job_id,
            title=story.title,
            language=story.language,
            voice=self.engine.voice(story.language, None).id,
            editions=order.editions,
            tracks=order.tracks,
            pages=len(story.pages),
        )

    async def read(self, context: BookContext, story: Story) -> None:
        """Save the story's text."""
        plan = BookPlan(context=context, chapters=len(story.chapters), words=1)
        await self.books.save_source(plan, story.author, _source(story))

    async def speak(self, context: BookContext, page: int) -> Segment:
        """Speak one page and record it as completed."""
        [text] = await self.books.pages(LOCAL_OWNER, context.book_id, page, page)
        voice = self.engine.voice(context.language, context.voice)
        placed = []
        for chunk in chunks(text.text, context.language, self.engine.max_chars):
            clip = await self.engine.speak(self.engine.call(chunk.text, voice), nullcontext())
            placed.append(
                PlacedClip(
                    asset=await self.assets.put(clip.audio, clip.media_type),
                    text_start=chunk.start,
                    text=chunk.text,
                    ends_paragraph=chunk.ends_paragraph,
                    facts=self.press.examine(chunk.text, clip),
                )
            )
        segment = self.press.compose(page, placed)
        asset = await self.assets.put(segment.model_dump_json().encode(), "application/json")
        by = f"{self.engine.provider}, {voice.id}"
        await self._outcome(context, page, TrackState.COMPLETED, asset, segment.duration_ms, made_by=by)
        return segment

    async def draw(self, context: BookContext, page: int, picture: bytes, alt: str = "A picture.") -> Plate:
        """Give a page this picture, a PNG of 96 × 72 pixels."""
        asset = await self.assets.put(picture, "image/png")
        plate = Plate(page=page, picture=asset, media_type="image/png", width=96, height=72, alt=alt, prompt="A kite")
        blob = await self.assets.describe(asset)
        await self.database.write(LOCAL_OWNER, lambda c: record_blob(c, LOCAL_OWNER, blob))
        await self._keep(context, Track.ILLUSTRATIONS, [page], plate.model_dump_json())
        return plate

    async def score(self, context: BookContext, pages: Iterable[int], sound: bytes) -> Ambience:
        """Give pages this ambient sound, a WAV."""
        asset = await self.assets.put(sound, "audio/wav")
        ambience = Ambience(sound=asset, media_type="audio/wav", duration_ms=1_000, loop=True, prompt="Wind")
        await self._keep(context, Track.SOUNDSCAPE, pages, ambience.model_dump_json())
        return ambience

    async def _keep(self, context: BookContext, track: Track, pages: Iterable[int], made: str) -> None:
        asset = await self.assets.put(made.encode(), "application/json")
        for page in pages:
            outcome = PageOutcome(page=page, track=track, state=TrackState.COMPLETED, asset=asset)
            await self.books.page_outcome(context, outcome)

    async def fail(self, context: BookContext, page: int, error: str) -> None:
        """Record a page as failed."""
        await self._outcome(context, page, TrackState.FAILED, error_type="Unspeakable", error=error)

    async def begin(self, context: BookContext, page: int) -> None:
        """Say that a page is being spoken."""
        await self.books.begin_pages(context, Track.NARRATION, page, page)

    async def close(self, context: BookContext, state: JobState = JobState.DONE, reason: str | None = None) -> None:
        """End the book's job."""
        warned = reason if state is JobState.DONE else None
        failed = reason if state is not JobState.DONE else None
        end = JobEnd(owner_id=LOCAL_OWNER, job_id=JobId(context.job_id), state=state, warning=warned, error=failed)
        await self.books.close_job(end)

    async def bind(self, context: BookContext, segments: Iterable[Segment], chapter: int | None = None) -> BoundFile:
        """An audiobook file of some pages."""
        edition = Edition.MP3 if chapter else Edition.M4B
        target = self.assets.scratch() / "bound"
        title = f"{context.title} {chapter or ''}".strip()
        audio = [ChapterAudio(number=chapter or 1, title="One", segments=tuple(segments))]
        tags = AudioTags(title=title, language=context.language, album=context.title)
        encoded = encode(self.press, edition, audio, tags, self.assets.path, target, lambda done: None)
        size = target.stat().st_size
        media_type = "audio/mpeg" if chapter else "audio/mp4"
        file = BoundFile(
            edition=edition,
            chapter=chapter,
            name=file_name(context.title, edition, number=chapter),
            asset=await self.assets.put_file(target, media_type),
            media_type=media_type,
            bytes=size,
            duration_ms=encoded.duration_ms,
        )
        await self.books.save_file(context, file, "recipe")
        return file

    async def made(
        self,
        story: Story,
        *,
        spoken: Iterable[int] | None = None,
        failed: Mapping[int, str] | None = None,
        closed: bool = True,
        tracks: tuple[Track, ...] = (Track.NARRATION,),
    ) -> BookContext:
        """A book of which these pages (all, when not said) are spoken and those have failed."""
        context = await self.order(story, tracks)
        await self.read(context, story)
        for page in range(1, context.pages + 1) if spoken is None else spoken:
            await self.speak(context, page)
        for page, error in (failed or {}).items():
            await self.fail(context, page, error)
        if closed:
            await self.close(context)
        return context

    async def _outcome(
        self,
        context: BookContext,
        page: int,
        state: TrackState,
        asset: str | None = None,
        duration_ms: int = 0,
        *,
        made_by: str | None = None,
        error_type: str | None = None,
        error: str | None = None,
    ) -> None:
        outcome = PageOutcome.model_validate(
            {
                "page": page,
                "track": Track.NARRATION,
                "state": state,
                "asset": asset,
                "duration_ms": duration_ms,
                "made_by": made_by,
                "error_type": error_type,
                "error": error,
            }
        )
        await self.books.page_outcome(context, outcome)


async def new_session(database: Database) -> str:
    """A session of whoever owns the books, with an admin key of its own."""
    made = await KeyStore(database).create(LOCAL_OWNER, "a browser", actor="test", role=Role.ADMIN)
    credentials = Credentials(database)
    caller = await credentials.by_key(made.key)
    assert caller
    return await credentials.sign_in(caller)


async def _resolve(host: str, _port: int) -> list[str]:
    """A name server that knows names of the open web, and addresses as they are."""
    return [PUBLIC if host.endswith(".example.com") else host]


async def _no_temporal() -> Client:
    raise ServiceUnavailable("this home has no Temporal")


@asynccontextmanager
async def home_at(folder: Path, url: str | None = None) -> AsyncIterator[Home]:
    """An empty home in `folder`, on SQLite unless a database is named."""
    url = url or f"sqlite:///{folder / 'bookwright.db'}"
    await migrate(url)
    engine = EspeakEngine()
    async with Database(url, synchronous="OFF") as database:
        try:
            yield Home(folder, database, LocalAssets(folder / "assets", min_room=0), engine)
        finally:
            await engine.close()


def _source(story: Story) -> SourceText:
    chapters, page = [], 0
    for number, (title, texts) in enumerate(story.chapters, 1):
        pages = []
        for text in texts:
            page += 1
            pages.append(PageText(number=page, chapter=number, text=text))
        chapters.append(ChapterText(number=number, title=title, pages=tuple(pages)))
    return SourceText(title=story.title, chapters=tuple(chapters))


@dataclass
class Shelved:
    """A home with books in three languages: finished, half finished, and one whose text means harm."""

    home: Home
    kite: BookContext
    """English, finished, with an M4B and an MP3 to download."""
    half: BookContext
    """The same in the making: pages 1 to 3 spoken, 4 failed, 5 being spoken."""
    cloud: BookContext
    """Hindi, two of three pages spoken, still being made."""
    lamp: BookContext
    """Urdu, finished; page 1 with a picture and an ambient sound."""
    hostile: BookContext


@pytest.fixture(scope="session")
async def shelved(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelved]:
    """Books that tests read and do not change."""
    async with home_at(tmp_path_factory.mktemp("home")) as home:
        kite = await home.made(KITE, spoken=[], closed=False)
        segments = [await home.speak(kite, page) for page in range(1, kite.pages + 1)]
        await home.bind(kite, segments)
        await home.bind(kite, segments[:3], chapter=1)
        await home.close(kite)
        half = await home.made(KITE, spoken=[1, 2, 3], failed={4: "the voice refused this text"}, closed=False)
        await home.begin(half, 5)
        cloud = await home.made(CLOUD, spoken=[1, 2], closed=False)
        lamp = await home.made(LAMP, tracks=TRACKS)
        await home.draw(lamp, 1, b"\x89PNG\r\n\x1a\n a picture")
        await home.score(lamp, [1], b"RIFF a sound")
        yield Shelved(
            home,
            kite,
            half,
            cloud,
            lamp,
            await home.made(HOSTILE),
        )
