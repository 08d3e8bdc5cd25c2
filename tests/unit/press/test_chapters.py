"""Chapters become M4As, and the M4B is made of them without encoding anything again."""

from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
import pytest

from bookwright.contracts.book import Segment
from bookwright.contracts.errors import AssetCorrupt, BadInput
from bookwright.contracts.ports.audio import AudioTags, EncodedChapter
from bookwright.press.cover import Cover

from .conftest import Library, decoded, nothing, shift, stop

TAGS = AudioTags(title="The River", author="Asha Rao", language="en", album="The River")
RATE = 22_050
FRAME_MS = 1024 * 1000 / RATE


def sums(chapters: list[EncodedChapter]) -> list[int]:
    return [0, *accumulate(chapter.duration_ms for chapter in chapters)]


@pytest.fixture(scope="session")
def parts(story: list[Segment]) -> list[list[Segment]]:
    return [story[:2], story[2:3], story[3:4], story[4:]]


@pytest.fixture(scope="session")
def chapters(
    parts: list[list[Segment]], library: Library, tmp_path_factory: pytest.TempPathFactory
) -> list[EncodedChapter]:
    folder = tmp_path_factory.mktemp("chapters")
    made = [
        EncodedChapter(
            title=f"Part {index}",
            path=folder / f"{index}.m4a",
            duration_ms=sum(segment.duration_ms for segment in segments),
        )
        for index, segments in enumerate(parts)
    ]
    with ThreadPoolExecutor(2) as threads:
        jobs = [
            threads.submit(library.press.encode_chapter, segments, RATE, library.path, chapter.path, nothing)
            for segments, chapter in zip(parts, made, strict=True)
        ]
        for job in jobs:
            job.result()
    return made


def test_chapters_encoded_side_by_side_are_the_same(
    parts: list[list[Segment]], chapters: list[EncodedChapter], library: Library, tmp_path: Path
) -> None:
    target = tmp_path / "alone.m4a"
    library.press.encode_chapter(iter(parts[0]), RATE, library.path, target, nothing)
    assert target.read_bytes() == chapters[0].path.read_bytes()
    assert len(decoded(target)[0]) == pytest.approx(chapters[0].duration_ms * RATE / 1000, abs=1024)


def test_joined_book_sounds_like_one_encoded_in_one_go(
    story: list[Segment], chapters: list[EncodedChapter], library: Library, tmp_path: Path
) -> None:
    book, whole = tmp_path / "book.m4b", tmp_path / "whole.m4a"
    done = library.press.join_chapters(chapters, TAGS, book, nothing)
    library.press.encode_chapter(story, RATE, library.path, whole, nothing)
    joined, (reference, _) = decoded(book)[0], decoded(whole)
    total = sums(chapters)
    assert len(joined) == pytest.approx(total[-1] * RATE / 1000, abs=1024)
    assert done.duration_ms == pytest.approx(total[-1], abs=1)
    jumps = np.abs(np.diff(joined))
    for mark, begin_ms, end_ms in zip(done.marks, total, total[1:], strict=False):
        at, begin, end = (round(ms * RATE / 1000) for ms in (mark.start_ms, begin_ms, end_ms))
        here, there = joined[at : at + end - begin - 1024], reference[begin : end - 1024]
        if np.abs(there).max() > 0.1:
            assert abs(shift(here, there)) <= RATE / 1000
            onset = slice(0, RATE // 10)
            loss = np.sqrt(np.mean(here[onset] ** 2) / np.mean(there[onset] ** 2))
            assert loss == pytest.approx(1, abs=0.1), "the first sound is whole"
        if at:
            assert jumps[at - RATE // 10 : at + RATE // 200].max() < 0.05 * jumps.max()


def test_marks_do_not_drift(chapters: list[EncodedChapter], library: Library, tmp_path: Path) -> None:
    book = tmp_path / "book.m4b"
    many = [chapter.model_copy(update={"title": str(n)}) for n, chapter in enumerate([*chapters, chapters[1]] * 60)]
    done = library.press.join_chapters(many, TAGS, book, nothing)
    total = sums(many)
    assert [mark.start_ms for mark in done.marks] == pytest.approx(total[:-1], abs=FRAME_MS / 2 + 1)
    with av.open(str(book), "r") as container:
        starts = [float(entry["start"] * (entry["time_base"] or 0)) * 1000 for entry in container.chapters()]
        assert starts == pytest.approx(total[:-1], abs=50)
        stream = container.streams.audio[0]
        assert float((stream.duration or 0) * (stream.time_base or 0)) * 1000 == pytest.approx(total[-1], abs=1)


def test_book_wears_its_jacket(chapters: list[EncodedChapter], library: Library, tmp_path: Path) -> None:
    book, cover = tmp_path / "book.m4b", Cover().cover("The River", None, "en")
    done_ms: list[int] = []
    done = library.press.join_chapters(chapters, TAGS, book, done_ms.append, cover)
    assert done_ms[-1] == done.duration_ms
    data = book.read_bytes()
    assert data[4:12] == b"ftypM4B "
    assert data.index(b"moov") < data.index(b"mdat"), "can be played while it is loaded"
    with av.open(str(book), "r") as container:
        assert [entry["metadata"]["title"] for entry in container.chapters()] == [part.title for part in chapters]
        assert (container.metadata["title"], container.metadata["artist"]) == ("The River", "Asha Rao")
        assert container.streams.audio[0].metadata["language"] == "eng"
        assert [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size] == [cover]
    library.press.join_chapters(chapters, TAGS, tmp_path / "again.m4b", nothing, cover)
    assert (tmp_path / "again.m4b").read_bytes() == data


def test_what_is_no_chapter_is_refused(chapters: list[EncodedChapter], library: Library, tmp_path: Path) -> None:
    book, cut = tmp_path / "book.m4b", tmp_path / "cut.m4a"
    garbage = tmp_path / "garbage.m4a"
    cut.write_bytes(chapters[1].path.read_bytes()[:-20_000])
    garbage.write_bytes(b"x" * 20_000)
    for wrong in ({"duration_ms": 1_000}, {"path": cut}, {"path": garbage}):
        bad = chapters[1].model_copy(update=wrong)
        for order in ([chapters[0], bad], [bad, chapters[0]]):
            with pytest.raises(AssetCorrupt):
                library.press.join_chapters(order, TAGS, book, nothing)
    with pytest.raises(BadInput, match="no audio"):
        library.press.join_chapters([], TAGS, book, nothing)
    assert not book.exists()


def test_stopping_leaves_no_file(
    parts: list[list[Segment]], chapters: list[EncodedChapter], library: Library, tmp_path: Path
) -> None:
    with pytest.raises(InterruptedError):
        library.press.encode_chapter(parts[0], RATE, library.path, tmp_path / "chapter.m4a", stop)
    with pytest.raises(InterruptedError):
        library.press.join_chapters(chapters, TAGS, tmp_path / "book.m4b", stop)
    assert not list(tmp_path.iterdir())


def test_chapters_of_any_length_can_be_joined(library: Library, tmp_path: Path) -> None:
    silence = Segment(page=1, sample_rate=RATE, gain_db=0, loudness_lufs=-70, duration_ms=800, clips=())
    first = EncodedChapter(title="One", path=tmp_path / "1.m4a", duration_ms=800)
    library.press.encode_chapter([silence], RATE, library.path, first.path, nothing)
    for extra in range(60):
        second = EncodedChapter(title="Two", path=tmp_path / "2.m4a", duration_ms=801 + extra)
        segment = silence.model_copy(update={"duration_ms": second.duration_ms})
        library.press.encode_chapter([segment], RATE, library.path, second.path, nothing)
        joined = library.press.join_chapters([first, second], TAGS, tmp_path / "both.m4b", nothing)
        assert joined.duration_ms == pytest.approx(800 + second.duration_ms, abs=24)
