"""What becomes of soundscapes that are made together, with the real store and the real examiner."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.slots import Slots
from activities.sounding import Sounding
from activities.soundscapes import Soundscapes
from bookwright.contracts.book import TrackState
from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.errors import Blocked, QuotaExhausted, Refused
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.progress import HoldKind
from bookwright.contracts.scenes import ErrorKind, PlannedScene, Scene, Scored, SoundscapeRef
from bookwright.press.examining import Sounds
from bookwright.store import SERVICE
from bookwright.store.scenes.store import SceneStore
from bookwright.store.tables import page_tracks
from tests.activities.test_pictures_and_sounds import Provider
from tests.store.conftest import ANNA, World

COMPLETED, FAILED, PROCESSING = TrackState.COMPLETED, TrackState.FAILED, TrackState.PROCESSING
PLACES = ("forest", "harbour", "cave")


class Trio:
    """A book of three scenes of two pages each, whose soundscapes 1, 2 and 3 are made together; a run is an attempt."""

    def __init__(self, world: World, context: BookContext) -> None:
        self.world = world
        self.context = context
        self.muse = Provider()
        self.scenes = SceneStore(world.database, world.assets)
        sounding = Sounding(
            Chain([Link(self.muse, Slots(4), 30)]), Buyer(world.ledger, world.assets), world.assets, Sounds()
        )
        self.activities = Soundscapes(self.scenes, sounding)
        self.ref = SoundscapeRef(context=context, number=1, more=(2, 3))
        self.attempts = 0

    async def planned(self) -> None:
        """Find the scenes, as a look for them does."""
        scenes = [
            PlannedScene(
                scene=Scene(
                    number=number,
                    pages=(2 * number - 1, 2 * number),
                    sketch=SoundSketch(setting=place),
                    prompt=f"The sound of a {place}",
                ),
                soundscape=number,
            )
            for number, place in enumerate(PLACES, 1)
        ]
        assert await self.scenes.save(self.context, scenes, untold={}, blank=[], final=True) == [1, 2, 3]

    async def make(self) -> Scored:
        self.attempts += 1
        environment = ActivityEnvironment()
        scheduled = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.attempts)
        environment.info = replace(environment.info, current_attempt_scheduled_time=scheduled)
        scored: Scored = await environment.run(self.activities.make, self.ref)
        return scored

    async def states(self) -> list[TrackState]:
        """Of each soundscape's pages, which never differ."""
        query = sa.select(page_tracks.c.state).where(page_tracks.c.track == Track.SOUNDSCAPE).order_by("page")
        states = await self.world.database.read(SERVICE, lambda c: c.execute(query).scalars().all())
        assert states[::2] == states[1::2]
        return [TrackState(state) for state in states[::2]]

    def asked(self, place: str) -> int:
        return sum(place in str(call.input["prompt"]) for call in self.muse.made)


@pytest.fixture
async def book(world: World) -> Trio:
    context = await world.book(ANNA, *(f"Page {page}." for page in range(6)), tracks=(Track.SOUNDSCAPE,))
    made = Trio(world, context)
    await made.planned()
    return made


async def test_each_is_settled_by_itself_and_another_attempt_does_the_rest_only(book: Trio) -> None:
    book.muse.errors |= {"harbour": Blocked("held back"), "cave": Refused("the provider is down")}
    with pytest.raises(ApplicationError, match="the provider is down") as failed:
        await book.make()
    assert (failed.value.type, failed.value.details) == ("Refused", (1,))
    assert await book.states() == [COMPLETED, FAILED, PROCESSING], "the others are not held up by it"

    book.muse.errors.clear()
    assert await book.make() == Scored(made=2)
    assert await book.states() == [COMPLETED, FAILED, COMPLETED]
    assert [book.asked(place) for place in PLACES] == [1, 1, 2], "what has its outcome is not asked for again"


async def test_giving_up_leaves_outcomes_alone(book: Trio) -> None:
    book.muse.errors |= {"harbour": Blocked("held back"), "cave": Refused("the provider is down")}
    with pytest.raises(ApplicationError):
        await book.make()
    await book.activities.give_up(book.ref, "Refused", "the provider is down", 3, None)
    assert await book.states() == [COMPLETED, FAILED, FAILED]
    errors = await book.scenes.errors(ANNA, book.context.book_id)
    assert [(error.pages, error.kind, error.message, error.attempt) for error in errors] == [
        ((3, 4), ErrorKind.SOUNDSCAPE, "held back", 1),
        ((5, 6), ErrorKind.SOUNDSCAPE, "the provider is down", 3),
    ]

    await book.planned()  # by the next job
    book.muse.errors.clear()
    assert await book.make() == Scored(made=3), "a retry makes what failed"
    assert await book.states() == [COMPLETED] * 3 and book.asked("forest") == 1


async def test_a_used_up_quota_holds_the_rest_up_and_fails_nothing(book: Trio) -> None:
    book.muse.errors["cave"] = QuotaExhausted("top it up")
    held = await book.make()
    assert held.deferred and held.deferred.hold.kind is HoldKind.QUOTA
    assert FAILED not in await book.states()
    book.muse.errors.clear()
    assert await book.make() == Scored(made=3)
    assert await book.states() == [COMPLETED] * 3 and book.asked("forest") == 1
