"""Vision: pages of a PDF that have no good text are read off their pictures by a model that sees."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from temporalio import activity

from activities.batches import Batches, Group, Shift
from activities.buying import Buyer
from activities.chain import Chain, Link
from bookwright.contracts.book import NO_SOURCE, UNKNOWN, VISION_SOURCE, PageText, ReadingBatch, TrackState
from bookwright.contracts.calls import Answer, ProviderCall
from bookwright.contracts.errors import BadAnswer, Blocked, NeedsVision
from bookwright.contracts.media import WrittenText
from bookwright.contracts.orders import Track
from bookwright.contracts.pagereading import LARGE_PX, USUAL_PX, PagePicture, PageReading
from bookwright.contracts.ports.calls import Material, Turn
from bookwright.contracts.ports.documents import DocumentReader, PageGallery
from bookwright.contracts.ports.engines import LanguageModel
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome, PageWork
from bookwright.contracts.progress import BatchOutcome
from bookwright.text.pagechecks import Against, Doubt, alike, doubt_of
from bookwright.text.pagereading import page_task, read_page, text_of, without_heading

BLANK = PageReading(language="und", blocks=())
"""What a page says on which there is nothing."""


@dataclass
class _Hearing:
    """The answers to one page's question in this attempt."""

    picture: PagePicture
    language: str | None
    heard: list[PageReading] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def judged(self, reading: PageReading) -> PageReading:
        """The answer, with a note when it is used although something speaks against it. Raises BadAnswer for one that
        is to be asked for again."""
        doubt = doubt_of(reading, self.picture, self.language)
        if doubt is None:
            return reading
        again = any(earlier.against is doubt.against for earlier in self.doubts)
        same = any(alike(reading, earlier) for earlier in self.heard)
        self.heard.append(reading)
        self.doubts.append(doubt)
        # What is made up comes out differently each time; what two looks agree on is there.
        if again and (not doubt.lasting or (same and doubt.against is Against.DIFFERENT)):
            return reading.model_copy(update={"note": doubt.reason})
        raise BadAnswer(doubt.reason)


class _Drawing:
    """Draws pages one at a time, so that those who wait for one hold no thread. The first one is begun at once, while
    the store is still being asked which pages there are to be read."""

    def __init__(self, gallery: PageGallery, first: int) -> None:
        self._gallery = gallery
        self._turn = asyncio.Lock()
        self._begun = {(first, USUAL_PX): asyncio.create_task(self._drawn(first, USUAL_PX))}

    async def picture(self, page: int, px: int) -> PagePicture:
        begun = self._begun.pop((page, px), None)
        return await (begun or self._drawn(page, px))

    async def close(self) -> None:
        """End the drawing, also of what nobody has waited for."""
        for task in self._begun.values():
            task.cancel()
        await asyncio.to_thread(self._gallery.close)
        await asyncio.gather(*self._begun.values(), return_exceptions=True)

    async def _drawn(self, page: int, px: int) -> PagePicture:
        async with self._turn:
            return await asyncio.to_thread(self._gallery.picture, page, px)


class Vision:
    """Has pages read off their pictures, each in one call; a hard page once more by itself, larger."""

    def __init__(
        self,
        chain: Chain[LanguageModel],
        buyer: Buyer,
        books: Books,
        assets: AssetStore,
        documents: DocumentReader,
    ) -> None:
        self._chain = chain
        self._buyer = buyer
        self._books = books
        self._assets = assets
        self._documents = documents
        self._batches = Batches(books, Track.READING)

    @activity.defn(name="Read pages")
    async def read_pages(self, batch: ReadingBatch) -> BatchOutcome:
        """Work through the batch's unread pages (`activities.batches`), all at once within the provider's limit."""
        path = await asyncio.to_thread(self._assets.path, batch.document)
        drawing = _Drawing(await asyncio.to_thread(self._documents.gallery, path), batch.first_page)
        try:
            return await self._batches.work(batch, partial(self._page, batch, drawing))
        finally:
            await drawing.close()

    @activity.defn(name="Give up reading pages")
    async def give_up(self, batch: ReadingBatch, error_type: str, error: str) -> BatchOutcome:
        """Record the batch's unread pages as failed, after the declared attempts."""
        return await self._batches.give_up(batch, error_type, error)

    async def _page(self, batch: ReadingBatch, drawing: _Drawing, shift: Shift, group: Group) -> list[PageOutcome]:
        (work,) = group
        number = work.page.number
        if work.page.trouble is None and not batch.anew:  # somebody has written it meanwhile
            return [PageOutcome(page=number, track=Track.READING, state=TrackState.SKIPPED)]
        shift.go_on()
        picture = await drawing.picture(number, USUAL_PX)
        if picture.blank:
            if batch.anew:
                raise NeedsVision("there is nothing to be seen on the page: its text is left as it is")
            return [await self._outcome(work, BLANK, NO_SOURCE, None, stand_in=False)]
        language = shift.context.language
        known = None if language == UNKNOWN else language
        reading, link, stand_in = await self._chain.work(
            partial(self._read, batch, drawing, shift, work, _Hearing(picture, known))
        )
        source = f"{VISION_SOURCE}{link.engine.provider}"
        outcome = await self._outcome(work, reading, source, str(link), stand_in=stand_in)
        return [await self._anew(shift, work, outcome) if batch.anew else outcome]

    async def _anew(self, shift: Shift, work: PageWork, outcome: PageOutcome) -> PageOutcome:
        """The outcome in place of a text that is there: without its chapter's title, which that has not either."""
        context, page = shift.context, outcome.read
        assert page is not None
        [brief] = await self._books.chapters(context.owner_id, context.book_id, page.chapter, 1)
        if brief.first_page == page.number:
            page = page.model_copy(update={"text": without_heading(page.text, brief.title)})
        return outcome.model_copy(update={"read": page, "instead_of": work.version})

    async def _read(
        self,
        batch: ReadingBatch,
        drawing: _Drawing,
        shift: Shift,
        work: PageWork,
        hearing: _Hearing,
        link: Link[LanguageModel],
    ) -> PageReading:
        number, engine = work.page.number, link.engine

        def call_for(take: int) -> ProviderCall:
            px = USUAL_PX if take == work.take else LARGE_PX
            return engine.call(page_task(batch.document, number, px), take)

        async def perform(call: ProviderCall, turn: Turn) -> WrittenText:
            shown = hearing.picture
            if call.take != work.take:
                shown = await drawing.picture(number, LARGE_PX)
            return await engine.write(call, turn, pictures=[shown.data])

        async def buy(first_take: int) -> Answer:
            return await self._buyer.buy(
                call_for,
                perform,
                partial(_examine, hearing),
                usage=shift.usage(f"page/{number}/{Track.READING}"),
                holder=shift.holder,
                limit=link.limit,
                deadline_s=link.deadline_s,
                first_take=first_take,
                place=number,
            )

        shift.go_on()
        try:
            answer = await buy(work.take)
        except Blocked:  # a page that looks like something else in small
            answer = await buy(work.take + 1)
        return PageReading.model_validate_json(await self._assets.get(answer.asset))

    async def _outcome(
        self, work: PageWork, reading: PageReading, source: str, by: str | None, *, stand_in: bool
    ) -> PageOutcome:
        text = text_of(reading)
        page = PageText(
            number=work.page.number,
            chapter=work.page.chapter,
            text=text,
            label=reading.number if reading.number != str(work.page.number) else None,
            source=source if text else NO_SOURCE,
        )
        return PageOutcome(
            page=work.page.number,
            track=Track.READING,
            state=TrackState.COMPLETED,
            asset=await self._assets.put(reading.model_dump_json().encode(), "application/json"),
            error_type="Doubtful" if reading.note else None,
            error=reading.note,
            made_by=by,
            stand_in=stand_in,
            read=page,
        )


async def _examine(hearing: _Hearing, written: WrittenText) -> Material:
    try:
        reading = hearing.judged(read_page(written.data or {}))
    except ValueError as error:
        raise BadAnswer(str(error)) from None
    except BadAnswer as useless:
        useless.cost_micros = written.cost_micros
        raise
    return Material(
        data=reading.model_dump_json().encode(),
        media_type="application/json",
        facts={"input_tokens": written.input_tokens, "output_tokens": written.output_tokens},
        cost_micros=written.cost_micros,
    )
