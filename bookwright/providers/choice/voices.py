"""The voices that can be ordered: those of all speech engines that are chosen."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bookwright.contracts.book import SpokenClip, Voice
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadInput, UnknownLanguage, UnknownVoice
from bookwright.contracts.ports.calls import Turn
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.providers.choice.engines import engines
from bookwright.settings import Capability, Settings


class Voices:
    """A `SpeechEngine` for whoever takes orders: it is the first choice but for languages and voices, where it has
    those of the others, too."""

    def __init__(self, chosen: Sequence[SpeechEngine]) -> None:
        self._chosen = tuple(chosen)
        first = self._chosen[0]
        self.provider, self.model = first.provider, first.model
        self.max_chars, self.concurrency = first.max_chars, first.concurrency

    def voices(self, language: str) -> Sequence[Voice]:
        """Those of the first engine that speaks the language. Raises UnknownLanguage."""
        return self.speaking(language)[0].voices(language)

    def voice(self, language: str, wanted: str | None) -> Voice:
        """The wanted voice, of whichever engine has it, or the first engine's best. Raises UnknownLanguage or
        UnknownVoice."""
        refused: BadInput | None = None
        for engine in self.speaking(language):
            try:
                return engine.voice(language, wanted)
            except UnknownVoice as error:
                refused = refused or error
        assert refused is not None
        raise refused

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        return self._chosen[0].call(text, voice, take)

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        return await self._chosen[0].speak(call, turn)

    def speaking(self, language: str) -> Sequence[SpeechEngine]:
        """Those that speak it, first choice first. Raises UnknownLanguage with what each says of it."""
        refused: list[str] = []
        found = []
        for engine in self._chosen:
            try:
                engine.voices(language)
                found.append(engine)
            except UnknownLanguage as error:
                refused.append(str(error))
        if not found:
            raise UnknownLanguage("; ".join(refused))
        return found


@asynccontextmanager
async def voices(settings: Settings) -> AsyncIterator[SpeechEngine]:
    """The voices that the settings choose. Raises Misconfigured."""
    async with engines(settings, Capability.SPEECH) as chosen:
        yield Voices([each.engine for each in chosen.speech])
