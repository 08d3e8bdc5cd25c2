"""Chapters with ambience: how loud it is in the encoded file, where it goes over into the next, and that it loops."""

import io
import tracemalloc
import wave
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest

from bookwright.contracts.book import Segment
from bookwright.contracts.errors import AssetCorrupt
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.audio import AudioTags, Backdrop, EncodedChapter
from bookwright.press import loudness
from bookwright.press.ambience import FADE_S, LOUDEST_LUFS, TARGET_LUFS, Ambience, levelled_loop
from bookwright.press.wav import Signal

from .conftest import Library, nothing, stop

RATE = 32_000
BELOW_DB = 20.0
MARGIN_S = FADE_S / 2 + 0.2


def noise(seed: int, seconds: float, level_db: float, rate: int = 44_100, burst_db: float = 0.0) -> bytes:
    """A stereo WAV of noise that is no loop: it begins loud and ends quiet; its middle may be louder by `burst_db`."""
    chance = np.random.default_rng(seed)
    count = round(seconds * rate)
    sound = chance.standard_normal((count, 2)) * np.linspace(1.4, 0.6, count)[:, None]
    sound[count // 3 : count // 3 + rate] *= 10 ** (burst_db / 20)
    samples = np.clip(sound * 10 ** (level_db / 20), -1, 1) * 32_767
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return target.getvalue()


def stereo(path: Path) -> Signal:
    """The samples of a file, as a player hands them out, shape (2, n)."""
    with av.open(str(path), "r") as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.layout.name) == (RATE, "stereo")
        return np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)


def levels(*sides: Signal) -> loudness.Energies:
    """The K-weighted mean square of each 100 ms of all sides together."""
    return np.asarray(np.sum([loudness.hops(np.ascontiguousarray(side), RATE) for side in sides], axis=0))


class Mix(NamedTuple):
    """A chapter with ambience, the same without, and where its scenes are (in milliseconds)."""

    mixed: Signal
    dry: Signal
    scenes: tuple[Backdrop, ...]
    path: Path


@pytest.fixture(scope="session")
def sounds(library: Library) -> list[AssetId]:
    """Three of very different loudness, one of them with a burst."""
    made = (noise(1, 7.3, -8), noise(2, 5.1, -48), noise(3, 9.7, -30, 22_050, burst_db=14))
    return [library.add(each) for each in made]


@pytest.fixture(scope="session")
def mix(story: list[Segment], library: Library, sounds: list[AssetId], tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """Pages with one sound, another, none on a page that is silence, and a third."""
    pages = [story[0], story[1], story[3], story[5]]
    folder = tmp_path_factory.mktemp("mix")
    ends = [0, *accumulate(segment.duration_ms for segment in pages)]
    page_sounds = (sounds[0], sounds[1], None, sounds[2])
    backdrops = [
        Backdrop(sound=sound, begin_ms=begin, end_ms=end)
        for sound, begin, end in zip(page_sounds, ends, ends[1:], strict=False)
        if sound
    ]
    for name, behind in (("mixed", backdrops), ("dry", [])):
        target = folder / f"{name}.m4a"
        library.press.encode_ambient_chapter(iter(pages), behind, ends[-1], RATE, library.path, target, nothing)
    return Mix(stereo(folder / "mixed.m4a"), stereo(folder / "dry.m4a"), tuple(backdrops), folder / "mixed.m4a")


def test_each_scene_is_20_db_below_the_speech_and_yet_heard(mix: Mix) -> None:
    """Measured on the encoded file: in the pauses, where nothing but the ambience is heard, and, where somebody
    speaks, on the difference of its two sides, which has no speech in it."""
    mixed, side, dry = levels(*mix.mixed), levels(mix.mixed[0] - mix.mixed[1]), levels(*mix.dry)
    quiet = dry < loudness.energies([-62])[0]
    pauses = quiet & np.roll(quiet, 1) & np.roll(quiet, -1)
    for scene in mix.scenes:
        inside = np.zeros(len(mixed), bool)
        inside[round(scene.begin_ms / 100 + 10 * MARGIN_S) : round(scene.end_ms / 100 - 10 * MARGIN_S)] = True
        spoken = inside & (dry > loudness.energies([-45])[0])
        speech = loudness.integrated(mixed[spoken])
        assert speech == pytest.approx(loudness.TARGET_LUFS, abs=1.0)
        ambience = loudness.lufs(float(mixed[inside & pauses].mean()))
        assert speech - 36 < ambience <= speech - BELOW_DB, "in the pauses"
        under = loudness.lufs(float(side[spoken].mean()))
        assert under <= speech - BELOW_DB, "under the speech"
        mostly = [loudness.lufs(float(np.median(side[part]))) for part in (spoken, inside & pauses)]
        assert mostly[0] == pytest.approx(mostly[1], abs=3), "it does not pump"


def test_the_speech_is_as_loud_as_without_ambience(mix: Mix) -> None:
    whole, dry = (loudness.integrated(levels(*sound)) for sound in (mix.mixed, mix.dry))
    assert whole == pytest.approx(loudness.TARGET_LUFS, abs=0.5) == dry
    assert max(loudness.true_peak(np.ascontiguousarray(side)) for side in mix.mixed) <= -1.5


def test_the_chapters_edges_and_pages_without_a_soundscape_are_silent(
    mix: Mix, sounds: list[AssetId], library: Library
) -> None:
    ambience = levels(mix.mixed[0] - mix.mixed[1])
    assert loudness.lufs(float(max(ambience[0], ambience[-2:].max()))) < TARGET_LUFS - 15, "faded in and out"
    scenes = [Backdrop(sound=sounds[0], begin_ms=begin, end_ms=begin + 5_000) for begin in (0, 15_000)]
    heard = Ambience(scenes, 20_000, RATE, library.path).between(0, 20 * RATE)
    gap = slice(round((5 + FADE_S / 2) * RATE), round((15 - FADE_S / 2) * RATE))
    assert not heard[:, gap].any() and heard[:, 3 * RATE].all() and heard[:, 17 * RATE].all()


def test_the_ambience_is_cut_from_the_moments_alone(sounds: list[AssetId], library: Library) -> None:
    scenes = [
        Backdrop(sound=sounds[0], begin_ms=0, end_ms=9_000),
        Backdrop(sound=sounds[1], begin_ms=9_000, end_ms=20_000),
    ]
    ambience = Ambience(scenes, 20_000, RATE, library.path)
    whole = ambience.between(0, 20 * RATE)
    cuts = [0, 1, 7_777, 123_456, 300_000, 300_001, 20 * RATE]
    parts = [ambience.between(begin, end) for begin, end in pairwise(cuts)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert not whole[:, 0].any() and float(np.abs(whole[:, -1]).max()) < 1e-4


def test_scenes_cross_without_a_hole_and_without_a_click(sounds: list[AssetId], library: Library) -> None:
    scenes = [
        Backdrop(sound=sounds[0], begin_ms=0, end_ms=12_000),
        Backdrop(sound=sounds[1], begin_ms=12_000, end_ms=24_000),
    ]
    heard = Ambience(scenes, 24_000, RATE, library.path).between(0, 24 * RATE)
    hops = levels(*heard)
    around = loudness.lufs(float(hops[105:135].mean()))
    before, after = (loudness.lufs(float(hops[part].mean())) for part in (slice(60, 100), slice(140, 200)))
    assert min(before, after) - 1.5 <= around <= max(before, after) + 1.5
    steps = np.abs(np.diff(heard[0]))
    assert steps.max() < 12 * steps.std(), "also where the loops begin again"


def test_the_same_scene_goes_on_over_the_turn_of_a_page(sounds: list[AssetId], library: Library) -> None:
    pages = [Backdrop(sound=sounds[0], begin_ms=at, end_ms=at + 5_000) for at in (0, 5_000, 10_000)]
    whole = [Backdrop(sound=sounds[0], begin_ms=0, end_ms=15_000)]
    one, other = (Ambience(scenes, 15_000, RATE, library.path).between(0, 15 * RATE) for scenes in (pages, whole))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("level_db", [-60, -20, -3])
def test_a_loop_is_at_the_set_loudness_whatever_it_was(library: Library, level_db: float) -> None:
    loop = levelled_loop(library.path(library.add(noise(4, 6, level_db))), RATE)
    assert loudness.lufs(float(levels(*loop).mean())) == pytest.approx(TARGET_LUFS, abs=0.3)
    turned = np.roll(loop, loop.shape[1] // 2, axis=1)
    seam = levels(*turned)[len(turned[0]) // (RATE // 5) - 5 :][:10]
    assert loudness.lufs(float(seam.mean())) == pytest.approx(TARGET_LUFS, abs=2.5), "neither a hole nor a bump"


def test_what_is_loud_for_a_moment_is_turned_down_as_a_whole(library: Library) -> None:
    loop = levelled_loop(library.path(library.add(noise(5, 20, -45, burst_db=30))), RATE)
    hops = levels(*loop)
    loudest = np.convolve(hops, np.full(30, 1 / 30), "valid").max()
    assert loudness.lufs(float(loudest)) == pytest.approx(LOUDEST_LUFS, abs=0.1)


def test_a_very_short_sound_is_looped_and_a_very_short_scene_heard(library: Library) -> None:
    short = library.add(noise(6, 0.3, -20))
    heard = Ambience([Backdrop(sound=short, begin_ms=2_000, end_ms=2_400)], 5_000, RATE, library.path).between(
        0, 5 * RATE
    )
    assert np.abs(heard[:, round(2.2 * RATE) - 100 : round(2.2 * RATE) + 100]).max() > 1e-3
    assert not heard[:, : round(1.7 * RATE)].any() and not heard[:, round(2.7 * RATE) :].any()


@pytest.mark.parametrize("content", [b"", b"<html>", noise(7, 3, -200), noise(8, 0.01, -20)])
def test_a_sound_that_is_none_fails_the_chapter_and_leaves_no_file(
    story: list[Segment], library: Library, tmp_path: Path, content: bytes
) -> None:
    backdrops = [Backdrop(sound=library.add(content), begin_ms=0, end_ms=story[0].duration_ms)]
    target = tmp_path / "chapter.m4a"
    with pytest.raises(AssetCorrupt, match="soundscape"):
        library.press.encode_ambient_chapter(
            story[:1], backdrops, story[0].duration_ms, RATE, library.path, target, nothing
        )
    assert not target.exists()


def test_it_can_be_stopped(story: list[Segment], library: Library, sounds: list[AssetId], tmp_path: Path) -> None:
    backdrops = [Backdrop(sound=sounds[0], begin_ms=0, end_ms=story[0].duration_ms)]
    target = tmp_path / "chapter.m4a"
    with pytest.raises(InterruptedError):
        library.press.encode_ambient_chapter(
            story[:1], backdrops, story[0].duration_ms, RATE, library.path, target, stop
        )
    assert not target.exists()


def test_chapters_with_ambience_are_joined_as_others_are(
    mix: Mix, story: list[Segment], library: Library, tmp_path: Path
) -> None:
    duration_ms = sum(story[page].duration_ms for page in (0, 1, 3, 5))
    chapters = [EncodedChapter(title=title, path=mix.path, duration_ms=duration_ms) for title in ("One", "Two")]
    tags = AudioTags(title="The River", language="en", album="The River")
    joined = library.press.join_chapters(chapters, tags, tmp_path / "book.m4b", nothing)
    assert joined.duration_ms == pytest.approx(2 * duration_ms, abs=50)
    sound = stereo(tmp_path / "book.m4b")
    at = round(joined.marks[1].start_ms * RATE / 1000)
    size = 4 * RATE
    assert levels(*sound[:, at + RATE : at + size]) == pytest.approx(
        levels(*mix.mixed[:, RATE:size]), rel=0.2, abs=1e-6
    )


def test_memory_does_not_grow_with_the_chapter(library: Library, sounds: list[AssetId]) -> None:
    def peak(minutes: int) -> int:
        end_ms = minutes * 60_000
        ambience = Ambience([Backdrop(sound=sounds[0], begin_ms=0, end_ms=end_ms)], end_ms, 8_000, library.path)
        tracemalloc.start()
        for begin in range(0, end_ms * 8, 1 << 16):
            ambience.between(begin, min(begin + (1 << 16), end_ms * 8))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(60) < 1.2 * peak(3)
