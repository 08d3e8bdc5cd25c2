"""Assets are complete or not there, and match their hashes and their rows."""

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bookwright.contracts.errors import AssetCorrupt, AssetMissing, StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.store import AssetRows, LocalAssets
from tests.store.conftest import World, asset_of, call_of

NOW = timedelta(0)


def files(assets: LocalAssets) -> list[Path]:
    return [path for path in assets.scratch().parent.rglob("*") if path.is_file()]


async def test_the_same_bytes_are_stored_once(assets: LocalAssets) -> None:
    first = await assets.put(b"bytes", "audio/wav")
    inode = assets.path(first).stat().st_ino
    assert await assets.put(b"bytes", "audio/wav") == first == asset_of(b"bytes")
    assert assets.path(first).stat().st_ino == inode
    assert await assets.get(first) == b"bytes"
    assert await assets.exists(first)
    assert await assets.describe(first) == (first, "audio/wav", 5)
    assert files(assets) == [assets.path(first)]


async def test_a_finished_file_is_moved_in(assets: LocalAssets) -> None:
    for _ in range(2):
        path = assets.scratch() / "new.m4b"
        path.write_bytes(b"file")
        asset = await assets.put_file(path, "audio/mp4")
        assert not path.exists()
    assert await assets.get(asset) == b"file"
    assert files(assets) == [assets.path(asset)]


@pytest.mark.parametrize("name", ["0" * 64, "", "../../etc/passwd", "A" * 64, "a/../" + "0" * 59])
async def test_what_is_not_there_is_missing(assets: LocalAssets, name: str) -> None:
    asset = AssetId(name)
    with pytest.raises(AssetMissing):
        await assets.get(asset)
    with pytest.raises(AssetMissing):
        assets.path(asset)
    with pytest.raises(AssetMissing):
        await assets.describe(asset)


async def test_changed_bytes_are_found_out(assets: LocalAssets) -> None:
    good, bad = await assets.put(b"good", "text/plain"), await assets.put(b"bad", "text/plain")
    assets.path(bad).write_bytes(b"worse")
    with pytest.raises(AssetCorrupt):
        await assets.get(bad)
    assert await assets.get(good) == b"good"
    assert await assets.verify() == [bad]
    assert list(assets.all()) == sorted([good, bad])


@pytest.mark.parametrize("step", ["fsync", "rename"])
async def test_a_write_that_fails_leaves_nothing(
    assets: LocalAssets, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if step == "fsync":
            patch.setattr(os, "fsync", fail)
        else:
            patch.setattr(Path, "rename", fail)
        with pytest.raises(StorageFull):
            await assets.put(b"bytes", "audio/wav")
    assert files(assets) == []
    await assets.put(b"bytes", "audio/wav")


async def test_what_another_process_stored_is_recognised(assets: LocalAssets) -> None:
    asset = await assets.put(b"RIFF0000WAVEfmt ", "audio/wav")
    reopened = LocalAssets(assets.scratch().parent, min_room=0)
    assert await reopened.describe(asset) == (asset, "audio/wav", 16)


async def test_too_little_room_is_told_before_money_is_spent(tmp_path: Path) -> None:
    await LocalAssets(tmp_path, min_room=0).check_room()
    with pytest.raises(StorageFull):
        await LocalAssets(tmp_path, min_room=2**60).check_room()


async def test_stale_scratch_is_swept_at_start(assets: LocalAssets) -> None:
    old, new = assets.scratch() / "old", assets.scratch() / "new"
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    LocalAssets(assets.scratch().parent, min_room=0)
    assert (old.exists(), new.exists()) == (False, True)


async def test_the_stale_folder_of_a_killed_press_is_swept(assets: LocalAssets) -> None:
    folder = assets.scratch() / ".pdf-abandoned"
    folder.mkdir()
    (folder / "chapters.json").write_text("[]")
    assert assets.sweep() == 0 and folder.is_dir()
    os.utime(folder, (0, 0))
    assert assets.sweep() == 1 and not folder.exists()


async def test_bytes_and_rows_match_and_orphans_are_swept(world: World) -> None:
    context = await world.book()
    answer = await world.bought(context, call_of(), cost=0)
    orphan = await world.assets.put(b"a crash came before the row", "audio/wav")
    rows = AssetRows(world.database)
    assert await rows.known([answer.asset, orphan]) == {answer.asset}
    assert await world.assets.sweep_orphans(rows.known, timedelta(hours=1)) == []
    assert await world.assets.sweep_orphans(rows.known, NOW) == [orphan]
    assert list(world.assets.all()) == [blob.asset for blob in await rows.all()] == [answer.asset]
    assert files(world.assets) == [world.assets.path(answer.asset)]
    [row] = await rows.all()
    assert (row.media_type, row.size) == ("audio/wav", world.assets.path(answer.asset).stat().st_size)


async def test_an_orphan_that_is_put_again_is_not_swept(assets: LocalAssets) -> None:
    orphan = await assets.put(b"wanted again", "audio/wav")
    os.utime(assets.path(orphan), (0, 0))

    async def none_known(wanted: Sequence[AssetId]) -> set[AssetId]:
        await assets.put(b"wanted again", "audio/wav")  # comes while the rows are being asked for
        return set()

    assert await assets.sweep_orphans(none_known, timedelta(hours=1)) == []
    assert await assets.get(orphan) == b"wanted again"
