"""Assets in a local folder: immutable files named by the SHA-256 of their content."""

import asyncio
import hashlib
import os
import re
import shutil
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import time
from uuid import uuid4

from bookwright.contracts.errors import AssetCorrupt, AssetMissing, StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.store.blobs import Blob
from bookwright.store.database.failures import translating

STALE_SCRATCH = timedelta(days=1)
"""Scratch files that nobody touched for so long belong to a process that is gone."""
MIN_ROOM = 64 * 1024 * 1024
"""Bytes that must be free before something is begun that costs money."""
REMEMBERED = 4096
_HASH = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1024 * 1024


class LocalAssets:
    """An asset store in `root`. A file appears under its final name complete and synced, or not at all."""

    def __init__(self, root: Path, *, min_room: int = MIN_ROOM) -> None:
        self._root = root
        self._scratch = root / "scratch"
        self._min_room = min_room
        self._kinds: OrderedDict[AssetId, Blob] = OrderedDict()
        self._kinds_lock = threading.Lock()
        with translating():
            self._scratch.mkdir(parents=True, exist_ok=True)
        self.sweep()

    async def put(self, data: bytes, media_type: str) -> AssetId:
        """Store bytes; the same bytes are stored once. Raises StorageFull and leaves nothing half-written."""
        return await asyncio.to_thread(self._put, data, media_type)

    async def put_file(self, path: Path, media_type: str) -> AssetId:
        """Move a finished file, which lies in `scratch()`, into the store. Raises StorageFull."""
        return await asyncio.to_thread(self._put_file, path, media_type)

    async def get(self, asset: AssetId) -> bytes:
        """The bytes. Raises AssetMissing, or AssetCorrupt when they no longer match their hash."""
        return await asyncio.to_thread(self._get, asset)

    async def exists(self, asset: AssetId) -> bool:
        """Whether the asset is stored."""
        return await asyncio.to_thread(self._place(asset).is_file)

    async def describe(self, asset: AssetId) -> Blob:
        """What the asset is: as it was put by this process, else by its first bytes. Raises AssetMissing."""
        with self._kinds_lock:
            known = self._kinds.get(asset)
        return known if known is not None else await asyncio.to_thread(self._examine, asset)

    def check_room(self) -> None:
        """Raise StorageFull when less than `min_room` is free."""
        with translating():
            free = shutil.disk_usage(self._root).free
        if free < self._min_room:
            raise StorageFull(f"Only {free // 2**20} MiB are free for assets. Free some space; work goes on by itself.")

    def path(self, asset: AssetId) -> Path:
        """The file to read. Raises AssetMissing."""
        place = self._place(asset)
        if not place.is_file():
            raise AssetMissing(f"asset {asset[:12]}… is not in the store")
        return place

    def scratch(self) -> Path:
        """A folder on the same disk for files that are still being written."""
        return self._scratch

    def sweep(self, older_than: timedelta = STALE_SCRATCH) -> int:
        """Remove scratch files and folders that were left behind; answers how many. Done at start."""
        return sum(_remove_old(path, older_than) for path in self._scratch.iterdir())

    def all(self) -> Iterator[AssetId]:
        """Every asset that is stored."""
        for shard in sorted(self._root.iterdir()):
            if len(shard.name) == 2:
                yield from (AssetId(path.name) for path in sorted(shard.iterdir()) if _HASH.fullmatch(path.name))

    async def verify(self) -> list[AssetId]:
        """Read everything; answers the assets whose bytes do not match their hash."""
        return await asyncio.to_thread(lambda: [asset for asset in self.all() if _hash(self._place(asset)) != asset])

    async def sweep_orphans(
        self, known: Callable[[Sequence[AssetId]], Awaitable[set[AssetId]]], older_than: timedelta
    ) -> list[AssetId]:
        """Remove blobs without a row that nobody has put for `older_than`: a crash came between storing the bytes
        and writing the row. Answers what was removed. `known` is `AssetRows.known`."""
        return await self.discard(await asyncio.to_thread(lambda: list(self.all())), known, older_than)

    async def discard(
        self,
        stored: Sequence[AssetId],
        known: Callable[[Sequence[AssetId]], Awaitable[set[AssetId]]],
        older_than: timedelta,
    ) -> list[AssetId]:
        """Remove those of these blobs that have no row and that nobody has put for `older_than`; see
        `sweep_orphans`."""
        rows = await known(stored)
        orphans = [asset for asset in stored if asset not in rows]
        return await asyncio.to_thread(lambda: [asset for asset in orphans if self._discard(asset, older_than)])

    def _discard(self, asset: AssetId, older_than: timedelta) -> bool:
        """Remove an asset unless it was put again meanwhile. A put of existing bytes renews the file's time, or
        misses the file and writes it anew: so what was set aside and is still old can't be wanted by anybody."""
        place, aside = self._place(asset), self._scratch / f"{uuid4().hex}.orphan"
        with suppress(FileNotFoundError):
            if _age(place) < older_than:
                return False
            place.rename(aside)
            if _age(aside) < older_than:
                aside.rename(place)
                return False
            aside.unlink()
            with self._kinds_lock:
                self._kinds.pop(asset, None)
            return True
        return False

    def _place(self, asset: AssetId) -> Path:
        if not _HASH.fullmatch(asset):
            raise AssetMissing("that is not the id of an asset")
        return self._root / asset[:2] / asset

    def _put(self, data: bytes, media_type: str) -> AssetId:
        asset = AssetId(hashlib.sha256(data).hexdigest())
        if not self._touch(asset):
            temporary = self._scratch / f"{uuid4().hex}.put"
            with translating():
                try:
                    with temporary.open("wb") as file:
                        file.write(data)
                        file.flush()
                        os.fsync(file.fileno())
                    self._publish(temporary, asset)
                finally:
                    temporary.unlink(missing_ok=True)
        self._remember(Blob(asset, media_type, len(data)))
        return asset

    def _put_file(self, path: Path, media_type: str) -> AssetId:
        asset, size = _hash(path), path.stat().st_size
        if self._touch(asset):
            path.unlink()
        else:
            with translating():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
                os.utime(path)
                self._publish(path, asset)
        self._remember(Blob(asset, media_type, size))
        return asset

    def _touch(self, asset: AssetId) -> bool:
        """True when the asset is stored already; its time is renewed, which keeps the sweeper away."""
        try:
            os.utime(self._place(asset))
        except FileNotFoundError:
            return False
        return True

    def _publish(self, finished: Path, asset: AssetId) -> None:
        place = self._place(asset)
        if not place.parent.is_dir():
            place.parent.mkdir(exist_ok=True)
            _sync_folder(self._root)
        finished.rename(place)
        _sync_folder(place.parent)

    def _remember(self, blob: Blob) -> None:
        with self._kinds_lock:
            self._kinds[blob.asset] = blob
            self._kinds.move_to_end(blob.asset)
            while len(self._kinds) > REMEMBERED:
                self._kinds.popitem(last=False)

    def _get(self, asset: AssetId) -> bytes:
        data = self.path(asset).read_bytes()
        if hashlib.sha256(data).hexdigest() != asset:
            raise AssetCorrupt(f"asset {asset[:12]}… does not match its hash: restore it from a backup")
        return data

    def _examine(self, asset: AssetId) -> Blob:
        path = self.path(asset)
        with path.open("rb") as file:
            return Blob(asset, _kind_of(file.read(16)), path.stat().st_size)


_KINDS = (
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftyp", "audio/mp4"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG", "image/png"),
    (8, b"WEBP", "image/webp"),
    (0, b"{", "application/json"),
)


def _kind_of(head: bytes) -> str:
    return next((kind for at, magic, kind in _KINDS if head[at:].startswith(magic)), "application/octet-stream")


def _hash(path: Path) -> AssetId:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return AssetId(digest.hexdigest())


def _age(path: Path) -> timedelta:
    return timedelta(seconds=time() - path.stat().st_mtime)


def _remove_old(path: Path, older_than: timedelta) -> bool:
    with suppress(FileNotFoundError):
        if _age(path) >= older_than:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            return True
    return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
