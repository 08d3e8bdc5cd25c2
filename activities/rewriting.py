"""Telling one page of a written story in another way."""

from collections.abc import Sequence

from temporalio import activity

from activities.attempts import attempt
from activities.authors import Authors
from activities.storyroom import Room
from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.media import TextTask
from bookwright.contracts.ports.store import AssetStore, Books
from bookwright.contracts.ports.writings import Part, Writings
from bookwright.contracts.stories import Brief, PageRewrite
from bookwright.contracts.writing import Outline, WritingStep, Written
from bookwright.text.stories.chapters import wrong_with
from bookwright.text.stories.parts import parts_of
from bookwright.text.stories.rewriting import page_task, read_page


class Rewriting:
    """Writes pages of stories anew."""

    def __init__(self, authors: Authors, books: Books, assets: AssetStore, writings: Writings) -> None:
        self._authors = authors
        self._books = books
        self._assets = assets
        self._writings = writings

    @activity.defn(name="Write a page anew")
    async def rewrite(self, step: WritingStep) -> Written:
        """The page of this number, in the place of the version that the order names; one that somebody has changed
        since is left alone. Safe to repeat."""
        order = step.order
        wanted = next(rewrite for rewrite in order.rewrites if rewrite.page == step.number)

        async def work() -> Written:
            await self._books.open_job(order, activity.info().workflow_id or "")
            if await self._books.page_version(order.owner_id, order.book_id, wanted.page) == wanted.version:
                await self._rewrite(await Room.of_book(order, self._assets, self._writings), wanted)
            return Written()

        return await attempt(work, lambda deferred: Written(deferred=deferred))

    async def _rewrite(self, room: Room, wanted: PageRewrite) -> None:
        """Have the page told anew, and once more when that is too long, too short or too hard."""
        order, source = room.order, room.source
        part = next(part for part in reversed(parts_of(source)) if part.first_page <= wanted.page)
        last = part.first_page + part.pages - 1
        pages = await self._books.pages(order.owner_id, order.book_id, part.first_page, last)
        texts = [page.text for page in pages]
        place = wanted.page - part.first_page
        outline = await room.read(Part.OUTLINE, Outline)
        sheet = await room.read(Part.SHEET, CharacterSheet) if isinstance(source, Brief) else None

        def task(corrections: Sequence[str]) -> TextTask:
            return page_task(
                source, sheet, outline, part, place + 1, wanted.version, texts, room.language, room.seed, corrections
            )

        desk, unit = room.desk(f"page/{wanted.page}"), f"book/story/page/{wanted.page}"
        text, _ = await self._authors.write(desk, unit, task(()), lambda data: read_page(data, source, texts[place]))
        if wrong := wrong_with([text], source, room.language):
            again, _ = await self._authors.write(
                desk, unit, task(wrong), lambda data: read_page(data, source, texts[place])
            )
            text = again if len(wrong_with([again], source, room.language)) <= len(wrong) else text
        await self._books.rewrite(order.owner_id, order.book_id, wanted, text)
