"""Transcripts by Rev.ai, bought through the ledger: once, whatever happens. The real SDK against the emulator."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from activities import remote
from activities.buying import Buyer
from activities.remote import Remote
from activities.slots import Slots
from bookwright.contracts.calls import Answer, Holder
from bookwright.contracts.errors import AnswerLost, Refused
from bookwright.contracts.media import Transcript, TranscriptionTask
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.calls import Material
from bookwright.providers.rev_ai import RevAiTranscriber
from bookwright.store import SERVICE
from bookwright.store.ledger.tables import budgets, provider_attempts
from emulators import tone
from tests.store.conftest import ANNA, World, usage_of
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import emulator_of

TASK = TranscriptionTask(recording="0" * 64, duration_ms=24_300, language="en")
COST = 2_084


@dataclass
class Desk:
    """One recording that is to be written down."""

    world: World
    context: BookContext
    engine: RevAiTranscriber
    emulator: EmulatorProcess
    recording: Path

    async def buy(self, attempt: int = 1, recorded: asyncio.Event | None = None) -> Answer:
        def step(name: str) -> None:
            if recorded is not None and name == "recorded":
                recorded.set()

        return await Buyer(self.world.ledger, self.world.assets, step).buy(
            lambda take: self.engine.call(TASK, take),
            Remote(self.engine, recording=self.recording),
            examined,
            usage=usage_of(self.context, "recording/1"),
            holder=Holder(activity="transcribe", attempt=attempt),
            limit=Slots(1),
            deadline_s=60,
        )

    async def states(self) -> list[str]:
        query = sa.select(provider_attempts.c.state).order_by(provider_attempts.c.fence)
        return list(await self.world.database.read(SERVICE, lambda c: c.execute(query).scalars().all()))

    async def committed(self) -> int:
        query = sa.select(sa.func.sum(budgets.c.committed_micros)).where(budgets.c.scope == "job")
        return int(await self.world.database.read(SERVICE, lambda c: c.execute(query).scalar_one()))

    async def bought_once(self, answer: Answer) -> None:
        """One job at the provider, one charge, and the words of it."""
        assert (await self.emulator.calls())["received"] == 1
        assert await self.committed() == answer.cost_micros == COST
        assert Transcript.model_validate_json(await self.world.assets.get(answer.asset)).words[1].text == "lamp"


async def examined(transcript: Transcript) -> Material:
    data = transcript.model_dump_json().encode()
    facts = {"words": len(transcript.words)}
    return Material(data=data, media_type="application/json", facts=facts, cost_micros=transcript.cost_micros)


emulator = emulator_of("rev_ai")


@pytest.fixture
async def desk(
    world: World, emulator: EmulatorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    monkeypatch.setattr(remote, "FIRST_PAUSE_S", 0.02)
    recording = tmp_path / "recording"
    recording.write_bytes(tone.wav("x" * 340))
    async with RevAiTranscriber(KEY, emulator.url) as engine:
        yield Desk(world, await world.book(ANNA, "one", budget="1.00"), engine, emulator, recording)


async def test_a_job_whose_creation_was_not_answered_is_found_by_its_token(desk: Desk) -> None:
    await desk.emulator.knobs(faults=[{"kind": "reset_body", "times": 1}])
    with pytest.raises(AnswerLost):
        await desk.buy()
    assert await desk.states() == ["ambiguous"]
    answer = await desk.buy(2)
    await desk.bought_once(answer)
    assert (await desk.buy(3)).reused


async def test_a_job_that_can_not_be_stopped_is_there_for_a_later_attempt(desk: Desk) -> None:
    """Rev.ai deletes no job that it works on: what was cancelled stays charged until its answer is fetched."""
    await desk.emulator.knobs(job_ms=3_600_000)
    recorded = asyncio.Event()
    buying = asyncio.create_task(desk.buy(recorded=recorded))
    await recorded.wait()
    buying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await buying
    assert (await desk.states(), await desk.committed()) == (["ambiguous"], COST)
    await desk.emulator.knobs(job_ms=0)
    await desk.bought_once(await desk.buy(2))


async def test_a_recording_that_could_not_be_read_costs_nothing(desk: Desk) -> None:
    desk.recording.write_text("this is no recording")
    with pytest.raises(Refused, match="invalid_media"):
        await desk.buy()
    assert (await desk.states(), await desk.committed()) == (["failed"], 0)
