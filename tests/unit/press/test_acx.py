"""The edition for ACX keeps its rules, and the report tells when a file does not."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from bookwright.contracts.book import Segment, SpokenClip
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ports.audio import AudioTags, ChapterAudio
from bookwright.press.wav import Samples
from tests.support.waves import wav

from .conftest import Library, nothing, stop

TAGS = AudioTags(title="The River", author="Asha Rao", language="en", album="The River", track=1, tracks=3)


def chapter(segments: Sequence[Segment]) -> ChapterAudio:
    return ChapterAudio(number=1, title="The spring", segments=tuple(segments))


def test_chapter_keeps_every_rule(story: list[Segment], library: Library, tmp_path: Path) -> None:
    target, again = tmp_path / "acx.mp3", tmp_path / "again.mp3"
    done = library.press.encode_acx(chapter(story[:2]), TAGS, library.path, target, nothing)
    report = library.press.acx_report(target)
    assert report.problems == ()
    assert (report.sample_rate, report.channels, report.kbits) == (44_100, 1, 192)
    assert report.rms_db == pytest.approx(-20.5, abs=1)
    assert report.peak_db <= -3.2
    with av.open(str(target), "r") as container:
        assert container.duration == pytest.approx(done.duration_ms * 1000, abs=1_000)
        assert container.metadata["track"] == "1/3"
    library.press.encode_acx(chapter(story[:2]), TAGS, library.path, again, nothing)
    assert again.read_bytes() == target.read_bytes()


@pytest.mark.parametrize("loud", [0.01, 8.0])
def test_quiet_and_clipping_recordings_keep_every_rule(
    loud: float, voice: Samples, library: Library, tmp_path: Path
) -> None:
    samples = np.clip(voice * loud, -32768, 32767).astype(np.int16)
    clip = library.placed("one two three", SpokenClip(audio=wav(samples.tobytes(), 22_050), media_type="audio/wav"))
    target = tmp_path / "acx.mp3"
    segment = library.press.compose(1, [clip])
    library.press.encode_acx(chapter([segment]), TAGS, library.path, target, nothing)
    assert library.press.acx_report(target).problems == ()


def test_report_names_what_is_wrong(voice: Samples, library: Library, tmp_path: Path) -> None:
    path = tmp_path / "bad.wav"
    sound = np.concatenate((voice * 8.0, np.zeros(22_050), voice * 8.0))
    sound += np.random.default_rng(5).standard_normal(len(sound)) * 400
    path.write_bytes(wav(np.clip(sound, -32768, 32767).astype(np.int16).tobytes(), 22_050))
    report = library.press.acx_report(path)
    told = "; ".join(report.problems)
    for word in ("22050 Hz", "RMS of", "peak of", "noise floor of", "at the head", "at the tail"):
        assert word in told
    assert report.floor_db == pytest.approx(20 * np.log10(400 / 32768), abs=1)
    assert report.peak_db == pytest.approx(0, abs=0.1)


def test_report_measures_what_is_there(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    tone = 0.25 * np.sin(2 * np.pi * 441 * np.arange(44_100) / 44_100)
    sound = np.concatenate((np.zeros(22_050), tone, np.zeros(66_150)))
    path.write_bytes(wav((sound * 32767).astype(np.int16).tobytes(), 44_100))
    report = library.press.acx_report(path)
    assert [report.head_s, report.tail_s] == pytest.approx([0.5, 1.5], abs=0.02)
    assert report.peak_db == pytest.approx(-12.04, abs=0.05)
    assert report.rms_db == pytest.approx(-12.04 - 3.01 - 4.77, abs=0.05)
    assert report.floor_db == -100


def test_what_can_not_be_made_or_measured_is_refused(story: list[Segment], library: Library, tmp_path: Path) -> None:
    target = tmp_path / "acx.mp3"
    with pytest.raises(BadInput, match="no audio"):
        library.press.encode_acx(chapter([]), TAGS, library.path, target, nothing)
    with pytest.raises(InterruptedError):
        library.press.encode_acx(chapter(story), TAGS, library.path, target, stop)
    assert not target.exists()
    target.write_bytes(b"no sound at all" * 100)
    with pytest.raises(BadInput, match="no sound"):
        library.press.acx_report(target)
