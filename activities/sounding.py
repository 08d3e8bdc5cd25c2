"""Buying an ambient sound."""

import asyncio
from functools import partial

from activities.batches import Shift
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.remote import Remote
from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import MadeSound, SoundTask
from bookwright.contracts.ports.calls import Material
from bookwright.contracts.ports.engines import RemoteJobs, SoundEngine
from bookwright.contracts.ports.examining import SoundExaminer, SoundFacts
from bookwright.contracts.ports.scenes import MadeSoundscape
from bookwright.contracts.ports.store import AssetStore
from bookwright.contracts.spreads import Ambience

SECONDS = 30.0
"""Of an ambient sound, which is looped; less where the engine makes less."""


class Sounding:
    """Has ambient sounds made by the first engine that can be had, and examined."""

    def __init__(self, chain: Chain[SoundEngine], buyer: Buyer, assets: AssetStore, examiner: SoundExaminer) -> None:
        self._chain = chain
        self._buyer = buyer
        self._assets = assets
        self._examiner = examiner

    @property
    def first_choice(self) -> str:
        """Who makes sounds when nothing stands in the way. Raises Misconfigured when nobody does."""
        return str(self._chain.links[0])

    async def make(
        self, shift: Shift, unit: str, prompt: str, sketch: SoundSketch | None = None, take: int = 0
    ) -> MadeSoundscape:
        """The sound, stored and paid. Raises as `Buyer.buy` does."""
        shift.go_on()
        (ambience, cost), link, stand_in = await self._chain.work(
            lambda link: self._bought(shift, unit, prompt, sketch, take, link)
        )
        return MadeSoundscape(
            ambience=ambience,
            asset=await self.stored(ambience),
            made_by=str(link),
            stand_in=stand_in,
            cost_micros=cost,
        )

    async def stored(self, ambience: Ambience) -> AssetId:
        """The asset that pages with this sound have."""
        return await self._assets.put(ambience.model_dump_json().encode(), "application/json")

    async def _bought(
        self, shift: Shift, unit: str, prompt: str, sketch: SoundSketch | None, take: int, link: Link[SoundEngine]
    ) -> tuple[Ambience, int]:
        engine = link.engine
        task = SoundTask(prompt=prompt, seconds=min(SECONDS, engine.max_seconds), sketch=sketch)
        answer = await self._buyer.buy(
            partial(engine.call, task),
            Remote(engine, link.deadline_s) if isinstance(engine, RemoteJobs) else engine.make,
            partial(self._examine, task.seconds),
            usage=shift.usage(unit),
            holder=shift.holder,
            limit=link.limit,
            deadline_s=link.deadline_s,
            first_take=take,
        )
        facts = SoundFacts.model_validate(answer.facts)
        ambience = Ambience(sound=answer.asset, loop=task.loop, prompt=prompt, **facts.model_dump())
        return ambience, answer.cost_micros

    async def _examine(self, seconds: float, made: MadeSound) -> Material:
        facts = await asyncio.to_thread(self._examiner.examine, made, seconds)
        return Material(
            data=made.sound,
            media_type=facts.media_type,
            facts=facts.model_dump(mode="json"),
            cost_micros=made.cost_micros,
        )
