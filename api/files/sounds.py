"""Pages' sounds as files, rendered when first asked for and kept in a folder of bounded size."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from time import time
from uuid import uuid4

from api.deps import PageSound
from bookwright.contracts.book import Segment
from bookwright.contracts.errors import StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.store import Assets

ROOM = 256 * 1024 * 1024
"""Bytes of rendered sound that are kept: some two hours."""
AT_ONCE = 2
STALE_S = 3600


class RenderedSounds:
    """Renders pages off the event loop. A sound is a function of its segment, so a file never gets stale; the least
    recently used ones go first. Processes may share the folder."""

    def __init__(self, sound: PageSound, assets: Assets, folder: Path, room: int = ROOM) -> None:
        self._sound = sound
        self._assets = assets
        self._folder = folder
        self._room = room
        self._making: dict[AssetId, asyncio.Task[Path]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.part"):
            with suppress(FileNotFoundError):
                if time() - path.stat().st_mtime > STALE_S:  # left behind by a process that was killed
                    path.unlink()

    @property
    def media_type(self) -> str:
        return self._sound.media_type

    async def file(self, asset: AssetId) -> Path:
        """The sound of the segment `asset`. Whoever asks for it while it is being rendered waits for the same file;
        one who stops waiting stops nobody else."""
        task = self._making.get(asset)
        if task is None:
            task = self._making[asset] = asyncio.create_task(self._make(asset))
            task.add_done_callback(lambda done: self._made(asset, done))
        return await asyncio.shield(task)

    def _made(self, asset: AssetId, task: "asyncio.Task[Path]") -> None:
        self._making.pop(asset, None)
        if not task.cancelled():
            task.exception()  # whoever waits gets it; nobody may be left

    async def _make(self, asset: AssetId) -> Path:
        async with self._turns:
            return await asyncio.to_thread(self._kept, asset)

    def _kept(self, asset: AssetId) -> Path:
        target = self._folder / f"{asset}.sound"
        with suppress(FileNotFoundError):
            os.utime(target)
            return target
        segment = Segment.model_validate_json(self._assets.path(asset).read_bytes())
        self._make_room(self._sound.size(segment))
        temporary = self._folder / f"{uuid4().hex}.part"
        try:
            with temporary.open("wb") as file:
                for block in self._sound.render(segment, self._assets.path):
                    file.write(block)
            temporary.replace(target)
        except OSError as error:
            raise StorageFull(f"the page's sound can't be kept: {error.strerror}") from None
        finally:
            temporary.unlink(missing_ok=True)
        return target

    def _make_room(self, size: int) -> None:
        """Remove what was used least recently until `size` more bytes fit, or nothing is left."""
        kept = []
        for path in self._folder.glob("*.sound"):
            with suppress(FileNotFoundError):  # another process made room as well
                facts = path.stat()
                kept.append((facts.st_mtime, facts.st_size, path))
        total = sum(bytes_ for _, bytes_, _ in kept)
        for _, bytes_, path in sorted(kept):
            if total + size <= self._room:
                break
            path.unlink(missing_ok=True)
            total -= bytes_
