"""Clips are examined and become pages."""

from collections.abc import Sequence

import numpy as np
import pytest

from bookwright.contracts.book import ClipFacts, PlacedClip, SpokenClip, WordTiming
from bookwright.contracts.errors import AssetCorrupt, BadAnswer
from bookwright.contracts.ids import AssetId
from bookwright.press import loudness, segment
from bookwright.press.audio import Press
from bookwright.press.coverage import covered
from bookwright.press.render import BLOCK, blocks, page_of
from bookwright.press.wav import Samples
from tests.support.waves import wav

from .conftest import Library, voice_like

RATE = 22_050
TEXT = "one two three four five six seven eight nine ten"
PRESS = Press(lambda text: 40 * len(text))


def spoken(samples: Samples, words: Sequence[WordTiming] = (), rate: int = RATE) -> SpokenClip:
    return SpokenClip(audio=wav(samples.tobytes(), rate), media_type="audio/wav", words=tuple(words))


def timings(text: str, step_ms: int = 190) -> list[WordTiming]:
    words, at = [], 0
    for index, word in enumerate(text.split()):
        at = text.index(word, at)
        words.append(WordTiming(start=at, length=len(word), at_ms=500 + index * step_ms))
        at += len(word)
    return words


def padded(seconds: float = 2.3) -> Samples:
    """Half a second of silence, a voice, and a second of silence."""
    silence = np.zeros(RATE, np.int16)
    return np.concatenate((silence[: RATE // 2], voice_like(seconds, RATE), silence))


def test_silence_is_trimmed_and_words_count_from_what_is_heard() -> None:
    facts = PRESS.examine(TEXT, spoken(padded(), timings(TEXT)))
    assert facts.start_sample == pytest.approx(RATE // 2, abs=0.03 * RATE)
    assert facts.end_sample == pytest.approx(2.7 * RATE, abs=0.2 * RATE)
    assert facts.words[0].at_ms == 500 - round(facts.start_sample * 1000 / RATE)
    assert len(facts.hops) == -(-(facts.end_sample - facts.start_sample) // 2_205)


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        (spoken(np.zeros(RATE, np.int16)), "silent"),
        (spoken(voice_like(0.5, RATE)), "too short"),
        (spoken(np.concatenate((voice_like(0.5, RATE), np.zeros(9 * RATE, np.int16)))), "too short"),
        (spoken(padded(), timings(TEXT)[:8]), "leaves words out"),
        (spoken(padded(), timings(TEXT, 1_000)), "begins after its end"),
        (spoken(voice_like(60, RATE), timings(TEXT)), "long before"),
        (SpokenClip(audio=b"", media_type="audio/wav"), "empty"),
    ],
)
def test_unusable_clips_are_refused(clip: SpokenClip, reason: str) -> None:
    with pytest.raises(BadAnswer, match=reason):
        PRESS.examine(TEXT, clip)


def test_one_missing_word_in_ten_is_let_pass() -> None:
    PRESS.examine(TEXT, spoken(padded(), timings(TEXT)[:4] + timings(TEXT)[5:]))


def test_coverage_of_scripts_without_spaces_is_how_far_timings_reach() -> None:
    text = "从前有一座山，山里有一座庙。"
    assert covered(text, [WordTiming(start=0, length=1, at_ms=0), WordTiming(start=12, length=1, at_ms=9)]) == 1
    assert covered(text, [WordTiming(start=0, length=6, at_ms=0)]) == pytest.approx(0.5)
    assert covered("— … !", []) == 1


def placed(text: str, *, ends_paragraph: bool = False) -> PlacedClip:
    facts = ClipFacts(sample_rate=RATE, start_sample=0, end_sample=RATE, hops=(-230,) * 10)
    return PlacedClip(asset=AssetId("a"), text_start=0, text=text, ends_paragraph=ends_paragraph, facts=facts)


def test_pauses_follow_the_text() -> None:
    clips = [
        placed("He went,"),
        placed("and said: “Yes!”"),
        placed("नदी बहती है।"),
        placed("A heading", ends_paragraph=True),
        placed("The end."),
    ]
    page = segment.compose(7, clips)
    assert [clip.pause_ms for clip in page.clips] == [120, 350, 350, 600, 800]
    assert page.page == 7
    assert page.duration_ms == 5 * 1_000 + 120 + 350 + 350 + 600 + 800
    assert page.gain_db == pytest.approx(5.5, abs=0.6)
    assert page.loudness_lufs == pytest.approx(-18, abs=0.02)


def test_page_without_clips_is_a_short_silence() -> None:
    page = segment.compose(1, [])
    sound = np.concatenate(list(blocks(page_of(page), 24_000, lambda asset: pytest.fail("no clip to read"))))
    assert len(sound) == 24_000 * page.duration_ms // 1_000
    assert not sound.any()


def test_rendering_is_as_long_and_loud_as_the_segment_says(library: Library) -> None:
    quiet, loud = voice_like(8, RATE, level=0.02), voice_like(8, RATE, seed=2, level=0.02)
    clips = [library.placed("x", spoken(quiet)), library.placed("y.", spoken(loud))]
    page = library.press.compose(3, clips)
    parts = list(blocks(page_of(page), RATE, library.path))
    sound = np.concatenate(parts)
    assert max(map(len, parts)) <= BLOCK
    assert len(sound) == page_of(page).samples(RATE)
    assert len(sound) * 1000 / RATE == pytest.approx(page.duration_ms, abs=1)
    assert loudness.integrated(loudness.hops(sound, RATE)) == pytest.approx(-18, abs=0.15)


def test_clips_begin_and_end_without_a_click(library: Library) -> None:
    steady = np.full(RATE, 9_000, np.int16)
    page = library.press.compose(1, [library.placed("x", spoken(steady))])
    sound = np.concatenate(list(blocks(page_of(page), RATE, library.path)))
    assert np.abs(np.diff(sound, prepend=0)).max() < 0.03 * np.abs(sound).max()


def test_clips_of_other_rates_are_brought_to_the_files_rate(library: Library) -> None:
    clips = [
        library.placed("x", spoken(voice_like(2, 16_000), rate=16_000)),
        library.placed("y", spoken(voice_like(2, 24_000), rate=24_000)),
    ]
    page = library.press.compose(1, clips)
    assert page.sample_rate == 24_000
    for rate in (24_000, 44_100):
        sound = np.concatenate(list(blocks(page_of(page), rate, library.path)))
        assert len(sound) == page_of(page).samples(rate)
        assert len(sound) * 1000 / rate == pytest.approx(page.duration_ms, abs=1)


def test_clip_that_changed_on_disk_is_told(library: Library) -> None:
    clip = library.placed("x", spoken(voice_like(3, RATE, seed=99)))
    page = page_of(library.press.compose(1, [clip]))
    library.path(clip.asset).write_bytes(spoken(voice_like(1, RATE)).audio)
    with pytest.raises(AssetCorrupt, match="as long"):
        list(blocks(page, RATE, library.path))
    library.path(clip.asset).write_bytes(b"gone")
    with pytest.raises(AssetCorrupt, match="decoded"):
        list(blocks(page, RATE, library.path))
