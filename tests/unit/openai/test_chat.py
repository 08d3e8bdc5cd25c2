"""Language models of OpenAI-compatible servers."""

import io
import json
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from jsonschema_rs import Draft202012Validator
from PIL import Image

from bookwright.contracts.errors import (
    BadAnswer,
    Blocked,
    BookwrightError,
    CredentialsRefused,
    Misconfigured,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Refused,
    Unspeakable,
)
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import TextTask
from bookwright.contracts.ports.engines import LanguageModel
from bookwright.money.prices import Price, PriceTable, Unit
from bookwright.providers.openai.chat import OpenAiLanguageModel
from emulators.openai.server import KEYLESS
from tests.support.emulator import KEY, EmulatorProcess

from .conftest import PROMPT, SCHEMA, Failure

TASK = TextTask(purpose="story", prompt=PROMPT, answer_schema=SCHEMA, seed=7)
FREE = TextTask(purpose="story", prompt=PROMPT, system="You write for children.")
PRICES = PriceTable(
    [
        Price(
            provider="openai-compatible",
            model="*",
            operation="*",
            rates={Unit.INPUT_TOKEN: Decimal(3), Unit.OUTPUT_TOKEN: Decimal(5)},
            valid_from=date(2025, 1, 1),
            source="made up",
        )
    ]
)


def png(width: int = 40) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, 30), "teal").save(target, "PNG")
    return target.getvalue()


async def test_a_text_is_written_with_one_post_and_costs_what_it_says(emulator: EmulatorProcess) -> None:
    async with OpenAiLanguageModel(emulator.url, "writer", KEY, prices=PRICES) as engine:
        model: LanguageModel = engine
        call = model.call(FREE)
        written = await model.write(call, nullcontext())
    assert len(written.text.split()) > 20
    assert written.data is None
    assert written.external_id == "chatcmpl-emulated-000001"
    assert 0 < written.cost_micros == 3 * written.input_tokens + 5 * written.output_tokens < call.max_cost_micros
    counts = await emulator.calls()
    assert (counts["received"], counts["texts"]) == (1, {PROMPT: 1})


@pytest.mark.parametrize("server", ["openai", *KEYLESS])
async def test_every_server_answers_what_the_schema_says(emulator: EmulatorProcess, server: str) -> None:
    """`careless` takes no notice of the schema's format, thinks aloud, names no end and counts no tokens."""
    await emulator.knobs(server=server)
    key = KEY if server == "openai" else None
    async with OpenAiLanguageModel(f"{emulator.url}/v1/", "writer", key, prices=PRICES) as engine:
        call = engine.call(TASK)
        written = await engine.write(call, nullcontext())
        free = await engine.write(engine.call(FREE), nullcontext())
    assert written.data is not None
    Draft202012Validator(SCHEMA).validate(written.data)
    assert json.loads(json.dumps(written.data)) == written.data
    assert "<think>" not in free.text
    known = server != "careless"
    assert (written.cost_micros < call.max_cost_micros) is known
    assert (written.output_tokens > 0) is known


async def test_pictures_are_shown_in_their_own_type(emulator: EmulatorProcess, failure: Failure) -> None:
    task = FREE.model_copy(update={"pictures": (AssetId("a" * 64), AssetId("b" * 64))})
    async with OpenAiLanguageModel(emulator.url, "seer", KEY, sees=True) as engine:
        assert engine.sees
        call = engine.call(task)
        jpeg = io.BytesIO()
        Image.new("RGB", (30, 30)).save(jpeg, "JPEG")
        one = await engine.write(call, nullcontext(), [png()])
        two = await engine.write(call, nullcontext(), [png(), jpeg.getvalue()])
        assert two.input_tokens > one.input_tokens, "the emulator decodes and counts them"
        assert type(await failure(engine.write(call, nullcontext(), [b"<svg/>"]))) is Unspeakable
    with pytest.raises(Misconfigured, match="pictures"):
        OpenAiLanguageModel(emulator.url, "writer", KEY).call(task)


def test_equal_tasks_are_the_same_call() -> None:
    engine = OpenAiLanguageModel("http://127.0.0.1:1", "writer")
    key = engine.call(TASK).key
    assert key == engine.call(TextTask.model_validate(TASK.model_dump())).key
    others: list[dict[str, Any]] = [
        {"prompt": "x"},
        {"seed": 8},
        {"temperature": 0.1},
        {"answer_schema": None},
        {"system": "x"},
    ]
    changed = {engine.call(TASK.model_copy(update=change)).key for change in others}
    assert len({key, engine.call(TASK, take=1).key, *changed}) == 7


def test_the_maximum_is_one_that_no_tokenizer_exceeds() -> None:
    engine = OpenAiLanguageModel("http://127.0.0.1:1", "writer", sees=True, prices=PRICES)
    task = TextTask(purpose="story", prompt="नदी " * 100, max_output_tokens=10)
    assert engine.call(task).max_cost_micros >= 3 * len(task.prompt.encode()) + 5 * 10
    seen = engine.call(task.model_copy(update={"pictures": (AssetId("a" * 64),)}))
    assert seen.max_cost_micros > engine.call(task).max_cost_micros + 3 * 10_000


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 429, "code": "insufficient_quota"}, QuotaExhausted),
        ({"status": 402}, QuotaExhausted),
        ({"status": 403}, CredentialsRefused),
        ({"status": 400, "code": "content_policy_violation"}, Blocked),
        ({"status": 400, "code": "context_length_exceeded"}, Unspeakable),
        ({"status": 503, "retry_after": 3}, RateLimited),
        ({"status": 307}, Refused),
        ({"kind": "no_candidates"}, BadAnswer),
        ({"kind": "empty"}, BadAnswer),
        ({"kind": "max_tokens"}, BadAnswer),
        ({"kind": "unfinished"}, BadAnswer),
        ({"kind": "off_schema"}, BadAnswer),
        ({"kind": "blocked_prompt"}, Blocked),
        ({"kind": "blocked_answer"}, Blocked),
    ],
    ids=str,
)
async def test_each_failure_has_its_type_and_costs_one_post(
    emulator: EmulatorProcess, failure: Failure, fault: dict[str, Any], expected: type[BookwrightError]
) -> None:
    await emulator.knobs(faults=[{"kind": "status", **fault}])
    async with OpenAiLanguageModel(emulator.url, "writer", KEY) as engine:
        assert type(await failure(engine.write(engine.call(TASK), nullcontext()))) is expected
        counts = await emulator.calls()
        assert (counts["received"], counts["in_flight"]) == (1, 0)
        await emulator.knobs(faults=[])
        assert (await engine.write(engine.call(TASK), nullcontext())).data


@pytest.mark.parametrize("server", ["openai", *KEYLESS])
@pytest.mark.parametrize(("status", "expected"), [(429, RateLimited), (401, CredentialsRefused), (400, Unspeakable)])
async def test_errors_of_every_shape_are_understood(
    emulator: EmulatorProcess, failure: Failure, server: str, status: int, expected: type[BookwrightError]
) -> None:
    await emulator.knobs(server=server, faults=[{"kind": "status", "status": status, "retry_after": 86_400}])
    before = datetime.now(UTC)
    async with OpenAiLanguageModel(emulator.url, "writer", KEY) as engine:
        error = await failure(engine.write(engine.call(TASK), nullcontext()))
    assert type(error) is expected
    if isinstance(error, RateLimited):
        assert error.until >= before + timedelta(days=1)


@pytest.mark.parametrize("server", ["openai", "ollama", "vllm", "careless"])
async def test_a_model_that_is_not_there_is_permanent(emulator: EmulatorProcess, failure: Failure, server: str) -> None:
    await emulator.knobs(server=server)
    async with OpenAiLanguageModel(emulator.url, "missing-model", KEY) as engine:
        error = await failure(engine.write(engine.call(FREE), nullcontext()))
    assert type(error) is Permanent
    assert "model" in str(error)


async def test_what_a_bad_answer_did_cost_is_known(emulator: EmulatorProcess, failure: Failure) -> None:
    async with OpenAiLanguageModel(emulator.url, "writer", KEY, prices=PRICES) as engine:
        call = engine.call(TASK)
        for kind in ("max_tokens", "off_schema", "blocked_answer"):
            await emulator.knobs(faults=[{"kind": kind}])
            error = await failure(engine.write(call, nullcontext()))
            assert isinstance(error, BadAnswer | Blocked)
            assert error.cost_micros is not None
            assert 0 < error.cost_micros < call.max_cost_micros


async def test_a_wrong_key_is_refused_and_none_is_needed_by_servers_without(
    emulator: EmulatorProcess, failure: Failure
) -> None:
    for key in ("another-key", None):
        async with OpenAiLanguageModel(emulator.url, "writer", key) as engine:
            error = await failure(engine.write(engine.call(FREE), nullcontext()))
            assert type(error) is CredentialsRefused
    assert (await emulator.calls())["charged"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "localhost:80"},
        {"base_url": "ftp://127.0.0.1"},
        {"base_url": "http://127.0.0.1/v1?key=x"},
        {"base_url": f"http://user:{KEY}@127.0.0.1"},
        {"api_key": "två ord"},
        {"model": " "},
        {"concurrency": 0},
        {"deadline_s": 0},
    ],
    ids=str,
)
def test_bad_settings_are_refused_at_start(settings: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured) as refused:
        OpenAiLanguageModel(**{"base_url": "http://127.0.0.1:1", "model": "writer", **settings})
    assert KEY not in str(refused.value)
    assert KEY not in repr(OpenAiLanguageModel("http://127.0.0.1:1", "writer", KEY))


@pytest.mark.parametrize("url", ["https://models.example.org/v1", "https://8.8.8.8/v1"])
def test_a_server_elsewhere_needs_a_price(url: str) -> None:
    with pytest.raises(Misconfigured, match="BOOKWRIGHT_PRICES"):
        OpenAiLanguageModel(url, "writer", KEY)
    assert OpenAiLanguageModel(url, "writer", KEY, prices=PRICES).call(FREE).max_cost_micros > 0


def test_openai_itself_has_prices() -> None:
    url = "https://api.openai.com/v1"
    call = OpenAiLanguageModel(url, "gpt-4.1-mini", KEY).call(FREE)
    assert call.provider == "openai"
    assert call.max_cost_micros > 8 * FREE.max_output_tokens
    with pytest.raises(Misconfigured, match="BOOKWRIGHT_PRICES"):
        OpenAiLanguageModel(url, "llama3.2", KEY)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "192.168.7.7", "[fd00::7]", "ollama", "box.lan"])
def test_a_server_of_ones_own_costs_nothing(host: str) -> None:
    assert OpenAiLanguageModel(f"http://{host}:11434", "llama3.2").call(FREE).max_cost_micros == 0


def test_a_schema_that_is_none_is_found_before_anything_is_paid() -> None:
    engine = OpenAiLanguageModel("http://127.0.0.1:1", "writer")
    with pytest.raises(Misconfigured):
        engine.call(TASK.model_copy(update={"answer_schema": {"type": "objekt"}}))
    with pytest.raises(Unspeakable):
        engine.call(TASK.model_copy(update={"prompt": " \n"}))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"messages": []}, 400),
        ({"messages": [{"role": "robot", "content": "x"}]}, 400),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, 400),
        ({"temperature": 3}, 400),
        ({"max_tokens": 0}, 400),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}}, 400),
        ({"model": None}, 400),
        ({"top_k": 5}, 400),
    ],
    ids=str,
)
async def test_the_emulator_checks_requests_as_openai_does(
    emulator: EmulatorProcess, change: dict[str, Any], status: int
) -> None:
    body = {"model": "writer", "messages": [{"role": "user", "content": PROMPT}]} | change
    async with httpx.AsyncClient(trust_env=False) as client:
        url, headers = f"{emulator.url}/v1/chat/completions", {"authorization": f"Bearer {KEY}"}
        answer = await client.post(url, json=body, headers=headers)
        assert answer.status_code == status
        if "top_k" in change:  # the others skip what they don't know
            await emulator.knobs(server="vllm")
            assert (await client.post(url, json=body, headers=headers)).status_code == 200
