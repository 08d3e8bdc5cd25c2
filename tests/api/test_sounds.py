"""Sounds that are rendered when they are asked for: once, off the loop, in bounded room."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.files.sounds import RenderedSounds
from bookwright.contracts.book import Segment
from bookwright.contracts.errors import AssetMissing, BadInput
from bookwright.contracts.ids import AssetId
from bookwright.press.pagesound import WavSound
from bookwright.press.segment import compose
from bookwright.store import LocalAssets


class Drum:
    """A sound of 1,000 bytes that counts how often it is made."""

    media_type = "audio/drum"

    def __init__(self) -> None:
        self.rendered: list[int] = []

    def size(self, segment: Segment) -> int:
        return 1000

    def render(self, segment: Segment, clip_path: Callable[[AssetId], Path]) -> Iterator[bytes]:
        self.rendered.append(segment.page)
        if segment.page == 13:
            raise AssetMissing("there is no such clip")
        yield bytes([segment.page]) * 400
        yield bytes([segment.page]) * 600


@pytest.fixture
def assets(tmp_path: Path) -> LocalAssets:
    return LocalAssets(tmp_path / "assets", min_room=0)


async def page(assets: LocalAssets, number: int) -> AssetId:
    return await assets.put(compose(number, []).model_dump_json().encode(), "application/json")


async def test_many_who_ask_at_once_get_one_file(assets: LocalAssets, tmp_path: Path) -> None:
    drum = Drum()
    sounds = RenderedSounds(drum, assets, tmp_path / "cache")
    asset = await page(assets, 7)
    impatient = asyncio.create_task(sounds.file(asset))
    await asyncio.sleep(0)
    impatient.cancel()
    paths = await asyncio.gather(*(sounds.file(asset) for _ in range(20)))
    assert drum.rendered == [7]
    assert {path.read_bytes() for path in paths} == {b"\x07" * 1000}


async def test_another_process_finds_what_was_rendered(assets: LocalAssets, tmp_path: Path) -> None:
    asset = await page(assets, 1)
    await RenderedSounds(Drum(), assets, tmp_path / "cache").file(asset)
    second = Drum()
    await RenderedSounds(second, assets, tmp_path / "cache").file(asset)
    assert second.rendered == []


async def test_the_room_is_bounded_and_what_was_used_last_stays(assets: LocalAssets, tmp_path: Path) -> None:
    drum, folder = Drum(), tmp_path / "cache"
    sounds = RenderedSounds(drum, assets, folder, room=3500)
    pages = [await page(assets, number) for number in range(1, 6)]
    for asset in pages[:3]:
        os.utime(await sounds.file(asset), (0, 0))  # long ago: times of files may be too coarse to tell them apart
    await sounds.file(pages[0])
    await sounds.file(pages[3])
    assert len(list(folder.iterdir())) == 3
    await sounds.file(pages[0])
    assert drum.rendered == [1, 2, 3, 4]


async def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(
    assets: LocalAssets, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    old, young = folder / "old.part", folder / "young.part"
    for path in (old, young):
        path.write_bytes(bytes(5000))
    os.utime(old, (0, 0))
    await RenderedSounds(Drum(), assets, folder, room=100).file(await page(assets, 1))
    assert (old.exists(), young.exists()) == (False, True)


async def test_what_fails_leaves_nothing_and_may_be_asked_again(assets: LocalAssets, tmp_path: Path) -> None:
    drum, folder = Drum(), tmp_path / "cache"
    sounds = RenderedSounds(drum, assets, folder)
    asset = await page(assets, 13)
    for _ in range(2):
        with pytest.raises(AssetMissing):
            await sounds.file(asset)
    assert drum.rendered == [13, 13]
    assert list(folder.iterdir()) == []
    with pytest.raises(AssetMissing):
        await sounds.file(AssetId("0" * 64))


def test_a_wav_is_as_long_as_promised_and_the_same_each_time() -> None:
    silence = compose(1, [])
    sound = WavSound()
    data = b"".join(sound.render(silence, Path))
    assert len(data) == sound.size(silence) == 44 + 2 * 22_050 * 800 // 1000
    assert data == b"".join(sound.render(silence, Path))


def test_a_page_of_days_is_refused() -> None:
    with pytest.raises(BadInput):
        WavSound().size(compose(1, []).model_copy(update={"duration_ms": 100 * 3_600_000}))
