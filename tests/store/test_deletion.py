"""A deleted book leaves what others use, what it cost, and nothing else."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bookwright.contracts.book import BoundFile, TrackState
from bookwright.contracts.calls import Answer, Holder, Reservation
from bookwright.contracts.ids import AssetId, JobId, OwnerId
from bookwright.contracts.orders import BookContext, BookOrder, Edition, StoredText, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import JobState
from bookwright.store import SERVICE
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.tables import METADATA
from tests.store.conftest import ANNA, BELA, World, call_of, context_of, order, plan_of, source_of, usage_of

NOW = timedelta(0)


@pytest.fixture
def removal(world: World) -> BookRemoval:
    return BookRemoval(world.database, world.assets, NOW)


async def ordered(world: World, text: bytes, owner: OwnerId = ANNA) -> BookContext:
    """A running job of a book with one page that was made from a stored text."""
    source = StoredText(asset=await world.assets.put(text, "text/plain"))
    wanted = BookOrder.model_validate(order(owner).model_dump() | {"source": source})
    job = await world.jobs.accept(wanted, fingerprint=wanted.book_id)
    await world.jobs.started(owner, job.job_id)
    context = context_of(job, 1)
    await world.books.save_source(plan_of(context), None, source_of("One."))
    return context


async def made(world: World, context: BookContext, sound: bytes) -> set[AssetId]:
    """Give the book a page's sound, a part and a file; answers what was stored for them."""
    segment, part, file = [await world.assets.put(kind + sound, "audio/mpeg") for kind in (b"page", b"part", b"file")]
    spoken = PageOutcome(page=1, track=Track.NARRATION, state=TrackState.COMPLETED, asset=segment, duration_ms=5)
    await world.books.page_outcome(context, spoken)
    await world.books.save_rendition(context, "part", part)
    bound = BoundFile(
        edition=Edition.M4B, chapter=None, name="a.m4b", asset=file, media_type="audio/mp4", bytes=4, duration_ms=5
    )
    await world.books.save_file(context, bound, "file")
    await world.jobs.close(context.owner_id, JobId(context.job_id), JobState.DONE, None)
    return {segment, part, file}


async def rows_of(world: World, context: BookContext) -> dict[str, int]:
    """How many rows of each table are about the book or its job."""

    def work(connection: sa.Connection) -> dict[str, int]:
        found = {}
        for table in METADATA.sorted_tables:
            where = [table.c[name] == value for name, value in about.items() if name in table.c]
            if table.name == "books":
                where = [table.c.id == context.book_id]
            if table.name == "budgets":
                where = [table.c.ref == context.job_id]
            if where:
                count = connection.execute(sa.select(sa.func.count()).select_from(table).where(sa.or_(*where))).scalar()
                if count:
                    found[table.name] = count
        return found

    about = {"book_id": context.book_id, "job_id": context.job_id}
    return await world.database.read(SERVICE, work)


async def test_a_deleted_book_leaves_only_what_it_cost(world: World, removal: BookRemoval) -> None:
    context = await ordered(world, b"One.")
    call = call_of("One.", cost=10)
    answer = await world.bought(context, call, 7)
    await made(world, context, b"own")
    assert await removal.remove(ANNA, context.book_id)
    assert await rows_of(world, context) == {"provider_attempts": 1}
    assert list(world.assets.all()) == []
    [row] = await world.ledger.rows(ANNA)
    assert row.cost_micros == 7
    again = await world.book(ANNA, "One.")
    bought = await world.reserved(again, call)
    assert isinstance(bought, Reservation) and answer.asset


async def test_what_another_book_uses_stays(world: World, removal: BookRemoval) -> None:
    one, other = await ordered(world, b"One."), await ordered(world, b"One.")
    call = call_of("One.")
    await world.bought(one, call, 0)
    answer = await world.ledger.reserve(call, usage_of(other), Holder(activity="run/2", attempt=1))
    assert isinstance(answer, Answer)
    both = await made(world, one, b"same") & await made(world, other, b"same")
    own = await world.assets.put(b"own", "audio/mpeg")
    await world.books.save_rendition(one, "own", own)
    theirs = await ordered(world, b"Theirs.", BELA)
    assert await made(world, theirs, b"same") == both
    assert await removal.remove(ANNA, one.book_id)
    left = set(world.assets.all())
    assert own not in left
    assert both | {answer.asset} <= left and await world.assets.verify() == []
    assert isinstance(await world.ledger.reserve(call, usage_of(other), Holder(activity="run/2", attempt=1)), Answer)
    assert (await rows_of(world, other))["page_tracks"] == 1
    assert await removal.remove(ANNA, other.book_id)
    left = set(world.assets.all())
    assert answer.asset not in left and both <= left, "their bytes are the same"


async def test_a_book_in_work_or_of_somebody_else_is_not_removed(world: World, removal: BookRemoval) -> None:
    context = await ordered(world, b"One.")
    before = await rows_of(world, context)
    assert not await removal.remove(ANNA, context.book_id)
    call = await world.reserved(context, call_of("One."))
    await world.jobs.close(ANNA, JobId(context.job_id), JobState.CANCELLED, None)
    assert not await removal.remove(ANNA, context.book_id), "a call is under way"
    await world.ledger.fail(call, "cancelled")
    await removal.remove(BELA, context.book_id)
    assert set(before) <= set(await rows_of(world, context))


async def test_bytes_that_were_put_lately_are_left_to_the_sweep(world: World) -> None:
    context = await ordered(world, b"One.")
    await made(world, context, b"own")
    assert await BookRemoval(world.database, world.assets).remove(ANNA, context.book_id)
    assert len(list(world.assets.all())) == 4
