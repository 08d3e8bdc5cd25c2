"""Search-and-find books: a busy scene on each page, and what is hidden in it."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from bookwright.contracts.depicting import Weather
from bookwright.providers.local.composing import Wish
from bookwright.providers.local.tales.casting import Brief, rng_of, world_of
from bookwright.providers.local.tales.grammar import told
from bookwright.providers.local.tales.library import Thing, library, sounds, spoken, things
from bookwright.providers.local.tales.tales import matter_of
from bookwright.providers.local.tales.telling import Matter

_TIMES = ("day", "dawn", "day", "dusk", "day", "day", "night")


def scenes(wish: Wish) -> dict[str, Any]:
    """What `text.stories.searching.scenes_task` asks for. Scenes and hidden things follow from the book's seed and the
    scene's number, so that no two of a book are alike, whichever call they are asked in."""
    brief: Brief = wish.material["brief"]
    parts = library(spoken(brief["language"]))
    matter = matter_of(brief, wish.material["sheet"], wish.task_seed)
    first, bounds = wish.material["first"], wish.material["things"]
    numbers = range(first, first + wish.material["count"])
    hidden = _hidden(rng_of(wish.task_seed, "things"))
    pages = []
    for number in numbers:
        rng = rng_of(wish.task_seed, "scene", number)
        count = rng.randint(bounds["least"], bounds["most"])
        found = hidden(number, bounds["most"])[:count]
        pages.append(
            {
                **_page(matter, brief, wish.task_seed, rng, number),
                "things": [_told_thing(thing, colour, parts.language) for thing, colour in found],
            }
        )
    return {"title": told(parts.searching.titles[wish.task_seed % len(parts.searching.titles)], 1, matter.voices),
            "pages": pages}  # fmt: skip


def _page(matter: Matter, brief: Brief, seed: int, rng: Random, number: int) -> dict[str, Any]:
    """The text that leads into the search, and the scene."""
    searching = matter.parts.searching
    key = world_of(brief, matter.parts, seed)
    order = rng_of(seed, "busy").sample(range(len(searching.scenes)), len(searching.scenes))
    busy = order[(number - 1) % len(order)]
    round_ = (number - 1) // len(order)
    spot = (number - 1 + round_) % len(matter.parts.worlds[key].places)
    own, english = (
        each.voices.having({"at": each.parts.worlds[key].places[spot].at})
        for each in (matter, matter.english or matter)
    )
    lead = searching.intro[seed % len(searching.intro)] if number == 1 else searching.scenes[busy].text
    ask = rng_of(seed, "ask").sample(searching.ask, len(searching.ask))[(number - 1) % len(searching.ask)]
    hint = rng.choice(searching.hints)
    level = 1 if brief["ages"]["oldest"] <= 4 else 2 if brief["ages"]["oldest"] <= 7 else 3
    paragraphs = [told(lead, level, own)]
    if number == 1:
        paragraphs.append(told(searching.scenes[busy].text, 1, own))
    paragraphs.append(told(f"{hint} {ask}" if level == 3 else ask, 1, own))
    place = matter.parts.worlds[key].places[spot]
    return {
        "text": "\n\n".join(paragraphs),
        "scene": {
            "setting": place.setting,
            "place": "",
            "time": _TIMES[(number - 1 + seed) % len(_TIMES)],
            "weather": Weather.CLEAR.value,
            "mood": "festive",
            "intensity": 0.4,
            "sounds": [*sounds(place.setting), "many voices"],
            "cast": [matter.hero, matter.pal],
            "action": told(library("en").searching.scenes[busy].action, 1, english),
            "alt": told(searching.scenes[busy].action, 1, own)[:300],
        },
    }


def _hidden(rng: Random) -> Any:
    """A function from a scene's number and size to its things: each noun once in a scene, each pair once in a book."""
    nouns, colours = list(things().nouns), list(things().colours)
    rng.shuffle(nouns)
    rng.shuffle(colours)

    def of(number: int, size: int) -> list[tuple[Thing, Sequence[str]]]:
        start = (number - 1) * size
        chosen: list[tuple[Thing, Sequence[str]]] = []
        for index in range(start, start + size):
            lap, place = divmod(index, len(nouns))
            chosen.append((nouns[place], colours[(place + lap) % len(colours)]))
        return chosen

    return of


def _told_thing(thing: Thing, colour: Sequence[str], language: str) -> Mapping[str, str]:
    name = f"{colour[0]} {thing.en}"
    return {"name": name, "shown": name if language == "en" else f"{colour[2 if thing.f else 1]} {thing.hi}"}
