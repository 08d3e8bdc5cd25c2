"""Chunks: what one speech call gets."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwright.text.characters import cuttable, speakable
from bookwright.text.chunks import chunks
from bookwright.text.sentences import sentences

MIXED = st.text(st.sampled_from('abC1 ,;.!?…\n"”—-()।،。、山水กา ่क्षिਗ਼\u200d\u0301🇮🇳👩🏽한各'), max_size=300)


def texts(text: str, limit: int, language: str = "en") -> list[str]:
    return [chunk.text for chunk in chunks(text, language, limit)]


def test_as_many_sentences_as_fit() -> None:
    assert texts("One two. Three four. Five six.", 21) == ["One two. Three four.", "Five six."]
    assert texts("One two. Three four. Five six.", 100) == ["One two. Three four. Five six."]


def test_short_paragraphs_share_a_chunk_and_long_ones_begin_their_own() -> None:
    text = "A heading\n\nShort one.\n\nThis paragraph is longer. It has two sentences."
    result = chunks(text, "en", 50)
    assert [(chunk.text, chunk.ends_paragraph) for chunk in result] == [
        ("A heading\n\nShort one.\n\nThis paragraph is longer.", False),
        ("It has two sentences.", True),
    ]
    # Already half full: the paragraph that doesn't fit begins a chunk.
    assert texts(text, 40) == ["A heading\n\nShort one.", "This paragraph is longer.", "It has two sentences."]


def test_long_sentences_are_cut_at_clauses_then_spaces_then_graphemes() -> None:
    assert texts("He came, he saw the river, and he went home again", 30) == [
        "He came, he saw the river,",
        "and he went home again",
    ]
    assert texts("one two three four five six", 10) == ["one two", "three four", "five six"]
    assert texts("क्षि" * 4, 9, "hi") == ["क्षिक्षि", "क्षिक्षि"]
    assert texts("x🇮🇳🇧🇩y", 4) == ["x🇮🇳", "🇧🇩y"]
    assert texts("e\u0301" * 3, 3) == ["e\u0301"] * 3


def test_numbers_are_not_torn_at_their_commas() -> None:
    assert texts("It cost 1,234,567 and 10:30 it was", 20) == ["It cost 1,234,567", "and 10:30 it was"]


def test_chunks_with_nothing_to_speak_join_a_neighbour() -> None:
    assert texts("* * *\n\nHello there.", 40) == ["* * *\n\nHello there."]
    assert texts("Hello there.\n\n* * *", 12) == ["Hello there."]
    assert chunks("—", "en", 10) == [] and chunks("", "en", 10) == []


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        chunks("a", "en", 0)


@settings(max_examples=500)
@given(MIXED, st.integers(1, 80), st.sampled_from(["en", "hi", "zh", "th", "und"]))
def test_chunks_are_ordered_bounded_and_complete(text: str, limit: int, language: str) -> None:
    result = chunks(text, language, limit)
    assert result == chunks(text, language, limit)
    at = 0
    for chunk in result:
        assert at <= chunk.start < chunk.end <= chunk.start + limit
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip()
        assert speakable(chunk.text)
        assert not speakable(text[at : chunk.start])
        at = chunk.end
    assert not speakable(text[at:])


@settings(max_examples=300)
@given(MIXED, st.integers(30, 80))
def test_no_grapheme_is_torn(text: str, limit: int) -> None:
    for chunk in chunks(text, "hi", limit):
        longest = max_cluster(text)
        assert longest > limit or (cuttable(text, chunk.start) and cuttable(text, chunk.end))


def max_cluster(text: str) -> int:
    cuts = [place for place in range(len(text) + 1) if cuttable(text, place)]
    return max((right - left for left, right in pairwise(cuts)), default=0)


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(["Go on.", "Why, then?", "नदी बहती है।", "—", "山。"]), max_size=30), st.integers(20, 90)
)
def test_with_room_for_every_sentence_nothing_is_left_out_or_cut(parts: list[str], limit: int) -> None:
    text = "\n\n".join(parts)
    result = chunks(text, "en", limit)
    covered = {place for chunk in result for place in range(chunk.start, chunk.end)}
    left_out = {text[place] for place in range(len(text)) if place not in covered and not text[place].isspace()}
    assert left_out <= {"—"}
    starts = {span.start for span in sentences(text, "en")}
    assert {chunk.start for chunk in result} <= starts


@pytest.mark.timeout(300)
@pytest.mark.parametrize("unit", ["a", "Word after word. ", "山", "*, ", "!"])
def test_2_megabytes_take_seconds(unit: str) -> None:
    """Not the hours of an algorithm that is quadratic."""
    text = unit * (2_200_000 // len(unit))
    result = chunks(text, "en", 500)
    assert sum(len(chunk.text) for chunk in result) > (2_100_000 if speakable(unit) else -1)
