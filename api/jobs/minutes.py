"""The chapters of about a minute that an audio job's answer has: cut at the ends of sentences."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from api.deps import Backend
from bookwright.contracts.book import BoundFile, ChapterMark, Segment
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.orders import Edition
from bookwright.store.books.shelf import ShelfPageText
from bookwright.text.minutes import ABOUT_MS, minutes
from bookwright.text.timing import spoken_sentences

KEPT = 200
"""Audiobooks whose minutes are kept: finding them out takes a look at each page."""


class Minute(NamedTuple):
    """A part of an audiobook, in milliseconds."""

    title: str
    start_ms: int
    end_ms: int


class Minutes:
    """Finds out about the minutes of audiobooks, once for each."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._known: OrderedDict[tuple[OwnerId, AssetId], tuple[Minute, ...]] = OrderedDict()

    async def of(self, owner: OwnerId, book: BookId, files: Sequence[BoundFile]) -> tuple[Minute, ...]:
        """Those of the book's M4B; none without one."""
        file = next((file for file in files if file.edition is Edition.M4B), None)
        if file is None:
            return ()
        key = (owner, file.asset)
        if key not in self._known:
            while len(self._known) >= KEPT:
                self._known.popitem(last=False)
            self._known[key] = await self._cut(owner, book, file)
        self._known.move_to_end(key)
        return self._known[key]

    async def _cut(self, owner: OwnerId, book: BookId, file: BoundFile) -> tuple[Minute, ...]:
        shelf = self._backend.shelf
        facts = await shelf.facts(owner, book)
        heard = [page for page in await shelf.texts(owner, book, 1, max(facts.pages, 1)) if page.heard]
        chapters = list(dict.fromkeys(page.chapter for page in heard))
        found: list[Minute] = []
        for mark, chapter in zip(file.marks, chapters, strict=False):
            pages = [page for page in heard if page.chapter == chapter]
            found += await self._of_chapter(mark, pages, facts.language or "en")
        return tuple(found)

    async def _of_chapter(self, mark: ChapterMark, pages: Sequence[ShelfPageText], language: str) -> list[Minute]:
        at, pauses = mark.start_ms, []
        for page in pages:
            if page.duration_ms > ABOUT_MS / 2 and page.heard:
                segment = Segment.model_validate_json(await self._backend.assets.get(page.heard))
                spoken = await asyncio.to_thread(spoken_sentences, segment, page.text, language)
                pauses += [at + sentence.end_ms for sentence in spoken]
            at += page.duration_ms
            pauses.append(at)
        parts = minutes(mark.start_ms, mark.end_ms, pauses)
        titles = [mark.title] if len(parts) == 1 else [f"{mark.title} ({part})" for part in range(1, len(parts) + 1)]
        return [Minute(title, start, end) for title, (start, end) in zip(titles, parts, strict=True)]
