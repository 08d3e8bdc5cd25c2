"""Sentences and words of a page in step with its sound."""

from bookwright.contracts.book import Clip, Segment, WordTiming
from bookwright.text.timing import spoken_sentences

TEXT = "Hello there. How are you today? Fine."


def clip(start: int, end: int, milliseconds: int, pause_ms: int, *words: tuple[int, int, int]) -> Clip:
    return Clip(
        asset="a" * 64,
        text_start=start,
        text=TEXT[start:end],
        sample_rate=1_000,
        start_sample=100,
        end_sample=100 + milliseconds,
        pause_ms=pause_ms,
        words=tuple(WordTiming(start=at, length=length, at_ms=ms) for at, length, ms in words),
    )


def segment(*clips: Clip) -> Segment:
    return Segment(page=1, sample_rate=1_000, gain_db=0, loudness_lufs=-18, duration_ms=0, clips=clips)


def test_a_sentence_begins_with_its_first_word_and_lasts_until_the_next() -> None:
    words = ((0, 5, 20), (6, 5, 400), (13, 3, 1_300), (17, 3, 1_500))
    found = spoken_sentences(segment(clip(0, 31, 3_000, 300, *words), clip(32, 37, 500, 800)), TEXT, "en")
    assert [TEXT[sentence.start : sentence.end] for sentence in found] == [
        "Hello there.",
        "How are you today?",
        "Fine.",
    ]
    assert [(sentence.begin_ms, sentence.end_ms) for sentence in found[1:]] == [(1_300, 3_000), (3_300, 3_800)]
    assert 400 < found[0].end_ms <= 1_300
    assert [(TEXT[word.start : word.end], word.begin_ms, word.end_ms) for word in found[1].words] == [
        ("How", 1_300, 1_500),
        ("are", 1_500, 3_000),
    ]
    assert found[2].words == ()


def test_without_timings_a_clip_is_shared_out_among_its_characters() -> None:
    first, second, third = spoken_sentences(segment(clip(0, 37, 3_700, 800)), TEXT, "en")
    assert (first.begin_ms, third.end_ms) == (0, 3_700)
    assert (second.begin_ms, third.begin_ms) == (1_300, 3_200)


def test_a_sentence_in_several_clips_goes_from_the_first_to_the_last() -> None:
    found = spoken_sentences(segment(clip(0, 20, 1_000, 120), clip(21, 37, 1_600, 800)), TEXT, "en")
    assert (found[1].begin_ms, found[1].end_ms) == (650, 2_120)


def test_a_silent_page_has_no_sentences() -> None:
    assert spoken_sentences(segment(), "* * *", "en") == ()
