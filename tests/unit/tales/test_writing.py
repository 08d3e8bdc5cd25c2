"""What the local model answers to writers' questions, read as whoever asks reads it."""

from contextlib import nullcontext
from typing import Any

import pytest

from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.errors import UnknownLanguage
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import TextTask
from bookwright.contracts.stories import Brief, BriefKind, Notes, StoryKind
from bookwright.contracts.writing import DraftChapter, DraftPage, Outline
from bookwright.providers.local.composing import LocalModel
from bookwright.providers.local.purposes import composers
from bookwright.providers.local.tales.grammar import claims
from bookwright.text.measure import count_words
from bookwright.text.stories import chapters, characters, grammar, outlines, rewriting, searching
from bookwright.text.stories.parts import parts_of

NOTES = """Grandfather Karl
- retired 1994, still bakes on Sundays
- born 1931 in a small village by the river, third of five children
- in 1949 he left on a bicycle with 12 marks in his pocket
- married Anna in 1956; two daughters, Ruth and Elisabeth
- the flood of 1965 took the cellar and all the photographs
"""


async def answer(task: TextTask) -> dict[str, Any]:
    model = LocalModel(composers())
    written = await model.write(model.call(task), nullcontext())
    assert written.data is not None and written.cost_micros == 0
    return written.data


def brief(kind: BriefKind = BriefKind.STORY_ADVENTURE, **given: Any) -> Brief:
    usual = {
        "character_name": "Luna",
        "character_type": "brave dragon",
        "special_ability": "fire-breathing",
        "age_group": "7-10",
        "story_world": "enchanted forest",
        "adventure_type": "treasure hunt",
    }
    return Brief(job_type=kind, **usual | given)


async def sheet_of(ordered: Brief, language: str, seed: int = 7) -> CharacterSheet:
    cast = characters.read_cast(await answer(characters.cast_task(ordered, language, seed)), ordered)
    return characters.read_sheet(await answer(characters.sheet_task(ordered, cast, language, seed)), cast)


async def story(ordered: Brief, language: str, seed: int = 7) -> tuple[Outline, list[DraftChapter]]:
    sheet, parts = await sheet_of(ordered, language, seed), parts_of(ordered)
    planned = outlines.brief_outline(ordered, sheet, parts, language, seed)
    outline = outlines.read_outline(await answer(planned), parts)
    written, before, words = [], chapters.Before(), chapters.words_of(ordered)
    for part in parts:
        task = chapters.brief_chapter(ordered, sheet, outline, part, before, language, seed, scenes=True)
        written.append(chapters.read_chapter(await answer(task), part.pages, words))
        before = chapters.Before(summary=written[-1].summary, last_page=written[-1].pages[-1].text)
    return outline, written


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_a_brief_becomes_chapters_of_one_story_by_its_outline(language: str) -> None:
    outline, written = await story(brief(), language)
    assert [len(chapter.pages) for chapter in written] == [8, 8, 8]
    assert len({chapter.title for chapter in outline.chapters}) == 3 and "Luna" in outline.title + str(written)
    texts = [page.text for chapter in written for page in chapter.pages]
    assert len(set(texts)) == 24
    again = await story(brief(), language)
    assert [page.text for chapter in again[1] for page in chapter.pages] == texts, "whenever it is asked for"
    other = await story(brief(), language, seed=8)
    assert [page.text for chapter in other[1] for page in chapter.pages] != texts


async def test_the_sheet_says_how_everybody_looks_and_sounds_and_the_story_is_told_with_it() -> None:
    sheet = await sheet_of(brief(character_type="small blue dragon"), "en")
    hero, friend = sheet.characters
    assert (hero.name, hero.kind) == ("Luna", "small blue dragon") and hero.palette[0] == "#2f6fb7"
    assert hero.looks and hero.voice and hero.habits and friend.looks and friend.voice and len(friend.palette) >= 2
    edited = sheet.model_copy(update={"characters": (hero, friend.model_copy(update={"name": "Quincy"}))})
    parts = parts_of(brief())
    outline = outlines.read_outline(await answer(outlines.brief_outline(brief(), edited, parts, "en", 7)), parts)
    task = chapters.brief_chapter(brief(), edited, outline, parts[0], chapters.Before(), "en", 7, scenes=False)
    told = str(await answer(task))
    assert "Quincy" in told and friend.name not in told


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_no_two_scenes_of_a_search_book_hide_the_same_thing(language: str) -> None:
    ordered = brief(BriefKind.INTERACTIVE_SEARCH, pages=40, age_group="3-6")
    sheet, pages = await sheet_of(ordered, language), list[DraftPage]()
    for count in searching.runs_of(ordered.pages):
        task = searching.scenes_task(ordered, sheet, len(pages) + 1, count, pages, language, 7)
        pages += searching.read_scenes(await answer(task), count).pages
    least, most = searching.things_of(ordered)
    hidden = [thing for page in pages for thing in page.things]
    assert all(least <= len(page.things) <= most for page in pages)
    assert len({thing.name for thing in hidden}) == len({thing.shown for thing in hidden}) == len(hidden)
    assert len({(page.text, page.scene.setting if page.scene else "") for page in pages}) == len(pages)
    assert not any(thing.shown in page.text for page in pages for thing in page.things)
    for page in pages:
        nouns = [thing.name.split(" ", 1)[1] for thing in page.things]
        assert len(set(nouns)) == len(nouns), "else one would not know which"


@pytest.mark.parametrize(("kind", "pages"), [(StoryKind.LIFE, 8), (StoryKind.CREATIVE, 4), (StoryKind.LIFE, 1)])
async def test_notes_keep_every_fact_in_the_order_of_time(kind: StoryKind, pages: int) -> None:
    notes = Notes(story_kind=kind, content=AssetId("0" * 64), pages=pages)
    parts, words = parts_of(notes), chapters.words_of(notes)
    outline = outlines.read_outline(await answer(outlines.notes_outline(notes, NOTES, parts, "en", 7)), parts)
    told = list[DraftPage]()
    for part in parts:
        task = chapters.notes_chapter(notes, NOTES, outline, part, chapters.Before(), "en", 7, scenes=True)
        told += chapters.read_chapter(await answer(task), part.pages, words).pages
    assert len(told) == pages
    assert all(abs(count_words(page.text) - words.about) < 40 for page in told)
    text = "\n\n".join(page.text for page in told)
    assert outline.title == "Grandfather Karl"
    places = [text.index(year) for year in ("1931", "1949", "1956", "1965", "1994")]
    if kind is StoryKind.LIFE:
        assert places == sorted(places)
    for line in NOTES.splitlines()[1:]:
        for fact in line.removeprefix("- ").split("; "):
            assert fact[1:] in text, "in the notes' own words"
    assert all(page.scene is not None for page in told)


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_a_page_told_anew_has_the_same_happen_in_other_words(language: str) -> None:
    ordered, part = brief(), parts_of(brief())[1]
    sheet = await sheet_of(ordered, language)
    outline, written = await story(ordered, language)
    texts = [page.text for page in written[1].pages]
    told = []
    for version in (1, 2):
        task = rewriting.page_task(ordered, sheet, outline, part, 3, version, texts, language, 7)
        told.append(rewriting.read_page(await answer(task), ordered, texts[2]))
        said = {claim for text in texts for claim in claims(text, language)}
        assert len(claims(told[-1], language) - said) >= len(claims(told[-1], language) & said), told[-1]
        assert not chapters.wrong_with([told[-1]], ordered, language)
    assert told[0] != told[1], "each time in another way"


async def test_a_page_from_notes_told_anew_keeps_its_facts() -> None:
    notes = Notes(story_kind=StoryKind.CREATIVE, content=AssetId("0" * 64), pages=4)
    (part,) = parts_of(notes)
    outline = outlines.read_outline(await answer(outlines.notes_outline(notes, NOTES, [part], "en", 7)), [part])
    task = chapters.notes_chapter(notes, NOTES, outline, part, chapters.Before(), "en", 7, scenes=False)
    texts = [page.text for page in chapters.read_chapter(await answer(task), 4, chapters.words_of(notes)).pages]
    (place,) = [place for place, text in enumerate(texts) if "born 1931" in text.lower()]
    asked = rewriting.page_task(notes, None, outline, part, place + 1, 1, texts, "en", 7)
    told = rewriting.read_page(await answer(asked), notes, texts[place])
    assert "born 1931 in a small village by the river, third of five children" in told.lower()
    assert not chapters.wrong_with([told], notes, "en")
    kept = claims(told, "en") & {claim for text in texts for claim in claims(text, "en")}
    assert len(kept) <= 2, "the facts themselves"


async def test_the_grammar_pass_puts_right_what_is_certain_and_nothing_else() -> None:
    pages = ["the the dog  barked .then i slept,and woke", "It was “so so” , e.g. in Rome. 3,141 steps…"]
    told = await answer(grammar.grammar_task(pages, "en", 7))
    assert told["pages"] == [
        "The dog barked. Then I slept, and woke",
        "It was “so so”, e.g. in Rome. 3,141 steps…",
    ]


async def test_other_languages_are_refused_before_anything_is_written() -> None:
    ordered = brief()
    with pytest.raises(UnknownLanguage, match="English and Hindi"):
        await answer(characters.cast_task(ordered, "ta", 7))
