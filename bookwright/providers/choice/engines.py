"""The engines that the settings choose, in their order."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from bookwright.contracts.ports.engines import LanguageModel, PictureEngine, SoundEngine
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.money.prices import PriceTable
from bookwright.providers.choice import builders
from bookwright.settings import Accounts, Capability, Provider, Settings

E = TypeVar("E")
Build = Callable[[Provider, Accounts, PriceTable], E]


@runtime_checkable
class Closeable(Protocol):
    """An engine that keeps connections or a process open."""

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Engines:
    """For each capability the engines that were chosen, first choice first; empty when it is off or was not wanted."""

    speech: tuple[SpeechEngine, ...] = ()
    text: tuple[LanguageModel, ...] = ()
    images: tuple[PictureEngine, ...] = ()
    sounds: tuple[SoundEngine, ...] = ()


@asynccontextmanager
async def engines(settings: Settings, *wanted: Capability) -> AsyncIterator[Engines]:
    """The engines of these capabilities (all, when none is named), closed at the end. Only their SDKs are ever
    imported. Raises Misconfigured."""
    async with AsyncExitStack() as stack:

        def chosen(capability: Capability, build: Build[E]) -> tuple[E, ...]:
            chain = settings.chain(capability) if capability in (wanted or Capability) else ()
            built = tuple(build(provider, settings.accounts, settings.price_table) for provider in chain)
            for engine in built:
                if isinstance(engine, Closeable):
                    stack.push_async_callback(engine.close)
            return built

        yield Engines(
            speech=chosen(Capability.SPEECH, builders.speech_engine),
            text=chosen(Capability.TEXT, builders.language_model),
            images=chosen(Capability.IMAGES, builders.picture_engine),
            sounds=chosen(Capability.SOUNDS, builders.sound_engine),
        )
