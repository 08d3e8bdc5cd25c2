"""What holds for the adapters of all providers: the real SDKs against their emulators, over real HTTP.

The tests of a provider's own ways, and of the errors that only it has, are in files of their own.
"""

import asyncio
import gc
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bookwright.contracts.errors import (
    AnswerLost,
    BadAnswer,
    BookwrightError,
    CredentialsRefused,
    Fenced,
    NotSent,
    RateLimited,
    Refused,
)
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import SoundTask, TextTask, TranscriptionTask
from bookwright.contracts.ports.calls import Turn
from bookwright.providers.cloudinary import CloudinaryPublisher
from bookwright.providers.edge_speech import EdgeEngine
from bookwright.providers.elevenlabs import ElevenLabsSounds
from bookwright.providers.gemini import GeminiModel
from bookwright.providers.openai.chat import OpenAiLanguageModel
from bookwright.providers.replicate import ReplicateSounds
from bookwright.providers.rev_ai import RevAiTranscriber
from bookwright.providers.sarvam import SarvamEngine
from emulators import tone
from emulators.cloudinary import API_KEY
from tests.support.emulator import KEY, ROOT, EmulatorProcess
from tests.support.providers import Emulated, Turns, error_of

TEXT = "Luna walked into the forest, and the forest walked with her."
STORY = TextTask(purpose="story", prompt=TEXT)
SOUND = SoundTask(prompt=TEXT, seconds=1)
HEARD = TranscriptionTask(recording=AssetId("0" * 64), duration_ms=24_300, language="en")


@dataclass(frozen=True)
class Provider:
    """How to make an adapter, `make(url, key, **settings)`, and one call that answers or creates a job."""

    name: str
    make: Callable[..., Any]
    ask: Callable[[Any, Turn, Path], Awaitable[object]]
    sdk: str | None = None
    """The SDK's package; None when there is none."""
    deadline: str | None = "deadline_s"
    """The setting of its own deadline; None leaves that to the caller."""
    overloaded: type[BookwrightError] = Refused
    """503."""
    unreadable: type[BookwrightError] = BadAnswer
    """An answer that can't be read: of no use, or lost when there may be a job."""
    key: bool = True
    turns: bool = True
    httpx: bool = True
    drips: bool = True
    environment: dict[str, str] = field(default_factory=dict)
    """What its SDK would read."""

    def __str__(self) -> str:
        return self.name


def speaking(engine: Any, turn: Turn, _: Path) -> Awaitable[object]:
    return engine.speak(engine.call(TEXT, engine.voice("en", None)), turn)  # type: ignore[no-any-return]


def writing(engine: Any, turn: Turn, _: Path) -> Awaitable[object]:
    return engine.write(engine.call(STORY), turn)  # type: ignore[no-any-return]


def cloudinary(url: str, key: str = KEY, **settings: Any) -> Any:
    return nullcontext(
        CloudinaryPublisher("studio", API_KEY, SecretStr(key), base_url=url, delivery_url=url, **settings)
    )


PROVIDERS = (
    Provider(
        "sarvam",
        lambda url, key=KEY, **s: SarvamEngine(key, url, **s),
        speaking,
        sdk="sarvamai",
        overloaded=RateLimited,
        environment={"SARVAM_API_KEY": "another-key"},
    ),
    Provider(
        "edge",
        lambda url, key=KEY, **s: nullcontext(EdgeEngine(url, **s)),
        speaking,
        sdk="edge_tts",
        key=False,
        deadline=None,
        httpx=False,
        drips=False,  # its own test: an answer is a stream of messages
        environment={"WS_PROXY": "http://127.0.0.1:9", "ws_proxy": "http://127.0.0.1:9"},
    ),
    Provider("gemini", lambda url, key=KEY, **s: GeminiModel(key, url, **s), writing, sdk="google.genai"),
    Provider("openai", lambda url, key=KEY, **s: OpenAiLanguageModel(url, "writer", key, **s), writing),
    Provider(
        "elevenlabs",
        lambda url, key=KEY, **s: ElevenLabsSounds(key, url, **s),
        lambda engine, turn, _: engine.make(engine.call(SOUND), turn),
        sdk="elevenlabs",
        environment={"ELEVENLABS_API_KEY": "another-key"},
    ),
    Provider(
        "replicate",
        lambda url, key=KEY, **s: ReplicateSounds(key, url, **s),
        lambda engine, turn, _: engine.create(engine.call(SOUND), turn, "t0ken", None),
        sdk="replicate",
        deadline=None,
        unreadable=AnswerLost,
        environment={"REPLICATE_API_TOKEN": "another-key"},
    ),
    Provider(
        "rev_ai",
        lambda url, key=KEY, **s: RevAiTranscriber(key, url, **s),
        lambda engine, turn, recording: engine.create(engine.call(HEARD), turn, "t0ken", None, recording),
        sdk="rev_ai",
        unreadable=AnswerLost,
        httpx=False,
    ),
    Provider(
        "cloudinary",
        cloudinary,
        lambda publisher, _, recording: publisher.publish("stories/luna/a.wav", recording),
        sdk="cloudinary",
        deadline="request_s",
        turns=False,  # nothing of it is paid for by the call
        httpx=False,
    ),
)


def those(wanted: Callable[[Provider], bool]) -> pytest.MarkDecorator:
    """Only the providers that something holds for."""
    return pytest.mark.parametrize(
        "provider", [each for each in PROVIDERS if wanted(each)], indirect=True, ids=str, scope="module"
    )


@pytest.fixture(scope="module", params=PROVIDERS, ids=str)
def provider(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.param
    return found


@pytest.fixture
async def emulator(provider: Provider, emulated: Emulated) -> EmulatorProcess:
    process = emulated(provider.name)
    await process.reset()
    return process


@pytest.fixture(scope="module")
async def engine(provider: Provider, emulated: Emulated) -> AsyncIterator[Any]:
    """One for all tests: making an SDK's client takes longer than most of them."""
    async with provider.make(emulated(provider.name).url) as engine:
        yield engine


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("providers") / "recording.wav"
    path.write_bytes(tone.wav("x" * 340))
    return path


@pytest.fixture
def ask(provider: Provider, emulator: EmulatorProcess, recording: Path) -> Callable[..., Awaitable[object]]:
    return lambda engine, turn=None: provider.ask(engine, turn or nullcontext(), recording)


Ask = Callable[..., Awaitable[object]]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 429}, RateLimited),
        ({"status": 401}, CredentialsRefused),
        ({"status": 500}, Refused),
        ({"status": 502, "body": "<html>oops</html>"}, Refused),
        ({"status": 503}, "overloaded"),
        ({"status": 504}, Refused),
        ({"kind": "html"}, "unreadable"),
        ({"kind": "truncated"}, "unreadable"),
        ({"kind": "reset"}, AnswerLost),
        ({"kind": "reset_body"}, AnswerLost),
        ({"kind": "close_body"}, AnswerLost),
    ],
    ids=str,
)
async def test_a_failure_has_its_type_costs_one_request_and_is_over_with_its_cause(
    provider: Provider,
    engine: Any,
    emulator: EmulatorProcess,
    ask: Ask,
    fault: dict[str, Any],
    expected: type[BookwrightError] | str,
) -> None:
    await emulator.knobs(faults=[{"kind": "status", **fault}])
    error = await error_of(ask(engine), TEXT)
    assert type(error) is (getattr(provider, expected) if isinstance(expected, str) else expected)
    counts = await emulator.calls()
    assert (counts["received"], counts["in_flight"]) == (1, 0)
    await emulator.knobs(faults=[])
    assert await ask(engine)


async def test_a_rate_limit_is_waited_for_as_long_as_it_says(engine: Any, emulator: EmulatorProcess, ask: Ask) -> None:
    await emulator.knobs(faults=[{"kind": "status", "status": 429, "retry_after": 86_400}])
    before = datetime.now(UTC)
    error = await error_of(ask(engine), TEXT)
    assert isinstance(error, RateLimited)
    assert error.until >= before + timedelta(days=1)


@those(lambda each: each.key)
async def test_a_wrong_key_is_refused_and_not_told(
    provider: Provider, emulator: EmulatorProcess, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with provider.make(emulator.url, "another-key") as engine:
        assert type(await error_of(ask(engine), TEXT, "another-key")) is CredentialsRefused
        assert "another-key" not in repr(engine) + caplog.text
    assert (await emulator.calls())["charged"] == 0


@those(lambda each: each.deadline is not None)
async def test_a_hang_ends_by_the_deadline_as_a_lost_answer(
    provider: Provider, emulator: EmulatorProcess, ask: Ask
) -> None:
    await emulator.knobs(faults=[{"kind": "hang"}])
    async with provider.make(emulator.url, **{str(provider.deadline): 0.5}) as engine:
        assert type(await error_of(ask(engine), TEXT)) is AnswerLost
    assert (await emulator.wait_calls(1, of="disconnected"))["received"] == 1


@those(lambda each: each.turns and each.drips)
async def test_a_slow_drip_that_its_caller_gives_up_closes_its_connection(
    provider: Provider, engine: Any, emulator: EmulatorProcess, ask: Ask
) -> None:
    """No single wait is long: it is the caller's total deadline that ends it."""
    await emulator.knobs(faults=[{"kind": "drip", "pieces": 1_000, "delay_ms": 20}])
    asking = asyncio.ensure_future(ask(engine))
    await emulator.wait_calls(1, of="charged")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await asking
    counts = await emulator.wait_calls(1, of="disconnected")
    assert (counts["received"], counts["in_flight"]) == (1, 0)


@those(lambda each: each.turns)
async def test_a_cancelled_call_closes_its_connection(
    provider: Provider, engine: Any, emulator: EmulatorProcess, ask: Ask
) -> None:
    await emulator.knobs(gate="")
    asking = asyncio.ensure_future(ask(engine))
    await emulator.wait_calls(1, of="held")
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    counts = await emulator.wait_calls(1, of="disconnected")
    assert (counts["received"], counts["answered"], counts["held"]) == (1, 0, 0)


@those(lambda each: each.turns)
async def test_a_refused_connection_was_not_sent(provider: Provider, ask: Ask) -> None:
    async with provider.make("http://127.0.0.1:9") as engine:
        assert type(await error_of(ask(engine), TEXT)) is NotSent


@those(lambda each: each.turns)
async def test_a_call_holds_its_turn_from_the_request_to_the_end_of_the_answer(
    provider: Provider, engine: Any, emulator: EmulatorProcess, ask: Ask
) -> None:
    """What its SDK does before and after keeps no other call waiting, and a call that gets no turn is not sent."""
    turns = Turns(emulator)
    await ask(engine, turns.turn())
    assert turns.steps == ["begun with 0 received", "ended with 1 answered"]
    await emulator.knobs(faults=[{"kind": "reset_body"}])
    assert type(await error_of(ask(engine, turns.turn()))) is AnswerLost
    assert len(turns.steps) == 4, "a turn ends however its call does"
    with pytest.raises(Fenced):
        await ask(engine, turns.turn(Fenced("another attempt has taken over")))
    assert (await emulator.calls())["received"] == 2


async def test_proxies_and_keys_of_the_environment_are_not_used(
    provider: Provider, emulator: EmulatorProcess, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxies = {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}
    for name, value in (proxies | provider.environment).items():
        monkeypatch.setenv(name, value)
    async with provider.make(emulator.url) as engine:
        assert await ask(engine)


@those(lambda each: each.httpx)
async def test_an_answer_is_freed_without_the_collector(provider: Provider, engine: Any, ask: Ask) -> None:
    await ask(engine)
    gc.collect()
    gc.disable()
    try:
        await ask(engine)
        assert not [thing for thing in gc.get_objects() if isinstance(thing, httpx.Response)]
    finally:
        gc.enable()


def test_an_sdk_is_imported_only_when_it_is_used() -> None:
    """Making every adapter loads none of them."""
    script = """
import sys
sys.path.insert(0, ".")
from tests.unit.test_providers import PROVIDERS
for provider in PROVIDERS:
    provider.make("http://127.0.0.1:9")
sys.exit(sorted({each.sdk for each in PROVIDERS if each.sdk} & set(sys.modules)) or 0)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=ROOT, stderr=subprocess.PIPE).stderr == b""
