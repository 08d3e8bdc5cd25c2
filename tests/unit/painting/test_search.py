"""Search-and-find pictures: the boxes that are answered hold what they are said to."""

import random

import numpy as np
import pytest

from bookwright.contracts.depicting import Depiction, Figure, PictureStyle, TimeOfDay, Weather
from bookwright.providers.local.painting.finish import rasterise
from bookwright.providers.local.painting.light import light_of
from bookwright.providers.local.painting.pen import Pen, box
from bookwright.providers.local.painting.picture import compose
from bookwright.providers.local.painting.stage import Stage
from bookwright.providers.local.painting.things import placing
from bookwright.providers.local.painting.things.library import thing_of
from bookwright.providers.local.painting.things.stock import THINGS

NAMES = ("key", "red balloon", "teapot", "snail", "kite", "drum", "umbrella", "anchor", "hourglass", "owl")


def test_each_thing_fills_its_box_and_there_is_nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "_DISTRACTORS", 0)
    rng = random.Random(4)
    pen = Pen(PictureStyle.MINIMALIST, rng)
    light = light_of(TimeOfDay.DAY, Weather.CLEAR, None)
    stage = Stage(pen, rng, 1333, 1000, light, TimeOfDay.DAY, Weather.CLEAR, None)
    pen.plain(box(0, 0, 1333, 1000), "#01fe02")
    placed = placing.place_things(stage, placing.things_wanted(NAMES), [])
    assert [thing.name for thing in placed] == list(NAMES)
    pixels = np.asarray(rasterise(pen.svg(1333, 1000, 1333)))
    drawn = (pixels != np.array([1, 254, 2])).any(axis=2)
    for thing in placed:
        rows, columns = _within(thing, drawn)
        seen = drawn[rows, columns]
        assert seen.any(axis=1).mean() > 0.94 and seen.any(axis=0).mean() > 0.94, thing.name
        drawn[rows, columns] = False
    assert not drawn.any()


@pytest.mark.parametrize("setting", ["market", "forest", "underwater", "room", "sea", "sky"])
def test_things_are_apart_from_one_another_and_from_the_figures(setting: str) -> None:
    cast = (Figure(name="Luna", kind="dragon"), Figure(name="Mira", kind="girl"))
    _, placed = compose(Depiction(setting=setting, cast=cast, things=NAMES), 1333, 1000, setting)
    assert {thing.name for thing in placed} == set(NAMES)
    boxes = [(one.left, one.top, one.left + one.width, one.top + one.height) for one in placed]
    for n, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
        assert 0.02 < right - left < 0.14 and 0.02 < bottom - top < 0.16, "seen, and not at once"
        for other in boxes[n + 1 :]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom


def test_what_is_unknown_or_asked_for_twice_is_left_out() -> None:
    names = ("golden key", "a key", "zorblax", "umbrela", "पतंग", "quantum flux")
    _, placed = compose(Depiction(setting="village", things=names), 1333, 1000, "x")
    assert {thing.name for thing in placed} == {"golden key", "umbrela", "पतंग"}


def test_scenery_has_no_second_one_of_what_is_to_be_found() -> None:
    many, _ = compose(Depiction(setting="meadow"), 1333, 1000, "x")
    one, _ = compose(Depiction(setting="meadow", things=("flower", "mushroom", "cloud", "sun")), 1333, 1000, "x")
    assert len(one.svg(1333, 1000, 320)) < len(many.svg(1333, 1000, 320))


def test_the_library_is_large_and_its_words_lead_into_it() -> None:
    assert len(THINGS) >= 60
    assert {thing_of(name) for name in THINGS} == {(name, None) for name in THINGS}
    assert thing_of("the red balloons") == ("balloon", "#d9483f")


def _within(thing: object, drawn: object) -> tuple[slice, slice]:
    left, top, width, height = (getattr(thing, side) for side in ("left", "top", "width", "height"))
    return (
        slice(max(round(top * 1000) - 1, 0), round((top + height) * 1000) + 1),
        slice(max(round(left * 1333) - 1, 0), round((left + width) * 1333) + 1),
    )
