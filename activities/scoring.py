"""Scoring by chapters: what a chapter's spreads tell of in, one sound under them out.

Only books that were begun before there were scenes are scored like this; all others by `activities.soundscapes`.
"""

from functools import partial

from temporalio import activity

from activities.analyses import Analyses
from activities.batches import Batches, Group, Shift
from activities.sounding import Sounding
from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.errors import Permanent
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome
from bookwright.contracts.progress import BatchOutcome
from bookwright.contracts.spreads import Ambience
from bookwright.text.spreads import is_told, sounding


class Scoring:
    """Makes the ambient sound of a chapter's pages, one for all of them."""

    def __init__(self, sounding: Sounding, books: Books, assets: AssetStore) -> None:
        self._sounding = sounding
        self._books = books
        self._assets = assets
        self._batches = Batches(books, Track.SOUNDSCAPE)
        self._analyses = Analyses(books, assets)

    @activity.defn(name="Score pages")
    async def score(self, batch: PageBatch) -> BatchOutcome:
        """Give the batch's unfinished pages (`activities.batches`) one sound: that of its other pages, if they have
        one already."""
        return await self._batches.work(batch, partial(self._pages, batch), lambda todo: [todo] if todo else [])

    @activity.defn(name="Give sounds up")
    async def give_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        """Record the batch's unfinished pages as being without a sound, after the declared attempts."""
        return await self._batches.give_up(batch, error_type, error)

    async def _pages(self, batch: PageBatch, shift: Shift, group: Group) -> list[PageOutcome]:
        pages = (batch.first_page, batch.last_page)
        there = await self._books.made(shift.context.owner_id, shift.context.book_id, Track.SOUNDSCAPE, *pages)
        analyses = await self._analyses.of(shift.context, *pages)
        if not analyses and not there:
            if any(is_told(work.page) for work in group):
                raise Permanent("what is heard there is not known: its text could not be analysed")
            return [
                PageOutcome(page=work.page.number, track=Track.SOUNDSCAPE, state=TrackState.SKIPPED) for work in group
            ]
        made_by: str | None = None
        stand_in = False
        if there:
            asset = there[min(there)]
            ambience = Ambience.model_validate_json(await self._assets.get(asset))
        else:
            prompt = sounding([analyses[page] for page in sorted(analyses)]).sound_prompt
            unit, take = f"page/{group[0].page.number}/soundscape", max(work.take for work in group)
            made = await self._sounding.make(shift, unit, prompt, take=take)
            ambience, asset, made_by, stand_in = made.ambience, made.asset, made.made_by, made.stand_in
        return [
            PageOutcome(
                page=work.page.number,
                track=Track.SOUNDSCAPE,
                state=TrackState.COMPLETED,
                asset=asset,
                duration_ms=ambience.duration_ms,
                made_by=made_by,
                stand_in=stand_in,
            )
            for work in group
        ]
