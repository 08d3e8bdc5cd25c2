"""The Rev.ai adapter: the real SDK against the emulator, over real HTTP."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import (
    AnswerExpired,
    AnswerLost,
    BadAnswer,
    BookwrightError,
    CredentialsRefused,
    Fenced,
    Misconfigured,
    Permanent,
    QuotaExhausted,
    RateLimited,
    Refused,
    Unspeakable,
)
from bookwright.contracts.media import Transcript, TranscriptionTask
from bookwright.contracts.ports.engines import RemoteJobs, Transcriber
from bookwright.providers.rev_ai import RevAiTranscriber
from emulators import tone
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import Turns, emulator_of, error_of
from tests.support.serving import served

TASK = TranscriptionTask(recording="0" * 64, duration_ms=24_300, language="en-GB")


emulator = emulator_of("rev_ai")


@pytest.fixture
async def engine(emulator: EmulatorProcess) -> AsyncIterator[RevAiTranscriber]:
    async with RevAiTranscriber(KEY, emulator.url, pause_s=0.01) as engine:
        yield engine


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rev_ai") / "a recording.wav"
    path.write_bytes(tone.wav("x" * 340))
    return path


@pytest.fixture
def token() -> str:
    return secrets.token_urlsafe(32)


@pytest.fixture
def call(engine: RevAiTranscriber) -> ProviderCall:
    return engine.call(TASK)


async def test_a_recording_is_written_down(
    engine: RevAiTranscriber, emulator: EmulatorProcess, recording: Path, call: ProviderCall
) -> None:
    port: Transcriber = engine
    transcript = await port.transcribe(call, nullcontext(), recording)
    text = " ".join(word.text for word in transcript.words)
    assert text.startswith("The lamp in the harbour house went out at nine, and Mira")
    assert "ninety-one steps," in text
    assert "“Somebody is out there,” she said" in text
    assert transcript.language == "en"
    assert [transcript.words[at].text for at in transcript.paragraphs] == ["The", "The"]
    times = [time for word in transcript.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(24_300, abs=500)
    assert {word.confidence for word in transcript.words} == {0.97}
    assert transcript.cost_micros == call.max_cost_micros == 2_084  # 25 s at $0.30 an hour
    assert (await emulator.calls())["received"] == 1


async def test_a_job_is_found_by_its_token_and_gone_on_with(
    engine: RevAiTranscriber, emulator: EmulatorProcess, recording: Path, call: ProviderCall, token: str
) -> None:
    port: RemoteJobs[Transcript] = engine
    assert isinstance(engine, RemoteJobs)
    await emulator.knobs(job_ms=3_600_000)
    external_id = await port.create(call, nullcontext(), token, None, recording)
    await port.create(call, nullcontext(), "another token", None, recording)
    assert await port.find(token) == external_id
    assert await port.find("no such token") is None
    assert not (await port.look(external_id)).ended
    assert type(await error_of(port.collect(call, external_id))) is Refused
    assert type(await error_of(port.cancel(external_id))) is Refused, "Rev.ai does not stop what it works on"
    await emulator.knobs(job_ms=0)
    state = await port.look(external_id)
    assert (state.ended, state.error, state.cost_micros) == (True, None, 2_084)
    assert (await port.collect(call, external_id)).words
    await port.cancel(external_id)
    await port.cancel(external_id)
    assert (await port.look(external_id)).error == "deleted"
    assert type(await error_of(port.collect(call, external_id))) is AnswerExpired
    assert await port.find(token) is None


@pytest.mark.parametrize(
    ("code", "error", "cost"), [("transcription", "transcription", 2_084), ("invalid_media", "invalid_media", 0)]
)
async def test_a_job_that_fails(
    engine: RevAiTranscriber,
    emulator: EmulatorProcess,
    recording: Path,
    call: ProviderCall,
    code: str,
    error: str,
    cost: int,
    token: str,
) -> None:
    await emulator.knobs(faults=[{"kind": "job_failed", "code": code}])
    state = await engine.look(await engine.create(call, nullcontext(), token, None, recording))
    assert (state.ended, state.error, state.cost_micros) == (True, error, cost)
    assert type(await error_of(engine.transcribe(call, nullcontext(), recording))) is BadAnswer


async def test_it_says_when_a_job_has_ended(
    engine: RevAiTranscriber, emulator: EmulatorProcess, recording: Path, call: ProviderCall, token: str
) -> None:
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def hook(request: Request) -> Response:
        told.put_nowait(await request.json())
        return Response()

    async with served(Starlette(routes=[Route("/hooks/{token}", hook, methods=["POST"])])) as address:
        external_id = await engine.create(call, nullcontext(), token, f"{address}/hooks/{token}", recording)
        job = (await asyncio.wait_for(told.get(), 30))["job"]
    assert (job["id"], job["status"], job["metadata"]) == (external_id, "transcribed", token)


def test_languages_lengths_and_names() -> None:
    engine = RevAiTranscriber(KEY)
    for language, code in (("hi-IN", "hi"), ("zh", "cmn"), ("nb", "no")):
        assert engine.call(TASK.model_copy(update={"language": language})).input["language"] == code
    for change in ({"language": None}, {"language": "or"}, {"duration_ms": 18 * 3_600_000}):
        with pytest.raises(Unspeakable):
            engine.call(TASK.model_copy(update=change))
    costs = [engine.call(TASK.model_copy(update={"duration_ms": ms})).max_cost_micros for ms in (1, 15_000, 15_001)]
    assert costs[0] == costs[1] < costs[2], "15 s are the least"
    assert len({engine.call(TASK).key, engine.call(TASK, take=1).key}) == 2


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 429, "retry_after": 3}, RateLimited),
        ({"status": 403}, QuotaExhausted),
        ({"status": 400}, Unspeakable),
        ({"status": 413}, Unspeakable),
        ({"status": 404}, Permanent),
        ({"kind": "html"}, AnswerLost),
        ({"kind": "truncated"}, AnswerLost),
        ({"kind": "reset"}, AnswerLost),
        ({"kind": "reset_body"}, AnswerLost),
        ({"kind": "close_body"}, AnswerLost),
    ],
    ids=str,
)
async def test_each_failure_to_create_has_its_type_and_costs_one_post(
    engine: RevAiTranscriber,
    emulator: EmulatorProcess,
    recording: Path,
    call: ProviderCall,
    fault: dict[str, Any],
    expected: type[BookwrightError],
    token: str,
) -> None:
    """After a lost answer there may be a job; what can't be read is a lost answer too."""
    await emulator.knobs(faults=[{"kind": "status", **fault}])
    assert type(await error_of(engine.create(call, nullcontext(), token, None, recording))) is expected
    counts = await emulator.calls()
    assert (counts["received"], counts["in_flight"]) == (1, 0)
    if fault.get("kind") in ("html", "reset"):
        return
    assert (await engine.find(token) is not None) == (expected is AnswerLost)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 500}, Refused),
        ({"status": 401}, CredentialsRefused),
        ({"kind": "html"}, BadAnswer),
        ({"kind": "truncated"}, BadAnswer),
    ],
    ids=str,
)
async def test_a_transcript_that_can_not_be_used(
    engine: RevAiTranscriber,
    emulator: EmulatorProcess,
    recording: Path,
    call: ProviderCall,
    fault: dict[str, Any],
    expected: type[BookwrightError],
    token: str,
) -> None:
    external_id = await engine.create(call, nullcontext(), token, None, recording)
    await emulator.knobs(faults=[{"kind": "status", "match": "transcript", "times": 1, **fault}])
    error = await error_of(engine.collect(call, external_id))
    assert isinstance(error, expected)
    await emulator.knobs(faults=[])
    assert (await engine.collect(call, external_id)).words, "the job is as it was"


async def test_a_cancelled_call_closes_its_connection_and_leaves_no_thread(
    engine: RevAiTranscriber, emulator: EmulatorProcess, recording: Path, call: ProviderCall, token: str
) -> None:
    await emulator.knobs(gate="")
    ended = threading.Event()
    submit = type(engine)._ask

    async def asked(self: RevAiTranscriber, request: Any, turn: Any = None) -> Any:
        def until_it_ends(sdk: Any) -> Any:
            try:
                return request(sdk)
            finally:
                ended.set()

        return await submit(self, until_it_ends, turn)

    engine._ask = asked.__get__(engine)  # type: ignore[method-assign]
    creating = asyncio.ensure_future(engine.create(call, nullcontext(), token, None, recording))
    await emulator.wait_calls(1, of="held")
    creating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await creating
    assert (await emulator.wait_calls(1, of="disconnected"))["answered"] == 0
    assert await asyncio.to_thread(ended.wait, 30)


async def test_only_the_creation_takes_a_turn_and_holds_it_until_its_answer_is_here(
    engine: RevAiTranscriber, emulator: EmulatorProcess, recording: Path, call: ProviderCall, token: str
) -> None:
    turns = Turns(emulator)
    await engine.transcribe(call, turns.turn(), recording)
    assert turns.steps == ["begun with 0 received", "ended with 1 answered"]
    with pytest.raises(Fenced):
        await engine.create(call, turns.turn(Fenced("another attempt has taken over")), token, None, recording)
    assert (await emulator.calls())["received"] == 1


async def test_a_wrong_key_finds_no_job(emulator: EmulatorProcess, token: str) -> None:
    async with RevAiTranscriber("another-key", emulator.url) as engine:
        assert type(await error_of(engine.find(token))) is CredentialsRefused


async def test_the_recordings_place_on_this_machine_is_not_told(
    engine: RevAiTranscriber, emulator: EmulatorProcess, recording: Path, call: ProviderCall, token: str
) -> None:
    external_id = await engine.create(call, nullcontext(), token, None, recording)
    async with httpx.AsyncClient(trust_env=False) as client:
        address = f"{emulator.url}/speechtotext/v1/jobs/{external_id}"
        job = (await client.get(address, headers={"authorization": f"Bearer {KEY}"})).json()
    assert job["name"] == "a recording.wav"


def test_bad_settings_are_refused_at_start() -> None:
    settings: list[dict[str, Any]] = [{"access_token": ""}, {"access_token": KEY, "base_url": "ftp://127.0.0.1"}]
    for each in settings:
        with pytest.raises(Misconfigured):
            RevAiTranscriber(**each)
    assert KEY not in repr(RevAiTranscriber(KEY))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"source_config": {"url": "https://example.org/a.mp3"}}, 200),
        ({}, 400),
        ({"source_config": {"url": "https://example.org/a.mp3"}, "metadata": "x" * 513}, 400),
        ({"source_config": {"url": "https://example.org/a.mp3"}, "language": "english"}, 400),
        ({"source_config": {"url": "https://example.org/a.mp3"}, "notification_config": {"url": 7}}, 400),
    ],
    ids=str,
)
async def test_the_emulator_checks_requests(emulator: EmulatorProcess, body: dict[str, Any], status: int) -> None:
    async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {KEY}"}) as client:
        assert (await client.post(f"{emulator.url}/speechtotext/v1/jobs", json=body)).status_code == status
