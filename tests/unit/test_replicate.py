"""The Replicate adapter: the real SDK against the emulator, over real HTTP."""

import io
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from PIL import Image

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import (
    AnswerExpired,
    AnswerLost,
    BadAnswer,
    BookwrightError,
    Misconfigured,
    QuotaExhausted,
    RateLimited,
    Refused,
    Unspeakable,
)
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import MadeSound, PictureTask, SoundTask
from bookwright.contracts.ports.engines import PictureEngine, RemoteJobs, SoundEngine
from bookwright.providers.replicate import ReplicatePictures, ReplicateSounds
from bookwright.providers.replicate.sounds import MODELS
from emulators import drawing
from emulators.replicate import create_app, predictions
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import emulator_of
from tests.support.serving import served

RAIN = SoundTask(prompt="soft rain on a tin roof", seconds=2, seed=7)
HILL = PictureTask(prompt="a kite above a green hill", aspect="4:3", seed=7)
MUSICGEN = "meta/musicgen:671ac645ce5e552cc63a54a2bbff63fcf798043055d2dac5fc9e36a837eedcfb"


emulator = emulator_of("replicate")


@pytest.fixture
async def engine(emulator: EmulatorProcess) -> AsyncIterator[ReplicateSounds]:
    async with ReplicateSounds(KEY, emulator.url, outputs_from=[emulator.url]) as engine:
        yield engine


async def created(engine: ReplicateSounds, token: str = "t0ken", webhook: str | None = None) -> str:
    return await engine.create(engine.call(RAIN), nullcontext(), token, webhook)


async def failure(work: Callable[[], Any]) -> BookwrightError:
    """The error that this ends with. It names neither the key nor the prompt, and carries no cause that could."""
    with pytest.raises(BookwrightError) as caught:
        await work()
    assert KEY not in repr(caught.value) and RAIN.prompt not in repr(caught.value)
    return caught.value


async def test_a_sound_is_created_looked_at_and_fetched(engine: ReplicateSounds, emulator: EmulatorProcess) -> None:
    port: SoundEngine = engine
    jobs: RemoteJobs[MadeSound] = engine
    call = port.call(RAIN)
    external_id = await jobs.create(call, nullcontext(), "t0ken", None)
    state = await jobs.look(external_id)
    assert (state.ended, state.error, state.cost_micros) == (True, None, 50_000)
    made = await jobs.collect(call, external_id)
    with wave.open(io.BytesIO(made.sound)) as file:
        assert file.getnframes() / file.getframerate() == 2
    assert (made.media_type, made.external_id, made.cost_micros) == ("audio/wav", external_id, call.max_cost_micros)
    assert (await emulator.calls())["texts"] == {RAIN.prompt: 1}


async def test_a_picture_is_drawn_as_a_whole(emulator: EmulatorProcess) -> None:
    async with ReplicatePictures(KEY, emulator.url, outputs_from=[emulator.url]) as engine:
        port: PictureEngine = engine
        drawn = await port.draw(port.call(HILL), nullcontext())
    assert Image.open(io.BytesIO(drawn.picture)).size == (640, 480)
    assert (drawn.media_type, drawn.cost_micros) == ("image/png", 3_000)


async def test_a_reference_goes_along_and_is_part_of_what_is_asked(emulator: EmulatorProcess) -> None:
    model = "black-forest-labs/flux-kontext-pro"
    async with ReplicatePictures(KEY, emulator.url, model, outputs_from=[emulator.url]) as engine:
        call = engine.call(HILL.model_copy(update={"references": (AssetId("a" * 64),)}))
        other = engine.call(HILL.model_copy(update={"references": (AssetId("b" * 64),)}))
        assert call.key != other.key
        assert (await engine.draw(call, nullcontext(), [drawing.png("Luna", 32, 32)])).picture
        with pytest.raises(Unspeakable):
            engine.call(HILL)
    with pytest.raises(Unspeakable):
        ReplicatePictures(KEY).call(HILL.model_copy(update={"references": (AssetId("a" * 64),)}))


async def test_a_model_without_a_name_of_its_own_is_run_by_its_version_and_billed_by_time(
    emulator: EmulatorProcess,
) -> None:
    async with ReplicateSounds(KEY, emulator.url, MUSICGEN, outputs_from=[emulator.url]) as engine:
        call = engine.call(RAIN)
        made = await engine.make(call, nullcontext())
    assert made.cost_micros == 1_750 < call.max_cost_micros == 300 * 1_400  # 1.25 s of its machine


@pytest.mark.parametrize("webhook", [None, "http://127.0.0.1:9/api/webhooks/replicate/known"])
async def test_a_prediction_is_found_by_its_token_also_when_nobody_can_reach_us(
    engine: ReplicateSounds, emulator: EmulatorProcess, webhook: str | None
) -> None:
    await emulator.knobs(webhook_copies=0)
    token = "known" if webhook else "nowhere"
    assert await engine.find(token) is None
    external_id = await created(engine, token, webhook)
    for number in range(3):
        await created(engine, f"other{number}")
    assert await engine.find(token) == external_id
    assert await engine.find(token[1:]) is None


async def test_the_list_is_searched_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "PAGE", 2)
    async with served(create_app()) as url, ReplicateSounds(KEY, url) as engine:
        ids = [await created(engine, f"number-{number}") for number in range(5)]
        assert [await engine.find(f"number-{number}") for number in range(6)] == [*ids, None]


async def test_a_prediction_takes_its_time_and_can_be_cancelled(
    engine: ReplicateSounds, emulator: EmulatorProcess
) -> None:
    await emulator.knobs(job_ms=3_600_000)
    external_id = await created(engine)
    assert not (await engine.look(external_id)).ended
    for _ in range(2):
        await engine.cancel(external_id)
    state = await engine.look(external_id)
    assert (state.ended, state.error, state.cost_micros) == (True, "aborted", 0), "the SDK's own model refuses it"
    await engine.cancel("unknown")
    assert (await engine.look("unknown")).error == "deleted"


@pytest.mark.parametrize(
    ("code", "error", "cost"),
    [
        ("failed", "failed", 50_000),
        ("nsfw", "blocked", 50_000),
        ("canceled", "canceled", 50_000),
        ("aborted", "aborted", 0),
    ],
)
async def test_a_prediction_without_an_output_says_why_in_one_word(
    engine: ReplicateSounds, emulator: EmulatorProcess, code: str, error: str, cost: int
) -> None:
    await emulator.knobs(faults=[{"kind": "job_failed", "code": code}])
    external_id = await created(engine)
    state = await engine.look(external_id)
    assert (state.ended, state.error, state.cost_micros) == (True, error, cost)
    assert isinstance(await failure(lambda: engine.collect(engine.call(RAIN), external_id)), AnswerExpired)


async def test_an_output_that_was_deleted_is_no_answer(engine: ReplicateSounds, emulator: EmulatorProcess) -> None:
    external_id = await created(engine)
    await emulator.knobs(faults=[{"kind": "status", "match": "file", "status": 404, "times": 1}])
    gone = await failure(lambda: engine.collect(engine.call(RAIN), external_id))
    await emulator.knobs(faults=[], outputs_gone=True)
    removed = await failure(lambda: engine.collect(engine.call(RAIN), external_id))
    for error in (gone, removed):
        assert isinstance(error, AnswerExpired) and error.cost_micros == 50_000


@pytest.mark.parametrize("kind", ["cut", "zero", "garbage", "wrong_type"])
async def test_an_output_that_is_no_whole_sound_is_of_no_use(
    engine: ReplicateSounds, emulator: EmulatorProcess, kind: str
) -> None:
    await emulator.knobs(faults=[{"kind": kind}])
    external_id = await created(engine)
    error = await failure(lambda: engine.collect(engine.call(RAIN), external_id))
    assert type(error) is BadAnswer and error.cost_micros == 50_000


async def test_outputs_are_fetched_from_the_open_internet_only(emulator: EmulatorProcess) -> None:
    async with ReplicateSounds(KEY, emulator.url) as engine:
        external_id = await created(engine)
        error = await failure(lambda: engine.collect(engine.call(RAIN), external_id))
    assert type(error) is BadAnswer and "nothing is fetched from" in str(error)


async def test_an_output_that_can_not_be_had_now_can_be_fetched_later(
    engine: ReplicateSounds, emulator: EmulatorProcess
) -> None:
    await emulator.knobs(faults=[{"kind": "status", "match": "file", "status": 503, "times": 1}])
    external_id = await created(engine)
    assert isinstance(await failure(lambda: engine.collect(engine.call(RAIN), external_id)), Refused)
    assert (await engine.collect(engine.call(RAIN), external_id)).sound


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "status", "status": 402}, QuotaExhausted),
        ({"kind": "status", "status": 422}, Unspeakable),
        ({"kind": "reset"}, AnswerLost),
        ({"kind": "reset_body"}, AnswerLost),
        ({"kind": "truncated"}, AnswerLost),
        ({"kind": "html"}, AnswerLost),
    ],
)
async def test_whether_a_prediction_may_have_been_created_is_told_by_the_error(
    engine: ReplicateSounds, emulator: EmulatorProcess, fault: dict[str, Any], kind: type[BookwrightError]
) -> None:
    await emulator.knobs(faults=[fault])
    token = f"lost-{fault['kind']}"
    assert type(await failure(lambda: created(engine, token))) is kind
    await emulator.knobs(faults=[])
    there = fault["kind"] in ("reset_body", "truncated")
    assert (await engine.find(token) is not None) == there
    assert (await emulator.calls())["received"] == 1


@pytest.mark.parametrize("retry_after", [None, 41])
async def test_a_throttled_call_waits_as_long_as_is_said(
    engine: ReplicateSounds, emulator: EmulatorProcess, retry_after: int | None
) -> None:
    await emulator.knobs(faults=[{"kind": "status", "status": 429, "retry_after": retry_after}])
    now = datetime.now(UTC)
    error = await failure(lambda: created(engine))
    assert isinstance(error, RateLimited)
    assert (retry_after or 30) - 1 < (error.until - now).total_seconds() < (retry_after or 30) + 5


@pytest.mark.parametrize("status", [429, 503, 504])
async def test_a_look_is_one_request_whatever_the_sdk_would_do(
    engine: ReplicateSounds, emulator: EmulatorProcess, status: int
) -> None:
    external_id = await created(engine)
    await emulator.knobs(faults=[{"kind": "status", "match": "look", "status": status, "times": 1}])
    assert isinstance(await failure(lambda: engine.look(external_id)), RateLimited if status == 429 else Refused)
    assert (await engine.look(external_id)).ended


@pytest.mark.parametrize("kind", ["html", "truncated"])
async def test_a_look_that_answers_nonsense_is_told(
    engine: ReplicateSounds, emulator: EmulatorProcess, kind: str
) -> None:
    external_id = await created(engine)
    await emulator.knobs(faults=[{"kind": kind, "match": "look", "times": 1}])
    assert type(await failure(lambda: engine.look(external_id))) is BadAnswer


def test_what_replicate_would_refuse_is_refused_before() -> None:
    engine = ReplicateSounds(KEY)
    for task in (SoundTask(prompt=" ", seconds=2), SoundTask(prompt="rain", seconds=191)):
        with pytest.raises(Unspeakable):
            engine.call(task)
    with pytest.raises(Misconfigured):
        ReplicatePictures(KEY).call(HILL.model_copy(update={"aspect": "7:5"}))
    calls: list[ProviderCall] = [engine.call(RAIN), engine.call(RAIN, take=1)]
    calls.append(engine.call(RAIN.model_copy(update={"seed": 8})))
    assert len({call.key for call in calls}) == 3 and engine.call(RAIN).key == calls[0].key


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": ""},
        {"api_key": "a b"},
        {"model": "musicgen"},
        {"model": "meta/../../x"},
        {"model": "somebody/something"},
        {"model": "meta/musicgen:latest"},
        {"base_url": "files.example"},
        {"concurrency": 0},
        {"deadline_s": 0},
    ],
)
def test_what_can_not_work_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        ReplicateSounds(**{"api_key": KEY, **wrong})


def test_every_model_of_sound_has_a_price() -> None:
    for model in MODELS:
        assert ReplicateSounds(KEY, model=model).call(RAIN).max_cost_micros > 0


async def test_the_account_says_what_its_webhooks_are_signed_with(emulator: EmulatorProcess) -> None:
    """As the SDK asks for it, and as it checks them: the emulator signs like Replicate."""
    from replicate.client import Client
    from replicate.webhook import Webhooks, WebhookValidationError

    from emulators.replicate.webhooks import signed

    sdk = Client(KEY, base_url=emulator.url, transport=httpx.AsyncHTTPTransport())
    secret = await sdk.webhooks.default.async_secret()
    await sdk._async_client.aclose()
    headers = signed("msg_1", b'{"id": "p"}')
    Webhooks.validate(headers=headers, body='{"id": "p"}', secret=secret, tolerance=300)
    with pytest.raises(WebhookValidationError):
        Webhooks.validate(headers=headers, body='{"id": "q"}', secret=secret, tolerance=300)
