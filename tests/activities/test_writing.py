"""What becomes of a story's steps with the real store: what is asked, asked again, and never asked twice."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authors import Authors
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.slots import Slots
from activities.writing import UNSEEN, Handed, Writing
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.errors import BadInput, Blocked, QuotaExhausted
from bookwright.contracts.ids import new_book_id
from bookwright.contracts.media import TextTask, WrittenText
from bookwright.contracts.orders import BookOrder, Edition
from bookwright.contracts.ports.calls import Turn
from bookwright.contracts.ports.writings import Part
from bookwright.contracts.progress import HoldKind
from bookwright.contracts.stories import Brief, BriefKind, Notes, StoryKind
from bookwright.contracts.writing import DraftChapter, WritingStep
from bookwright.press.examining import Pictures
from bookwright.text.measure import count_words
from bookwright.text.policy import AllOf, PolicyModerator
from tests.activities.test_pictures_and_sounds import picture
from tests.store.conftest import ANNA, World

PEOPLE = {"characters": [{"name": "Luna", "kind": "dragon", "role": "hero", "nature": "Brave.", "looks": ""}]}
SHEET = {
    "characters": [{"name": "Luna", "kind": "dragon", "looks": "Small.", "voice": "", "habits": [], "palette": []}]
}
OUTLINE = {"title": "The Cave", "chapters": [{"title": "In", "plan": "They go in.", "facts": []}]}
BLOODY = "He murdered them all with a knife and there was blood everywhere."


def chapter(pages: int, words: int) -> dict[str, Any]:
    text = " ".join(["We walked on and sang a song."] * (words // 7))
    return {"pages": [{"text": text}] * pages, "summary": "They sang."}


class Muse:
    """Answers what a test has put in for each purpose, one after the other; the last one again and again."""

    provider, model, concurrency, sees = "muse", "m1", 4, True

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {
            "character_extraction": [PEOPLE],
            "enhancement": [SHEET],
            "outline": [OUTLINE],
        }
        self.made: list[ProviderCall] = []
        self.seen: list[int] = []

    def call(self, task: TextTask, take: int = 0) -> ProviderCall:
        return ProviderCall(
            provider="muse", model="m1", operation=task.purpose, input=task.worded(), max_cost_micros=100, take=take
        )

    async def write(self, call: ProviderCall, turn: Turn, pictures: Sequence[bytes] = ()) -> WrittenText:
        async with turn:
            self.made.append(call)
            self.seen.append(len(pictures))
            waiting = self.answers[call.operation]
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if isinstance(answer, Exception):
                raise answer
            return WrittenText(text="{}", data=answer, cost_micros=7)

    def asked(self, purpose: str) -> list[ProviderCall]:
        return [call for call in self.made if call.operation == purpose]


class Web:
    """Has one picture."""

    def __init__(self) -> None:
        self.fetched = 0

    async def fetch(self, url: str) -> tuple[bytes, str]:
        self.fetched += 1
        if "nothing" in url:
            raise BadInput("character_image_url: there is nothing to be had at the address", field="url")
        return picture(), "image/png"


class Studio:
    """The activities as a worker runs them; each call is one attempt."""

    def __init__(self, world: World, *, sees: bool = True) -> None:
        self.world, self.muse, self.web, self.attempts = world, Muse(), Web(), 0
        chain: Chain[Any] = Chain([Link(self.muse, Slots(4), 30)])
        authors = Authors(
            chain,
            chain if sees else Chain([]),
            Buyer(world.ledger, world.assets),
            world.assets,
            AllOf([PolicyModerator()]),
        )
        self.writing = Writing(authors, world.books, world.assets, world.writings, Handed(self.web, Pictures()))

    async def order(self, source: Brief | Notes) -> BookOrder:
        order = BookOrder(
            book_id=new_book_id(), owner_id=ANNA, source=source, language="en", tracks=(), editions=(Edition.EPUB,)
        )
        await self.world.jobs.accept(order, fingerprint="story")
        return order

    async def step(self, order: BookOrder, name: str, number: int = 0) -> Any:
        self.attempts += 1
        environment = ActivityEnvironment()
        scheduled = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.attempts)
        environment.info = replace(
            environment.info,
            current_attempt_scheduled_time=scheduled,
            workflow_id=f"book/{order.book_id}/1",
        )
        run: Callable[[WritingStep], Any] = getattr(self.writing, name)
        return await environment.run(run, WritingStep(order=order, number=number))

    async def kept(self, order: BookOrder, part: str) -> bytes:
        parts = await self.world.writings.parts(ANNA, order.book_id)
        return await self.world.assets.get(parts[part].asset)


def brief(**wishes: Any) -> Brief:
    return Brief.model_validate(
        {
            "job_type": BriefKind.STORY_ADVENTURE,
            "character_name": "Luna",
            "character_type": "dragon",
            "special_ability": "light",
            "age_group": "7-10",
            "story_world": "caves",
            "adventure_type": "hunt",
            "pages": 4,
        }
        | wishes
    )


async def test_a_story_is_written_and_no_step_is_paid_for_twice(world: World) -> None:
    studio = Studio(world)
    studio.muse.answers["chapter"] = [chapter(4, 84)]
    order = await studio.order(brief())
    for _ in range(2):
        for name in ("characters", "sheet", "outline"):
            assert (await studio.step(order, name)).deferred is None
        await studio.step(order, "chapter", 1)
        told = await studio.step(order, "put_together")
    assert (told.title, told.language) == ("The Cave", "en")
    assert [call.operation for call in studio.muse.made] == [
        "character_extraction",
        "enhancement",
        "outline",
        "chapter",
    ]
    assert Brief.model_validate_json(await studio.kept(order, Part.CONFIG)) == order.source
    assert (await world.assets.get(told.asset)).startswith(b"# The Cave\n\n\x0c\n## In\n\nWe walked")


async def test_a_picture_of_the_hero_is_fetched_once_looked_at_and_kept_as_the_reference(world: World) -> None:
    studio = Studio(world)
    order = await studio.order(brief(character_image_url="https://pictures.example/luna.png"))
    for _ in range(2):
        assert (await studio.step(order, "characters")).note is None
        await studio.step(order, "sheet")
    assert (studio.web.fetched, studio.muse.seen) == (1, [1, 0])
    sheet = CharacterSheet.model_validate_json(await studio.kept(order, Part.SHEET))
    assert sheet.reference and await world.assets.get(sheet.reference) == picture()

    blind = Studio(world, sees=False)
    assert (await blind.step(await blind.order(order.source), "characters")).note == UNSEEN  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="nothing to be had"):
        await studio.step(await studio.order(brief(character_image_url="https://nothing.example/x")), "characters")


async def test_a_chapter_that_does_not_fit_is_asked_for_once_more_and_then_brought_to_its_pages(world: World) -> None:
    studio = Studio(world)
    content = await world.assets.put(b"We walked and sang.", "text/plain")
    notes = Notes(story_kind=StoryKind.CREATIVE, content=content, pages=4)
    studio.muse.answers["chapter"] = [chapter(2, 490), chapter(3, 330)]
    order = await studio.order(notes)
    await studio.step(order, "outline")
    await studio.step(order, "chapter", 1)
    first, second = studio.muse.asked("chapter")
    assert "An earlier version was not right" not in first.input["prompt"]
    assert "there are 2 pages; write 4\npage 1 has 490 words; write 212 to 288" in second.input["prompt"]
    pages = DraftChapter.model_validate_json(await studio.kept(order, "chapter/1")).pages
    assert len(pages) == 4 and all(212 <= count_words(page.text) <= 288 for page in pages)


async def test_what_is_not_for_its_readers_is_asked_for_again_once_and_never_repeated(world: World) -> None:
    studio = Studio(world)
    bloody = {"pages": [{"text": f"{BLOODY} " * 7}] * 4, "summary": ""}
    studio.muse.answers["chapter"] = [bloody, chapter(4, 84)]
    order = await studio.order(brief())
    for name in ("characters", "sheet", "outline"):
        await studio.step(order, name)
    await studio.step(order, "chapter", 1)
    assert [call.take for call in studio.muse.asked("chapter")] == [0, 3]

    studio.muse.answers["chapter"] = [bloody]
    order = await studio.order(brief(character_name="Moon"))
    for name in ("characters", "sheet", "outline"):
        await studio.step(order, name)
    with pytest.raises(Blocked, match="the chapter was held back twice: not for readers of 7") as held:
        await studio.step(order, "chapter", 1)
    assert "knife" not in str(held.value)


async def test_a_step_waits_when_its_provider_asks_it_to_and_corrects_grammar_where_wished(world: World) -> None:
    studio = Studio(world)
    content = await world.assets.put(b"We walked and sang.", "text/plain")
    notes = Notes(story_kind=StoryKind.CREATIVE, content=content, pages=1, improve_grammar=True)
    good = chapter(1, 252)
    right = good["pages"][0]["text"].replace("sang a song", "sang one song")
    studio.muse.answers |= {"chapter": [QuotaExhausted("used up"), good], "grammar": [{"pages": [right]}]}
    order = await studio.order(notes)
    await studio.step(order, "outline")
    waiting = await studio.step(order, "chapter", 1)
    assert waiting.deferred.hold.kind is HoldKind.QUOTA
    await studio.step(order, "chapter", 1)
    (page,) = DraftChapter.model_validate_json(await studio.kept(order, "chapter/1")).pages
    assert page.text == right
