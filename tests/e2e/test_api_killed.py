"""Faults 8 and 9: the API is killed while a file comes in, and after its order was committed."""

import asyncio
from contextlib import suppress
from pathlib import Path

import httpx
import sqlalchemy as sa

from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.store import SERVICE
from bookwright.store.access.keys import KeyStore
from bookwright.store.tables import books, jobs
from bookwright.temporal import free_port
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.stack import CLOSE_S, Stack, book_text, page_texts

PAGES = 4
BOUNDARY = "a-line-that-no-book-has"


def form(text: str) -> bytes:
    """The body of an upload."""
    lines = [
        f"--{BOUNDARY}",
        'Content-Disposition: form-data; name="editions"',
        "",
        "mp3",
        f"--{BOUNDARY}",
        'Content-Disposition: form-data; name="file"; filename="river.md"',
        "Content-Type: text/markdown",
        "",
        text,
        f"--{BOUNDARY}--",
        "",
    ]
    return "\r\n".join(lines).encode()


async def test_api_killed_in_an_upload_and_after_the_commit(tmp_path: Path, emulator: EmulatorProcess) -> None:
    async with Stack(tmp_path / "home", emulator) as stack:
        key = (await KeyStore(stack.database).create(LOCAL_OWNER, "writer", actor="test", role=Role.USER)).key
        port = free_port()
        headers = {
            "Authorization": f"Bearer {key}",
            "Idempotency-Key": "the-river-once",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        }
        pages = page_texts(PAGES)
        stack.texts.extend(pages)
        body = form(book_text(pages))

        async def rows() -> tuple[int, int]:
            """Books and jobs that there are."""
            counted = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in (books, jobs)]
            found = await stack.database.read(SERVICE, lambda c: c.execute(sa.select(*counted)).one())
            return found[0], found[1]

        api = await stack.api(port)
        reader, writer = await asyncio.open_connection("localhost", port)
        head = [f"POST /api/books/upload/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body[: len(body) // 2])
        await writer.drain()
        scratch = stack.assets.scratch()
        await stack.until(lambda: asyncio.to_thread(lambda: list(scratch.iterdir())), bool)
        await api.kill()
        assert await reader.read() == b""
        writer.close()
        assert await rows() == (0, 0), "half a book was left"

        api = await stack.api(port)
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", headers=headers, timeout=CLOSE_S) as client:
            sending = asyncio.create_task(client.post("/api/books/upload/", content=body))
            await stack.until(rows, lambda found: found[1] > 0)  # no worker reads it: the answer is waited for
            assert not sending.done()
            await api.kill()
            with suppress(httpx.TransportError):
                await sending

            await stack.worker()
            api = await stack.api(port)

            async def again() -> httpx.Response:
                return await client.post("/api/books/upload/", content=body)

            # The killed request's hold on the key ends by itself: until then it counts as one that is under way.
            answer = await stack.until(again, lambda answer: answer.status_code != 409)
            assert answer.status_code == 200, answer.text
            repeated = await again()
            assert (repeated.content, repeated.headers["Idempotency-Replayed"]) == (answer.content, "true")
        assert await rows() == (1, 1)
        ident = await stack.database.read(SERVICE, lambda c: c.execute(sa.select(jobs.c.id)).scalar_one())
        job = await stack.jobs.job(LOCAL_OWNER, ident)
        stack.jobs_ordered.append(job)
        [ended] = await stack.closed(job)
        assert (ended.state, ended.warning, ended.generation) == ("done", None, 1)
        assert len(await stack.segments(job)) == PAGES
        await check_invariants(stack)
