"""How the source of an order becomes chapters and pages, with the real store and the real reader of documents."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.matter import book_matter
from activities.reading import Reading
from activities.storyroom import chapter_part
from bookwright.contracts.book import BookPlan, PageText, PageTrouble
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.errors import AssetMissing, BadInput, EmptySource, NotFound
from bookwright.contracts.ids import AssetId, job_id, new_book_id
from bookwright.contracts.orders import BookOrder, Edition, ExistingBook, InlineText, Source, StoredDocument, StoredText
from bookwright.contracts.ports.writings import Writing
from bookwright.press.reading.documents import Documents
from bookwright.store import LocalAssets
from bookwright.store.jobs.records import EventKind
from tests.activities.conftest import Engine
from tests.store.conftest import ANNA, World
from tests.support.documents import epub
from tests.support.odd_pdfs.broken import bomb, encrypted
from tests.support.odd_pdfs.odd import document, shown

LINES = (
    "The ferry crosses the wide brown river every morning.",
    "In the evening it comes back with baskets, goats and news.",
    "Nobody remembers a day on which it stayed at home.",
)


class Desk:
    """Reads orders the way a worker does, each in an activity of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.environment = ActivityEnvironment()

    async def order(self, source: Source, **wishes: Any) -> BookOrder:
        return BookOrder(book_id=new_book_id(), owner_id=ANNA, source=source, **wishes)

    async def document(self, data: bytes, kind: DocumentKind, name: str = "book", **wishes: Any) -> BookOrder:
        """An order for a document, whose bytes are stored as they are."""
        asset = await self.world.assets.put(data, "application/octet-stream")
        return await self.order(StoredDocument(asset=asset, format=kind, name=f"{name}.{kind}"), **wishes)

    async def read(self, order: BookOrder, assets: LocalAssets | None = None) -> BookPlan:
        reading = Reading(self.world.books, assets or self.world.assets, Engine(), Documents(), self.world.writings)
        self.environment = ActivityEnvironment()
        workflow = f"book/{order.book_id}/{order.generation}"
        self.environment.info = replace(self.environment.info, workflow_id=workflow)
        return await self.environment.run(reading.read, order)

    async def pages(self, order: BookOrder) -> list[PageText]:
        """The pages that the store has."""
        return await self.world.books.pages(ANNA, order.book_id, 1, 1_000)

    async def kinds(self, order: BookOrder) -> list[EventKind]:
        """What has happened in the order's job."""
        job = job_id(f"book/{order.book_id}/{order.generation}")
        return [event.kind for event in await self.world.jobs.events(ANNA, job)]


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


async def test_every_page_of_a_pdf_is_a_page_of_the_book(desk: Desk) -> None:
    order = await desk.document(document([shown(line) for line in LINES]), DocumentKind.PDF)
    plan = await desk.read(order)
    assert (plan.context.pages, plan.context.language, plan.chapters) == (3, "en", 1)
    assert (plan.context.voice, plan.context.narrator) == ("v", "V")
    assert plan.words == sum(len(line.split()) for line in LINES)
    assert [(page.number, page.text, page.trouble) for page in await desk.pages(order)] == [
        (number, line, None) for number, line in enumerate(LINES, start=1)
    ]


async def test_a_page_that_needs_vision_is_kept_and_marked(desk: Desk) -> None:
    drawing = "".join(f"{n} {n} m 300 {7 * n} l S " for n in range(1, 90))
    labels = "/PageLabels<</Nums[0<</S/r>>2<</S/D>>]>>"
    order = await desk.document(document([shown(LINES[0]), drawing, shown(LINES[2])], catalog=labels), DocumentKind.PDF)
    assert (await desk.read(order)).context.pages == 3
    pages = await desk.pages(order)
    assert [page.trouble for page in pages] == [None, PageTrouble.NO_TEXT, None]
    assert [page.label for page in pages] == ["i", "ii", "1"]


async def test_an_epub_brings_its_chapters_and_its_title(desk: Desk) -> None:
    data = epub((("The River", LINES[0]), ("The Sea", LINES[1])))
    order = await desk.document(data, DocumentKind.EPUB)
    plan = await desk.read(order)
    assert plan.context.title == "The Lamp" and [brief.title for brief in plan.first] == ["The River", "The Sea"]
    assert [page.text for page in await desk.pages(order)] == list(LINES[:2])
    named = await desk.document(data, DocumentKind.EPUB, title="Another", language="de")
    context = (await desk.read(named)).context
    assert (context.title, context.language) == ("Another", "de"), "what people say wins"


@pytest.mark.parametrize(("writer", "composed"), [("local composer", True), ("gemini gemini-3-pro", False)])
async def test_a_book_knows_whether_its_text_was_put_together_from_templates(
    desk: Desk, writer: str, composed: bool
) -> None:
    order = await desk.document(document([shown(LINES[0])]), DocumentKind.PDF)
    assert not (await desk.read(order)).context.composed
    asset = await desk.world.assets.put(b"{}", "application/json")
    await desk.world.writings.keep(ANNA, order.book_id, Writing(part=chapter_part(1), asset=asset, made_by=writer))
    context = (await desk.read(order)).context
    assert context.composed is composed
    material = await desk.world.books.binding_material(ANNA, order.book_id, None)
    credit = book_matter(context, material, Edition.PDF, b"").credit or ""
    assert ("a language model" in credit) is composed, "and says so in its colophon"


async def test_a_repeated_reading_changes_nothing(desk: Desk) -> None:
    order = await desk.document(document([shown(line) for line in LINES]), DocumentKind.PDF)
    assert await desk.read(order) == await desk.read(order)
    assert (await desk.kinds(order)).count(EventKind.SOURCE) == 1


async def test_an_existing_book_is_not_read_again(desk: Desk) -> None:
    first = await desk.document(document([shown(line) for line in LINES]), DocumentKind.PDF, title="Ferry")
    plan = await desk.read(first)
    desk.world.assets.path(first.source.asset).unlink()  # type: ignore[union-attr]
    again = first.model_copy(update={"source": ExistingBook(), "generation": 2, "title": None})
    assert await desk.read(again) == plan.model_copy(
        update={"context": plan.context.model_copy(update={"job_id": job_id(f"book/{first.book_id}/2")})}
    )
    with pytest.raises(NotFound):
        await desk.read(await desk.order(ExistingBook()))


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        (encrypted("secret", "owner", "AES-256"), DocumentKind.PDF, "without a password"),
        (document([shown(LINES[0])])[:300], DocumentKind.PDF, "cut off|damaged"),
        (document([shown(line) for line in LINES]), DocumentKind.EPUB, "holds a document of kind PDF"),
        (epub((("The River", LINES[0]),))[:200], DocumentKind.EPUB, "damaged or cut off"),
        (b"", DocumentKind.HTML, "empty"),
    ],
    ids=["encrypted", "truncated", "another kind", "half an archive", "empty"],
)
async def test_a_document_that_can_not_be_read_leaves_its_job_and_nothing_else(
    desk: Desk, data: bytes, kind: DocumentKind, says: str
) -> None:
    order = await desk.document(data, kind)
    with pytest.raises(BadInput, match=says) as refusal:
        await desk.read(order)
    assert refusal.value.field == "file"
    assert await desk.pages(order) == [] and EventKind.SOURCE not in await desk.kinds(order)
    assert list(desk.world.assets.scratch().iterdir()) == []


async def test_a_page_that_takes_all_memory_ends_the_reading_only(desk: Desk) -> None:
    order = await desk.document(bomb(3_000), DocumentKind.PDF)
    with pytest.raises(BadInput, match="damaged, or needs more than the 1024 MB"):
        await desk.read(order)
    assert (await desk.read(await desk.order(InlineText(text="Once upon a time.")))).context.pages == 1


async def test_a_source_without_words_or_bytes_is_refused(desk: Desk) -> None:
    with pytest.raises(EmptySource):
        await desk.read(await desk.order(InlineText(text="* * *")))
    for source in (StoredText(asset=AssetId("0" * 64)), StoredDocument(asset=AssetId("0" * 64), format="pdf")):
        with pytest.raises(AssetMissing):
            await desk.read(await desk.order(source))


class Stuck(LocalAssets):
    """Names a file that whoever opens it waits for, for ever."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, min_room=0)
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def path(self, asset: AssetId) -> Path:
        self._loop.call_soon_threadsafe(self.asked.set)
        place = self.scratch() / "stuck"
        os.mkfifo(place)
        return place


async def test_a_reading_that_hangs_is_cancelled_at_once(desk: Desk) -> None:
    order = await desk.document(document([shown(LINES[0])]), DocumentKind.PDF)
    assets = Stuck(desk.world.assets.scratch().parent)
    running = asyncio.create_task(desk.read(order, assets))
    await assets.asked.wait()
    desk.environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 60)
    assert await desk.pages(order) == []
