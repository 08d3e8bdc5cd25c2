"""The chapters of a story: the question about each, and its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bookwright.contracts.base import Payload
from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.media import TextTask
from bookwright.contracts.stories import WORDS_PER_PAGE, Brief, Notes, StoryKind
from bookwright.contracts.writing import SUMMARY, DraftChapter, Outline, Purpose
from bookwright.text.measure import count_words
from bookwright.text.stories.ages import band_of, misfits
from bookwright.text.stories.asking import ask, told_brief, told_sheet
from bookwright.text.stories.life import LIFE_STAGES
from bookwright.text.stories.parts import Part
from bookwright.text.stories.schemas import Schema, line, listed, record, scene
from bookwright.text.stories.themes import theme_of

TOLERANCE = 0.15
"""By which share a page of a story from notes may have more or fewer words than WORDS_PER_PAGE."""
NOTES_WITH_CHAPTERS = 12_000
"""Characters of notes that are handed to the writer of each chapter besides the outline's facts."""
_PLAIN_TOKENS, _MANY_TOKENS = 2, 5
"""Tokens in a word at most, in the Latin script and in others."""
_SCENE_TOKENS = 320
FAR_TOO_FEW = 4
"""An answer with less than this part of the words that were asked for is none."""
_MANY = frozenset(
    "hi mr ne sa bn as gu pa or ta te kn ml si ur ar fa he el ru uk bg th lo km my ka am zh ja ko".split()
)


class Words(Payload):
    """How many stand on a page."""

    least: int
    about: int
    most: int


class Before(Payload):
    """What a chapter follows on."""

    summary: str = ""
    """What the reader knows of all chapters before it."""
    last_page: str = ""
    """The text of the page right before it."""


def words_of(source: Brief | Notes) -> Words:
    """By the readers' age; of a story from notes, 250 ± 15%."""
    if isinstance(source, Notes):
        least, most = round(WORDS_PER_PAGE * (1 - TOLERANCE)), round(WORDS_PER_PAGE * (1 + TOLERANCE))
        return Words(least=least, about=WORDS_PER_PAGE, most=most)
    band = band_of(source.ages)
    return Words(least=band.least, about=band.words, most=band.most)


def brief_chapter(
    brief: Brief,
    sheet: CharacterSheet,
    outline: Outline,
    part: Part,
    before: Before,
    language: str,
    seed: int,
    *,
    scenes: bool,
    corrections: Sequence[str] = (),
) -> TextTask:
    """Material: `brief` (`asking.told_brief`), `sheet` (`asking.told_sheet`), `outline` (an `Outline`), `chapter` (its
    number), `pages` (how many), `words` (of a page: `{"least", "about", "most"}`), `before` (`{"summary",
    "last_page"}`, empty in the first chapter), `scenes` (whether each page's `scene` is wanted), `corrections`. Answer:
    a `DraftChapter` with as many pages."""
    band, theme = band_of(brief.ages), theme_of(brief.occasion_theme)
    occasion = f" {theme.advice}" if theme else ""
    words = words_of(brief)
    last = " It is the last one: end the story." if part.number == len(outline.chapters) else ""
    return ask(
        Purpose.CHAPTER,
        f"Write chapter {part.number} of the outline as exactly {part.pages} pages, in the language {language}, for "
        f"readers of {brief.age_group}. {band.advice} A page has about {words.about} words ({words.least} to "
        f"{words.most}); sentences have {band.sentence:.0f} words on average or fewer. Something happens on every "
        f"page, somewhere that can be seen; people speak.{occasion}{last} {_SCENE if scenes else ''}{_SUMMARY}",
        {
            "brief": told_brief(brief, language),
            "sheet": told_sheet(sheet),
            "outline": outline.model_dump(),
            "chapter": part.number,
            "pages": part.pages,
            "words": words.model_dump(),
            "before": before.model_dump(),
            "scenes": scenes,
        },
        _schema(part.pages, scenes),
        seed=seed,
        output_tokens=tokens_of(part.pages, words, language, scenes),
        corrections=corrections,
    )


def notes_chapter(
    notes: Notes,
    text: str,
    outline: Outline,
    part: Part,
    before: Before,
    language: str,
    seed: int,
    *,
    scenes: bool,
    corrections: Sequence[str] = (),
) -> TextTask:
    """Material: `kind` (`life` or `creative`), `notes` (up to NOTES_WITH_CHAPTERS characters), `tone`, `audience`,
    `language`, `outline` (an `Outline`), `chapter`, `stages` (keys of `LIFE_STAGES`), `pages`, `words`, `before`,
    `scenes` and `corrections` as in `brief_chapter`. Answer: a `DraftChapter` with as many pages."""
    words = words_of(notes)
    if notes.story_kind is StoryKind.LIFE:
        asked = " ".join(stage.question for stage in LIFE_STAGES if stage.key in part.stages)
        kind = f"It is a life story: keep to what the notes say, and make up no facts. This chapter's question: {asked}"
    else:
        kind = "It is made up from the notes: you may invent what they don't say, and contradict nothing that they do."
    last = " It is the last chapter: end the story." if part.number == len(outline.chapters) else ""
    return ask(
        Purpose.CHAPTER,
        f"Write chapter {part.number} of the outline as exactly {part.pages} pages, in the language {language}, in a "
        f"tone that is {notes.tone}, for this audience: {notes.audience}. Every page has about {words.about} words "
        f"({words.least} to {words.most}), and none repeats another. {kind} Tell the facts of this chapter and leave "
        f"those of the others to them.{last} {_SCENE if scenes else ''}{_SUMMARY}",
        {
            "kind": notes.story_kind.value,
            "notes": text[:NOTES_WITH_CHAPTERS],
            "tone": notes.tone,
            "audience": notes.audience,
            "language": language,
            "outline": outline.model_dump(),
            "chapter": part.number,
            "stages": list(part.stages),
            "pages": part.pages,
            "words": words.model_dump(),
            "before": before.model_dump(),
            "scenes": scenes,
        },
        _schema(part.pages, scenes),
        seed=seed,
        output_tokens=tokens_of(part.pages, words, language, scenes),
        corrections=corrections,
    )


def wrong_with(texts: Sequence[str], source: Brief | Notes, language: str) -> list[str]:
    """What of these pages is not as it was asked for, in words for their writer; empty when all is."""
    if isinstance(source, Brief):
        return misfits(texts, language, band_of(source.ages))
    words = words_of(source)
    return [
        f"page {number} has {count} words; write {words.least} to {words.most}"
        for number, count in enumerate(map(count_words, texts), start=1)
        if not words.least <= count <= words.most
    ]


def read_chapter(data: Mapping[str, Any], pages: int, words: Words) -> DraftChapter:
    """The answer, however many pages it has. Raises ValueError, which repeats nothing of it, also for one that has far
    too few words for so many pages."""
    try:
        chapter = DraftChapter.model_validate(data)
    except ValidationError:
        raise ValueError("the chapter lacks a part, or one is empty") from None
    if not all(page.text.strip() for page in chapter.pages):
        raise ValueError("a page of the chapter is blank")
    written = sum(count_words(page.text) for page in chapter.pages)
    if written < pages * max(1, words.least // FAR_TOO_FEW):
        raise ValueError(f"the chapter has {written} words, which is far too few for {pages} pages")
    return chapter


_SCENE = (
    "With each page goes its `scene`: what its picture shows and what is heard in it, one moment of that page, with "
    "the light, the weather and everybody who is in it by the names of the sheet. "
)
_SUMMARY = (
    "`summary` tells whoever writes the next chapter what the reader knows by then, of the chapters before this one "
    "too, in up to 200 words of English: where everybody is, what they carry, what is open."
)


def _schema(pages: int, scenes: bool) -> Schema:
    text: Schema = {"type": "string", "minLength": 1, "description": "The page's text"}
    page = record(text=text, scene=scene()) if scenes else record(text=text)
    return record(
        pages=listed(f"Exactly {pages}", page, least=1, most=2 * pages),
        summary=line("What the reader knows by now", SUMMARY),
    )


def tokens_of(pages: int, words: Words, language: str, scenes: bool) -> int:
    """The most that an answer with so many pages may take."""
    a_word = _MANY_TOKENS if language.split("-")[0].lower() in _MANY else _PLAIN_TOKENS
    return 1_024 + pages * (words.most * a_word + (_SCENE_TOKENS if scenes else 0))
