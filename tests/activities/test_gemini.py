"""Calls of Gemini as a worker buys them: the real SDK against the emulator, and what then stands in the ledger."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from activities.buying import Buyer
from activities.slots import Slots
from bookwright.contracts.calls import Answer, CallState, Holder
from bookwright.contracts.errors import (
    AnswerLost,
    Blocked,
    CredentialsRefused,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Refused,
)
from bookwright.contracts.media import DrawnPicture, PictureTask, TextTask, WrittenText
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.calls import Material
from bookwright.providers.gemini import GeminiModel, GeminiPictures
from bookwright.store import SERVICE
from bookwright.store.ledger.tables import budgets
from tests.store.conftest import ANNA, World, usage_of
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import Emulated, emulator_of

PROMPT = "Write a story of 3 pages about a kite."
TASK = TextTask(
    purpose="story",
    prompt=PROMPT,
    answer_schema={
        "type": "object",
        "properties": {"title": {"type": "string"}, "pages": {"type": "array", "items": {"type": "string"}}},
        "required": ["title", "pages"],
    },
)


class Desk:
    """A buyer of stories and pictures; each purchase is an activity of its own."""

    def __init__(
        self, world: World, context: BookContext, emulator: EmulatorProcess, model: GeminiModel, artist: GeminiPictures
    ) -> None:
        self.world, self.context, self.emulator = world, context, emulator
        self.model, self.artist = model, artist
        self.limit = Slots(4)
        self.costs: list[int] = []
        self._activities = 0

    async def story(self, deadline_s: float = 30) -> Answer:
        async def examine(written: WrittenText) -> Material:
            return self._material(written.text.encode(), "application/json", written.cost_micros)

        return await self._buy(lambda take: self.model.call(TASK, take), self.model.write, examine, deadline_s)

    async def picture(self) -> Answer:
        async def examine(drawn: DrawnPicture) -> Material:
            return self._material(drawn.picture, drawn.media_type, drawn.cost_micros)

        task = PictureTask(prompt=PROMPT, aspect="4:3")
        return await self._buy(lambda take: self.artist.call(task, take), self.artist.draw, examine)

    def _material(self, data: bytes, media_type: str, cost: int) -> Material:
        self.costs.append(cost)
        return Material(data=data, media_type=media_type, facts={}, cost_micros=cost)

    async def _buy(
        self,
        call_for: Callable[[int], Any],
        perform: Callable[..., Awaitable[Any]],
        examine: Callable[[Any], Awaitable[Material]],
        deadline_s: float = 30,
    ) -> Answer:
        self._activities += 1
        return await Buyer(self.world.ledger, self.world.assets).buy(
            call_for,
            perform,
            examine,
            usage=usage_of(self.context, "book/text"),
            holder=Holder(activity=str(self._activities), attempt=1),
            limit=self.limit,
            deadline_s=deadline_s,
        )

    async def attempts(self, calls: int | None = None) -> dict[CallState, int]:
        """The ledger's attempts by state. The emulator has seen each of them that was sent, and no other (I2)."""
        states = await self.world.ledger.attempt_totals()
        assert (await self.emulator.calls())["received"] == (sum(states.values()) if calls is None else calls)
        return states

    async def charged(self) -> int:
        """What the job's budget has given away."""

        def read(connection: sa.Connection) -> int:
            wanted = sa.select(budgets.c.committed_micros).where(budgets.c.scope == "job")
            return int(connection.execute(wanted).scalar_one())

        return await self.world.database.read(SERVICE, read)


emulator = emulator_of("gemini")


@pytest.fixture(scope="module")
async def engines(emulated: Emulated) -> AsyncIterator[tuple[GeminiModel, GeminiPictures]]:
    url = emulated("gemini").url
    async with GeminiModel(KEY, url) as model, GeminiPictures(KEY, url) as artist:
        yield model, artist


@pytest.fixture
async def desk(world: World, emulator: EmulatorProcess, engines: tuple[GeminiModel, GeminiPictures]) -> Desk:
    return Desk(world, await world.book(ANNA, "one", budget="1.00"), emulator, *engines)


async def test_a_story_is_bought_once_at_what_it_did_cost(desk: Desk) -> None:
    first, again = await desk.story(), await desk.story()
    assert (first.reused, again.reused) == (False, True)
    assert first.asset == again.asset
    assert await desk.attempts() == {CallState.SETTLED: 1}
    assert await desk.charged() == first.cost_micros == desk.costs[0] > 0


@pytest.mark.parametrize("kind", ["max_tokens", "off_schema", "empty", "truncated", "html"])
async def test_an_answer_that_is_cut_or_breaks_its_schema_is_asked_for_again(desk: Desk, kind: str) -> None:
    """Fault 17."""
    await desk.emulator.knobs(faults=[{"kind": kind, "times": 1}])
    answer = await desk.story()
    assert await desk.attempts() == {CallState.REJECTED: 1, CallState.SETTLED: 1}
    in_vain = await desk.charged() - answer.cost_micros
    most = desk.model.call(TASK).max_cost_micros
    # What the provider says it took is charged; where it says nothing, the most that it can be.
    assert in_vain == most if kind in ("truncated", "html") else 0 < in_vain <= answer.cost_micros


async def test_three_answers_in_a_row_that_are_cut_are_enough(desk: Desk) -> None:
    await desk.emulator.knobs(faults=[{"kind": "max_tokens"}])
    with pytest.raises(Permanent, match="3 answers in a row"):
        await desk.story()
    assert await desk.attempts() == {CallState.REJECTED: 3}
    assert 0 < await desk.charged() < desk.model.call(TASK).max_cost_micros


@pytest.mark.parametrize("kind", ["blocked_prompt", "blocked_answer", "no_candidates"])
async def test_what_is_blocked_is_asked_once_and_charged_what_reading_it_did_cost(desk: Desk, kind: str) -> None:
    """Fault 19."""
    await desk.emulator.knobs(faults=[{"kind": kind}])
    with pytest.raises(Blocked):
        await desk.story()
    with pytest.raises(Blocked):
        await desk.picture()
    assert await desk.attempts() == {CallState.REJECTED: 2}
    assert 0 < await desk.charged() < 200


@pytest.mark.parametrize("kind", ["cut", "zero", "garbage", "wrong_type", "empty"])
async def test_a_picture_that_is_none_is_drawn_again(desk: Desk, kind: str) -> None:
    """Fault 18."""
    await desk.emulator.knobs(faults=[{"kind": kind, "times": 1}])
    answer = await desk.picture()
    assert (await desk.world.assets.get(answer.asset)).startswith(b"\x89PNG")
    assert await desk.attempts() == {CallState.REJECTED: 1, CallState.SETTLED: 1}


@pytest.mark.parametrize(("seconds", "told"), [(38, {"retry_after": 38}), (5, {}), (86_400, {"retry_after": 86_400})])
async def test_a_rate_limit_is_told_to_the_workflow_and_keeps_all_others_back(
    desk: Desk, seconds: int, told: dict[str, Any]
) -> None:
    """Faults 12 and 13."""
    await desk.emulator.knobs(faults=[{"kind": "status", "status": 429, **told}])
    before = datetime.now(UTC)
    with pytest.raises(RateLimited) as refusal:
        await desk.story()
    assert refusal.value.until >= before + timedelta(seconds=seconds)
    with pytest.raises(RateLimited):
        await desk.picture()
    assert await desk.attempts(calls=1) == {CallState.FAILED: 2}
    assert await desk.charged() == 0


@pytest.mark.parametrize(
    ("knobs", "repaired", "error"),
    [
        ({"quota": 0}, {"quota": None}, QuotaExhausted),
        ({"key": "a-new-key"}, {"key": KEY}, CredentialsRefused),
        ({"faults": [{"kind": "status", "status": 403}]}, {"faults": []}, CredentialsRefused),
    ],
    ids=["quota", "key", "403"],
)
async def test_once_a_person_has_put_it_right_the_same_call_is_made(
    desk: Desk, knobs: dict[str, Any], repaired: dict[str, Any], error: type[Exception]
) -> None:
    """Fault 14."""
    await desk.emulator.knobs(**knobs)
    with pytest.raises(error):
        await desk.story()
    assert await desk.charged() == 0
    await desk.emulator.knobs(**repaired)
    assert (await desk.story()).cost_micros == await desk.charged()
    assert await desk.attempts() == {CallState.FAILED: 1, CallState.SETTLED: 1}


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_provider_that_is_down_is_asked_once_an_attempt_and_not_paid(desk: Desk, status: int) -> None:
    """Fault 15."""
    await desk.emulator.knobs(faults=[{"kind": "status", "status": status, "times": 1}])
    with pytest.raises(Refused):
        await desk.story()
    assert await desk.charged() == 0
    await desk.story()
    assert await desk.attempts() == {CallState.FAILED: 1, CallState.SETTLED: 1}


@pytest.mark.parametrize(
    ("fault", "deadline_s"),
    [
        ({"kind": "hang"}, 1),
        ({"kind": "drip", "pieces": 1_000, "delay_ms": 20}, 1),
        ({"kind": "reset_body"}, 30),
        ({"kind": "close_body"}, 30),
    ],
    ids=str,
)
async def test_an_answer_that_does_not_come_stays_charged_at_its_maximum(
    desk: Desk, fault: dict[str, Any], deadline_s: float
) -> None:
    """Fault 16."""
    await desk.emulator.knobs(faults=[{**fault, "times": 1}])
    with pytest.raises(AnswerLost):
        await desk.story(deadline_s)
    assert await desk.attempts() == {CallState.AMBIGUOUS: 1}
    assert await desk.charged() == desk.model.call(TASK).max_cost_micros
    assert not (await desk.story()).reused
    assert await desk.attempts() == {CallState.AMBIGUOUS: 1, CallState.SETTLED: 1}
