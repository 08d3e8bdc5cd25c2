"""What every asset store does alike: names by content hash, scratch files, and the sweep of orphans."""

import asyncio
import hashlib
import re
import shutil
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import time
from typing import ParamSpec, TypeVar

from bookwright.contracts.errors import AssetCorrupt, AssetMissing, StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.store.blobs import Blob
from bookwright.store.database.failures import translating

STALE_SCRATCH = timedelta(days=1)
"""Scratch files that nobody touched for so long belong to a process that is gone."""
MIN_ROOM = 64 * 1024 * 1024
"""Bytes that must be free on the local disk before something is begun that costs money."""
REMEMBERED = 4096
HASH = re.compile(r"[0-9a-f]{64}")
CHUNK = 1024 * 1024

Known = Callable[[Sequence[AssetId]], Awaitable[set[AssetId]]]
"""Those of the assets that any owner has a row of: `AssetRows.known`."""
P = ParamSpec("P")
T = TypeVar("T")


class Assets(ABC):
    """The `AssetStore` and `Catalogue` ports, and the care for what is stored. The methods with an underscore block."""

    def __init__(self, root: Path, *, min_room: int) -> None:
        """`root` is a folder of this machine, for scratch files at least."""
        self._root = root
        self._scratch = root / "scratch"
        self._min_room = min_room
        self._kinds: OrderedDict[AssetId, Blob] = OrderedDict()
        self._kinds_lock = threading.Lock()
        with translating():
            self._scratch.mkdir(parents=True, exist_ok=True)
        self.sweep()

    async def put(self, data: bytes, media_type: str) -> AssetId:
        """Store bytes; the same bytes are stored once. Raises StorageFull or ServiceUnavailable, and leaves nothing
        half-written."""
        return await self._run(self._put_bytes, data, media_type)

    async def put_file(self, path: Path, media_type: str) -> AssetId:
        """Move a finished file, which lies in `scratch()`, into the store. Raises StorageFull or ServiceUnavailable."""
        return await self._run(self._put_path, path, media_type)

    async def get(self, asset: AssetId) -> bytes:
        """The bytes. Raises AssetMissing, or AssetCorrupt when they no longer match their hash."""
        return await self._run(self._get, asset)

    async def exists(self, asset: AssetId) -> bool:
        """Whether the asset is stored."""
        return await self._run(self._exists, asset)

    async def describe(self, asset: AssetId) -> Blob:
        """What the asset is: as it was put by this process, else as the store says. Raises AssetMissing."""
        with self._kinds_lock:
            known = self._kinds.get(asset)
        return known if known is not None else await self._run(self._examine, asset)

    async def check_room(self) -> None:
        """Raise StorageFull when the local disk has less than `min_room` free."""
        with translating():
            free = shutil.disk_usage(self._root).free
        if free < self._min_room:
            raise StorageFull(f"Only {free // 2**20} MiB are free for assets. Free some space; work goes on by itself.")

    @abstractmethod
    def path(self, asset: AssetId) -> Path:
        """A local file to read. May block for as long as it takes to fetch it. Raises AssetMissing or AssetCorrupt."""

    def scratch(self) -> Path:
        """A local folder for files that are still being written; `put_file` takes them from there."""
        return self._scratch

    def sweep(self, older_than: timedelta = STALE_SCRATCH) -> int:
        """Remove scratch files and folders that were left behind; answers how many. Done at start."""
        return sum(_remove_old(path, older_than) for path in self._scratch.iterdir())

    @abstractmethod
    def all(self) -> Iterator[AssetId]:
        """Every asset that is stored. Blocking."""

    async def verify(self) -> list[AssetId]:
        """Read everything; answers the assets whose bytes do not match their hash."""
        return await self._run(lambda: [asset for asset in self.all() if self._hash_of(asset) != asset])

    async def sweep_orphans(self, known: Known, older_than: timedelta) -> list[AssetId]:
        """Remove blobs without a row that nobody has put for `older_than`: a crash came between storing the bytes
        and writing the row. Answers what was removed."""
        return await self.discard(await self._run(lambda: list(self.all())), known, older_than)

    async def discard(self, stored: Sequence[AssetId], known: Known, older_than: timedelta) -> list[AssetId]:
        """Remove those of these blobs that have no row and that nobody has put for `older_than`; see
        `sweep_orphans`."""
        rows = await known(stored)
        orphans = [asset for asset in stored if asset not in rows]
        gone = await self._run(lambda: [asset for asset in orphans if self._discard(asset, older_than)])
        with self._kinds_lock:
            for asset in gone:
                self._kinds.pop(asset, None)
        return gone

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what blocks in another thread."""
        return await asyncio.to_thread(partial(work, *args, **kwargs))

    def _put_bytes(self, data: bytes, media_type: str) -> AssetId:
        asset = AssetId(hashlib.sha256(data).hexdigest())
        self._store(asset, data, media_type)
        self._remember(Blob(asset, media_type, len(data)))
        return asset

    def _put_path(self, path: Path, media_type: str) -> AssetId:
        asset, size = hash_of(path), path.stat().st_size
        self._store_file(asset, path, media_type)
        self._remember(Blob(asset, media_type, size))
        return asset

    def _remember(self, blob: Blob) -> None:
        with self._kinds_lock:
            self._kinds[blob.asset] = blob
            self._kinds.move_to_end(blob.asset)
            while len(self._kinds) > REMEMBERED:
                self._kinds.popitem(last=False)

    @abstractmethod
    def _store(self, asset: AssetId, data: bytes, media_type: str) -> None:
        """Store bytes unless they are there; then renew their time, which keeps the sweeper away."""

    @abstractmethod
    def _store_file(self, asset: AssetId, path: Path, media_type: str) -> None:
        """The same with a file, which is gone from its place afterwards."""

    @abstractmethod
    def _get(self, asset: AssetId) -> bytes: ...

    @abstractmethod
    def _exists(self, asset: AssetId) -> bool: ...

    @abstractmethod
    def _examine(self, asset: AssetId) -> Blob: ...

    @abstractmethod
    def _hash_of(self, asset: AssetId) -> str:
        """The hash of the stored bytes, read in pieces."""

    @abstractmethod
    def _discard(self, asset: AssetId, older_than: timedelta) -> bool:
        """Remove an asset unless somebody put it within `older_than`."""


def check_id(asset: AssetId) -> None:
    """Raise AssetMissing for what is no asset's id."""
    if not HASH.fullmatch(asset):
        raise AssetMissing("that is not the id of an asset")


def missing(asset: AssetId) -> AssetMissing:
    return AssetMissing(f"asset {asset[:12]}… is not in the store")


def corrupt(asset: AssetId) -> AssetCorrupt:
    return AssetCorrupt(f"asset {asset[:12]}… does not match its hash: restore it from a backup")


def hash_of(path: Path) -> AssetId:
    """The id that a file has as an asset."""
    with path.open("rb") as file:
        return AssetId(hashlib.file_digest(file, "sha256").hexdigest())


def age(path: Path) -> timedelta:
    return timedelta(seconds=time() - path.stat().st_mtime)


def _remove_old(path: Path, older_than: timedelta) -> bool:
    with suppress(FileNotFoundError):
        if age(path) >= older_than:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            return True
    return False
