"""Answer pages by their pixels: a circle around each thing that was found, and nowhere else."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bookwright.contracts.depicting import PlacedThing
from bookwright.contracts.ports.answers import AnsweredScene
from bookwright.press.answers import HEIGHT, WIDTH, Answers, cells, circle
from bookwright.press.gauging import Gauge

SIZE = (800, 600)
THINGS = (
    PlacedThing(name="key", left=0.1, top=0.2, width=0.06, height=0.04),
    PlacedThing(name="kite", left=0.7, top=0.6, width=0.1, height=0.14),
)


def scene(things: tuple[PlacedThing, ...], page: int = 1, colour: str = "#2c7a5a") -> AnsweredScene:
    """A plain picture with a bright block in each thing's box."""
    image = Image.new("RGB", SIZE, colour)
    draw = ImageDraw.Draw(image)
    for box in things:
        edges = [box.left * SIZE[0], box.top * SIZE[1]]
        edges += [(box.left + box.width) * SIZE[0] - 1, (box.top + box.height) * SIZE[1] - 1]
        draw.rectangle(edges, fill="#f4d03f")
    out = io.BytesIO()
    image.save(out, "PNG")
    return AnsweredScene(page=page, picture=out.getvalue(), found=things)


def magenta(picture: bytes) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Which pixels are of a ring."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    rings: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = (red > 170) & (green < 110) & (blue > 80)
    return rings


def test_each_thing_has_a_circle_around_it_and_there_is_no_other() -> None:
    rings = magenta(Answers().answers([scene(THINGS)]))
    ((left, top, width, height),) = cells(1)
    factor = min(width / SIZE[0], height / SIZE[1])
    small = round(SIZE[0] * factor), round(SIZE[1] * factor)
    left, top = left + (width - small[0]) // 2, top + (height - small[1]) // 2
    down, across = np.mgrid[0 : rings.shape[0], 0 : rings.shape[1]]
    explained = np.zeros_like(rings)
    for box in THINGS:
        x, y, radius = circle(box, *small)
        distance = np.hypot(across - left - x, down - top - y)
        on_ring = np.abs(distance - radius) < 6
        assert rings[on_ring].mean() > 0.3, "all of the circle is there"
        angles = np.arctan2(down - top - y, across - left - x)[on_ring & rings]
        assert len(np.unique(np.round(angles, 1))) > 55, "all the way around"
        assert not rings[distance < radius - 8].any(), "the thing itself is left to be seen"
        explained |= on_ring
    assert not (rings & ~explained).any(), "no circle without a thing"


def test_a_scene_in_which_nothing_was_found_has_no_circle() -> None:
    assert not magenta(Answers().answers([scene(())])).any()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 12])
def test_scenes_have_places_of_their_own_in_the_picture(count: int) -> None:
    places = cells(count)
    assert len(places) == count
    for left, top, width, height in places:
        assert left >= 0 and top >= 0 and left + width <= WIDTH and top + height <= HEIGHT and min(width, height) > 200
    for one, (left, top, width, height) in enumerate(places):
        for other in places[one + 1 :]:
            apart = other[0] >= left + width or other[0] + other[2] <= left or other[1] >= top + height
            assert apart, "none over another"


def test_the_same_scenes_give_the_same_bytes() -> None:
    scenes = [scene(THINGS, page) for page in (1, 12)]
    assert Answers().answers(scenes) == Answers().answers(scenes)


def test_a_box_with_nothing_in_it_does_not_stand_out() -> None:
    nothing = PlacedThing(name="snail", left=0.4, top=0.4, width=0.1, height=0.1)
    outside = PlacedThing(name="boat", left=0.95, top=0.4, width=0.1, height=0.1)
    everything = PlacedThing(name="sky", left=0, top=0, width=1, height=1)
    picture = scene(THINGS).picture
    assert Gauge().standing_out(picture, (*THINGS, nothing, outside, everything)) == THINGS


def test_what_is_cut_out_is_what_is_in_the_box() -> None:
    first, second = Gauge().cut_out(scene(THINGS).picture, THINGS)
    for crop in (first, second):
        image = Image.open(io.BytesIO(crop)).convert("RGB")
        assert max(image.size) >= 256, "large enough to be recognised"
        centre = image.getpixel((image.width // 2, image.height // 2))
        assert isinstance(centre, tuple) and centre[0] > 230 and centre[2] < 90


@pytest.mark.parametrize(
    ("shown", "colour", "there"),
    [
        ("#7b4fc9", "#7b4fc9", True),
        ("#4a3080", "#7b4fc9", True),
        ("#a98ae0", "#7b4fc9", True),
        ("#c94f4f", "#7b4fc9", False),
        ("#4f9ec9", "#7b4fc9", False),
        ("#808080", "#7b4fc9", False),
        ("#555555", "#606060", True),
        ("#e8e8e8", "#303030", False),
    ],
    ids=["itself", "in shade", "in light", "red", "blue", "no colour", "a grey", "another grey"],
)
def test_a_colour_is_known_in_any_light(shown: str, colour: str, there: bool) -> None:
    image = Image.new("RGB", SIZE, "#2c7a5a")
    ImageDraw.Draw(image).rectangle((300, 300, 360, 350), fill=shown)
    out = io.BytesIO()
    image.save(out, "PNG")
    assert Gauge().has_colour(out.getvalue(), colour) is there


def test_a_speck_of_a_colour_is_nobody() -> None:
    image = Image.new("RGB", SIZE, "#2c7a5a")
    ImageDraw.Draw(image).rectangle((300, 300, 310, 310), fill="#7b4fc9")
    out = io.BytesIO()
    image.save(out, "PNG")
    assert not Gauge().has_colour(out.getvalue(), "#7b4fc9")
