"""A full disk is a typed failure, and work goes on when there is room again."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwright.contracts.errors import StorageFull
from bookwright.store import Database, LocalAssets
from tests.store.conftest import ANNA, Clock, World, call_of


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], stderr=subprocess.DEVNULL
    )
    if not mounted:
        pytest.skip("only root can mount a small disk; the limit on file sizes is tested in its place")
    yield folder
    subprocess.check_call(["umount", "--lazy", str(folder)])


def fill(folder: Path) -> Path:
    """A file that takes all the room there is."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    assert os.statvfs(folder).f_bavail == 0
    return path


async def test_assets_wait_for_room(small_disk: Path) -> None:
    assets = LocalAssets(small_disk / "assets", min_room=1)
    kept = await assets.put(b"kept", "audio/wav")
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        await assets.check_room()
    with pytest.raises(StorageFull):
        await assets.put(b"x" * 100_000, "audio/wav")
    assert list(assets.scratch().iterdir()) == []
    assert await assets.get(kept) == b"kept"
    filler.unlink()
    await assets.check_room()
    await assets.put(b"x" * 100_000, "audio/wav")


async def test_the_database_waits_for_room(small_disk: Path, sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, small_disk / "book.db")
    async with Database(f"sqlite:///{small_disk / 'book.db'}") as database:
        world = World(database, LocalAssets(tmp_path / "assets", min_room=0), Clock())
        context = await world.book()
        filler = fill(small_disk)
        results = await asyncio.gather(
            *(world.reserved(context, call_of("x" * 10 + f"{n}"), "u" * 250 + f"{n}") for n in range(200)),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, BaseException)]
        assert refused and all(isinstance(result, StorageFull) for result in refused)
        made = await world.ledger.attempt_totals()
        assert sum(made.values()) == len(results) - len(refused)
        filler.unlink()
        await world.reserved(context, call_of("there is room again"))
        assert (await world.jobs.job(ANNA, context.job_id)).job_id == context.job_id


def test_a_limit_on_file_sizes_is_a_typed_failure(tmp_path: Path) -> None:
    """What root's small disk shows, for everybody: a child process whose files may not grow past 64 KiB."""
    child = """
import asyncio, pathlib, resource, signal, sys
from bookwright.contracts.errors import StorageFull
from bookwright.store import LocalAssets
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
assets = LocalAssets(pathlib.Path(sys.argv[1]), min_room=0)
async def main():
    await assets.put(b"small", "text/plain")
    try:
        await assets.put(b"x" * 200_000, "text/plain")
    except StorageFull:
        assert not list(assets.scratch().iterdir())
        print("full")
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", child, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "full"
