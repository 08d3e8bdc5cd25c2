"""The local painter as an engine: real processes, real pictures."""

import io
from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest
from PIL import Image

from bookwright.contracts.depicting import Depiction, Figure, PictureStyle
from bookwright.contracts.errors import Misconfigured, Unspeakable
from bookwright.contracts.media import DrawnPicture, PictureTask
from bookwright.press.examining import Pictures
from bookwright.providers.local.painting.engine import LocalPainter

LUNA = Depiction(
    setting="forest",
    cast=(Figure(name="Luna", kind="dragon"),),
    style=PictureStyle.MINIMALIST,
    things=("key", "drum"),
)


@pytest.fixture(scope="module")
async def painter() -> AsyncIterator[LocalPainter]:
    painter = LocalPainter(concurrency=2)
    yield painter
    await painter.close()


async def drawn(painter: LocalPainter, task: PictureTask, take: int = 0) -> DrawnPicture:
    return await painter.draw(painter.call(task, take), nullcontext())


async def test_equal_calls_give_equal_bytes_also_in_another_process(painter: LocalPainter) -> None:
    task = PictureTask(prompt="a forest", aspect="4:3", depiction=LUNA, seed=7)
    first = await drawn(painter, task)
    other = LocalPainter(concurrency=1)
    try:
        again = await drawn(other, task)
    finally:
        await other.close()
    assert first == again and first.cost_micros == 0
    facts = Pictures().examine(first)
    assert (facts.media_type, facts.width, facts.height) == ("image/webp", 1536, 1152)
    assert {thing.name for thing in first.placed} == {"key", "drum"}
    assert (await drawn(painter, task, take=1)).picture != first.picture


async def test_without_a_depiction_the_words_of_the_prompt_are_drawn(painter: LocalPainter) -> None:
    day, night = [
        await drawn(painter, PictureTask(prompt=f"A flat picture of the desert at {time}"))
        for time in ("noon", "night")
    ]
    with Image.open(io.BytesIO(day.picture)) as bright, Image.open(io.BytesIO(night.picture)) as dark:
        assert bright.size == dark.size == (1280, 1280)
        assert sum(dark.resize((1, 1)).getpixel((0, 0))) < sum(bright.resize((1, 1)).getpixel((0, 0)))  # type: ignore[arg-type]


def test_what_it_can_not_draw_is_refused_at_once() -> None:
    painter = LocalPainter(concurrency=1)
    with pytest.raises(Unspeakable, match="4:3, 3:2"):
        painter.call(PictureTask(prompt="x", aspect="9:21"))
    with pytest.raises(Unspeakable, match="prompt or a depiction"):
        painter.call(PictureTask(prompt=" "))
    with pytest.raises(Misconfigured):
        LocalPainter(deadline_s=0)


def test_the_words_of_a_prompt_are_no_part_of_a_call_that_has_a_depiction() -> None:
    painter = LocalPainter(concurrency=1)
    one, other = (painter.call(PictureTask(prompt=prompt, depiction=LUNA)) for prompt in ("one", "another"))
    assert one.key == other.key != painter.call(PictureTask(prompt="one", depiction=LUNA), take=1).key
    assert one.max_cost_micros == 0
