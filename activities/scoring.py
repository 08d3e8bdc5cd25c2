"""Scoring: what a chapter's spreads tell of in, the sound under them out."""

import asyncio
from functools import partial

from temporalio import activity

from activities.analyses import Analyses
from activities.batches import Batches, Group, Shift
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.remote import Remote
from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.errors import Permanent
from bookwright.contracts.media import MadeSound, SoundTask
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.calls import Material
from bookwright.contracts.ports.engines import RemoteJobs, SoundEngine
from bookwright.contracts.ports.examining import SoundExaminer, SoundFacts
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome
from bookwright.contracts.progress import BatchOutcome
from bookwright.contracts.spreads import Ambience
from bookwright.text.spreads import is_told, sounding

SECONDS = 30.0
"""Of an ambient sound, which is looped; less where the engine makes less."""


class Scoring:
    """Makes the ambient sound of a chapter's pages, one for all of them."""

    def __init__(
        self,
        chain: Chain[SoundEngine],
        buyer: Buyer,
        books: Books,
        assets: AssetStore,
        examiner: SoundExaminer,
    ) -> None:
        self._chain = chain
        self._buyer = buyer
        self._books = books
        self._assets = assets
        self._examiner = examiner
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
        made_by, stand_in = None, False
        if there:
            asset = there[min(there)]
            ambience = Ambience.model_validate_json(await self._assets.get(asset))
        else:
            shift.go_on()
            prompt = sounding([analyses[page] for page in sorted(analyses)]).sound_prompt
            ambience, link, stand_in = await self._chain.work(lambda link: self._ambience(shift, group, prompt, link))
            made_by = str(link)
            asset = await self._assets.put(ambience.model_dump_json().encode(), "application/json")
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

    async def _ambience(self, shift: Shift, group: Group, prompt: str, link: Link[SoundEngine]) -> Ambience:
        engine = link.engine
        task = SoundTask(prompt=prompt, seconds=min(SECONDS, engine.max_seconds))
        answer = await self._buyer.buy(
            partial(engine.call, task),
            Remote(engine, link.deadline_s) if isinstance(engine, RemoteJobs) else engine.make,
            partial(self._examine, task.seconds),
            usage=shift.usage(f"page/{group[0].page.number}/soundscape"),
            holder=shift.holder,
            limit=link.limit,
            deadline_s=link.deadline_s,
            first_take=max(work.take for work in group),
        )
        facts = SoundFacts.model_validate(answer.facts)
        return Ambience(sound=answer.asset, loop=task.loop, prompt=prompt, **facts.model_dump())

    async def _examine(self, seconds: float, made: MadeSound) -> Material:
        facts = await asyncio.to_thread(self._examiner.examine, made, seconds)
        return Material(
            data=made.sound,
            media_type=facts.media_type,
            facts=facts.model_dump(mode="json"),
            cost_micros=made.cost_micros,
        )
