"""Pages read off their pictures: the real store, reader and SDK, against the emulator, which reads what is drawn."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from temporalio.testing import ActivityEnvironment

from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.reading import Reading
from activities.slots import Slots
from activities.vision import Vision
from bookwright.contracts.book import BookPlan, PageText, PageTrouble, ReadingBatch, TrackState
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.errors import EmptySource
from bookwright.contracts.ids import job_id, new_book_id
from bookwright.contracts.orders import BookContext, BookOrder, ExistingBook, StoredDocument, Track
from bookwright.contracts.ports.engines import LanguageModel
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.progress import BatchOutcome, JobEnd, JobState
from bookwright.press.reading.documents import Documents
from bookwright.providers.gemini import GeminiModel
from bookwright.providers.openai.chat import OpenAiLanguageModel
from bookwright.store import SERVICE
from bookwright.store.books.versions import PageVersions
from bookwright.store.tables import page_tracks
from tests.activities.conftest import Engine
from tests.store.conftest import ANNA, World
from tests.support.documents import pdf
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import Emulated, emulator_of
from tests.support.scans import joined, page, printed_over, scanned

MILL = "The mill stood by the water, and its wheel had not turned since the flood of 1931. " * 3
FLOOD = "It came at night, without a sound, and nobody woke before the cellars were full. " * 3
DAWN = "By dawn it was gone again, and the fish lay in the gardens like silver spoons. " * 3
SCANS = (
    page(("heading", "The Mill"), ("paragraph", MILL)),
    page(("heading", "The Flood"), ("paragraph", FLOOD)),
    page(("paragraph", DAWN)),
)
SCANNED = scanned(SCANS)
emulator = emulator_of("gemini")


class Desk:
    """Reads orders the way a worker does, one activity after the other."""

    def __init__(self, world: World, emulator: EmulatorProcess, model: LanguageModel) -> None:
        self.world, self.emulator = world, emulator
        chain: Chain[LanguageModel] = Chain([Link[LanguageModel](model, Slots(8), 30)])
        documents = Documents()
        buyer = Buyer(world.ledger, world.assets)
        self.reading = Reading(world.books, world.assets, Engine(), documents, world.writings, sees=True)
        self.vision = Vision(chain, buyer, world.books, world.assets, documents)
        self._attempts = 0

    async def order(self, data: bytes, **wishes: Any) -> BookOrder:
        asset = await self.world.assets.put(data, "application/pdf")
        source = StoredDocument(asset=asset, format=DocumentKind.PDF, name="book.pdf")
        return BookOrder(book_id=new_book_id(), owner_id=ANNA, source=source, **wishes)

    async def run(self, activity: Any, order: BookOrder, argument: Any = None) -> Any:
        self._attempts += 1
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(
            environment.info,
            workflow_id=f"book/{order.book_id}/{order.generation}",
            current_attempt_scheduled_time=datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self._attempts),
        )
        return await environment.run(activity, argument or order)

    async def see(self, order: BookOrder, plan: BookPlan) -> BatchOutcome:
        """Every run of pages that is to be read off its pictures; what the last one came to."""
        outcome = BatchOutcome()
        assert plan.document
        for run in plan.unread:
            where = run.model_dump()
            batch = ReadingBatch(context=plan.context, chapter=1, document=plan.document, **where)
            outcome = await self.run(self.vision.read_pages, order, batch)
        return outcome

    async def read(self, order: BookOrder) -> BookPlan:
        """All of it, as the workflow has it done."""
        plan: BookPlan = await self.run(self.reading.read, order)
        if plan.unread:
            await self.see(order, plan)
            if not plan.whole:
                plan = await self.run(self.reading.plan, order)
        return plan

    async def pages(self, order: BookOrder) -> list[PageText]:
        return await self.world.books.pages(ANNA, order.book_id, 1, 100)

    async def faults(self, *faults: dict[str, Any]) -> None:
        await self.emulator.knobs(faults=list(faults))

    async def received(self) -> int:
        return int((await self.emulator.calls())["received"])


@pytest.fixture
async def desk(world: World, emulator: EmulatorProcess) -> AsyncIterator[Desk]:
    model = GeminiModel(KEY, base_url=emulator.url)
    yield Desk(world, emulator, model)
    await model.close()


async def test_a_scanned_book_is_read_off_its_pictures(desk: Desk) -> None:
    order = await desk.order(SCANNED)
    begun: BookPlan = await desk.run(desk.reading.read, order)
    assert [(run.first_page, run.last_page, run.count) for run in begun.unread] == [(1, 3, 3)]
    assert begun.context.language == "und" and not await desk.world.books.was_read(ANNA, order.book_id)
    assert await desk.see(order, begun) == BatchOutcome(done=3)
    plan: BookPlan = await desk.run(desk.reading.plan, order)
    assert (plan.context.language, plan.context.voice, plan.chapters) == ("en", "v", 2)
    assert [brief.title for brief in plan.first] == ["The Mill", "The Flood"]
    assert [(found.text, found.source, found.trouble) for found in await desk.pages(order)] == [
        (text.strip(), "vision:gemini", None) for text in (MILL, FLOOD, DAWN)
    ]
    assert await desk.received() == 3


async def test_a_server_of_ones_own_reads_pages_too(world: World, emulated: Emulated) -> None:
    server = emulated("openai")
    await server.reset()
    async with OpenAiLanguageModel(f"{server.url}/v1", "seer", KEY, sees=True) as model:
        desk = Desk(world, server, model)
        order = await desk.order(SCANNED)
        await desk.faults({"kind": "truncated", "match": "By dawn", "times": 1})
        plan = await desk.read(order)
    assert [brief.title for brief in plan.first] == ["The Mill", "The Flood"]
    assert [(found.text, found.source) for found in await desk.pages(order)] == [
        (text.strip(), f"vision:{model.provider}") for text in (MILL, FLOOD, DAWN)
    ]
    assert await desk.received() == 4, "one answer was cut"


async def test_what_was_read_once_is_not_read_again(desk: Desk) -> None:
    order = await desk.order(SCANNED)
    plan: BookPlan = await desk.run(desk.reading.read, order)
    await desk.see(order, plan)
    assert await desk.see(order, plan) == BatchOutcome(done=3), "an activity whose answer was lost"
    again = await desk.read(order)
    assert again.chapters == 2 and not again.unread, "a job that begins anew goes on where the last one was"
    other = await desk.read(await desk.order(SCANNED, title="The same in another book"))
    assert other.chapters == 2 and await desk.received() == 3


async def test_only_pages_without_good_text_are_looked_at(desk: Desk) -> None:
    text = pdf("The Weir", "A. Writer", (("The Weir", FLOOD),))
    order = await desk.order(joined(text, scanned([SCANS[1], None]), text))
    plan = await desk.read(order)
    found = await desk.pages(order)
    assert [page.source for page in found] == ["text", "vision:gemini", "none", "text"]
    assert found[2].text == "" and found[2].trouble is None, "a blank sheet is nothing to be asked about"
    assert plan.context.language == "en" and await desk.received() == 1


HARD = (
    *("unseen", "max_tokens", "truncated", "off_schema", "html", "blocked_answer", "blocked_prompt", "no_candidates"),
    *("invented", "empty"),
)


async def test_a_hard_page_is_asked_for_once_more_by_itself(desk: Desk) -> None:
    """Each page has a trouble of its own, once."""
    await desk.faults(*({"kind": kind, "match": f"Page of {kind}", "times": 1} for kind in HARD))
    pages = [page(*(("paragraph", f"Page of {kind}, line {line}.") for line in range(8))) for kind in HARD]
    order = await desk.order(scanned(pages), language="en")
    await desk.read(order)
    for found, kind in zip(await desk.pages(order), HARD, strict=True):
        assert (found.source, found.trouble) == ("vision:gemini", None), kind
        assert found.text.startswith(f"Page of {kind}, line 0.") and found.text.endswith("line 7."), kind
    calls = (await desk.emulator.calls())["texts"]
    assert set(calls.values()) == {2} and len(calls) == len(HARD), "and no other page is"


async def test_a_page_that_can_not_be_read_never_fails_the_book(desk: Desk) -> None:
    await desk.faults({"kind": "blocked_answer", "match": "The Flood"}, {"kind": "max_tokens", "match": "By dawn"})
    order = await desk.order(SCANNED)
    plan = await desk.read(order)
    assert plan.chapters == 1 and plan.context.language == "en"
    found = await desk.pages(order)
    assert [page.trouble for page in found] == [None, PageTrouble.NO_TEXT, PageTrouble.NO_TEXT]
    assert await desk.received() == 1 + 2 + 3, "blocked twice, cut three times"
    await desk.faults()
    retry = order.model_copy(update={"source": ExistingBook(), "generation": 2})
    again = await desk.read(retry)
    assert [(run.first_page, run.last_page, run.count) for run in again.unread] == [(2, 3, 2)]
    found = await desk.pages(order)
    assert [page.trouble for page in found] == [None] * 3
    versions = await PageVersions(desk.world.database).versions(ANNA, order.book_id, 2)
    assert [(version.version, version.source) for version in versions] == [(2, "vision:gemini"), (1, "none")]


async def test_a_book_of_which_no_page_can_be_read_fails_and_says_so(desk: Desk) -> None:
    await desk.faults({"kind": "blocked_prompt"})
    with pytest.raises(EmptySource, match="None of the document's pages could be read"):
        await desk.read(await desk.order(scanned([SCANS[2]])))


async def test_another_language_is_asked_about_once_more_and_then_noted(desk: Desk) -> None:
    await desk.faults({"kind": "other_language", "match": "By dawn"})
    order = await desk.order(scanned([SCANS[1], SCANS[2]]), language="en")
    await desk.read(order)
    assert await desk.received() == 3
    found = await desk.pages(order)
    assert "Fischer" in found[1].text
    assert "another language (de)" in (await notes(desk, order))[2]


REDREAD = "It came by night, without a sound, and nobody woke before the cellars were full. " * 3


async def context_of(desk: Desk, order: BookOrder) -> BookContext:
    existing = order.model_copy(update={"source": ExistingBook()})
    job = job_id(f"book/{order.book_id}/{order.generation}")
    return (await desk.world.books.load_plan(existing, job)).context


async def redo(desk: Desk, order: BookOrder, number: int) -> BookOrder:
    """Ask for a page's text to be read off its picture; the order of the job that does it."""
    await desk.world.books.close_job(done(order))
    await PageVersions(desk.world.database).redo(ANNA, order.book_id, number, track=Track.READING)
    return order.model_copy(update={"source": ExistingBook(), "generation": order.generation + 1})


async def test_a_page_that_was_read_off_its_picture_is_read_again_when_somebody_wants_it(desk: Desk) -> None:
    order = await desk.order(SCANNED)
    await desk.read(order)
    before = await desk.pages(order)
    calls = await desk.received()
    again = await redo(desk, order, 2)
    plan = await desk.read(again)
    assert [(run.first_page, run.count, run.anew) for run in plan.unread] == [(2, 1, True)] and plan.pictured == 3
    assert await desk.received() == calls + 1, "another take, and of this page alone"
    assert await desk.pages(order) == before, "the model said the same: no new version, nothing to be spoken"
    assert (await desk.read(again.model_copy(update={"generation": 3}))).unread == ()
    assert await desk.received() == calls + 1


async def test_a_page_with_a_text_of_its_own_can_be_read_off_its_picture(desk: Desk) -> None:
    """The picture says something else than the PDF's own letters do: what is seen becomes a version."""
    text = pdf("The Weir", "A. Writer", (("The Weir", FLOOD),))
    order = await desk.order(printed_over(text, page(("heading", "The Weir"), ("paragraph", REDREAD))))
    await desk.read(order)
    [own] = await desk.pages(order)
    assert own.source == "text" and await desk.received() == 0
    await desk.read(await redo(desk, order, 1))
    [read] = await desk.pages(order)
    assert (read.text, read.source) == (REDREAD.strip(), "vision:gemini"), "without its chapter's title"
    versions = await PageVersions(desk.world.database).versions(ANNA, order.book_id, 1)
    assert [(version.version, version.source) for version in versions] == [(2, "vision:gemini"), (1, "text")]
    [work] = await desk.world.books.begin_pages(await context_of(desk, order), Track.NARRATION, 1, 1)
    assert work.version == 2, "it is to be spoken anew"


async def test_a_text_that_is_written_after_a_redo_was_asked_for_stays(desk: Desk) -> None:
    order = await desk.order(SCANNED)
    await desk.read(order)
    calls = await desk.received()
    again = await redo(desk, order, 2)
    await PageVersions(desk.world.database).edit(ANNA, order.book_id, {2: "Written by hand."})
    assert (await desk.read(again)).unread == () and await desk.received() == calls
    late = PageOutcome(
        page=2,
        track=Track.READING,
        state=TrackState.COMPLETED,
        read=(await desk.pages(order))[0].model_copy(update={"number": 2}),
        instead_of=1,
    )
    await desk.world.books.page_outcome(await context_of(desk, again), late)
    assert (await desk.pages(order))[1].text == "Written by hand.", "an answer that comes too late changes nothing"


async def test_a_page_that_can_not_be_read_again_keeps_its_text(desk: Desk) -> None:
    order = await desk.order(SCANNED)
    await desk.read(order)
    before = await desk.pages(order)
    await desk.faults({"kind": "blocked_answer", "match": "The Flood"})
    again = await redo(desk, order, 2)
    plan = await desk.run(desk.reading.read, again)
    assert (await desk.see(again, plan)).failed == 1
    assert await desk.pages(order) == before
    await desk.faults()
    assert (await desk.run(desk.reading.read, again.model_copy(update={"generation": 3}))).unread == ()


async def notes(desk: Desk, order: BookOrder) -> dict[int, str]:
    """What is noted of pages that were read."""
    query = sa.select(page_tracks.c.page, page_tracks.c.error).where(
        page_tracks.c.book_id == order.book_id, page_tracks.c.track == Track.READING
    )
    rows = await desk.world.database.read(SERVICE, lambda c: c.execute(query).all())
    return {row.page: row.error or "" for row in rows}


async def test_a_text_that_somebody_has_written_meanwhile_is_left_alone(desk: Desk) -> None:
    await desk.faults({"kind": "blocked_answer", "match": "By dawn"})
    order = await desk.order(scanned([SCANS[1], SCANS[2]]))
    await desk.read(order)
    await desk.world.books.close_job(done(order))
    await PageVersions(desk.world.database).edit(ANNA, order.book_id, {2: "Written by hand."})
    await desk.faults()
    calls = await desk.received()
    again = await desk.read(order.model_copy(update={"source": ExistingBook(), "generation": 2}))
    assert not again.unread and await desk.received() == calls
    assert [(page.text, page.source) for page in await desk.pages(order)][1] == ("Written by hand.", "edited")


def done(order: BookOrder) -> JobEnd:
    job = job_id(f"book/{order.book_id}/{order.generation}")
    return JobEnd(owner_id=ANNA, job_id=job, state=JobState.DONE)
