"""Speech of OpenAI-compatible servers."""

from contextlib import nullcontext
from typing import Any

import pytest

from bookwright.contracts.book import SpokenClip
from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    BookwrightError,
    Misconfigured,
    Permanent,
    Refused,
    UnknownLanguage,
    UnknownVoice,
    Unspeakable,
)
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.press.wav import decode
from bookwright.providers.openai.speech import OpenAiSpeech
from tests.support.emulator import KEY, EmulatorProcess

from .conftest import Failure

TEXT = "Luna walked into the forest, and the forest walked with her."
KOKORO = {"en-US": ["af_heart", "am_adam"], "en-GB": ["bf_emma"], "hi": ["hf_alpha"]}


async def spoken(engine: OpenAiSpeech, language: str = "en", text: str = TEXT) -> SpokenClip:
    return await engine.speak(engine.call(text, engine.voice(language, None)), nullcontext())


@pytest.mark.parametrize("form", ["wav", "mp3"])
@pytest.mark.parametrize("server", ["openai", "localai", "kokoro"])
async def test_every_server_is_heard(emulator: EmulatorProcess, server: str, form: str) -> None:
    """Kokoro streams without a length, LocalAI answers WAV whatever is asked for."""
    await emulator.knobs(server=server)
    voices = {"*": ["alloy"]} if server == "openai" else {"en": ["af_heart"]}
    async with OpenAiSpeech(emulator.url, "tts-1", KEY, voices=voices, form=form) as openai:
        engine: SpeechEngine = openai
        clip = await engine.speak(engine.call(TEXT, engine.voice("en", None)), nullcontext())
    assert clip.media_type == ("audio/wav" if form == "wav" or server == "localai" else "audio/mpeg")
    assert decode(clip.audio).duration_ms == pytest.approx(len(TEXT) / 14 * 1_000, rel=0.15)
    counts = await emulator.calls()
    assert (counts["received"], counts["texts"]) == (1, {TEXT: 1})


def test_voices_are_those_that_are_set() -> None:
    engine = OpenAiSpeech("http://127.0.0.1:1", "kokoro", voices=KOKORO)
    assert [voice.id for voice in engine.voices("en-us")] == ["af_heart", "am_adam"]
    assert [voice.id for voice in engine.voices("hi-IN")] == ["hf_alpha"]
    assert engine.voice("hi_IN", "HF_Alpha").id == "hf_alpha"
    for language in ("fr", "en", ""):
        with pytest.raises(UnknownLanguage, match="en-us"):
            engine.voices(language)
    with pytest.raises(UnknownVoice, match="bf_emma"):
        engine.voice("en-GB", "af_heart")
    every = OpenAiSpeech("http://127.0.0.1:1", "tts-1", voices={"*": ["alloy"], "hi": ["nova"]})
    assert [voice.id for voice in every.voices("hi")] == ["nova", "alloy"]
    assert [voice.id for voice in every.voices("fi")] == ["alloy"]


def test_what_changes_the_sound_changes_the_call() -> None:
    engine = OpenAiSpeech("http://127.0.0.1:1", "kokoro", voices=KOKORO)
    mp3 = OpenAiSpeech("http://127.0.0.1:1", "kokoro", voices=KOKORO, form="mp3")
    heart, adam = engine.voices("en-US")
    calls = [engine.call(TEXT, heart), engine.call(TEXT, adam), engine.call("x", heart), mp3.call(TEXT, heart)]
    assert len({call.key for call in calls}) == 4
    for text in (" \n", "x" * 1_501):
        with pytest.raises(Unspeakable):
            engine.call(text, heart)


@pytest.mark.parametrize(
    "settings", [{"voices": {}}, {"voices": {"en": []}}, {"form": "opus"}, {"max_chars": 0}], ids=str
)
def test_bad_settings_are_refused_at_start(settings: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        OpenAiSpeech("http://127.0.0.1:1", "kokoro", **{"voices": KOKORO, **settings})


@pytest.mark.parametrize("form", ["wav", "mp3"])
@pytest.mark.parametrize("server", ["openai", "kokoro"])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "reset_body"}, AnswerLost),
        ({"kind": "close_body"}, AnswerLost),
        ({"kind": "cut", "keep": 0.43}, BadAnswer),
        ({"kind": "zero"}, BadAnswer),
        ({"kind": "wrong_type"}, BadAnswer),
        ({"kind": "html"}, BadAnswer),
    ],
    ids=str,
)
async def test_a_clip_that_is_not_whole_is_never_one(
    emulator: EmulatorProcess,
    failure: Failure,
    server: str,
    form: str,
    fault: dict[str, Any],
    expected: type[BookwrightError],
) -> None:
    await emulator.knobs(server=server, faults=[fault])
    voices = {"en": ["alloy" if server == "openai" else "af_heart"]}
    async with OpenAiSpeech(emulator.url, "tts-1", KEY, voices=voices, form=form) as engine:
        if server == "kokoro" and form == "wav" and fault["kind"] == "cut":
            # Neither the stream nor the file says how long it should be: only its duration tells.
            assert decode((await spoken(engine)).audio).duration_ms < len(TEXT) / 14 * 500
            return
        assert type(await failure(spoken(engine))) is expected
    assert (await emulator.calls())["received"] == 1


async def test_what_the_server_refuses(emulator: EmulatorProcess, failure: Failure) -> None:
    await emulator.knobs(server="kokoro")
    async with OpenAiSpeech(emulator.url, "kokoro", voices={"en": ["nobody"]}) as engine:
        assert type(await failure(spoken(engine))) is Unspeakable
    async with OpenAiSpeech(emulator.url, "missing", voices=KOKORO) as engine:
        assert type(await failure(spoken(engine, "hi"))) is Permanent
        await emulator.knobs(server="localai")
        assert type(await failure(spoken(engine, "hi"))) is Refused, "LocalAI says 500 of a model that it can't load"
