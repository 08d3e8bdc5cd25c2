"""What a composed picture shows: its setting, hour, weather and figures, told by its colours."""

import itertools
from xml.etree import ElementTree

import numpy as np
import pytest

from bookwright.contracts.depicting import Depiction, Figure, Mood, PictureStyle, Setting, TimeOfDay, Weather
from bookwright.providers.local.painting.colour import rgb
from bookwright.providers.local.painting.figures.choosing import looks_of
from bookwright.providers.local.painting.figures.kinds import KINDS
from bookwright.providers.local.painting.picture import compose
from bookwright.providers.local.painting.reading import told_by
from bookwright.providers.local.painting.sizes import SIZES
from tests.unit.painting.conftest import Pixels, Sketch

MAGENTA, LIME = "#d020c0", "#20e010"
LUNA = Figure(name="Luna", kind="dragon", palette=(MAGENTA,))


def tint(picture: Pixels) -> tuple[float, float, float]:
    red, green, blue = picture.reshape(-1, 3).mean(axis=0)
    return float(red), float(green), float(blue)


def share_of(picture: Pixels, colour: str, near: float = 36) -> float:
    """How much of a picture is of a colour, or near to it."""
    away = np.linalg.norm(picture.astype(float) - 255 * np.array(rgb(colour)), axis=2)
    return float((away < near).mean())


def test_settings_have_their_colours(sketch: Sketch) -> None:
    forest, desert, sea = (tint(sketch(name)[120:]) for name in ("forest", "desert", "underwater"))
    assert forest[1] == max(forest), "green"
    assert desert[0] == max(desert) and desert[0] > desert[2] + 25, "sand"
    assert sea[2] == max(sea) and sea[2] > sea[0] + 60, "water"
    assert sum(tint(sketch("snow"))) > sum(forest) + 60, "white"


def test_nights_are_darker_than_days_and_dusk_is_warmer(sketch: Sketch) -> None:
    day, dusk, night = (tint(sketch("meadow", time=time)) for time in ("noon", "sunset", "midnight"))
    assert sum(night) < 0.6 * sum(day)
    assert dusk[0] - dusk[2] > day[0] - day[2]


@pytest.mark.parametrize("style", PictureStyle)
def test_a_figure_is_seen_in_its_colours_on_every_page(sketch: Sketch, style: PictureStyle) -> None:
    for setting, seed in (("forest", "1"), ("beach", "2"), ("room", "3")):
        assert share_of(sketch(setting, cast=[LUNA], seed=seed, style=style), MAGENTA, 60) > 0.015
        assert share_of(sketch(setting, seed=seed, style=style), MAGENTA, 60) < 0.001


def test_everybody_of_the_cast_is_there(sketch: Sketch) -> None:
    other = Figure(name="Tom", kind="boy", looks="blue eyes", palette=(LIME,))
    both = sketch("castle", cast=[LUNA, other])
    assert share_of(both, MAGENTA, 60) > 0.004 and share_of(both, LIME, 60) > 0.001


def test_a_figure_keeps_its_looks_and_others_have_their_own() -> None:
    mira = Figure(name="Mira", kind="girl", looks="brown skin, two red braids, glasses and a yellow dress")
    assert looks_of(mira) == looks_of(mira.model_copy())
    looks = looks_of(mira)
    assert (looks.hairstyle, looks.hair, looks.dress, looks.age) == ("braids", "#b5502c", "dress", "child")
    assert looks.main == "#f4c63d" and "glasses" in looks.worn
    assert len({looks_of(Figure(name=name, kind="girl")) for name in ("Anna", "Berta", "Clara", "Dora")}) == 4


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("brave little dragon", "dragon"),
        ("puppy", "dog"),
        ("बूढ़ा हाथी", "elephant"),
        ("दादी", "person"),
        ("triceratopss", "dinosaur"),
        ("polar bear cub", "polar bear"),
        ("fire-engine driver", "person"),
    ],
)
def test_kinds_are_known_by_many_words(kind: str, name: str) -> None:
    assert looks_of(Figure(name="X", kind=kind)).name == name


def test_a_kind_that_nobody_knows_is_told_by_its_looks() -> None:
    assert looks_of(Figure(name="Zog", kind="blorp", looks="green scales and a long tail")).name == "dragon"
    assert looks_of(Figure(name="Ume", kind="", looks="")).name == "person"


def test_the_colour_of_a_scarf_is_not_that_of_the_fur() -> None:
    fox = looks_of(Figure(name="Rusty", kind="fox", looks="wears a green scarf"))
    assert fox.main == KINDS["fox"].coat[0] and "scarf" in fox.worn


def test_words_are_read_from_wherever_they_stand() -> None:
    told = told_by(Depiction(setting="", action="At night it rained hard in the old harbour market"))
    assert (told.setting, told.time, told.weather) == (Setting.MARKET, TimeOfDay.NIGHT, Weather.RAIN)
    nothing = told_by(Depiction(setting="qwxyz"))
    assert (nothing.time, nothing.weather, nothing.mood) == (TimeOfDay.DAY, Weather.CLEAR, None)


def test_every_setting_can_be_drawn_in_every_weather_and_each_aspect_of_pictures() -> None:
    rest = itertools.cycle(itertools.product(TimeOfDay, Mood, PictureStyle, SIZES.values()))
    for setting, weather in itertools.product(Setting, Weather):
        time, mood, style, (width, height, across) = next(rest)
        depiction = Depiction(setting=setting, time=time, weather=weather, mood=mood, style=style, cast=(LUNA,))
        pen, _ = compose(depiction, width, height, "x")
        drawing = ElementTree.fromstring(pen.svg(width, height, across))
        assert len(drawing.findall(".//{*}path")) > 60
        assert not drawing.findall(".//{*}text")


def test_every_kind_can_do_everything() -> None:
    actions = ("sleeps", "reads a book", "flies", "swims", "runs", "cheers", "is afraid", "sits", "carries a lantern")
    for n, kind in enumerate(KINDS):
        figure = Figure(name=kind, kind=kind)
        style = list(PictureStyle)[n % 3]
        depiction = Depiction(setting="room", action=actions[n % len(actions)], cast=(figure,), style=style)
        pen, _ = compose(depiction, 1333, 1000, "x")
        assert looks_of(figure).name == kind
        ElementTree.fromstring(pen.svg(1333, 1000, 320))


def test_what_an_action_names_is_in_the_picture(sketch: Sketch) -> None:
    boy = Figure(name="Tom", kind="boy", palette=("#3b3742", "#3b3742", "#3b3742"))
    gift = "#4fa3a5"
    with_it = sketch("desert", cast=[boy], action="Tom brings a present")
    assert share_of(with_it, gift, 30) > share_of(sketch("desert", cast=[boy], action="Tom stands"), gift, 30)
