"""Whom a brief tells of, and how they look on every page: questions and answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.depicting import COLOUR, LONG
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import TextTask
from bookwright.contracts.stories import Brief, BriefKind
from bookwright.contracts.writing import Cast, Purpose
from bookwright.text.stories.asking import ask, told_brief
from bookwright.text.stories.schemas import Schema, line, lines, listed, long_line, record

_OUTPUT_TOKENS = 4_096


def cast_task(brief: Brief, language: str, seed: int, pictures: Sequence[AssetId] = ()) -> TextTask:
    """Who is in the story. Material: `brief` (`asking.told_brief`); `pictures` is the number of pictures of the hero to
    look at. Answer: a `Cast`, the hero first, under the brief's name and type."""
    companions = "one to three others" if brief.job_type is BriefKind.STORY_ADVENTURE else "one or two companions"
    looks = (
        "The attached picture shows the hero: describe in `looks` what it shows of build, face, hair or fur, clothes "
        "and colours, and nothing else; everybody else's `looks` is empty."
        if pictures
        else "`looks` is empty: nobody has seen them yet."
    )
    task = ask(
        Purpose.CAST,
        f"Find the characters of the book that this order asks for: its hero, and {companions} whom its world and its "
        f"adventure call for. The hero comes first, with exactly the name of the order. {looks} Write in English, "
        "names as they are in the book's language.",
        {"brief": told_brief(brief, language), "pictures": len(pictures)},
        record(characters=listed("The hero first", _member(), least=1, most=4)),
        seed=seed,
        output_tokens=_OUTPUT_TOKENS,
        temperature=0.7,
    )
    return task.model_copy(update={"pictures": tuple(pictures)})


def read_cast(data: Mapping[str, Any], brief: Brief) -> Cast:
    """The answer; the hero has the name that was ordered. Raises ValueError, which repeats nothing of it."""
    try:
        cast = Cast.model_validate(data)
    except ValidationError:
        raise ValueError("the characters lack a part, or one is empty") from None
    hero = cast.characters[0].model_copy(update={"name": brief.character_name})
    others = [one for one in cast.characters[1:] if one.name.casefold() != hero.name.casefold()]
    return Cast(characters=(hero, *others))


def sheet_task(brief: Brief, cast: Cast, language: str, seed: int) -> TextTask:
    """How they look and sound. Material: `brief` (`asking.told_brief`), `cast` (a list of `CastMember`s). Answer: a
    `CharacterSheet`, each of the cast once, in its order and under its name."""
    return ask(
        Purpose.SHEET,
        "Write the character sheet of this book: each of the cast, in the same order, under the same name. `looks` is "
        "what an illustrator needs to draw them alike on every page: build, face, hair or fur or skin, clothes, and "
        "one thing by which they are known; keep to the looks that are given. `voice` is how they sound, `habits` "
        "what they often do or say, `palette` two to four colours, the main one first. Write in English.",
        {"brief": told_brief(brief, language), "cast": [one.model_dump() for one in cast.characters]},
        record(characters=listed("The cast in its order", _character(), least=1, most=6)),
        seed=seed,
        output_tokens=_OUTPUT_TOKENS,
        temperature=0.7,
    )


def read_sheet(data: Mapping[str, Any], cast: Cast) -> CharacterSheet:
    """The answer; names and kinds are those of the cast. Raises ValueError, which repeats nothing of it."""
    try:
        sheet = CharacterSheet.model_validate(data)
    except ValidationError:
        raise ValueError("the character sheet lacks a part, or one is empty") from None
    known = {one.name.casefold(): one for one in sheet.characters}
    wanted = [known.get(member.name.casefold()) for member in cast.characters]
    if wanted[0] is None:
        wanted[0] = sheet.characters[0]
    return CharacterSheet(
        characters=tuple(
            one.model_copy(update={"name": member.name, "kind": member.kind})
            for member, one in zip(cast.characters, wanted, strict=True)
            if one is not None
        )
    )


def with_edits(sheet: CharacterSheet, edits: Mapping[str, Mapping[str, Any]]) -> CharacterSheet:
    """The sheet with what a reviewer has changed, by the character's name: `looks`, `voice`, `habits`, `palette`,
    `kind`. Raises ValueError naming what is wrong."""
    known = {one.name.casefold(): one for one in sheet.characters}
    for name in edits:
        if name.casefold() not in known:
            raise ValueError(f"sheet: there is nobody called {name[:80]} on it")
    wanted = {name.casefold(): dict(fields) for name, fields in edits.items()}
    characters = [
        Character.model_validate(one.model_dump() | wanted.get(one.name.casefold(), {})) for one in sheet.characters
    ]
    return sheet.model_copy(update={"characters": tuple(characters)})


def _member() -> Schema:
    return record(
        name=line("In the book's language"),
        kind=line("What they are, in one to three words, such as dragon, girl, old man"),
        role=line("In the story: hero, companion, rival, helper"),
        nature=long_line("How they are and what they can do"),
        looks=line("What the attached picture shows of them; else empty", LONG, may_be_empty=True),
    )


def _character() -> Schema:
    colour = {"type": "string", "pattern": COLOUR, "description": "Like #3a7d44, in lower case"}
    return record(
        name=line("As in the cast"),
        kind=line("As in the cast"),
        looks=long_line("Build, face, hair or fur or skin, clothes, one thing they are known by"),
        voice=line("How they sound, such as young, bright, quick"),
        habits=lines("What they often do or say", 4, least=1),
        palette=listed("Their colours, the main one first", colour, least=2, most=4),
    )
