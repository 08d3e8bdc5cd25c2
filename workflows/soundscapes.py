"""The book's side of its soundscapes: the child that finds scenes and has them scored, beside the chapters."""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError, is_cancelled_exception
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from bookwright.contracts.ids import scoring_workflow_id
    from bookwright.contracts.orders import BookContext
    from bookwright.contracts.progress import BookProgress, StageName, Tally
    from bookwright.contracts.scenes import ScoringOrder, ScoringResult
    from workflows import policies
    from workflows.board import Board
    from workflows.relay import Relay
    from workflows.scoring import SceneScoring
    from workflows.steering import ALL_ANALYSED, Steering

SCORING = 0
"""Stands for the scoring among the chapters' numbers."""


class BookSoundscapes:
    """The scoring of one run of a book, and how far all its runs came with it."""

    def __init__(self, so_far: BookProgress | None, board: Board, steering: Steering, relay: Relay) -> None:
        self._board = board
        self._steering = steering
        self._relay = relay
        self._child: ChildWorkflowHandle[SceneScoring, ScoringResult] | None = None
        self.next_scene = so_far.next_scene if so_far else 1
        self.next_page = so_far.next_scene_page if so_far else 1
        self.analysed_to = so_far.analysed_to if so_far else 0

    @property
    def begun(self) -> bool:
        """Whether there is a scoring to be waited for."""
        return self._child is not None

    def analysed(self, page: int) -> None:
        """The chapter that ends with this page is through its analysis."""
        self.analysed_to = max(self.analysed_to, page)

    async def begin(self, context: BookContext) -> None:
        """Start the child, if the book has soundscapes that go by scenes."""
        if not context.made_for_scenes:
            return
        self._child = await workflow.start_child_workflow(
            SceneScoring.run,
            ScoringOrder(
                context=context,
                next_scene=self.next_scene,
                next_page=self.next_page,
                analysed_to=self.analysed_to,
                paused=self._steering.paused,
                in_batches=True,
            ),
            id=scoring_workflow_id(workflow.info().workflow_id),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            task_timeout=policies.WORKFLOW_TASK,
            static_summary=f"Soundscapes · {context.pages} pages",
        )
        self._relay.add(SCORING, self._child)

    async def all_analysed(self, *, whole: bool) -> None:
        """Tell it that the chapters of this run are through; `whole` says that there is none after them."""
        if self._child is not None:
            with suppress(ApplicationError):  # it has ended
                await self._child.signal(ALL_ANALYSED, args=[self.analysed_to, whole])

    async def scored(self) -> int:
        """How many pages lack their soundscape, once all scenes that were found have their outcomes."""
        if self._child is None:
            return 0
        counted = self._board[StageName.SOUNDSCAPE]
        analysed = Tally()
        try:
            result = await self._child
            self.next_scene, self.next_page = result.next_scene, result.next_page
            self.analysed_to = max(self.analysed_to, result.analysed_to)
            done, failed, analysed = result.done - counted.done, result.failed - counted.failed, result.analysed
        except ChildWorkflowError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("scenes not scored")
            done, failed = 0, counted.total - counted.done - counted.failed
        finally:
            self._relay.remove(SCORING)
        self._board.count(StageName.SOUNDSCAPE, done=done, failed=failed)
        if analysed != Tally():
            self._board.count(StageName.ANALYSIS, done=analysed.done, failed=analysed.failed)
        return failed
