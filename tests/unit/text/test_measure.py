"""Counting words, and the shortest plausible reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwright.text.measure import count_words, expected_speech_ms, page_weight, speakable


def test_speakable_needs_a_letter_or_digit_of_any_script() -> None:
    assert all(map(speakable, ["a", "7", "क", "٣", "山", "—x"]))
    assert not any(map(speakable, ["", " \n", "…—!?", "___", "🐘", "\u0301"]))


@pytest.mark.parametrize(
    "text, words",
    [
        ("", 0),
        ("— * …", 0),
        ("One two-three, don't.", 3),
        ("ate—both", 2),
        ("वह घर गया।", 3),
        ("山", 1),
        ("今天天气很好", 4),
        ("มีชายชราคนหนึ่งอาศัยอยู่", 5),
        ("Tokyo 東京 is big", 4),
    ],
)
def test_words(text: str, words: int) -> None:
    assert count_words(text) == words


def test_text_without_spaces_still_fills_pages() -> None:
    assert page_weight("a" * 3_000) == 250 and page_weight("山" * 1_500) == 250


# Durations (ms) measured of espeak-ng at its standard 175 words a minute, silence at the ends trimmed.
ESPEAK = [
    ("Жил-был старик со старухой у самого синего моря.", 2_098),
    ("Prendieron una fogata con basura para espantar el frío.", 2_765),
    ("I thought that I would just as soon have your company.", 2_544),
    ("تھامس نے پوچھا؟", 935),
    ("أعلم ماقزوي توماس بمخاوفه.", 2_067),
    ("थॉमस आया और उसके बगल में बैठ गया।", 2_119),
    ("അയാൾ എന്നും വയലിൽ പോയി ജോലി ചെയ്തു.", 2_092),
]


@pytest.mark.parametrize("text, spoken_ms", ESPEAK)
def test_a_whole_clip_passes_and_one_cut_before_its_middle_does_not(text: str, spoken_ms: int) -> None:
    assert spoken_ms * 0.45 < expected_speech_ms(text) < spoken_ms


def test_short_clips_pass() -> None:
    assert 0 < expected_speech_ms("你好。") < 503
    assert 0 < expected_speech_ms("وبدأ") < 190


def test_drawn_out_words_and_punctuation_take_no_longer() -> None:
    assert expected_speech_ms("Nooooooooooo!!!") == expected_speech_ms("Noo!")
    assert expected_speech_ms("… — !") == 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_more_text_never_takes_less_time(first: str, second: str) -> None:
    assert expected_speech_ms(f"{first} {second}") >= expected_speech_ms(first)
