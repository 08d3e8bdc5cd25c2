"""A chapter: written, brought to its length, corrected."""

import asyncio
from collections.abc import Sequence
from functools import partial

from activities.authors import Authors
from activities.storyroom import Room, chapter_part
from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.media import TextTask
from bookwright.contracts.ports.writings import Part
from bookwright.contracts.stories import Brief, Notes
from bookwright.contracts.writing import DraftChapter, DraftPage, Outline
from bookwright.text.stories.chapters import Before, brief_chapter, notes_chapter, read_chapter, words_of, wrong_with
from bookwright.text.stories.fitting import fitted
from bookwright.text.stories.grammar import grammar_task, read_grammar
from bookwright.text.stories.parts import Part as Share
from bookwright.text.stories.parts import parts_of
from bookwright.text.stories.searching import read_scenes, runs_of, scenes_task


class ChapterWriting:
    """Writes chapters, each after those before it."""

    def __init__(self, authors: Authors) -> None:
        self._authors = authors

    async def write(self, room: Room, number: int) -> None:
        """Write a chapter, or a run of scenes, and keep it. Raises as writing does."""
        if isinstance(room.source, Brief) and room.source.is_search:
            await self._scenes(room, room.source, number)
            return
        part = parts_of(room.source)[number - 1]
        draft, by = await self._draft(room, part)
        pages = await asyncio.to_thread(_on_pages, draft.pages, part.pages, room.source, room.language)
        if isinstance(room.source, Notes) and room.source.improve_grammar:
            pages = await self._corrected(room, number, pages)
        await room.keep(chapter_part(number), draft.model_copy(update={"pages": tuple(pages)}), by)

    async def _draft(self, room: Room, part: Share) -> tuple[DraftChapter, str]:
        """What its writer makes of it; written once more when it is too long, too short or too hard."""
        outline = await room.read(Part.OUTLINE, Outline)
        before = Before()
        if part.number > 1:
            last = await room.read(chapter_part(part.number - 1), DraftChapter)
            before = Before(summary=last.summary, last_page=last.pages[-1].text)
        sheet = await room.read(Part.SHEET, CharacterSheet) if room.has(Part.SHEET) else None

        def task(corrections: Sequence[str]) -> TextTask:
            if isinstance(room.source, Notes):
                ask = partial(notes_chapter, room.source, room.notes)
            else:
                assert sheet is not None, "a brief's story is written after its character sheet"
                ask = partial(brief_chapter, room.source, sheet)
            return ask(outline, part, before, room.language, room.seed, scenes=room.shown, corrections=corrections)

        first, by = await self._asked(room, part, task(()))
        wrong = _wrong(first, part.pages, room.source, room.language)
        if not wrong:
            return first, by
        second, by_again = await self._asked(room, part, task(wrong))
        if len(_wrong(second, part.pages, room.source, room.language)) <= len(wrong):
            return second, by_again
        return first, by

    async def _asked(self, room: Room, part: Share, task: TextTask) -> tuple[DraftChapter, str]:
        words = words_of(room.source)
        name = chapter_part(part.number)
        return await self._authors.write(
            room.desk(name), f"book/story/{part.number}", task, lambda data: read_chapter(data, part.pages, words)
        )

    async def _corrected(self, room: Room, number: int, pages: Sequence[DraftPage]) -> list[DraftPage]:
        """The pages without mistakes, and still of their length."""
        texts = [page.text for page in pages]
        right, _ = await self._authors.write(
            room.desk(f"grammar/{number}"),
            f"book/story/{number}/grammar",
            grammar_task(texts, room.language, room.seed),
            lambda data: read_grammar(data, texts),
        )
        corrected = [page.model_copy(update={"text": text}) for page, text in zip(pages, right, strict=True)]
        return await asyncio.to_thread(_on_pages, corrected, len(corrected), room.source, room.language)

    async def _scenes(self, room: Room, brief: Brief, number: int) -> None:
        runs = runs_of(brief.pages)
        sheet = await room.read(Part.SHEET, CharacterSheet)
        before = [page for run in await room.chapters(number - 1) for page in run.pages]
        count, first = runs[number - 1], sum(runs[: number - 1]) + 1
        task = scenes_task(brief, sheet, first, count, before, room.language, room.seed)
        scenes, by = await self._authors.write(
            room.desk(chapter_part(number)), f"book/story/{number}", task, lambda data: read_scenes(data, count)
        )
        await room.keep(chapter_part(number), DraftChapter(title=scenes.title, pages=scenes.pages), by)


def _wrong(draft: DraftChapter, pages: int, source: Brief | Notes, language: str) -> list[str]:
    """What is not as it was asked for, in words for its writer."""
    texts = [page.text for page in draft.pages]
    found = [] if len(texts) == pages else [f"there are {len(texts)} pages; write {pages}"]
    return found + wrong_with(texts, source, language)


def _on_pages(drafts: Sequence[DraftPage], pages: int, source: Brief | Notes, language: str) -> list[DraftPage]:
    """The same text on exactly so many pages; each keeps the scene of the one that most of it comes from. A story for
    children is left on the pages that its writer has made, if they are as many: a page there is what a picture shows.
    """
    if isinstance(source, Brief) and len(drafts) == pages:
        return list(drafts)
    words = words_of(source)
    found = fitted([draft.text for draft in drafts], pages, words.least, words.most, language)
    return [drafts[page.origin].model_copy(update={"text": page.text}) for page in found]
