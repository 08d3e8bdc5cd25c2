"""A text PDF of 300 pages, read and narrated by the local voice, against the bare engine speaking the same text; and
how soon its first page can be heard."""

import tempfile
import time
from pathlib import Path

import typst

from benchmarks.measure import Figure
from benchmarks.narration import bare, pages
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.ids import new_book_id
from bookwright.contracts.orders import BookOrder, StoredDocument
from bookwright.store import JobRow
from tests.support.emulator import EmulatorProcess
from tests.support.stack import Stack

PAGES = 300
ROUNDS = 1
"""One takes a minute."""


async def run() -> list[Figure]:
    """The bare engine and a whole PDF in turn."""
    texts = pages(PAGES * 250)[:PAGES]
    ratios, rates, first = [], [], []
    for _ in range(ROUNDS):
        alone = await bare(texts)
        wall, heard = await _narrated(texts)
        ratios.append(alone / wall)
        rates.append(len(texts) / wall)
        first.append(heard)
    return [
        Figure(f"bare engine's time / ours, PDF of {len(texts)} pages", ratios, 0.6, most=False),
        Figure("pages a second, read and narrated", rates),
        Figure("order to first page that can be heard", first, unit="s"),
    ]


async def _narrated(texts: list[str]) -> tuple[float, float]:
    """Wall seconds from the order to the closed job, without editions, and to the first page that can be heard."""
    with EmulatorProcess("sarvam") as unused, tempfile.TemporaryDirectory() as folder:
        async with Stack(Path(folder), unused, environment={"BOOKWRIGHT_SPEECH": "local"}) as stack:
            await stack.worker()
            await stack.closed(await _order(stack, texts[:2]))  # the processes are warm
            pdf = _typeset(texts)
            began = time.perf_counter()
            job = await _order(stack, texts, pdf)
            await stack.segments_where(job, lambda made: bool(made))
            heard = time.perf_counter() - began
            [row] = await stack.closed(job, timeout_s=1200)
            wall = time.perf_counter() - began
            assert row.state == "done" and not row.warning, row.error or row.warning
            return wall, heard


async def _order(stack: Stack, texts: list[str], pdf: bytes | None = None) -> JobRow:
    asset = await stack.assets.put(pdf or _typeset(texts), "application/pdf")
    source = StoredDocument(asset=asset, format=DocumentKind.PDF)
    return await stack.accept(
        BookOrder(book_id=new_book_id(), source=source, title="Bench", language="en", editions=())
    )


def _typeset(texts: list[str]) -> bytes:
    """Each text on a page of its own, a chapter each 25 pages."""
    parts = [
        f"{f'= Chapter {number // 25 + 1}' if number % 25 == 0 else ''}\n{text}" for number, text in enumerate(texts)
    ]
    setting = '#set page(width:150mm,height:220mm,numbering:"1")\n#set text(size:10pt,lang:"en")\n'
    return bytes(typst.compile((setting + "\n#pagebreak()\n".join(parts)).encode()))
