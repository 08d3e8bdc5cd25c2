"""1,000 emulated calls of 2 s at 64 at once: bought through adapter, buyer and ledger, and made by the bare SDK.

CPU is that of this process, all threads; the emulator has one of its own. A bare call ends with the SDK's answer: it
checks nothing and keeps nothing. OpenAI-compatible servers are asked by plain httpx, for want of an SDK in use.
"""

import asyncio
import base64
import math
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvloop

from activities.buying import Buyer
from activities.slots import Slots
from benchmarks.measure import Figure
from bookwright.contracts.book import SpokenClip
from bookwright.contracts.calls import Holder, ProviderCall
from bookwright.contracts.media import TextTask, WrittenText
from bookwright.contracts.ports.calls import Material, Turn
from bookwright.memory import spare_the_collector
from bookwright.providers.gemini.text import GeminiModel
from bookwright.providers.openai.chat import OpenAiLanguageModel
from bookwright.providers.sarvam import SarvamEngine
from bookwright.store import Database, LedgerStore, LocalAssets, migrate
from tests.store.conftest import ANNA, Clock, World, usage_of
from tests.support.emulator import KEY, EmulatorProcess

CALLS, AT_ONCE, LATENCY_MS = 1_000, 64, 2_000
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "text": {"type": "string"}},
    "required": ["title", "text"],
}
Bare = Callable[[str], Awaitable[object]]
Run = Callable[[], Coroutine[Any, Any, tuple[float, float]]]


@dataclass(frozen=True)
class Engine:
    """An engine as the buyer uses it: a text's call, and how it is made."""

    call: Callable[[str, int], ProviderCall]
    perform: Callable[[ProviderCall, Turn], Awaitable[Any]]


Opened = AbstractAsyncContextManager[Engine]
OpenedBare = AbstractAsyncContextManager[Bare]


@asynccontextmanager
async def sarvam(url: str) -> AsyncIterator[Engine]:
    async with SarvamEngine(KEY, url, concurrency=AT_ONCE) as engine:
        voice = engine.voice("en", None)
        yield Engine(lambda text, take: engine.call(text, voice, take), engine.speak)


@asynccontextmanager
async def bare_sarvam(url: str) -> AsyncIterator[Bare]:
    from sarvamai import AsyncSarvamAI
    from sarvamai.environment import SarvamAIEnvironment

    sdk = AsyncSarvamAI(
        api_subscription_key=KEY, environment=SarvamAIEnvironment(base=url, creative=url, production=url)
    )

    async def speak(text: str) -> bytes:
        answer = await sdk.text_to_speech.convert(
            text=text, language_code="en-IN", speaker="anushka", model="bulbul:v2", request_options={"max_retries": 0}
        )
        return base64.b64decode(answer.audios[0])

    yield speak


@asynccontextmanager
async def gemini(url: str) -> AsyncIterator[Engine]:
    async with GeminiModel(KEY, url, concurrency=AT_ONCE) as engine:
        yield Engine(lambda text, take: engine.call(_task(text), take), engine.write)


@asynccontextmanager
async def bare_gemini(url: str) -> AsyncIterator[Bare]:
    from google.genai import Client
    from google.genai.types import GenerateContentConfig, HttpOptions

    sdk = Client(api_key=KEY, http_options=HttpOptions(base_url=url, api_version="v1beta", timeout=60_000))
    config = GenerateContentConfig(response_mime_type="application/json", response_json_schema=SCHEMA)

    async def write(text: str) -> object:
        answer = await sdk.aio.models.generate_content(model="gemini-3.5-flash", contents=text, config=config)
        return answer.text

    yield write
    await sdk.aio.aclose()


@asynccontextmanager
async def compatible(url: str) -> AsyncIterator[Engine]:
    async with OpenAiLanguageModel(url, "writer", KEY, concurrency=AT_ONCE) as engine:
        yield Engine(lambda text, take: engine.call(_task(text), take), engine.write)


@asynccontextmanager
async def bare_compatible(url: str) -> AsyncIterator[Bare]:
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
    async with httpx.AsyncClient(timeout=60, headers={"authorization": f"Bearer {KEY}"}, trust_env=False) as client:

        async def write(text: str) -> object:
            body = {"model": "writer", "messages": [{"role": "user", "content": text}], "response_format": form}
            answer = await client.post(f"{url}/v1/chat/completions", json=body)
            return answer.json()["choices"][0]["message"]["content"]

        yield write


PROVIDERS: dict[str, tuple[Callable[[str], Opened], Callable[[str], OpenedBare]]] = {
    "sarvam": (sarvam, bare_sarvam),
    "gemini": (gemini, bare_gemini),
    "openai": (compatible, bare_compatible),
}


def _task(text: str) -> TextTask:
    return TextTask(purpose="story", prompt=text, answer_schema=SCHEMA)


def texts(run: str, count: int) -> list[str]:
    """Prompts of about 110 characters, all different. Spoken they are 350 kB: much longer ones, and the emulator's and
    the client's loopback would be what is measured, whoever asks."""
    words = "On that day the ferryman carried a lantern over the quiet river, and nobody on the far side said a word."
    return [f"{run} {number}: {words}" for number in range(count)]


async def all_at(
    calls: list[str], make: Callable[[str], Awaitable[object]], at_once: int | None
) -> tuple[float, float]:
    """Wall and CPU seconds of all calls, at most so many at once; None leaves that to whoever makes them."""
    room = asyncio.Semaphore(at_once or len(calls))

    async def one(text: str) -> None:
        async with room:
            await make(text)

    wall, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for text in calls:
            group.create_task(one(text))
    return time.perf_counter() - wall, time.process_time() - cpu


async def alone(opened: Callable[[str], Opened], url: str, calls: list[str]) -> tuple[float, float]:
    """The adapter without buyer, ledger and store."""
    async with opened(url) as engine:
        await engine.perform(engine.call("Warm up, please.", 0), nullcontext())
        return await all_at(calls, lambda text: engine.perform(engine.call(text, 0), nullcontext()), AT_ONCE)


async def bought(opened: Callable[[str], Opened], url: str, calls: list[str]) -> tuple[float, float]:
    """What a worker does: reserve, send, call, store, settle."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/bookwright.db"
        await migrate(address)
        async with Database(address) as database, opened(url) as engine:
            assets = LocalAssets(Path(folder) / "assets")
            context = await World(database, assets, Clock()).book(ANNA, "one")
            buyer, limit = Buyer(LedgerStore(database, assets), assets), Slots(AT_ONCE)

            async def buy(text: str) -> object:
                return await buyer.buy(
                    lambda take: engine.call(text, take),
                    engine.perform,
                    _examine,
                    usage=usage_of(context, text[:20]),
                    holder=Holder(activity="benchmark", attempt=1),
                    limit=limit,
                    deadline_s=60,
                )

            await buy("Warm up, please.")
            return await all_at(calls, buy, None)


async def _examine(answer: SpokenClip | WrittenText) -> Material:
    """Nothing: what the press finds out about a clip is not the adapter's work."""
    if isinstance(answer, SpokenClip):
        data, media_type = answer.audio, answer.media_type
    else:
        data, media_type = answer.text.encode(), "application/json"
    return Material(data=data, media_type=media_type, facts={}, cost_micros=answer.cost_micros)


async def bare(opened: Callable[[str], OpenedBare], url: str, calls: list[str]) -> tuple[float, float]:
    """The SDK as it comes."""
    async with opened(url) as call:
        await call("Warm up, please.")
        return await all_at(calls, call, AT_ONCE)


def measured(name: str, count: int) -> tuple[float, float, float, float, float]:
    """Of one provider: the bare SDK's and the bought calls' wall by the ideal, and milliseconds of CPU a call of the
    bare SDK, the adapter alone, and the bought calls. Each run has an event loop of its own, uvloop as in workers."""
    opened, opened_bare = PROVIDERS[name]
    ideal = math.ceil(count / AT_ONCE) * LATENCY_MS / 1_000
    with EmulatorProcess(name, latency_ms=LATENCY_MS) as emulator:
        runs: tuple[Run, ...] = (
            lambda: bare(opened_bare, emulator.url, texts("bare", count)),
            lambda: alone(opened, emulator.url, texts("alone", count)),
            lambda: bought(opened, emulator.url, texts("bought", count)),
        )
        found = []
        for run in runs:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                found.append(runner.run(run()))
    cpu = [seconds * 1_000 / count for _, seconds in found]
    return found[0][0] / ideal, found[2][0] / ideal, cpu[0], cpu[1], cpu[2]


def figures(count: int = CALLS, names: tuple[str, ...] = tuple(PROVIDERS)) -> list[Figure]:
    """One round of each provider."""
    spare_the_collector()
    found = []
    for name in names:
        bare_wall, wall, bare_cpu, adapter_cpu, cpu = measured(name, count)
        found += [
            Figure(f"{name}, {count} calls bought, wall / ideal", [wall], 1.10),
            Figure(f"{name}, bare SDK, wall / ideal", [bare_wall]),
            Figure(f"{name}, CPU a call, bare SDK", [bare_cpu], unit="ms"),
            Figure(f"{name}, CPU a call, adapter beyond that", [adapter_cpu - bare_cpu], unit="ms"),
            Figure(f"{name}, CPU a call, buyer and ledger beyond that", [cpu - adapter_cpu], unit="ms"),
        ]
    return found
