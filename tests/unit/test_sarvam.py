"""The Sarvam adapter: the real SDK against the emulator, over real HTTP."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import httpx
import numpy as np
import pytest
from sarvamai.types.text_to_speech_language import TextToSpeechLanguage
from sarvamai.types.text_to_speech_speaker import TextToSpeechSpeaker

from bookwright.contracts.errors import (
    BadAnswer,
    BookwrightError,
    CredentialsRefused,
    Misconfigured,
    NotSent,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Refused,
    UnknownLanguage,
    UnknownVoice,
    Unspeakable,
)
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.money.pricefile import prices_with
from bookwright.money.prices import PriceTable
from bookwright.providers.errors import from_answer, from_failure
from bookwright.providers.http import Exchange, make_client
from bookwright.providers.sarvam import LANGUAGES, MODELS, SarvamEngine
from emulators import tone
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import emulator_of, error_of

TEXT = "Luna walked into the forest, and the forest walked with her."
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


emulator = emulator_of("sarvam")


@pytest.fixture
async def engine(emulator: EmulatorProcess) -> AsyncIterator[SarvamEngine]:
    async with SarvamEngine(KEY, emulator.url) as engine:
        yield engine


async def failure(engine: SarvamEngine, text: str = TEXT) -> BookwrightError:
    return await error_of(engine.speak(engine.call(text, engine.voice("en", None)), nullcontext()), text)


async def test_a_clip_is_bought_with_one_post(engine: SarvamEngine, emulator: EmulatorProcess) -> None:
    port: SpeechEngine = engine
    call = port.call(TEXT, port.voice("en", None))
    clip = await port.speak(call, nullcontext())
    with wave.open(io.BytesIO(clip.audio)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22_050, 1, 2)
        assert file.getnframes() / file.getframerate() == pytest.approx(len(TEXT) / 14, rel=0.1)
    assert clip.media_type == "audio/wav"
    assert clip.external_id == "emulated-000001"
    assert clip.cost_micros == call.max_cost_micros > 0
    counts = await emulator.calls()
    assert (counts["received"], counts["answered"], counts["texts"]) == (1, 1, {TEXT: 1})


async def test_equal_input_gives_equal_keys_and_audio(engine: SarvamEngine) -> None:
    voice = engine.voice("en-GB", "Manisha")
    first, second = engine.call(TEXT, voice), engine.call(TEXT, voice)
    assert first.key == second.key
    assert (await engine.speak(first, nullcontext())).audio == (await engine.speak(second, nullcontext())).audio
    others = [
        engine.call(TEXT, voice, take=1),
        engine.call(TEXT + "!", voice),
        engine.call(TEXT, engine.voice("hi", None)),
    ]
    assert len({first.key, *(other.key for other in others)}) == 4
    assert (await engine.speak(others[1], nullcontext())).audio != (await engine.speak(first, nullcontext())).audio


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_is_spoken_by_every_model(emulator: EmulatorProcess, model: str, language: str) -> None:
    async with SarvamEngine(KEY, emulator.url, model) as engine:
        for voice in (engine.voices(language)[0], engine.voices(language)[-1]):
            assert (await engine.speak(engine.call("एक two ३" * 10, voice), nullcontext())).audio


def rupees_at_100(folder: Path) -> PriceTable:
    (own := folder / "prices.toml").write_text("inr_per_usd = 100")
    return prices_with(own)


@pytest.mark.parametrize(("model", "limit", "rupees"), [("bulbul:v2", 1_500, 15), ("bulbul:v3", 2_500, 30)])
async def test_limits_and_prices_of_the_models(
    emulator: EmulatorProcess, tmp_path: Path, model: str, limit: int, rupees: int
) -> None:
    async with SarvamEngine(KEY, emulator.url, model, prices=rupees_at_100(tmp_path)) as engine:
        assert engine.max_chars == limit
        voice = engine.voice("ta", None)
        clip = await engine.speak(engine.call("க" * limit, voice), nullcontext())
        assert clip.cost_micros == limit * rupees
        for text in ("க" * (limit + 1), "", " \n"):
            with pytest.raises(Unspeakable):
                engine.call(text, voice)
    assert (await emulator.calls())["received"] == 1


def test_speakers_and_languages_are_those_of_the_sdk() -> None:
    short = {name for name in get_args(get_args(TextToSpeechSpeaker)[0]) if "_" not in name}
    v2, v3 = (set(MODELS[model].speakers) for model in ("bulbul:v2", "bulbul:v3"))
    assert v2 | v3 == short
    assert not v2 & v3
    assert {language.code for language in LANGUAGES.values()} == set(get_args(get_args(TextToSpeechLanguage)[0]))


def test_languages_are_taken_as_bcp_47() -> None:
    engine = SarvamEngine(KEY)
    for tag in ("or", "or-IN", "od-IN", "or-Orya-IN", "OR_in"):
        assert engine.call(TEXT, engine.voice(tag, None)).input["language"] == "od-IN"
    assert engine.call(TEXT, engine.voice("hi", None)).input["language"] == "hi-IN"
    for tag in ("fr", "pa-Arab", "hi-Latn", "", "ori"):
        with pytest.raises(UnknownLanguage):
            engine.voices(tag)
    with pytest.raises(UnknownVoice, match="anushka"):
        engine.voice("hi", "shubh")


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": ""},
        {"api_key": "två ord"},
        {"api_key": KEY, "model": "bulbul:v9"},
        {"api_key": KEY, "base_url": "localhost:80"},
        {"api_key": KEY, "base_url": "ftp://127.0.0.1"},
        {"api_key": KEY, "concurrency": 0},
    ],
)
def test_bad_settings_are_refused_at_start(settings: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        SarvamEngine(**settings)
    assert KEY not in repr(SarvamEngine(KEY))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 503}, RateLimited),
        ({"status": 503, "code": "model_call_error", "retry_after": 3}, RateLimited),
        ({"status": 503, "code": "model_call_error"}, Refused),
        ({"status": 429, "code": "insufficient_quota_error"}, QuotaExhausted),
        ({"status": 402}, QuotaExhausted),
        ({"status": 403}, CredentialsRefused),
        ({"status": 400}, Unspeakable),
        ({"status": 422}, Unspeakable),
        ({"status": 404}, Permanent),
        ({"status": 307}, Refused),
        ({"status": 429, "body": "<html>slow down</html>"}, RateLimited),
        ({"kind": "no_audio"}, BadAnswer),
        ({"kind": "zero"}, BadAnswer),
        ({"kind": "garbage"}, BadAnswer),
        ({"kind": "cut"}, BadAnswer),
    ],
    ids=str,
)
async def test_each_failure_has_its_type_and_costs_one_post(
    engine: SarvamEngine, emulator: EmulatorProcess, fault: dict[str, Any], expected: type[BookwrightError]
) -> None:
    await emulator.knobs(faults=[{"kind": "status", **fault}])
    assert type(await failure(engine)) is expected
    counts = await emulator.calls()
    assert (counts["received"], counts["in_flight"]) == (1, 0)
    await emulator.knobs(faults=[])
    assert (await engine.speak(engine.call(TEXT, engine.voice("en", None)), nullcontext())).audio


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "1"}, None, 1),
        ({"retry-after": "2.5"}, None, 2.5),
        ({"retry-after": "0"}, None, 1),
        ({"retry-after": "Mon, 02 Nov 2026 12:00:38 GMT"}, None, 38),
        ({"retry-after": "Mon, 02 Nov 2026 11:00:38 GMT", "date": "Mon, 02 Nov 2026 11:00:00 GMT"}, None, 38),
        ({"retry-after": "Mon, 02 Nov 2020 12:00:00 GMT"}, None, 1),
        ({"retry-after": "9" * 400}, None, 5),
        ({"retry-after": "999999999999"}, None, 30 * 86_400),
        ({"retry-after": "soon"}, None, 5),
        (None, {"error": {"details": [{"@type": "…/google.rpc.RetryInfo", "retryDelay": "38s"}]}}, 38),
        (None, {"detail": "Request was throttled. Your rate limit resets in ~30s."}, 30),
        (None, "Try again after 2 minutes", 120),
        (None, {"error": {"message": "Rate limit exceeded in 2026"}}, 5),
    ],
)
def test_hints_how_long_to_wait(headers: dict[str, str] | None, body: object, seconds: float) -> None:
    error = from_answer("sarvam", 429, headers, body, now=NOON)
    assert isinstance(error, RateLimited)
    assert error.until == NOON + timedelta(seconds=seconds)


def test_a_code_that_is_no_code_is_not_repeated() -> None:
    for body in ({"error": {"code": TEXT}}, {"error": TEXT}, TEXT, [TEXT], None):
        assert TEXT not in str(from_answer("sarvam", 400, None, body))


def test_a_call_that_never_got_a_connection_was_not_sent() -> None:
    error = from_failure("sarvam", httpx.PoolTimeout("no connection is free"), Exchange(nullcontext()))
    assert type(error) is NotSent


async def test_no_more_calls_at_once_than_allowed(emulator: EmulatorProcess) -> None:
    await emulator.knobs(gate="")
    async with SarvamEngine(KEY, emulator.url, concurrency=3) as engine:
        voice = engine.voice("en", None)
        calls = [engine.call(f"{TEXT} {number}", voice) for number in range(7)]
        speaking = asyncio.gather(*(engine.speak(call, nullcontext()) for call in calls))
        assert (await emulator.wait_calls(3, of="held"))["received"] == 3
        assert await emulator.release(1) == 1
        assert (await emulator.wait_calls(4))["answered"] == 1
        await emulator.release()
        assert len({clip.audio for clip in await speaking}) == 7
    counts = await emulator.calls()
    assert (counts["received"], counts["answered"], counts["max_in_flight"]) == (7, 7, 3)


async def test_an_answer_may_not_grow_without_end(emulator: EmulatorProcess) -> None:
    async with make_client(deadline_s=5, connections=1, max_answer_bytes=20) as client:
        with pytest.raises(BadAnswer, match="20 bytes"):
            await client.get(f"{emulator.url}/_emulator/calls")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({}, 200, None),
        ({"language_code": None, "target_language_code": "hi-IN"}, 200, None),
        ({"model": None, "speaker": "shubh"}, 200, None),
        ({"language_code": "or-IN"}, 400, "invalid_request_error"),
        ({"language_code": None}, 422, "unprocessable_entity_error"),
        ({"text": None}, 422, "unprocessable_entity_error"),
        ({"text": ["a", "b"]}, 400, "invalid_request_error"),
        ({"text": "x" * 1_501}, 400, "invalid_request_error"),
        ({"text": "  "}, 400, "invalid_request_error"),
        ({"speaker": "shubh"}, 400, "invalid_request_error"),
        ({"speaker": "Anushka"}, 400, "invalid_request_error"),
        ({"model": "bulbul:v9"}, 400, "invalid_request_error"),
        ({"model": "bulbul:v3", "speaker": "shubh", "pitch": 0.1}, 400, "invalid_request_error"),
        ({"pace": 9}, 400, "invalid_request_error"),
        ({"speech_sample_rate": 48_000}, 400, "invalid_request_error"),
    ],
    ids=str,
)
async def test_the_emulator_checks_requests_as_sarvam_does(
    emulator: EmulatorProcess, change: dict[str, Any], status: int, code: str | None
) -> None:
    body = {"text": TEXT, "language_code": "en-IN", "speaker": "anushka", "model": "bulbul:v2"} | change
    async with make_client(deadline_s=10, connections=1) as client:
        answer = await client.post(
            f"{emulator.url}/text-to-speech",
            json={name: value for name, value in body.items() if value is not None},
            headers={"api-subscription-key": KEY},
        )
    assert answer.status_code == status
    assert answer.json().get("error", {}).get("code") == code


async def test_the_emulator_plays_its_script(engine: SarvamEngine, emulator: EmulatorProcess) -> None:
    await emulator.knobs(
        faults=[
            {"kind": "status", "status": 500, "match": "forest", "times": 1},
            {"kind": "status", "status": 502, "regex": "^Luna .*her", "call": 2},
            {"kind": "delay", "delay_ms": 1, "call": 3},
        ]
    )
    assert "500" in str(await failure(engine))
    assert "502" in str(await failure(engine))
    for _ in range(2):
        await engine.speak(engine.call(TEXT, engine.voice("en", None)), nullcontext())
    counts = await emulator.calls()
    assert (counts["received"], counts["failed"], counts["answered"], counts["charged"]) == (4, 2, 2, 2)
    assert counts["statuses"] == {"500": 1, "502": 1, "200": 2}


async def test_the_emulator_caps_calls_at_once(emulator: EmulatorProcess) -> None:
    await emulator.knobs(gate="first", concurrency_cap=1)
    async with SarvamEngine(KEY, emulator.url) as engine:
        first = asyncio.ensure_future(engine.speak(engine.call("first", engine.voice("en", None)), nullcontext()))
        await emulator.wait_calls(1, of="held")
        assert type(await failure(engine)) is RateLimited
        await emulator.release()
        assert (await first).audio


async def test_the_emulator_refuses_knobs_it_does_not_have(emulator: EmulatorProcess) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=emulator.url) as client:
        assert (await client.put("/_emulator/knobs", json={"latency": 5})).status_code == 422
        assert (
            await client.put("/_emulator/knobs", json={"faults": [{"kind": "status", "regex": "("}]})
        ).status_code == 422
        assert (await client.put("/_emulator/knobs", content=b"[]")).status_code == 400
        assert (await client.get("/_emulator/wait?calls=1&of=nothing")).status_code == 400
    with pytest.raises(TimeoutError):
        await emulator.wait_calls(1, timeout_s=0.01)


@pytest.mark.parametrize("chars", [0, 1, 41, 200, 2_500])
def test_the_emulated_voice_is_plausible(chars: int) -> None:
    text = "a" * chars
    audio = tone.wav(text)
    assert audio == tone.wav(text) != tone.wav("b" * chars + "c")
    with wave.open(io.BytesIO(audio)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    assert len(audio) == int.from_bytes(audio[4:8], "little") + 8
    assert len(samples) / tone.RATE == pytest.approx(max(0.78, chars / tone.CHARS_PER_SECOND + 0.24), abs=0.1)
    assert 8_000 < np.abs(samples).max() < 20_000
    assert np.sqrt((samples**2).mean()) > 1_000
