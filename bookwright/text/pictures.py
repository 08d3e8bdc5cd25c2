"""What a page's picture is asked for with: its idea, the book's style, and the looks of whoever is in it. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.depicting import LONG, SHORT, Depiction, Figure, PictureStyle
from bookwright.contracts.ids import BookId
from bookwright.contracts.media import PictureTask
from bookwright.contracts.spreads import PictureIdea, SpreadAnalysis
from bookwright.contracts.stories import Thing

ASPECTS = ("4:3", "3:2", "1:1")
"""What fits a page best, best first."""
STYLES = {
    PictureStyle.REALISTIC: "A realistic illustration with natural light, depth and fine texture.",
    PictureStyle.ARTISTIC: "A hand-painted illustration in watercolour on paper, soft edges, warm light.",
    PictureStyle.MINIMALIST: "A minimalist illustration: flat colours, few simple shapes, much empty space.",
}
_NO_LETTERING = "No lettering, signs, captions or watermarks."
_LEAST_NAME = 3
"""Letters of a name's first word by which somebody is known, too."""
_SEEDS = 2**31


def seed_of(book: BookId, page: int, take: int) -> int:
    """A picture's seed, 0 to 2³¹ − 1: the same for the same page, so that it is the same call whenever it is made, and
    another one for another take, which would else be the same picture again."""
    return int.from_bytes(hashlib.sha256(f"{book}/{page}/{take}".encode()).digest()[:4]) % _SEEDS


def best_aspect(offered: Sequence[str]) -> str:
    """The one of those offered that fits a page best."""
    return next((aspect for aspect in ASPECTS if aspect in offered), offered[0])


def cast_of(sheet: CharacterSheet | None, analysis: SpreadAnalysis, idea: PictureIdea) -> tuple[Character, ...]:
    """Those of the sheet who are in a page's picture: whose names its idea has. When it names nobody, those whom its
    spread names."""
    if sheet is None:
        return ()
    told = (" ".join([idea.prompt, idea.alt, idea.action, *idea.cast]), " ".join(analysis.people))
    found = (tuple(one for one in sheet.characters if is_named(one.name, text)) for text in told)
    return next((cast for cast in found if cast), ())


def is_named(name: str, text: str) -> bool:
    """Whether a text names somebody: by the whole name or by its first word, as a word of its own. What follows a name
    in scripts that add endings to it does not matter."""
    words = name.split()
    if not words:
        return False
    names = [" ".join(words), *([words[0]] if len(words[0]) >= _LEAST_NAME else [])]
    return any(_has_word(one.casefold(), " ".join(text.split()).casefold()) for one in names)


def picture_task(
    analysis: SpreadAnalysis,
    idea: PictureIdea,
    style: PictureStyle,
    sheet: CharacterSheet | None,
    things: Sequence[Thing],
    aspect: str,
    *,
    referred: bool,
) -> PictureTask:
    """A page's picture, without its seed. `referred` says that the engine is shown the sheet's reference picture."""
    cast = cast_of(sheet, analysis, idea)
    reference = sheet.reference if sheet and referred else None
    parts = [STYLES[style], idea.prompt]
    if cast:
        parts.append("Who is seen, and always looks like this:\n" + "\n".join(map(_looks, cast)))
    if sheet and reference:
        parts.append(_reference(sheet, cast))
    if things:
        named = "; ".join(thing.name for thing in things)
        parts.append(
            "A busy scene for a search-and-find book. These things are in it, each exactly once, whole, in plain sight "
            f"and not easily noticed: {named}."
        )
    parts.append(_NO_LETTERING)
    return PictureTask(
        prompt="\n\n".join(parts),
        aspect=aspect,
        references=(reference,) if reference else (),
        depiction=_depiction(analysis, idea, style, cast, things),
    )


def _looks(one: Character) -> str:
    colours = f" Colours: {', '.join(one.palette)}." if one.palette else ""
    return f"- {one.name} ({one.kind}): {one.looks}{colours}"


def _reference(sheet: CharacterSheet, cast: Sequence[Character]) -> str:
    hero = sheet.hero
    if hero in cast:
        return f"The attached picture shows {hero.name}: keep to it in face, build and clothes, not in pose or place."
    return f"The attached picture shows {hero.name}, who is not in this one: take nothing but the manner from it."


def _depiction(
    analysis: SpreadAnalysis,
    idea: PictureIdea,
    style: PictureStyle,
    cast: Sequence[Character],
    things: Sequence[Thing],
) -> Depiction:
    """The same as data. Who is on no sheet is told of in words: of the idea or, if it has none, of the spread."""
    others = [
        Figure(name=person[:SHORT], kind=person[:SHORT])
        for person in idea.cast or analysis.people
        if person.strip() and not any(is_named(one.name, person) for one in cast)
    ]
    return Depiction(
        setting=analysis.setting,
        time=analysis.time,
        weather=analysis.weather,
        mood=analysis.mood,
        action=(idea.action or idea.prompt)[:LONG],
        cast=tuple([*(one.figure for one in cast), *others][:12]),
        style=style,
        things=tuple(thing.name for thing in things),
    )


def _has_word(name: str, text: str) -> bool:
    for found in re.finditer(re.escape(name), text):
        if not _is_letter(text[found.start() - 1 : found.start()]) and not (
            name.isascii() and _is_letter(text[found.end() : found.end() + 1])
        ):
            return True
    return False


def _is_letter(char: str) -> bool:
    """Also of marks, which are parts of letters in many scripts."""
    return char != "" and unicodedata.category(char)[0] in "LMN"
