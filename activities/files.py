"""The files of editions: each is made when what it is made from has changed, and kept otherwise."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from activities.parts import recipe
from activities.working import Cores, OnProgress
from bookwright.contracts.book import BoundFile, ChapterMark
from bookwright.contracts.orders import BookContext, Edition
from bookwright.contracts.ports.audio import AudioTags
from bookwright.contracts.ports.calls import Failpoint
from bookwright.contracts.ports.store import AssetStore, BindingChapter, Books
from bookwright.text.names import file_name

MEDIA_TYPES = {
    Edition.MP3: "audio/mpeg",
    Edition.ACX: "audio/mpeg",
    Edition.M4B: "audio/mp4",
    Edition.M4B_AMBIENCE: "audio/mp4",
    Edition.EPUB: "application/epub+zip",
    Edition.PDF: "application/pdf",
    Edition.BUNDLE: "application/zip",
}
SUFFIXES = {Edition.ACX: "acx.mp3", Edition.M4B_AMBIENCE: "ambience.m4b", Edition.BUNDLE: "zip"}


class Made(NamedTuple):
    """What encoding a file found out."""

    duration_ms: int = 0
    marks: tuple[ChapterMark, ...] = ()


Make = Callable[[Path, OnProgress], Made]


class Files:
    """The bound files of all books. Both methods answer how many files there are afterwards."""

    def __init__(self, books: Books, assets: AssetStore, cores: Cores, failpoint: Failpoint) -> None:
        self._books = books
        self._assets = assets
        self._cores = cores
        self._failpoint = failpoint

    async def bind(
        self,
        context: BookContext,
        edition: Edition,
        tags: AudioTags,
        made_from: object,
        missing: tuple[int, ...],
        make: Make,
        chapter: BindingChapter | None = None,
    ) -> int:
        """Make the file, unless it has been made from the same before. A file that was made from something else is
        forgotten first: the book is not that any more, also when binding it anew fails. Raises StorageFull."""
        number = chapter.number if chapter else None
        recipe_now = recipe(edition, tags.model_dump(), made_from, missing)
        bound = await self._books.file(context.owner_id, context.book_id, edition, number, recipe_now)
        if bound and await self._assets.exists(bound.asset):
            return 1
        await self.drop(context, edition, number)
        target = self._assets.scratch() / f"{uuid4().hex}.{edition}"
        try:
            made = await self._cores.run(partial(make, target))
            self._failpoint("encoded")
            size = target.stat().st_size
            asset = await self._assets.put_file(target, MEDIA_TYPES[edition])
        finally:
            target.unlink(missing_ok=True)
        file = BoundFile(
            edition=edition,
            chapter=number,
            name=file_name(tags.title, SUFFIXES.get(edition, edition.value), number=number),
            asset=asset,
            media_type=MEDIA_TYPES[edition],
            bytes=size,
            duration_ms=made.duration_ms,
            marks=made.marks,
            missing_pages=missing,
        )
        await self._books.save_file(context, file, recipe_now)
        return 1

    async def drop(self, context: BookContext, edition: Edition, chapter: int | None = None) -> int:
        """Forget the file there is: the book has nothing any more that it could be made from."""
        await self._books.drop_file(context.owner_id, context.book_id, edition, chapter)
        return 0
