"""Speech by `/v1/audio/speech`."""

from collections.abc import Mapping, Sequence

from bookwright import sniff
from bookwright.contracts.book import SpokenClip, Voice
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Misconfigured, UnknownLanguage, UnknownVoice, Unspeakable
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit
from bookwright.providers.openai.server import Server

FORMATS = ("wav", "mp3")
ANY_LANGUAGE = "*"


class OpenAiSpeech(Server):
    """A `SpeechEngine`. Servers can't be asked in a common way which voices they have: they are named in the settings.

    What comes is told by its content: some servers answer WAV whatever is asked for, and most stream without a length.
    A stream that ends early is noticed by its framing (AnswerLost), by the file's own head or frames (BadAnswer), or,
    for a WAV of unknown length, only by whoever examines how long the clip is for its text."""

    operation = "speech"
    counted = (Unit.CHARACTER,)

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        voices: Mapping[str, Sequence[str]],
        form: str = "wav",
        max_chars: int = 1_500,
        concurrency: int = 4,
        deadline_s: float = 120,
        prices: PriceTable | None = None,
    ) -> None:
        """`voices` are the server's names of voices by BCP 47 language, best first; those under `*` speak all. `form`
        is `wav` or `mp3`."""
        super().__init__(base_url, model, api_key, concurrency=concurrency, deadline_s=deadline_s, prices=prices)
        if not voices or any(not names or not all(names) for names in voices.values()):
            raise Misconfigured("an OpenAI-compatible speech server needs a voice for each language that is named")
        if form not in FORMATS or max_chars < 1:
            raise Misconfigured(f"an OpenAI-compatible speech server is to answer {' or '.join(FORMATS)}")
        self.max_chars = max_chars
        self._form = form
        self._voices = {_tag(language): tuple(names) for language, names in voices.items()}

    def voices(self, language: str) -> Sequence[Voice]:
        """Those of exactly this tag first, then those of its shorter forms, then those that speak all. Raises
        UnknownLanguage."""
        tag = _tag(language)
        found: dict[str, None] = {}
        while tag:
            found |= dict.fromkeys(self._voices.get(tag, ()))
            tag = tag.rpartition("-")[0]
        found |= dict.fromkeys(self._voices.get(ANY_LANGUAGE, ()))
        if not found:
            raise UnknownLanguage(f"no voice is set for this language; there are some for {', '.join(self._voices)}")
        return [Voice(id=name, language=language, name=name) for name in found]

    def voice(self, language: str, wanted: str | None) -> Voice:
        """The wanted voice, or the best. Raises UnknownLanguage or UnknownVoice."""
        offered = self.voices(language)
        if wanted is None:
            return offered[0]
        for voice in offered:
            if voice.id.lower() == wanted.strip().lower():
                return voice
        raise UnknownVoice(f"there is no such voice for it; there are {', '.join(voice.id for voice in offered)}")

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        """The call that speaks `text`. Raises Unspeakable for blank text and for more than `max_chars`."""
        if not text.strip() or len(text) > self.max_chars:
            raise Unspeakable(f"{self.model} takes 1 to {self.max_chars} characters in one call, and not only blanks")
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            input={"text": text, "voice": voice.id, "form": self._form},
            max_cost_micros=self.cost({Unit.CHARACTER: len(text)}),
            take=take,
        )

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        """Make the call. Raises BadAnswer for anything but a whole audio file."""
        asked = call.input
        fields = {"model": call.model, "input": asked["text"], "voice": asked["voice"]}
        audio = await self.ask(turn, "/audio/speech", json={**fields, "response_format": asked["form"]})
        kind = sniff.kind(audio)
        if kind is None:
            raise BadAnswer(f"{self.provider} answered {'something else than' if audio else 'no'} audio")
        if sniff.is_cut(audio, kind):
            raise BadAnswer(f"{self.provider}'s audio is cut short")
        return SpokenClip(audio=audio, media_type=sniff.MEDIA_TYPES[kind], cost_micros=call.max_cost_micros)


def _tag(language: str) -> str:
    return language.strip().replace("_", "-").lower()
