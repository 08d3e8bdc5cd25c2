"""Timings as engines give them, tidy or not."""

import pytest

from bookwright.contracts.editions import PageAudio, PageMatter, SpokenSentence, SpokenWord
from bookwright.contracts.ids import AssetId
from bookwright.press.epub.timeline import timeline

TEXT = "One two three. Four five."


def page(*sentences: SpokenSentence, text: str = TEXT, begin_ms: int = 1_000, end_ms: int = 6_000) -> PageMatter:
    audio = PageAudio(asset=AssetId("a" * 64), begin_ms=begin_ms, end_ms=end_ms)
    return PageMatter(number=7, text=text, sentences=sentences, audio=audio)


def sentence(start: int, end: int, begin_ms: int, end_ms: int, *words: tuple[int, int, int]) -> SpokenSentence:
    spoken = tuple(SpokenWord(start=first, end=last, begin_ms=at, end_ms=at) for first, last, at in words)
    return SpokenSentence(start=start, end=end, begin_ms=begin_ms, end_ms=end_ms, words=spoken)


def test_pauses_belong_to_what_was_said_before_them() -> None:
    first, second = timeline(
        page(sentence(0, 14, 200, 2_000, (0, 3, 250), (4, 7, 900)), sentence(15, 25, 2_500, 4_000))
    )
    assert (first.begin_ms, first.end_ms, second.begin_ms, second.end_ms) == (1_000, 3_500, 3_500, 6_000)
    assert [(word.begin_ms, word.end_ms) for word in first.words] == [(1_000, 1_900), (1_900, 3_500)]
    assert second.words == ()


@pytest.mark.parametrize("times", [(0, 0), (4_000, 1_000), (9_000, 9_500), (0, 5_000)])
def test_sentences_that_begin_at_odd_times_still_follow_each_other(times: tuple[int, int]) -> None:
    first, second = timeline(page(sentence(0, 14, times[0], 9_000), sentence(15, 25, times[1], 9_900)))
    assert 1_000 == first.begin_ms < first.end_ms == second.begin_ms < second.end_ms == 6_000


def test_audio_too_short_for_its_sentences_gives_clips_that_are_not_empty() -> None:
    spoken = timeline(page(sentence(0, 14, 0, 1), sentence(15, 25, 1, 1), end_ms=1_001))
    assert [clip.end_ms - clip.begin_ms for clip in spoken] == [1, 1]


def test_words_that_overlap_or_are_never_heard_are_not_marked() -> None:
    words = ((0, 3, 0), (2, 7, 500), (4, 7, 700), (8, 13, 700), (20, 24, 900))
    (spoken,) = timeline(page(sentence(0, 14, 0, 2_000, *words)))
    assert [TEXT[word.start : word.end] for word in spoken.words] == ["One", "two"]
    assert (spoken.words[0].begin_ms, spoken.words[-1].end_ms) == (1_000, 6_000)


def test_a_letter_is_never_torn_apart() -> None:
    text = "नदी बहती है।"
    (spoken,) = timeline(page(sentence(0, 12, 0, 2_000, (0, 2, 0), (4, 8, 400)), text=text))
    assert [text[word.start : word.end] for word in spoken.words] == ["बहती"]


def test_sentences_out_of_bounds_or_over_each_other_are_cut_to_what_is_there() -> None:
    spoken = timeline(page(sentence(0, 18, 0, 1), sentence(14, 99, 900, 2), sentence(30, 40, 950, 3)))
    assert [TEXT[clip.start : clip.end] for clip in spoken] == ["One two three. Fou", "r five."]


def test_a_page_without_audio_has_nothing_to_follow() -> None:
    assert timeline(page(sentence(0, 14, 0, 1)).model_copy(update={"audio": None})) == ()
