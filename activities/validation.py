"""Validation: a page's picture in, whether it is true to the book's characters and has its things out; a picture that
is not is drawn anew."""

import asyncio
from typing import NamedTuple

from temporalio import activity

from activities.batches import Batches, Group, Shift
from activities.drawing import Drawing
from activities.illustration import picture_outcome
from activities.looking import Looking
from activities.permits import Permits
from activities.subjects import Subject, Subjects
from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.errors import Permanent
from bookwright.contracts.ids import AssetId
from bookwright.contracts.inspecting import Judging, PictureVerdict
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.examining import PictureGauge
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome, PageWork
from bookwright.contracts.progress import BatchOutcome
from bookwright.contracts.spreads import Plate
from bookwright.text.inspecting import faults_of
from bookwright.text.search import without

REDRAWN = 2
"""How often a picture that is not right is drawn anew; then the best one is kept, with a note."""
NOT_ALIKE = "NotAlike"
"""The type of the error that a page is noted with whose picture is kept although something is wrong with it."""


class _Judged(NamedTuple):
    """A picture with what is wrong with it, who says so, and where its things are."""

    plate: Plate
    faults: tuple[str, ...]
    judging: Judging
    judged_by: str
    missing: tuple[str, ...]
    """Things that are not to be found in it."""
    searched: bool
    """Whether anybody could have found them."""
    by: object = None
    """Who drew it, when it was drawn anew."""
    stand_in: bool = False

    @property
    def badness(self) -> int:
        return len(self.faults) + (len(self.missing) if self.searched else 0)


class Validation:
    """Holds pictures against the character sheet and the lists of things to find."""

    def __init__(
        self,
        drawing: Drawing,
        looking: Looking,
        gauge: PictureGauge,
        permits: Permits,
        books: Books,
        assets: AssetStore,
    ) -> None:
        self._drawing = drawing
        self._looking = looking
        self._gauge = gauge
        self._permits = permits
        self._books = books
        self._assets = assets
        self._subjects = Subjects(books, assets)
        self._batches = Batches(books, Track.VALIDATION)

    @activity.defn(name="Validate pictures")
    async def validate(self, batch: PageBatch) -> BatchOutcome:
        """Work through the batch's unfinished pages (`activities.batches`). A page without a picture is skipped. One
        whose picture is kept although something is wrong with it counts as failed, with a note of what."""
        return await self._batches.work(batch, self._page)

    @activity.defn(name="Give validation up")
    async def give_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        """Record the batch's unfinished pages as not validated, after the declared attempts."""
        return await self._batches.give_up(batch, error_type, error)

    async def _page(self, shift: Shift, group: Group) -> list[PageOutcome]:
        (work,) = group
        context, number = shift.context, work.page.number
        made = await self._books.made(context.owner_id, context.book_id, Track.ILLUSTRATIONS, number, number)
        scenes = await self._subjects.scenes(context)
        if number not in made or (scenes and number in scenes.answers):
            return [PageOutcome(page=number, track=Track.VALIDATION, state=TrackState.SKIPPED)]
        subject = await self._subjects.of(context, number)
        first = Plate.model_validate_json(await self._assets.get(made[number]))
        async with self._permits.of(context, Track.VALIDATION):
            best = await self._judged(shift, first, subject)
            redone = 0
            while best.badness and redone < REDRAWN:
                redone += 1
                best = min(best, await self._redrawn(shift, work, subject, redone) or best, key=lambda one: one.badness)
        asset = await self._kept(shift, best, first, made[number])
        return [await self._outcome(shift, work, best, asset, redone, subject)]

    async def _redrawn(self, shift: Shift, work: PageWork, subject: Subject, number: int) -> _Judged | None:
        """Another drawing; None when there is none that could be used."""
        try:
            plate, link, stand_in = await self._drawing.draw(shift, work.page.number, subject, work.take, number)
            await self._drawing.check(shift, plate, subject)
        except Permanent:
            return None
        judged = await self._judged(shift, plate, subject)
        return judged._replace(by=link, stand_in=stand_in)

    async def _judged(self, shift: Shift, plate: Plate, subject: Subject) -> _Judged:
        """Ours and, when nobody sees, all others are measured. Things count as found only where that was made sure."""
        picture = await self._assets.get(plate.picture)
        if plate.composed or not self._looking.sees:
            hero = subject.sheet.hero if subject.sheet else None
            faults: tuple[str, ...] = ()
            if hero and hero in subject.cast and hero.palette:
                if not await asyncio.to_thread(self._gauge.has_colour, picture, hero.palette[0]):
                    faults = (f"the colour of {hero.name} is not in it",)
            found = await asyncio.to_thread(self._gauge.standing_out, picture, plate.placed)
            judging, judged_by, searched = Judging.MEASURED, "measured", plate.composed
        else:
            seen, judged_by = await self._looking.inspect(shift, plate, subject, shift.context.ages)
            faults, judging, searched = faults_of(seen), Judging.SEEN, True
            found = await self._looking.confirmed(shift, plate, seen.things)
        names = {box.name for box in found}
        missing = tuple(thing.name for thing in subject.things if thing.name not in names)
        things = tuple(thing.name for thing in subject.things if thing.name in names)
        judged = plate.model_copy(update={"things": things, "found": found})
        return _Judged(judged, faults, judging, judged_by, missing, searched)

    async def _kept(self, shift: Shift, best: _Judged, first: Plate, before: AssetId) -> AssetId:
        """Make the best picture the page's own; the one before it is kept as a version. Where its things surely are is
        said of it also when it is the first one."""
        outcome = await picture_outcome(shift.context, best.plate, best.by, best.stand_in, self._assets)
        assert outcome.asset is not None
        if outcome.asset != before:
            keep = best.plate.picture != first.picture
            await self._books.replace_made(shift.context, outcome, before, keep=keep)
        return outcome.asset

    async def _outcome(
        self, shift: Shift, work: PageWork, best: _Judged, asset: AssetId, redone: int, subject: Subject
    ) -> PageOutcome:
        number = work.page.number
        if best.missing:
            gone = {thing.shown for thing in subject.things if thing.name in best.missing}
            await self._books.change_text(shift.context, number, work.page.text, without(work.page.text, gone))
        verdict = PictureVerdict(
            page=number,
            plate=asset,
            judging=best.judging,
            judged_by=best.judged_by,
            faults=best.faults,
            found=best.plate.found,
            dropped=best.missing,
            redone=redone,
        )
        return PageOutcome(
            page=number,
            track=Track.VALIDATION,
            state=TrackState.FAILED if best.faults else TrackState.COMPLETED,
            asset=await self._assets.put(verdict.model_dump_json().encode(), "application/json"),
            error_type=NOT_ALIKE if best.faults else None,
            error="; ".join(best.faults) or None,
            made_by=best.judged_by,
        )
