"""Telling one page of a written story in another way."""

from collections.abc import Sequence

from temporalio import activity

from activities.authors import Authors
from activities.batches import failed_attempt
from activities.heartbeat import heartbeating
from activities.holding import as_wait, hold_for
from activities.storyroom import Room
from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.errors import MustWait, StorageFull, Transient, WorkerLeaving
from bookwright.contracts.media import TextTask
from bookwright.contracts.orders import BookOrder
from bookwright.contracts.ports.store import AssetStore, Books
from bookwright.contracts.ports.writings import Part, Writings
from bookwright.contracts.progress import Deferred
from bookwright.contracts.stories import Brief, PageRewrite, read_story
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
        wanted = next(rewrite for rewrite in step.order.rewrites if rewrite.page == step.number)
        async with heartbeating():
            try:
                await self._books.open_job(step.order, activity.info().workflow_id or "")
                if (
                    await self._books.page_version(step.order.owner_id, step.order.book_id, wanted.page)
                    == wanted.version
                ):
                    await self._rewrite(await self._room(step.order), wanted)
                return Written()
            except (MustWait, StorageFull) as wait:
                return Written(deferred=Deferred(hold=hold_for([as_wait(wait)])))
            except Transient as error:
                raise failed_attempt(error, leaving=isinstance(error, WorkerLeaving)) from error

    async def _room(self, order: BookOrder) -> Room:
        parts = await self._writings.parts(order.owner_id, order.book_id)
        source = read_story(await self._assets.get(parts[Part.CONFIG].asset))
        return await Room.open(order.model_copy(update={"source": source}), self._assets, self._writings)

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
