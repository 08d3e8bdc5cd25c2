"""Assets in a local folder: immutable files named by the SHA-256 of their content."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from bookwright.contracts.ids import AssetId
from bookwright.store.assets.base import HASH, MIN_ROOM, Assets, age, check_id, corrupt, hash_of, missing
from bookwright.store.blobs import Blob
from bookwright.store.database.failures import translating


class LocalAssets(Assets):
    """An asset store in `root`. A file appears under its final name complete and synced, or not at all."""

    def __init__(self, root: Path, *, min_room: int = MIN_ROOM) -> None:
        super().__init__(root, min_room=min_room)

    def path(self, asset: AssetId) -> Path:
        """The file to read. Raises AssetMissing."""
        place = self._place(asset)
        if not place.is_file():
            raise missing(asset)
        return place

    def all(self) -> Iterator[AssetId]:
        """Every asset that is stored."""
        for shard in sorted(self._root.iterdir()):
            if len(shard.name) == 2:
                yield from (AssetId(path.name) for path in sorted(shard.iterdir()) if HASH.fullmatch(path.name))

    def _discard(self, asset: AssetId, older_than: timedelta) -> bool:
        """Remove an asset unless it was put again meanwhile. A put of existing bytes renews the file's time, or
        misses the file and writes it anew: so what was set aside and is still old can't be wanted by anybody."""
        place, aside = self._place(asset), self._scratch / f"{uuid4().hex}.orphan"
        with suppress(FileNotFoundError):
            if age(place) < older_than:
                return False
            place.rename(aside)
            if age(aside) < older_than:
                aside.rename(place)
                return False
            aside.unlink()
            return True
        return False

    def _place(self, asset: AssetId) -> Path:
        check_id(asset)
        return self._root / asset[:2] / asset

    def _store(self, asset: AssetId, data: bytes, media_type: str) -> None:
        if self._touch(asset):
            return
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

    def _store_file(self, asset: AssetId, path: Path, media_type: str) -> None:
        if self._touch(asset):
            path.unlink()
            return
        with translating():
            with path.open("rb") as file:
                os.fsync(file.fileno())
            os.utime(path)
            self._publish(path, asset)

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

    def _get(self, asset: AssetId) -> bytes:
        data = self.path(asset).read_bytes()
        if hashlib.sha256(data).hexdigest() != asset:
            raise corrupt(asset)
        return data

    def _exists(self, asset: AssetId) -> bool:
        return self._place(asset).is_file()

    def _examine(self, asset: AssetId) -> Blob:
        path = self.path(asset)
        with path.open("rb") as file:
            return Blob(asset, _kind_of(file.read(16)), path.stat().st_size)

    def _hash_of(self, asset: AssetId) -> str:
        return hash_of(self._place(asset))


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


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
