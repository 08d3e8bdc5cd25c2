"""Speech by the read-aloud service of Microsoft Edge. An extra: `pip install 'bookwright[edge]'`.

The service is free and has no key, and it is not an official one: Microsoft promises nothing and may turn clients away
at any time. Its client edge-tts (7.3) is under LGPL-3.0; it is used unmodified and imported with the first call. What
has to be known about it:

- It takes a connection that closes in the middle for the end of the speech. `_check` does not.
- It sends texts of more than 4,096 bytes in several requests; `MAX_CHARS` keeps ours to one.
- It asks again by itself when it is turned away with 403, and goes through proxies that the environment names; each
  call has a connector of its own, which lets it do neither.
"""

from collections.abc import Sequence
from contextlib import aclosing
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from bookwright import sniff
from bookwright.contracts.book import SpokenClip, Voice, WordTiming
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    BookwrightError,
    CredentialsRefused,
    Misconfigured,
    Refused,
    UnknownLanguage,
    UnknownVoice,
    Unspeakable,
)
from bookwright.contracts.ports.calls import Turn
from bookwright.providers.connected import Closing
from bookwright.providers.edge_voices import VOICES
from bookwright.providers.errors import from_answer, from_failure
from bookwright.providers.extras import needs
from bookwright.providers.http import CONNECT_SECONDS, MAX_ANSWER_BYTES, Exchange

if TYPE_CHECKING:
    from aiohttp import BaseConnector

BASE_URL = "wss://speech.platform.bing.com"
PATH = "/consumer/speech/synthesize/readaloud/edge/v1"
OPERATION = "speech"
MAX_CHARS = 800
"""A character is at most 5 bytes (`&amp;`), so this always goes into one request."""
BITS_PER_SECOND = 48_000
_TICKS_PER_MS = 10_000
_FOUND_SHARE = 0.9
_UNSPOKEN_SHARE, _UNSPOKEN_LEAST = 0.1, 12
"""So many letters may follow the last word: numbers and signs are read as other words, or not at all."""
_SKEW_S = 30.0


class EdgeEngine(Closing):
    """A `SpeechEngine`. `speak` makes one connection and one request; it never retries."""

    provider = "edge"
    model = "read-aloud"
    max_chars = MAX_CHARS

    def __init__(self, base_url: str | None = None, concurrency: int = 4, deadline_s: float = 60) -> None:
        """`base_url` is `wss://…` or `ws://…`, without a path (http and https are taken for them). Raises Misconfigured
        for a missing extra or a bad base URL."""
        needs("edge", "edge_tts", "edge-tts")
        url = (base_url or BASE_URL).rstrip("/").replace("http", "ws", 1)
        if urlsplit(url).scheme not in ("ws", "wss") or not urlsplit(url).hostname:
            raise Misconfigured("Edge's base URL must be an absolute wss or ws URL")
        if concurrency < 1 or deadline_s <= 0:
            raise Misconfigured("Edge's concurrency and deadline must be more than 0")
        self.concurrency = concurrency
        self.deadline_s = deadline_s
        self._base_url = url

    def __repr__(self) -> str:
        return f"EdgeEngine({self._base_url!r})"

    def voices(self, language: str) -> Sequence[Voice]:
        """The voices for a BCP 47 language, those of its region first. Raises UnknownLanguage."""
        primary, *rest = language.strip().lower().replace("_", "-").split("-")
        if primary not in VOICES:
            raise UnknownLanguage(f"Edge does not speak this language here; it speaks {', '.join(VOICES)}")
        region = next((part.upper() for part in rest if len(part) == 2), "")
        return sorted(_voices(primary), key=lambda voice: not voice.language.endswith(f"-{region}"))

    def voice(self, language: str, wanted: str | None) -> Voice:
        """The wanted voice, by its id or its name in any case, or the first. Raises UnknownLanguage or UnknownVoice."""
        voices = self.voices(language)
        if wanted is None:
            return voices[0]
        for voice in voices:
            if wanted.strip().lower() in (voice.id.lower(), voice.name.lower()):
                return voice
        raise UnknownVoice(f"Edge has no such voice for this language; it has {', '.join(v.id for v in voices[:12])}")

    def call(self, text: str, voice: Voice, take: int = 0) -> ProviderCall:
        """The call that speaks `text`; free. Raises Unspeakable for blank text and for more than `max_chars`."""
        if not text.strip() or len(text) > self.max_chars:
            raise Unspeakable(f"Edge takes 1 to {self.max_chars} characters in one call, and not only blanks")
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=OPERATION,
            input={"text": text, "voice": voice.id, "rate": "+0%", "pitch": "+0Hz", "volume": "+0%"},
            max_cost_micros=0,
            take=take,
        )

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        """Make the call: MP3, with word timings where the words are those of the text. Raises what entering the turn
        raises, and what `providers.errors` says; a cancelled call closes its connection. The total deadline is the
        caller's: `deadline_s` is for each wait."""
        import aiohttp
        import edge_tts
        from edge_tts.constants import TRUSTED_CLIENT_TOKEN
        from edge_tts.drm import DRM

        client: Any = edge_tts.communicate
        asked = call.input
        exchange = Exchange(turn)
        connector = _connector(exchange)
        speech = edge_tts.Communicate(
            asked["text"],
            asked["voice"],
            rate=asked["rate"],
            pitch=asked["pitch"],
            volume=asked["volume"],
            boundary="WordBoundary",
            connector=connector,
            connect_timeout=int(CONNECT_SECONDS),
            receive_timeout=max(1, round(self.deadline_s)),
        )
        skew = DRM.clock_skew_seconds
        audio, words = bytearray(), []
        try:
            async with turn, aclosing(speech.stream()) as parts:
                # One setting for the whole process, but it is read before the next thing is waited for.
                client.WSS_URL = f"{self._base_url}{PATH}?TrustedClientToken={TRUSTED_CLIENT_TOKEN}"
                async for part in parts:
                    if part["type"] == "audio":
                        audio += part["data"]
                    else:
                        words.append(_Word(part["text"], part["offset"], part["duration"]))
                    if len(audio) > MAX_ANSWER_BYTES:
                        raise BadAnswer(f"edge's audio is larger than {MAX_ANSWER_BYTES} bytes")
        except BookwrightError:
            raise
        except (RuntimeError, edge_tts.exceptions.SkewAdjustmentError) as error:
            # It was turned away with 403 and wanted to ask again, on a connector that was closed with the first try.
            if abs(DRM.clock_skew_seconds - skew) > _SKEW_S:
                raise Refused("edge answered 403: the clock is wrong; the next call allows for that") from None
            raise self._error(error.__context__, exchange) from None
        except edge_tts.exceptions.NoAudioReceived:
            raise AnswerLost("edge was asked, but sent no audio") from None
        except (edge_tts.exceptions.EdgeTTSException, ValueError, KeyError) as error:
            raise BadAnswer(f"edge's answer can't be used ({type(error).__name__})") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._error(error, exchange) from None
        if speech.state["cumulative_audio_bytes"] != len(audio):  # they are counted at the end of the turn
            raise AnswerLost("edge was asked, but closed the connection before the end of the speech")
        timings = _placed(asked["text"], words)
        _check(asked["text"], bytes(audio), words, timings)
        return SpokenClip(audio=bytes(audio), media_type=sniff.MEDIA_TYPES["mp3"], words=timings or ())

    def _error(self, error: BaseException | None, exchange: Exchange) -> BookwrightError:
        import aiohttp

        if isinstance(error, aiohttp.ClientResponseError):
            if error.status in (401, 403):
                return CredentialsRefused(
                    f"edge answered {error.status}: it turns this client away; update edge-tts or choose another "
                    "provider of speech, then resume"
                )
            return from_answer(self.provider, error.status, error.headers, None)
        return from_failure(self.provider, error if isinstance(error, TimeoutError) else ConnectionError(), exchange)

    async def close(self) -> None:
        """Nothing stays open between calls."""


class _Word(NamedTuple):
    """One word as the service says it; times in its ticks of 100 ns."""

    text: str
    offset: float
    duration: float


def _connector(exchange: Exchange) -> "BaseConnector":
    """Connects one call with the service, through no proxy, and records it in the exchange."""
    from aiohttp import TCPConnector

    class Direct(TCPConnector):
        async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109  # as its base
            req.update_proxy(None, None, None)
            connection = await super().connect(req, traces, timeout)
            exchange.sent = True
            return connection

    return Direct()


def _placed(text: str, words: Sequence[_Word]) -> tuple[WordTiming, ...] | None:
    """The words' places in the text, in its order; None when the last one or too many others are not found there."""
    timings: list[WordTiming] = []
    start = end = 0
    for word in words:
        start = text.find(word.text, end)
        if word.text and start >= 0:
            end = start + len(word.text)
            timings.append(
                WordTiming(start=start, length=len(word.text), at_ms=max(round(word.offset / _TICKS_PER_MS), 0))
            )
    return tuple(timings) if start >= 0 and len(timings) >= _FOUND_SHARE * len(words) else None


def _check(text: str, audio: bytes, words: Sequence[_Word], timings: Sequence[WordTiming] | None) -> None:
    """Raise BadAnswer unless this is the whole text as a whole MP3."""
    if sniff.kind(audio) != "mp3":
        raise BadAnswer("edge's audio is not an MP3 file")
    duration_ms = len(audio) * 8_000 / BITS_PER_SECOND
    if sniff.is_cut(audio, "mp3") or any((word.offset + word.duration) / _TICKS_PER_MS > duration_ms for word in words):
        raise BadAnswer("edge's audio is cut short")
    if timings:
        last = timings[-1]
        unspoken = sum(char.isalnum() for char in text[last.start + last.length :])
        if unspoken > max(_UNSPOKEN_LEAST, _UNSPOKEN_SHARE * len(text)):
            raise BadAnswer("edge's speech does not reach the end of the text")


@cache
def _voices(primary: str) -> tuple[Voice, ...]:
    return tuple(
        Voice(id=f"{primary}-{region}-{name}Neural", language=f"{primary}-{region}", name=name)
        for region, names in VOICES[primary].items()
        for name in names.split()
    )
