"""The port of speech providers."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from bookwright.contracts.book import SpokenClip, Voice
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.lexicon import SaidAs
from bookwright.contracts.ports.calls import Turn


class SpeechEngine(Protocol):
    """One speech provider. Everything but `speak` is pure and needs no network."""

    provider: str
    model: str
    max_chars: int
    """Code points that one call takes."""
    concurrency: int
    """Calls at once, over all jobs of this process."""

    def voices(self, language: str) -> Sequence[Voice]:
        """The voices for a BCP 47 language, best first. Raises UnknownLanguage."""
        ...

    def voice(self, language: str, wanted: str | None) -> Voice:
        """The wanted voice, or the best. Raises UnknownLanguage or UnknownVoice, naming what there is."""
        ...

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        """The provider call that speaks `text`, with its maximum cost."""
        ...

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        """Make the call, within its turn. Raises what entering the turn raises, Transient, Permanent, MustWait or
        NotSent; never retries by itself."""
        ...


@runtime_checkable
class TakesIpa(Protocol):
    """A SpeechEngine that can be told in the International Phonetic Alphabet how words are said."""

    def call_with_ipa(self, text: str, voice: Voice, ipa: Sequence[SaidAs], take: int = 0) -> ProviderCall:
        """As `call`, with these words of the text, in their order, as IPA says them. Word timings are those of
        `text`."""
        ...


@runtime_checkable
class SeveralEngines(Protocol):
    """A SpeechEngine that stands for several."""

    def speaking(self, language: str) -> Sequence[SpeechEngine]:
        """Those that speak a BCP 47 language, first choice first. Raises UnknownLanguage."""
        ...


def engines_for(engine: SpeechEngine, language: str) -> Sequence[SpeechEngine]:
    """Who may speak a BCP 47 language, first choice first. Raises UnknownLanguage."""
    if isinstance(engine, SeveralEngines):
        return engine.speaking(language)
    engine.voices(language)
    return [engine]
