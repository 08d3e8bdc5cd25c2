"""Analysis: the text of a spread in, what it tells of out."""

import json
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

from temporalio import activity

from activities.batches import Batches, Group, Shift
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.written import examine_written
from bookwright.contracts.book import PageBatch, PageText, TrackState
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.engines import LanguageModel
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome
from bookwright.contracts.ports.writings import Part, Writings
from bookwright.contracts.progress import BatchOutcome
from bookwright.contracts.spreads import SpreadAnalysis, spread_of
from bookwright.contracts.writing import Ideas
from bookwright.text.spreads import BEFORE_PAGES, is_told, read_analysis, spread_task
from bookwright.text.stories.ideas import analysis_of


class _Known(NamedTuple):
    """What is known of a batch's pages before they are analysed."""

    pages: tuple[PageText, ...]
    """Those of its spreads, and as many before them as an analysis is told of, as far as they have text."""
    ideas: Ideas | None
    """What the book's writer had in mind, if it was written for this book."""

    def of(self, spread: tuple[int, int]) -> tuple[list[PageText], list[PageText]]:
        """The pages before a spread, and its own."""
        first, last = spread
        before = [page for page in self.pages if first - BEFORE_PAGES <= page.number < first]
        return before, [page for page in self.pages if first <= page.number <= last]


class Analysis:
    """Has spreads analysed, each in one call. Two chapters that share a spread ask the same, so it is bought once."""

    def __init__(
        self,
        chain: Chain[LanguageModel],
        buyer: Buyer,
        books: Books,
        assets: AssetStore,
        writings: Writings,
    ) -> None:
        self._chain = chain
        self._buyer = buyer
        self._books = books
        self._assets = assets
        self._writings = writings
        self._batches = Batches(books, Track.ANALYSIS)

    @activity.defn(name="Analyse pages")
    async def analyse(self, batch: PageBatch) -> BatchOutcome:
        """Work through the batch's unfinished pages (`activities.batches`), all spreads at once within the provider's
        limit. A page without text is skipped, which counts as done."""
        known = await self._known(batch)

        async def make(shift: Shift, group: Group) -> list[PageOutcome]:
            return await self._spread(shift, group, known)

        return await self._batches.work(batch, make, _spreads)

    @activity.defn(name="Give analyses up")
    async def give_up(
        self, batch: PageBatch, error_type: str, error: str, attempts: int = 1, trace: str | None = None
    ) -> BatchOutcome:
        """Record the batch's unfinished pages as not analysed, after the declared attempts."""
        return await self._batches.give_up(batch, error_type, error, attempts, trace)

    async def _known(self, batch: PageBatch) -> _Known:
        """What the batch's spreads are analysed from, also in other chapters."""
        context = batch.context
        first, last = max(1, spread_of(batch.first_page)[0] - BEFORE_PAGES), spread_of(batch.last_page)[1]
        pages = await self._books.pages(context.owner_id, context.book_id, first, last)
        parts = await self._writings.parts(context.owner_id, context.book_id)
        ideas = None
        if Part.IDEAS in parts:
            ideas = Ideas.model_validate_json(await self._assets.get(parts[Part.IDEAS].asset))
        return _Known(tuple(page for page in pages if is_told(page)), ideas)

    async def _spread(self, shift: Shift, group: Group, known: _Known) -> list[PageOutcome]:
        before, told = known.of(spread_of(group[0].page.number))
        if not told or not _is_wanted(shift.context, group):
            return [_skipped(work.page.number) for work in group]
        shift.go_on()
        take = max(work.take for work in group)
        analysis, by, stand_in = await self._analysed(shift, told, before, take, known.ideas)
        asset = await self._assets.put(analysis.model_dump_json().encode(), "application/json")
        return [
            PageOutcome(
                page=work.page.number,
                track=Track.ANALYSIS,
                state=TrackState.COMPLETED,
                asset=asset,
                made_by=by,
                stand_in=stand_in,
            )
            if work.page.number in analysis.pages
            else _skipped(work.page.number)
            for work in group
        ]

    async def _analysed(
        self, shift: Shift, pages: Sequence[PageText], before: Sequence[PageText], take: int, ideas: Ideas | None
    ) -> tuple[SpreadAnalysis, str, bool]:
        """What these pages tell of, by whom, and whether that one stands in: what their writer had in mind, when they
        were written for this book and have not been changed since; else what a model says, for a call."""
        if take == 0 and ideas is not None and (had_in_mind := analysis_of(pages, ideas)):
            return had_in_mind, ideas.written_by, False
        analysis, link, stand_in = await self._chain.work(lambda link: self._analysis(shift, pages, before, take, link))
        return analysis, str(link), stand_in

    async def _analysis(
        self,
        shift: Shift,
        pages: Sequence[PageText],
        before: Sequence[PageText],
        take: int,
        link: Link[LanguageModel],
    ) -> SpreadAnalysis:
        task = spread_task(pages, shift.context.language, before)
        numbers = [page.number for page in pages]
        answer = await self._buyer.buy(
            partial(link.engine.call, task),
            link.engine.write,
            partial(examine_written, partial(read_analysis, pages=numbers)),
            usage=shift.usage(f"page/{numbers[0]}/analysis"),
            holder=shift.holder,
            limit=link.limit,
            deadline_s=link.deadline_s,
            first_take=take,
            place=numbers[0],
        )
        return read_analysis(json.loads(await self._assets.get(answer.asset)), numbers)


def _spreads(todo: Group) -> list[Group]:
    return [list(group) for _, group in groupby(todo, lambda work: spread_of(work.page.number))]


def _is_wanted(context: BookContext, spread: Group) -> bool:
    """Whether anything is to be made from what the spread tells of."""
    if Track.SOUNDSCAPE in context.tracks:
        return True
    return any(context.is_pictured(page) for page in spread_of(spread[0].page.number))


def _skipped(page: int) -> PageOutcome:
    return PageOutcome(page=page, track=Track.ANALYSIS, state=TrackState.SKIPPED)
