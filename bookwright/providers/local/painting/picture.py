"""A picture from a depiction: the stage is lit, the setting painted, the figures put into it, the whole finished."""

import hashlib
import random
from dataclasses import replace

from bookwright.contracts.depicting import Depiction, PlacedThing, Setting
from bookwright.providers.local.painting.casting import cast_in, draw_cast, draw_prop, places_taken
from bookwright.providers.local.painting.finish import finish, rasterise
from bookwright.providers.local.painting.light import LAMPLIGHT, light_of
from bookwright.providers.local.painting.pen import Pen
from bookwright.providers.local.painting.reading import told_by
from bookwright.providers.local.painting.settings import SCENES
from bookwright.providers.local.painting.sizes import SIZES
from bookwright.providers.local.painting.sky import paint_weather
from bookwright.providers.local.painting.stage import Stage
from bookwright.providers.local.painting.things.placing import place_things, things_wanted


def paint(depiction: Depiction, aspect: str, seed: str) -> tuple[bytes, tuple[PlacedThing, ...]]:
    """The picture as WebP, and where the things to be found are. The same again for the same arguments."""
    width, height, across = SIZES[aspect]
    pen, placed = compose(depiction, width, height, seed)
    return finish(rasterise(pen.svg(width, height, across)), depiction.style), placed


def compose(depiction: Depiction, width: int, height: int, seed: str) -> tuple[Pen, tuple[PlacedThing, ...]]:
    """The picture as it was drawn, in units."""
    rng = random.Random(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]))
    told = told_by(depiction)
    wanted = things_wanted(depiction.things)
    pen = Pen(depiction.style, rng)
    light = light_of(told.time, told.weather, told.mood)
    if told.setting.indoors and told.setting is not Setting.CAVE and light.night:
        light = replace(light, ambient=LAMPLIGHT)
    sought = frozenset(one.name for one in wanted)
    stage = Stage(pen, rng, width, height, light, told.time, told.weather, told.mood, told.words, sought=sought)
    SCENES[told.setting](stage)
    cast = cast_in(stage, depiction, told.setting, busy=bool(wanted))
    draw_cast(stage, told.setting, cast)
    if not wanted:
        draw_prop(stage, cast)
    for draw in stage.front:
        draw()
    placed = place_things(stage, wanted, places_taken(cast)) if wanted else ()
    paint_weather(stage)
    return pen, placed
