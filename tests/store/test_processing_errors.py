"""Spreads that could not be processed, as they are kept for operators."""

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.scenes import ErrorKind, Failure
from bookwright.store.scenes.store import SceneStore
from tests.store.conftest import ANNA, World

LOST = Failure(error_type="OperationalError", message="the disk has an error", attempt=3, trace="at the bottom")


async def test_each_spread_is_recorded_once_with_its_pages_reason_and_attempts(world: World) -> None:
    context = await world.book(ANNA, "a", "b", "c", tracks=(Track.SOUNDSCAPE,))
    scenes = SceneStore(world.database, world.assets)
    for page in (1, 2, 3):
        refused = page == 3
        outcome = PageOutcome(
            page=page,
            track=Track.ANALYSIS,
            state=TrackState.FAILED,
            error_type="Blocked" if refused else LOST.error_type,
            error="held back" if refused else LOST.message,
            attempts=1 if refused else LOST.attempt,
            trace=LOST.trace,
        )
        await world.books.page_outcome(context, outcome)
    for _ in range(2):  # a step may be repeated
        untold = {page: LOST for page in (1, 2, 3)}
        await scenes.save(context, [], untold=untold, blank=[], final=True)
    found = await scenes.errors(ANNA, context.book_id, JobId(context.job_id))
    assert [(one.spread, one.pages, one.kind, one.attempt) for one in found] == [
        (0, (1, 2), ErrorKind.DATABASE, 3),
        (1, (3,), ErrorKind.ANALYSIS, 1),
    ], "the first reason of each counts"
    assert all(one.trace for one in found) and found[0].message == "the disk has an error"
