"""The parts that editions of sound are joined from: made once for what they are made from, and kept."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from activities.working import Cores, OnProgress
from bookwright.contracts.book import Segment
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.audio import AudioPress, Backdrop
from bookwright.contracts.ports.store import AssetStore, BindingChapter, Books, PageSegment
from bookwright.contracts.spreads import Ambience

VERSION = 2
"""Part of every recipe: raise it when the same segments would now sound differently."""


def recipe(*made_from: object) -> str:
    """The hash of everything that something is made from."""
    return hashlib.sha256(json.dumps([VERSION, *made_from], sort_keys=True).encode()).hexdigest()


class Parts:
    """Encoded pages and chapters of a book."""

    def __init__(self, books: Books, assets: AssetStore, press: AudioPress, cores: Cores) -> None:
        self._books = books
        self._assets = assets
        self._press = press
        self._cores = cores

    def segments(self, chapter: BindingChapter) -> Iterator[Segment]:
        """The chapter's spoken pages, read one at a time. Blocking."""
        for page in chapter.pages:
            if page.asset:
                yield Segment.model_validate_json(self._assets.path(page.asset).read_bytes())

    async def rate(self, chapters: Iterable[BindingChapter], *, ambient: bool = False) -> int:
        """The sample rate (Hz) that all these chapters can be joined at."""

        def rates() -> set[int]:
            return {part.sample_rate for chapter in chapters for part in self.segments(chapter) if part.clips}

        found = await asyncio.to_thread(rates)
        return self._press.ambient_rate(found) if ambient else self._press.encoding_rate(found)

    async def pages(self, context: BookContext, chapter: BindingChapter, rate: int) -> dict[int, AssetId]:
        """The MP3 of each spoken page of the chapter, by the page's number."""
        wanted = {page.number: page.asset for page in chapter.pages if page.asset}
        recipes = {number: recipe("page.mp3", segment, rate) for number, segment in wanted.items()}

        def encode(segment: AssetId) -> Callable[[Path, OnProgress], None]:
            def work(target: Path, on_progress: OnProgress) -> None:
                page = Segment.model_validate_json(self._assets.path(segment).read_bytes())
                self._press.encode_page(page, rate, self._assets.path, target, on_progress)

            return work

        jobs = {recipes[number]: encode(segment) for number, segment in wanted.items()}
        made = await self._made(context, jobs, "mp3", "audio/mpeg")
        return {number: made[recipes[number]] for number in wanted}

    async def chapters(self, context: BookContext, chapters: Sequence[BindingChapter], rate: int) -> list[AssetId]:
        """The M4A of each of the chapters; each has at least one spoken page."""

        def recipe_of(chapter: BindingChapter) -> str:
            return recipe("chapter.m4a", [page.asset for page in _spoken(chapter)], rate)

        def encode(chapter: BindingChapter) -> Callable[[Path, OnProgress], None]:
            return lambda target, on_progress: self._press.encode_chapter(
                self.segments(chapter), rate, self._assets.path, target, on_progress
            )

        recipes = [recipe_of(chapter) for chapter in chapters]
        jobs = {recipe: encode(chapter) for recipe, chapter in zip(recipes, chapters, strict=True)}
        made = await self._made(context, jobs, "m4a", "audio/mp4")
        return [made[recipe] for recipe in recipes]

    async def ambient_chapters(
        self, context: BookContext, chapters: Sequence[BindingChapter], heard: Mapping[int, AssetId], rate: int
    ) -> list[AssetId]:
        """As `chapters`, with ambience: `heard` is each page's `Ambience`, by the page's number."""

        def recipe_of(chapter: BindingChapter) -> str:
            return recipe(
                "chapter.ambience.m4a", [[page.asset, heard.get(page.number)] for page in _spoken(chapter)], rate
            )

        def encode(chapter: BindingChapter) -> Callable[[Path, OnProgress], None]:
            def work(target: Path, on_progress: OnProgress) -> None:
                backdrops = self._backdrops(chapter, heard)
                duration_ms = sum(page.duration_ms for page in _spoken(chapter))
                segments, path = self.segments(chapter), self._assets.path
                self._press.encode_ambient_chapter(segments, backdrops, duration_ms, rate, path, target, on_progress)

            return work

        recipes = [recipe_of(chapter) for chapter in chapters]
        jobs = {recipe: encode(chapter) for recipe, chapter in zip(recipes, chapters, strict=True)}
        made = await self._made(context, jobs, "m4a", "audio/mp4")
        return [made[recipe] for recipe in recipes]

    def _backdrops(self, chapter: BindingChapter, heard: Mapping[int, AssetId]) -> list[Backdrop]:
        """Where in the chapter's sound which ambient sound belongs. Blocking."""
        backdrops, at_ms = [], 0
        for page in _spoken(chapter):
            if asset := heard.get(page.number):
                sound = Ambience.model_validate_json(self._assets.path(asset).read_bytes()).sound
                backdrops.append(Backdrop(sound=sound, begin_ms=at_ms, end_ms=at_ms + page.duration_ms))
            at_ms += page.duration_ms
        return backdrops

    async def _made(
        self, context: BookContext, jobs: dict[str, Callable[[Path, OnProgress], None]], suffix: str, media_type: str
    ) -> dict[str, AssetId]:
        """What the recipes come to; what is not there yet is made, on all cores."""
        known = await self._books.renditions(context.owner_id, context.book_id, list(jobs))
        there = {recipe: asset for recipe, asset in known.items() if await self._assets.exists(asset)}

        async def make(recipe: str, encode: Callable[[Path, OnProgress], None]) -> None:
            target = self._assets.scratch() / f"{uuid4().hex}.{suffix}"
            try:
                await self._cores.run(lambda on_progress: encode(target, on_progress))
                asset = await self._assets.put_file(target, media_type)
            finally:
                target.unlink(missing_ok=True)
            await self._books.save_rendition(context, recipe, asset)
            there[recipe] = asset

        await _all(make(recipe, encode) for recipe, encode in jobs.items() if recipe not in there)
        return there


def _spoken(chapter: BindingChapter) -> list[PageSegment]:
    return [page for page in chapter.pages if page.asset]


async def _all(work: Iterable[Awaitable[None]]) -> None:
    """Do all of it, or, when one fails or the activity is cancelled, end the others before that is raised."""
    tasks = [asyncio.ensure_future(part) for part in work]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
