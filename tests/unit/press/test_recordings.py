"""Recordings: what surveying finds, and that only what is heard is decoded."""

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from bookwright.contracts.errors import BadInput
from bookwright.contracts.ingestion import RecordingKind, RecordingPart
from bookwright.press import wav
from bookwright.press.loudness import energies
from bookwright.press.recordings.parts import MOST_PART_MS, by_marks, by_silence
from bookwright.press.recordings.press import Recordings
from bookwright.press.recordings.process import SurveyLimits
from bookwright.press.recordings.spans import decode_span
from bookwright.press.recordings.surveying import survey
from bookwright.recordings import check_content, check_name

RATE = 24_000
KINDS = {
    "one.mp3": ("mp3", "libmp3lame"),
    "one.m4b": ("mp4", "aac"),
    "one.flac": ("flac", "flac"),
    "one.opus": ("ogg", "libopus"),
    "one.wav": ("wav", "pcm_s16le"),
}


def noise(seconds: float) -> npt.NDArray[np.int16]:
    """Something that sounds different everywhere, the same each time."""
    drift = np.random.default_rng(7).normal(size=round(RATE * seconds))
    return np.asarray(np.convolve(drift, np.ones(12) / 12, "same") * 9_000, np.int16)


def encoded(path: Path, samples: npt.NDArray[np.int16], codec: str, form: str) -> Path:
    with av.open(str(path), "w", format=form) as out:
        stream: Any = out.add_stream(codec, rate=48_000 if codec == "libopus" else RATE)
        stream.layout = "mono"
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=stream.rate)
        frame = av.AudioFrame.from_ndarray(samples[None].copy(), format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder, samples = tmp_path_factory.mktemp("recordings"), noise(6)
    return {name: encoded(folder / name, samples, codec, form) for name, (form, codec) in KINDS.items()}


@pytest.mark.parametrize("name", KINDS)
def test_a_stretch_is_what_the_whole_has_there(files: Mapping[str, Path], name: str) -> None:
    whole = wav.decode(files[name].read_bytes())
    for start_s, end_s in ((0.0, 0.5), (2.75, 3.25), (5.5, 5.9)):
        start, end = round(start_s * whole.rate), round(end_s * whole.rate)
        part = decode_span(files[name], start, end)
        assert part.rate == whole.rate
        assert np.array_equal(part.samples, whole.samples[start:end])


@pytest.mark.parametrize("name", KINDS)
def test_what_comes_in_is_what_it_says_and_whole(files: Mapping[str, Path], name: str, tmp_path: Path) -> None:
    said = check_name(name, "")
    assert check_content(files[name], said).startswith("audio/")
    other = RecordingKind.MP3 if said is not RecordingKind.MP3 else RecordingKind.WAV
    with pytest.raises(BadInput, match="holds"):
        check_content(files[name], other)
    facts = survey(files[name], lambda _done: None)
    assert facts.duration_ms == pytest.approx(6_000, abs=60)
    assert facts.parts[0].begin_ms == 0 and facts.parts[-1].end_ms == facts.duration_ms
    cut = tmp_path / name
    cut.write_bytes(files[name].read_bytes()[: -files[name].stat().st_size // 3])
    with pytest.raises(BadInput, match=r"cut off|decoded"):
        check_content(cut, said)
        survey(cut, lambda _done: None)


def test_a_silent_recording_is_refused(tmp_path: Path) -> None:
    path = encoded(tmp_path / "silent.wav", np.zeros(RATE * 2, np.int16), "pcm_s16le", "wav")
    with pytest.raises(BadInput, match="silent"):
        Recordings().survey(path, lambda _done: None)


def test_a_survey_is_made_by_a_process_of_its_own_with_limits(files: Mapping[str, Path], tmp_path: Path) -> None:
    assert Recordings().survey(files["one.mp3"], lambda _done: None) == survey(files["one.mp3"], lambda _done: None)
    with pytest.raises(BadInput, match="damaged, or takes more memory"):
        Recordings(SurveyLimits(memory_bytes=64 << 20)).survey(files["one.mp3"], lambda _done: None)
    stuck = tmp_path / "one.wav"
    os.mkfifo(stuck)  # whoever opens it waits for ever
    with pytest.raises(BadInput, match="too long"):
        Recordings(SurveyLimits(wall_seconds=0.01)).survey(stuck, lambda _done: None)

    def stop(_done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        Recordings().survey(stuck, stop)


def test_an_excerpt_is_the_same_again_and_as_long_as_its_part(files: Mapping[str, Path], tmp_path: Path) -> None:
    part = RecordingPart(title=None, begin_ms=1_500, end_ms=4_500)
    made = []
    for name in ("first.mp3", "second.mp3"):
        Recordings().excerpt(files["one.m4b"], part, tmp_path / name, lambda _done: None)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    assert wav.decode(made[0]).duration_ms == pytest.approx(3_000, abs=30)


def test_whoever_stops_an_excerpt_leaves_no_file(files: Mapping[str, Path], tmp_path: Path) -> None:
    def stop(_done: int) -> None:
        raise InterruptedError

    part = RecordingPart(title=None, begin_ms=0, end_ms=3_000)
    with pytest.raises(InterruptedError):
        Recordings().excerpt(files["one.mp3"], part, tmp_path / "x.mp3", stop)
    assert list(tmp_path.iterdir()) == []


def levels(*stretches: tuple[float, float]) -> npt.NDArray[np.float64]:
    """Energies of stretches of so many seconds at so many LUFS."""
    return energies(level for seconds, level in stretches for _ in range(round(seconds * 10)))


def test_marks_name_chapters_that_cover_the_recording() -> None:
    parts = by_marks([("Two", 60_000, 90_000), ("One", 500, 50_000)], 100_000)
    assert [(part.title, part.begin_ms, part.end_ms) for part in parts] == [
        ("One", 0, 60_000),
        ("Two", 60_000, 100_000),
    ]


def test_long_silences_end_chapters_unless_they_would_be_short() -> None:
    hops = levels((400, -20), (4, -90), (30, -20), (4, -90), (400, -20), (1, -90), (200, -20))
    parts = by_silence(hops, -20.0, len(hops) * 100)
    assert [(part.begin_ms, part.end_ms) for part in parts] == [(0, 402_000), (402_000, 1_039_000)]


@pytest.mark.parametrize(("pause_s", "at_ms"), [(1.0, 3_000_500), (0.0, MOST_PART_MS)])
def test_what_is_too_long_for_a_transcriber_is_divided_at_its_longest_pause(pause_s: float, at_ms: int) -> None:
    hops = levels((3_000, -20), (pause_s, -90), (3_000, -20))
    parts = by_silence(hops, -20.0, len(hops) * 100)
    assert [part.end_ms for part in parts] == [at_ms, len(hops) * 100]
