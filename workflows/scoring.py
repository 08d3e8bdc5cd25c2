"""`SceneScoring`: finds a book's scenes while it is being analysed, and has their soundscapes made."""

import asyncio
from collections.abc import Sequence
from functools import partial

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.scenes import SceneFinding
    from activities.soundscapes import Soundscapes
    from bookwright.contracts.book import PageBatch
    from bookwright.contracts.orders import ChapterOrder, TrackProgress
    from bookwright.contracts.progress import Tally
    from bookwright.contracts.scenes import (
        PageRun,
        SceneScan,
        ScenesFound,
        Scored,
        ScoringOrder,
        ScoringResult,
        SoundscapeRef,
    )
    from workflows import policies
    from workflows.analysing import ANALYSING
    from workflows.durable import giving_up, once_it_is_back, to_an_outcome
    from workflows.line import Line
    from workflows.steering import ALL_ANALYSED, ANALYSED, SteeredChild, stop_if_cancelled

SOUNDSCAPES_PER_BATCH = 8
"""Made by one activity at most: those that are found in one look."""
SOUND_BATCHES_AT_ONCE = 16
"""Given to workers at once; how many sounds a provider takes at a time is theirs to see to."""
PAGES_PER_BATCH = 16
"""Pages that one activity analyses: scenes are looked for when they are there."""
BATCHES_AT_ONCE = 4


@workflow.defn
class SceneScoring(SteeredChild):
    """One for a book, beside its chapters: scenes run across chapter starts.

    It has the pages analysed, in the order of the book; of a book whose chapters need the analyses themselves, these
    tell which pages they have analysed, in whatever order. As far as that goes without a gap, scenes are found in the
    order of the book, and each soundscape that is new is made as soon as its scene is complete. A soundscape that can't
    be made is recorded and fails nothing else.
    """

    @workflow.init
    def __init__(self, order: ScoringOrder) -> None:
        super().__init__(paused=order.paused)
        self._order = order
        self._context = order.context
        self._next_scene = order.next_scene
        self._next_page = order.next_page
        self._looked_to = order.next_page - 1
        self._analysed_to = max(order.analysed_to, self._looked_to)
        self._ahead = {run.first: run.last for run in order.ahead}
        self._ended = order.ended
        self._whole = order.whole
        self._room = asyncio.Semaphore(SOUND_BATCHES_AT_ONCE)
        self._making: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._asked = self._made = 0
        self._line = self._to_analyse(order) if order.context.analysed_for_scenes else None
        self._left = False

    @workflow.run
    async def run(self, order: ScoringOrder) -> ScoringResult:
        if self._line is None:
            complete = await self._look()
        else:
            complete, _ = await asyncio.gather(self._look(), self._analyse(self._line))
        await asyncio.gather(*self._making.values())
        if not complete and not self._steering.finishing:
            await workflow.wait_condition(workflow.all_handlers_finished)
            workflow.continue_as_new(self._rest())
        stop_if_cancelled()
        tally = await self._tally()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return ScoringResult(
            next_scene=self._next_scene,
            next_page=self._next_page,
            done=tally.done,
            failed=tally.failed,
            analysed_to=self._analysed_to,
            analysed=self._analysed,
        )

    @workflow.signal(name=ANALYSED)
    def analysed(self, pages: PageRun) -> None:
        """These pages have an analysis now, or won't get one."""
        self._ahead[pages.first] = max(pages.last, self._ahead.get(pages.first, 0))
        for first, last in sorted(self._ahead.items()):
            if first <= self._analysed_to + 1:
                self._analysed_to = max(self._analysed_to, last)
                del self._ahead[first]

    @workflow.signal(name=ALL_ANALYSED)
    def all_analysed(self, last_page: int, whole: bool) -> None:
        """Nothing more will be analysed, or is to be; `whole` says that the book ends with this page."""
        if self._line is not None:
            self._line.end_at(last_page)
            return
        self._analysed_to = max(self._analysed_to, last_page)
        self._ended, self._whole = True, whole

    # -- having pages analysed ---------------------------------------------------------------------------------------

    def _to_analyse(self, order: ScoringOrder) -> Line:
        """The pages of the whole book, as if they were one chapter's, from the first one that was not analysed."""
        context, first = order.context, order.analysed_to + 1
        return Line(
            ANALYSING._replace(pages=PAGES_PER_BATCH, at_once=BATCHES_AT_ONCE),
            ChapterOrder(
                context=context, chapter=1, title=context.title, first_page=1, last_page=context.pages, next_page=first
            ),
            TrackProgress(next_page=first, done=order.analysed.done, failed=order.analysed.failed),
            context.pages,
            self._steering,
            self._tell,
            on_batch=self._batch_analysed,
        )

    def _batch_analysed(self, batch: PageBatch) -> None:
        self.analysed(PageRun(first=batch.first_page, last=batch.last_page))

    async def _analyse(self, line: Line) -> None:
        """Have the pages analysed that fit into this run."""
        await line.run()
        self._left = line.is_left
        self._ended = not line.is_left
        self._whole = line.last_page == self._context.pages

    @property
    def _analysed(self) -> Tally:
        return Tally(done=self._line.done, failed=self._line.failed) if self._line else Tally()

    # -- finding scenes ----------------------------------------------------------------------------------------------

    async def _look(self) -> bool:
        """Look for scenes as often as there is news. False when it is to be gone on with later."""
        while True:
            await workflow.wait_condition(
                lambda: self._analysed_to > self._looked_to or self._ended or self._left or self._steering.finishing
            )
            if not await self._steering.clear():
                return False
            ended, left, last = self._ended, self._left, self._analysed_to
            found = await self._find(
                SceneScan(
                    context=self._context,
                    next_scene=self._next_scene,
                    next_page=self._next_page,
                    last_page=last,
                    final=ended and self._whole,
                )
            )
            self._looked_to = last
            self._next_scene, self._next_page = found.next_scene, found.next_page
            self._begin(found.soundscapes)
            self._tell()
            if ended:
                return True
            if left or workflow.info().is_continue_as_new_suggested():
                return False

    async def _find(self, scan: SceneScan) -> ScenesFound:
        pages = f"pages {scan.next_page}–{scan.last_page}"
        give_up = giving_up(
            SceneFinding.give_up,
            scan,
            summary=f"Give the scenes of {pages} up",
            policy=policies.GIVE_SCENES_UP,
            after=policies.SCENES,
        )
        return await to_an_outcome(
            SceneFinding.find, scan, give_up, summary=f"Find scenes in {pages}", policy=policies.SCENES
        )

    # -- having soundscapes made -------------------------------------------------------------------------------------

    def _begin(self, numbers: Sequence[int]) -> None:
        """Have soundscapes made; one that is being made already once more, for another scene has it now."""
        being_made = [number for number in numbers if number in self._making and not self._making[number].done()]
        self._again.update(being_made)
        new = [number for number in numbers if number not in being_made]
        self._asked += len(new)
        size = SOUNDSCAPES_PER_BATCH if self._order.in_batches else 1
        for begin in range(0, len(new), size):
            batch = tuple(new[begin : begin + size])
            self._making |= dict.fromkeys(batch, asyncio.create_task(self._make(batch)))

    async def _make(self, numbers: tuple[int, ...]) -> None:
        async with self._room:
            while (scored := await self._steering.when_clear(partial(self._attempt, numbers))) is not None:
                if self._again.isdisjoint(numbers):
                    self._made += scored.made
                    break
                self._again.difference_update(numbers)
        self._tell()

    async def _attempt(self, numbers: tuple[int, ...]) -> Scored:
        ref = SoundscapeRef(context=self._context, number=numbers[0], more=numbers[1:])
        which = f"soundscape {numbers[0]}" if len(numbers) == 1 else f"soundscapes {', '.join(map(str, numbers))}"
        give_up = giving_up(
            Soundscapes.give_up,
            ref,
            summary=f"Give {which} up",
            policy=policies.GIVE_SOUNDS_UP,
            after=policies.SOUNDSCAPE,
        )
        return await to_an_outcome(Soundscapes.make, ref, give_up, summary=f"Make {which}", policy=policies.SOUNDSCAPE)

    # -- how it goes on and ends -------------------------------------------------------------------------------------

    def _rest(self) -> ScoringOrder:
        """What is left for the next run."""
        return ScoringOrder(
            context=self._context,
            next_scene=self._next_scene,
            next_page=self._next_page,
            analysed_to=self._analysed_to,
            analysed=self._analysed,
            ahead=tuple(PageRun(first=first, last=last) for first, last in sorted(self._ahead.items())),
            paused=self._steering.paused,
            ended=self._ended,
            whole=self._whole,
            in_batches=True,
        )

    async def _tally(self) -> Tally:
        return await once_it_is_back(
            lambda: workflow.execute_activity_method(
                SceneFinding.tally,
                args=[self._context, self._next_page - 1],
                summary="Count scored pages",
                **policies.STORE,
            ),
            also_timeouts=True,
        )

    def _tell(self) -> None:
        """What the Temporal UI shows."""
        workflow.set_current_details(
            f"**{self._next_scene - 1} scenes** up to page {self._next_page - 1} of {self._context.pages}; "
            f"{self._made} of {self._asked} new soundscapes made"
        )
