"""Illustration: what a page tells of in, its picture out."""

import asyncio
from functools import partial

from temporalio import activity

from activities.analyses import Analyses
from activities.batches import Batches, Group, Shift
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.remote import Remote
from bookwright.contracts.aliases import Alias, page_image
from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.errors import Permanent
from bookwright.contracts.media import DrawnPicture, PictureTask
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.calls import Material
from bookwright.contracts.ports.engines import PictureEngine, RemoteJobs
from bookwright.contracts.ports.examining import PictureExaminer, PictureFacts
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome, PageWork
from bookwright.contracts.progress import BatchOutcome
from bookwright.contracts.spreads import PictureIdea, Plate
from bookwright.text.spreads import is_told

ASPECTS = ("4:3", "3:2", "1:1")
"""What fits a page best, best first."""


class Illustration:
    """Draws pages that were analysed. A failed picture is the page's own; the book goes on without it."""

    def __init__(
        self,
        chain: Chain[PictureEngine],
        buyer: Buyer,
        books: Books,
        assets: AssetStore,
        examiner: PictureExaminer,
    ) -> None:
        self._chain = chain
        self._buyer = buyer
        self._assets = assets
        self._examiner = examiner
        self._batches = Batches(books, Track.ILLUSTRATIONS)
        self._analyses = Analyses(books, assets)

    @activity.defn(name="Illustrate pages")
    async def illustrate(self, batch: PageBatch) -> BatchOutcome:
        """Work through the batch's unfinished pages (`activities.batches`), all at once within the provider's limit. A
        page without text is skipped, which counts as done."""
        return await self._batches.work(batch, self._page)

    @activity.defn(name="Give pictures up")
    async def give_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        """Record the batch's unfinished pages as not illustrated, after the declared attempts."""
        return await self._batches.give_up(batch, error_type, error)

    async def _page(self, shift: Shift, group: Group) -> list[PageOutcome]:
        (work,) = group
        number = work.page.number
        if not is_told(work.page):
            return [PageOutcome(page=number, track=Track.ILLUSTRATIONS, state=TrackState.SKIPPED)]
        analysis = (await self._analyses.of(shift.context, number, number)).get(number)
        if analysis is None:
            raise Permanent("what it shows is not known: its text could not be analysed")
        shift.go_on()
        idea = next(picture for picture in analysis.pictures if picture.page == number)
        plate, link, stand_in = await self._chain.work(lambda link: self._plate(shift, work, idea, link))
        return [
            PageOutcome(
                page=number,
                track=Track.ILLUSTRATIONS,
                state=TrackState.COMPLETED,
                asset=await self._assets.put(plate.model_dump_json().encode(), "application/json"),
                made_by=str(link),
                stand_in=stand_in,
                aliases=(Alias(name=page_image(shift.context.book_id, number, plate.media_type), asset=plate.picture),),
            )
        ]

    async def _plate(self, shift: Shift, work: PageWork, idea: PictureIdea, link: Link[PictureEngine]) -> Plate:
        engine = link.engine
        aspect = next((aspect for aspect in ASPECTS if aspect in engine.aspects), engine.aspects[0])
        task = PictureTask(prompt=idea.prompt, aspect=aspect)
        answer = await self._buyer.buy(
            partial(engine.call, task),
            Remote(engine, link.deadline_s) if isinstance(engine, RemoteJobs) else engine.draw,
            self._examine,
            usage=shift.usage(f"page/{work.page.number}/illustrations"),
            holder=shift.holder,
            limit=link.limit,
            deadline_s=link.deadline_s,
            first_take=work.take,
        )
        facts = PictureFacts.model_validate(answer.facts)
        return Plate(
            page=work.page.number, picture=answer.asset, alt=idea.alt, prompt=idea.prompt, **facts.model_dump()
        )

    async def _examine(self, drawn: DrawnPicture) -> Material:
        facts = await asyncio.to_thread(self._examiner.examine, drawn)
        return Material(
            data=drawn.picture,
            media_type=facts.media_type,
            facts=facts.model_dump(mode="json"),
            cost_micros=drawn.cost_micros,
        )
