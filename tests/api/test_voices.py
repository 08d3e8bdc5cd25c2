"""Voices to choose from, and what they sound like."""

import dataclasses
import io
import wave
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest

from bookwright.contracts.calls import CallState
from bookwright.contracts.errors import BookwrightError, QuotaExhausted, Refused
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.providers.choice.voices import Voices
from bookwright.providers.edge_speech import EdgeEngine
from bookwright.store import LedgerStore
from bookwright.store.ledger.months import MonthBudgets
from bookwright.text.voicesamples import SENTENCES
from bookwright.voices import VoiceSamples
from tests.activities.conftest import Engine
from tests.support.emulator import EmulatorProcess
from tests.support.library import Home, home_at
from tests.support.providers import emulator_of

emulator = emulator_of("edge")


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    async with home_at(tmp_path_factory.mktemp("voices")) as made:
        yield made


@pytest.fixture(scope="module")
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    async with home.client() as asking:
        yield asking


def asking_of(home: Home, speech: SpeechEngine, owner: str = "anna") -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """Somebody who asks a server that has chosen these engines."""
    app = home.app()
    samples = VoiceSamples(speech, LedgerStore(home.database, home.assets), home.assets, home.press)
    app.state.backend = dataclasses.replace(app.state.backend, engine=speech, samples=samples)
    return home.client(OwnerId(owner), app=app)


async def test_every_language_has_a_voice_that_says_a_whole_sentence(client: httpx.AsyncClient) -> None:
    assert len(SENTENCES) == 18
    for language in SENTENCES:
        listed = (await client.get("/api/voices", params={"language": language})).json()
        assert listed["voices"][0]["language"].split("-")[0] == language
        async with httpx.AsyncClient(transport=client._transport, base_url="http://localhost") as anybody:
            heard = await anybody.get(listed["voices"][0]["sample_url"])
        assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/wav"), language
        with wave.open(io.BytesIO(heard.content)) as file:
            assert 2 < file.getnframes() / file.getframerate() < 12, language


async def test_a_sample_is_served_in_ranges_and_kept(client: httpx.AsyncClient) -> None:
    url = "/api/voices/sample?" + urlencode({"language": "en-GB", "voice": "en-us+f3"})
    whole = await client.get(url)
    part = await client.get(url, headers={"Range": "bytes=0-43"})
    assert (part.status_code, part.content) == (206, whole.content[:44])
    assert (await client.get(url, headers={"If-None-Match": whole.headers["etag"]})).status_code == 304
    head = await client.head(url)
    assert (head.headers["content-length"], head.content) == (str(len(whole.content)), b"")
    best = await client.get("/api/voices/sample", params={"language": "en-GB"})
    assert best.status_code == 200 and best.headers["etag"] != whole.headers["etag"]


async def test_voices_of_all_providers_are_offered_and_each_sample_is_bought_once(
    home: Home, emulator: EmulatorProcess
) -> None:
    edge = EdgeEngine(emulator.url)
    async with asking_of(home, Voices([edge, home.engine])) as asking:
        listed = (await asking.get("/api/voices", params={"language": "hi"})).json()
        assert listed["provider"] == "edge"
        by = [voice["provider"] for voice in listed["voices"]]
        assert by == sorted(by) and set(by) == {"edge", "espeak-ng"}, "the first choice's come first"
        for _ in range(3):
            heard = await asking.get("/api/voices/sample", params={"language": "hi", "voice": "madhur"})
            assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/mpeg")
        assert (await emulator.calls())["texts"] == {SENTENCES["hi"]: 1}
        again = await asking.get("/api/voices/sample", params={"language": "hi", "voice": "hi+f2"})
        assert again.headers["content-type"] == "audio/wav"
        assert (await emulator.calls())["received"] == 1
        alone = (await asking.get("/api/voices", params={"language": "or"})).json()
        assert {voice["provider"] for voice in alone["voices"]} == {"espeak-ng"}


async def test_a_language_without_a_voice_is_refused_with_those_that_have_one(
    home: Home, client: httpx.AsyncClient, emulator: EmulatorProcess
) -> None:
    async with asking_of(home, Voices([EdgeEngine(emulator.url)])) as asking:
        for path in ("/api/voices", "/api/voices/sample"):
            refused = await asking.get(path, params={"language": "pa"})
            (error,) = refused.json()["errors"]
            assert (refused.status_code, error["field"]) == (422, "language")
            assert "There are voices for en, hi, bn, ta" in error["message"]
            assert ", pa" not in error["message"].rpartition("There are")[2]
        other = await asking.get("/api/voices/sample", params={"language": "hi", "voice": "Katja"})
        assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "voice")
    unwritten = await client.get("/api/voices/sample", params={"language": "fi"})
    assert (unwritten.status_code, unwritten.json()["errors"][0]["field"]) == (422, "language")
    listed = (await client.get("/api/voices", params={"language": "fi"})).json()["voices"]
    assert listed and {voice["sample_url"] for voice in listed} == {None}


@pytest.mark.parametrize("error", [Refused("the provider answered 503"), QuotaExhausted("no credit is left")])
async def test_a_provider_that_can_not_be_had_is_said(home: Home, error: BookwrightError) -> None:
    engine = Engine()
    engine.errors["lamp"] = error
    async with asking_of(home, engine, type(error).__name__.lower()) as asking:
        answer = await asking.get("/api/voices/sample", params={"language": "en"})
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        engine.errors.clear()
        assert (await asking.get("/api/voices/sample", params={"language": "en"})).status_code == 200


async def test_samples_are_paid_within_the_month_s_budget_and_on_record(home: Home) -> None:
    engine = Engine(cost=700)
    budgets, month = MonthBudgets(home.database), f"{datetime.now(UTC):%Y-%m}"
    async with asking_of(home, engine, "carol") as asking:
        await budgets.set(OwnerId("carol"), month, 500, actor="test")
        refused = await asking.get("/api/voices/sample", params={"language": "de"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "voice")
        await budgets.set(OwnerId("carol"), month, 900, actor="test")
        for _ in range(2):
            assert (await asking.get("/api/voices/sample", params={"language": "de"})).status_code == 200
    assert engine.spoken.total() == 1
    totals = await LedgerStore(home.database, home.assets).attempt_totals()
    assert totals[CallState.SETTLED] >= 1
