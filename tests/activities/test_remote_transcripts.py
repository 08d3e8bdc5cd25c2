"""Transcriptions at Rev.ai through the buyer and the real ledger: bought once, found by their metadata."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from activities import remote, waking
from activities.buying import Buyer
from activities.remote import Remote
from activities.slots import Slots
from bookwright.contracts.calls import Answer, CallState, Holder
from bookwright.contracts.errors import AnswerLost
from bookwright.contracts.ids import JobId
from bookwright.contracts.media import Transcript, TranscriptionTask
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.calls import Material
from bookwright.providers.rev_ai import RevAiTranscriber
from emulators import tone
from tests.store.conftest import ANNA, World, usage_of
from tests.support.emulator import KEY, EmulatorProcess

TASK = TranscriptionTask(recording="0" * 64, duration_ms=24_300, language="en")


@pytest.fixture
async def engine() -> AsyncIterator[tuple[RevAiTranscriber, EmulatorProcess]]:
    with EmulatorProcess("rev_ai") as emulator:
        async with RevAiTranscriber(KEY, emulator.url) as engine:
            yield engine, emulator


async def examined(transcript: Transcript) -> Material:
    content = transcript.model_dump_json().encode()
    return Material(data=content, media_type="application/json", facts={}, cost_micros=transcript.cost_micros)


async def buy(world: World, context: BookContext, engine: RevAiTranscriber, recording: Path, attempt: int) -> Answer:
    return await Buyer(world.ledger, world.assets).buy(
        partial(engine.call, TASK),
        Remote(engine, wait_s=30, recording=recording),
        examined,
        usage=usage_of(context),
        holder=Holder(activity="transcribe", attempt=attempt),
        limit=Slots(1),
        deadline_s=30,
    )


async def test_a_transcription_is_bought_once_although_its_creation_was_not_answered_and_it_was_cancelled(
    world: World,
    engine: tuple[RevAiTranscriber, EmulatorProcess],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(waking, "EVERY_S", 0.02)
    revai, emulator = engine
    recording, context = tmp_path / "lamp.wav", await world.book(ANNA, "one", budget="1.00")
    recording.write_bytes(tone.wav("x" * 340))
    await emulator.knobs(job_ms=3_600_000, faults=[{"kind": "reset_body", "times": 1}])
    with pytest.raises(AnswerLost):
        await buy(world, context, revai, recording, 1)

    waiting = asyncio.create_task(buy(world, context, revai, recording, 2))
    while (await world.ledger.attempt_totals()).get(CallState.SENT) != 1:  # noqa: ASYNC110 - the ledger tells nobody
        await asyncio.sleep(0.01)
    waiting.cancel()  # Rev.ai deletes no job that it is working on
    with pytest.raises(asyncio.CancelledError):
        await waiting

    await emulator.knobs(job_ms=0)
    answer = await buy(world, context, revai, recording, 3)
    assert b"ninety-one" in await world.assets.get(answer.asset)
    assert (await emulator.calls())["received"] == 1
    assert await world.ledger.attempt_totals() == {CallState.FAILED: 2, CallState.SETTLED: 1}
    counts = await world.ledger.counts(ANNA, JobId(context.job_id))
    assert (counts.calls, counts.cost_micros) == (1, answer.cost_micros)
