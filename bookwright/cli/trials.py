"""The cheapest call that each provider can be tried with. None of them goes through the ledger: nobody's budget is
charged, and the answer is thrown away."""

import hashlib
import io
import tempfile
import wave
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from bookwright.contracts.book import Voice
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import UnknownLanguage
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import PictureTask, SoundTask, TextTask, TranscriptionTask
from bookwright.contracts.ports.engines import Embedder, LanguageModel, PictureEngine, SoundEngine, Transcriber
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.providers.local.espeak import EspeakEngine

SAID = "Ready."
LANGUAGES = ("en", "hi", "de", "fr", "es")


class Trial(NamedTuple):
    """One call, and what makes it and says in words what came of it."""

    call: ProviderCall
    make: Callable[[], Awaitable[str]]


async def speech(engine: SpeechEngine) -> Trial:
    """One word, in the first language that the engine speaks."""
    call = engine.call(SAID, next(voice for language in LANGUAGES for voice in _voices(engine, language)))

    async def make() -> str:
        return f"spoke {len((await engine.speak(call, nullcontext())).audio)} bytes"

    return Trial(call, make)


async def text(model: LanguageModel) -> Trial:
    """One word to write."""
    call = model.call(TextTask(purpose="check", prompt="Answer with the one word: ready", max_output_tokens=512))

    async def make() -> str:
        return f"wrote {len((await model.write(call, nullcontext())).text)} characters"

    return Trial(call, make)


async def vision(model: LanguageModel) -> Trial:
    """One small picture to look at."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(picture, "PNG")
    data = picture.getvalue()
    task = TextTask(
        purpose="check", prompt="Which colour is this? One word.", pictures=(_asset(data),), max_output_tokens=512
    )
    call = model.call(task)

    async def make() -> str:
        return f"wrote {len((await model.write(call, nullcontext(), [data])).text)} characters on a picture"

    return Trial(call, make)


async def images(engine: PictureEngine) -> Trial:
    """One picture."""
    aspect = "1:1" if "1:1" in engine.aspects else engine.aspects[0]
    call = engine.call(PictureTask(prompt="A grey pebble on white paper", aspect=aspect))

    async def make() -> str:
        return f"drew {len((await engine.draw(call, nullcontext())).picture)} bytes"

    return Trial(call, make)


async def sounds(engine: SoundEngine) -> Trial:
    """One second of rain."""
    call = engine.call(SoundTask(prompt="soft rain", seconds=1, loop=False))

    async def make() -> str:
        return f"made {len((await engine.make(call, nullcontext())).sound)} bytes"

    return Trial(call, make)


async def transcription(engine: Transcriber) -> Trial:
    """One word to write down, spoken on this machine."""
    speaker = EspeakEngine()
    try:
        clip = await speaker.speak(speaker.call(SAID, speaker.voice("en", None)), nullcontext())
    finally:
        await speaker.close()
    with wave.open(io.BytesIO(clip.audio)) as sound:
        duration_ms = 1_000 * sound.getnframes() // sound.getframerate()
    call = engine.call(TranscriptionTask(recording=_asset(clip.audio), duration_ms=duration_ms, language="en"))

    async def make() -> str:
        with tempfile.TemporaryDirectory() as folder:
            recording = Path(folder) / "ready.wav"
            recording.write_bytes(clip.audio)
            heard = await engine.transcribe(call, nullcontext(), recording)
        return f"heard {len(heard.words)} words"

    return Trial(call, make)


async def embeddings(engine: Embedder) -> Trial:
    """One word to find the place of."""
    call = engine.call([SAID])

    async def make() -> str:
        return f"made a vector of {len((await engine.embed(call, nullcontext())).vectors[0])} numbers"

    return Trial(call, make)


def _voices(engine: SpeechEngine, language: str) -> list[Voice]:
    with suppress(UnknownLanguage):
        return [engine.voice(language, None)]
    return []


def _asset(data: bytes) -> AssetId:
    return AssetId(hashlib.sha256(data).hexdigest())
