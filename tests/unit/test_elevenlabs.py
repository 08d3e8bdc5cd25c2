"""The ElevenLabs adapter: the real SDK against the emulator, over real HTTP."""

import io
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any

import av
import httpx
import pytest

from bookwright.contracts.errors import (
    BadAnswer,
    BookwrightError,
    CredentialsRefused,
    Misconfigured,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Unspeakable,
)
from bookwright.contracts.media import SoundTask
from bookwright.contracts.ports.engines import SoundEngine
from bookwright.providers.elevenlabs import ElevenLabsSounds
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import emulator_of, error_of

RAIN = SoundTask(prompt="soft rain on a tin roof, a far owl", seconds=1.5)


emulator = emulator_of("elevenlabs")


@pytest.fixture
async def engine(emulator: EmulatorProcess) -> AsyncIterator[ElevenLabsSounds]:
    async with ElevenLabsSounds(KEY, emulator.url) as engine:
        yield engine


async def failure(engine: ElevenLabsSounds) -> BookwrightError:
    return await error_of(engine.make(engine.call(RAIN), nullcontext()), RAIN.prompt)


async def test_a_sound_is_bought_with_one_post(engine: ElevenLabsSounds, emulator: EmulatorProcess) -> None:
    port: SoundEngine = engine
    call = port.call(RAIN)
    made = await port.make(call, nullcontext())
    with av.open(io.BytesIO(made.sound), "r") as file:
        assert (file.format.name, file.streams.audio[0].rate) == ("mp3", 44_100)
        heard = sum(frame.samples for frame in file.decode(audio=0)) / 44_100
    assert heard == pytest.approx(1.5, abs=0.1)
    assert (made.media_type, made.external_id) == ("audio/mpeg", "emulated-000001")
    assert made.cost_micros == call.max_cost_micros == 18_000
    counts = await emulator.calls()
    assert (counts["received"], counts["answered"], counts["texts"]) == (1, 1, {RAIN.prompt: 1})


def test_a_call_is_named_by_what_changes_the_sound() -> None:
    engine = ElevenLabsSounds(KEY)
    key = engine.call(RAIN).key
    assert engine.call(RAIN.model_copy(update={"seed": 7})).key == key, "ElevenLabs takes no seed"
    others = [RAIN.model_copy(update=change) for change in ({"prompt": "wind"}, {"seconds": 3}, {"loop": False})]
    assert key not in {engine.call(RAIN, take=1).key, *(engine.call(other).key for other in others)}
    assert engine.call(RAIN.model_copy(update={"seconds": 0.1})).input["seconds"] == 0.5


@pytest.mark.parametrize("change", [{"prompt": " "}, {"prompt": "x" * 451}, {"seconds": 30.5}], ids=str)
def test_what_it_would_refuse_is_refused_before(change: dict[str, Any]) -> None:
    with pytest.raises(Unspeakable):
        ElevenLabsSounds(KEY).call(RAIN.model_copy(update=change))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 429, "code": "system_busy", "retry_after": 2}, RateLimited),
        ({"status": 401, "code": "quota_exceeded"}, QuotaExhausted),
        ({"status": 403}, CredentialsRefused),
        ({"status": 400}, Unspeakable),
        ({"status": 422}, Unspeakable),
        ({"status": 404}, Permanent),
        ({"kind": "zero"}, BadAnswer),
        ({"kind": "garbage"}, BadAnswer),
        ({"kind": "cut"}, BadAnswer),
    ],
    ids=str,
)
async def test_each_failure_has_its_type_and_costs_one_post(
    engine: ElevenLabsSounds, emulator: EmulatorProcess, fault: dict[str, Any], expected: type[BookwrightError]
) -> None:
    await emulator.knobs(faults=[{"kind": "status", **fault}])
    assert type(await failure(engine)) is expected
    counts = await emulator.calls()
    assert (counts["received"], counts["in_flight"]) == (1, 0)


@pytest.mark.parametrize(
    "settings",
    [{"api_key": ""}, {"api_key": "två ord"}, {"api_key": KEY, "base_url": "ftp://127.0.0.1"}],
    ids=["no key", "odd key", "odd url"],
)
def test_bad_settings_are_refused_at_start(settings: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        ElevenLabsSounds(**settings)
    assert KEY not in repr(ElevenLabsSounds(KEY))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"text": None}, 422),
        ({"text": " "}, 400),
        ({"text": "x" * 451}, 400),
        ({"duration_seconds": 31}, 400),
        ({"duration_seconds": 0.4}, 400),
        ({"prompt_influence": 2}, 422),
        ({"model_id": "another"}, 400),
    ],
    ids=str,
)
async def test_the_emulator_checks_requests(emulator: EmulatorProcess, change: dict[str, Any], status: int) -> None:
    body = {"text": "wind", "duration_seconds": 0.5} | change
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"{emulator.url}/v1/sound-generation", json=body, headers={"xi-api-key": KEY}, timeout=30
        )
    assert answer.status_code == status
    assert (status == 200) == ("detail" not in answer.text)
