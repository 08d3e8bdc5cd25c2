"""Transcripts of OpenAI-compatible servers."""

import tracemalloc
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from bookwright.contracts.errors import AnswerLost, BadAnswer, BookwrightError, Permanent, Unspeakable
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import TranscriptionTask
from bookwright.contracts.ports.engines import Transcriber
from bookwright.providers.openai.transcription import OpenAiTranscriber
from emulators import mp3, tone
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.waves import wav

from .conftest import Failure

SPEECH = tone.wav("Luna walked into the forest, and the forest walked with her, until the morning came. " * 4)
TASK = TranscriptionTask(recording=AssetId("a" * 64), duration_ms=25_000)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording"
    path.write_bytes(mp3.encoded(SPEECH, 64))
    return path


@pytest.mark.parametrize("server", ["openai", "whisper", "localai"])
async def test_words_come_with_their_times_and_marks(emulator: EmulatorProcess, recording: Path, server: str) -> None:
    """Beside the text and bare, within segments, or shared out over segments that count nanoseconds."""
    await emulator.knobs(server=server)
    async with OpenAiTranscriber(emulator.url, "whisper-1", KEY) as openai:
        engine: Transcriber = openai
        heard = await engine.transcribe(engine.call(TASK), nullcontext(), recording)
    assert heard.language == "en"
    assert len(heard.words) == 61
    assert " ".join(word.text for word in heard.words).count(".") >= 4
    assert heard.words[-1].end_ms == pytest.approx(24_000, abs=500)
    starts = [word.start_ms for word in heard.words]
    assert starts == sorted(starts)
    assert len(set(starts)) == 61
    assert {word.confidence for word in heard.words} == ({0.93} if server == "whisper" else {None})


async def test_the_language_is_as_it_was_told(emulator: EmulatorProcess, recording: Path) -> None:
    async with OpenAiTranscriber(emulator.url, "whisper-1", KEY) as engine:
        hindi = TASK.model_copy(update={"language": "hi-IN"})
        assert (await engine.transcribe(engine.call(hindi), nullcontext(), recording)).language == "hi-IN"


async def test_a_recording_of_any_length_is_sent_without_being_held(emulator: EmulatorProcess, tmp_path: Path) -> None:
    await emulator.knobs(server="whisper")
    long = tmp_path / "long"
    with long.open("wb") as file:
        file.write(wav(b"", 16_000)[:40] + (12 << 20).to_bytes(4, "little"))
        file.truncate(44 + (12 << 20))
    async with OpenAiTranscriber(emulator.url, "whisper-1", KEY) as engine:
        task = TASK.model_copy(update={"duration_ms": 393_216})
        tracemalloc.start()
        try:
            heard = await engine.transcribe(engine.call(task), nullcontext(), long)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert len(heard.words) > 900
    assert peak < 6 << 20, "half of the file"


@pytest.mark.parametrize(
    ("server", "fault", "expected"),
    [
        ("careless", {"kind": "delay", "delay_ms": 0}, Permanent),
        ("openai", {"kind": "off_schema"}, BadAnswer),
        ("openai", {"kind": "truncated"}, BadAnswer),
        ("openai", {"kind": "html"}, BadAnswer),
        ("openai", {"kind": "close_body"}, AnswerLost),
        ("openai", {"kind": "status", "status": 413}, Unspeakable),
    ],
    ids=str,
)
async def test_each_failure_has_its_type(
    emulator: EmulatorProcess,
    failure: Failure,
    recording: Path,
    server: str,
    fault: dict[str, Any],
    expected: type[BookwrightError],
) -> None:
    await emulator.knobs(server=server, faults=[fault])
    async with OpenAiTranscriber(emulator.url, "whisper-1", KEY) as engine:
        assert type(await failure(engine.transcribe(engine.call(TASK), nullcontext(), recording))) is expected
    assert (await emulator.calls())["received"] == 1


async def test_silence_is_an_empty_transcript(emulator: EmulatorProcess, recording: Path) -> None:
    await emulator.knobs(faults=[{"kind": "silent"}])
    async with OpenAiTranscriber(emulator.url, "whisper-1", KEY) as engine:
        assert (await engine.transcribe(engine.call(TASK), nullcontext(), recording)).words == ()


async def test_what_is_no_audio_is_not_sent(emulator: EmulatorProcess, failure: Failure, tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text("Luna walked into the forest.")
    async with OpenAiTranscriber(emulator.url, "whisper-1", KEY) as engine:
        assert type(await failure(engine.transcribe(engine.call(TASK), nullcontext(), path))) is Unspeakable
    assert (await emulator.calls())["received"] == 0
