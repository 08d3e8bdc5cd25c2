"""A whole tale, from a brief, its character sheet and a seed: the same whenever it is asked for, so that a chapter is
the part of it that its number says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from bookwright.providers.local.tales import english, hindi
from bookwright.providers.local.tales.casting import Brief, companion, lexicon_of, rng_of, world_of
from bookwright.providers.local.tales.grammar import Voices, told
from bookwright.providers.local.tales.library import Library, Plot, library, spoken
from bookwright.providers.local.tales.matching import drawn, nearest
from bookwright.providers.local.tales.planning import Beat, beats_a_page, planned
from bookwright.providers.local.tales.telling import Length, Matter, Teller, scene

_THEMES = {
    "birthday": "birthday", "christmas": "christmas", "diwali": "diwali", "holi": "holi", "eid": "eid",
    "halloween": "halloween", "new_year": "newyear", "first_day_of_school": "school", "new_sibling": "baby",
    "get_well": "well", "moving": "moving",
}  # fmt: skip
"""Occasions by the key of their `text.stories.themes.Theme`."""
_STIRRING = ("exciting", "mysterious")
_YOUNG = 5
"""The middle of the readers' ages up to which episodes are gentle ones."""


@dataclass(frozen=True)
class Page:
    """One page of a tale."""

    text: str
    scene: dict[str, Any]
    """A `PageScene`."""
    beats: tuple[Beat, ...]


@dataclass(frozen=True)
class Tale:
    title: str
    pages: tuple[Page, ...]
    matter: Matter

    def heading(self, first: int, last: int) -> str:
        """A title for the chapter of the pages from `first` to before `last` (0-based)."""
        return _heading(self, first, last)


def tale(brief: Brief, sheet: Sequence[Mapping[str, Any]], length: Length, seed: int) -> Tale:
    """All of it. Raises UnknownLanguage."""
    rng, matter, groups = _planned(brief, sheet, length, seed)
    teller = Teller(rng, matter, length)
    pages = list[Page]()
    for number, group in enumerate(groups):
        text = teller.page(group, introduce=_introduction(matter.parts, groups) if not pages else "")
        shown = next((beat for beat in group if beat.kind not in ("go", "open")), group[-1])
        pages.append(Page(text, scene(matter, shown, number), group))
    return Tale(told(rng.choice(matter.plot.titles), 1, matter.voices), tuple(pages), matter)


def told_anew(
    brief: Brief,
    sheet: Sequence[Mapping[str, Any]],
    length: Length,
    seed: int,
    page: int,
    said: Sequence[str],
    another: int,
) -> str:
    """The text of one of its pages (0-based) told in another way, which goes by the seed `another`: the same happens.
    No sentence of the texts `said` is in it, as far as there is another way to say it."""
    _, matter, groups = _planned(brief, sheet, length, seed)
    teller = Teller(rng_of(another, "anew"), matter, length, said)
    return teller.page(groups[page], introduce=_introduction(matter.parts, groups) if page == 0 else "")


def _planned(
    brief: Brief, sheet: Sequence[Mapping[str, Any]], length: Length, seed: int
) -> tuple[Random, Matter, list[tuple[Beat, ...]]]:
    """What chance is left, what it is told from, and what happens on each page."""
    parts = library(spoken(brief["language"]))
    rng = rng_of(seed, "tale", brief["name"], brief["world"], brief["adventure"])
    matter = matter_of(brief, sheet, seed)
    world = parts.worlds[world_of(brief, parts, seed)]
    per_page = beats_a_page(length.about)
    gentle = (brief["ages"]["youngest"] + brief["ages"]["oldest"]) // 2 <= _YOUNG
    occasion = matter.occasion is not None
    beats = planned(rng, parts, matter.plot, world, brief["pages"] * per_page, occasion=occasion, gentle=gentle)
    return rng, matter, [tuple(beats[start : start + per_page]) for start in range(0, len(beats), per_page)]


def matter_of(brief: Brief, sheet: Sequence[Mapping[str, Any]], seed: int) -> Matter:
    """What a brief's tale is told from. Raises UnknownLanguage."""
    parts = library(spoken(brief["language"]))
    rng = rng_of(seed, "matter", brief["name"], brief["world"], brief["adventure"])
    keys = _Keys(
        plot=drawn(rng, brief["adventure"], lexicon_of(parts, "plots")),
        goal=rng.randrange(1_000),
        world=world_of(brief, parts, seed),
        ability=nearest(brief["ability"], lexicon_of(parts, "abilities")) or "gift",
        tone=drawn(rng, f"{brief['adventure']} {brief['type']}", tone_words(parts)),
        occasion=_occasion(brief, parts),
        riddle=rng.randrange(1_000),
        about=rng.randrange(1_000),
        otherwise=rng.choice("mf"),
    )
    own = _told(parts, brief, sheet, keys, seed)
    if parts.language == "en":
        return own
    return replace(own, english=_told(library("en"), brief, sheet, keys, seed, own.voices))


@dataclass(frozen=True)
class _Keys:
    """What was chosen for a tale, whatever language it is told in."""

    plot: str
    goal: int
    world: str
    ability: str
    tone: str
    occasion: str | None
    riddle: int
    about: int
    otherwise: str
    """The gender of somebody whose name and kind say nothing of it."""


def tone_words(parts: Library) -> dict[str, str]:
    """The lexicon of tones."""
    return {key: f"{tone.words} {library('en').frames.tones[key].words}" for key, tone in parts.frames.tones.items()}


def _occasion(brief: Brief, parts: Library) -> str | None:
    if not brief["occasion"]:
        return None
    return _THEMES.get(brief["theme"] or "") or nearest(brief["occasion"], lexicon_of(parts, "occasions")) or "other"


def _told(
    parts: Library,
    brief: Brief,
    sheet: Sequence[Mapping[str, Any]],
    keys: _Keys,
    seed: int,
    own: Voices | None = None,
) -> Matter:
    """The matter in a language; `own` are the values of the language that the tale is told in, where that is another
    one: genders and what it is about are the same."""
    plot, world, family = parts.plots[keys.plot], parts.worlds[keys.world], parts.abilities[keys.ability]
    pal, a_pal, pal_gender, temper = companion(brief, sheet, parts, seed)
    hero = str(sheet[0]["name"]) if sheet else brief["name"]
    riddle = parts.riddles[keys.riddle % len(parts.riddles)]
    values = {
        "hero": hero,
        "pal": pal,
        "a_pal": a_pal,
        "food": world.food,
        "occasion": brief["occasion"] or "",
        "sky": "yes" if world.sky else "no",
        "riddle": riddle["q"],
        "answer": riddle["a"],
        **_goal(plot, keys.goal, own),
    }
    if parts.language == "hi":
        of = hindi.gender(hero, brief["type"])
        values |= {
            "a_type": hindi.type_phrase(brief["type"], of),
            "world": hindi.world_phrase(brief["world"], world.name),
            "ability": hindi.ability_phrase(brief["ability"], family.name),
        }
    else:
        of = own.genders["h"] if own else english.gender(hero, brief["type"], otherwise=keys.otherwise)
        pal_gender = own.genders["c"] if own else pal_gender
        values |= english.pronouns("", of) | english.pronouns("c", pal_gender)
        values |= {
            "a_type": english.type_phrase(brief["type"]),
            "world": english.world_phrase(brief["world"]),
            "ability": family.name if hindi.is_hindi(brief["ability"]) else english.ability_phrase(brief["ability"]),
        }
    voices = Voices(values, {"h": of, "c": pal_gender})
    manners = parts.tempers[temper]
    gift = parts.abilities["gift"]
    return Matter(
        parts=parts,
        plot=plot,
        temper=manners,
        tone=parts.frames.tones[keys.tone],
        stirring=keys.tone in _STIRRING,
        occasion=parts.occasions[keys.occasion] if keys.occasion else None,
        way=family.way,
        deeds=family.deeds,
        spare_deeds=gift.deeds if keys.ability != "gift" else (),
        voices=voices.having({"about": told(manners.about[keys.about % len(manners.about)], 1, voices)}),
        hero=hero,
        pal=pal,
    )


def _goal(plot: Plot, choice: int, own: Voices | None) -> Mapping[str, str]:
    """What the plot is about: one by chance, or the same as in the tale's own language."""
    wanted = own.values.get("en") if own else None
    chosen = plot.goals[choice % len(plot.goals)]
    return next((goal for goal in plot.goals if wanted in (goal["goal"], goal.get("lost"))), chosen)


def _introduction(parts: Library, groups: Sequence[Sequence[Beat]]) -> str:
    """Who is who, for tales that are too short to tell it."""
    kinds = {beat.kind for group in groups for beat in group}
    told_of = [parts.frames.intro_hero] if "open" not in kinds else []
    return " ".join([*told_of, parts.frames.intro_pal] if "pal" not in kinds else told_of)


def _heading(whole: Tale, first: int, last: int) -> str:
    parts, voices = whole.matter.parts, whole.matter.voices
    kinds = [beat.kind for page in whole.pages[first:last] for beat in page.beats]
    named = next((beat.episode for page in whole.pages[first:last] for beat in page.beats if beat.kind == "meet"), None)
    if first == 0:
        where = "begin"
    elif "climax" in kinds:
        where = "last"
    elif last == len(whole.pages):
        where = "home"
    elif named is not None:
        return told(parts.episodes[named].title, 1, voices)
    else:
        where = "middle"
    templates = parts.frames.chapters[where]
    return told(templates[(first + len(whole.title)) % len(templates)], 1, voices)
