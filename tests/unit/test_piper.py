"""Piper: the real one, in its process, with a voice that hums."""

import io
import sys
import wave
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from bookwright.contracts.book import Voice
from bookwright.contracts.errors import Misconfigured, Refused, UnknownLanguage, UnknownVoice, Unspeakable
from bookwright.contracts.lexicon import SaidAs
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.providers.local.piper import PiperEngine
from tests.support.piper_voice import HOP, RATE, write_voice

TEXT = "Luna walked home. The moon came along."


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voices")
    write_voice(folder, "en_GB-hum-low", "en_GB")
    write_voice(folder, "en_US-choir-low", "en_US", {"alto": 1, "bass": 3})
    write_voice(folder, "hi_IN-hum-low", "hi_IN")
    return folder


@pytest.fixture(scope="module")
async def engine(voices: Path) -> AsyncIterator[PiperEngine]:
    async with PiperEngine(voices) as engine:
        yield engine


async def test_a_clip_is_spoken(engine: PiperEngine) -> None:
    port: SpeechEngine = engine
    call = port.call(TEXT, port.voice("en", None))
    clip = await port.speak(call, nullcontext())
    assert (clip.media_type, clip.cost_micros, call.max_cost_micros) == ("audio/wav", 0, 0)
    with wave.open(io.BytesIO(clip.audio)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert len(samples) % HOP == 0
    assert 40 < len(samples) / HOP < 160, "about two ids for each letter"
    assert np.abs(samples.astype(int)).max() > 10_000
    assert not {"piper", "piper.espeakbridge"} & set(sys.modules), "GPL: it is not loaded into this process"


async def test_speakers_of_one_model_are_voices(engine: PiperEngine) -> None:
    alto, bass = (engine.voice("en-US", f"en_US-choir-low#{name}") for name in ("alto", "bass"))
    assert alto.language == "en-US"
    clips = [await engine.speak(engine.call(TEXT, voice), nullcontext()) for voice in (alto, bass, alto)]
    assert clips[0].audio != clips[1].audio
    assert clips[0].audio == clips[2].audio


async def test_brackets_and_controls_are_not_commands(engine: PiperEngine) -> None:
    voice = engine.voice("en", None)
    plain, odd = [
        await engine.speak(engine.call(text, voice), nullcontext()) for text in ("tea", "\x01tea [[tiː]] \x00\x0b")
    ]
    assert len(odd.audio) > len(plain.audio)


async def test_a_word_is_said_as_ipa_says(engine: PiperEngine) -> None:
    voice = engine.voice("en", None)
    told = [engine.call_with_ipa("tea [[b]] tea", voice, [SaidAs(10, 3, ipa)]) for ipa in ("tiː", "tiːtiːtiːtiː")]
    clips = [await engine.speak(call, nullcontext()) for call in told]
    assert len(clips[1].audio) > len(clips[0].audio)
    assert len({call.key for call in (*told, engine.call("tea [[b]] tea", voice))}) == 3


async def test_what_can_not_be_spoken(engine: PiperEngine) -> None:
    voice = engine.voice("en", None)
    with pytest.raises(Unspeakable):
        await engine.speak(engine.call("…", voice), nullcontext())
    for text in ("", " \n", "x" * 1_501):
        with pytest.raises(Unspeakable):
            engine.call(text, voice)
    gone = engine.call(TEXT, Voice(id="another", language="en-US", name="Another"))
    with pytest.raises(UnknownVoice):
        await engine.speak(gone, nullcontext())


def test_voices_are_found_by_their_language(engine: PiperEngine) -> None:
    assert engine.voices("en-US")[0].id.startswith("en_US")
    assert engine.voice("en-GB", None).id == "en_GB-hum-low"
    assert engine.voice("hi", None).language == "hi-IN"
    with pytest.raises(UnknownLanguage, match="en-GB"):
        engine.voices("ta")
    with pytest.raises(UnknownVoice, match="hi_IN-hum-low"):
        engine.voice("hi", "en_GB-hum-low")
    call = engine.call(TEXT, engine.voice("hi", None))
    assert call.key != engine.call(TEXT, engine.voice("hi", None), take=1).key


async def test_a_broken_model_costs_a_call_and_not_the_worker(tmp_path: Path) -> None:
    write_voice(tmp_path, "en_US-broken-low", "en_US").write_bytes(b"this is no model")
    async with PiperEngine(tmp_path) as engine:
        with pytest.raises(Refused):
            await engine.speak(engine.call(TEXT, engine.voice("en", None)), nullcontext())


def test_bad_settings_are_refused_at_start(tmp_path: Path) -> None:
    for nothing, said in ((tmp_path, "no voice"), ("", "path")):
        with pytest.raises(Misconfigured, match=said):
            PiperEngine(nothing)
    path = write_voice(tmp_path, "en_US-hum-low", "en_US")
    assert PiperEngine(path).voice("en", None).id == "en_US-hum-low"
    Path(f"{path}.json").unlink()
    with pytest.raises(Misconfigured, match=r"en_US-hum-low\.onnx"):
        PiperEngine(path)
