"""Copies of a bucket's blobs in a local folder of bounded size."""

import os
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from bookwright.contracts.ids import AssetId
from bookwright.store.assets.base import age

IN_USE = timedelta(minutes=10)
"""Whoever was given a path may be reading it for so long: such files stay, also beyond the bound."""
SPARE = 0.9
"""How full the folder is left when something has to go."""


class BlobCache:
    """Files named by their hash, each complete or not there. What was used least recently goes first. Processes may
    share the folder. Raises OSError when the disk is full."""

    def __init__(self, folder: Path, room: int) -> None:
        """`room` is in bytes."""
        self._folder = folder
        self._room = room
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._size = sum(size for _, size, _ in self._kept())

    def find(self, asset: AssetId) -> Path | None:
        """The copy, if there is one. It stays for at least `IN_USE`."""
        place = self._folder / asset
        try:
            os.utime(place)
        except FileNotFoundError:
            return None
        return place

    def take(self, asset: AssetId, finished: Path) -> Path:
        """Move a file in, which must be on the same disk."""
        size = finished.stat().st_size
        place = self._folder / asset
        os.utime(finished)
        finished.replace(place)
        with self._lock:
            self._size += size
            if self._size > self._room:
                self._make_room()
        return place

    def keep(self, asset: AssetId, data: bytes, scratch: Path) -> None:
        """Write a copy by way of the folder `scratch`."""
        temporary = scratch / f"{uuid4().hex}.copy"
        try:
            temporary.write_bytes(data)
            self.take(asset, temporary)
        finally:
            temporary.unlink(missing_ok=True)

    def drop(self, asset: AssetId) -> None:
        """Remove the copy."""
        (self._folder / asset).unlink(missing_ok=True)

    def _make_room(self) -> None:
        kept = sorted(self._kept())
        self._size = sum(size for _, size, _ in kept)
        for _, size, path in kept:
            if self._size <= SPARE * self._room:
                break
            with suppress(FileNotFoundError):  # another process made room as well
                if age(path) >= IN_USE:
                    path.unlink()
                    self._size -= size

    def _kept(self) -> list[tuple[float, int, Path]]:
        """Every copy: when it was used last, its size and its path."""
        found = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                facts = path.stat()
                found.append((facts.st_mtime, facts.st_size, path))
        return found
