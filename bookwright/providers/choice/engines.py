"""The engines that the settings choose, in their order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.providers.choice import builders
from bookwright.settings import Capability, Settings


@runtime_checkable
class Closeable(Protocol):
    """An engine that keeps connections or a process open."""

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Engines:
    """For each capability the engines that were chosen, first choice first; empty when it is off or was not wanted."""

    speech: tuple[SpeechEngine, ...] = ()


@asynccontextmanager
async def engines(settings: Settings, *wanted: Capability) -> AsyncIterator[Engines]:
    """The engines of these capabilities (all, when none is named), closed at the end. Only their SDKs are ever
    imported. Raises Misconfigured."""
    async with AsyncExitStack() as stack:
        speech = []
        for provider in settings.chain(Capability.SPEECH) if Capability.SPEECH in (wanted or Capability) else ():
            engine = builders.speech_engine(provider, settings.accounts)
            if isinstance(engine, Closeable):
                stack.push_async_callback(engine.close)
            speech.append(engine)
        yield Engines(speech=tuple(speech))
