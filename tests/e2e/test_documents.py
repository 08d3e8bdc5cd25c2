"""Fault 26: documents that mean harm. Each is refused with a typed error, at intake or in its job, and the same worker
then makes ordinary books; and editions of a book whose worker is killed while it binds."""

import asyncio
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.client import Client

from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import new_book_id
from bookwright.contracts.orders import BookOrder, Edition, StoredDocument
from bookwright.contracts.progress import JobState
from bookwright.intake import DOCUMENT_TYPES, Accepted, Wishes
from bookwright.press.reading.documents import Documents
from bookwright.steering import Steering
from bookwright.store import BookStore, JobRow
from bookwright.submission import Submission, examine
from tests.e2e.conftest import fill
from tests.support.documents import Chapters, docx, epub, html, pdf
from tests.support.editions import DRY
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.odd_pdfs.broken import bomb, deep_tree, encrypted, whole
from tests.support.odd_pdfs.odd import document, shown
from tests.support.odd_pdfs.strange import pictured
from tests.support.stack import Stack, page_texts

CHAPTERS: Chapters = tuple((f"Part {number}", text) for number, text in enumerate(page_texts(2, book="ordinary"), 1))
MOST_MEMORY = 512 << 20
SAME_IN_EVERY_BOOK = (Edition.MP3, Edition.M4B, Edition.ACX)
"""What has nothing of its book's id in it."""
NO_TEXT = "text recognition|No page could be made"
LONG = 5_000
ENOUGH = shown(*["Harmless words that a quick look at the document is content with."] * 70)
"""More text than a quick look wants."""


def picture(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(3 * width + 1) * 100, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


async def handed_in(stack: Stack, data: bytes, name: str) -> JobRow:
    """Order a book from a document the way the command line does. Raises BadInput."""
    wishes = Wishes(language="en", editions=(Edition.MP3, Edition.PDF))
    submission = Submission(stack.assets.scratch() / "handed-in", name, wishes)

    def examined() -> Accepted:
        submission.path.write_bytes(data)
        return examine(submission, stack.engine, Documents())

    accepted = await asyncio.to_thread(examined)
    await stack.assets.put_file(submission.path, accepted.media_type)
    return await stack.accept(accepted.order, accepted.fingerprint)


async def smuggled_in(stack: Stack, data: bytes, kind: DocumentKind) -> JobRow:
    """Order a book from a document without a look at it, as somebody with the `temporal` command can."""
    asset = await stack.assets.put(data, DOCUMENT_TYPES[kind])
    source = StoredDocument(asset=asset, format=kind, name=f"poison.{kind}")
    order = BookOrder(book_id=new_book_id(), source=source, title="Poison", language="en", editions=(Edition.PDF,))
    return await stack.accept(order, asset)


async def ordinary_book(stack: Stack) -> JobRow:
    """A book that nothing is wrong with, to its end."""
    pages = page_texts(2, book=f"ordinary {len(stack.jobs_ordered)}")
    [row] = await stack.closed(await stack.order(pages, editions=(Edition.MP3, Edition.EPUB, Edition.PDF)))
    assert (row.state, row.warning, row.error) == (JobState.DONE, None, None)
    return row


def peak_memory(pid: int) -> int:
    """The most that a process has ever had resident, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


REFUSED: dict[str, tuple[Callable[[], bytes], DocumentKind, str]] = {
    "encrypted": (lambda: encrypted("secret", "owner", "AES-256"), DocumentKind.PDF, "without a password"),
    "truncated": (lambda: whole()[: len(whole()) // 2], DocumentKind.PDF, "Hand in the whole file"),
    "a deep tree": (lambda: deep_tree(100_000), DocumentKind.PDF, NO_TEXT),
    "an image bomb": (lambda: pictured("/Im Do", width=50_000, height=50_000), DocumentKind.PDF, NO_TEXT),
    "a ZIP bomb": (lambda: epub((("A", "x " * (60 << 20)),)), DocumentKind.EPUB, "more than a book"),
    "an XML bomb": (lambda: docx("T", "A", (("A", "x " * (20 << 20)),)), DocumentKind.DOCX, "more than a book"),
    "a deep page": (lambda: b"<html><body>" + b"<div>" * 300_000 + b"x", DocumentKind.HTML, "too deeply"),
}
"""What nobody can make a book from, and what is said of it at intake, and by its job when it gets past that."""


async def test_poison_is_refused_and_the_worker_lives(tmp_path: Path, emulator: EmulatorProcess) -> None:
    async with Stack(tmp_path / "home", emulator) as stack:
        worker = await stack.worker()
        poisoned = {}
        for what, (build, kind, says) in REFUSED.items():
            data = await asyncio.to_thread(build)
            with pytest.raises(BadInput, match=says) as refusal:
                await handed_in(stack, data, f"poison.{kind}")
            assert refusal.value.field == "file", what
            poisoned[what] = await smuggled_in(stack, data, kind), says
        late = await asyncio.to_thread(bomb, 3_000, ENOUGH)
        poisoned["late"] = await handed_in(stack, late, "late.pdf"), "more than the 1024 MB"
        for what, (job, says) in poisoned.items():
            [row] = await stack.closed(job)
            assert row.state is JobState.FAILED and re.search(says, row.error or ""), (what, row.error)
        await ordinary_book(stack)
        assert worker.running and peak_memory(worker.pid) < MOST_MEMORY
        await check_invariants(stack, crashed=False, exact=True)


async def test_odd_documents_become_books_beside_ordinary_ones(tmp_path: Path, emulator: EmulatorProcess) -> None:
    """A huge page, picture bombs beside the text, names and titles without end."""
    texts = [text for _, text in CHAPTERS]
    odd = {
        "huge.pdf": document([shown(texts[0], size=6)], box="[0 0 1e12 1e12]"),
        "bomb.pdf": pictured(shown(texts[0], size=6) + " /Im Do", shown(texts[1], size=6), width=50_000, height=50_000),
        "bomb.epub": epub(CHAPTERS, {"bomb.png": picture(60_000, 60_000)}),
        "n" * LONG + ".html": html("A title without end " * (LONG // 20), "A. Writer " * (LONG // 10), CHAPTERS),
    }
    async with Stack(tmp_path / "home", emulator) as stack:
        worker = await stack.worker()
        jobs = []
        for name, data in odd.items():
            jobs.append(await handed_in(stack, data, name))
        books = BookStore(stack.database, stack.assets)
        for name, row in zip(odd, await stack.closed(*jobs), strict=True):
            assert (row.state, row.warning, row.error) == (JobState.DONE, None, None), name
            pages = await books.pages(row.owner_id, row.book_id, 1, 9)
            assert [page.text.split("\n\n")[0] for page in pages] == texts[: len(pages)], name
            stack.texts += [page.text for page in pages]
            files = await books.files(row.owner_id, row.book_id)
            assert {file.edition for file in files} == {Edition.MP3, Edition.PDF}, name
            assert all(len(file.name.encode()) < 255 for file in files), name
            assert row.order.title and len(row.order.title) <= 300, name
        await ordinary_book(stack)
        assert worker.running and peak_memory(worker.pid) < MOST_MEMORY
        await check_invariants(stack, crashed=False, exact=True)


async def test_a_retry_of_a_pdf_speaks_the_pages_that_failed_and_no_others(
    tmp_path: Path, emulator: EmulatorProcess
) -> None:
    pages = page_texts(4, book="a PDF")
    async with Stack(tmp_path / "home", emulator) as stack:

        async def client() -> Client:
            return stack.client

        await emulator.knobs(faults=[{"kind": "status", "status": 422, "match": text} for text in (pages[1], pages[3])])
        await stack.worker()
        chapters = tuple((f"Part {number}", text) for number, text in enumerate(pages, 1))
        job = await handed_in(stack, pdf("The Well", "A. Writer", chapters), "well.pdf")
        [row] = await stack.closed(job)
        assert row.state is JobState.DONE and row.warning
        made = await stack.segments(job)
        assert set(made) == {1, 3}
        before = (await emulator.calls())["received"]
        await emulator.knobs(faults=[])
        [again] = await stack.closed(await Steering(stack.jobs, client).retry(row))
        assert (again.state, again.warning) == (JobState.DONE, None)
        finished = await stack.segments(again)
        assert set(finished) == {1, 2, 3, 4} and made.items() <= finished.items()
        assert (await emulator.calls())["received"] == before + 2
        [bound] = [
            file
            for file in await BookStore(stack.database, stack.assets).files(again.owner_id, again.book_id)
            if (file.edition, file.chapter) == (Edition.MP3, 2)
        ]
        assert bound.missing_pages == ()


async def test_editions_of_a_worker_killed_while_it_binds(tmp_path: Path, emulator: EmulatorProcess) -> None:
    """Killed with a finished file that nobody knows of yet, and again in the middle of setting the PDF: the files are
    those of a book that nobody disturbed, and nothing half-finished stays."""
    pages = page_texts(4)
    async with Stack(tmp_path / "home", emulator) as stack:
        first = await stack.worker(failpoints="encoded=kill@2")
        job = await stack.order(pages, per_chapter=2, editions=DRY)
        assert await first.ended() == -9
        second = await stack.worker()
        await stack.until(lambda: setting(stack), bool)
        await second.kill()
        await stack.worker()
        undisturbed = await stack.order(pages, per_chapter=2, editions=DRY)
        for row in await stack.closed():
            assert (row.state, row.warning, row.error) == (JobState.DONE, None, None)
        books = BookStore(stack.database, stack.assets)
        found = []
        for row in (job, undisturbed):
            files = {(file.edition, file.chapter): file for file in await books.files(row.owner_id, row.book_id)}
            assert len(files) == 8
            found.append({place: file.asset for place, file in files.items() if place[0] in SAME_IN_EVERY_BOOK})
        assert found[0] == found[1] and len(found[0]) == 5
        assert (await stack.emulator.calls())["received"] == len(pages)
        await check_invariants(stack)


async def test_a_disk_that_is_full_while_a_book_is_bound(
    tmp_path: Path, small_disk: Path, emulator: EmulatorProcess
) -> None:
    """The job waits, and says for what; with room again it is finished, and nothing is spoken twice."""
    pages = page_texts(4)
    async with Stack(tmp_path / "home", emulator) as stack:
        worker = await stack.worker(failpoints="encoded=stop@1")
        job = await stack.order(pages, per_chapter=4, editions=DRY)
        await worker.stopped()
        filler = await asyncio.to_thread(fill, small_disk)
        worker.go_on()
        held = await stack.job_where(job, lambda row: row.state is JobState.PAUSED)
        assert "Free some space, then resume" in str(held.paused_reason)
        filler.unlink()
        await stack.handle(job).signal("resume")
        [row] = await stack.closed(job)
        assert (row.state, row.warning, row.error) == (JobState.DONE, None, None)
        assert len(await BookStore(stack.database, stack.assets).files(row.owner_id, row.book_id)) == 6
        assert (await stack.emulator.calls())["received"] == len(pages)
        await check_invariants(stack, crashed=False, exact=True)


async def setting(stack: Stack) -> list[Path]:
    """The folders in which a PDF is being set."""
    return [folder for folder in stack.assets.scratch().iterdir() if folder.is_dir()]
