"""What only a local folder can do wrong: half-written files, stale scratch, too little room."""

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bookwright.contracts.errors import StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.store import LocalAssets


def files(assets: LocalAssets) -> list[Path]:
    return [path for path in assets.scratch().parent.rglob("*") if path.is_file()]


async def test_what_is_put_again_is_the_same_file(assets: LocalAssets) -> None:
    first = await assets.put(b"bytes", "audio/wav")
    inode = assets.path(first).stat().st_ino
    await assets.put(b"bytes", "audio/wav")
    assert assets.path(first).stat().st_ino == inode


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


async def test_an_orphan_that_is_put_again_is_not_swept(assets: LocalAssets) -> None:
    orphan = await assets.put(b"wanted again", "audio/wav")
    os.utime(assets.path(orphan), (0, 0))

    async def none_known(wanted: Sequence[AssetId]) -> set[AssetId]:
        await assets.put(b"wanted again", "audio/wav")  # comes while the rows are being asked for
        return set()

    assert await assets.sweep_orphans(none_known, timedelta(hours=1)) == []
    assert await assets.get(orphan) == b"wanted again"
