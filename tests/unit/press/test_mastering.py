"""Whatever the clips are like, what is heard in the encoded files is at the set loudness and under the set peak."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bookwright.contracts.book import PlacedClip, SpokenClip
from bookwright.press import mastering
from bookwright.press.wav import Samples, resample
from tests.support.waves import wav

from .conftest import Library, decoded, nothing, voice_like

Make = Callable[[Library, Samples], list[PlacedClip]]
RATE = 22_050


def placed(library: Library, samples: Samples, rate: int = RATE) -> PlacedClip:
    return library.placed("one two", SpokenClip(audio=wav(samples.tobytes(), rate), media_type="audio/wav"))


def scaled(voice: Samples, gain: float | npt.NDArray[np.float64]) -> Samples:
    return np.asarray(np.clip(voice * gain, -32768, 32767), np.int16)


def at_rate(voice: Samples, rate: int) -> Samples:
    signal = (voice / 32768).astype(np.float32)
    return np.asarray(resample(signal, RATE, rate, round(len(voice) * rate / RATE)) * 32767, np.int16)


def whispers_and_shouts(library: Library, voice: Samples) -> list[PlacedClip]:
    return [placed(library, scaled(voice, np.where(np.arange(len(voice)) // (2 * RATE) % 2, 1.0, 0.03)))]


def very_quiet(library: Library, voice: Samples) -> list[PlacedClip]:
    return [placed(library, scaled(voice, 0.01))]


def clipping(library: Library, voice: Samples) -> list[PlacedClip]:
    return [placed(library, scaled(voice, 8.0))]


def pops(library: Library, voice: Samples) -> list[PlacedClip]:
    time = np.arange(len(voice)) % RATE
    pop = 30_000 * np.exp(-time / 80) * np.sin(0.3 * time)
    return [placed(library, np.clip(voice * 0.15 + pop, -32768, 32767).astype(np.int16))]


def telephone_and_studio(library: Library, voice: Samples) -> list[PlacedClip]:
    half = len(voice) // 2
    return [
        placed(library, at_rate(voice[:half], 8_000), 8_000),
        placed(library, at_rate(voice[half:], 48_000), 48_000),
    ]


def one_word(library: Library, voice: Samples) -> list[PlacedClip]:
    return [placed(library, voice[RATE : RATE + RATE // 3])]


@pytest.mark.parametrize(
    "make",
    [whispers_and_shouts, very_quiet, clipping, pops, telephone_and_studio, one_word],
    ids=lambda make: make.__name__,
)
def test_hard_material(
    make: Make,
    voice: Samples,
    library: Library,
    measure_file: Callable[[Path], tuple[float, float]],
    tmp_path: Path,
) -> None:
    segment = library.press.compose(1, make(library, voice))
    rate = library.press.encoding_rate([segment.sample_rate])
    mp3, m4a = tmp_path / "page.mp3", tmp_path / "chapter.m4a"
    library.press.encode_page(segment, rate, library.path, mp3, nothing)
    library.press.encode_chapter([segment], rate, library.path, m4a, nothing)
    for path in (mp3, m4a):
        lufs, peak = measure_file(path)
        assert lufs == pytest.approx(-18, abs=0.5)
        assert peak <= -1.5


def test_silent_page_stays_silent(library: Library, tmp_path: Path) -> None:
    segment = library.press.compose(1, [])
    target = tmp_path / "page.mp3"
    library.press.encode_page(segment, RATE, library.path, target, nothing)
    heard, _ = decoded(target)
    assert len(heard) == round(segment.duration_ms * RATE / 1000)
    assert np.abs(heard).max() < 1e-4


def test_a_sound_that_is_all_peaks_is_not_squashed(
    library: Library, measure_file: Callable[[Path], tuple[float, float]], tmp_path: Path
) -> None:
    """Every period of this one peaks 19 dB over its loudness: the peak is kept, at the cost of loudness."""
    segment = library.press.compose(1, [placed(library, voice_like(6, RATE))])
    target = tmp_path / "page.mp3"
    library.press.encode_page(segment, RATE, library.path, target, nothing)
    lufs, peak = measure_file(target)
    assert -24 < lufs < -18
    assert peak <= -1.5


def test_pages_longer_than_what_is_kept_sound_the_same(
    voice: Samples, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = library.press.compose(1, whispers_and_shouts(library, voice))
    library.press.encode_page(segment, RATE, library.path, tmp_path / "kept.mp3", nothing)
    monkeypatch.setattr(mastering, "KEPT_MS", 1_000)
    library.press.encode_page(segment, RATE, library.path, tmp_path / "made-twice.mp3", nothing)
    assert (tmp_path / "kept.mp3").read_bytes() == (tmp_path / "made-twice.mp3").read_bytes()
