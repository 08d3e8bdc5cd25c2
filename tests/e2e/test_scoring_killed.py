"""Soundscapes in the making when their worker is killed."""

from pathlib import Path

import pytest

from bookwright.contracts.orders import Track
from bookwright.contracts.progress import JobState
from bookwright.store.scenes.store import SceneStore
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.stack import Stack

PLACES = ("forest", "harbour", "kitchen", "desert", "cave", "market", "river", "mountain")
PAGES_EACH = 6


@pytest.mark.chaos
@pytest.mark.timeout(300)
@pytest.mark.parametrize("calls", [1, 3])
async def test_no_soundscape_is_bought_twice_when_the_worker_is_killed_while_scenes_are_scored(
    tmp_path: Path, emulator: EmulatorProcess, calls: int
) -> None:
    """A prediction goes on without us; the next worker finds it by its token or id."""
    pages = [
        f"Then, zephyrine, on page {page}: setting={PLACES[page // PAGES_EACH]} weather=clear time=day mood=calm."
        for page in range(PAGES_EACH * len(PLACES))
    ]
    environment = {"BOOKWRIGHT_TEXT": "gemini", "BOOKWRIGHT_SOUNDS": "replicate", "REPLICATE_CONCURRENCY": "2"}
    with EmulatorProcess("gemini") as gemini, EmulatorProcess("replicate") as replicate:
        others = {"gemini": gemini, "replicate": replicate}
        async with Stack(tmp_path / "home", emulator, others=others, environment=environment) as stack:
            await replicate.knobs(job_ms=500)
            worker = await stack.worker()
            job = await stack.order(pages, tracks=(Track.SOUNDSCAPE,))
            await replicate.wait_calls(calls)
            await worker.kill()
            await stack.worker()
            (row,) = await stack.closed(job)
            assert (row.state, row.warning) == (JobState.DONE, None)
            figures = await SceneStore(stack.database, stack.assets).figures(row.owner_id, row.book_id)
            assert figures.bought == figures.scenes == len(PLACES)
            # One that arrives as its sender dies may never become a prediction.
            assert (await replicate.calls())["charged"] == figures.bought
            await check_invariants(stack)
