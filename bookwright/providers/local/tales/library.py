"""The authored parts that tales are made of, as `data/<language>/*.toml` has them."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.errors import UnknownLanguage

LANGUAGES = ("en", "hi")
_FOLDER = Path(__file__).with_name("data")

Templates = tuple[str, ...]
"""Ways to tell the same (`grammar`)."""


class Place(Payload):
    """Somewhere in a world."""

    the: str
    at: str
    """Where somebody is who is there."""
    there: str = ""
    """Where somebody goes who goes there."""
    setting: str
    """A word of `contracts.depicting.Setting`."""
    lines: Templates


class World(Payload):
    words: str
    """In any of which it is recognised."""
    name: str
    sky: bool
    """Whether the time of day can be seen."""
    weathers: tuple[str, ...]
    pals: tuple[str, ...]
    food: str
    places: tuple[Place, ...]


class Plot(Payload):
    """What happens; the attributes are beats."""

    words: str
    titles: Templates
    goals: tuple[dict[str, str], ...]
    """What it is about this time: values for the templates, `goal` among them."""
    call1: Templates
    call2: Templates
    clue: Templates
    low: Templates
    arrive: Templates
    turn: Templates
    climax: dict[str, Templates]
    """By the way of the special ability."""
    prize: Templates
    back: Templates
    actions: dict[str, str]
    """What the picture of a beat shows."""
    when: dict[str, str] = Field(default_factory=dict)
    """Times of day that beats call for."""
    skies: dict[str, str] = Field(default_factory=dict)
    """Weathers that beats call for."""


class Episode(Payload):
    """What happens on the way."""

    title: str
    met: dict[str, str]
    """Who is met: `met` the name, `kind` in English, `m` the gender (`m`, `f`, `n`, `p` for several)."""
    meet: Templates
    attempt: Templates = Field(alias="try")
    solve: dict[str, Templates]
    after: Templates
    action: dict[str, str]


class Pal(Payload):
    """A kind of companion."""

    g: str
    kind: str
    a: str
    names: tuple[str, ...]
    looks: str = ""
    palette: tuple[str, ...] = ()


class Temper(Payload):
    """How a companion is and talks."""

    about: Templates
    voice: str = ""
    habit: str = ""
    lines: Templates
    worry: Templates
    cheer: Templates
    rest: Templates


class Ability(Payload):
    way: str
    """`reach`, `light`, `voice`, `force` or `mind`."""
    words: str
    name: str = ""
    """How it is called where an order's own words can't be used."""
    deeds: Templates


class Occasion(Payload):
    words: str
    open: str
    middle: Templates
    end: str


class Tone(Payload):
    words: str
    asides: Templates


class Frames(Payload):
    """What all tales share."""

    open: Templates
    home: Templates
    pal: Templates
    go: Templates
    night: Templates
    end: Templates
    open_actions: Templates
    home_actions: Templates
    pal_actions: Templates
    go_actions: Templates
    night_actions: Templates
    end_actions: Templates
    feast_actions: Templates
    chapters: dict[str, Templates]
    intro_hero: str
    intro_pal: str
    """Said of hero and companion where a book is too short to introduce them."""
    feast: Templates
    hush: Templates
    """Where it matters most."""
    refrains: Templates
    thoughts: Templates
    light: dict[str, Templates]
    weather: dict[str, Templates]
    tones: dict[str, Tone]


class Thing(Payload):
    """Something that is easily drawn and found."""

    en: str
    hi: str
    f: bool = False
    """Whether its Hindi word is feminine."""


class Things(Payload):
    nouns: tuple[Thing, ...]
    colours: tuple[tuple[str, str, str], ...]
    """Each in English, and in Hindi before a masculine and a feminine word."""


class SearchPlace(Payload):
    name: str
    text: str
    action: str


class Searching(Payload):
    """Search-and-find books."""

    titles: Templates
    intro: Templates
    scenes: tuple[SearchPlace, ...]
    ask: Templates
    hints: Templates


class NotesParts(Payload):
    """What is said around the facts of notes."""

    life: str
    creative: str
    """Titles of stories whose notes have none."""
    openings: Templates
    thoughts: Templates
    ends: Templates
    questions: Templates
    quoting: Templates
    scene: str
    stages: dict[str, str]
    """How the stages of a life begin, by the keys of `text.stories.life.LIFE_STAGES`."""
    headings: dict[str, str]
    """What they are called."""


class Library(Payload):
    """All there is in one language."""

    language: str
    worlds: dict[str, World]
    plots: dict[str, Plot]
    episodes: dict[str, Episode]
    riddles: tuple[dict[str, str], ...]
    pals: dict[str, Pal]
    tempers: dict[str, Temper]
    abilities: dict[str, Ability]
    occasions: dict[str, Occasion]
    frames: Frames
    searching: Searching


def spoken(language: str) -> str:
    """The language tales are told in for a BCP 47 tag. Raises UnknownLanguage for others."""
    primary = language.partition("-")[0].lower()
    if primary not in LANGUAGES:
        raise UnknownLanguage(
            f"the offline writer tells stories in English and Hindi only, not in {language[:35]}: order one of these, "
            "or name a language model in BOOKWRIGHT_TEXT (gemini, openai), which writes in others, too"
        )
    return primary


@cache
def library(language: str) -> Library:
    """The parts in one of `LANGUAGES`."""
    episodes = _read(language, "episodes")
    riddles = episodes.pop("riddles")["pairs"]
    pals = _read(language, "pals")
    return Library(
        language=language,
        worlds=_read(language, "worlds"),
        plots=_read(language, "plots"),
        episodes=episodes,
        riddles=riddles,
        pals=pals["kinds"],
        tempers=pals["tempers"],
        abilities=_read(language, "abilities"),
        occasions=_read(language, "occasions"),
        frames=Frames.model_validate(_read(language, "frames")),
        searching=Searching.model_validate(_read(language, "searching")),
    )


@cache
def sounds(setting: str) -> tuple[str, ...]:
    """What is heard in a setting, in English."""
    return tuple(_read("en", "sounds").get(setting, ()))


@cache
def notes_parts(language: str) -> NotesParts:
    """What is said around notes in one of `LANGUAGES`."""
    return NotesParts.model_validate(_read(language, "notes"))


@cache
def things() -> Things:
    """What is hidden in search-and-find books."""
    return Things.model_validate(tomllib.loads((_FOLDER / "things.toml").read_text("utf-8")))


def _read(language: str, name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / language / f"{name}.toml").read_text("utf-8"))
