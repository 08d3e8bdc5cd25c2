"""A scanned PDF, from its upload to its text and its first sound: a whole service of real processes, with an emulated
model that sees and takes its time; and how true the text of pages is to what was printed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.measure import Figure
from bookwright.contracts.access import Role
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.store.access.keys import KeyStore
from bookwright.temporal import free_port
from tests.support.emulator import EmulatorProcess
from tests.support.odd_pdfs.typeset import typeset
from tests.support.scans import page, scanned
from tests.support.stack import Stack

PAGES = 8
CALL_S = 5.0
"""One call of the emulated model: PAGES of them in turn take 40 s."""
RATIO = 1.2
ENGLISH = (
    "The miller's daughter counted the boats that came down with the flood, and there were fewer than last year. "
    "Nobody at the landing could say where the well-known captain had gone, or what had become of his dog. "
    "By evening the whole town smelled of bread again, and she wrote the number {n} into the margin of the almanac."
)
HINDI = (
    "नदी के किनारे एक छोटा गाँव था, जहाँ हर सोमवार को मिट्टी के बर्तनों की भट्ठी जलती थी। बच्चे खिड़कियों की कालिख में "
    "चेहरे बनाते थे। शाम को मल्लाह लौटकर बताते थे कि आज नाव में {n} लोग बैठे थे, और सब हँसते थे।"
)
"""Text of pages; `{n}` makes each another one."""


async def run(rounds: int = 3) -> list[Figure]:
    """The figures of reading PAGES scanned pages, and the character error rates."""
    ratios: list[float] = []
    listenable: list[float] = []
    rates: dict[str, list[float]] = {"en": [], "hi": []}
    with TemporaryDirectory() as folder, EmulatorProcess("gemini") as gemini, EmulatorProcess() as speech:
        async with _service(Path(folder), speech, gemini) as client:
            for number in range(rounds):
                language, text = (("en", ENGLISH), ("hi", HINDI))[number % 2]
                texts = [text.replace("{n}", str(10 * number + place)) for place in range(PAGES)]
                scan = scanned([page(("paragraph", one), language=language) for one in texts])
                await gemini.knobs(latency_ms=round(1_000 * CALL_S))
                took, heard, read = await _uploaded(client, scan)
                ratios.append(took / CALL_S)
                listenable.append(heard)
                rates[language].append(error_rate(texts, read))
            await gemini.knobs(latency_ms=0)
            for language, text in (("en", ENGLISH), ("hi", HINDI)):
                texts = [text.replace("{n}", str(place)) for place in range(PAGES)]
                own = typeset("\n#pagebreak()\n".join(texts))
                _, _, read = await _uploaded(client, own)
                rates[f"{language}, own text"] = [error_rate(texts, read)]
    return [
        Figure(f"{PAGES} scanned pages read and queued / slowest vision call of {CALL_S:g} s", ratios, gate=RATIO),
        Figure("upload of a scan to its first listenable page", listenable, unit="s"),
        *(Figure(f"character error rate, {name}", found, gate=0.01, unit="") for name, found in rates.items() if found),
    ]


def error_rate(texts: list[str], read: list[str]) -> float:
    """Edits that make what was read what was printed, for each character printed; white space counts as one blank."""
    wrong = length = 0
    for text, found in zip(texts, read, strict=True):
        one, other = " ".join(text.split()), " ".join(found.split())
        wrong += _edits(one, other)
        length += len(one)
    return wrong / length


def _edits(one: str, other: str) -> int:
    """The Levenshtein distance."""
    before = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        now = [row]
        for column, against in enumerate(other, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (char != against)))
        before = now
    return before[-1]


@asynccontextmanager
async def _service(folder: Path, speech: EmulatorProcess, gemini: EmulatorProcess) -> AsyncIterator[httpx.AsyncClient]:
    """A worker and the API, and a client with a key."""
    environment = {"BOOKWRIGHT_VISION": "gemini", "GEMINI_CONCURRENCY": str(PAGES)}
    async with Stack(folder / "home", speech, others={"gemini": gemini}, environment=environment) as stack:
        await stack.worker()
        port = free_port()
        await stack.api(port)
        key = (await KeyStore(stack.database).create(LOCAL_OWNER, "bench", actor="bench", role=Role.USER)).key
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", headers=headers, timeout=300) as client:
            await _uploaded(client, scanned([page(("paragraph", "A first look at everything."))]))
            yield client


async def _uploaded(client: httpx.AsyncClient, document: bytes) -> tuple[float, float, list[str]]:
    """Seconds until it was read and queued, and until a page of it could be heard; its pages' texts."""
    begun, queued, number = time.perf_counter(), 0.0, 0
    files = {"file": ("book.pdf", document)}
    async with client.stream("POST", "/api/books/upload/?stream=true", files=files) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                told = json.loads(line.removeprefix("data: "))
                if told["event"] == "error":
                    raise RuntimeError(told["data"]["message"])
                if told["event"] == "queued":
                    queued, number = time.perf_counter() - begun, told["data"]["book_id"]
    while True:
        pages = (await client.get(f"/api/books/{number}/pages/")).json()["data"]["pages"]
        if any(one["audio_url"] for one in pages):
            return queued, time.perf_counter() - begun, [one["text_content"] for one in pages]
        await asyncio.sleep(0.02)
