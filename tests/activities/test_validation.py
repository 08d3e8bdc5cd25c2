"""Pictures held against the character sheet and the lists of things, with the real store; answers by their pixels."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image, ImageDraw
from temporalio.testing import ActivityEnvironment

from activities.answers import Answers
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.drawing import Drawing
from activities.illustration import Illustration
from activities.looking import Looking
from activities.permits import Permits
from activities.sharing import Sharing
from activities.slots import Slots
from activities.validation import Validation
from bookwright.contracts.book import PageBatch, TrackState
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.depicting import PlacedThing
from bookwright.contracts.errors import BookwrightError, QuotaExhausted, Refused
from bookwright.contracts.inspecting import Judging, PictureVerdict
from bookwright.contracts.media import DrawnPicture, PictureTask, TextTask, WrittenText
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.calls import Turn
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import BatchOutcome, HoldKind
from bookwright.contracts.spreads import PictureIdea, Plate, SpreadAnalysis
from bookwright.contracts.stories import Ages, SearchScene, SearchScenes, Thing
from bookwright.press.answers import Answers as DrawnAnswers
from bookwright.press.answers import cells
from bookwright.press.examining import Pictures
from bookwright.press.gauging import Gauge
from bookwright.store import SERVICE, LimitStore
from bookwright.store.tables import page_tracks
from bookwright.text.inspecting import CONFIRMATION
from tests.store.conftest import ANNA, World, plan_of, source_of
from tests.unit.press.test_answers import magenta

LUNA = Character(name="Luna", kind="dragon", looks="violet", palette=("#7b4fc9",))
KEY, KITE = Thing(name="key", shown="a golden key"), Thing(name="kite", shown="a kite")
BOXES = {
    "key": PlacedThing(name="key", left=0.1, top=0.2, width=0.08, height=0.08),
    "kite": PlacedThing(name="kite", left=0.7, top=0.6, width=0.1, height=0.1),
}
TEXT = "Luna is at the fair.\n\nFind:\n\na golden key\n\na kite"
DONE, FAILED, SKIPPED = TrackState.COMPLETED, TrackState.FAILED, TrackState.SKIPPED


class Studio:
    """Draws Luna and the things of each page, and looks at pictures. Tests say what goes wrong in which take."""

    provider, model, concurrency = "studio", "s1", 4
    sees, aspects, takes_references = True, ("4:3",), True

    def __init__(self) -> None:
        self.composes = False
        self.without_luna: set[int] = set()
        """Takes that show somebody else."""
        self.without_kite: set[int] = set()
        self.unfit: set[int] = set()
        self.lies = False
        """Whether it claims to see a kite that is not there."""
        self.error: BookwrightError | None = None
        """What looking comes to."""
        self.drawn: list[ProviderCall] = []
        self.looked: list[ProviderCall] = []
        self.references: list[bytes] = []
        self.at_once = self.most_at_once = 0

    def call(self, task: TextTask | PictureTask, take: int = 0) -> ProviderCall:
        operation = task.purpose if isinstance(task, TextTask) else "draw"
        wanted = task.model_dump(mode="json")
        return ProviderCall(
            provider="studio", model="s1", operation=operation, input=wanted, max_cost_micros=100, take=take
        )

    async def draw(self, call: ProviderCall, turn: Turn, references: Sequence[bytes] = ()) -> DrawnPicture:
        async with turn:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.drawn.append(call)
            self.references += references
            placed = [BOXES[name] for name in call.input["depiction"]["things"]]
            if call.take in self.without_kite:
                placed = [box for box in placed if box.name != "kite"]
            data = picture(placed, luna=call.take not in self.without_luna, mark=call.take, seed=call.input["seed"])
            self.at_once -= 1
        composed = {"placed": tuple(placed), "composed": True} if self.composes else {}
        return DrawnPicture(picture=data, media_type="image/png", cost_micros=20, **composed)

    async def write(self, call: ProviderCall, turn: Turn, pictures: Sequence[bytes] = ()) -> WrittenText:
        async with turn:
            self.looked.append(call)
            if self.error:
                raise self.error
        if call.operation == CONFIRMATION:
            return WrittenText(text="{}", data={"shown": [_is_bright(one) for one in pictures]}, cost_micros=5)
        image = Image.open(io.BytesIO(pictures[0]))
        take = image.getpixel((0, 0))[2]  # type: ignore[index]
        asked = call.input["answer_schema"]["properties"]
        names = {
            what: asked[what]["items"]["properties"]["name"]["enum"]
            for what in ("characters", "things")
            if what in asked
        }
        alike = take not in self.without_luna
        data: dict[str, Any] = {"fit": take not in self.unfit, "unfit_because": ["gore"] if take in self.unfit else []}
        for what, said in (
            ("characters", [_seen(name, alike) for name in names.get("characters", ())]),
            ("things", [_boxed(name, take not in self.without_kite or self.lies) for name in names.get("things", ())]),
        ):
            if said:
                data[what] = said
        return WrittenText(text="{}", data=data, cost_micros=10)


def _seen(name: str, alike: bool) -> dict[str, Any]:
    return {"name": name, "seen": True, "alike": alike, "differs": "" if alike else "she is green"}


def _boxed(name: str, kite: bool) -> dict[str, Any]:
    box = BOXES[name]
    edges = [box.top, box.left, box.top + box.height, box.left + box.width]
    return {"name": name, "seen": name != "kite" or kite, "box_2d": [round(1_000 * edge) for edge in edges]}


def _is_bright(crop: bytes) -> bool:
    image = Image.open(io.BytesIO(crop)).convert("RGB")
    return image.getpixel((image.width // 2, image.height // 2))[0] > 200  # type: ignore[index]


def picture(things: Sequence[PlacedThing], *, luna: bool, mark: int, seed: int = 0) -> bytes:
    """Grass, with a violet block for Luna and bright ones for things; the corner pixel tells the take."""
    image = Image.new("RGB", (400, 300), "#2c7a5a")
    draw = ImageDraw.Draw(image)
    draw.rectangle((150, 100, 220, 200), fill="#7b4fc9" if luna else "#c94f4f")
    for box in things:
        left, top = box.left * 400, box.top * 300
        draw.rectangle((left, top, left + box.width * 400, top + box.height * 300), fill="#f4d03f")
    image.putpixel((0, 0), (seed % 256, seed // 256 % 256, mark))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Desk:
    """Illustration, validation and answers as workers run them."""

    def __init__(self, world: World, context: BookContext) -> None:
        self.world = world
        self.context = context
        self.studio = Studio()
        self.sees = True
        self.sharing = Sharing(LimitStore(world.database), "test")
        self._attempts = 0
        buyer, permits, assets = Buyer(world.ledger, world.assets), Permits(self.sharing), world.assets
        self._link: Link[Any] = Link(self.studio, Slots(4), 30)
        lookers: Chain[Any] = Chain([self._link])
        self.looking = Looking(lookers, buyer, assets, Gauge())
        self.blind = Looking(Chain([]), buyer, assets, Gauge())
        self._parts = buyer, permits

    def _drawing(self) -> tuple[Drawing, Looking]:
        buyer, permits = self._parts
        looking = self.looking if self.sees else self.blind
        return Drawing(Chain([self._link]), looking, buyer, self.world.assets, Pictures(), permits), looking

    async def illustrate(self) -> BatchOutcome:
        drawing, _ = self._drawing()
        return await self.run(Illustration(drawing, self.world.books, self.world.assets).illustrate)

    async def validate(self) -> BatchOutcome:
        drawing, looking = self._drawing()
        stores = self.world.books, self.world.assets
        return await self.run(Validation(drawing, looking, Gauge(), self._parts[1], *stores).validate)

    async def run(self, work: Callable[[PageBatch], Awaitable[BatchOutcome]]) -> BatchOutcome:
        self._attempts += 1
        environment = ActivityEnvironment()
        scheduled = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self._attempts)
        environment.info = replace(environment.info, current_attempt_scheduled_time=scheduled)
        batch = PageBatch(context=self.context, chapter=1, first_page=1, last_page=self.context.pages)
        outcome: BatchOutcome = await environment.run(work, batch)
        return outcome

    async def answer(self) -> int:
        answers = Answers(DrawnAnswers(), self.world.books, self.world.assets)
        drawn: int = await ActivityEnvironment().run(answers.draw, self.context)
        return drawn

    async def track(self, track: Track, page: int = 1) -> Any:
        mine = page_tracks.c.book_id == self.context.book_id
        query = sa.select(page_tracks).where(mine, page_tracks.c.track == track, page_tracks.c.page == page)
        return await self.world.database.read(SERVICE, lambda c: c.execute(query).one())

    async def plate(self, page: int = 1) -> Plate:
        row = await self.track(Track.ILLUSTRATIONS, page)
        return Plate.model_validate_json(await self.world.assets.get(row.asset))

    async def verdict(self, page: int = 1) -> PictureVerdict:
        row = await self.track(Track.VALIDATION, page)
        return PictureVerdict.model_validate_json(await self.world.assets.get(row.asset))

    async def take(self) -> int:
        """Which take the picture of page 1 is of."""
        image = Image.open(io.BytesIO(await self.world.assets.get((await self.plate()).picture)))
        return int(image.getpixel((0, 0))[2])  # type: ignore[index]

    async def text(self) -> str:
        return (await self.world.books.pages(ANNA, self.context.book_id, 1, 1))[0].text


async def desk_for(
    world: World, *texts: str, things: tuple[Thing, ...] = (), answers: int = 0, ages: Ages | None = None
) -> Desk:
    """A book about Luna, analysed; with things, each of its pages but the last ones is a scene."""
    pages = texts or ("Luna is at the fair.",)
    context = await world.book(ANNA, *pages, tracks=(Track.NARRATION, Track.ILLUSTRATIONS))
    reference = await world.assets.put(picture((), luna=True, mark=99), "image/png")
    sheet = CharacterSheet(characters=(LUNA,), reference=reference)
    facts: dict[str, Any] = {"ages": ages, "scenes_at_once": 2}
    facts["sheet"] = await world.assets.put(sheet.model_dump_json().encode(), "application/json")
    if things:
        last = len(pages) - answers
        scenes = tuple(SearchScene(page=page, things=things) for page in range(1, last + 1))
        found = SearchScenes(scenes=scenes, answers=tuple(range(last + 1, len(pages) + 1)))
        facts["search"] = await world.assets.put(found.model_dump_json().encode(), "application/json")
    context = context.model_copy(update=facts)
    await world.books.save_source(plan_of(context), None, source_of(*pages))
    for page in range(1, len(pages) + 1):
        idea = PictureIdea(page=page, prompt=f"Luna on page {page}", alt=f"Luna, {page}")
        told = SpreadAnalysis(
            pages=(page,), setting="market", place="", time="day", weather="clear", mood="joyful", intensity=0.5,
            sounds=(), people=("Luna",), sound_prompt="a fair", pictures=(idea,),
        )  # fmt: skip
        asset = await world.assets.put(told.model_dump_json().encode(), "application/json")
        await world.books.page_outcome(context, PageOutcome(page=page, track=Track.ANALYSIS, state=DONE, asset=asset))
    return Desk(world, context)


async def with_permits(desk: Desk, *steps: Callable[[], Awaitable[BatchOutcome]]) -> list[BatchOutcome]:
    """Permits are leased by a task of the worker, which runs beside the steps."""
    leasing = asyncio.create_task(desk.sharing.run())
    try:
        return [await step() for step in steps]
    finally:
        leasing.cancel()
        await asyncio.gather(leasing, return_exceptions=True)


async def made(desk: Desk) -> BatchOutcome:
    """Illustrate, then validate."""
    return (await with_permits(desk, desk.illustrate, desk.validate))[-1]


async def test_a_picture_that_is_true_to_its_characters_is_looked_at_once(world: World) -> None:
    desk = await desk_for(world, ages=Ages(youngest=4, oldest=6))
    assert await made(desk) == BatchOutcome(done=1)
    assert len(desk.studio.drawn) == len(desk.studio.looked) == 1, "the gate and validation share one look"
    assert len(desk.studio.references) == 1, "the engine was shown how Luna looks"
    verdict = await desk.verdict()
    assert (verdict.judging, verdict.judged_by, verdict.faults, verdict.redone) == (Judging.SEEN, "studio s1", (), 0)


async def test_a_picture_of_somebody_else_is_drawn_anew_and_the_first_is_kept_as_a_version(world: World) -> None:
    desk = await desk_for(world)
    desk.studio.without_luna = {0}
    assert await made(desk) == BatchOutcome(done=1)
    assert await desk.take() == 3 and (await desk.verdict()).redone == 1
    row = await desk.track(Track.ILLUSTRATIONS)
    assert (row.state, row.version, row.made_by) == (DONE, 2, "studio s1")
    calls = len(desk.studio.drawn), len(desk.studio.looked)
    await with_permits(desk, desk.illustrate, desk.validate)
    assert (len(desk.studio.drawn), len(desk.studio.looked)) == calls, "nothing is bought again"


async def test_after_two_redraws_the_best_picture_is_kept_with_a_note(world: World) -> None:
    desk = await desk_for(world)
    desk.studio.without_luna = set(range(30))
    assert await made(desk) == BatchOutcome(failed=1)
    assert len(desk.studio.drawn) == 3 and await desk.take() == 0
    row = await desk.track(Track.VALIDATION)
    assert (row.state, row.error_type, row.error) == (FAILED, "NotAlike", "Luna looks different: she is green")
    assert (await desk.track(Track.ILLUSTRATIONS)).state == DONE, "the book has its picture"


async def test_without_anybody_who_sees_a_picture_is_measured(world: World) -> None:
    desk = await desk_for(world)
    desk.sees = False
    desk.studio.composes = True
    desk.studio.without_luna = {0}
    assert await made(desk) == BatchOutcome(done=1)
    verdict = await desk.verdict()
    assert (verdict.judging, verdict.judged_by, verdict.redone) == (Judging.MEASURED, "measured", 1)
    assert desk.studio.looked == [] and await desk.take() == 3


async def test_a_childrens_picture_that_is_not_fit_is_never_used(world: World) -> None:
    desk = await desk_for(world, ages=Ages(youngest=4, oldest=6))
    desk.studio.unfit = {0}
    assert await made(desk) == BatchOutcome(done=1)
    assert await desk.take() == 3, "another one is asked for once"
    other = await desk_for(world, "Luna is at sea.", ages=Ages(youngest=4, oldest=6))
    other.studio.unfit = set(range(30))
    assert await made(other) == BatchOutcome(done=1), "without a picture there is nothing to validate"
    row = await other.track(Track.ILLUSTRATIONS)
    assert len(other.studio.drawn) == 2 and row.state == FAILED and row.asset is None
    assert (row.error_type, row.error) == ("Blocked", "not for readers of 4: gore")
    assert (await other.track(Track.VALIDATION)).state == SKIPPED


async def test_a_childrens_picture_that_nobody_can_judge_is_not_used_unless_we_composed_it(world: World) -> None:
    desk = await desk_for(world, ages=Ages(youngest=4, oldest=6))
    desk.sees = False
    assert (await with_permits(desk, desk.illustrate))[0] == BatchOutcome(failed=1)
    row = await desk.track(Track.ILLUSTRATIONS)
    assert row.error_type == "Blocked" and "BOOKWRIGHT_VISION" in row.error
    ours = await desk_for(world, "Luna is at sea.", ages=Ages(youngest=4, oldest=6))
    ours.sees = False
    ours.studio.composes = True
    assert await made(ours) == BatchOutcome(done=1)


@pytest.mark.parametrize("error", [QuotaExhausted("top it up"), Refused("the provider is down")])
async def test_a_looker_that_can_not_be_asked_now_blocks_nothing(world: World, error: BookwrightError) -> None:
    desk = await desk_for(world, ages=Ages(youngest=4, oldest=6))
    desk.studio.error = error
    if isinstance(error, QuotaExhausted):
        (outcome,) = await with_permits(desk, desk.illustrate)
        assert outcome.deferred and outcome.deferred.hold.kind is HoldKind.QUOTA
    else:
        with pytest.raises(Exception, match="down"):
            await with_permits(desk, desk.illustrate)
    assert (await desk.track(Track.ILLUSTRATIONS)).state == TrackState.PROCESSING
    desk.studio.error = None
    assert await made(desk) == BatchOutcome(done=1)
    assert len(desk.studio.drawn) == 1, "the picture that was there is used"


async def test_no_more_pictures_are_in_the_making_than_the_job_may_have(world: World) -> None:
    desk = await desk_for(world, *(f"Luna is at place {page}." for page in range(8)))
    assert await made(desk) == BatchOutcome(done=8)
    assert len(desk.studio.drawn) == 8 and desk.studio.most_at_once <= 2
    assert len({call.input["seed"] for call in desk.studio.drawn}) == 8


async def test_answers_have_circles_where_things_are_and_nowhere_else(world: World) -> None:
    desk = await desk_for(world, TEXT, TEXT + " ", "Here they are.", things=(KEY, KITE), answers=1)
    desk.studio.composes, desk.sees = True, False
    await made(desk)
    assert (await desk.track(Track.ILLUSTRATIONS, 3)).state == SKIPPED
    assert await desk.answer() == 1
    plate = await desk.plate(3)
    assert plate.alt == "1: a golden key, a kite. 2: a golden key, a kite."
    _expect_circles(await world.assets.get(plate.picture), [{"key", "kite"}, {"key", "kite"}])
    before = (await desk.track(Track.ILLUSTRATIONS, 3)).asset
    assert await desk.answer() == 1 and (await desk.track(Track.ILLUSTRATIONS, 3)).asset == before


@pytest.mark.parametrize("lies", [False, True], ids=["a thing is not seen", "a box is made up"])
async def test_a_thing_that_is_not_there_leaves_the_list_and_the_answers(world: World, lies: bool) -> None:
    desk = await desk_for(world, TEXT, "1: a golden key, a kite.", things=(KEY, KITE), answers=1)
    desk.studio.without_kite, desk.studio.lies = set(range(30)), lies
    assert await made(desk) == BatchOutcome(done=2), "a shorter list is no fault"
    assert len(desk.studio.drawn) == 3, "it was drawn anew twice"
    verdict = await desk.verdict()
    assert verdict.dropped == ("kite",) and [box.name for box in verdict.found] == ["key"]
    assert await desk.text() == "Luna is at the fair.\n\nFind:\n\na golden key"
    await desk.answer()
    plate = await desk.plate(2)
    assert plate.alt == "1: a golden key."
    (listed,) = await world.books.pages(ANNA, desk.context.book_id, 2, 2)
    assert listed.text == "1: a golden key.", "nor does the answer page tell of it"
    _expect_circles(await world.assets.get(plate.picture), [{"key"}])


async def test_a_thing_that_is_missing_in_the_first_picture_is_there_in_the_next(world: World) -> None:
    desk = await desk_for(world, TEXT, "Here they are.", things=(KEY, KITE), answers=1)
    desk.studio.without_kite = {0}
    await made(desk)
    assert (await desk.verdict()).dropped == () and await desk.text() == TEXT


def _expect_circles(sheet: bytes, wanted: list[set[str]]) -> None:
    """That each scene has a ring at each wanted thing's place and no ring pixel far from all of them."""
    rings = magenta(sheet)
    for (left, top, width, height), names in zip(cells(len(wanted)), wanted, strict=True):
        factor = min(width / 400, height / 300)
        left, top = left + (width - round(400 * factor)) // 2, top + (height - round(300 * factor)) // 2
        seen = rings[top : top + round(300 * factor), left : left + round(400 * factor)]
        for name, box in BOXES.items():
            at = [int(edge * factor) for edge in (box.left * 400, box.top * 300, box.width * 400, box.height * 300)]
            reach = max(at[2], at[3])
            around = seen[max(at[1] - reach, 0) : at[1] + at[3] + reach, max(at[0] - reach, 0) : at[0] + at[2] + reach]
            assert around.any() == (name in names), name
            seen[max(at[1] - reach, 0) : at[1] + at[3] + reach, max(at[0] - reach, 0) : at[0] + at[2] + reach] = False
        assert not seen.any()
