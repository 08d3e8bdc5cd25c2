"""Pages become MP3s, and a chapter's MP3 is made of them without encoding anything again."""

from collections.abc import Callable
from itertools import accumulate, pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from bookwright.contracts.book import Segment
from bookwright.contracts.errors import AssetCorrupt, AssetMissing, BadInput
from bookwright.contracts.ports.audio import AudioTags, EncodedPage
from bookwright.press import mp3
from bookwright.press.cover import Cover
from bookwright.press.render import blocks, page_of

from .conftest import Library, decoded, nothing, shift, stop

TAGS = AudioTags(title="The River", author="Asha Rao", language="hi", album="नदी", track=2, tracks=9)
RATE = 22_050


@pytest.fixture(scope="session")
def pages(story: list[Segment], library: Library, tmp_path_factory: pytest.TempPathFactory) -> list[EncodedPage]:
    folder = tmp_path_factory.mktemp("pages")
    made = []
    for number, segment in enumerate(story, 1):
        path = folder / f"{number}.mp3"
        library.press.encode_page(segment, RATE, library.path, path, nothing)
        made.append(EncodedPage(number=number, path=path, duration_ms=segment.duration_ms))
    return made


@pytest.mark.parametrize("rate", [22_050, 24_000, 44_100, 48_000])
def test_page_is_as_long_as_its_segment_and_begins_with_it(
    rate: int, story: list[Segment], library: Library, tmp_path: Path
) -> None:
    target = tmp_path / "page.mp3"
    library.press.encode_page(story[0], rate, library.path, target, nothing)
    heard, heard_rate = decoded(target)
    page = page_of(story[0])
    expected = np.concatenate(list(blocks(page, rate, library.path)))
    assert (heard_rate, len(heard)) == (rate, len(expected))
    assert shift(heard, expected) == 0
    again = tmp_path / "again.mp3"
    library.press.encode_page(story[0], rate, library.path, again, nothing)
    assert again.read_bytes() == target.read_bytes()
    with av.open(str(target), "r") as container:
        assert container.streams.audio[0].codec_context.bit_rate == 64_000
        assert not container.metadata


def test_chapter_is_its_pages(pages: list[EncodedPage], library: Library, tmp_path: Path) -> None:
    target, cover = tmp_path / "chapter.mp3", Cover().cover("The River", None, "en")
    done_ms: list[int] = []
    joined = library.press.join_pages(pages, TAGS, target, done_ms.append, cover)
    begins = [0, *accumulate(page.duration_ms for page in pages)]
    assert [place.number for place in joined.pages] == [page.number for page in pages]
    assert [place.begin_ms for place in joined.pages] == pytest.approx(begins[:-1], abs=20)
    assert joined.duration_ms == joined.pages[-1].end_ms == done_ms[-1] == pytest.approx(begins[-1], abs=1)
    assert all(left.end_ms == right.begin_ms for left, right in pairwise(joined.pages))

    heard, _ = decoded(target)
    assert len(heard) == round(begins[-1] * RATE / 1000)
    for page, place in zip(pages, joined.pages, strict=True):
        alone, _ = decoded(page.path)
        begin = round(place.begin_ms * RATE / 1000)
        part = heard[begin : begin + len(alone)]
        if np.abs(alone).max() > 0.1:
            assert abs(shift(part, alone)) < RATE / 500, "heard where the place says"
        assert np.abs(part[-RATE // 2 : -RATE // 50]).max() < 0.001, "ends in silence"
    with av.open(str(target), "r") as container:
        tags = container.metadata
        assert (tags["title"], tags["album"], tags["artist"], tags["track"]) == ("The River", "नदी", "Asha Rao", "2/9")
        assert (tags["genre"], tags["language"]) == ("Audiobook", "hin")
        assert not any("Lavf" in value for value in tags.values())
        assert [entry["metadata"]["title"] for entry in container.chapters()] == ["1", "2", "3", "4", "5", "6"]
        assert [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size] == [cover]
        assert container.duration == pytest.approx(joined.duration_ms * 1000, abs=1_000)


def test_pages_are_copied_so_that_one_that_changed_leaves_the_others(
    pages: list[EncodedPage], library: Library, tmp_path: Path
) -> None:
    target = tmp_path / "chapter.mp3"
    library.press.join_pages(pages, TAGS, target, nothing)
    joined = target.read_bytes()
    for page in pages:
        frames = mp3.read(page.path)
        assert frames.first(len(frames.offsets) - 4) in joined


def test_no_click_where_pages_meet(pages: list[EncodedPage], library: Library, tmp_path: Path) -> None:
    target = tmp_path / "chapter.mp3"
    joined = library.press.join_pages(pages, TAGS, target, nothing)
    heard, _ = decoded(target)
    jumps = np.abs(np.diff(heard))
    for place in joined.pages[1:]:
        at = round(place.begin_ms * RATE / 1000)
        assert jumps[at - RATE // 10 : at + RATE // 200].max() < 0.05 * jumps.max()


def test_a_long_chapter_does_not_drift(pages: list[EncodedPage], library: Library, tmp_path: Path) -> None:
    target = tmp_path / "long.mp3"
    many = [page.model_copy(update={"number": number}) for number, page in enumerate([*pages, *pages[:3]] * 40, 1)]
    joined = library.press.join_pages(many, TAGS, target, nothing)
    begins = [0, *accumulate(page.duration_ms for page in many)]
    assert [place.begin_ms for place in joined.pages] == pytest.approx(begins[:-1], abs=14)
    with av.open(str(target), "r") as container:
        assert container.duration == pytest.approx(begins[-1] * 1000, abs=26_000)


def test_joined_chapter_is_as_loud_as_its_pages(
    pages: list[EncodedPage], library: Library, measure_file: Callable[[Path], tuple[float, float]], tmp_path: Path
) -> None:
    target = tmp_path / "chapter.mp3"
    library.press.join_pages(pages, TAGS, target, nothing)
    for path in (target, *(page.path for page in pages if page.number != 4)):
        lufs, peak = measure_file(path)
        assert lufs == pytest.approx(-18, abs=0.5)
        assert peak <= -1.5


def test_what_is_no_page_is_refused(pages: list[EncodedPage], library: Library, tmp_path: Path) -> None:
    target, other = tmp_path / "chapter.mp3", tmp_path / "other.mp3"
    data = pages[1].path.read_bytes()
    wrong = pages[1].model_copy(update={"path": other})
    for content in (data[:-10], data + b"TAG", data[208:], b"", b"ID3 nothing"):
        other.write_bytes(content)
        with pytest.raises(AssetCorrupt):
            library.press.join_pages([pages[0], wrong], TAGS, target, nothing)
    with pytest.raises(AssetCorrupt, match="length"):
        library.press.join_pages([pages[0], pages[1].model_copy(update={"duration_ms": 900})], TAGS, target, nothing)
    with pytest.raises(BadInput, match="no audio"):
        library.press.join_pages([], TAGS, target, nothing)
    assert not target.exists()


def test_pages_at_two_rates_are_refused(
    pages: list[EncodedPage], story: list[Segment], library: Library, tmp_path: Path
) -> None:
    other = tmp_path / "other.mp3"
    library.press.encode_page(story[1], 24_000, library.path, other, nothing)
    with pytest.raises(AssetCorrupt, match="sample rate"):
        mixed = [pages[0], pages[1].model_copy(update={"path": other})]
        library.press.join_pages(mixed, TAGS, tmp_path / "chapter.mp3", nothing)


def test_stopping_leaves_no_file(
    pages: list[EncodedPage], story: list[Segment], library: Library, tmp_path: Path
) -> None:
    with pytest.raises(InterruptedError):
        library.press.encode_page(story[0], RATE, library.path, tmp_path / "page.mp3", stop)
    with pytest.raises(InterruptedError):
        library.press.join_pages(pages, TAGS, tmp_path / "chapter.mp3", stop)
    assert not list(tmp_path.iterdir())


def test_a_lost_clip_leaves_no_file(story: list[Segment], library: Library, tmp_path: Path) -> None:
    def lost(asset: str) -> Path:
        raise AssetMissing(f"asset {asset} is not in the store")

    with pytest.raises(AssetMissing):
        library.press.encode_page(story[0], RATE, lost, tmp_path / "page.mp3", nothing)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("clips", "rate"),
    [([], 22_050), ([8_000], 22_050), ([22_050, 8_000], 22_050), ([24_000, 22_050], 24_000), ([96_000], 48_000)],
)
def test_one_rate_for_all_pages(clips: list[int], rate: int, library: Library) -> None:
    assert library.press.encoding_rate(clips) == rate


def test_pages_of_any_length_can_be_joined(library: Library, tmp_path: Path) -> None:
    """Where a last page begins early by part of a frame, its own frames end as much before the sum of the durations."""
    silence = Segment(page=1, sample_rate=RATE, gain_db=0, loudness_lufs=-70, duration_ms=800, clips=())
    first = EncodedPage(number=1, path=tmp_path / "1.mp3", duration_ms=800)
    library.press.encode_page(silence, RATE, library.path, first.path, nothing)
    for extra in range(60):
        second = EncodedPage(number=2, path=tmp_path / "2.mp3", duration_ms=801 + extra)
        segment = silence.model_copy(update={"duration_ms": second.duration_ms})
        library.press.encode_page(segment, RATE, library.path, second.path, nothing)
        joined = library.press.join_pages([first, second], TAGS, tmp_path / "both.mp3", nothing)
        assert joined.duration_ms == pytest.approx(800 + second.duration_ms, abs=14)
        heard, _ = decoded(tmp_path / "both.mp3")
        assert len(heard) * 1000 / RATE == pytest.approx(joined.duration_ms, abs=1)
