"""Where scenes end, and which soundscapes serve."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwright.contracts.depicting import Mood, Setting, SoundSketch, TimeOfDay, Weather
from bookwright.contracts.spreads import PictureIdea, SpreadAnalysis
from bookwright.text.scenes import find_scenes, prompt_of, serving, sketch_of


def spread(number: int, setting: str, time: str = "", weather: str = "", mood: str = "calm") -> SpreadAnalysis:
    return SpreadAnalysis(
        pages=(2 * number - 1, 2 * number),
        setting=setting,
        place="",
        time=time,
        weather=weather,
        mood=mood,
        intensity=0.3,
        sounds=(f"the sound of a {setting}",),
        people=(),
        sound_prompt=f"{setting} {number}",
        pictures=(PictureIdea(page=2 * number - 1, prompt="p", alt="a"),),
    )


def book(*settings: str) -> list[SpreadAnalysis]:
    return [spread(number, *setting.split("/")) for number, setting in enumerate(settings, 1)]


def starts(spreads: Sequence[SpreadAnalysis], *, ended: bool = True) -> list[int]:
    """The numbers of the spreads that scenes begin with."""
    return [(scene[0].pages[0] + 1) // 2 for scene in find_scenes(spreads, ended=ended)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (["forest"] * 4, [1]),
        (["forest", "forest", "kitchen", "kitchen"], [1, 3]),
        (["dense forest", "woods at night", "the old oaks", "jungle clearing"], [1]),
        (["forest", "forest", "city street", "forest", "forest"], [1]),
        (["forest", "sea"] * 4, [1, 8]),
        (["forest", "forest", "sea", "market", "market"], [1, 3, 4]),
        (["forest", "forest", "unknown", "unknown", "unknown"], [1]),
        (["forest", "sea", "unknown", "unknown", "forest"], [1, 2, 5]),
        (["forest", "sea", "unknown", "forest", "forest"], [1]),
        (["forest", "forest", "sea"], [1, 3]),
        (["forest/day", "forest/day", "forest/night", "forest/night"], [1]),
        (["forest/day/clear/joyful", "forest/day/clear/joyful", "forest/night/storm/tense", "forest/night"], [1, 3]),
        (["forest/day/clear/calm", "forest/dusk/clear/calm", "forest/night/clear/calm"], [1]),
        (["lighthouse keeper's stair", "narrow stair of the lighthouse"], [1]),
        (["quarry", "quarry", "observatory", "observatory"], [1, 3]),
        (["room", "kitchen", "room"], [1]),
    ],
)
def test_scenes_begin_where_a_reader_says_so(settings: list[str], expected: list[int]) -> None:
    assert starts(book(*settings)) == expected


def test_what_has_no_spreads_has_no_scenes() -> None:
    assert find_scenes([], ended=True) == [] == find_scenes([], ended=False)


def turning(*spreads: tuple[str, float | None]) -> list[SpreadAnalysis]:
    """Spreads with what each says of whether a scene begins."""
    named = book(*(setting for setting, _turn in spreads))
    return [one.model_copy(update={"turn": turn}) for one, (_setting, turn) in zip(named, spreads, strict=True)]


@pytest.mark.parametrize(
    ("spreads", "expected"),
    [
        ([("forest", None), ("forest", 0.1), ("sea", 0.1), ("market", 0.2), ("sea", 0.1), ("cave", 0.1)], [1]),
        ([("forest", None), ("forest", 0.1), ("forest", 0.95), ("forest", 0.1)], [1, 3]),
        ([("forest", None), ("forest", 0.1), ("sea", 0.6), ("sea", 0.9), ("sea", 0.1)], [1, 4]),
        ([("forest", None), ("forest", 0.1), ("forest", 0.9), ("forest", 0.8), ("forest", 0.1)], [1, 3]),
        ([("forest", None), ("forest", 0.9), ("sea", 0.99), ("sea", 0.1)], [1, 3]),
        ([("forest", None), ("forest", 0.1), ("forest", 0.8)], [1]),
        (
            [("forest", None), ("forest", 0.1), ("forest", 0.95), ("forest", None), ("sea", None), ("sea", None)],
            [1, 3, 5],
        ),
    ],
    ids=[
        "places only talked of",
        "the same place later",
        "the next one says so",
        "one change",
        "the clearer one",
        "last",
        "mixed",
    ],
)
def test_what_a_spread_says_itself_counts_with_where_it_is(
    spreads: list[tuple[str, float | None]], expected: list[int]
) -> None:
    assert starts(turning(*spreads)) == expected


def test_a_scene_is_complete_as_soon_as_the_next_has_surely_begun() -> None:
    spreads = book("forest", "forest", "sea", "sea", "market")
    assert starts(spreads[:3], ended=False) == [], "the sea may be but a spread"
    assert starts(spreads[:4], ended=False) == [1]
    assert starts(spreads, ended=False) == [1]


names = st.sampled_from([*Setting, "unknown", "quarry", "old mill by the river"])
made = st.builds(
    lambda setting, time, weather, mood: f"{setting}/{time}/{weather}/{mood}",
    names,
    st.sampled_from(["", *TimeOfDay]),
    st.sampled_from(["", *Weather]),
    st.sampled_from(list(Mood)),
)


@given(st.lists(st.tuples(made, st.none() | st.floats(0, 1)), max_size=12))
def test_every_spread_is_in_one_scene_and_later_ones_change_none_before(said: list[tuple[str, float | None]]) -> None:
    spreads = turning(*said)
    whole = find_scenes(spreads, ended=True)
    assert [one for scene in whole for one in scene] == spreads
    for known in range(len(spreads) + 1):
        early = find_scenes(spreads[:known], ended=False)
        assert early == whole[: len(early)]
        rest = find_scenes(spreads[sum(map(len, early)) :], ended=True)
        assert early + rest == whole, "it may be gone on with from where a scene begins"


def test_a_scene_sounds_like_most_of_its_spreads() -> None:
    scene = tuple(book("forest/day/rain/sad", "city street/night/rain/sad", "pine woods/day//sad"))
    sketch = sketch_of(scene)
    assert (sketch.setting, sketch.time, sketch.weather, sketch.mood) == ("forest", "day", "rain", "sad")
    assert prompt_of(scene) == "forest 1"


@pytest.mark.parametrize(
    ("wanted", "serves"),
    [
        (SoundSketch(setting="forest", time="day", mood="calm"), 0),
        (SoundSketch(setting="pine woods", mood="warm"), 0),
        (SoundSketch(setting="forest", time="night", mood="calm"), None),
        (SoundSketch(setting="forest", time="day", weather="storm", mood="calm"), None),
        (SoundSketch(setting="sea", time="dawn", mood="joyful"), 2),
        (SoundSketch(setting="quarry", mood="calm"), None),
    ],
)
def test_a_soundscape_serves_a_scene_that_is_much_like_its_own(wanted: SoundSketch, serves: int | None) -> None:
    existing = [
        SoundSketch(setting="forest", time="day", weather="clear", mood="calm"),
        SoundSketch(setting="sea", time="day", weather="wind", mood="joyful"),
        SoundSketch(setting="sea", time="day", weather="clear", mood="joyful"),
    ]
    assert serving(wanted, existing) == serves
    assert serving(wanted, []) is None
