"""The local engine of sounds: what it makes of tasks, and its process."""

from contextlib import nullcontext

import pytest

from bookwright.contracts.depicting import Mood, Setting, SoundSketch, TimeOfDay, Weather
from bookwright.contracts.errors import Misconfigured, Unspeakable
from bookwright.contracts.media import SoundTask
from bookwright.press.examining import Sounds
from bookwright.providers.local.sounds import LocalSounds
from bookwright.providers.local.sounds.score import MOST_NAMED, Score, score_of

RAIN = SoundTask(prompt="Soft rain in a dark pine forest at night, an owl far off", seconds=4)


def score(prompt: str = "", **sketch: object) -> Score:
    known = SoundSketch.model_validate({"setting": "", **sketch}) if sketch else None
    return score_of(SoundTask(prompt=prompt, seconds=30, sketch=known))


def test_a_score_is_made_of_the_words_of_an_analysis() -> None:
    made = score(
        setting="harbour",
        time="late evening",
        weather="light drizzle",
        mood="gloomy",
        intensity=0.8,
        sounds=("a dog barking", "church bells"),
    )
    assert made == Score(
        setting=Setting.BEACH,
        time=TimeOfDay.DUSK,
        weather=Weather.RAIN,
        mood=Mood.SAD,
        intensity=0.75,
        sounds=("dogs", "bells"),
    )


def test_without_a_sketch_a_score_is_made_of_the_words_of_the_prompt() -> None:
    made = score(RAIN.prompt)
    assert (made.setting, made.time, made.weather) == (Setting.FOREST, TimeOfDay.NIGHT, Weather.RAIN)
    assert "owls" in made.sounds


def test_what_a_sketch_leaves_open_is_looked_for_in_the_prompt() -> None:
    made = score("waves on the beach, a storm", setting="nowhere in particular", mood="calm")
    assert (made.setting, made.weather, made.mood) == (Setting.BEACH, Weather.STORM, Mood.CALM)


def test_words_that_nobody_knows_still_make_a_sound() -> None:
    assert score("qwerty") == Score()
    assert score("雨の音 🌧") == Score()


def test_only_so_many_sounds_are_heard_together_and_each_once() -> None:
    names = ("bell", "dog", "dogs", "horse", "owl", "wolf", "train", "drum", "thunder")
    assert len(score(setting="village", sounds=names).sounds) == MOST_NAMED


def test_a_call_is_free_and_stands_for_its_score_and_not_for_its_words() -> None:
    engine = LocalSounds()
    one = SoundTask(prompt="rain on the trees", seconds=30, sketch=SoundSketch(setting="forest", weather="rain"))
    other = SoundTask(prompt="it rains", seconds=30, sketch=SoundSketch(setting="deep woods", weather="a downpour"))
    assert engine.call(one).max_cost_micros == 0
    assert engine.call(one).key == engine.call(other).key
    assert engine.call(one).key != engine.call(one, take=1).key
    assert engine.call(one).key != engine.call(one.model_copy(update={"seed": 3})).key
    assert engine.call(one).key != engine.call(one.model_copy(update={"seconds": 20})).key


@pytest.mark.parametrize(
    ("task", "says"),
    [
        (SoundTask(prompt="  ", seconds=5), "prompt or a sketch"),
        (SoundTask(prompt="rain", seconds=121), "at most 120 s"),
    ],
)
def test_what_can_not_be_made_is_refused_before_anything_is_done(task: SoundTask, says: str) -> None:
    with pytest.raises(Unspeakable, match=says):
        LocalSounds().call(task)
    with pytest.raises(Misconfigured, match="deadline"):
        LocalSounds(deadline_s=0)


async def test_the_sound_passes_the_examiner_and_another_take_is_another_sound() -> None:
    engine = LocalSounds()
    try:
        first, again, other = [await engine.make(engine.call(RAIN, take), nullcontext()) for take in (0, 0, 1)]
    finally:
        await engine.close()
    facts = Sounds().examine(first, RAIN.seconds)
    assert (facts.media_type, facts.duration_ms) == ("audio/ogg", 4_000)
    assert first.sound == again.sound != other.sound
    assert first.cost_micros == 0
