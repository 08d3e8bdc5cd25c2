"""What Bookwright must survive, fault by fault, with real processes. Each test ends with the invariants I1–I6 and
prints what it measured (`pytest -s`). The numbers are those of the fault table."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from temporalio.api.enums.v1 import EventType

from activities.slots import ON_DECK
from bookwright.contracts.calls import CallState
from bookwright.contracts.orders import Edition
from bookwright.contracts.progress import JobState
from bookwright.store import SERVICE, AssetRows
from bookwright.store.ledger.tables import budgets
from tests.e2e.conftest import fill
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import blobs_without_rows, check_invariants
from tests.support.postgres import PostgresServer
from tests.support.stack import Stack, page_texts

Open = Callable[..., AbstractAsyncContextManager[Stack]]
PAGES = 24
DAY_S = 86_400


@pytest.fixture
def stacks(tmp_path: Path, emulator: EmulatorProcess) -> Open:
    """Opens a stack in a folder of its own."""

    @asynccontextmanager
    async def opened(**options: Any) -> AsyncIterator[Stack]:
        async with Stack(tmp_path / "home", emulator, **options) as stack:
            yield stack

    return opened


async def totals(stack: Stack) -> dict[CallState, int]:
    return await stack.ledger.attempt_totals()


async def attempts_in(stack: Stack, *states: CallState) -> int:
    found = await totals(stack)
    return sum(found.get(state, 0) for state in states)


async def everything_done(stack: Stack) -> None:
    """All jobs end, none failed, no page is missing, and Temporal's own status says so, too."""
    for row in await stack.closed():
        assert (row.state, row.error, row.warning) == (JobState.DONE, None, None)
        for stage in (await stack.status(row)).stages:
            assert (stage.done, stage.failed) == (stage.total, 0), stage


async def once_each(stack: Stack, calls: int) -> None:
    """So many calls were made, and none twice; but for those whose worker was silent for so long that it seemed frozen,
    although nobody has frozen it."""
    counts = await stack.emulator.calls()
    if await stack.silences():
        again = await attempts_in(stack, CallState.AMBIGUOUS, CallState.FENCED)
        assert calls <= counts["received"] <= calls + again
    else:
        assert counts["received"] == calls and set(counts["texts"].values()) == {1}
        assert await attempts_in(stack, CallState.AMBIGUOUS, CallState.FENCED) == 0


async def report(number: str, stack: Stack, *, crashed: bool = True, exact: bool = False, **measured: float) -> None:
    """Check the invariants and print what was counted."""
    exact = exact and (crashed or not await stack.silences())
    tally = await check_invariants(stack, crashed=crashed, exact=exact)
    times = ", ".join(f"{name.replace('_', ' ')} {value:.2f} s" for name, value in measured.items())
    print(f"\nfault {number}: {tally}" + (f"; {times}" if times else ""))  # noqa: T201


async def test_worker_killed_before_the_call(stacks: Open) -> None:
    async with stacks() as stack:
        first = await stack.worker(failpoints="reserved=kill")
        await stack.order(page_texts(PAGES))
        assert await first.ended() == -9
        assert (await stack.emulator.calls())["received"] == 0
        await stack.worker()
        await everything_done(stack)
        counts = await stack.emulator.calls()
        assert counts["received"] == PAGES and set(counts["texts"].values()) == {1}
        await report("1", stack, exact=True)


async def test_worker_killed_after_sending(stacks: Open) -> None:
    async with stacks() as stack:
        await stack.emulator.knobs(gate="")
        first = await stack.worker()
        await stack.order(page_texts(PAGES))
        under_way = (await stack.emulator.wait_calls(first_wave := stack.engine.concurrency, of="held"))["received"]
        assert under_way == first_wave
        await first.kill()
        await stack.worker()
        await stack.emulator.wait_calls(under_way + 1)
        await stack.emulator.release()
        await everything_done(stack)
        assert under_way <= await attempts_in(stack, CallState.AMBIGUOUS) <= under_way + ON_DECK
        counts = await stack.emulator.calls()
        assert counts["received"] == PAGES + under_way and max(counts["texts"].values()) == 2
        await report("2", stack)


async def test_worker_killed_after_the_answer(stacks: Open) -> None:
    async with stacks() as stack:
        first = await stack.worker(failpoints="answered=kill@3", concurrency=1)
        await stack.order(page_texts(PAGES))
        assert await first.ended() == -9
        marked = await attempts_in(stack, CallState.SENT)
        assert 1 <= marked <= 3 + ON_DECK, "the third answer is lost; the two before it may have been settled by then"
        await stack.worker()
        await everything_done(stack)
        assert await attempts_in(stack, CallState.AMBIGUOUS) == marked
        assert await attempts_in(stack, CallState.SETTLED) == PAGES, "what was settled is not asked for again"
        counts = await stack.emulator.calls()
        assert PAGES < counts["received"] <= PAGES + marked and max(counts["texts"].values()) == 2
        await report("3", stack)


async def test_worker_killed_after_storing_the_bytes(stacks: Open) -> None:
    async with stacks() as stack:
        first = await stack.worker(failpoints="stored=kill@3", concurrency=1)
        await stack.order(page_texts(PAGES))
        assert await first.ended() == -9
        rows = {blob.asset for blob in await AssetRows(stack.database).all()}
        stored = blobs_without_rows(stack.assets, rows)
        assert stored, "the kill came between the bytes and their row"
        await stack.worker()
        await everything_done(stack)
        assert stored <= {blob.asset for blob in await AssetRows(stack.database).all()}, "the same bytes, the same key"
        assert max((await stack.emulator.calls())["texts"].values()) == 2
        await report("4", stack)


async def test_worker_frozen_past_its_heartbeat(stacks: Open) -> None:
    """Both workers have sent the same calls, and the frozen one's are answered first: its answers lie in its sockets
    until it goes on. By then its pages are made: what it still reads of them counts for nothing."""
    async with stacks() as stack:
        await stack.emulator.knobs(gate="")
        first = await stack.worker()
        job = await stack.order(page_texts(8))
        await stack.emulator.wait_calls(8, of="held")
        await stack.freeze(first)
        await stack.worker()
        await stack.emulator.wait_calls(16, of="held")
        await stack.emulator.release(8)
        await stack.emulator.release()
        made = await stack.segments_where(job, lambda pages: len(pages) == 8)
        first.go_on()
        await everything_done(stack)
        first.terminate()
        assert await first.ended() == 0
        assert await stack.segments(job) == made
        assert await attempts_in(stack, CallState.SETTLED) == 8
        assert await attempts_in(stack, CallState.FENCED, CallState.AMBIGUOUS) == 8
        assert (await stack.emulator.calls())["received"] == 16
        await report("5", stack)


async def test_worker_frozen_with_an_answer_in_hand(stacks: Open) -> None:
    async with stacks() as stack:
        first = await stack.worker(failpoints=",".join(f"answered=stop@{n}" for n in range(1, 10)))
        for answers in range(1, 10):
            job = await stack.order(page_texts(1, book=f"book {answers}"))
            await first.stopped()
            if await asyncio.to_thread(stack.writable):
                break
            first.go_on()  # it stopped with the database in its hand: see Stack.freeze
            await stack.closed(job)
        await stack.worker()
        made = await stack.segments_where(job, lambda pages: len(pages) == 1)
        first.go_on()
        await everything_done(stack)
        await stack.until(lambda: attempts_in(stack, CallState.FENCED), lambda fenced: fenced == 1)
        assert await stack.segments(job) == made
        counts = await stack.emulator.calls()
        assert counts["received"] == answers + 1 and max(counts["texts"].values()) == 2
        await report("5 (answer in hand)", stack, exact=True)


async def test_temporal_killed_for_six_seconds(stacks: Open) -> None:
    async with stacks() as stack:
        await stack.emulator.knobs(latency_ms=200)
        await stack.worker()
        await stack.order(page_texts(60))
        await stack.emulator.wait_calls(12)
        await stack.kill_temporal()
        await asyncio.sleep(6)  # the outage itself
        back = time.perf_counter()
        await stack.restart_temporal()
        await everything_done(stack)
        await report("6", stack, crashed=False, from_restart_to_the_end=time.perf_counter() - back)


async def test_provider_asks_to_wait_for_a_day(stacks: Open) -> None:
    async with stacks() as stack:
        await stack.worker()
        known = page_texts(PAGES, book="known")
        await stack.order(known)
        await everything_done(stack)
        wait = {"kind": "status", "status": 429, "retry_after": DAY_S, "match": "patient"}
        await stack.emulator.knobs(faults=[wait])
        patient = await stack.order(page_texts(8, book="patient"))
        held = await stack.job_where(patient, lambda row: bool(row.paused_reason))
        assert held.state == JobState.RUNNING and "429" in str(held.paused_reason)
        chapter = stack.client.get_workflow_handle(f"{patient.workflow_id}/chapter/1")
        await stack.until(chapter.describe, lambda found: not found.raw_description.pending_activities)
        timers = [
            event.timer_started_event_attributes.start_to_fire_timeout.seconds
            async for event in chapter.fetch_history_events()
            if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED
        ]
        assert timers and all(DAY_S - 60 < seconds <= DAY_S for seconds in timers)
        # No slot is held: a book whose clips are all there is made meanwhile.
        other = await stack.order(known, title="Another")
        assert [row.state for row in await stack.closed(other)] == [JobState.DONE]
        refused = (await stack.emulator.calls())["statuses"]["429"]
        assert refused <= stack.engine.concurrency
        await stack.emulator.knobs(faults=[])
        resumed = time.perf_counter()
        await stack.handle(patient).signal("resume")
        await everything_done(stack)
        await report("13", stack, crashed=False, exact=True, from_resume_to_the_end=time.perf_counter() - resumed)


async def test_disk_full_before_the_calls(stacks: Open, small_disk: Path) -> None:
    """Calls that were begun are made, since there is still some room; no others are."""
    async with stacks() as stack:
        await stack.emulator.knobs(gate="")
        await stack.worker()
        job = await stack.order(page_texts(PAGES * 2))
        await stack.emulator.wait_calls(stack.engine.concurrency, of="held")
        filler = await asyncio.to_thread(fill, small_disk, 16 * 2**20)
        await stack.emulator.release()
        held = await stack.job_where(job, lambda row: bool(row.paused_reason))
        assert "free for assets" in str(held.paused_reason)
        assert (await stack.emulator.calls())["received"] < PAGES * 2
        filler.unlink()
        await stack.handle(job).signal("resume")
        await everything_done(stack)
        await once_each(stack, PAGES * 2)
        await report("24", stack, crashed=False, exact=True)


async def test_disk_full_with_answers_in_hand(stacks: Open, small_disk: Path) -> None:
    """An answer that can't be stored is held on to for a while; it is stored when there is room again."""
    async with stacks() as stack:
        await stack.worker()
        await stack.emulator.knobs(gate="")
        await stack.order(page_texts(8))
        await stack.emulator.wait_calls(8, of="held")
        filler = await asyncio.to_thread(fill, small_disk)
        before = set(stack.assets.all())
        await stack.emulator.release()
        await stack.emulator.wait_calls(8, of="answered")
        assert set(stack.assets.all()) == before
        filler.unlink()
        await everything_done(stack)
        await once_each(stack, 8)
        await report("24 (answers in hand)", stack, crashed=False, exact=True)


async def test_cancelled_in_mid_flight(stacks: Open) -> None:
    async with stacks() as stack:
        await stack.worker()
        await stack.emulator.knobs(gate="number 2")  # holds pages 2 and 20–24: fewer than are made at once
        job = await stack.order(page_texts(PAGES))
        await stack.emulator.wait_calls(1, of="held")
        made = await stack.segments_where(job, lambda pages: len(pages) >= 5)
        asked = time.perf_counter()
        await stack.handle(job).cancel()
        [row] = await stack.closed(job)
        took = time.perf_counter() - asked
        assert (row.state, row.error) == (JobState.CANCELLED, None)
        counts = await stack.emulator.calls()
        made |= await stack.segments(job)
        await stack.until(stack.emulator.calls, lambda now: now["in_flight"] == 0)
        # The job may close before the worker has written down how its last calls ended.
        await stack.until(
            lambda: attempts_in(stack, CallState.RESERVED, CallState.SENT), lambda still_open: still_open == 0
        )
        await check_invariants(stack, crashed=False)
        assert (await stack.emulator.calls())["received"] == counts["received"], "no call after the end"
        # What was made is kept, and the next generation makes what is missing.
        settled = await attempts_in(stack, CallState.SETTLED)
        await stack.emulator.release()
        again = await stack.retry(job)
        assert [row.state for row in await stack.closed(again)] == [JobState.DONE]
        after = await stack.emulator.calls()
        assert after["received"] == counts["received"] + PAGES - settled
        finished = await stack.segments(again)
        assert len(finished) == PAGES and made.items() <= finished.items()
        await report("25", stack, crashed=False, from_cancel_to_the_end=took)


async def test_worker_told_to_end_in_mid_flight(stacks: Open) -> None:
    async with stacks() as stack:
        await stack.emulator.knobs(gate="")
        first = await stack.worker()
        await stack.order(page_texts(PAGES * 2))
        await stack.emulator.wait_calls(stack.engine.concurrency, of="held")
        await stack.worker()
        first.terminate()
        told = time.perf_counter()
        await first.drains()
        await stack.emulator.release()
        assert await first.ended() == 0
        drained = time.perf_counter() - told
        await everything_done(stack)
        await once_each(stack, PAGES * 2)
        await report("29", stack, crashed=False, exact=True, drained_after=drained)


async def test_budget_pauses_and_is_never_exceeded(stacks: Open) -> None:
    async with stacks() as stack:
        pages = page_texts(PAGES)
        voice = stack.engine.voice("en", None)
        cost = sum(stack.engine.call(page, voice).max_cost_micros for page in pages)
        await stack.emulator.knobs(latency_ms=50)
        await stack.worker()
        await stack.worker()
        job = await stack.order(pages, budget_usd=Decimal(cost // 2) / 1_000_000)
        held = await stack.job_where(job, lambda row: row.state == JobState.PAUSED)
        assert "budget" in str(held.paused_reason)
        await stack.until(
            lambda: attempts_in(stack, CallState.RESERVED, CallState.SENT), lambda under_way: not under_way
        )
        query = sa.select(budgets.c.cap_micros, budgets.c.committed_micros).where(budgets.c.ref == job.job_id)
        [(cap, committed)] = await stack.database.read(SERVICE, lambda c: c.execute(query).all())
        assert cap == cost // 2 and committed <= cap
        received = (await stack.emulator.calls())["received"]
        assert 0 < received < PAGES
        await stack.handle(job).execute_update("raise_budget", str(Decimal(cost) / 1_000_000), id="raise-1")
        await everything_done(stack)
        await once_each(stack, PAGES)
        await report("I5", stack, crashed=False, exact=True)


async def test_equal_texts_are_bought_once(stacks: Open) -> None:
    async with stacks() as stack:
        await stack.emulator.knobs(latency_ms=100)
        await stack.worker()
        pages = page_texts(8)
        twice = [page for page in pages for _ in range(2)]
        await stack.order(twice, editions=(Edition.MP3, Edition.M4B))
        await everything_done(stack)
        await once_each(stack, 8)
        await stack.order(twice, title="The same again", editions=(Edition.M4B,))
        await everything_done(stack)
        await once_each(stack, 8)
        await report("(reuse)", stack, crashed=False, exact=True)


async def test_finished_pages_stay_as_they_are(stacks: Open) -> None:
    """Kill, start again: what was finished is not touched. Prints how soon the first new call comes."""
    async with stacks() as stack:
        await stack.emulator.knobs(gate="number 4")  # holds pages 4 and 40–48: the book is not finished before the kill
        first = await stack.worker()
        job = await stack.order(page_texts(PAGES * 2))
        await stack.segments_where(job, lambda pages: len(pages) >= 10)
        await first.kill()
        killed = time.perf_counter()
        before = await stack.segments(job)
        received = (await stack.emulator.calls())["received"]
        second = await stack.worker(wait=False)
        await stack.emulator.wait_calls(received + 1)
        called = time.perf_counter()
        await stack.emulator.release()
        await stack.ready(second)
        await everything_done(stack)
        assert before.items() <= (await stack.segments(job)).items()
        await report(
            "(resume)",
            stack,
            from_kill_to_ready=second.ready_at - killed,
            from_ready_to_the_first_new_call=called - second.ready_at,
        )


async def test_codec_keeps_titles_out_of_histories(stacks: Open) -> None:
    async with stacks(codec_key="a passphrase that nobody guesses") as stack:
        await stack.worker()
        await stack.order(page_texts(8), title="The Unspoken Title")
        await everything_done(stack)
        await report("(codec)", stack, crashed=False, exact=True)


async def test_on_postgresql(stacks: Open, postgres: PostgresServer) -> None:
    """Kill the worker and restart the database server in one book."""
    name = postgres.database()
    async with stacks(database_url=postgres.url(name)) as stack:
        await stack.emulator.knobs(gate="number 4")  # holds pages 4 and 40–48: neither is killed too late
        first = await stack.worker()
        await stack.order(page_texts(PAGES * 2))
        await stack.emulator.wait_calls(10)
        await first.kill()
        received = (await stack.emulator.calls())["received"]
        await stack.worker()
        await stack.emulator.wait_calls(received + 4)
        await asyncio.to_thread(postgres.kill)
        await stack.emulator.release()
        await asyncio.to_thread(postgres.start)
        await everything_done(stack)
        await report("2, 7 on PostgreSQL", stack)


async def test_database_away_for_eight_seconds(stacks: Open, postgres: PostgresServer) -> None:
    """Longer than all attempts of an activity take: nobody's fault, so no page is given up and no job fails."""
    name = postgres.database()
    async with stacks(database_url=postgres.url(name)) as stack:
        await stack.emulator.knobs(latency_ms=200)
        await stack.worker()
        await stack.order(page_texts(PAGES * 3), editions=(Edition.MP3, Edition.M4B))
        await stack.emulator.wait_calls(20)
        await asyncio.to_thread(postgres.kill)
        await asyncio.sleep(8)  # the outage itself
        back = time.perf_counter()
        await asyncio.to_thread(postgres.start)
        await everything_done(stack)
        await report("7", stack, from_restart_to_the_end=time.perf_counter() - back)


async def test_text_stays_out_of_errors(stacks: Open, postgres: PostgresServer) -> None:
    """I6: the database goes while it is told the pages' text. The error goes to the log and to Temporal."""
    name = postgres.database()
    async with stacks(database_url=postgres.url(name)) as stack:
        await stack.worker()
        other = sa.create_engine(postgres.url(name).replace("postgresql:", "postgresql+psycopg:"))
        with other.connect() as blocking:
            blocking.execute(sa.text("LOCK TABLE pages IN SHARE ROW EXCLUSIVE MODE"))
            await stack.order(page_texts(PAGES))
            waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'pages'::regclass")
            await stack.until(
                lambda: asyncio.to_thread(lambda: int(blocking.execute(waiting).scalar_one())), lambda found: found > 0
            )
            await asyncio.to_thread(postgres.kill)
            blocking.invalidate()
        other.dispose()
        await asyncio.to_thread(postgres.start)
        await everything_done(stack)
        assert b"Error" in stack.workers[0].log.read_bytes(), "the error was logged"
        await report("I6 on PostgreSQL", stack, exact=True)
