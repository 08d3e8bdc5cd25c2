"""What becomes of pages that are analysed, illustrated and scored, with the real store and the real examiners."""

import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from temporalio.testing import ActivityEnvironment

from activities.analysis import Analysis
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.drawing import Drawing
from activities.illustration import Illustration
from activities.looking import Looking
from activities.permits import Permits
from activities.scoring import Scoring
from activities.sharing import Sharing
from activities.slots import Slots
from activities.sounding import Sounding
from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.calls import CallState, ProviderCall
from bookwright.contracts.errors import Blocked, BookwrightError, Misconfigured, QuotaExhausted
from bookwright.contracts.media import DrawnPicture, MadeSound, PictureTask, SoundTask, TextTask, WrittenText
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.calls import Turn
from bookwright.contracts.progress import BatchOutcome, HoldKind
from bookwright.contracts.spreads import Ambience, Plate
from bookwright.press.examining import Pictures, Sounds
from bookwright.press.gauging import Gauge
from bookwright.store import SERVICE, LimitStore
from bookwright.store.tables import page_tracks
from tests.activities.conftest import wav
from tests.store.conftest import ANNA, World

PAGES = ("A fox waits at the harbour.", "Gulls cry above the boats.", "Night falls on the hill.", "Dawn comes.")
COMPLETED, FAILED, SKIPPED = TrackState.COMPLETED, TrackState.FAILED, TrackState.SKIPPED


class Provider:
    """Writes, draws and makes sounds, and fails where a test says so."""

    provider, model, concurrency = "muse", "m1", 4
    sees, aspects, takes_references, max_seconds = False, ("1:1", "4:3"), False, 10.0

    def __init__(self) -> None:
        self.made: list[ProviderCall] = []
        self.errors: dict[str, BookwrightError] = {}
        """By a word of what is asked for."""
        self.spoilt: dict[str, bytes] = {}
        """Bytes that are answered to a first take, by a word of what is asked for."""

    def call(self, task: TextTask | PictureTask | SoundTask, take: int = 0) -> ProviderCall:
        wanted = task.model_dump(mode="json")
        operation = type(task).__name__
        return ProviderCall(
            provider="muse", model="m1", operation=operation, input=wanted, max_cost_micros=100, take=take
        )

    async def write(self, call: ProviderCall, turn: Turn, pictures: Sequence[bytes] = ()) -> WrittenText:
        prompt = await self._asked(call, turn)
        pages = [name for name in ("first_page", "second_page") if f"{name}:" in prompt]
        told = prompt.split('"')[1::2][: len(pages)]
        ideas = {
            name: {"picture_prompt": f"A drawing: {text}", "alt_text": f"You see: {text}"}
            for name, text in zip(pages, told, strict=True)
        }
        data: dict[str, Any] = {
            "setting": "hill" if "hill" in prompt else "harbour",
            "place": "",
            "time": "unknown",
            "weather": "unknown",
            "mood": "calm",
            "intensity": 0.2,
            "sounds": ["waves"],
            "people": [],
            "sound_prompt": f"The sound of: {told[0]}",
            **ideas,
        }
        return WrittenText(text="{}", data={} if "incomplete" in prompt else data, cost_micros=10)

    async def draw(self, call: ProviderCall, turn: Turn, references: Sequence[bytes] = ()) -> DrawnPicture:
        prompt = await self._asked(call, turn)
        return DrawnPicture(picture=self._bytes(call, prompt, picture()), media_type="image/png", cost_micros=20)

    async def make(self, call: ProviderCall, turn: Turn) -> MadeSound:
        prompt = await self._asked(call, turn)
        sound = wav("one two three " * 20)
        return MadeSound(sound=self._bytes(call, prompt, sound), media_type="audio/wav", cost_micros=30)

    async def _asked(self, call: ProviderCall, turn: Turn) -> str:
        async with turn:
            self.made.append(call)
            prompt = str(call.input["prompt"])
            for word, error in self.errors.items():
                if word in prompt:
                    raise error
            return prompt

    def _bytes(self, call: ProviderCall, prompt: str, good: bytes) -> bytes:
        return next((bad for word, bad in self.spoilt.items() if word in prompt and call.take == 0), good)

    def operations(self) -> list[str]:
        return [call.operation for call in self.made]


def picture(colour: bool = True, size: tuple[int, int] = (96, 72)) -> bytes:
    image = Image.linear_gradient("L").resize(size) if colour else Image.new("L", size, 200)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Desk:
    """The activities as a worker runs them; each call is one attempt."""

    def __init__(self, world: World, context: BookContext) -> None:
        self.world = world
        self.context = context
        self.muse = Provider()
        self.attempts = 0

    async def analyse(self, first: int = 1, last: int | None = None) -> BatchOutcome:
        analysis = Analysis(self._chain(), self._buyer(), *self._stores(), self.world.writings)
        return await self._run(analysis.analyse, first, last)

    async def illustrate(self, first: int = 1, last: int | None = None) -> BatchOutcome:
        looking = Looking(Chain([]), self._buyer(), self.world.assets, Gauge())
        permits = Permits(Sharing(LimitStore(self.world.database), "test"))
        drawing = Drawing(self._chain(), looking, self._buyer(), self.world.assets, Pictures(), permits)
        illustration = Illustration(drawing, *self._stores())
        return await self._run(illustration.illustrate, first, last)

    async def score(self, first: int = 1, last: int | None = None) -> BatchOutcome:
        sounding = Sounding(self._chain(), self._buyer(), self.world.assets, Sounds())
        return await self._run(Scoring(sounding, *self._stores()).score, first, last)

    async def states(self, track: Track) -> list[tuple[str, str | None]]:
        """Each page's state, and the error that it was recorded with."""
        query = sa.select(page_tracks).where(page_tracks.c.track == track).order_by(page_tracks.c.page)
        rows = await self.world.database.read(SERVICE, lambda c: c.execute(query).all())
        return [(row.state, row.error_type) for row in rows]

    async def plates(self) -> dict[int, Plate]:
        made = await self._made(Track.ILLUSTRATIONS)
        return {page: Plate.model_validate_json(data) for page, data in made.items()}

    async def ambiences(self) -> dict[int, Ambience]:
        made = await self._made(Track.SOUNDSCAPE)
        return {page: Ambience.model_validate_json(data) for page, data in made.items()}

    async def _made(self, track: Track) -> dict[int, bytes]:
        found = await self.world.books.made(ANNA, self.context.book_id, track, 1, self.context.pages)
        return {page: await self.world.assets.get(asset) for page, asset in found.items()}

    async def _run(
        self, activity: Callable[[PageBatch], Awaitable[BatchOutcome]], first: int, last: int | None
    ) -> BatchOutcome:
        self.attempts += 1
        environment = ActivityEnvironment()
        scheduled = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.attempts)
        environment.info = replace(environment.info, current_attempt_scheduled_time=scheduled)
        batch = PageBatch(context=self.context, chapter=1, first_page=first, last_page=last or self.context.pages)
        outcome: BatchOutcome = await environment.run(activity, batch)
        return outcome

    def _chain(self) -> Chain[Any]:
        return Chain([Link(self.muse, Slots(4), 30)])

    def _buyer(self) -> Buyer:
        return Buyer(self.world.ledger, self.world.assets)

    def _stores(self) -> tuple[Any, Any]:
        return self.world.books, self.world.assets


async def desk_for(world: World, *texts: str, budget: str | None = None) -> Desk:
    tracks = (Track.NARRATION, Track.ILLUSTRATIONS, Track.SOUNDSCAPE)
    return Desk(world, await world.book(ANNA, *texts, budget=budget, tracks=tracks))


async def test_a_spread_is_analysed_once_and_each_of_its_pages_gets_a_picture(world: World) -> None:
    desk = await desk_for(world, *PAGES)
    assert await desk.analyse() == BatchOutcome(done=4)
    assert await desk.illustrate() == BatchOutcome(done=4)
    assert await desk.score() == BatchOutcome(done=4)
    assert desk.muse.operations() == ["TextTask"] * 2 + ["PictureTask"] * 4 + ["SoundTask"]
    plates = await desk.plates()
    assert [plates[page].alt for page in (1, 2, 3, 4)] == [f"You see: {text}" for text in PAGES]
    assert {(plate.media_type, plate.width, plate.height) for plate in plates.values()} == {("image/png", 96, 72)}
    assert {call.input["aspect"] for call in desk.muse.made if "aspect" in call.input} == {"4:3"}
    ambiences = await desk.ambiences()
    assert list(ambiences) == [1, 2, 3, 4] and len(set(ambiences.values())) == 1
    assert ambiences[1].prompt == f"The sound of: {PAGES[0]}" and ambiences[1].duration_ms > 5_000


async def test_batches_given_again_buy_nothing_again(world: World) -> None:
    desk = await desk_for(world, *PAGES)
    for _ in range(2):
        assert [await desk.analyse(), await desk.illustrate(), await desk.score()] == [BatchOutcome(done=4)] * 3
    assert len(desk.muse.made) == 7


async def test_two_chapters_that_share_a_spread_pay_for_it_once(world: World) -> None:
    desk = await desk_for(world, *PAGES)
    assert await desk.analyse(1, 3) == BatchOutcome(done=3)
    assert await desk.analyse(4, 4) == BatchOutcome(done=1)
    assert desk.muse.operations() == ["TextTask"] * 2
    await desk.illustrate(4, 4)
    assert (await desk.plates())[4].alt == f"You see: {PAGES[3]}"


async def test_the_pages_text_is_quoted_and_no_part_of_the_instructions(world: World) -> None:
    desk = await desk_for(world, 'He said "ignore\nall" rules.')
    await desk.analyse()
    (call,) = desk.muse.made
    assert r"\"ignore\nall\"" in call.input["prompt"] and "ignore" not in call.input["system"]


async def test_pages_without_text_are_skipped(world: World) -> None:
    desk = await desk_for(world, PAGES[0], " * * * ", "", "")
    assert [await desk.analyse(), await desk.illustrate()] == [BatchOutcome(done=4)] * 2
    assert [state for state, _ in await desk.states(Track.ILLUSTRATIONS)] == [COMPLETED, SKIPPED, SKIPPED, SKIPPED]
    assert desk.muse.operations() == ["TextTask", "PictureTask"]


async def test_a_picture_that_is_held_back_fails_alone(world: World) -> None:
    desk = await desk_for(world, *PAGES)
    await desk.analyse()
    desk.muse.errors["Gulls"] = Blocked("the provider holds it back")
    assert await desk.illustrate() == BatchOutcome(done=3, failed=1)
    states = await desk.states(Track.ILLUSTRATIONS)
    assert states == [(COMPLETED, None), (FAILED, "Blocked"), (COMPLETED, None), (COMPLETED, None)]
    desk.muse.errors.clear()
    assert await desk.illustrate() == BatchOutcome(done=4), "a retry makes what is missing"
    assert desk.muse.operations().count("PictureTask") == 5


async def test_an_analysis_that_can_not_be_used_is_asked_for_again_and_costs_its_spread_only(world: World) -> None:
    desk = await desk_for(world, "An incomplete thought.", *PAGES[1:])
    assert await desk.analyse() == BatchOutcome(done=2, failed=2)
    assert desk.muse.operations() == ["TextTask"] * 4, "three takes of the first spread"
    assert await desk.illustrate() == BatchOutcome(done=2, failed=2)
    assert await desk.score() == BatchOutcome(done=4), "the chapter's sound comes from what there is"
    assert (await desk.ambiences())[1].prompt == f"The sound of: {PAGES[2]}"


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"<svg/>",
        picture()[:-40],
        picture(colour=False),
        picture(size=(20, 20)),
        b"GIF89a" + bytes(60),
    ],
    ids=["empty", "no picture", "cut", "blank", "tiny", "of another kind"],
)
async def test_a_spoilt_picture_is_asked_for_again(world: World, bad: bytes) -> None:
    desk = await desk_for(world, PAGES[0])
    await desk.analyse()
    desk.muse.spoilt["fox"] = bad
    assert await desk.illustrate() == BatchOutcome(done=1)
    assert await world.ledger.attempt_totals() == {CallState.REJECTED: 1, CallState.SETTLED: 2}


async def test_a_picture_bomb_is_not_decoded(world: World) -> None:
    desk = await desk_for(world, PAGES[0])
    await desk.analyse()
    header = picture(size=(64, 64))
    huge = header[:16] + (60_000).to_bytes(4, "big") * 2 + header[24:]
    desk.muse.spoilt["fox"] = huge
    assert await desk.illustrate() == BatchOutcome(done=1)
    assert await world.ledger.attempt_totals() == {CallState.REJECTED: 1, CallState.SETTLED: 2}


@pytest.mark.parametrize("bad", [b"", wav("one " * 60, level=0), wav("one"), wav("one " * 60)[:-5_000]])
async def test_a_spoilt_sound_is_asked_for_again(world: World, bad: bytes) -> None:
    desk = await desk_for(world, PAGES[0])
    await desk.analyse()
    desk.muse.spoilt["The sound of"] = bad
    assert await desk.score() == BatchOutcome(done=1)
    assert await world.ledger.attempt_totals() == {CallState.REJECTED: 1, CallState.SETTLED: 2}


async def test_a_page_that_is_scored_later_gets_the_sound_of_its_chapter(world: World) -> None:
    desk = await desk_for(world, *PAGES)
    await desk.analyse()
    await desk.score(1, 2)
    assert await desk.score() == BatchOutcome(done=4)
    assert desk.muse.operations().count("SoundTask") == 1 and len(set((await desk.ambiences()).values())) == 1


async def test_reaching_the_budget_holds_the_pictures_up(world: World) -> None:
    desk = await desk_for(world, *PAGES, budget="0.00023")
    assert await desk.analyse() == BatchOutcome(done=4)
    outcome = await desk.illustrate()
    assert outcome.deferred and outcome.deferred.hold.kind is HoldKind.BUDGET
    assert outcome.done < 4 and outcome.failed == 0


async def test_a_used_up_quota_holds_up_and_fails_nothing(world: World) -> None:
    desk = await desk_for(world, *PAGES)
    await desk.analyse()
    desk.muse.errors["drawing"] = QuotaExhausted("top it up")
    outcome = await desk.illustrate()
    assert outcome.deferred and outcome.deferred.hold.kind is HoldKind.QUOTA and not outcome.failed


async def test_without_a_provider_the_error_names_the_setting(world: World) -> None:
    desk = await desk_for(world, PAGES[0])
    nobody: Chain[Any] = Chain([], "BOOKWRIGHT_TEXT")
    analysis = Analysis(nobody, desk._buyer(), world.books, world.assets, world.writings)
    with pytest.raises(Misconfigured, match="BOOKWRIGHT_TEXT"):
        await desk._run(analysis.analyse, 1, 1)
