"""Loudness and true peak agree with FFmpeg's meter, and the limiter keeps its promise."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwright.press import loudness
from bookwright.press.limiter import Limiter
from bookwright.press.wav import Signal

from .conftest import voice_like

Measure = Callable[[Signal, int], tuple[float, float]]


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_agrees_with_ffmpeg_on_voices(rate: int, measure_samples: Measure) -> None:
    samples = voice_like(20, rate, level=0.08)
    expected, _ = measure_samples((samples / 32768).astype(np.float32), rate)
    assert loudness.integrated(loudness.hops(samples, rate)) == pytest.approx(expected, abs=0.2)


def test_agrees_with_ffmpeg_on_noise_with_long_pauses(measure_samples: Measure) -> None:
    noise = np.random.default_rng(3).standard_normal(30 * 22_050) * 0.05
    noise[5 * 22_050 : 20 * 22_050] *= 0.001
    expected, _ = measure_samples(noise.astype(np.float32), 22_050)
    measured = loudness.integrated(loudness.hops(noise.astype(np.float32), 22_050))
    assert measured == pytest.approx(expected, abs=0.2)


def test_sine_of_the_standard() -> None:
    """BS.1770-4: a 997 Hz sine at 0 dBFS in one front channel reads -3.01 LKFS."""
    sine = np.sin(2 * np.pi * 997 * np.arange(48_000 * 5) / 48_000).astype(np.float32)
    assert loudness.integrated(loudness.hops(sine, 48_000)) == pytest.approx(-3.01, abs=0.05)


def test_silence_and_short_sounds_have_a_loudness() -> None:
    assert loudness.integrated(loudness.hops(np.zeros(22_050, np.int16), 22_050)) == loudness.SILENCE_LUFS
    assert loudness.integrated(loudness.hops(np.zeros(0, np.int16), 22_050)) == loudness.SILENCE_LUFS
    assert -40 < loudness.integrated(loudness.hops(voice_like(0.25, 22_050), 22_050)) < 0


def test_levels_survive_being_stored() -> None:
    energies = loudness.hops(voice_like(5, 22_050), 22_050)
    stored = [round(10 * loudness.lufs(energy)) / 10 for energy in energies]
    assert loudness.integrated(loudness.energies(stored)) == pytest.approx(loudness.integrated(energies), abs=0.05)


def test_true_peak_lies_between_samples(measure_samples: Measure) -> None:
    sine = (0.5 * np.sin(2 * np.pi * np.arange(22_050 * 2) / 4 + np.pi / 4)).astype(np.float32)
    assert np.abs(sine).max() < 0.36
    _, expected = measure_samples(sine, 22_050)
    inner = sine[1_000:-1_000]
    assert loudness.true_peak(inner) == pytest.approx(20 * np.log10(0.5), abs=0.3)
    assert loudness.true_peak(inner) == pytest.approx(expected, abs=0.5)


def limited(signal: Signal, ceiling: float, sizes: list[int]) -> Signal:
    limiter = Limiter(22_050, ceiling)
    parts, at = [], 0
    for size in sizes:
        parts.append(limiter.push(signal[at : at + size]))
        at += size
    parts += [limiter.push(signal[at:]), limiter.flush()]
    return np.concatenate(parts)


def test_limiter_keeps_true_peaks_down_and_quiet_sound_untouched(measure_samples: Measure) -> None:
    loud = (voice_like(6, 22_050, level=0.2) / 32768).astype(np.float32) * np.float32(3)
    result = limited(loud, -2.5, [])
    assert loudness.true_peak(loud) > 0
    assert measure_samples(result, 22_050)[1] <= -2.4
    quiet = loud * np.float32(0.1)
    assert np.array_equal(limited(quiet, -2.5, [100, 5_000]), quiet)


def test_limiter_makes_no_jumps() -> None:
    signal = np.full(22_050, 0.3, np.float32)
    signal[10_000:10_050] = 1.0
    result = limited(signal, -6, [])
    gain = result / signal
    assert gain.min() == pytest.approx(0.5, abs=0.06)
    assert np.abs(np.diff(gain)).max() < 0.01


@given(st.lists(st.integers(0, 3_000), max_size=12), st.integers(0, 9_000))
def test_limiter_does_not_depend_on_block_sizes(sizes: list[int], length: int) -> None:
    signal = (np.random.default_rng(length).standard_normal(length) * 0.5).astype(np.float32)
    result = limited(signal, -3, sizes)
    assert len(result) == length
    assert np.array_equal(result, limited(signal, -3, []))
