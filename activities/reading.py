"""Reading: the source of an order becomes chapters and pages in the store."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from temporalio import activity

from activities.heartbeat import heartbeating
from activities.records import briefs
from activities.storyroom import chapter_part
from activities.working import Cores, OnProgress
from bookwright.contracts.book import BookPlan, ChapterRange, SourceText
from bookwright.contracts.documents import SAMPLE_LIMIT
from bookwright.contracts.errors import UnknownLanguage, UnknownVoice
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import (
    BookContext,
    BookOrder,
    ExistingBook,
    InlineText,
    StoredDocument,
    StoredText,
    TextFormat,
)
from bookwright.contracts.ports.documents import DocumentReader
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.ports.store import AssetStore, Books
from bookwright.contracts.ports.writings import Part, Writings
from bookwright.contracts.stories import Brief, Notes, read_story
from bookwright.text.decode import decode
from bookwright.text.language import detect_language, normalise_language
from bookwright.text.measure import count_words
from bookwright.text.source import read_source
from bookwright.text.stories.ages import ages_of_audience

COMPOSING = "local "
"""How the name of the writer begins who puts texts together and understands none."""


class Reading:
    """Reads what is to become a book."""

    def __init__(
        self,
        books: Books,
        assets: AssetStore,
        engine: SpeechEngine,
        documents: DocumentReader,
        writings: Writings,
    ) -> None:
        self._writings = writings
        self._books = books
        self._assets = assets
        self._engine = engine
        self._documents = documents
        self._cores = Cores()

    @activity.defn(name="Read text")
    async def read(self, order: BookOrder) -> BookPlan:
        """Open the job, take the text apart and save its chapters and pages.

        Raises BadInput (EmptySource, UnreadableSource, UnknownLanguage, UnknownVoice) for an order that can't be
        worked off; nothing of it is kept then but the job's own record.
        """
        async with heartbeating():
            job = await self._books.open_job(order, activity.info().workflow_id or "")
            if isinstance(order.source, ExistingBook):
                plan = await self._books.load_plan(order, job)
                return await self._with_chapters(await self._with_story(plan, order))
            assert not isinstance(order.source, Brief | Notes), "a story is written before it is read"
            source, words, language = await self._taken_apart(order, order.source)
            plan = await self._with_story(self._plan(order, job, source, words, language), order)
            await self._books.save_source(plan, order.author, source)
            return await self._with_chapters(plan)

    async def _with_story(self, plan: BookPlan, order: BookOrder) -> BookPlan:
        """The plan with what is known of its book besides the text: for whom it is, who is in it, what is to be found
        in it."""
        parts = await self._writings.parts(order.owner_id, order.book_id)
        facts: dict[str, object] = {"style": order.style}
        if Part.SHEET in parts:
            facts["sheet"] = parts[Part.SHEET].asset
        if Part.SEARCH in parts:
            facts["search"] = parts[Part.SEARCH].asset
        first = parts.get(chapter_part(1))
        if first and (first.made_by or "").startswith(COMPOSING):
            facts["composed"] = True
        if Part.CONFIG in parts:
            source = read_story(await self._assets.get(parts[Part.CONFIG].asset))
            if isinstance(source, Brief):
                facts |= {"ages": source.ages, "scenes_at_once": source.job_type.scenes_at_once}
            else:
                facts["ages"] = ages_of_audience(source.audience)
        return plan.model_copy(update={"context": plan.context.model_copy(update=facts)})

    async def _with_chapters(self, plan: BookPlan) -> BookPlan:
        first = await briefs(self._books, ChapterRange(context=plan.context, first=1))
        narrator = plan.context.voice
        with suppress(UnknownLanguage, UnknownVoice):  # of a book that another provider has spoken
            narrator = self._engine.voice(plan.context.language, plan.context.voice).name
        context = plan.context.model_copy(update={"narrator": narrator, "by_scene": True})
        return plan.model_copy(update={"context": context, "first": tuple(first)})

    async def _taken_apart(
        self, order: BookOrder, source: InlineText | StoredText | StoredDocument
    ) -> tuple[SourceText, int, str]:
        """The source's chapters, its number of words, and its language."""
        if isinstance(source, StoredDocument):
            return await self._cores.run(partial(self._document, order, source))
        data = source.text.encode() if isinstance(source, InlineText) else await self._assets.get(source.asset)
        return await asyncio.to_thread(_take_apart, data, order, source.format)

    def _document(
        self, order: BookOrder, document: StoredDocument, on_progress: OnProgress
    ) -> tuple[SourceText, int, str]:
        path = self._assets.path(document.asset)
        source = self._documents.read(
            path, document.format, name=document.name, title=order.title, on_progress=on_progress
        )
        return source, _words(source), _language(order, (page.text for part in source.chapters for page in part.pages))

    def _plan(self, order: BookOrder, job: JobId, source: SourceText, words: int, language: str) -> BookPlan:
        context = BookContext(
            owner_id=order.owner_id,
            book_id=order.book_id,
            job_id=job,
            title=order.title or source.title or "Untitled",
            language=language,
            voice=self._engine.voice(language, order.voice).id,
            editions=order.editions,
            tracks=order.tracks,
            pages=source.page_count,
            priority=order.priority,
        )
        return BookPlan(context=context, chapters=len(source.chapters), words=words)


def _take_apart(data: bytes, order: BookOrder, form: TextFormat) -> tuple[SourceText, int, str]:
    text = decode(data)
    source = read_source(text, form, title=order.title)
    return source, _words(source), _language(order, [text])


def _words(source: SourceText) -> int:
    return sum(count_words(page.text) for chapter in source.chapters for page in chapter.pages)


def _language(order: BookOrder, texts: Iterable[str]) -> str:
    """The order's language, or the one that the first of the texts that have any are written in."""
    if order.language:
        return normalise_language(order.language)
    sample = ""
    for text in texts:
        sample += text + "\n"
        if len(sample) > SAMPLE_LIMIT:
            break
    return detect_language(sample)
