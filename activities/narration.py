"""Narration: page text in, a levelled segment of spoken clips out."""

import asyncio
from collections.abc import Sequence

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.buying import Buyer
from activities.heartbeat import heartbeating, real_failures
from bookwright.contracts.book import ClipFacts, PageBatch, PlacedClip, SpokenClip, TrackState
from bookwright.contracts.calls import Answer, Holder, Usage
from bookwright.contracts.errors import (
    BudgetReached,
    CredentialsRefused,
    MustWait,
    NeedsVision,
    Permanent,
    QuotaExhausted,
    RateLimited,
    StorageFull,
    Transient,
    WorkerLeaving,
)
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.audio import AudioPress
from bookwright.contracts.ports.calls import CallLimit, Material
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.ports.store import AssetStore, Books, PageOutcome, PageWork
from bookwright.contracts.progress import BatchOutcome, Deferred, Hold, HoldKind
from bookwright.text.chunks import Chunk, chunks

HELD_TAKES = 4
"""Clips of one page that are under way at once; bounds the memory that a page of any length takes."""


class Narration:
    """Speaks pages. A batch may be worked through again at any time: what is settled is not made again."""

    def __init__(
        self,
        engine: SpeechEngine,
        buyer: Buyer,
        limit: CallLimit,
        books: Books,
        assets: AssetStore,
        press: AudioPress,
        deadline_s: float,
    ) -> None:
        self._engine = engine
        self._buyer = buyer
        self._limit = limit
        self._books = books
        self._assets = assets
        self._press = press
        self._deadline_s = deadline_s

    @activity.defn(name="Narrate pages")
    async def speak(self, batch: PageBatch) -> BatchOutcome:
        """Work through the batch's unfinished pages, all at once within the provider's limit. The answer counts those
        that were finished before, too: by an attempt whose own answer was lost, or by an earlier generation.

        A page that can't be spoken is recorded as failed. When the provider asks to wait, pages already under way
        are finished and the answer says until when the rest is deferred. Raises the last Transient error when any
        page may succeed on another attempt.
        """
        holder = _holder(batch)
        async with heartbeating():
            todo = await self._books.begin_pages(batch.context, Track.NARRATION, batch.first_page, batch.last_page)
            halt: list[MustWait] = []
            results = await asyncio.gather(
                *(self._page(batch.context, work, holder, halt) for work in todo), return_exceptions=True
            )
        return _outcome(batch.pages - len(todo), results, halt)

    @activity.defn(name="Give pages up")
    async def give_up(self, batch: PageBatch, error_type: str, error: str) -> BatchOutcome:
        """Record the batch's unfinished pages as failed, after the declared attempts."""
        todo = await self._books.begin_pages(batch.context, Track.NARRATION, batch.first_page, batch.last_page)
        for work in todo:
            await self._fail(batch.context, work, error_type, error)
        return BatchOutcome(done=batch.pages - len(todo), failed=len(todo))

    async def _page(self, context: BookContext, work: PageWork, holder: Holder, halt: list[MustWait]) -> bool:
        """True when the page is spoken, False when it is recorded as failed."""
        if halt:
            raise halt[0]
        try:
            if work.page.trouble:
                raise NeedsVision("its text can't be read from the document; a vision provider is needed")
            placed = await self._clips(context, work, holder, halt)
            segment = self._press.compose(work.page.number, placed)
            asset = await self._assets.put(segment.model_dump_json().encode(), "application/json")
            await self._books.page_outcome(
                context,
                PageOutcome(
                    page=work.page.number,
                    track=Track.NARRATION,
                    state=TrackState.COMPLETED,
                    asset=asset,
                    duration_ms=segment.duration_ms,
                ),
            )
        except (MustWait, StorageFull) as wait:
            halt.append(_as_wait(wait))
            raise halt[-1] from None
        except Permanent as error:
            await self._fail(context, work, type(error).__name__, str(error))
            return False
        return True

    async def _clips(
        self, context: BookContext, work: PageWork, holder: Holder, halt: list[MustWait]
    ) -> list[PlacedClip]:
        """Buy the page's clips, a few at a time, in reading order."""
        voice = self._engine.voice(context.language, context.voice)
        parts = chunks(work.page.text, context.language, self._engine.max_chars)
        room = asyncio.Semaphore(HELD_TAKES)

        async def clip(index: int, chunk: Chunk) -> PlacedClip:
            async with room:
                if halt:
                    raise halt[0]
                if activity.is_worker_shutdown():
                    raise WorkerLeaving("this worker is draining; another one goes on")
                answer = await self._buyer.buy(
                    lambda take: self._engine.call(chunk.text, voice, take),
                    self._engine.speak,
                    lambda spoken: self._examine(chunk.text, spoken),
                    usage=Usage(
                        owner_id=context.owner_id,
                        book_id=context.book_id,
                        job_id=JobId(context.job_id),
                        unit=f"page/{work.page.number}/narration/{index}",
                    ),
                    holder=holder,
                    limit=self._limit,
                    deadline_s=self._deadline_s,
                    first_take=work.take,
                )
            return _placed(chunk, answer)

        tasks = [asyncio.create_task(clip(index, chunk)) for index, chunk in enumerate(parts)]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            # The clips under way are paid for already: let them be settled, but begin no new ones.
            for task in tasks:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _examine(self, text: str, clip: SpokenClip) -> Material:
        facts = await asyncio.to_thread(self._press.examine, text, clip)
        return Material(
            data=clip.audio,
            media_type=clip.media_type,
            facts=facts.model_dump(mode="json"),
            cost_micros=clip.cost_micros,
        )

    async def _fail(self, context: BookContext, work: PageWork, error_type: str, error: str) -> None:
        await self._books.page_outcome(
            context,
            PageOutcome(
                page=work.page.number,
                track=Track.NARRATION,
                state=TrackState.FAILED,
                error_type=error_type,
                error=error,
            ),
        )


def _outcome(before: int, results: Sequence[bool | BaseException], halt: list[MustWait]) -> BatchOutcome:
    """What to answer when `before` pages were finished already and the others came out like this."""
    done = before + sum(result is True for result in results)
    failed = sum(result is False for result in results)
    if halt:
        return BatchOutcome(done=done, failed=failed, deferred=Deferred(hold=_hold(halt)))
    errors = [result for result in results if isinstance(result, BaseException)]
    if not errors:
        return BatchOutcome(done=done, failed=failed)
    for error in errors:
        if not isinstance(error, Transient):
            raise error
    leaving = all(isinstance(error, WorkerLeaving) for error in errors)
    failures = real_failures() + (not leaving)
    activity.heartbeat(failures)
    raise ApplicationError(str(errors[-1]), failures, type=type(errors[-1]).__name__) from errors[-1]


def _holder(batch: PageBatch) -> Holder:
    """This attempt at the batch. Temporal's scheduling time orders attempts, also of a batch scheduled anew."""
    info = activity.info()
    return Holder(
        activity=f"{info.workflow_id}#{batch.chapter}:{batch.first_page}-{batch.last_page}",
        attempt=int(info.current_attempt_scheduled_time.timestamp() * 1000),
    )


def _placed(chunk: Chunk, answer: Answer) -> PlacedClip:
    return PlacedClip(
        asset=answer.asset,
        text_start=chunk.start,
        text=chunk.text,
        ends_paragraph=chunk.ends_paragraph,
        facts=ClipFacts.model_validate(answer.facts),
    )


def _as_wait(error: MustWait | StorageFull) -> MustWait:
    return error if isinstance(error, MustWait) else _NoRoom(str(error))


class _NoRoom(MustWait):
    """A full disk holds the work up; nobody has failed."""


_KINDS: dict[type[MustWait], HoldKind] = {
    BudgetReached: HoldKind.BUDGET,
    QuotaExhausted: HoldKind.QUOTA,
    CredentialsRefused: HoldKind.CREDENTIALS,
    _NoRoom: HoldKind.STORAGE,
}


def _hold(waits: Sequence[MustWait]) -> Hold:
    """What to wait for: a person, if any of the reasons needs one, else the longest of the times."""
    for wait in waits:
        if kind := _KINDS.get(type(wait)):
            return Hold(kind=kind, reason=str(wait))
    longest = max((wait for wait in waits if isinstance(wait, RateLimited)), key=lambda wait: wait.until)
    return Hold(kind=HoldKind.RATE_LIMIT, reason=str(longest), until=longest.until)
