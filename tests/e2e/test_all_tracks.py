"""Books with every track, through the real adapters: as few calls as it takes, and all invariants after a kill and
faults."""

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from bookwright.contracts.orders import TRACKS, Edition, Track
from bookwright.contracts.progress import JobState
from bookwright.contracts.spreads import Plate
from bookwright.samples import SAMPLES, read_sample
from bookwright.store import JobRow
from bookwright.store.publications import Publications
from bookwright.store.scenes.store import SceneStore
from bookwright.text.chunks import chunks
from bookwright.text.source import guess_format, read_source
from tests.support.delivery import delivered_by, nothing_due
from tests.support.emulator import EmulatorProcess
from tests.support.epubcheck import epubcheck
from tests.support.invariants import check_invariants
from tests.support.stack import Stack, page_texts
from tests.support.verapdf import unavailable, violations

CHOICE = {"BOOKWRIGHT_TEXT": "gemini", "BOOKWRIGHT_IMAGES": "gemini", "BOOKWRIGHT_SOUNDS": "replicate"}


@pytest.fixture(scope="module")
def others() -> Iterator[dict[str, EmulatorProcess]]:
    with EmulatorProcess("gemini") as gemini, EmulatorProcess("replicate") as replicate:
        yield {"gemini": gemini, "replicate": replicate}


@pytest.fixture(scope="module")
def delivery() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("cloudinary") as process:
        yield process


async def files_of(stack: Stack, job: JobRow, folder: Path) -> dict[Edition, Path]:
    """The bound files, under names that their judges know them by."""
    found = {}
    for file in await stack.books.files(job.owner_id, job.book_id):
        found[file.edition] = folder / f"book.{file.edition}"
        shutil.copy(stack.assets.path(file.asset), found[file.edition])
    return found


async def plates_of(stack: Stack, job: JobRow, pages: int) -> dict[int, Plate]:
    made = await stack.books.made(job.owner_id, job.book_id, Track.ILLUSTRATIONS, 1, pages)
    return {page: Plate.model_validate_json(await stack.assets.get(asset)) for page, asset in made.items()}


@pytest.mark.timeout(300)
async def test_the_sample_book_takes_the_fewest_possible_calls(
    tmp_path: Path, emulator: EmulatorProcess, others: dict[str, EmulatorProcess], delivery: EmulatorProcess
) -> None:
    sample = read_sample(SAMPLES[0]).decode()
    source = read_source(sample, guess_format(SAMPLES[0], sample))
    texts = [page.text for chapter in source.chapters for page in chapter.pages]
    await delivery.reset()
    environment = CHOICE | delivered_by(delivery)
    async with Stack(tmp_path / "home", emulator, others=others, environment=environment) as stack:
        await stack.worker()
        editions = (Edition.EPUB, Edition.PDF)
        job = await stack.order_file(read_sample(SAMPLES[0]), SAMPLES[0], tracks=TRACKS, editions=editions)
        (row,) = await stack.closed(job)
        assert (row.state, row.error, row.warning) == (JobState.DONE, None, None)
        for stage in (await stack.status(row)).stages:
            assert (stage.done, stage.failed) == (stage.total, 0), stage

        spoken = {part.text for text in texts for part in chunks(text, "en", stack.engine.max_chars)}
        plates = await plates_of(stack, job, len(texts))
        pictures = {plate.prompt for plate in plates.values()}
        spreads = -(-len(texts) // 2)
        assert sorted(plates) == list(range(1, len(texts) + 1)) and all(plate.alt for plate in plates.values())
        counts = {name: await process.calls() for name, process in stack.emulators.items()}
        assert counts["sarvam"]["received"] == len(spoken)
        assert counts["gemini"]["received"] == spreads + len(pictures)
        sounded = await SceneStore(stack.database, stack.assets).figures(job.owner_id, job.book_id)
        assert counts["replicate"]["received"] == sounded.bought <= sounded.scenes
        assert all(number == 1 for count in counts.values() for number in count["texts"].values())

        await nothing_due(Publications(stack.database))
        uploads = await delivery.calls()
        assert uploads["received"] == 2 * len(texts) and set(uploads["texts"].values()) == {1}

        files = await files_of(stack, job, tmp_path)
        assert epubcheck(files[Edition.EPUB])[files[Edition.EPUB]] == []
        if unavailable() is None:
            assert violations(files[Edition.PDF])[files[Edition.PDF].name] == []
        tally = await check_invariants(stack, crashed=False, exact=True)
        again = await stack.retry(job)
        (row,) = await stack.closed(again)
        assert row.state is JobState.DONE
        for name, process in stack.emulators.items():
            assert (await process.calls())["received"] == counts[name]["received"], "nothing is bought twice"
        print(f"\nthe sample book: {len(texts)} pages, {tally}")  # noqa: T201


@pytest.mark.timeout(300)
async def test_a_killed_worker_and_faults_cost_no_more_than_they_must(
    tmp_path: Path, emulator: EmulatorProcess, others: dict[str, EmulatorProcess], delivery: EmulatorProcess
) -> None:
    texts = page_texts(40)
    await delivery.reset()
    environment = CHOICE | delivered_by(delivery)
    async with Stack(tmp_path / "home", emulator, others=others, environment=environment) as stack:
        await emulator.knobs(latency_ms=30, faults=faults("reset", "status", every=20))
        await others["gemini"].knobs(latency_ms=50, faults=faults("status", "truncated", "reset", every=20))
        await others["replicate"].knobs(job_ms=1_500, faults=faults("status", every=4, upto=4))
        await delivery.knobs(faults=faults("status", "reset", every=20))
        first = await stack.worker()
        job = await stack.order(texts, per_chapter=10, tracks=TRACKS, editions=(Edition.EPUB,), budget_usd=Decimal(100))
        await others["gemini"].wait_calls(25)
        await first.kill()
        await stack.worker()
        (row,) = await stack.closed(job)
        assert (row.state, row.error, row.warning) == (JobState.DONE, None, None)
        tally = await check_invariants(stack)
        assert tally.units == len(texts) * 3
        await nothing_due(Publications(stack.database))
        assert len((await delivery.calls())["answered_texts"]) == 2 * len(texts), "each page is delivered in the end"
        print(f"\nkilled, and a fault in 20 calls: {tally}")  # noqa: T201


def faults(*kinds: str, every: int, upto: int = 120) -> list[dict[str, object]]:
    """One call in so many goes wrong, each time in another of these ways."""
    calls = range(every // 2, upto, every)
    return [{"kind": kinds[turn % len(kinds)], "call": call, "times": 1} for turn, call in enumerate(calls)]
