"""What is asked about a spread, and what is made of the answer."""

from typing import Any

import pytest

from bookwright.contracts.book import PageText, PageTrouble
from bookwright.contracts.depicting import LONG
from bookwright.contracts.spreads import spread_of
from bookwright.text.spreads import READ_CHARS, is_told, read_analysis, sounding, spread_task

GOOD: dict[str, Any] = {
    "setting": "harbour",
    "place": "",
    "time": "dusk",
    "weather": "unknown",
    "mood": "calm",
    "intensity": 0.3,
    "sounds": ["gulls"],
    "people": [],
    "sound_prompt": "gulls over\nquiet water",
    "first_page": {"picture_prompt": "A pier at dusk", "alt_text": "A pier."},
    "second_page": {"picture_prompt": "A boat", "alt_text": "A boat."},
}


def page(text: str, number: int = 1) -> PageText:
    return PageText(number=number, chapter=1, text=text)


def test_pages_lie_open_in_pairs() -> None:
    assert [spread_of(number) for number in (1, 2, 3, 4)] == [(1, 2), (1, 2), (3, 4), (3, 4)]


def test_a_spread_that_has_moved_is_asked_about_in_the_same_words() -> None:
    assert spread_task([page("One.", 1)], "en") == spread_task([page("One.", 7)], "en")
    assert spread_task([page("One.")], "en") != spread_task([page("One.")], "hi")


def test_a_page_of_any_length_is_a_question_of_bounded_length() -> None:
    task = spread_task([page("word " * 500_000)], "en")
    assert READ_CHARS < len(task.prompt) < READ_CHARS + 1_000


def test_a_page_without_words_or_with_garbled_ones_tells_nothing() -> None:
    assert is_told(page("नदी"))
    assert not is_told(page(" * * * \n"))
    assert not is_told(PageText(number=1, chapter=1, text="#$ab", trouble=PageTrouble.GARBLED))


def test_an_answer_becomes_one_picture_for_each_page() -> None:
    found = read_analysis(GOOD, [4, 5])
    assert [(idea.page, idea.alt) for idea in found.pictures] == [(4, "A pier."), (5, "A boat.")]
    assert found.sound_prompt == "gulls over quiet water" and found.place == ""
    long = read_analysis(GOOD | {"sound_prompt": "x" * 5_000, "intensity": 7}, [4, 5])
    assert (len(long.sound_prompt), long.intensity) == (LONG, 1.0)


def test_an_answer_may_say_how_likely_a_scene_begins() -> None:
    assert read_analysis(GOOD, [4, 5]).turn is None
    assert read_analysis(GOOD | {"turn": 0.7}, [4, 5]).turn == 0.7
    assert read_analysis(GOOD | {"turn": 7}, [4, 5]).turn == 1.0


@pytest.mark.parametrize("spoilt", [{"setting": "  "}, {"sounds": None}, {"first_page": {}}, {"intensity": "very"}])
def test_an_answer_that_lacks_something_is_refused_and_not_repeated(spoilt: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="lacks a part") as refusal:
        read_analysis(GOOD | spoilt, [1, 2])
    assert "harbour" not in str(refusal.value)


def test_the_commonest_setting_sounds_for_all() -> None:
    forest = GOOD | {"setting": "Forest", "sound_prompt": "wind in leaves"}
    spreads = [read_analysis(data, [1, 2]) for data in (GOOD, forest, forest | {"sound_prompt": "an owl"})]
    assert sounding(spreads).sound_prompt == "wind in leaves"
