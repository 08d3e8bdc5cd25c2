"""Soundscapes of the local synthesizer: that they loop, differ, and are as loud as they are set."""

import itertools
from functools import cache

import numpy as np
import pytest

from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.press.loudness import hops, integrated, true_peak
from bookwright.press.wav import decode
from bookwright.providers.local.sounds.banks import BANKS
from bookwright.providers.local.sounds.beds import BEDS
from bookwright.providers.local.sounds.dsp import RATE, Canvas, Sound, loudest
from bookwright.providers.local.sounds.places import FEELINGS, INDOORS, OUTDOORS, PLACES
from bookwright.providers.local.sounds.score import Score
from bookwright.providers.local.sounds.server import opus
from bookwright.providers.local.sounds.synthesis import LOUDNESS, synthesize
from bookwright.providers.local.sounds.words import NAMED

SECONDS = 2.0
BANDS = np.geomspace(40, 20_000, 25)


@cache
def heard(setting: Setting, weather: Weather = Weather.CLEAR, mood: Mood = Mood.CALM) -> Sound:
    return synthesize(Score(setting=setting, weather=weather, mood=mood), SECONDS, seed=5)


def profile(sound: Sound) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """The level of each third of an octave, in decibels, and how much the loudness moves, shape (26,)."""
    mono = sound.mean(axis=0)
    power = np.abs(np.fft.rfft(mono)) ** 2
    place = np.digitize(np.fft.rfftfreq(len(mono), 1 / RATE), BANDS)
    levels = 10 * np.log10(np.bincount(place, power, len(BANDS) + 1)[1:] + 1e-9)
    moves = 10 * np.log10(hops(mono.astype(np.float32), RATE) + 1e-12).std()
    return np.append(levels, 10 * moves)


def centroid(sound: Sound) -> float:
    """The middle of a sound's spectrum, in Hz."""
    power = np.abs(np.fft.rfft(sound.mean(axis=0))) ** 2
    return float((power * np.fft.rfftfreq(sound.shape[1], 1 / RATE)).sum() / power.sum())


@pytest.mark.parametrize("setting", Setting)
def test_every_setting_is_heard_in_stereo_at_the_set_loudness_and_never_clips(setting: Setting) -> None:
    sound = heard(setting)
    assert sound.shape == (2, round(SECONDS * RATE)) and sound.dtype == np.float32
    left, right = (hops(side, RATE) for side in sound)
    assert integrated(left + right) == pytest.approx(LOUDNESS, abs=1.5)
    assert max(true_peak(np.ascontiguousarray(side)) for side in sound) <= -1.0
    assert np.sqrt((left + right).min()) > 10 ** (-60 / 20), "never silent for a tenth of a second"
    assert abs(np.corrcoef(sound).ravel()[1]) < 0.97, "two sides, not one twice"
    assert abs(float(sound.mean())) < 1e-3


def test_the_settings_sound_different() -> None:
    profiles = {setting: profile(heard(setting)) for setting in Setting}
    near = {
        (one, other): float(np.abs(profiles[one] - profiles[other]).mean())
        for one, other in itertools.combinations(Setting, 2)
    }
    assert min(near.values()) > 1.0, min(near, key=near.__getitem__)
    assert np.median(list(near.values())) > 4
    assert centroid(heard(Setting.UNDERWATER)) < 400 < 1_500 < centroid(heard(Setting.RIVER))
    assert centroid(heard(Setting.CAVE)) < 800 < centroid(heard(Setting.BEACH))


def test_weather_is_heard_outdoors_and_through_walls() -> None:
    def differs(setting: Setting, weather: Weather) -> float:
        return float(np.abs(profile(heard(setting, weather)) - profile(heard(setting))).mean())

    for weather in set(Weather) - {Weather.CLEAR}:
        assert differs(Setting.MEADOW, weather) > 0.8, weather
    inside, outside = heard(Setting.ROOM, Weather.RAIN), heard(Setting.MEADOW, Weather.RAIN)
    assert differs(Setting.ROOM, Weather.RAIN) > 0.5
    assert centroid(outside) > 1.5 * centroid(inside), "walls take the treble away"


def test_moods_are_heard() -> None:
    profiles = {mood: profile(heard(Setting.DESERT, mood=mood)) for mood in Mood}
    for one, other in itertools.combinations(Mood, 2):
        assert np.abs(profiles[one] - profiles[other]).mean() > 0.5, (one, other)
    deep = BANDS < 100
    assert profiles[Mood.TENSE][:-1][deep].mean() > profiles[Mood.JOYFUL][:-1][deep].mean() + 3


def test_crickets_are_heard_all_night() -> None:
    def chirping(time: TimeOfDay) -> float:
        """The level between 3.8 and 5.1 kHz in decibels, as it is in most half seconds."""
        mono = synthesize(Score(setting=Setting.MEADOW, time=time), SECONDS, 5).mean(axis=0).reshape(-1, RATE // 2)
        power = np.abs(np.fft.rfft(mono))[:, 1_900:2_550] ** 2
        return float(np.median(10 * np.log10(power.sum(axis=1))))

    assert chirping(TimeOfDay.NIGHT) > chirping(TimeOfDay.DAY) + 3


def test_equal_seeds_give_equal_bytes_and_others_do_not() -> None:
    score = Score(setting=Setting.FOREST, weather=Weather.STORM, sounds=("bells", "fire"))
    first, again, other = (synthesize(score, 2, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and opus(first) == opus(again)
    assert not np.allclose(first, other, atol=0.01)


@pytest.mark.parametrize("setting", [Setting.BEACH, Setting.VILLAGE, Setting.MARKET])
def test_the_end_leads_into_the_beginning(setting: Setting) -> None:
    """Of the sound as it was made, and as it is decoded."""
    sound = heard(setting)
    decoded = decode(opus(sound)).samples.astype(np.float32) / 32_768
    assert len(decoded) == sound.shape[1]
    for made in (*sound, decoded):
        steps = np.abs(np.diff(made))
        assert abs(made[0] - made[-1]) <= np.quantile(steps, 0.999)
        around = np.concatenate((made[-RATE // 20 :], made[: RATE // 20]))
        level = float(np.mean(np.square(around)))
        parts = np.mean(np.square(made[: len(made) // 4_800 * 4_800].reshape(-1, 4_800)), axis=1)
        assert parts.min() / 3 < level < parts.max() * 3, "no fade and no bump at the seam"


def test_a_sound_that_is_named_is_heard() -> None:
    plain = Score(setting=Setting.DESERT)
    without = synthesize(plain, SECONDS, 5)
    for name in ("bells", "dogs", "fire", "horses"):
        sound = synthesize(plain.model_copy(update={"sounds": (name,)}), SECONDS, 5)
        assert np.abs(profile(sound) - profile(without)).mean() > 0.7, name


def test_every_single_sound_is_short_and_starts_and_ends_in_silence() -> None:
    for name, bank in BANKS.items():
        grain = next(iter(bank(np.random.default_rng(3))))
        assert len(grain) < 10 * RATE and np.isfinite(grain).all() and loudest(grain) > 1e-4, name
        peak = float(np.abs(grain).max())
        assert abs(grain[0]) < 0.05 * peak and abs(grain[-1]) < 0.05 * peak, name


def test_whatever_places_and_words_name_is_there() -> None:
    places = [
        *PLACES.values(),
        *OUTDOORS.values(),
        *INDOORS.values(),
        *(feeling.place for feeling in FEELINGS.values()),
    ]
    assert {layer.bed for place in places for layer in place.layers} <= set(BEDS)
    assert {single.bank for place in places for single in place.singles} <= set(BANKS)
    assert set(NAMED.values()) <= set(BEDS) | set(BANKS)
    assert set(PLACES) == set(Setting) and set(OUTDOORS) == set(INDOORS) == set(Weather) and set(FEELINGS) == set(Mood)


def test_a_canvas_lasts_as_long_as_it_is_asked_to() -> None:
    for seconds in (1, 7.5, 11.37, 30, 120):
        canvas = Canvas(seconds, 1)
        assert canvas.seconds == pytest.approx(seconds, abs=0.15)
        curve = canvas.drift(0.2, 0.9, 3)
        assert 0.2 <= curve.min() < curve.max() <= 0.9
        assert abs(curve[0] - curve[-1]) <= 1.5 * np.abs(np.diff(curve)).max() + 1e-6, (
            "it, too, leads into its beginning"
        )
