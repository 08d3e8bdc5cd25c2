"""Writing: a brief or notes in, a story out, step by step. Each step keeps what it has written, so that none is taken
twice; each of its questions is a call in the ledger, so that a step that was cut short pays for none again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from temporalio import activity

from activities.attempts import attempt
from activities.authors import Authors
from activities.chapterwriting import ChapterWriting
from activities.storyroom import Room, chapter_part
from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import DrawnPicture
from bookwright.contracts.orders import BookOrder
from bookwright.contracts.ports.examining import PictureExaminer
from bookwright.contracts.ports.store import AssetStore, Books
from bookwright.contracts.ports.writings import Part, PictureFetcher, Writings
from bookwright.contracts.stories import Brief
from bookwright.contracts.writing import Cast, Ideas, Manuscript, Outline, WritingStep, Written
from bookwright.text.stories.binding import StoryText, searched, told
from bookwright.text.stories.characters import cast_task, read_cast, read_sheet, sheet_task
from bookwright.text.stories.outlines import brief_outline, notes_outline, read_outline
from bookwright.text.stories.parts import parts_of
from bookwright.text.stories.searching import runs_of

W = TypeVar("W", bound=Written)

UNSEEN = "the picture of the character could not be looked at: nobody is set who sees (BOOKWRIGHT_VISION)"


@dataclass(frozen=True)
class Handed:
    """Pictures that orders name: who fetches them, and who looks whether they are any."""

    fetcher: PictureFetcher
    examiner: PictureExaminer


class Writing:
    """Writes stories."""

    def __init__(self, authors: Authors, books: Books, assets: AssetStore, writings: Writings, handed: Handed) -> None:
        self._authors = authors
        self._books = books
        self._assets = assets
        self._writings = writings
        self._handed = handed
        self._chapters = ChapterWriting(authors)

    @activity.defn(name="Find the characters")
    async def characters(self, step: WritingStep) -> Written:
        """Whom a brief, and the picture that comes with it, tell of."""
        return await self._step(step.order, self._characters, Written)

    @activity.defn(name="Write the character sheet")
    async def sheet(self, step: WritingStep) -> Written:
        """How everybody looks and sounds, on every page."""
        return await self._step(step.order, self._sheet, Written)

    @activity.defn(name="Outline the story")
    async def outline(self, step: WritingStep) -> Written:
        """What is to happen, chapter by chapter."""
        return await self._step(step.order, self._outline, Written)

    @activity.defn(name="Write a chapter")
    async def chapter(self, step: WritingStep) -> Written:
        """The chapter of this number, or of a search-and-find book the run of scenes, after those before it."""

        async def write(room: Room) -> Written:
            if not room.has(chapter_part(step.number)):
                await self._chapters.write(room, step.number)
            return Written()

        return await self._step(step.order, write, Written)

    @activity.defn(name="Put the story together")
    async def put_together(self, step: WritingStep) -> Manuscript:
        """All chapters as one text, and what their pages' pictures and sounds are made from."""
        return await self._step(step.order, self._put_together, Manuscript)

    async def _step(self, order: BookOrder, work: Callable[[Room], Awaitable[W]], kind: type[W]) -> W:
        """Do a step; where it has to wait, say for what."""

        async def step() -> W:
            await self._books.open_job(order, activity.info().workflow_id or "")
            room = await Room.open(order, self._assets, self._writings)
            await room.configure()
            return await work(room)

        return await attempt(step, lambda deferred: kind(deferred=deferred))

    async def _characters(self, room: Room) -> Written:
        assert isinstance(room.source, Brief)
        picture = await self._picture(room, room.source)
        sees = self._authors.see
        if not room.has(Part.CAST):
            shown = (picture,) if picture and sees else ()
            task = cast_task(room.source, room.language, room.seed, shown)
            brief = room.source
            cast, by = await self._authors.write(
                room.desk(Part.CAST), "book/characters", task, lambda data: read_cast(data, brief)
            )
            await room.keep(Part.CAST, cast, by)
        return Written(note=UNSEEN if picture and not sees else None)

    async def _picture(self, room: Room, brief: Brief) -> AssetId | None:
        """The picture of the hero, fetched once."""
        if brief.character_image or not brief.character_image_url:
            return brief.character_image
        if not room.has(Part.IMAGE):
            data, media_type = await self._handed.fetcher.fetch(brief.character_image_url)
            drawn = DrawnPicture(picture=data, media_type=media_type)
            facts = await asyncio.to_thread(self._handed.examiner.examine, drawn)
            await room.keep_bytes(Part.IMAGE, data, facts.media_type)
        return room.asset(Part.IMAGE)

    async def _sheet(self, room: Room) -> Written:
        assert isinstance(room.source, Brief)
        if not room.has(Part.SHEET):
            cast = await room.read(Part.CAST, Cast)
            task = sheet_task(room.source, cast, room.language, room.seed)
            sheet, by = await self._authors.write(
                room.desk(Part.SHEET), "book/enhancement", task, lambda data: read_sheet(data, cast)
            )
            reference = room.source.character_image or room.asset(Part.IMAGE)
            await room.keep(Part.SHEET, sheet.model_copy(update={"reference": reference}), by)
        return Written()

    async def _outline(self, room: Room) -> Written:
        if not room.has(Part.OUTLINE):
            parts = parts_of(room.source)
            if isinstance(room.source, Brief):
                sheet = await room.read(Part.SHEET, CharacterSheet)
                task = brief_outline(room.source, sheet, parts, room.language, room.seed)
            else:
                task = notes_outline(room.source, room.notes, parts, room.language, room.seed)
            outline, by = await self._authors.write(
                room.desk(Part.OUTLINE), "book/story/outline", task, lambda data: read_outline(data, parts)
            )
            await room.keep(Part.OUTLINE, outline, by)
        return Written()

    async def _put_together(self, room: Room) -> Manuscript:
        text = await self._text(room)
        if text.ideas:
            ideas = Ideas(written_by=room.author(chapter_part(1)), pages=text.ideas)
            await room.keep(Part.IDEAS, ideas)
        if text.search:
            await room.keep(Part.SEARCH, text.search)
        asset = await room.keep_bytes(Part.MANUSCRIPT, text.markdown.encode(), "text/markdown")
        return Manuscript(asset=asset, title=text.title, language=room.language)

    async def _text(self, room: Room) -> StoryText:
        source = room.source
        if isinstance(source, Brief) and source.is_search:
            chapters = await room.chapters(len(runs_of(source.pages)))
            return await asyncio.to_thread(searched, chapters, source.pages, room.language)
        outline = await room.read(Part.OUTLINE, Outline)
        chapters = await room.chapters(len(outline.chapters))
        return await asyncio.to_thread(told, outline, chapters)
