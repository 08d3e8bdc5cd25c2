"""What becomes of a batch of pages, with the real press and the real store."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from bookwright.contracts.book import TrackState
from bookwright.contracts.calls import CallState
from bookwright.contracts.errors import (
    AnswerLost,
    BookwrightError,
    CredentialsRefused,
    QuotaExhausted,
    RateLimited,
    Refused,
    StorageFull,
    Unspeakable,
)
from bookwright.contracts.progress import BatchOutcome, HoldKind
from bookwright.text.measure import expected_speech_ms
from tests.activities.conftest import Engine, Studio
from tests.store.conftest import ANNA, World

PAGES = ("The river began under a stone.", "A storm came over the hills.", "Then the sea lay open before them.")


async def studio_for(world: World, *texts: str, engine: Engine | None = None, budget: str | None = None) -> Studio:
    return Studio(world, await world.book(ANNA, *texts, budget=budget), engine or Engine())


COMPLETED, FAILED = TrackState.COMPLETED, TrackState.FAILED


async def test_every_page_of_a_batch_becomes_a_segment(world: World) -> None:
    studio = await studio_for(world, *PAGES)
    assert await studio.narrate() == BatchOutcome(done=3)
    segments = await studio.segments()
    assert ["".join(clip.text for clip in segments[page].clips) for page in (1, 2, 3)] == list(PAGES)
    assert all(abs(segment.loudness_lufs + 18) < 0.5 for segment in segments.values())
    assert all(segment.duration_ms > expected_speech_ms(PAGES[0]) for segment in segments.values())
    assert await studio.states() == {page: (COMPLETED, None) for page in (1, 2, 3)}


async def test_a_batch_given_again_makes_nothing_again(world: World) -> None:
    studio = await studio_for(world, *PAGES)
    await studio.narrate()
    assert await studio.narrate() == BatchOutcome(done=3), "also what an attempt made whose answer was lost"
    assert set(studio.engine.spoken.values()) == {1}


async def test_the_clips_of_a_long_page_stand_in_reading_order(world: World) -> None:
    text = " ".join(f"Sentence number {number} of this page." for number in range(12))
    studio = await studio_for(world, text, engine=Engine(max_chars=40))
    await studio.narrate()
    clips = (await studio.segments())[1].clips
    assert len(clips) == 12 and " ".join(clip.text for clip in clips) == text
    assert [text[clip.text_start :].startswith(clip.text) for clip in clips] == [True] * 12


async def test_a_page_that_can_not_be_spoken_does_not_hold_the_others_up(world: World) -> None:
    studio = await studio_for(world, *PAGES)
    studio.engine.errors["storm"] = Unspeakable("the provider can't speak this")
    assert await studio.narrate() == BatchOutcome(done=2, failed=1)
    assert await studio.states() == {1: (COMPLETED, None), 2: (FAILED, "Unspeakable"), 3: (COMPLETED, None)}


async def test_a_clip_that_is_cut_off_is_asked_for_again_and_the_good_take_is_used(world: World) -> None:
    studio = await studio_for(world, PAGES[0])
    studio.engine.sound[PAGES[0], 0] = {"share": 0.2}
    assert await studio.narrate() == BatchOutcome(done=1)
    assert studio.engine.spoken[PAGES[0]] == 2
    assert await world.ledger.attempt_totals() == {CallState.REJECTED: 1, CallState.SETTLED: 1}
    assert (await studio.segments())[1].duration_ms > expected_speech_ms(PAGES[0])


async def test_a_page_that_stays_silent_fails_after_three_takes(world: World) -> None:
    studio = await studio_for(world, *PAGES)
    studio.engine.sound = {(PAGES[1], take): {"level": 0.0} for take in range(9)}
    assert await studio.narrate() == BatchOutcome(done=2, failed=1)
    assert studio.engine.spoken[PAGES[1]] == 3
    assert (await studio.states())[2] == (FAILED, "Permanent")


@pytest.mark.parametrize("error", [Refused("the provider answered 503"), AnswerLost("reset")])
async def test_a_passing_trouble_costs_an_attempt_and_only_the_missing_is_made_again(
    world: World, error: BookwrightError
) -> None:
    studio = await studio_for(world, *PAGES)
    studio.engine.errors["storm"] = error
    first = await studio.failure()
    assert (first.type, first.details) == (type(error).__name__, (1,)) and not first.non_retryable
    assert [state for state, _ in (await studio.states()).values()].count(COMPLETED) == 2
    second = await studio.failure()
    assert second.details == (2,), "failures are counted over attempts"
    studio.engine.errors.clear()
    assert await studio.narrate() == BatchOutcome(done=3)
    assert [studio.engine.spoken[text] for text in PAGES] == [1, 3, 1]


async def test_what_remains_after_the_declared_attempts_is_given_up(world: World) -> None:
    studio = await studio_for(world, *PAGES)
    studio.engine.errors["storm"] = Refused("the provider answered 503")
    await studio.failure()
    given = await studio.environment.run(studio.narration.give_up, studio.batch(), "Refused", "three times")
    assert given == BatchOutcome(done=2, failed=1)
    assert await studio.states() == {1: (COMPLETED, None), 2: (FAILED, "Refused"), 3: (COMPLETED, None)}


async def test_a_reached_budget_holds_the_rest_up_and_is_no_failure(world: World) -> None:
    studio = await studio_for(world, *PAGES, engine=Engine(cost=100), budget="0.00025")
    outcome = await studio.narrate()
    assert (outcome.done, outcome.failed) == (2, 0) and outcome.deferred
    assert (outcome.deferred.hold.kind, outcome.deferred.hold.until) == (HoldKind.BUDGET, None)
    await world.books.set_budget(ANNA, studio.context.job_id, 1_000)  # type: ignore[arg-type]
    assert await studio.narrate() == BatchOutcome(done=3)
    assert set(studio.engine.spoken.values()) == {1}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (QuotaExhausted("no credit is left"), HoldKind.QUOTA),
        (CredentialsRefused("the key is refused"), HoldKind.CREDENTIALS),
    ],
)
async def test_what_a_person_must_put_right_is_said(world: World, error: BookwrightError, kind: HoldKind) -> None:
    studio = await studio_for(world, *PAGES)
    studio.engine.errors["storm"] = error
    outcome = await studio.narrate()
    assert outcome.failed == 0 and outcome.deferred and outcome.deferred.hold.kind is kind
    assert outcome.deferred.hold.reason == str(error) and outcome.deferred.hold.until is None
    assert FAILED not in {state for state, _ in (await studio.states()).values()}


async def test_a_rate_limit_says_until_when(world: World) -> None:
    until = datetime.now(UTC) + timedelta(hours=2)
    studio = await studio_for(world, *PAGES)
    studio.engine.errors["r"] = RateLimited("too many requests", until=until)
    outcome = await studio.narrate()
    assert outcome.deferred and outcome.deferred.hold.kind is HoldKind.RATE_LIMIT
    assert outcome.deferred.hold.until == until and (outcome.done, outcome.failed) == (0, 0)


async def test_a_full_disk_holds_the_work_up_before_anything_is_bought(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full() -> None:
        raise StorageFull("less than 64 MiB are free")

    studio = await studio_for(world, *PAGES)
    with monkeypatch.context() as patch:
        patch.setattr(world.assets, "check_room", full)
        outcome = await studio.narrate()
    assert outcome.deferred and outcome.deferred.hold.kind is HoldKind.STORAGE and outcome.failed == 0
    assert not studio.engine.spoken
    assert await studio.narrate() == BatchOutcome(done=3)


@pytest.mark.parametrize("text", ["", " \n ", "* * *"])
async def test_a_page_without_words_is_a_short_silence(world: World, text: str) -> None:
    studio = await studio_for(world, PAGES[0], text)
    assert await studio.narrate() == BatchOutcome(done=2)
    silence = (await studio.segments())[2]
    assert silence.clips == () and 0 < silence.duration_ms < 2_000
    assert list(studio.engine.spoken) == [PAGES[0]]


async def test_a_draining_worker_finishes_what_is_under_way_and_counts_no_failure(world: World) -> None:
    sentences = [f"Sentence number {number} of this page." for number in range(12)]
    engine = Engine(max_chars=40)
    engine.gate = asyncio.Event()
    studio = await studio_for(world, " ".join(sentences), engine=engine)
    running = asyncio.create_task(studio.narrate())
    await engine.arrived.wait()
    studio.environment.worker_shutdown()
    engine.gate.set()
    with pytest.raises(ApplicationError) as leaving:
        await running
    assert (leaving.value.type, leaving.value.details) == ("WorkerLeaving", (0,))
    begun = engine.spoken.total()
    assert 0 < begun < 12 and await world.ledger.attempt_totals() == {CallState.SETTLED: begun}
    assert await studio.narrate() == BatchOutcome(done=1)
    assert engine.spoken == Counter(sentences)


async def test_a_cancelled_batch_leaves_its_pages_to_be_made(world: World) -> None:
    engine = Engine()
    engine.gate = asyncio.Event()
    studio = await studio_for(world, *PAGES, engine=engine)
    running = asyncio.create_task(studio.narrate())
    await engine.arrived.wait()
    studio.environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    totals = await world.ledger.attempt_totals()
    assert not {CallState.SENT, CallState.RESERVED} & set(totals), "nothing is left hanging in the ledger"
    engine.gate = None
    assert await studio.narrate() == BatchOutcome(done=3)
