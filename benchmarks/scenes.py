"""Scene detection on labelled books (`tests/data/scenes`), with the local analysis: precision, recall and F1 of the
boundaries, of all books and by language, the CPU time of an analysis, and what sharing soundscapes saves."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from benchmarks.measure import Figure, cpu_seconds
from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.spreads import SpreadAnalysis
from bookwright.providers.local.composing import LocalModel
from bookwright.providers.local.meaning import LocalEmbedder
from bookwright.providers.local.purposes import composers
from bookwright.text.scenes import find_scenes, serving, sketch_of
from bookwright.text.spreads import read_analysis
from tests.support.labelled import LabelledBook, labelled_books, tasks_of
from tests.support.scoring import Boundaries, boundaries

CPU_MS = 150
"""The most that the analysis of a spread may take of a core, in milliseconds."""


async def run() -> list[Figure]:
    """Measure the books of both splits."""
    figures = []
    async with _model() as (model, embedder):
        await _analysed(model, labelled_books("tuning")[0])  # descriptions are read once a process
        for split in ("tuning", "heldout"):
            books = labelled_books(split)
            before = _cpu(embedder)
            analyses = [await _analysed(model, book) for book in books]
            spreads = sum(map(len, analyses))
            cpu_ms = 1_000 * (_cpu(embedder) - before) / spreads
            figures.append(Figure(f"{split}: labelled spreads", [spreads]))
            pairs = list(zip(books, analyses, strict=True))
            for language in ("", *sorted({book.language for book in books})):
                figures += _found(f"{split} {language}".strip(), [one for one in pairs if language in one[0].language])
            figures += [
                Figure(f"{split}: CPU of an analysis", [cpu_ms], gate=CPU_MS, unit="ms"),
                Figure(f"{split}: scenes with a soundscape that was there", [_shared(analyses)]),
            ]
    return figures


@asynccontextmanager
async def _model() -> AsyncIterator[tuple[LocalModel, LocalEmbedder]]:
    embedder = LocalEmbedder()
    model = LocalModel(composers(), embedder)
    try:
        yield model, embedder
    finally:
        await model.close()


async def _analysed(model: LocalModel, book: LabelledBook) -> list[SpreadAnalysis]:
    found = []
    for task, pages in tasks_of(book):
        written = await model.write(model.call(task), nullcontext())
        found.append(read_analysis(written.data or {}, pages))
    return found


def _found(name: str, books: list[tuple[LabelledBook, list[SpreadAnalysis]]]) -> list[Figure]:
    exact = sum((boundaries(book, found) for book, found in books), Boundaries())
    near = sum((boundaries(book, found, within=1) for book, found in books), Boundaries())
    return [
        Figure(f"{name}: {exact.right + exact.missed} boundaries, precision", [exact.precision]),
        Figure(f"{name}: recall", [exact.recall]),
        Figure(f"{name}: F1", [exact.f1]),
        Figure(f"{name}: F1, one spread off allowed", [near.f1]),
    ]


def _cpu(embedder: LocalEmbedder) -> float:
    """Seconds that this process and the model of meaning have used."""
    process = embedder._child.process
    return time.process_time() + (cpu_seconds(process.pid) if process else 0.0)


def _shared(books: list[list[SpreadAnalysis]]) -> float:
    """The share of scenes that are served by a soundscape of an earlier one, of whichever book."""
    made: list[SoundSketch] = []
    scenes = 0
    for analyses in books:
        for scene in find_scenes(analyses, ended=True):
            scenes += 1
            sketch = sketch_of(scene)
            if serving(sketch, made) is None:
                made.append(sketch)
    return 1 - len(made) / scenes
