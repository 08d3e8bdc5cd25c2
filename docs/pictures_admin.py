"""Makes the pictures of the operators' pages in docs/images: `.venv/bin/python -m docs.pictures_admin`.

The jobs are made up and written straight into the store of a temporary folder; the pages are what a browser shows.
"""

import asyncio
import io
import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from PIL import Image
from playwright.async_api import Browser

from api.access.guard import COOKIE
from bookwright.contracts.access import Actor
from bookwright.contracts.calls import Answer, CallState, Holder, ProviderCall, Reservation, Usage
from bookwright.contracts.ids import LOCAL_OWNER, JobId, OwnerId, book_workflow_id, job_id
from bookwright.contracts.orders import BookContext, BookOrder, InlineText, JobKind
from bookwright.contracts.progress import JobState
from bookwright.contracts.queues import Queue
from bookwright.store import SERVICE, LedgerStore
from bookwright.store.bulk.store import BulkStore, BulkVerb
from bookwright.store.database.columns import utcnow
from bookwright.store.jobs.filters import JobFilter
from bookwright.store.ledger.budgets import MONTH
from bookwright.store.ledger.report import CHARGED
from bookwright.store.ledger.tables import budgets, provider_attempts, provider_calls
from bookwright.store.tables import books, jobs, users
from bookwright.telemetry.backlog import Backlog, Seen
from bookwright.telemetry.metrics import Standing
from docs.pictures_reader import DARK, PHONE, chromium
from tests.support.library import Home, home_at
from tests.support.serving import served
from tests.support.stories import KITE

IMAGES = Path(__file__).parent / "images"
COUNT = 1_400
OWNERS = ("asha", "benno", "chidi", "dalia", "emre", "fatou")
FIRST = ("The", "A", "My", "Our", "One", "Seven")
SECOND = ("Quiet", "Paper", "Borrowed", "Salt", "Clockwork", "Winter", "Green", "Hidden")
THIRD = ("Harbour", "Lantern", "Orchard", "Kite", "Ferry", "Garden", "Railway", "Library", "Map")
ERRORS = (
    "no page could be spoken: the voice refused this text",
    "the document has no text and nobody is set to read its pages",
    "the provider refused the key: put it right, then retry",
)
SEED = 11
TALL = {"viewport": {"width": 1280, "height": 1460}}
DEVICES: dict[str, dict[str, Any]] = {"": TALL, "-dark": TALL | DARK, "-phone": PHONE, "-phone-dark": PHONE | DARK}


async def main(folder: Path = IMAGES, *, whole: bool = False) -> None:
    """Make the jobs, open the pages, and take the pictures: of what is seen at once, or of `whole` pages."""
    with tempfile.TemporaryDirectory() as scratch:
        async with home_at(Path(scratch)) as home:
            await home.database.write(SERVICE, fill)
            failed = await broken(home)
            await home.database.write(SERVICE, spend)
            bulk = BulkStore(home.database)
            wanted = JobFilter(kind=JobKind.STORY)
            count = await bulk.count(BulkVerb.CANCEL, wanted)
            await bulk.begin(LOCAL_OWNER, Actor(LOCAL_OWNER), BulkVerb.CANCEL, wanted, count)
            for one in await bulk.claim(count // 2):
                await bulk.settle(one, None)
            app = home.app(temporal_ui=lambda: ("http://127.0.0.1:8233", "default"))
            app.state.backend.operations.standing = lambda: standing(app.state.backend.operations)
            async with served(app) as address, chromium() as browser:
                session = await home.session()
                for page, path in (("jobs", "/admin/jobs"), ("job", f"/admin/jobs/{failed.job_id}")):
                    for name, device in DEVICES.items():
                        await take(browser, address, session, path, folder / f"admin-{page}{name}.webp", device, whole)


def fill(connection: sa.Connection) -> None:
    """Jobs of a day, more of them by day than by night."""
    now, chance = utcnow(), random.Random(SEED)
    connection.execute(sa.insert(users), [{"owner_id": owner, "created_at": now} for owner in (*OWNERS, LOCAL_OWNER)])
    ages = sorted((chance.betavariate(1.1, 1.4) * 1440 for _ in range(COUNT)), reverse=True)
    made, wanted = [], []
    for number, minutes in enumerate(ages):
        owner, book = chance.choice(OWNERS), str(uuid5(NAMESPACE_URL, f"picture:{number}"))
        at = now - timedelta(minutes=minutes)
        [kind] = chance.choices(list(JobKind), (3, 1, 5))
        [state] = chance.choices((JobState.DONE, JobState.FAILED, JobState.CANCELLED), (93, 5, 2))
        if minutes < 14:
            [state] = chance.choices((JobState.QUEUED, JobState.RUNNING, JobState.PAUSED), (6, 4, 1))
        workflow = book_workflow_id(book, 1)  # type: ignore[arg-type]
        order = BookOrder(owner_id=OwnerId(owner), book_id=book, source=InlineText(text="Once."))
        took = timedelta(seconds=chance.lognormvariate(4.2 + 0.5 * (kind is JobKind.STORY), 0.6))
        title = " ".join((chance.choice(FIRST), chance.choice(SECOND), chance.choice(THIRD)))
        made.append({"id": book, "owner_id": owner, "title": title, "created_at": at})
        wanted.append(
            {
                "id": job_id(workflow),
                "owner_id": owner,
                "book_id": book,
                "workflow_id": workflow,
                "generation": 1,
                "kind": kind,
                "state": state,
                "priority": 5,
                "shown": chance.randrange(8, 90) if state in (JobState.RUNNING, JobState.PAUSED) else 0,
                "ordered": order.model_dump(mode="json"),
                "created_at": at,
                "started_at": None if state is JobState.QUEUED else at,
                "closed_at": min(at + took, now) if state.closed else None,
                "error": chance.choice(ERRORS) if state is JobState.FAILED else None,
                "paused_reason": "the month's budget is used up" if state is JobState.PAUSED else None,
            }
        )
    connection.execute(sa.insert(books), made)
    connection.execute(sa.insert(jobs), wanted)


def spend(connection: sa.Connection) -> None:
    """Calls of the day's jobs, each paid for about when its job came in."""
    chance = random.Random(SEED)
    done = sa.select(jobs.c.owner_id, jobs.c.id, jobs.c.book_id, jobs.c.started_at).where(jobs.c.state == JobState.DONE)
    made, tried = [], []
    for number, job in enumerate(connection.execute(done.where(jobs.c.owner_id != LOCAL_OWNER)), 1_000):
        call = {"id": number, "owner_id": job.owner_id, "state": CallState.SETTLED, "take": 0, "attempts": 1}
        names = {"key": f"call-{number}", "provider": "sarvam", "model": "bulbul:v3", "operation": "speech"}
        made.append(call | names | {"created_at": job.started_at})
        tried.append(
            {
                "owner_id": job.owner_id,
                "call_id": number,
                "fence": 1,
                "state": CallState.SETTLED,
                "book_id": job.book_id,
                "job_id": job.id,
                "unit": "page/1/narration/1",
                "month": f"{job.started_at:%Y-%m}",
                "holder": "picture",
                "holder_attempt": 1,
                "max_micros": 120_000,
                "actual_micros": int(chance.lognormvariate(10.2, 0.5)),
                "deadline": job.started_at,
                "reserved_at": job.started_at,
            }
        )
    connection.execute(sa.insert(provider_calls), made)
    connection.execute(sa.insert(provider_attempts), tried)
    months = sa.select(provider_attempts.c.owner_id, provider_attempts.c.month, sa.func.sum(CHARGED)).group_by(
        provider_attempts.c.owner_id, provider_attempts.c.month
    )
    known = {(row.owner_id, row.ref) for row in connection.execute(sa.select(budgets))}
    connection.execute(
        sa.insert(budgets),
        [
            {"owner_id": owner, "scope": MONTH, "ref": month, "committed_micros": int(micros)}
            for owner, month, micros in connection.execute(months)
            if (owner, month) not in known
        ],
    )


async def broken(home: Home) -> BookContext:
    """A job that failed, with what was paid for it."""
    failed = {page: "the voice refused this text: it is longer than 2,500 characters" for page in (4, 5)}
    book = await home.made(KITE, spoken=[1, 2, 3], failed={**failed, 6: "the answer was cut short"}, closed=False)
    ledger = LedgerStore(home.database, home.assets)
    for page in range(1, 7):
        for attempt in range(1 if page < 4 else 3):
            await call(home, ledger, book, page, attempt)
    await home.close(book, JobState.FAILED, "3 of 8 pages could not be spoken")
    return book


async def call(home: Home, ledger: LedgerStore, book: BookContext, page: int, attempt: int) -> None:
    """A call for a page, which fails for the later ones."""
    made = ProviderCall(
        provider="sarvam", model="bulbul:v3", operation="speech", input={"page": page}, max_cost_micros=1_900
    )
    usage = Usage(
        owner_id=LOCAL_OWNER, book_id=book.book_id, job_id=JobId(book.job_id), unit=f"page/{page}/narration/1"
    )
    reserved = await ledger.reserve(made, usage, Holder(activity=f"{page}", attempt=attempt + 1))
    assert isinstance(reserved, Reservation)
    await ledger.sent(reserved, 30)
    if page < 4:
        asset = await home.assets.put(f"RIFF....WAVE{page}".encode(), "audio/wav")
        await ledger.settle(reserved, Answer(asset=asset, facts={}, cost_micros=1_200 + 70 * page))
    else:
        await ledger.fail(reserved, "HTTP 422: text too long" if page < 6 else "the answer was cut short")


async def standing(operations: Any) -> Standing:
    """The store's figures as they are; queues as on a small deployment."""
    now = utcnow()
    figures = (await type(operations).standing(operations)).figures
    queues = []
    for number, queue in enumerate(Queue):
        seen = tuple(
            Seen(
                f"{17 + 6 * one}@worker-{queue.removeprefix('bookwright-')}-{one + 1}",
                now - timedelta(seconds=9 * one + 3),
            )
            for one in range(1 + number % 2)
        )
        queues.append(Backlog(queue, "activity", 3 * (number % 3), 1.4 * number, len(seen), seen))
    return Standing(figures, queues)


async def take(
    browser: Browser, address: str, session: str, path: str, target: Path, device: dict[str, Any], whole: bool
) -> None:
    """One picture."""
    context = await browser.new_context(reduced_motion="reduce", **device)
    await context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    tab = await context.new_page()
    await tab.goto(address + path)
    await tab.wait_for_selector("#health .chip, #calls")
    await tab.wait_for_function("!document.querySelector('.chart .plot:empty')")
    await tab.wait_for_function("document.fonts.ready.then(() => true)")
    with Image.open(io.BytesIO(await tab.screenshot(full_page=whole))) as image:
        image.convert("RGB").save(target, quality=80, method=6)
    await context.close()


if __name__ == "__main__":
    asyncio.run(main())
