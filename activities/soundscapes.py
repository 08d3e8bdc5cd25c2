"""Soundscapes: planned ones in, their sounds for all pages of their scenes out."""

import asyncio
import logging

from temporalio import activity

from activities.batches import Shift, failure_of, outcome_of
from activities.heartbeat import heartbeating
from activities.holding import as_wait
from activities.sounding import Sounding
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import Holder
from bookwright.contracts.errors import MustWait, Permanent, StorageFull
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.scenes import MadeSoundscape, Scenes, SoundscapeWork
from bookwright.contracts.scenes import Failure, Scored, SoundscapeRef

logger = logging.getLogger(__name__)


class Soundscapes:
    """Has the soundscapes of a book's scenes made."""

    def __init__(self, scenes: Scenes, sounding: Sounding) -> None:
        self._scenes = scenes
        self._sounding = sounding

    @activity.defn(name="Make soundscape")
    async def make(self, ref: SoundscapeRef) -> Scored:
        """Give the soundscapes their sounds, all at once, and the pages of all their scenes those sounds. Each is
        settled by itself; one that can't be made is recorded as failed. When a provider asks to wait, those under way
        are finished and the answer says until when the rest is deferred. Raises the last Transient error when another
        attempt may help; it leaves alone what is settled."""
        halt: list[MustWait] = []
        async with heartbeating():
            results = await asyncio.gather(
                *(self._settled(ref.context, number, halt) for number in ref.numbers), return_exceptions=True
            )
        outcome = outcome_of(0, results, halt)
        return Scored(made=outcome.done, deferred=outcome.deferred)

    @activity.defn(name="Give soundscape up")
    async def give_up(
        self, ref: SoundscapeRef, error_type: str, error: str, attempts: int, trace: str | None
    ) -> Scored:
        """Record that those without an outcome can't be made, after the declared attempts."""
        failure = Failure(error_type=error_type, message=error, attempt=attempts, trace=trace)
        for number in ref.numbers:
            await self._fail(ref.context, number, failure)
        return Scored()

    async def _settled(self, context: BookContext, number: int, halt: list[MustWait]) -> bool:
        """True when it is made, False when it can't be, or need not be any more."""
        work = await self._scenes.begin(context, number)
        if not work.pages or work.soundscape.state is TrackState.FAILED:
            return False  # its scenes have others by now; or it was given up before the attempt that this one repeats
        try:
            made = await self._made(context, work, halt)
        except (MustWait, StorageFull) as wait:
            halt.append(as_wait(wait))
            raise halt[-1] from None
        except Permanent as error:
            await self._fail(context, number, failure_of(error))
            return False
        await self._scenes.made(context, number, made)
        told = {"soundscape": number, "made_by": made.made_by, "cost_micros": made.cost_micros}
        logger.info("soundscape made", extra=told)
        return True

    async def _fail(self, context: BookContext, number: int, failure: Failure) -> None:
        await self._scenes.failed(context, number, failure)
        logger.warning("soundscape failed", extra={"soundscape": number, "error_type": failure.error_type})

    async def _made(self, context: BookContext, work: SoundscapeWork, halt: list[MustWait]) -> MadeSoundscape:
        there = work.soundscape
        if there.state is TrackState.COMPLETED and there.ambience:
            return MadeSoundscape(
                ambience=there.ambience,
                asset=await self._sounding.stored(there.ambience),
                made_by=there.made_by or "",
                stand_in=there.stand_in,
                cost_micros=there.cost_micros,
            )
        info = activity.info()
        attempt = int(info.current_attempt_scheduled_time.timestamp() * 1000)
        # By its number: it may be one of other batches in another attempt.
        holder = Holder(activity=f"{info.workflow_id}#soundscape/{there.number}", attempt=attempt)
        shift = Shift(context, holder, halt)
        unit = f"page/{work.pages[0]}/soundscape"
        return await self._sounding.make(shift, unit, there.prompt, there.sketch, there.take)
