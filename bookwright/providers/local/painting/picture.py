"""A picture from a depiction: the stage is lit, the setting painted, the figures put into it, the whole finished."""

import hashlib
import random

from bookwright.contracts.depicting import Depiction, PlacedThing
from bookwright.providers.local.painting.casting import cast_in, draw_cast
from bookwright.providers.local.painting.finish import finish, rasterise
from bookwright.providers.local.painting.light import light_of
from bookwright.providers.local.painting.pen import Pen
from bookwright.providers.local.painting.reading import told_by
from bookwright.providers.local.painting.settings import SCENES
from bookwright.providers.local.painting.sizes import SIZES
from bookwright.providers.local.painting.sky import paint_weather
from bookwright.providers.local.painting.stage import Stage


def paint(depiction: Depiction, aspect: str, seed: str) -> tuple[bytes, tuple[PlacedThing, ...]]:
    """The picture as WebP, and where the things to be found are. The same again for the same arguments."""
    width, height, across = SIZES[aspect]
    pen, placed = compose(depiction, width, height, seed)
    return finish(rasterise(pen.svg(width, height, across)), depiction.style), placed


def compose(depiction: Depiction, width: int, height: int, seed: str) -> tuple[Pen, tuple[PlacedThing, ...]]:
    """The picture as it was drawn, in units."""
    rng = random.Random(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]))
    told = told_by(depiction)
    pen = Pen(depiction.style, rng)
    light = light_of(told.time, told.weather, told.mood)
    stage = Stage(pen, rng, width, height, light, told.time, told.weather, told.mood, told.words)
    SCENES[told.setting](stage)
    draw_cast(stage, told.setting, cast_in(stage, depiction, told.setting, bool(depiction.things)))
    for draw in stage.front:
        draw()
    paint_weather(stage)
    return pen, ()
