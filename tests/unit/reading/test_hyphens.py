"""Hyphens at the ends of lines: a typesetter's, or a compound's own."""

import pytest

from bookwright.press.reading.hyphens import Hyphens
from bookwright.press.reading.line import HYPHEN_MARK, Line


def seen(*texts: str) -> Hyphens:
    """After a document of these lines, many times over."""
    hyphens = Hyphens()
    hyphens.see([Line(text, 0.0, 1.0, 0.0, 10.0) for text in texts * 50])
    return hyphens


@pytest.mark.parametrize(
    ("text", "line", "joined"),
    [
        ("the old har-", "bour wall", "the old harbour wall"),
        (f"the old har{HYPHEN_MARK}", "bour wall", "the old harbour wall"),
        ("a well-", "known captain", "a well-known captain"),
        ("a two-", "hundred-year-old house", "a two-hundred-year-old house"),
        ("the Anglo-", "Saxon kings", "the Anglo-Saxon kings"),
        ("सुबह-", "सुबह आया", "सुबह-सुबह आया"),
        ("वह वाता-", "वरण से", "वह वातावरण से"),
        ("from 1914-", "1918", "from 1914- 1918"),
        ("he said -", "nothing", "he said - nothing"),
    ],
)
def test_where_words_are_broken(text: str, line: str, joined: str) -> None:
    hyphens = seen("the light on the land-", "ing was the well-known one")
    assert hyphens.rejoined(text, line) == joined


def test_where_no_word_is_broken_a_hyphen_is_a_compounds() -> None:
    hyphens = seen("the light on the landing", "was the oldest one")
    assert hyphens.rejoined("the sitting-", "room") == "the sitting-room"
    assert hyphens.rejoined("the har\u00ad", "bour") == "the harbour"
