"""Reading: the source of an order becomes chapters and pages in the store.

Pages of a PDF without good text are read off their pictures, when there is a model that sees (`activities.vision`):
then the text is planned once for the time being and once for good.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

from temporalio import activity

from activities.heartbeat import heartbeating
from activities.records import briefs
from activities.storyroom import chapter_part
from activities.working import Cores, OnProgress
from bookwright.contracts.book import UNKNOWN, BookPlan, ChapterRange, SourceText, UnreadPages
from bookwright.contracts.documents import SAMPLE_LIMIT
from bookwright.contracts.drafts import DocumentDraft
from bookwright.contracts.errors import EmptySource, UnknownLanguage, UnknownVoice
from bookwright.contracts.ids import BookId, JobId, OwnerId, job_id
from bookwright.contracts.orders import (
    BookContext,
    BookOrder,
    ExistingBook,
    InlineText,
    Recordings,
    StoredDocument,
    StoredText,
    TextFormat,
    Track,
)
from bookwright.contracts.pagereading import PageReading
from bookwright.contracts.ports.documents import DocumentReader
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.ports.store import AssetStore, Books
from bookwright.contracts.ports.writings import Part, Writing, Writings
from bookwright.contracts.stories import Brief, Notes, read_story
from bookwright.text.characters import speakable
from bookwright.text.decode import decode
from bookwright.text.language import detect_language, normalise_language
from bookwright.text.measure import count_words
from bookwright.text.source import read_source
from bookwright.text.stories.ages import ages_of_audience

PAGES_PER_RUN = 8
"""Pages that one activity has read off their pictures: as many as providers take calls at once, so that several runs
keep them busy, and a page that takes long keeps few others waiting."""
FEW = 32
"""Of no more pages than this the runs are half as long: each has its pages drawn in a process of its own, and the first
ones are to be on their way at once."""
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
        *,
        sees: bool = False,
    ) -> None:
        """`sees` says whether there is anybody who reads pages off their pictures."""
        self._sees = sees
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
                return await self._with_unread(await self._with_chapters(await self._with_story(plan, order)))
            assert not isinstance(order.source, Brief | Notes | Recordings), "what is to be made first is not read"
            if isinstance(order.source, StoredDocument):
                draft = await self._drafted(order, order.source)
                if draft.troubled and self._sees:
                    return await self._begun(order, job, draft)
                return await self._saved(order, job, draft)
            source, words, language = await self._taken_apart(order, order.source)
            return await self._kept(order, job, source, words, language)

    @activity.defn(name="Plan chapters")
    async def plan(self, order: BookOrder) -> BookPlan:
        """Plan a PDF's chapters once its pages have been read off their pictures, and save its text.

        Raises BadInput (EmptySource) when none of its pages could be read, and what `read` raises."""
        async with heartbeating():
            job = job_id(activity.info().workflow_id or "")
            draft = await self._draft(order.owner_id, order.book_id)
            assert draft is not None, "there is a draft of what pages were read of"
            return await self._saved(order, job, draft)

    async def _kept(self, order: BookOrder, job: JobId, source: SourceText, words: int, language: str) -> BookPlan:
        context = _context(order, job, source, language, self._engine.voice(language, order.voice).id)
        plan = BookPlan(context=context, chapters=len(source.chapters), words=words)
        plan = await self._with_story(plan, order)
        await self._books.save_source(plan, order.author, source)
        return await self._with_chapters(plan)

    # -- documents ---------------------------------------------------------------------------------------------------

    async def _drafted(self, order: BookOrder, source: StoredDocument) -> DocumentDraft:
        """The document as it was read; kept, when there is more to be done about it."""
        if kept := await self._draft(order.owner_id, order.book_id):
            return kept
        draft = await self._cores.run(partial(self._document, source))
        if draft.troubled:
            draft = draft.model_copy(update={"document": source.asset})
            asset = await self._assets.put(draft.model_dump_json().encode(), "application/json")
            await self._writings.keep(order.owner_id, order.book_id, Writing(part=Part.DRAFT, asset=asset))
        return draft

    async def _draft(self, owner: OwnerId, book: BookId) -> DocumentDraft | None:
        parts = await self._writings.parts(owner, book)
        if Part.DRAFT not in parts:
            return None
        return DocumentDraft.model_validate_json(await self._assets.get(parts[Part.DRAFT].asset))

    def _document(self, document: StoredDocument, on_progress: OnProgress) -> DocumentDraft:
        path = self._assets.path(document.asset)
        return self._documents.draft(path, document.format, name=document.name, on_progress=on_progress)

    async def _begun(self, order: BookOrder, job: JobId, draft: DocumentDraft) -> BookPlan:
        """The plan for the time being, with the pages that are to be read off their pictures. Its language is what is
        known of it by now."""
        source = self._documents.planned(draft, {}, order.title)
        try:
            language = _language(order, (page.text for page in draft.pages if not page.trouble))
        except UnknownLanguage:
            if order.language:
                raise
            language = UNKNOWN
        context = _context(order, job, source, language, order.voice or "")
        plan = BookPlan(context=context, chapters=len(source.chapters), words=0)
        await self._books.save_draft(plan, order.author, source)
        unread = _runs(await self._books.unread(order.owner_id, order.book_id))
        if not unread:  # a job that goes on after they were read
            return await self._saved(order, job, draft)
        return plan.model_copy(update={"unread": unread, "pictured": len(draft.troubled), "document": draft.document})

    async def _with_unread(self, plan: BookPlan) -> BookPlan:
        """The plan of a book that was read before, with the pages that could not be and those that somebody wants to be
        read off their pictures, each of these by itself."""
        book = (plan.context.owner_id, plan.context.book_id)
        document = await self._books.document(*book) if self._sees else None
        if document is None:
            return plan
        pictured: set[int] = set()
        unread: tuple[UnreadPages, ...] = ()
        if draft := await self._draft(*book):
            pictured.update(draft.troubled)
            unread = _runs(await self._books.unread(*book))
        anew = await self._books.asked_anew(*book)
        pictured.update(anew)
        unread += tuple(UnreadPages(first_page=page, last_page=page, count=1, anew=True) for page in anew)
        return plan.model_copy(
            update={"unread": unread, "pictured": len(pictured), "document": document, "whole": True}
        )

    async def _saved(self, order: BookOrder, job: JobId, draft: DocumentDraft) -> BookPlan:
        """The plan for good, of all that could be read."""
        readings: dict[int, tuple[str, PageReading]] = {}
        if draft.troubled:
            first, last = draft.troubled[0], draft.troubled[-1]
            made = await self._books.made(order.owner_id, order.book_id, Track.READING, first, last)
            said = {page.number: page for page in await self._books.pages(order.owner_id, order.book_id, first, last)}
            for number, asset in made.items():
                reading = PageReading.model_validate_json(await self._assets.get(asset))
                readings[number] = (said[number].source, reading)
        source = await asyncio.to_thread(self._documents.planned, draft, readings, order.title)
        texts = [page.text for part in source.chapters for page in part.pages if not page.trouble]
        if draft.troubled and self._sees:
            _check_text(texts)
        language = await asyncio.to_thread(_language, order, texts or [page.text for page in draft.pages])
        return await self._kept(order, job, source, _words(source), language)

    # -- plans -------------------------------------------------------------------------------------------------------

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
        made = set(plan.context.made)
        for_scenes = Track.SOUNDSCAPE in made and made <= {Track.NARRATION, Track.ANALYSIS, Track.SOUNDSCAPE}
        context = plan.context.model_copy(
            update={"narrator": narrator, "by_scene": True, "analysed_for_scenes": for_scenes}
        )
        return plan.model_copy(update={"context": context, "first": tuple(first)})

    async def _taken_apart(self, order: BookOrder, source: InlineText | StoredText) -> tuple[SourceText, int, str]:
        """The source's chapters, its number of words, and its language."""
        data = source.text.encode() if isinstance(source, InlineText) else await self._assets.get(source.asset)
        return await asyncio.to_thread(_take_apart, data, order, source.format)


def _context(order: BookOrder, job: JobId, source: SourceText, language: str, voice: str) -> BookContext:
    return BookContext(
        owner_id=order.owner_id,
        book_id=order.book_id,
        job_id=job,
        title=order.title or source.title or "Untitled",
        language=language,
        voice=voice,
        editions=order.editions,
        tracks=order.tracks,
        pages=source.page_count,
        priority=order.priority,
    )


def _take_apart(data: bytes, order: BookOrder, form: TextFormat) -> tuple[SourceText, int, str]:
    text = decode(data)
    source = read_source(text, form, title=order.title)
    return source, _words(source), _language(order, [text])


def _check_text(texts: Iterable[str]) -> None:
    if not any(speakable(text) for text in texts):
        raise EmptySource("None of the document's pages could be read; see what is said of each in the job's pages.")


def _runs(numbers: Sequence[int]) -> tuple[UnreadPages, ...]:
    """Pages as runs, each for one activity."""
    size = PAGES_PER_RUN if len(numbers) > FEW else PAGES_PER_RUN // 2
    return tuple(
        UnreadPages(first_page=some[0], last_page=some[-1], count=len(some))
        for some in (numbers[start : start + size] for start in range(0, len(numbers), size))
    )


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
