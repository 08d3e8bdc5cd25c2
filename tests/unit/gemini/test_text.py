"""Text by Gemini: the real SDK against the emulator, over real HTTP."""

import io
from collections.abc import AsyncIterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
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
from bookwright.contracts.media import TextTask, WrittenText
from bookwright.contracts.ports.engines import LanguageModel
from bookwright.providers.gemini import GeminiModel
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import Emulated, error_of

PROMPT = "Write a story of 4 pages about a lantern that is lent and not given back."
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 60},
        "pages": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Page"}},
    },
    "required": ["title", "pages"],
    "additionalProperties": False,
    "$defs": {
        "Page": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "mood": {"enum": ["calm", "tense"]}},
            "required": ["text", "mood"],
        }
    },
}
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"


def story(**changes: Any) -> TextTask:
    return TextTask.model_validate({"purpose": "story", "prompt": PROMPT, "answer_schema": SCHEMA} | changes)


def image(colour: tuple[int, int, int], size: tuple[int, int] = (60, 40), form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


@pytest.fixture(scope="module")
async def model(emulated: Emulated) -> AsyncIterator[GeminiModel]:
    """One for all: making the SDK's client takes longer than most tests."""
    async with GeminiModel(KEY, emulated("gemini").url) as model:
        yield model


async def written(model: GeminiModel, **changes: Any) -> WrittenText:
    return await model.write(model.call(story(**changes)), nullcontext())


async def failure(model: GeminiModel, **changes: Any) -> BookwrightError:
    return await error_of(written(model, **changes), PROMPT)


async def test_a_story_is_written_to_its_schema_with_one_post(model: GeminiModel, emulator: EmulatorProcess) -> None:
    port: LanguageModel = model
    call = port.call(story())
    answer = await port.write(call, nullcontext())
    assert answer.data is not None
    jsonschema.validate(answer.data, SCHEMA)
    assert len(answer.data["pages"]) == 4
    assert answer.external_id == "emulated-000001"
    assert (answer.input_tokens, answer.output_tokens) > (0, 0)
    # $1.50 and $9 a million tokens.
    assert answer.cost_micros == pytest.approx(answer.input_tokens * 1.5 + answer.output_tokens * 9, abs=1)
    counts = await emulator.calls()
    assert (counts["received"], counts["answered"], counts["texts"]) == (1, 1, {PROMPT: 1})


async def test_free_text_follows_prompt_and_system(model: GeminiModel) -> None:
    answers = [
        await written(model, answer_schema=None, prompt=prompt, system=system, seed=seed)
        for prompt, system, seed in (
            (PROMPT, None, None),
            (PROMPT, "Be brief.", None),
            (PROMPT, None, 7),
            ("?", None, 7),
        )
    ]
    assert all(answer.text and answer.data is None for answer in answers)
    assert len({answer.text for answer in answers}) == 4


async def test_pictures_are_looked_at_in_their_order(model: GeminiModel) -> None:
    task = story(answer_schema=None, pictures=(AssetId("a" * 64), AssetId("b" * 64)))
    call = model.call(task)
    seen = await model.write(call, nullcontext(), [image((255, 0, 0)), image((0, 255, 0), (30, 90), "WEBP")])
    assert seen.text.index("60 by 40 pixels, mostly #ff0000") < seen.text.index("30 by 90 pixels, mostly #0")
    assert 2 * 1_120 < seen.input_tokens
    assert seen.cost_micros < call.max_cost_micros


@pytest.mark.parametrize(
    "picture", [b"", b"GIF89a;", image((1, 2, 3))[:-20], b"%PDF-1.7"], ids=["empty", "gif", "cut", "pdf"]
)
async def test_what_is_no_picture_is_not_sent(model: GeminiModel, emulator: EmulatorProcess, picture: bytes) -> None:
    with pytest.raises(Unspeakable):
        await model.write(model.call(story(pictures=(AssetId("a" * 64),))), nullcontext(), [picture])
    assert (await emulator.calls())["received"] == 0


async def test_equal_tasks_are_one_call(model: GeminiModel) -> None:
    tasks = [
        story(),
        story(prompt=PROMPT + "!"),
        story(system="Be brief."),
        story(answer_schema=None),
        story(pictures=(AssetId("a" * 64),)),
        story(temperature=0.1),
        story(seed=1),
        story(purpose="retelling"),
        story(max_output_tokens=100),
    ]
    keys = [model.call(task).key for task in tasks]
    assert len({*keys, model.call(story(), take=1).key}) == len(tasks) + 1
    assert keys == [model.call(task).key for task in tasks]
    assert model.call(story()).operation == "story"


@pytest.mark.parametrize("prompt", ["a", "லூனா காட்டுக்குள் " * 50, "🦊" * 200, "word " * 2_000])
async def test_no_answer_costs_more_than_was_reserved(model: GeminiModel, prompt: str) -> None:
    call = model.call(story(prompt=prompt, max_output_tokens=20_000))
    assert 0 < (await model.write(call, nullcontext())).cost_micros < call.max_cost_micros


async def test_an_answer_longer_than_allowed_is_cut_and_not_taken(model: GeminiModel) -> None:
    prompt = "A story of 200 pages."
    assert isinstance(await failure(model, prompt=prompt, max_output_tokens=1), BadAnswer)
    assert (await written(model, prompt=prompt, max_output_tokens=60_000)).data


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": ""},
        {"api_key": "två ord"},
        {"api_key": KEY, "model": "gemini-9/../x"},
        {"api_key": KEY, "model": "gemini-1.0-ultra"},
        {"api_key": KEY, "model": "gemini-3.1-flash-image"},
        {"api_key": KEY, "base_url": "localhost:80"},
        {"api_key": KEY, "concurrency": 0},
    ],
    ids=str,
)
def test_bad_settings_are_refused_at_start(settings: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        GeminiModel(**settings)
    assert KEY not in repr(GeminiModel(KEY))


def test_bad_tasks_are_refused_before_they_are_paid() -> None:
    model = GeminiModel(KEY)
    for task in (story(prompt=" \n"), story(pictures=[AssetId("a" * 64)] * 17)):
        with pytest.raises(Unspeakable):
            model.call(task)
    with pytest.raises(Misconfigured):
        model.call(story(answer_schema={"type": "nothing"}))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 429, "retry_after": 38}, RateLimited),
        ({"status": 429, "body": "<html>slow down</html>"}, RateLimited),
        ({"status": 429, "code": PER_DAY}, QuotaExhausted),
        ({"status": 429, "code": PER_DAY, "retry_after": 38}, QuotaExhausted),
        ({"status": 400, "code": "API_KEY_INVALID"}, CredentialsRefused),
        ({"status": 400, "code": "FAILED_PRECONDITION"}, CredentialsRefused),
        ({"status": 403}, CredentialsRefused),
        ({"status": 400}, Unspeakable),
        ({"status": 404}, Permanent),
        ({"status": 307}, Refused),
        ({"kind": "blocked_prompt"}, Blocked),
        ({"kind": "blocked_prompt", "code": "OTHER"}, Blocked),
        ({"kind": "blocked_answer"}, Blocked),
        ({"kind": "blocked_answer", "code": "PROHIBITED_CONTENT"}, Blocked),
        ({"kind": "blocked_answer", "code": "RECITATION"}, BadAnswer),
        ({"kind": "blocked_answer", "code": "A_REASON_OF_NEXT_YEAR"}, BadAnswer),
        ({"kind": "blocked_answer", "code": "PUP_LIMITED_DISABLED"}, CredentialsRefused),
        ({"kind": "no_candidates"}, Blocked),
        ({"kind": "max_tokens"}, BadAnswer),
        ({"kind": "max_tokens", "keep": 0}, BadAnswer),
        ({"kind": "unfinished"}, BadAnswer),
        ({"kind": "off_schema"}, BadAnswer),
        ({"kind": "empty"}, BadAnswer),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:A_REASON_OF_NEXT_YEAR is not a valid FinishReason")
async def test_each_failure_has_its_type_and_costs_one_post(
    model: GeminiModel, emulator: EmulatorProcess, fault: dict[str, Any], expected: type[BookwrightError]
) -> None:
    await emulator.knobs(faults=[{"kind": "status", "times": 1, **fault}])
    assert type(await failure(model)) is expected
    counts = await emulator.calls()
    assert (counts["received"], counts["in_flight"]) == (1, 0)
    assert (await written(model)).data


@pytest.mark.parametrize(
    ("fault", "wrote"),
    [
        ({"kind": "blocked_prompt"}, False),
        ({"kind": "blocked_answer"}, False),
        ({"kind": "max_tokens"}, True),
        ({"kind": "off_schema"}, True),
        ({"kind": "empty"}, True),
    ],
    ids=str,
)
async def test_what_was_billed_in_vain_is_known(
    model: GeminiModel, emulator: EmulatorProcess, fault: dict[str, Any], wrote: bool
) -> None:
    good = await written(model)
    await emulator.knobs(faults=[fault])
    error = await failure(model)
    assert isinstance(error, BadAnswer | Blocked)
    assert error.cost_micros is not None
    asked = good.input_tokens * 1.5
    assert 0 < asked <= error.cost_micros <= (good.cost_micros if wrote else asked + 1)


async def test_what_an_answer_did_cost_is_not_guessed(model: GeminiModel, emulator: EmulatorProcess) -> None:
    await emulator.knobs(faults=[{"kind": "html"}])
    error = await failure(model)
    assert isinstance(error, BadAnswer)
    assert error.cost_micros is None


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"retry_after": 38}, 38),
        ({"retry_after": 0.5}, 1),
        ({"retry_after": 86_400}, 86_400),
        ({}, 5),
        (
            {
                "body": {
                    "error": {"code": 429, "message": "Quota. Please retry in 45.5s.", "status": "X", "details": []}
                }
            },
            45,
        ),
    ],
    ids=str,
)
async def test_a_rate_limit_is_waited_for_as_long_as_it_says(
    model: GeminiModel, emulator: EmulatorProcess, fault: dict[str, Any], seconds: float
) -> None:
    await emulator.knobs(faults=[{"kind": "status", "status": 429, **fault}])
    before = datetime.now(UTC)
    error = await failure(model)
    assert isinstance(error, RateLimited)
    assert timedelta(seconds=seconds) <= error.until - before < timedelta(seconds=seconds + 30)


async def test_a_model_that_the_account_has_no_quota_for_is_no_rate_limit(
    model: GeminiModel, emulator: EmulatorProcess
) -> None:
    message = (
        "You exceeded your current quota.\n* Quota exceeded for metric: x, limit: 0, model: y\nPlease retry in 45s."
    )
    error = {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED"}
    await emulator.knobs(faults=[{"kind": "status", "status": 429, "body": {"error": error}}])
    assert type(await failure(model)) is QuotaExhausted


async def test_a_quota_is_used_up_until_it_is_raised(model: GeminiModel, emulator: EmulatorProcess) -> None:
    await emulator.knobs(quota=1)
    await written(model)
    assert type(await failure(model)) is QuotaExhausted
    await emulator.knobs(quota=5)
    assert (await written(model)).data
    assert (await emulator.calls())["charged"] == 2


async def test_a_model_that_is_not_there_is_permanent(emulator: EmulatorProcess) -> None:
    async with GeminiModel(KEY, emulator.url, "gemini-3-flash-next") as model:
        assert type(await failure(model)) is Permanent


async def test_the_environment_decides_nothing(emulator: EmulatorProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
        "GOOGLE_API_KEY": "another-key",
        "GEMINI_API_KEY": "another-key",
        "GOOGLE_GENAI_USE_VERTEXAI": "true",
        "GOOGLE_GENAI_USE_ENTERPRISE": "true",
        "GOOGLE_CLOUD_PROJECT": "another-project",
        "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
        "GOOGLE_GENAI_API_VERSION": "v9",
        "GOOGLE_GENAI_HTTP_CLIENT": "httpx2",
    }.items():
        monkeypatch.setenv(name, value)
    async with GeminiModel(KEY, emulator.url) as model:
        assert (await written(model)).data


async def test_an_engine_can_be_used_again_after_it_was_closed(model: GeminiModel) -> None:
    await written(model)
    await model.close()
    assert (await written(model)).data
