"""Drawing: what a page's picture is to show in, the picture out, fit for its readers."""

import asyncio
from functools import partial

from activities.batches import Shift
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.looking import Looking
from activities.permits import Permits
from activities.remote import Remote
from activities.subjects import Subject
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.media import DrawnPicture, Verdict
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.calls import Material
from bookwright.contracts.ports.engines import PictureEngine, RemoteJobs
from bookwright.contracts.ports.examining import PictureExaminer, PictureFacts
from bookwright.contracts.ports.store import AssetStore
from bookwright.contracts.spreads import Plate
from bookwright.text.inspecting import GROWN_UP
from bookwright.text.pictures import best_aspect, picture_task, seed_of
from bookwright.text.policy.checking import check_picture
from bookwright.text.policy.moderators import unjudged

TAKES_PER_DRAWING = 3
"""As many as a picture that can't be used is asked for by itself; the next drawing of the page begins after them."""


class Drawing:
    """Draws pictures. One permit of the job is held while a picture is in the making."""

    def __init__(
        self,
        chain: Chain[PictureEngine],
        looking: Looking,
        buyer: Buyer,
        assets: AssetStore,
        examiner: PictureExaminer,
        permits: Permits,
    ) -> None:
        self._chain = chain
        self._looking = looking
        self._buyer = buyer
        self._assets = assets
        self._examiner = examiner
        self._permits = permits

    async def draw(
        self, shift: Shift, page: int, subject: Subject, take: int, number: int
    ) -> tuple[Plate, Link[PictureEngine], bool]:
        """The `number`-th drawing (from 0) of a page whose track is at `take`; by whom, and whether that one stands in.
        It is not to be used before it was checked."""
        first = take + number * TAKES_PER_DRAWING
        async with self._permits.of(shift.context, Track.ILLUSTRATIONS):
            shift.go_on()
            return await self._chain.work(lambda link: self._by(shift, page, subject, first, link))

    async def check(self, shift: Shift, plate: Plate, subject: Subject) -> None:
        """The gate for children's books: raises Blocked for a picture that is not fit for the book's readers, or that
        nobody could judge. The question is the one that validation asks, too: it is bought once."""
        ages = shift.context.ages
        if ages is None or ages.youngest >= GROWN_UP:
            return
        judge = _Judge(self._looking, shift, plate, subject)
        await check_picture(judge, await self._assets.get(plate.picture), plate.media_type, ages.youngest)

    async def _by(self, shift: Shift, page: int, subject: Subject, first: int, link: Link[PictureEngine]) -> Plate:
        engine, context = link.engine, shift.context
        sheet = subject.sheet
        references = []
        if engine.takes_references and sheet and sheet.reference:
            references.append(await self._assets.get(sheet.reference))
        task = picture_task(
            subject.analysis,
            subject.idea,
            context.style,
            sheet,
            subject.things,
            best_aspect(engine.aspects),
            referred=bool(references),
        )

        def call(take: int) -> ProviderCall:
            return engine.call(task.model_copy(update={"seed": seed_of(context.book_id, page, take)}), take)

        answer = await self._buyer.buy(
            call,
            Remote(engine, link.deadline_s, references=references)
            if isinstance(engine, RemoteJobs)
            else partial(engine.draw, references=references),
            self._examine,
            usage=shift.usage(f"page/{page}/{Track.ILLUSTRATIONS}"),
            holder=shift.holder,
            limit=link.limit,
            deadline_s=link.deadline_s,
            first_take=first,
            place=page,
        )
        return Plate(
            page=page,
            picture=answer.asset,
            alt=subject.idea.alt,
            prompt=task.prompt,
            cast=tuple(one.name for one in subject.cast),
            things=tuple(thing.name for thing in subject.things),
            **PictureFacts.model_validate(answer.facts).model_dump(),
        )

    async def _examine(self, drawn: DrawnPicture) -> Material:
        facts = await asyncio.to_thread(self._examiner.examine, drawn)
        return Material(
            data=drawn.picture,
            media_type=facts.media_type,
            facts=facts.model_dump(mode="json"),
            cost_micros=drawn.cost_micros,
        )


class _Judge:
    """The `Moderator` of one picture. It knows ours as composed of nothing unfit; others it has looked at. What nobody
    can look at is not allowed."""

    def __init__(self, looking: Looking, shift: Shift, plate: Plate, subject: Subject) -> None:
        self._looking = looking
        self._shift = shift
        self._plate = plate
        self._subject = subject

    async def judge_text(self, text: str, language: str, age: int | None) -> Verdict:
        return unjudged("this one judges pictures")

    async def judge_picture(self, picture: bytes, media_type: str, age: int | None) -> Verdict:
        if self._plate.composed:
            return Verdict(allowed=True)
        if not self._looking.sees:
            return unjudged("nobody is set who could look at a children's book's pictures (BOOKWRIGHT_VISION)")
        seen, _ = await self._looking.inspect(self._shift, self._plate, self._subject, self._shift.context.ages)
        reason = f"not for readers of {age}: {', '.join(seen.unfit) or 'unfit'}".replace("_", " ")
        return Verdict(allowed=seen.fit, categories=seen.unfit, reason="" if seen.fit else reason)
