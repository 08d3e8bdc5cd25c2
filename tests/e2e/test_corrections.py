"""A finished book is corrected over HTTP: a page's text, a page's take, how a word is said. Each buys exactly the clips
that change, and binds what they are in."""

from collections import Counter
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.contracts.orders import Edition
from bookwright.contracts.progress import JobState
from bookwright.store import JobRow
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import nothing_is_stuck
from tests.support.library import Home
from tests.support.stack import Stack, page_texts

PER_CHAPTER = 2
CORRECTED = "The ferryman knew the tide as others know a street."


class Corrections:
    """A narrated book, and somebody who corrects it."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient, book: JobRow) -> None:
        self.stack = stack
        self.client = client
        self.address = f"/api/books/{book.book_id}"
        self.book = book
        self._asked = Counter[str]()

    async def bought(self) -> dict[str, int]:
        """The texts that were bought, and how often, since this was last asked."""
        texts = Counter[str]((await self.stack.emulator.calls())["texts"])
        new = texts - self._asked
        self._asked = texts
        return dict(new)

    async def files(self) -> dict[tuple[Edition, int | None], str]:
        return {
            (file.edition, file.chapter): file.asset
            for file in await self.stack.books.files(LOCAL_OWNER, self.book.book_id)
        }

    async def ended(self, answer: httpx.Response) -> None:
        """Wait for the job that an answer names."""
        assert answer.status_code == 202, answer.text
        job = await self.stack.jobs.job(LOCAL_OWNER, answer.json()["jobId"])
        self.stack.jobs_ordered.append(job)
        (row,) = await self.stack.closed(job)
        assert (row.state, row.warning, row.error) == (JobState.DONE, None, None)


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_a_correction_buys_and_binds_what_it_changes(tmp_path: Path, emulator: EmulatorProcess) -> None:
    async with Stack(tmp_path / "home", emulator) as stack:
        await stack.worker()
        pages = page_texts(4, book="corrections")
        job = await stack.order(pages, per_chapter=PER_CHAPTER, editions=(Edition.MP3, Edition.M4B))
        await stack.closed(job)
        home = Home(tmp_path / "api", stack.database, stack.assets, stack.engine)  # type: ignore[arg-type]

        async def connected() -> Client:
            return stack.client

        async with home.client(app=home.app(connect=connected)) as client:
            book = Corrections(stack, client, job)
            assert set((await book.bought()).values()) == {1}
            before = await book.files()

            edited = await client.patch(f"{book.address}/pages/3", json={"text": CORRECTED})
            assert edited.status_code == 200
            await book.ended(await client.post(f"/api/jobs/{job.job_id}/retry"))
            assert await book.bought() == {CORRECTED: 1}
            after = await book.files()
            changed = {place for place in before if before[place] != after[place]}
            assert changed == {(Edition.MP3, 2), (Edition.M4B, None)}, "the first chapter is as it was"

            await book.ended(await client.post(f"{book.address}/pages/1/redo", json={"track": "narration"}))
            assert await book.bought() == {pages[0]: 1}

            entries = [{"word": "Ferryman", "respelling": "ferry man"}]
            await book.ended(await client.put(f"{book.address}/lexicon?apply=true", json={"entries": entries}))
            assert await book.bought() == {CORRECTED.replace("ferryman", "ferry man"): 1}
            shown = (await client.get(f"{book.address}/pages/3")).json()
            assert (shown["text"], shown["state"]) == (CORRECTED, "completed")
        await nothing_is_stuck(stack)
