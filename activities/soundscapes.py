"""Soundscapes: a planned one in, its sound for all pages of its scenes out."""

import logging

from temporalio import activity

from activities.batches import Shift, failed_attempt, failure_of
from activities.heartbeat import heartbeating
from activities.holding import as_wait, hold_for
from activities.sounding import Sounding
from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import Holder
from bookwright.contracts.errors import MustWait, Permanent, StorageFull, Transient, WorkerLeaving
from bookwright.contracts.ports.scenes import MadeSoundscape, Scenes, SoundscapeWork
from bookwright.contracts.progress import Deferred
from bookwright.contracts.scenes import Failure, Scored, SoundscapeRef

logger = logging.getLogger(__name__)


class Soundscapes:
    """Has the soundscapes of a book's scenes made."""

    def __init__(self, scenes: Scenes, sounding: Sounding) -> None:
        self._scenes = scenes
        self._sounding = sounding

    @activity.defn(name="Make soundscape")
    async def make(self, ref: SoundscapeRef) -> Scored:
        """Give the soundscape a sound, and the pages of all its scenes that sound. One that can't be made is recorded
        as failed. Raises Transient errors as far as another attempt may help."""
        async with heartbeating():
            work = await self._scenes.begin(ref.context, ref.number)
            if not work.pages:
                return Scored()  # its scenes are others by now
            try:
                made = await self._made(ref, work)
            except (MustWait, StorageFull) as wait:
                return Scored(deferred=Deferred(hold=hold_for([as_wait(wait)])))
            except Permanent as error:
                return await self._failed(ref, failure_of(error))
            except Transient as error:
                raise failed_attempt(error, leaving=isinstance(error, WorkerLeaving)) from error
            await self._scenes.made(ref.context, ref.number, made)
            told = {"soundscape": ref.number, "made_by": made.made_by, "cost_micros": made.cost_micros}
            logger.info("soundscape made", extra=told)
            return Scored(made=True)

    @activity.defn(name="Give soundscape up")
    async def give_up(
        self, ref: SoundscapeRef, error_type: str, error: str, attempts: int, trace: str | None
    ) -> Scored:
        """Record that it can't be made, after the declared attempts."""
        failure = Failure(error_type=error_type, message=error, attempt=attempts, trace=trace)
        return await self._failed(ref, failure)

    async def _failed(self, ref: SoundscapeRef, failure: Failure) -> Scored:
        await self._scenes.failed(ref.context, ref.number, failure)
        logger.warning("soundscape failed", extra={"soundscape": ref.number, "error_type": failure.error_type})
        return Scored()

    async def _made(self, ref: SoundscapeRef, work: SoundscapeWork) -> MadeSoundscape:
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
        holder = Holder(activity=f"{info.workflow_id}#soundscape/{ref.number}", attempt=attempt)
        shift = Shift(ref.context, holder)
        unit = f"page/{work.pages[0]}/soundscape"
        return await self._sounding.make(shift, unit, there.prompt, there.sketch, there.take)
