"""The Edge adapter: the real edge-tts against the emulator, over a real websocket."""

import asyncio
import io
from contextlib import nullcontext
from typing import Any

import av
import httpx
import pytest
from edge_tts.data_classes import TTSConfig
from edge_tts.drm import DRM

from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    BookwrightError,
    CredentialsRefused,
    Misconfigured,
    NotSent,
    RateLimited,
    Refused,
    UnknownLanguage,
    UnknownVoice,
    Unspeakable,
)
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.providers.edge_speech import EdgeEngine
from bookwright.providers.edge_voices import VOICES
from tests.support.emulator import EmulatorProcess
from tests.support.providers import emulator_of, error_of

TEXT = "Luna & her fox walked into the forest; the moon's light fell on all of it, and nobody was afraid."
HINDI = "लूना जंगल में चली गई, और जंगल उसके साथ चला।"


emulator = emulator_of("edge")


@pytest.fixture
def engine(emulator: EmulatorProcess) -> EdgeEngine:
    return EdgeEngine(emulator.url)


async def failure(engine: EdgeEngine) -> BookwrightError:
    return await error_of(engine.speak(engine.call(TEXT, engine.voice("en", None)), nullcontext()), TEXT)


@pytest.mark.parametrize(("language", "text"), [("en", TEXT), ("hi-IN", HINDI)])
async def test_a_clip_comes_with_the_time_of_every_word(
    engine: EdgeEngine, emulator: EmulatorProcess, language: str, text: str
) -> None:
    port: SpeechEngine = engine
    clip = await port.speak(port.call(text, port.voice(language, None)), nullcontext())
    assert clip.media_type == "audio/mpeg"
    with av.open(io.BytesIO(clip.audio), "r") as file:
        heard_ms = sum(frame.samples for frame in file.decode(audio=0)) * 1_000 / file.streams.audio[0].rate
    spoken = [text[word.start : word.start + word.length] for word in clip.words]
    assert spoken == [word.strip(" ,;.।") for word in text.split() if word != "&"]
    times = [word.at_ms for word in clip.words]
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < heard_ms
    assert (await emulator.calls())["texts"] == {text: 1}


async def test_the_longest_text_is_one_request_whatever_it_is_made_of(
    engine: EdgeEngine, emulator: EmulatorProcess
) -> None:
    voice = engine.voice("ta", None)
    longest = "&" * (engine.max_chars - 2) + " a"
    assert (await engine.speak(engine.call(longest, voice), nullcontext())).audio
    assert (await emulator.calls())["received"] == 1
    for text in ("a" * 801, "", " \n"):
        with pytest.raises(Unspeakable):
            engine.call(text, voice)


async def test_words_that_are_not_those_of_the_text_are_left_out(engine: EdgeEngine, emulator: EmulatorProcess) -> None:
    await emulator.knobs(faults=[{"kind": "off_schema"}])
    clip = await engine.speak(engine.call(TEXT, engine.voice("en", None)), nullcontext())
    assert clip.audio
    assert clip.words == ()


def test_a_voice_for_every_language_that_the_service_has() -> None:
    engine = EdgeEngine()
    assert set(VOICES) == set("en hi bn ta te mr gu kn ml ur es fr de pt ar sw".split())
    for language in VOICES:
        for voice in engine.voices(language):
            assert voice.language.split("-")[0] == language
            assert TTSConfig(voice.id, "+0%", "+0%", "+0Hz", "WordBoundary")
    assert engine.voice("en-GB", None).id == "en-GB-SoniaNeural"
    assert engine.voice("pt-PT", None).id == "pt-PT-RaquelNeural"
    assert engine.voice("hi", "madhur") == engine.voice("hi", "hi-IN-MadhurNeural")
    for language in ("pa", "or", "", "xx"):
        with pytest.raises(UnknownLanguage):
            engine.voices(language)
    with pytest.raises(UnknownVoice, match="hi-IN-SwaraNeural"):
        engine.voice("hi", "Katja")


def test_a_call_is_named_by_what_changes_the_clip() -> None:
    engine = EdgeEngine()
    first, second = engine.voices("en")[:2]
    call = engine.call(TEXT, first)
    assert call.max_cost_micros == 0
    assert call.key == engine.call(TEXT, first).key
    assert (
        len({call.key, engine.call(TEXT, first, 1).key, engine.call(TEXT, second).key, engine.call("a", first).key})
        == 4
    )


@pytest.mark.parametrize(
    ("fault", "expected", "said"),
    [
        ({"status": 403}, CredentialsRefused, "update edge-tts"),
        ({"status": 429}, RateLimited, "429"),
        ({"status": 500}, Refused, "500"),
        ({"status": 503}, Refused, "503"),
        ({"kind": "html"}, BadAnswer, "200"),
        ({"kind": "zero"}, AnswerLost, "no audio"),
        ({"kind": "garbage"}, BadAnswer, "MP3"),
        ({"kind": "cut"}, BadAnswer, "end of the text"),
        ({"kind": "no_audio"}, BadAnswer, "cut short"),
        ({"kind": "truncated"}, BadAnswer, "JSON"),
        ({"kind": "wrong_type"}, BadAnswer, "can't be used"),
        ({"kind": "close_body"}, AnswerLost, "before the end"),
        ({"kind": "reset_body"}, AnswerLost, "before the end"),
        ({"kind": "reset"}, AnswerLost, "no audio"),
        ({"match": "Luna"}, AnswerLost, "no audio"),
    ],
    ids=str,
)
async def test_each_failure_has_its_type_and_costs_one_connection(
    engine: EdgeEngine, emulator: EmulatorProcess, fault: dict[str, Any], expected: type[BookwrightError], said: str
) -> None:
    await emulator.knobs(faults=[{"kind": "status", **fault}])
    error = await failure(engine)
    assert type(error) is expected
    assert said in str(error)
    assert (await emulator.calls())["received"] == 1
    await emulator.knobs(faults=[])
    assert (await engine.speak(engine.call(TEXT, engine.voice("en", None)), nullcontext())).words


async def test_a_wrong_clock_is_allowed_for_with_the_next_call(
    engine: EdgeEngine, emulator: EmulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DRM, "clock_skew_seconds", -7_200.0)
    await emulator.knobs(faults=[{"kind": "status", "status": 403}])
    error = await failure(engine)
    assert type(error) is Refused
    assert "clock" in str(error)
    assert DRM.clock_skew_seconds == pytest.approx(0, abs=30)
    assert type(await failure(engine)) is CredentialsRefused, "now the clock is right"


async def test_a_hang_ends_by_the_deadline_as_a_lost_answer(emulator: EmulatorProcess) -> None:
    await emulator.knobs(faults=[{"kind": "hang"}])
    engine = EdgeEngine(emulator.url)
    speaking = asyncio.ensure_future(engine.speak(engine.call(TEXT, engine.voice("en", None)), nullcontext()))
    await emulator.wait_calls(1, of="in_flight")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await speaking
    assert (await emulator.wait_calls(1, of="disconnected"))["in_flight"] == 0


async def test_a_slow_drip_that_its_caller_gives_up_closes_its_connection(
    engine: EdgeEngine, emulator: EmulatorProcess
) -> None:
    """No single wait is long: it is the caller's total deadline that ends it."""
    await emulator.knobs(faults=[{"kind": "drip", "pieces": 1_000, "delay_ms": 200}])
    speaking = asyncio.ensure_future(engine.speak(engine.call(TEXT * 6, engine.voice("en", None)), nullcontext()))
    await emulator.wait_calls(1, of="charged")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await speaking
    assert (await emulator.wait_calls(1, of="disconnected"))["in_flight"] == 0


async def test_two_engines_keep_their_addresses(emulator: EmulatorProcess) -> None:
    here, there = EdgeEngine(emulator.url), EdgeEngine("ws://127.0.0.1:9")
    call = here.call(TEXT, here.voice("en", None))
    spoken = await asyncio.gather(
        *(engine.speak(call, nullcontext()) for engine in (here, there) * 4), return_exceptions=True
    )
    assert [isinstance(clip, NotSent) for clip in spoken] == [False, True] * 4


def test_bad_settings_are_refused_at_start() -> None:
    for url in ("ftp://127.0.0.1", "localhost:80"):
        with pytest.raises(Misconfigured):
            EdgeEngine(url)
    with pytest.raises(Misconfigured):
        EdgeEngine(concurrency=0)


async def test_the_emulator_turns_away_who_is_no_edge(emulator: EmulatorProcess) -> None:
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    path = "/consumer/speech/synthesize/readaloud/edge/v1?TrustedClientToken=another"
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(emulator.url + path, headers=headers)).status_code == 403


async def test_the_emulator_knows_its_voices(emulator: EmulatorProcess, engine: EdgeEngine) -> None:
    call = engine.call(TEXT, engine.voice("en", None))
    wrong = call.model_copy(
        update={"input": call.input | {"voice": "Microsoft Server Speech Text to Speech Voice (x, y)"}}
    )
    with pytest.raises(AnswerLost):
        await engine.speak(wrong, nullcontext())
    assert (await emulator.calls())["charged"] == 0
