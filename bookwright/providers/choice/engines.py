"""The engines that the settings choose, in their order."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from bookwright.contracts.errors import Misconfigured, UnknownLanguage
from bookwright.contracts.ports.engines import Embedder, LanguageModel, PictureEngine, SoundEngine, Transcriber
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.providers.choice import builders
from bookwright.settings import Account, Capability, Provider, Settings

E = TypeVar("E")

_LANGUAGES = (
    "en hi bn ta te kn ml mr gu pa or ur ne si es fr de pt it nl sv da nb fi pl cs sk hu ro bg el ru uk tr ar he fa sw "
    "zh ja ko vi th id ms"
).split()
"""Languages that speech providers have in common, if any."""


@runtime_checkable
class Closeable(Protocol):
    """An engine that keeps connections or a process open."""

    async def close(self) -> None: ...


@runtime_checkable
class Loadable(Protocol):
    """An engine that has something to load before its first call."""

    async def load(self) -> None: ...


@dataclass(frozen=True)
class Chosen(Generic[E]):
    """An engine, and the account that says how hard it may be worked."""

    engine: E
    account: Account


@dataclass(frozen=True)
class Engines:
    """For each capability the engines that were chosen, first choice first; empty when it is off or was not wanted."""

    speech: Sequence[Chosen[SpeechEngine]] = ()
    text: Sequence[Chosen[LanguageModel]] = ()
    vision: Sequence[Chosen[LanguageModel]] = ()
    images: Sequence[Chosen[PictureEngine]] = ()
    sounds: Sequence[Chosen[SoundEngine]] = ()
    transcription: Sequence[Chosen[Transcriber]] = ()
    embeddings: Sequence[Chosen[Embedder]] = ()

    async def load(self, *wanted: Capability) -> None:
        """Load what the first calls of these capabilities need, so that no book waits for it."""
        for capability in wanted:
            chosen: Sequence[Chosen[object]] = getattr(self, capability)
            for each in chosen:
                if isinstance(each.engine, Loadable):
                    await each.engine.load()


@asynccontextmanager
async def engines(settings: Settings, *wanted: Capability) -> AsyncIterator[Engines]:
    """The engines of these capabilities (all, when none is named), closed at the end. Only their SDKs are ever
    imported. Raises Misconfigured, also when those of one capability don't go together."""
    accounts, prices = settings.accounts, settings.price_table
    async with AsyncExitStack() as stack:

        def chosen(capability: Capability, build: Callable[[Provider], E]) -> Sequence[Chosen[E]]:
            if wanted and capability not in wanted:
                return ()
            made = []
            for provider in settings.chain(capability):
                engine = build(provider)
                if isinstance(engine, Closeable):
                    stack.push_async_callback(engine.close)
                made.append(Chosen(engine, accounts.of(provider)))
            return made

        found = Engines(
            speech=chosen(Capability.SPEECH, lambda who: builders.speech_engine(who, accounts, prices)),
            text=chosen(Capability.TEXT, lambda who: builders.language_model(who, accounts, prices, sees=False)),
            vision=chosen(Capability.VISION, lambda who: builders.language_model(who, accounts, prices, sees=True)),
            images=chosen(Capability.IMAGES, lambda who: builders.picture_engine(who, accounts, prices)),
            sounds=chosen(Capability.SOUNDS, lambda who: builders.sound_engine(who, accounts, prices)),
            transcription=chosen(Capability.TRANSCRIPTION, lambda who: builders.transcriber(who, accounts, prices)),
            embeddings=chosen(Capability.EMBEDDINGS, lambda who: builders.embedder(who, accounts, prices)),
        )
        _check(found)
        yield found


def _check(found: Engines) -> None:
    """Raise Misconfigured for what can't work."""
    for model in (each.engine for each in found.vision if not each.engine.sees):
        raise Misconfigured(f"{Capability.VISION.variable}: {model.provider}'s {model.model} takes text only")
    if len({(each.engine.provider, each.engine.model) for each in found.embeddings}) > 1:
        raise Misconfigured(
            f"{Capability.EMBEDDINGS.variable}: vectors of different models can't be compared; name one provider"
        )
    for each in found.speech[1:]:
        if not _languages(each.engine) & _languages(found.speech[0].engine):
            raise Misconfigured(
                f"{Capability.SPEECH.variable}: {each.engine.provider} can't stand in for "
                f"{found.speech[0].engine.provider}: there is no language that both speak"
            )


def _languages(engine: SpeechEngine) -> set[str]:
    return {language for language in _LANGUAGES if _speaks(engine, language)}


def _speaks(engine: SpeechEngine, language: str) -> bool:
    try:
        return bool(engine.voices(language))
    except UnknownLanguage:
        return False
