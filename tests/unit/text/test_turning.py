"""How likely a scene begins with a spread, by what its text says."""

import pytest

from bookwright.text.telling import LANGUAGES
from bookwright.text.telling.turning import WEIGHTS, clues, turn

KITCHEN = ["Ada stirred the soup in the kitchen. The stove crackled.", "She tasted it and put in more salt."]


def likely(pages: list[str], before: list[str], language: str = "en") -> float:
    said = turn(pages, before, language)
    assert said is not None
    return said


@pytest.mark.parametrize(
    "page",
    [
        "The next morning they reached the harbour. Gulls screamed, and waves broke on the quay.",
        "When she came out into the garden it was raining. The roses hung their heads.",
        "That night in the attic she could hear the owls.",
        "On Saturday the bus set them down in the village square.",
    ],
)
def test_a_spread_that_opens_at_another_place_or_time_begins_a_scene(page: str) -> None:
    assert likely([page, "It was beautiful."], KITCHEN) > 0.7


@pytest.mark.parametrize(
    "page",
    [
        '"My uncle lives by the sea," said Tom. "Last year we sailed to an island, in a storm."',
        "He put down his spoon, like a captain who sees land.",
        "She was as quiet as a forest in the snow. The lid rattled on the pot.",
        '"Next morning we reached the harbour," she read aloud, and turned the page.',
    ],
)
def test_a_spread_in_which_places_are_only_talked_of_goes_on_with_a_scene(page: str) -> None:
    assert likely([page, "The stove crackled."], KITCHEN) < 0.4


@pytest.mark.parametrize(
    ("language", "before", "moves", "goes_on"),
    [
        (
            "hi",
            "माँ रसोई में चूल्हे के पास रोटी बना रही थीं।",
            "शाम को वे नदी के घाट पर पहुँचे। नावें लौट रही थीं।",
            '"रोटी गोल क्यों होती है?" मीना ने पूछा। माँ हँसीं।',
        ),
        (
            "ta",
            "அம்மா சமையலறையில் அடுப்பின் அருகே நின்றாள்.",
            "மறுநாள் காலையில் அவர்கள் கடற்கரைக்கு வந்தார்கள். அலைகள் அடித்தன.",
            '"இன்னும் கொஞ்சம் சோறு," என்றான் முத்து. அம்மா சிரித்தாள்.',
        ),
        (
            "bn",
            "মা রান্নাঘরে উনুনের পাশে বসে ছিলেন।",
            "পরদিন সকালে তারা নদীর ঘাটে পৌঁছল। নৌকো বাঁধা ছিল।",
            '"আর একটু ভাত দাও," বলল মিঠু। মা হাসলেন।',
        ),
    ],
)
def test_scenes_begin_in_indian_languages_too(language: str, before: str, moves: str, goes_on: str) -> None:
    assert likely([moves], [before], language) > 0.7
    assert likely([goes_on], [before], language) < 0.3


def test_nothing_is_said_in_languages_without_words() -> None:
    assert turn(["Le lendemain, ils arrivèrent au port."], ["Elle cuisinait."], "fr") is None
    assert turn(["Next morning they reached the harbour."], KITCHEN, "en-GB") is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_what_is_weighed(language: str) -> None:
    assert set(clues(["x"], [], language)) == set(WEIGHTS)
    assert 0.0 <= (turn(["", ""], [], language) or 0.0) <= 1.0
