"""Pictures without a key or a network, by `picture`, in processes of their own: resvg holds the interpreter's lock."""

import asyncio
import os
import sys
from collections.abc import Sequence

from pydantic import TypeAdapter

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.depicting import Depiction, PlacedThing
from bookwright.contracts.errors import Misconfigured, Permanent, Unspeakable
from bookwright.contracts.media import DrawnPicture, PictureTask
from bookwright.contracts.ports.calls import Turn
from bookwright.providers.local.child import Child
from bookwright.providers.local.painting.sizes import SIZES

RELEASE = 1
"""To be raised when the same depiction looks different: a book that is worked on again then gets new pictures."""
MEMORY_BYTES = 3 << 30
_MODULE = "bookwright.providers.local.painting.server"
_PLACED = TypeAdapter(tuple[PlacedThing, ...])


class LocalPainter:
    """A `PictureEngine`, for one event loop. Call `close` in the end; killed processes take their children along.

    It composes from a task's `depiction`, or from the words of its prompt that it knows. Equal calls give equal bytes.
    """

    provider = "local"
    model = "painter"
    operation = "picture"
    aspects: Sequence[str] = tuple(SIZES)
    takes_references = False

    def __init__(
        self, *, concurrency: int | None = None, deadline_s: float = 60, command: Sequence[str] | None = None
    ) -> None:
        """`concurrency` is the number of processes, by default one a core; `command` starts one (for tests). Raises
        Misconfigured."""
        self.concurrency = concurrency or os.cpu_count() or 1
        if self.concurrency < 1 or deadline_s <= 0:
            raise Misconfigured("local pictures need at least one process and a deadline above 0")
        command = (*(command or (sys.executable, "-m", _MODULE)), str(MEMORY_BYTES))
        self._idle = [Child("the local painter", command, deadline_s) for _ in range(self.concurrency)]
        self._children = tuple(self._idle)
        self._room = asyncio.Semaphore(self.concurrency)

    def call(self, task: PictureTask, take: int = 0) -> ProviderCall:
        """The call; free. Raises Unspeakable for an aspect that is not offered, and for a task that says nothing."""
        if task.aspect not in SIZES:
            raise Unspeakable(f"{self.model} draws {', '.join(SIZES)} and not {task.aspect}")
        if task.depiction is None and not task.prompt.strip():
            raise Unspeakable(f"{self.model} needs a prompt or a depiction")
        told = task.depiction or Depiction(setting="", action=task.prompt[:1_000])
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={
                "depiction": told.model_dump(mode="json"),
                "aspect": task.aspect,
                "seed": task.seed,
                "release": RELEASE,
            },
            max_cost_micros=0,
            take=take,
        )

    async def draw(self, call: ProviderCall, turn: Turn, references: Sequence[bytes] = ()) -> DrawnPicture:
        """The picture, WebP, and where the things to be found are in it: those that it can't draw, or for which there
        is no room, are left out. Raises what entering the turn raises, Refused when the process died or took too long,
        Permanent when the memory it may have is not enough."""
        request = {**call.input, "seed": call.key}
        async with self._room:
            child = self._idle.pop()
            try:
                said, data = await child.ask(request, turn)
            finally:
                self._idle.append(child)
        if said.get("error") == "memory":
            raise Permanent("the local painter needs more memory than it may have")
        placed = _PLACED.validate_python(said["placed"])
        return DrawnPicture(picture=data, media_type="image/webp", placed=placed, composed=True)

    async def close(self) -> None:
        """Stop the processes. The engine can be used again; it then starts new ones."""
        for child in self._children:
            await child.close()
