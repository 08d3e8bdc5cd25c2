"""Speech by Sarvam's Bulbul: eleven languages of India, English among them.

The SDK (sarvamai 0.1.39) costs about 0.4 s and 12 MB to import. Speaker names are those of the SDK's own type; a test
compares them.
"""

import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pybase64

from bookwright.contracts.book import SpokenClip, Voice
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Misconfigured, UnknownLanguage, UnknownVoice, Unspeakable
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit, default_prices
from bookwright.providers.connected import Connected, checked_key, checked_url
from bookwright.providers.errors import from_failure
from bookwright.providers.http import watched

if TYPE_CHECKING:
    from sarvamai import AsyncSarvamAI

BASE_URL = "https://api.sarvam.ai"
OPERATION = "speech"
SAMPLE_RATE = 22_050
"""Samples a second: the rate that both models answer by default."""
_OPEN_ENDED = 0x7FFF_F000
"""A RIFF size of 0 or from here on means that the writer did not know the length."""


@dataclass(frozen=True)
class _Language:
    code: str
    """Sarvam's code."""
    script: str
    """The ISO 15924 script it is written in; text in another one would be paid for and come out as noise."""


LANGUAGES = {
    "bn": _Language("bn-IN", "beng"),
    "en": _Language("en-IN", "latn"),
    "gu": _Language("gu-IN", "gujr"),
    "hi": _Language("hi-IN", "deva"),
    "kn": _Language("kn-IN", "knda"),
    "ml": _Language("ml-IN", "mlym"),
    "mr": _Language("mr-IN", "deva"),
    "or": _Language("od-IN", "orya"),
    "pa": _Language("pa-IN", "guru"),
    "ta": _Language("ta-IN", "taml"),
    "te": _Language("te-IN", "telu"),
}
"""BCP 47 primary subtag → what Sarvam calls it (it says `od` for Odia; `or` is the registered tag)."""


@dataclass(frozen=True)
class _Model:
    max_chars: int
    preprocessing: bool
    """Whether numbers and English words must be asked to be read out; bulbul:v3 always does it."""
    speakers: tuple[str, ...]


MODELS = {
    "bulbul:v2": _Model(1_500, True, ("anushka", "manisha", "vidya", "arya", "abhilash", "karun", "hitesh")),
    "bulbul:v3": _Model(
        2_500,
        False,
        tuple(
            (
                "shubh aditya ritu priya neha rahul pooja rohan simran kavya amit dev ishita shreya ratan varun manan "
                "sumit roopa kabir aayan ashutosh advait anand tanya tarun sunny mani gokul vijay shruti suhani mohit "
                "kavitha rehan soham rupali"
            ).split()
        ),
    ),
}


class SarvamEngine(Connected):
    """A `SpeechEngine`. `speak` makes exactly one POST; it never retries."""

    provider = "sarvam"
    sdk = "sarvamai.client"  # the package itself loads nothing

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        model: str = "bulbul:v2",
        concurrency: int = 8,
        deadline_s: float = 60,
        prices: PriceTable | None = None,
    ) -> None:
        """Raises Misconfigured for a missing or malformed key, an unknown model, a bad base URL or a missing price."""
        if model not in MODELS:
            raise Misconfigured(f"Sarvam's model must be one of {', '.join(MODELS)}")
        super().__init__("Sarvam", concurrency, deadline_s)
        self.model = model
        self.max_chars = MODELS[model].max_chars
        self._api_key = checked_key("Sarvam", api_key)
        self._base_url = checked_url("Sarvam", base_url or BASE_URL)
        self._price = (prices or default_prices()).price(self.provider, model, OPERATION, {Unit.CHARACTER})
        self._sdk: AsyncSarvamAI | None = None

    def __repr__(self) -> str:
        return f"SarvamEngine({self.model!r}, {self._base_url!r})"

    def voices(self, language: str) -> Sequence[Voice]:
        """Every speaker speaks every language. `language` is BCP 47, with or without a region; Sarvam's `od` is taken
        for `or`. Raises UnknownLanguage, also for a script that the language is not read in."""
        primary, *rest = language.replace("_", "-").lower().split("-")
        primary = "or" if primary == "od" else primary
        known = LANGUAGES.get(primary)
        if known is None or any(len(part) == 4 and part.isalpha() and part != known.script for part in rest):
            raise UnknownLanguage(f"Sarvam does not speak this language; it speaks {', '.join(LANGUAGES)}")
        return _speakers(self.model, f"{primary}-IN")

    def voice(self, language: str, wanted: str | None) -> Voice:
        """The wanted speaker (any case), or the model's default. Raises UnknownLanguage or UnknownVoice."""
        voices = self.voices(language)
        if wanted is None:
            return voices[0]
        for voice in voices:
            if voice.id == wanted.strip().lower():
                return voice
        raise UnknownVoice(f"{self.model} has no such voice; it has {', '.join(voice.id for voice in voices)}")

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        """The call that speaks `text`. Its maximum cost is its exact cost: characters times the price.
        Raises Unspeakable for blank text and for more than `max_chars`."""
        if not text.strip() or len(text) > self.max_chars:
            raise Unspeakable(f"{self.model} takes 1 to {self.max_chars} characters in one call, and not only blanks")
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=OPERATION,
            input={
                "text": text,
                "language": LANGUAGES[voice.language.split("-")[0]].code,
                "speaker": voice.id,
                "pace": 1.0,
                "sample_rate": SAMPLE_RATE,
                "codec": "wav",
                "preprocessing": MODELS[self.model].preprocessing,
            },
            max_cost_micros=self._price.cost_micros({Unit.CHARACTER: len(text)}),
            take=take,
        )

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        """Make the call. Raises what entering the turn raises, and what `providers.errors` says; a cancelled call
        closes its connection. The total deadline is the caller's: `deadline_s` is for each wait for Sarvam."""
        asked = call.input
        if self._sdk is None:
            await self.load()
        speech = self._client().text_to_speech
        with watched(turn) as exchange:
            try:
                answer = await speech.convert(
                    text=asked["text"],
                    language_code=asked["language"],
                    speaker=asked["speaker"],
                    model=call.model,
                    pace=asked["pace"],
                    speech_sample_rate=asked["sample_rate"],
                    output_audio_codec=asked["codec"],
                    request_options={"max_retries": 0},
                    **({"enable_preprocessing": True} if asked["preprocessing"] else {}),
                )
            except Exception as error:
                # `from None`: the SDK's errors carry headers and bodies, which must not travel on as a cause.
                raise from_failure(self.provider, error, exchange) from None
        audio = _audio(answer.audios)
        return SpokenClip(
            audio=audio,
            media_type="audio/wav",
            cost_micros=self._price.cost_micros({Unit.CHARACTER: len(asked["text"])}),
            external_id=answer.request_id[:200] if answer.request_id else None,
        )

    async def close(self) -> None:
        self._sdk = None
        await super().close()

    def _client(self) -> "AsyncSarvamAI":
        if self._sdk is None:
            from sarvamai import AsyncSarvamAI
            from sarvamai.environment import SarvamAIEnvironment

            environment = SarvamAIEnvironment(base=self._base_url, creative=self._base_url, production=self._base_url)
            self._sdk = AsyncSarvamAI(
                api_subscription_key=self._api_key, environment=environment, httpx_client=self.connections()
            )
        return self._sdk


@cache
def _speakers(model: str, tag: str) -> tuple[Voice, ...]:
    return tuple(Voice(id=name, language=tag, name=name.title()) for name in MODELS[model].speakers)


def _audio(audios: Sequence[str]) -> bytes:
    """The one WAV file of an answer. Raises BadAnswer when it is missing, no WAV, or shorter than it says it is."""
    if len(audios) != 1 or not audios[0]:
        raise BadAnswer(f"sarvam answered {len(audios)} audios, or an empty one, for one text")
    try:
        audio = pybase64.b64decode(audios[0], validate=True)  # on the event loop: 30 times as fast as binascii
    except (binascii.Error, ValueError):
        raise BadAnswer("sarvam's audio is not base64") from None
    if audio[:4] != b"RIFF" or audio[8:12] != b"WAVE":
        raise BadAnswer("sarvam's audio is not a WAV file")
    declared = int.from_bytes(audio[4:8], "little")
    if 0 < declared < _OPEN_ENDED and len(audio) < declared + 8:
        raise BadAnswer("sarvam's audio is cut short")
    return audio
