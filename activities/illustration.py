"""Illustration: what a page tells of in, its picture out."""

from temporalio import activity

from activities.batches import Batches, Group, Shift
from activities.drawing import Drawing
from activities.subjects import Subjects
from bookwright.contracts.aliases import Alias, page_image
from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.errors import Blocked
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome
from bookwright.contracts.progress import BatchOutcome
from bookwright.contracts.spreads import Plate
from bookwright.text.spreads import is_told


class Illustration:
    """Draws pages that were analysed. A failed picture is the page's own; the book goes on without it."""

    def __init__(self, drawing: Drawing, books: Books, assets: AssetStore) -> None:
        self._drawing = drawing
        self._assets = assets
        self._subjects = Subjects(books, assets)
        self._batches = Batches(books, Track.ILLUSTRATIONS)

    @activity.defn(name="Illustrate pages")
    async def illustrate(self, batch: PageBatch) -> BatchOutcome:
        """Work through the batch's unfinished pages (`activities.batches`), all at once within the limits of provider
        and job. A page without text is skipped, which counts as done, and so is one that was to get no picture."""
        return await self._batches.work(batch, self._page)

    @activity.defn(name="Give pictures up")
    async def give_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        """Record the batch's unfinished pages as not illustrated, after the declared attempts."""
        return await self._batches.give_up(batch, error_type, error)

    async def _page(self, shift: Shift, group: Group) -> list[PageOutcome]:
        (work,) = group
        number = work.page.number
        scenes = await self._subjects.scenes(shift.context)
        if not is_told(work.page) or (scenes and number in scenes.answers):  # those are drawn when all others are there
            return [PageOutcome(page=number, track=Track.ILLUSTRATIONS, state=TrackState.SKIPPED)]
        if not (shift.context.is_pictured(number) or work.take):  # one that somebody wants anew is wanted
            return [PageOutcome(page=number, track=Track.ILLUSTRATIONS, state=TrackState.SKIPPED)]
        subject = await self._subjects.of(shift.context, number)
        plate, link, stand_in = await self._drawing.draw(shift, number, subject, work.take, 0)
        try:
            await self._drawing.check(shift, plate, subject)
        except Blocked:  # another one may be fit; it is asked for once
            plate, link, stand_in = await self._drawing.draw(shift, number, subject, work.take, 1)
            await self._drawing.check(shift, plate, subject)
        return [await picture_outcome(shift.context, plate, link, stand_in, self._assets)]


async def picture_outcome(
    context: BookContext, plate: Plate, by: object, stand_in: bool, assets: AssetStore
) -> PageOutcome:
    """That a page has this picture."""
    return PageOutcome(
        page=plate.page,
        track=Track.ILLUSTRATIONS,
        state=TrackState.COMPLETED,
        asset=await assets.put(plate.model_dump_json().encode(), "application/json"),
        made_by=str(by),
        stand_in=stand_in,
        aliases=(Alias(name=page_image(context.book_id, plate.page, plate.media_type), asset=plate.picture),),
    )
