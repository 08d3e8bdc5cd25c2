"""What a page's picture is asked for with."""

import pytest

from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.ids import AssetId, BookId
from bookwright.contracts.spreads import PictureIdea, SpreadAnalysis
from bookwright.contracts.stories import SearchScene, SearchScenes, Thing
from bookwright.text.pictures import STYLES, best_aspect, is_named, picture_task, seed_of
from bookwright.text.search import without

LUNA = Character(name="Luna Star", kind="dragon", looks="small, round, violet scales", palette=("#7b4fc9", "#f2c14e"))
TIN = Character(name="Tin", kind="robot", looks="grey box on wheels")
REFERENCE = AssetId("a" * 64)
SHEET = CharacterSheet(characters=(LUNA, TIN), reference=REFERENCE)


def idea(prompt: str, **more: object) -> PictureIdea:
    return PictureIdea.model_validate({"page": 3, "prompt": prompt, "alt": "What you see"} | more)


def analysis(*people: str) -> SpreadAnalysis:
    return SpreadAnalysis(
        pages=(3,),
        setting="forest",
        place="",
        time="dusk",
        weather="fog",
        mood="mysterious",
        intensity=0.3,
        sounds=(),
        people=people,
        sound_prompt="wind",
        pictures=(idea("x"),),
    )


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("Luna Star", "Luna flies over the wood.", True),
        ("Luna Star", "the tail of LUNA STAR's kite", True),
        ("Luna Star", "A lunatic star gazer", False),
        ("Tin", "tinder for the fire", False),
        ("Tin", "Martin waves", False),
        ("Tin", "“Tin!” she calls", True),
        ("लूना", "लूना जंगल में उड़ती है।", True),
        ("लूना", "सलूना खाती है", False),
        ("லூனா", "லூனாவின் வால்", True),
    ],
)
def test_who_is_named_in_a_text(name: str, text: str, named: bool) -> None:
    assert is_named(name, text) is named


def test_the_prompt_has_style_idea_and_the_looks_of_those_who_are_in_it() -> None:
    task = picture_task(analysis(), idea("Luna hides."), PictureStyle.REALISTIC, SHEET, (), "4:3", referred=True)
    assert STYLES[PictureStyle.REALISTIC] in task.prompt and "Luna hides." in task.prompt
    assert "violet scales" in task.prompt and "#7b4fc9" in task.prompt and "grey box" not in task.prompt
    assert task.references == (REFERENCE,) and "keep to it" in task.prompt
    assert task.depiction is not None and [one.name for one in task.depiction.cast] == ["Luna Star"]
    assert (task.depiction.setting, task.depiction.time, task.depiction.weather) == ("forest", "dusk", "fog")


def test_a_reference_is_spoken_of_only_to_engines_that_take_one() -> None:
    task = picture_task(analysis(), idea("Luna hides."), PictureStyle.ARTISTIC, SHEET, (), "1:1", referred=False)
    assert task.references == () and "attached" not in task.prompt


def test_who_is_on_no_sheet_is_told_of_in_words() -> None:
    task = picture_task(
        analysis("Luna, a violet dragon", "an old ferryman"),
        idea("They cross the lake."),
        PictureStyle.MINIMALIST,
        SHEET,
        (),
        "4:3",
        referred=False,
    )
    assert task.depiction is not None
    assert [one.name for one in task.depiction.cast] == ["Luna Star", "an old ferryman"]
    assert task.depiction.cast[0].palette == LUNA.palette


def test_the_writers_own_word_on_cast_and_action_comes_first() -> None:
    wanted = idea("A quiet lake.", cast=("Tin", "a heron"), action="Tin feeds a heron")
    task = picture_task(analysis("Luna"), wanted, PictureStyle.ARTISTIC, SHEET, (), "4:3", referred=False)
    assert task.depiction is not None and task.depiction.action == "Tin feeds a heron"
    assert [one.name for one in task.depiction.cast] == ["Tin", "a heron"]


def test_things_to_find_are_asked_for_by_name() -> None:
    things = (Thing(name="golden key", shown="सोने की चाबी"), Thing(name="kite", shown="पतंग"))
    task = picture_task(analysis(), idea("A fair."), PictureStyle.ARTISTIC, None, things, "4:3", referred=False)
    assert "golden key; kite" in task.prompt and "चाबी" not in task.prompt
    assert task.depiction is not None and task.depiction.things == ("golden key", "kite")


def test_seeds_are_those_of_book_page_and_take() -> None:
    book = BookId("b")
    assert seed_of(book, 1, 0) == seed_of(book, 1, 0) and 0 <= seed_of(book, 1, 0) < 2**31
    assert len({seed_of(book, 1, 0), seed_of(book, 2, 0), seed_of(book, 1, 1), seed_of(BookId("c"), 1, 0)}) == 4


def test_the_aspect_that_fits_best_of_those_there_are() -> None:
    assert [best_aspect(offered) for offered in (("1:1", "3:2"), ("16:9", "4:3"), ("9:16",))] == ["3:2", "4:3", "9:16"]


def test_a_dropped_thing_leaves_the_list_and_nothing_else() -> None:
    text = "A key lies there, says the owl.\n\nFind:\n\n- A key\n\n• two snails\n\na kite"
    assert without(text, ["a key", "A kite"]) == "A key lies there, says the owl.\n\nFind:\n\n• two snails"
    assert without(text, ["a boat"]) == text


def test_answer_pages_share_the_scenes_in_order() -> None:
    thing = (Thing(name="key", shown="key"),)
    scenes = SearchScenes(
        scenes=tuple(SearchScene(page=page, things=thing) for page in range(1, 8)), answers=(8, 9, 10)
    )
    assert [[scene.page for scene in scenes.on(answer)] for answer in scenes.answers] == [[1, 2], [3, 4], [5, 6, 7]]
    assert scenes.of(3) == thing and scenes.of(9) == ()
