"""Whole files: read again with FFmpeg, they are what was promised."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from bookwright.contracts.book import Segment
from bookwright.contracts.errors import BadInput
from bookwright.contracts.orders import Edition
from bookwright.contracts.ports.audio import AudioTags, ChapterAudio
from bookwright.press.cover import Cover
from tests.support.editions import encode

from .conftest import Library

TAGS = AudioTags(title="The River", author="Asha Rao", language="hi", album="नदी", track=2, tracks=9)


@pytest.fixture(scope="session")
def chapters(story: list[Segment]) -> list[ChapterAudio]:
    return [
        ChapterAudio(number=1, title="The spring", segments=tuple(story[:2])),
        ChapterAudio(number=2, title="Nothing", segments=()),
        ChapterAudio(number=3, title="सागर & “sea”", segments=tuple(story[2:])),
    ]


def test_encoded_book(
    chapters: list[ChapterAudio],
    library: Library,
    measure_file: Callable[[Path], tuple[float, float]],
    tmp_path: Path,
) -> None:
    cover = Cover().cover("The River", None, "en")
    heard: list[int] = []
    digests = set()
    for take in range(2):
        target = tmp_path / f"{take}.m4b"
        done = encode(library.press, Edition.M4B, iter(chapters), TAGS, library.path, target, heard.append, cover)
        digests.add(hashlib.sha256(target.read_bytes()).hexdigest())
    assert len(digests) == 1, "the same input gives the same bytes"

    sums = [sum(segment.duration_ms for segment in chapter.segments) for chapter in chapters if chapter.segments]
    assert [mark.title for mark in done.marks] == ["The spring", "सागर & “sea”"]
    assert [mark.end_ms - mark.start_ms for mark in done.marks] == pytest.approx(sums, abs=50)
    assert done.duration_ms == done.marks[-1].end_ms == heard[-1]

    with av.open(str(target), "r") as container:
        stream = container.streams.audio[0]
        assert stream.duration is not None and stream.time_base is not None
        assert float(stream.duration * stream.time_base) * 1000 == pytest.approx(sum(sums), abs=50)
        read = container.chapters()
        assert [entry["metadata"]["title"] for entry in read] == [mark.title for mark in done.marks]
        for entry, mark in zip(read, done.marks, strict=True):
            base = entry["time_base"]
            assert base is not None
            assert float(entry["start"] * base) * 1000 == pytest.approx(mark.start_ms, abs=50)
            assert float(entry["end"] * base) * 1000 == pytest.approx(mark.end_ms, abs=50)
        tags = container.metadata
        assert (tags["title"], tags["album"], tags["artist"], tags["track"]) == ("The River", "नदी", "Asha Rao", "2/9")
        assert "hin" in (tags.get("language"), stream.metadata.get("language"))
        assert not any("Lavf" in value for value in tags.values())
        pictures = [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]
        assert pictures == [cover]
        assert stream.codec_context.bit_rate == pytest.approx(64_000, rel=0.2)

    lufs, peak = measure_file(target)
    assert lufs == pytest.approx(-18, abs=0.5)
    assert peak <= -1.5


def test_marks_match_the_sound(chapters: list[ChapterAudio], library: Library, tmp_path: Path) -> None:
    """The pause before the second chapter lies where its mark says."""
    target = tmp_path / "book.m4b"
    done = encode(library.press, Edition.M4B, chapters, TAGS, library.path, target, lambda ms: None)
    with av.open(str(target), "r") as container:
        stream = container.streams.audio[0]
        loud = [
            (float(frame.pts * stream.time_base) * 1000, float(np.abs(frame.to_ndarray()).max()))
            for frame in container.decode(stream)
            if frame.pts is not None and stream.time_base is not None
        ]
    begin = done.marks[1].start_ms
    before = [level for at, level in loud if begin - 650 < at < begin - 100]
    after = [level for at, level in loud if begin + 50 < at < begin + 600]
    assert before and max(before) < 0.02
    assert max(after) > 0.1


def test_stopping_leaves_no_file(chapters: list[ChapterAudio], library: Library, tmp_path: Path) -> None:
    def stop(milliseconds: int) -> None:
        if milliseconds:
            raise InterruptedError

    target = tmp_path / "book.m4b"
    with pytest.raises(InterruptedError):
        encode(library.press, Edition.M4B, chapters, TAGS, library.path, target, stop)
    assert not target.exists()


def test_book_without_a_page_is_refused(library: Library, tmp_path: Path) -> None:
    empty = [ChapterAudio(number=1, title="x", segments=())]
    with pytest.raises(BadInput, match="no audio"):
        encode(library.press, Edition.MP3, empty, TAGS, library.path, tmp_path / "x.mp3", lambda ms: None)


def test_silent_book_is_a_file(library: Library, tmp_path: Path) -> None:
    silent = [ChapterAudio(number=1, title="x", segments=(library.press.compose(1, []),))]
    done = encode(library.press, Edition.MP3, silent, TAGS, library.path, tmp_path / "x.mp3", lambda ms: None)
    assert done.duration_ms == silent[0].segments[0].duration_ms
