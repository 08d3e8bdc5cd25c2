"""Stories that are written, through the real adapters: the fewest calls, a kill while writing, and nothing twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from bookwright.contracts.ids import new_book_id
from bookwright.contracts.orders import BookOrder, Edition, Track
from bookwright.contracts.ports.writings import Part
from bookwright.contracts.progress import JobState, StageName
from bookwright.contracts.stories import Brief, BriefKind, Notes, PageRewrite, SearchScenes, StoryKind
from bookwright.steering import Steering
from bookwright.store import JobRow
from bookwright.store.books.versions import PageVersions
from bookwright.store.stories.store import WritingStore
from bookwright.text.measure import count_words
from tests.support.emulator import EmulatorProcess
from tests.support.invariants import check_invariants
from tests.support.stack import Stack

CHOICE = {"BOOKWRIGHT_TEXT": "gemini", "BOOKWRIGHT_IMAGES": "gemini"}
PAGES = 9
"""The fewest that make two chapters."""
NOTES = (
    "Born in a lighthouse. Father kept the lamp. Learned to row before reading. School across the bay. Left at "
    "seventeen on a cargo ship. Married Ines in the harbour church. Built boats for thirty years. The storm took the "
    "workshop. Began again. Teaches the grandchildren to row."
)


@pytest.fixture(scope="module")
def others() -> Iterator[dict[str, EmulatorProcess]]:
    with EmulatorProcess("gemini") as gemini:
        yield {"gemini": gemini}


def brief(kind: BriefKind = BriefKind.STORY_ADVENTURE, **wishes: Any) -> Brief:
    return Brief.model_validate(
        {
            "job_type": kind,
            "character_name": "Luna",
            "character_type": "brave dragon",
            "special_ability": "breathes warm light",
            "age_group": "7-10",
            "story_world": "Crystal Caves",
            "adventure_type": "treasure hunt",
            "occasion_theme": "birthday",
            "pages": PAGES,
        }
        | wishes
    )


async def ordered(stack: Stack, source: Brief | Notes, *tracks: Track, **wishes: Any) -> JobRow:
    order = BookOrder(
        book_id=new_book_id(), source=source, language="en", tracks=tracks, editions=(Edition.EPUB,), **wishes
    )
    return await stack.accept(order)


@pytest.mark.timeout(300)
async def test_stories_are_written_with_the_fewest_calls_also_after_a_kill(
    tmp_path: Path, emulator: EmulatorProcess, others: dict[str, EmulatorProcess]
) -> None:
    """One worker is killed while it writes a brief's story; another one goes on. Then notes and a search-and-find book
    are ordered at the same time."""
    async with Stack(tmp_path / "home", emulator, others=others, environment=CHOICE) as stack:
        first = await stack.worker(failpoints="settled=kill@4")
        job = await ordered(stack, brief(), Track.ILLUSTRATIONS)
        assert await first.ended() == -9
        await stack.worker()
        (row,) = await stack.closed(job)
        assert (row.state, row.error, row.warning) == (JobState.DONE, None, None)
        await has_the_fewest_calls(stack, row, await others["gemini"].calls())
        await check_invariants(stack)

        notes = Notes(story_kind=StoryKind.LIFE, content=await stack.assets.put(NOTES.encode(), "text/plain"), pages=7)
        life = await ordered(stack, notes)
        search = await ordered(stack, brief(BriefKind.INTERACTIVE_SEARCH, pages=5), Track.ILLUSTRATIONS)
        for row in await stack.closed(life, search):
            assert (row.state, row.error) == (JobState.DONE, None)
        await has_exactly_its_pages(stack, life)
        await has_its_answers(stack, search)
        await one_page_is_told_in_another_way(stack, life, others["gemini"])
        asked = (await others["gemini"].calls())["texts"]
        assert sum("search-and-find book for readers" in text for text in asked) == 1
        assert sum("of the outline as exactly" in text for text in asked) == 2 + 7, "the brief's and the life's"


async def has_the_fewest_calls(stack: Stack, job: JobRow, calls: dict[str, Any]) -> None:
    """Five calls write the story: its characters, their sheet, an outline, two chapters. A picture and a look at it
    are a call each. What the pages tell of is asked nobody: their writer has said so."""
    asked = [times for text, times in calls["texts"].items() if '"brief": {' in text]
    assert asked == [1] * 5, "whoever writes is asked nothing twice"
    assert calls["received"] == 5 + PAGES + PAGES
    stages = {stage.name: stage for stage in (await stack.status(job)).stages}
    for stage in stages.values():
        assert (stage.done, stage.failed) == (stage.total, 0), stage
    assert list(stages)[:4] == [StageName.CHARACTERS, StageName.ENHANCEMENT, StageName.STORY, StageName.TEXT]

    pages = await stack.books.pages(job.owner_id, job.book_id, 1, PAGES)
    assert [page.number for page in pages] == list(range(1, PAGES + 1))
    assert [page.chapter for page in pages] == [1] * 5 + [2] * 4
    parts = await WritingStore(stack.database, stack.assets).parts(job.owner_id, job.book_id)
    assert {Part.CONFIG, Part.CAST, Part.SHEET, Part.OUTLINE, Part.MANUSCRIPT, Part.IDEAS} <= set(parts)
    spent = {costs.key: costs.calls for costs in (await stack.jobs.progress(job.owner_id, job.job_id)).costs or ()}
    assert spent == {"characters": 1, "enhancement": 1, "story": 3, "illustrations": PAGES, "validation": PAGES}


async def has_exactly_its_pages(stack: Stack, life: JobRow) -> None:
    told = await stack.books.pages(life.owner_id, life.book_id, 1, 99)
    assert len(told) == 7
    assert all(213 <= count_words(page.text) <= 287 for page in told), [count_words(page.text) for page in told]
    assert max(page.chapter for page in told) == 7, "a chapter for each stage of a life"


async def one_page_is_told_in_another_way(stack: Stack, life: JobRow, gemini: EmulatorProcess) -> None:
    """It is asked for once, also when its job is retried, and is a version that one can go back from."""
    before = await stack.books.pages(life.owner_id, life.book_id, 1, 7)
    calls = (await gemini.calls())["received"]

    async def client() -> Client:
        return stack.client

    steering = Steering(stack.jobs, client)
    newest = await stack.jobs.newest_of(life.owner_id, life.book_id)
    job = await steering.rewrite(newest, PageRewrite(page=3, version=1))
    (row,) = await stack.closed(job)
    assert (row.state, row.error, row.warning) == (JobState.DONE, None, None)
    (row,) = await stack.closed(await steering.retry(row))
    assert row.state is JobState.DONE
    after = await stack.books.pages(life.owner_id, life.book_id, 1, 7)
    assert [page.number for page, old in zip(after, before, strict=True) if page.text != old.text] == [3]
    assert (await gemini.calls())["received"] == calls + 1
    versions = await PageVersions(stack.database).versions(life.owner_id, life.book_id, 3)
    assert [(one.version, one.text) for one in versions] == [(2, after[2].text), (1, before[2].text)]


async def has_its_answers(stack: Stack, search: JobRow) -> None:
    shown = await stack.books.pages(search.owner_id, search.book_id, 1, 99)
    parts = await WritingStore(stack.database, stack.assets).parts(search.owner_id, search.book_id)
    scenes = SearchScenes.model_validate_json(await stack.assets.get(parts[Part.SEARCH].asset))
    assert scenes.answers == (5,) and [scene.page for scene in scenes.scenes] == [1, 2, 3, 4]
    for scene in scenes.scenes:
        paragraphs = shown[scene.page - 1].text.split("\n\n")
        assert paragraphs[-len(scene.things) :] == [thing.shown for thing in scene.things]
        assert all(thing.shown in shown[4].text for thing in scene.things)
