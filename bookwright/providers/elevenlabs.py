"""Sound effects and ambiences by ElevenLabs, up to 30 seconds each. An extra: `pip install 'bookwright[elevenlabs]'`.

The SDK (2.78) costs seconds to import.
"""

from typing import TYPE_CHECKING

from bookwright import sniff
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import BadAnswer, Unspeakable
from bookwright.contracts.media import MadeSound, SoundTask
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit, default_prices
from bookwright.providers.connected import Connected, checked_key, checked_url
from bookwright.providers.errors import from_failure
from bookwright.providers.extras import needs
from bookwright.providers.http import watched

if TYPE_CHECKING:
    from elevenlabs.client import AsyncElevenLabs

BASE_URL = "https://api.elevenlabs.io"
OPERATION = "sound"
MIN_SECONDS, MAX_SECONDS = 0.5, 30.0
MAX_CHARS = 450
"""Characters of a prompt; ElevenLabs refuses more."""
PROMPT_INFLUENCE = 0.3
FORMAT, BITS_PER_SECOND = "mp3_44100_128", 128_000
"""MP3 at a constant bit rate, which every plan may ask for."""
_LEAST = 0.8
"""A sound this much shorter than what was asked for is not all of it."""


class ElevenLabsSounds(Connected):
    """A `SoundEngine`. `make` makes exactly one POST; it never retries. Equal prompts are one call whatever their seed,
    as ElevenLabs takes none: another sound for the same prompt is another take."""

    provider = "elevenlabs"
    sdk = "elevenlabs.client"
    max_seconds = MAX_SECONDS

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        model: str = "eleven_text_to_sound_v2",
        concurrency: int = 4,
        deadline_s: float = 120,
        prices: PriceTable | None = None,
    ) -> None:
        """Raises Misconfigured for a missing extra, a missing or malformed key, a bad base URL or a missing price."""
        needs("elevenlabs", "elevenlabs", "elevenlabs")
        super().__init__("ElevenLabs", concurrency, deadline_s)
        self.model = model
        self._api_key = checked_key("ElevenLabs", api_key)
        self._base_url = checked_url("ElevenLabs", base_url or BASE_URL)
        self._price = (prices or default_prices()).price(self.provider, model, OPERATION, {Unit.AUDIO_SECOND})
        self._sdk: AsyncElevenLabs | None = None

    def __repr__(self) -> str:
        return f"ElevenLabsSounds({self.model!r}, {self._base_url!r})"

    def call(self, task: SoundTask, take: int = 0) -> ProviderCall:
        """The call that makes a sound; charged by its length. Less than half a second becomes half a second. Raises
        Unspeakable for a blank or too long prompt and for more than `max_seconds`."""
        prompt = task.prompt.strip()
        if not prompt or len(prompt) > MAX_CHARS:
            raise Unspeakable(f"{self.model} takes a prompt of 1 to {MAX_CHARS} characters")
        if task.seconds > self.max_seconds:
            raise Unspeakable(f"{self.model} makes sounds of at most {self.max_seconds:g} s: ask for a loop")
        seconds = max(task.seconds, MIN_SECONDS)
        return ProviderCall(
            provider=self.provider,
            model=self.model,
            operation=OPERATION,
            input={
                "prompt": prompt,
                "seconds": seconds,
                "loop": task.loop,
                "influence": PROMPT_INFLUENCE,
                "format": FORMAT,
            },
            max_cost_micros=self._price.cost_micros({Unit.AUDIO_SECOND: seconds}),
            take=take,
        )

    async def make(self, call: ProviderCall, turn: Turn) -> MadeSound:
        """Make the call. Raises what entering the turn raises, and what `providers.errors` says; a cancelled call
        closes its connection. The total deadline is the caller's: `deadline_s` is for each wait for ElevenLabs."""
        asked = call.input
        if self._sdk is None:
            await self.load()
        sounds = self._client().text_to_sound_effects.with_raw_response
        with watched(turn) as exchange:
            try:
                async with sounds.convert(
                    text=asked["prompt"],
                    duration_seconds=asked["seconds"],
                    loop=asked["loop"],
                    prompt_influence=asked["influence"],
                    output_format=asked["format"],
                    model_id=call.model,
                    request_options={"max_retries": 0, "chunk_size": 65_536},
                ) as answer:
                    sound = b"".join([chunk async for chunk in answer.data])
                    name = answer.headers.get("request-id", "")
            except Exception as error:
                # `from None`: the SDK's errors carry headers and bodies, which must not travel on as a cause.
                raise from_failure(self.provider, error, exchange) from None
        _check(sound, asked["seconds"])
        return MadeSound(
            sound=sound,
            media_type=sniff.MEDIA_TYPES["mp3"],
            cost_micros=call.max_cost_micros,
            external_id=name[:200] or None,
        )

    async def close(self) -> None:
        self._sdk = None
        await super().close()

    def _client(self) -> "AsyncElevenLabs":
        if self._sdk is None:
            from elevenlabs.client import AsyncElevenLabs

            self._sdk = AsyncElevenLabs(
                base_url=self._base_url, api_key=self._api_key, timeout=self.deadline_s, httpx_client=self.connections()
            )
        return self._sdk


def _check(sound: bytes, seconds: float) -> None:
    """Raise BadAnswer unless this is a whole MP3 of about so many seconds."""
    if sniff.kind(sound) != "mp3":
        raise BadAnswer("elevenlabs answered without sound" if not sound else "elevenlabs' sound is not an MP3 file")
    if sniff.is_cut(sound, "mp3") or len(sound) * 8 / BITS_PER_SECOND < seconds * _LEAST:
        raise BadAnswer("elevenlabs' sound is cut short")
