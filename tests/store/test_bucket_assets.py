"""What only a bucket can do wrong: it is far away, busy, full, refuses, or answers something else."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bookwright.contracts.errors import AssetMissing, BookwrightError, ServiceUnavailable, StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.store import AssetRows, BucketAssets, Database
from bookwright.store.assets import bucket as module
from bookwright.store.assets.bucket import PART
from tests.store.conftest import Clock, World, asset_of, call_of
from tests.support.buckets import Bucket
from tests.support.emulator import ROOT

CLIP = b"RIFF0000WAVEfmt "


async def test_a_repeated_upload_is_refused_by_the_bucket_and_does_no_harm(bucket: Bucket) -> None:
    one, other = bucket.assets("one"), bucket.assets("other")
    assets = await asyncio.gather(*(store.put(CLIP, "audio/wav") for store in (one, other, one, other)))
    assert set(assets) == {asset_of(CLIP)} and len(bucket.keys()) == 1
    assert bucket.emulator.control("GET", "calls")["statuses"] == {"200": 5, "412": 3}  # a put, 3 looks, a list


async def test_an_old_blob_that_is_put_again_is_as_new_to_the_sweeper(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = bucket.assets()
    monkeypatch.setattr(module, "RENEWED", timedelta(0))
    await assets.put(CLIP, "audio/wav")
    await assets.put(CLIP, "audio/wav")
    assert bucket.requests("PUT") == 3, "the second was refused, then written over the old one"


async def test_what_was_put_or_read_is_read_from_the_local_copy(bucket: Bucket) -> None:
    here, there = bucket.assets("here"), bucket.assets("there")
    asset = await here.put(CLIP, "audio/wav")
    assert here.path(asset).read_bytes() == CLIP and bucket.requests("GET") == 0
    for _ in range(3):
        assert there.path(asset).read_bytes() == CLIP == await there.get(asset)
    assert bucket.requests("GET") == 1


async def test_a_spoilt_copy_is_fetched_anew(bucket: Bucket) -> None:
    assets = bucket.assets()
    asset = await assets.put(CLIP, "audio/wav")
    assets.path(asset).write_bytes(b"worse")
    assert await assets.get(asset) == CLIP


async def test_copies_are_bounded_and_what_is_in_use_stays(bucket: Bucket) -> None:
    assets = bucket.assets(cache_bytes=1000)
    stored = [await assets.put(bytes([number]) * 300, "audio/wav") for number in range(3)]
    copies = bucket.folder / "assets" / "cache"
    for number, asset in enumerate(stored):
        os.utime(copies / asset, (number, number))
    assets.path(stored[0])
    stored.append(await assets.put(b"x" * 300, "audio/wav"))
    assert {path.name for path in copies.iterdir()} == {stored[0], stored[2], stored[3]}
    stored.append(await assets.put(b"y" * 300, "audio/wav"))
    assert {path.name for path in copies.iterdir()} == {stored[0], stored[3], stored[4]}
    assert await assets.get(stored[1]) == b"\1" * 300


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 503, "code": "SlowDown"}, ServiceUnavailable),
        ({"kind": "status", "status": 500}, ServiceUnavailable),
        ({"kind": "status", "status": 403, "code": "AccessDenied"}, ServiceUnavailable),
        ({"kind": "status", "status": 403, "code": "QuotaExceeded"}, StorageFull),
        ({"kind": "status", "status": 507}, StorageFull),
        ({"kind": "status", "status": 404, "code": "NoSuchBucket"}, ServiceUnavailable),
        ({"kind": "reset"}, ServiceUnavailable),
        ({"kind": "hang"}, ServiceUnavailable),
        ({"kind": "html"}, ServiceUnavailable),
    ],
)
async def test_what_goes_wrong_with_an_upload_is_a_typed_error(
    bucket: Bucket, fault: dict[str, object], error: type[BookwrightError]
) -> None:
    await fails_then_works(bucket, fault, error, 16)


async def test_an_upload_in_parts_that_breaks_is_a_typed_error(bucket: Bucket) -> None:
    await fails_then_works(bucket, {"kind": "reset"}, ServiceUnavailable, PART + 1)


async def fails_then_works(bucket: Bucket, fault: dict[str, object], error: type[BookwrightError], size: int) -> None:
    assets = bucket.assets(request_s=0.2 if fault["kind"] == "hang" else 30)
    await bucket.emulator.knobs(faults=[fault | {"regex": "^(PUT|POST)"}])
    with pytest.raises(error) as caught:
        await assets.put(b"x" * size, "audio/wav")
    assert bucket.emulator.key not in repr(caught.value) and caught.value.__suppress_context__
    assert list(assets.scratch().iterdir()) == []
    await bucket.emulator.knobs(faults=[])
    asset = await assets.put(b"x" * size, "audio/wav")
    assert await bucket.assets("elsewhere").get(asset) == b"x" * size


@pytest.mark.parametrize("kind", ["reset", "reset_body", "close_body", "status", "html"])
async def test_a_download_that_breaks_leaves_nothing(bucket: Bucket, kind: str) -> None:
    asset = await bucket.assets().put(CLIP, "audio/wav")
    there = bucket.assets("there")
    await bucket.emulator.knobs(faults=[{"kind": kind, "match": "GET", "status": 503}])
    with pytest.raises(ServiceUnavailable):
        await there.get(asset)
    assert not [path for path in (bucket.folder / "there").rglob("*") if path.is_file()]
    await bucket.emulator.knobs(faults=[])
    assert await there.get(asset) == CLIP


async def test_an_answer_that_is_not_the_blob_is_asked_for_again(bucket: Bucket) -> None:
    asset = await bucket.assets().put(CLIP, "audio/wav")
    await bucket.emulator.knobs(faults=[{"kind": "truncated", "match": "GET", "times": 1}])
    assert await bucket.assets("there").get(asset) == CLIP


async def test_a_few_busy_answers_are_not_seen_and_many_are(bucket: Bucket) -> None:
    assets = bucket.assets(retries=2)
    await bucket.emulator.knobs(faults=[{"kind": "status", "status": 503, "code": "SlowDown", "times": 2}])
    asset = await assets.put(CLIP, "audio/wav")
    await bucket.emulator.knobs(faults=[{"kind": "status", "status": 503, "code": "SlowDown"}])
    before = bucket.requests("HEAD")
    with pytest.raises(ServiceUnavailable):
        await assets.exists(asset)
    assert bucket.requests("HEAD") == before + 3


async def test_a_wrong_key_and_a_bucket_that_is_away_are_told(bucket: Bucket, tmp_path: Path) -> None:
    for changes, said in (
        ({"secret_access_key": SecretStr("hunter2")}, "keys"),
        ({"access_key_id": "hunter2"}, "keys"),
        ({"endpoint": "http://127.0.0.1:9"}, "reached"),
    ):
        place = bucket.place(**changes)
        assets = BucketAssets(place, tmp_path / "other", min_room=0, retries=0)
        with pytest.raises(ServiceUnavailable, match=said) as caught:
            await assets.put(CLIP, "audio/wav")
        assert "hunter2" not in str(caught.value) and "hunter2" not in repr(place.secret_access_key)
    assert bucket.keys() == []


async def test_a_full_bucket_is_found_out_before_money_is_spent_and_work_goes_on_when_there_is_room(
    bucket: Bucket,
) -> None:
    """Fault 24, for the bucket."""
    assets = bucket.assets()
    await assets.check_room()
    kept = await assets.put(b"kept", "audio/wav")
    held = bucket.emulator.control("GET", "calls")["received"]
    await assets.check_room()
    assert bucket.emulator.control("GET", "calls")["received"] == held, "nobody asks a bucket that has room"
    await bucket.emulator.knobs(capacity_bytes=4)
    with pytest.raises(StorageFull):
        await assets.put(b"x" * 100_000, "audio/wav")
    for _ in range(2):
        with pytest.raises(StorageFull):
            await assets.check_room()
    assert await assets.get(kept) == b"kept" and len(bucket.keys()) == 1
    await bucket.emulator.knobs(capacity_bytes=None)
    await assets.check_room()
    await assets.put(b"x" * 100_000, "audio/wav")
    assert len(bucket.keys()) == 2, "the probe is gone"


async def test_a_large_file_that_finds_no_room_leaves_no_parts(bucket: Bucket) -> None:
    await bucket.emulator.knobs(capacity_bytes=2 * PART)
    assets = bucket.assets()
    path = assets.scratch() / "large"
    path.write_bytes(b"x" * (2 * PART + 1))
    with pytest.raises(StorageFull):
        await assets.put_file(path, "audio/mp4")
    assert path.exists(), "it is its maker's until it is stored"
    await assets.put(b"x" * PART, "audio/mp4")
    assert len(bucket.keys()) == 1, "the parts that had been stored take no room"


async def test_a_process_killed_between_upload_and_row_leaves_what_the_sweep_finds(
    bucket: Bucket, database: Database, clock: Clock
) -> None:
    child = """
import asyncio, os, pathlib, signal, sys
from pydantic import SecretStr
from bookwright.store import BucketAssets, BucketPlace
bucket, secret, endpoint, prefix, root = sys.argv[1:]
place = BucketPlace(bucket, "emulated", SecretStr(secret), endpoint, prefix=prefix)
assets = BucketAssets(place, pathlib.Path(root), min_room=0)
asyncio.run(assets.put(b"RIFF....WAVE", "audio/wav"))
os.kill(os.getpid(), signal.SIGKILL)
"""
    place = bucket.place()
    arguments = [place.bucket, bucket.emulator.key, place.endpoint or "", place.prefix, str(bucket.folder / "dead")]
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", child, *arguments], cwd=ROOT)
    assert killed.returncode == -9 and len(bucket.keys()) == 1
    assets = bucket.assets()
    world = World(database, assets, clock)
    rows = AssetRows(database)
    answer = await world.bought(await world.book(), call_of(), cost=0)  # the repetition of what was killed
    lost = await assets.put(b"nobody comes back for this", "audio/wav")
    assert await assets.sweep_orphans(rows.known, timedelta(0)) == [lost]
    assert list(assets.all()) == [blob.asset for blob in await rows.all()] == [answer.asset]
    assert await assets.verify() == []


async def test_a_long_list_is_read_to_its_end(bucket: Bucket) -> None:
    assets = bucket.assets()
    stored = await asyncio.gather(*(assets.put(f"{number}".encode(), "text/plain") for number in range(1_005)))
    assert set(assets.all()) == set(stored) and len(stored) == 1_005


async def test_what_else_is_in_the_bucket_is_nobodys_orphan(bucket: Bucket) -> None:
    assets, neighbour = bucket.assets(), BucketAssets(bucket.place(prefix="theirs"), bucket.folder, min_room=0)
    theirs, ours = await neighbour.put(b"theirs", "text/plain"), await assets.put(b"ours", "text/plain")

    async def none_known(wanted: object) -> set[AssetId]:
        return set()

    assert await assets.sweep_orphans(none_known, timedelta(0)) == [ours]
    assert list(neighbour.all()) == [theirs]
    with pytest.raises(AssetMissing):
        assets.path(ours)
