"""Soundscapes without a key or a network, by `synthesis`, in a process of its own. A core makes them tens of times
faster than they are heard."""

import hashlib
import json
import sys
from collections.abc import Sequence

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import Misconfigured, Permanent, Unspeakable
from bookwright.contracts.media import MadeSound, SoundTask
from bookwright.contracts.ports.calls import Turn
from bookwright.providers.local.child import Child
from bookwright.providers.local.sounds.score import score_of

RELEASE = 1
"""To be raised when the same score and seed sound differently."""
MIN_SECONDS, MAX_SECONDS = 1.0, 120.0
MEMORY_BYTES = 2 << 30
_MODULE = "bookwright.providers.local.sounds.server"


class LocalSounds:
    """A `SoundEngine`, for one event loop. Call `close` in the end; a killed process takes its child along.

    It composes from a task's `sketch`, or from the words of its prompt that it knows. What comes of them, the score, is
    the call: tasks of other words that come to the same score and seed are the same call. Every sound is a loop."""

    provider = "local"
    model = "soundscapes"
    operation = "sound"
    max_seconds = MAX_SECONDS
    concurrency = 1

    def __init__(self, *, deadline_s: float = 300, command: Sequence[str] | None = None) -> None:
        """`command` starts the process (for tests). Raises Misconfigured."""
        if deadline_s <= 0:
            raise Misconfigured("local sounds need a deadline above 0")
        command = (*(command or (sys.executable, "-m", _MODULE)), str(MEMORY_BYTES))
        self._child = Child("the local synthesizer", command, deadline_s)

    def call(self, task: SoundTask, take: int = 0) -> ProviderCall:
        """The call; free. Raises Unspeakable for a blank prompt without a sketch, and for more than `max_seconds`."""
        if not task.prompt.strip() and task.sketch is None:
            raise Unspeakable(f"{self.model} needs a prompt or a sketch")
        if task.seconds > self.max_seconds:
            raise Unspeakable(f"{self.model} makes sounds of at most {self.max_seconds:g} s: ask for a loop")
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={
                "score": score_of(task).model_dump(mode="json"),
                "seconds": max(task.seconds, MIN_SECONDS),
                "seed": task.seed,
                "release": RELEASE,
            },
            max_cost_micros=0,
            take=take,
        )

    async def make(self, call: ProviderCall, turn: Turn) -> MadeSound:
        """The sound, Ogg Opus in stereo. Raises what entering the turn raises, Refused when the process died or took
        too long, Permanent when the memory it may have is not enough."""
        asked = call.input
        request = {"score": asked["score"], "seconds": asked["seconds"], "seed": _seed(call)}
        said, data = await self._child.ask(request, turn)
        if "error" in said:
            raise Permanent("the local synthesizer needs more memory than it may have")
        return MadeSound(sound=data, media_type="audio/ogg")

    async def close(self) -> None:
        """Stop the process. The engine can be used again; it then starts a new one."""
        await self._child.close()


def _seed(call: ProviderCall) -> int:
    """Another take sounds differently, and so does another score."""
    said = json.dumps([call.input, call.take], sort_keys=True)
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8])
