"""Pages that Edge speaks, from the emulator: a stream that closes early is no success, and what is tried then."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from activities.chain import Chain, Link
from activities.slots import Slots
from bookwright.contracts.calls import CallState
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.progress import BatchOutcome, JobEnd, JobState
from bookwright.providers.edge_speech import EdgeEngine
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.store import SERVICE
from bookwright.store.tables import jobs, page_tracks
from tests.activities.conftest import ATTEMPTS, Engine, Studio
from tests.store.conftest import ANNA, World
from tests.support.emulator import EmulatorProcess
from tests.support.providers import emulator_of

emulator = emulator_of("edge")
PAGES = ("The kite went up at noon.", "A wind from the sea took hold of it, and it sang.")


@pytest.fixture
async def studio(world: World, emulator: EmulatorProcess) -> AsyncIterator[Studio]:
    """Two pages, which Edge is to speak, and espeak-ng if that can't."""
    edge, espeak = EdgeEngine(emulator.url), EspeakEngine()
    context = (await world.book(ANNA, *PAGES)).model_copy(update={"voice": edge.voice("en", None).id})
    studio = Studio(world, context, Engine())
    studio.chain = Chain([Link[SpeechEngine](engine, Slots(2), 30) for engine in (edge, espeak)])
    yield studio
    await espeak.close()


async def made_by(world: World) -> list[str]:
    query = sa.select(page_tracks.c.made_by).order_by(page_tracks.c.page)
    return [str(name) for name in await world.database.read(SERVICE, lambda c: c.execute(query).scalars().all())]


async def test_a_stream_that_closes_early_is_asked_for_again(
    world: World, studio: Studio, emulator: EmulatorProcess
) -> None:
    await emulator.knobs(faults=[{"kind": "close_body", "match": "wind", "times": 1}])
    assert (await studio.failure()).type == "AnswerLost"
    assert await studio.narrate() == BatchOutcome(done=2)
    assert (await emulator.calls())["texts"] == {PAGES[0]: 1, PAGES[1]: 2}
    totals = await world.ledger.attempt_totals()
    assert (totals[CallState.SETTLED], totals[CallState.AMBIGUOUS]) == (2, 1)
    assert await made_by(world) == ["edge read-aloud, en-US-AriaNeural"] * 2
    words = [len(clip.words) for segment in (await studio.segments()).values() for clip in segment.clips]
    assert words == [6, 12], "every word of both pages is heard"


@pytest.mark.parametrize(
    ("fault", "attempts"), [({"kind": "cut"}, 1), ({"kind": "status", "status": 503}, ATTEMPTS)], ids=str
)
async def test_when_it_goes_on_like_that_the_next_engine_speaks_the_page_and_it_is_said(
    world: World, studio: Studio, emulator: EmulatorProcess, fault: dict[str, object], attempts: int
) -> None:
    """A clip that is cut is asked for anew at once, as another take; an error, with the next attempt."""
    await emulator.knobs(faults=[{"match": "wind", **fault}])
    for _ in range(attempts - 1):
        await studio.failure()
    assert await studio.narrate() == BatchOutcome(done=2)
    assert (await emulator.calls())["texts"] == {PAGES[0]: 1, PAGES[1]: 3}
    assert await made_by(world) == ["edge read-aloud, en-US-AriaNeural", "espeak-ng, en-gb"]
    end = JobEnd(owner_id=ANNA, job_id=studio.context.job_id, state=JobState.DONE)
    await world.books.close_job(end)
    warning = await world.database.read(SERVICE, lambda c: c.execute(sa.select(jobs.c.warning)).scalar_one())
    assert warning == (
        "espeak-ng, en-gb stood in for the narration of 1 page and in chapter 1 the voice changes at page 2"
    )
