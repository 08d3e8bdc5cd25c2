"""Assets are complete or not there, and match their hashes and their rows, wherever they are kept."""

from abc import ABC, abstractmethod
from datetime import timedelta
from pathlib import Path

import pytest

from bookwright.contracts.errors import AssetCorrupt, AssetMissing
from bookwright.contracts.ids import AssetId, JobId
from bookwright.contracts.progress import JobState
from bookwright.store import AssetRows, Assets, Database, LocalAssets
from bookwright.store.assets.bucket import PART
from bookwright.store.books.deletion import BookRemoval
from tests.store.conftest import ANNA, Clock, World, asset_of, call_of
from tests.support.buckets import Bucket

NOW = timedelta(0)


class Place(ABC):
    """Where assets are kept, as a test looks into it."""

    @abstractmethod
    def open(self, machine: str = "assets") -> Assets:
        """The store, as another process or machine opens it."""

    @abstractmethod
    def stored(self) -> list[str]:
        """The names of all that is kept."""

    @abstractmethod
    def spoil(self, asset: AssetId) -> None:
        """Write other bytes over an asset."""


class Folder(Place):
    def __init__(self, root: Path) -> None:
        self._root = root / "assets"

    def open(self, machine: str = "assets") -> Assets:
        return LocalAssets(self._root, min_room=0)

    def stored(self) -> list[str]:
        return [path.name for path in self._root.rglob("*") if path.is_file()]

    def spoil(self, asset: AssetId) -> None:
        (self._root / asset[:2] / asset).write_bytes(b"worse")


class InBucket(Place):
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def open(self, machine: str = "assets") -> Assets:
        return self._bucket.assets(machine)

    def stored(self) -> list[str]:
        return [key.rpartition("/")[2] for key in self._bucket.keys()]

    def spoil(self, asset: AssetId) -> None:
        self._bucket.overwrite(asset, b"worse")


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Folder(tmp_path) if request.param == "local" else InBucket(request.getfixturevalue("bucket"))


@pytest.fixture
def assets(place: Place) -> Assets:
    return place.open()


async def test_the_same_bytes_are_stored_once(assets: Assets, place: Place) -> None:
    first = await assets.put(b"bytes", "audio/wav")
    assert await assets.put(b"bytes", "audio/wav") == first == asset_of(b"bytes")
    assert await place.open("elsewhere").put(b"bytes", "audio/wav") == first
    assert await assets.get(first) == assets.path(first).read_bytes() == b"bytes"
    assert await assets.exists(first)
    assert await assets.describe(first) == (first, "audio/wav", 5)
    assert place.stored() == [first] == list(assets.all())
    assert not list(assets.scratch().iterdir())


async def test_a_finished_file_is_moved_in(assets: Assets, place: Place) -> None:
    for _ in range(2):
        path = assets.scratch() / "new.m4b"
        path.write_bytes(b"file")
        asset = await assets.put_file(path, "audio/mp4")
        assert not path.exists()
    assert await assets.get(asset) == b"file"
    assert place.stored() == [asset] and await assets.verify() == []


@pytest.mark.parametrize("size", [0, PART - 1, PART, PART + 1, 2 * PART + 1])
async def test_a_file_of_any_size_comes_back_as_it_was(assets: Assets, place: Place, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    path = assets.scratch() / "whole"
    path.write_bytes(data[:size])
    asset = await assets.put_file(path, "audio/mp4")
    elsewhere = place.open("elsewhere")
    assert await elsewhere.get(asset) == data[:size]
    assert (await elsewhere.describe(asset)).size == size
    assert await elsewhere.put(data[:size], "audio/mp4") == asset and place.stored() == [asset]


@pytest.mark.parametrize("name", ["0" * 64, "", "../../etc/passwd", "A" * 64, "a/../" + "0" * 59])
async def test_what_is_not_there_is_missing(assets: Assets, name: str) -> None:
    asset = AssetId(name)
    with pytest.raises(AssetMissing):
        await assets.get(asset)
    with pytest.raises(AssetMissing):
        assets.path(asset)
    with pytest.raises(AssetMissing):
        await assets.describe(asset)


async def test_changed_bytes_are_found_out(assets: Assets, place: Place) -> None:
    good, bad = await assets.put(b"good", "text/plain"), await assets.put(b"bad", "text/plain")
    place.spoil(bad)
    elsewhere = place.open("elsewhere")
    with pytest.raises(AssetCorrupt):
        await elsewhere.get(bad)
    assert await elsewhere.get(good) == b"good"
    assert await assets.verify() == [bad]
    assert list(assets.all()) == sorted([good, bad])


async def test_what_another_process_stored_is_recognised(assets: Assets, place: Place) -> None:
    asset = await assets.put(b"RIFF0000WAVEfmt ", "audio/wav")
    assert await place.open("elsewhere").describe(asset) == (asset, "audio/wav", 16)


async def test_bytes_and_rows_match_and_orphans_are_swept(
    database: Database, assets: Assets, clock: Clock, place: Place
) -> None:
    world = World(database, assets, clock)
    context = await world.book()
    answer = await world.bought(context, call_of(), cost=0)
    orphan = await assets.put(b"a crash came before the row", "audio/wav")
    rows = AssetRows(database)
    assert await rows.known([answer.asset, orphan]) == {answer.asset}
    assert await assets.sweep_orphans(rows.known, timedelta(hours=1)) == []
    assert await assets.sweep_orphans(rows.known, NOW) == [orphan]
    assert place.stored() == list(assets.all()) == [blob.asset for blob in await rows.all()] == [answer.asset]
    [row] = await rows.all()
    assert (row.media_type, row.size) == ("audio/wav", assets.path(answer.asset).stat().st_size)
    with pytest.raises(AssetMissing):
        await assets.get(orphan)


async def test_a_deleted_books_bytes_go_with_their_last_row(
    database: Database, assets: Assets, clock: Clock, place: Place
) -> None:
    world = World(database, assets, clock)
    context = await world.book()
    answer = await world.bought(context, call_of(), cost=0)
    kept = await world.bought(await world.book(), call_of("Another."), cost=0)
    assert answer.asset == kept.asset, "the same bytes"
    own = await assets.put(b"own", "audio/mpeg")
    await world.books.save_rendition(context, "part", own)
    await world.jobs.close(ANNA, JobId(context.job_id), JobState.DONE, None)
    assert await BookRemoval(database, assets, NOW).remove(ANNA, context.book_id)
    assert place.stored() == [kept.asset] and await assets.verify() == []
