"""A scanned book whose worker is killed while its pages are read: nothing is read twice, and nothing leaks."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwright.contracts.orders import Edition, Track
from bookwright.contracts.progress import JobState, StageName
from bookwright.intake import Wishes
from bookwright.press.reading.documents import Documents
from bookwright.submission import Submission, examine
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.scans import page, scanned
from tests.support.stack import Stack, page_texts

PAGES = 10
AT_ONCE = 2


@pytest.fixture(scope="module")
def gemini() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("gemini") as process:
        yield process


@pytest.mark.chaos
async def test_a_scanned_book_after_a_kill(tmp_path: Path, emulator: EmulatorProcess, gemini: EmulatorProcess) -> None:
    texts = page_texts(PAGES, book="a scan")
    data = await asyncio.to_thread(scanned, [page(("paragraph", text)) for text in texts])
    choice = {"BOOKWRIGHT_VISION": "gemini", "GEMINI_CONCURRENCY": str(AT_ONCE)}
    async with Stack(tmp_path / "home", emulator, others={"gemini": gemini}, environment=choice) as stack:
        stack.texts.extend(texts)
        await gemini.knobs(faults=[{"kind": "blocked_answer", "match": texts[6][:40]}])
        first = await stack.worker(failpoints="settled=kill@4")
        submission = Submission(stack.assets.scratch() / "scan", "scan.pdf", Wishes(editions=(Edition.MP3,)))
        submission.path.write_bytes(data)
        accepted = await asyncio.to_thread(examine, submission, stack.engine, Documents(), sees=True)
        await stack.assets.put_file(submission.path, accepted.media_type)
        job = await stack.accept(accepted.order, accepted.fingerprint)
        assert await first.ended() == -9
        await stack.worker()
        [row] = await stack.closed(job)
        assert (row.state, row.error) == (JobState.DONE, None)
        assert row.warning == "1 page could not be narrated and 1 page could not be read off the document"
        found = await stack.books.pages(row.owner_id, row.book_id, 1, PAGES)
        assert [one.text for one in found] == [*texts[:6], "", *texts[7:]]
        assert {one.source for one in found} == {"vision:gemini", "none"}
        [reading] = [stage for stage in (await stack.status(job)).stages if stage.name is StageName.READING]
        assert (reading.done, reading.failed, reading.total) == (PAGES - 1, 1, PAGES)
        asked = (await gemini.calls())["texts"]
        twice = [text for text, times in asked.items() if times > 1 and texts[6][:40] not in text]
        assert len(asked) == PAGES and len(twice) <= AT_ONCE + 2, "only what was under way may be asked again"
        made = await stack.books.made(row.owner_id, row.book_id, Track.READING, 1, PAGES)
        assert set(made) == {*range(1, PAGES + 1)} - {7}
        await check_invariants(stack)
