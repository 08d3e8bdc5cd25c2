"""What is to happen in a story: the question and its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.media import TextTask
from bookwright.contracts.stories import Brief, Notes, StoryKind
from bookwright.contracts.writing import Outline, Purpose
from bookwright.text.stories.ages import band_of
from bookwright.text.stories.asking import ask, told_brief, told_sheet
from bookwright.text.stories.life import LIFE_STAGES
from bookwright.text.stories.parts import Part
from bookwright.text.stories.schemas import exactly, line, lines, long_line, record
from bookwright.text.stories.themes import theme_of

NOTES_READ = 200_000
"""Characters of notes that an outline is made from: as many as are taken in."""
_TOKENS, _TOKENS_A_CHAPTER = 1_024, 512


def brief_outline(brief: Brief, sheet: CharacterSheet, parts: Sequence[Part], language: str, seed: int) -> TextTask:
    """Material: `brief` (`asking.told_brief`), `sheet` (`asking.told_sheet`), `chapters` (each `{"number", "pages"}`).
    Answer: an `Outline` with as many chapters; `facts` is empty."""
    theme = theme_of(brief.occasion_theme)
    occasion = f" {theme.advice}" if theme else ""
    return ask(
        Purpose.OUTLINE,
        f"Plan the book that this order asks for, for readers of {brief.age_group}. {band_of(brief.ages).advice} The "
        "hero wants something, is kept from it, tries and fails in a way that costs something, finds the way with what "
        f"only they can do, and comes home changed.{occasion} One plan for each chapter, each chapter with an end that "
        f"makes one turn the page; what is set up early pays off late. Titles in the language {language}, plans in "
        "English; `facts` stays empty.",
        {"brief": told_brief(brief, language), "sheet": told_sheet(sheet), "chapters": _told(parts)},
        _schema(parts),
        seed=seed,
        output_tokens=_TOKENS + _TOKENS_A_CHAPTER * len(parts),
    )


def notes_outline(notes: Notes, text: str, parts: Sequence[Part], language: str, seed: int) -> TextTask:
    """Material: `kind` (`life` or `creative`), `notes` (the text, up to NOTES_READ characters), `tone`, `audience`,
    `language`, `chapters` (each `{"number", "pages", "stages"}`; the stages are keys of `LIFE_STAGES`, none in a
    creative story). Answer: an `Outline` with as many chapters; each one's `facts` are what of the notes it tells."""
    if notes.story_kind is StoryKind.LIFE:
        stages = "; ".join(f"{stage.key}: {stage.question}" for stage in LIFE_STAGES)
        kind = (
            "Plan a life story made of these notes, in the order of time. Each chapter tells the stages of life that "
            f"it is given ({stages}). Keep to the notes: make up no names, dates, places or events; what they say "
            "nothing of may be told by its time and place, and openly as what is not known."
        )
    else:
        kind = (
            "Plan a story made of these notes: find whom it is about, what they want and what is in the way, and build "
            "an arc out of that. The notes are the seed: all that is in them is in it, and you may invent around them."
        )
    material = {
        "kind": notes.story_kind.value,
        "notes": text[:NOTES_READ],
        "tone": notes.tone,
        "audience": notes.audience,
        "language": language,
        "chapters": _told(parts),
    }
    return ask(
        Purpose.OUTLINE,
        f"{kind} Share all that the notes say out over the chapters: `facts` lists, in the notes' own words and "
        "briefly, what each chapter tells, and every fact stands in one chapter. Plan as much for a chapter as its "
        f"pages hold (250 words each). Write titles, plans and facts in the language {language}.",
        material,
        _schema(parts),
        seed=seed,
        output_tokens=_TOKENS + 2 * _TOKENS_A_CHAPTER * len(parts),
    )


def read_outline(data: Mapping[str, Any], parts: Sequence[Part]) -> Outline:
    """The answer. Raises ValueError, which repeats nothing of it."""
    try:
        outline = Outline.model_validate(data)
    except ValidationError:
        raise ValueError("the outline lacks a part, or one is empty") from None
    if len(outline.chapters) != len(parts):
        raise ValueError(f"the outline has {len(outline.chapters)} chapters instead of {len(parts)}")
    return outline


def _told(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [
        {"number": part.number, "pages": part.pages} | ({"stages": list(part.stages)} if part.stages else {})
        for part in parts
    ]


def _schema(parts: Sequence[Part]) -> dict[str, Any]:
    chapter = record(
        title=line("The chapter's title", 120),
        plan=long_line("What happens, in two to five sentences"),
        facts=lines("What of the notes it tells", 20, limit=400),
    )
    return record(title=line("The book's title", 120), chapters=exactly(len(parts), "In their order", chapter))
