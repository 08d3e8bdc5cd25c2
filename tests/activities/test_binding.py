"""Editions of a small book, with the real presses and the real store: what is in them, what they are made anew from,
and what becomes of a binding that is stopped."""

import asyncio
import hashlib
import json
import resource
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import av
import pypdfium2
import pytest
from lxml import etree  # type: ignore[import-untyped]

from bookwright.contracts.book import ChapterText, PageText, PageTrouble, SourceText
from bookwright.contracts.errors import Permanent, Unspeakable
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import Edition
from bookwright.contracts.progress import Bound, HoldKind
from bookwright.press.pdf.press import PdfPress
from bookwright.store import LocalAssets
from tests.activities.conftest import Bindery, Engine, Place
from tests.store.conftest import ANNA, World, context_of
from tests.support.editions import DRY

CHAPTERS = (
    ("The Lamp", ("The lamp stood in the window.", "It burned all night.", "In the morning it was cold.")),
    ("The Boat", ("The boat came at noon.", "Nobody was in it.")),
)
PAGES = [page for _, pages in CHAPTERS for page in pages]
BY_CHAPTER = [(edition, chapter) for edition in (Edition.MP3, Edition.ACX) for chapter in (1, 2)]
WHOLE = [(edition, None) for edition in DRY if not edition.by_chapter]


def source(changes: dict[int, str] | None = None, trouble: dict[int, PageTrouble] | None = None) -> SourceText:
    """The book of CHAPTERS, with other texts and troubles on some pages."""
    chapters, number = [], 0
    for place, (title, texts) in enumerate(CHAPTERS, start=1):
        pages = []
        for text in texts:
            number += 1
            now = (changes or {}).get(number, text)
            pages.append(PageText(number=number, chapter=place, text=now, trouble=(trouble or {}).get(number)))
        chapters.append(ChapterText(number=place, title=title, pages=tuple(pages)))
    return SourceText(title="The Lamp and the Boat", chapters=tuple(chapters))


@pytest.fixture
async def bindery(world: World) -> Bindery:
    """The book, read and not yet spoken."""
    job = await world.accepted()
    await world.jobs.started(ANNA, job.job_id)
    context = context_of(job, len(PAGES)).model_copy(update={"title": "The Lamp and the Boat"})
    made = Bindery(world, context, Engine())
    await made.save(source())
    return made


@pytest.fixture
async def spoken(bindery: Bindery) -> Bindery:
    """The book, all of it spoken."""
    assert (await bindery.studio.narrate()).done == len(PAGES)
    return bindery


def text_of_epub(path: Path) -> str:
    """All that a reader of the EPUB sees, in one run with single spaces."""
    with ZipFile(path) as book:
        shown = [etree.fromstring(book.read(name)) for name in sorted(book.namelist()) if name.endswith(".xhtml")]
    return " ".join(" ".join("".join(page.itertext()).split()) for page in shown)


def text_of_pdf(path: Path) -> str:
    """All that a reader of the PDF sees, without white space."""
    with pypdfium2.PdfDocument(path) as document:
        return squeezed("".join(page.get_textpage().get_text_range() for page in document))


def squeezed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


async def test_a_book_is_bound_as_every_edition(spoken: Bindery) -> None:
    assert sum(bound.files for bound in await spoken.bind()) == len(BY_CHAPTER) + len(WHOLE)
    files = await spoken.files()
    assert set(files) == {*BY_CHAPTER, *WHOLE}
    for place, file in files.items():
        path = spoken.world.assets.path(file.asset)
        assert (path.stat().st_size, file.missing_pages) == (file.bytes, ()), place
    assert {file.name for file in files.values()} >= {"01 The Lamp.mp3", "02 The Boat.acx.mp3"}

    segments = await spoken.studio.segments()
    sums = [sum(segments[page].duration_ms for page in pages) for pages in ((1, 2, 3), (4, 5))]
    for chapter, expected in enumerate(sums, start=1):
        with av.open(str(await spoken.path(Edition.MP3, chapter))) as audio:
            assert audio.duration == pytest.approx(expected * 1000, abs=50_000)
            assert audio.metadata["title"] == CHAPTERS[chapter - 1][0]
        assert spoken.press.acx_report(await spoken.path(Edition.ACX, chapter)).problems == ()
    with av.open(str(await spoken.path(Edition.M4B))) as audio:
        marks = [(mark["metadata"]["title"], mark["start"], mark["end"]) for mark in audio.chapters()]
    assert [title for title, _, _ in marks] == ["The Lamp", "The Boat"]
    ends = [end for _, start, end in marks for end in (start, end)]
    assert ends == pytest.approx([0, sums[0], sums[0], sum(sums)], abs=50)

    read = text_of_epub(await spoken.path(Edition.EPUB))
    printed = text_of_pdf(await spoken.path(Edition.PDF))
    for title, pages in CHAPTERS:
        assert all(text in read and squeezed(text) in printed for text in (title, *pages))
    with ZipFile(await spoken.path(Edition.EPUB)) as book:
        assert sum(name.endswith(".mp3") for name in book.namelist()) == len(PAGES)


async def test_a_bundle_holds_all_other_files_and_their_checksums(spoken: Bindery) -> None:
    await spoken.bind()
    files = await spoken.files()
    with ZipFile(await spoken.path(Edition.BUNDLE)) as bundle:
        assert bundle.testzip() is None
        manifest = json.loads(bundle.read("manifest.json"))
        said = {entry["name"]: entry for entry in manifest["files"]}
        others = {file.name: file for (edition, _), file in files.items() if edition is not Edition.BUNDLE}
        assert set(bundle.namelist()) == {*others, "manifest.json", "SHA256SUMS"}
        lines = [line.split("  ", 1) for line in bundle.read("SHA256SUMS").decode().splitlines()]
        sums = {name: digest for digest, name in lines}
        for name, file in others.items():
            content = bundle.read(name)
            assert sums[name] == said[name]["sha256"] == hashlib.sha256(content).hexdigest() == file.asset
            assert (said[name]["bytes"], said[name]["edition"]) == (len(content), file.edition)
    assert (manifest["title"], manifest["author"], manifest["pages"]) == ("The Lamp and the Boat", "Asha Rao", 5)


async def test_nothing_is_bound_again_when_nothing_has_changed(spoken: Bindery) -> None:
    await spoken.bind()
    before, files = spoken.stored(), await spoken.files()
    await spoken.save(source())
    await spoken.studio.narrate()
    await spoken.bind()
    assert spoken.stored() == before, "nothing was even put into the store again"
    assert await spoken.files() == files


async def test_a_changed_page_touches_what_depends_on_it_and_nothing_else(spoken: Bindery) -> None:
    await spoken.bind()
    before, files, parts = spoken.stored(), await spoken.files(), await spoken.parts()
    await spoken.save(source({5: "A child was in it."}))
    await spoken.studio.narrate()
    await spoken.bind()
    now = await spoken.files()
    assert {place for place in now if now[place] == files[place]} == {(Edition.MP3, 1), (Edition.ACX, 1)}
    new = [await spoken.world.assets.describe(part) for part in await spoken.parts() - parts]
    assert Counter(part.media_type for part in new) == {"audio/mpeg": 1, "audio/mp4": 1}
    touched = {name for name, put_at in spoken.stored().items() if before.get(name) != put_at}
    made = {part.asset for part in new} | {now[place].asset for place in now if now[place] != files[place]}
    assert made <= touched and len(touched) == len(made) + 2, "besides these only the page's clip and segment"
    assert "A child was in it." in text_of_epub(await spoken.path(Edition.EPUB))
    assert squeezed("A child was in it.") in text_of_pdf(await spoken.path(Edition.PDF))


async def test_a_page_spoken_late_leaves_the_printed_book_alone(bindery: Bindery) -> None:
    bindery.studio.engine.errors["Nobody"] = Unspeakable("the voice refuses this")
    await bindery.studio.narrate()
    await bindery.bind()
    before = await bindery.files()
    bindery.studio.engine.errors.clear()
    await bindery.studio.narrate()
    await bindery.bind()
    after = await bindery.files()
    same = {place for place in after if after[place] == before[place]}
    assert same == {(Edition.MP3, 1), (Edition.ACX, 1), (Edition.PDF, None)}
    assert all(file.missing_pages == () for file in after.values())


async def test_a_partial_book_binds_what_it_has_and_says_inside_what_is_missing(bindery: Bindery) -> None:
    await bindery.save(source({3: "", 4: "Ã¾Ã°Ã±"}, {3: PageTrouble.NO_TEXT, 4: PageTrouble.GARBLED}))
    bindery.studio.engine.errors["all night"] = Unspeakable("the voice refuses this")
    outcome = await bindery.studio.narrate()
    assert (outcome.done, outcome.failed) == (2, 3)
    await bindery.bind()
    files = await bindery.files()
    unread = "This page is a picture; its text could not be read."
    garbled = "The letters of this page are garbled in the original; its text could not be read."
    unspoken = "This page is not narrated. (the voice refuses this)"

    read = text_of_epub(await bindery.path(Edition.EPUB))
    assert all(text in read for text in (unread, garbled, unspoken, PAGES[0], PAGES[1], PAGES[4]))
    printed = text_of_pdf(await bindery.path(Edition.PDF))
    assert all(squeezed(text) in printed for text in (unread, garbled, PAGES[0], PAGES[1], PAGES[4]))
    assert squeezed(unspoken) not in printed, "what is printed is not missed for its sound"

    missing: dict[Place, tuple[int, ...]] = {place: file.missing_pages for place, file in files.items()}
    assert missing == {
        (Edition.MP3, 1): (2, 3),
        (Edition.ACX, 1): (2, 3),
        (Edition.MP3, 2): (4,),
        (Edition.ACX, 2): (4,),
        (Edition.M4B, None): (2, 3, 4),
        (Edition.EPUB, None): (2, 3, 4),
        (Edition.PDF, None): (3, 4),
        (Edition.BUNDLE, None): (2, 3, 4),
    }
    with ZipFile(await bindery.path(Edition.BUNDLE)) as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
    said = {(entry["edition"], entry["chapter"]): tuple(entry["missing_pages"]) for entry in manifest["files"]}
    assert said == {place: pages for place, pages in missing.items() if place[0] is not Edition.BUNDLE}
    reasons = {2: unspoken, 3: unread, 4: garbled}
    assert (manifest["complete"], manifest["missing_editions"]) == (False, [])
    assert manifest["missing_pages"] == [{"page": page, "reason": reason} for page, reason in reasons.items()]


async def test_a_book_without_a_spoken_page_is_bound_to_be_read(bindery: Bindery) -> None:
    bindery.studio.engine.errors[""] = Unspeakable("the voice refuses everything")
    await bindery.studio.narrate()
    await bindery.bind()
    assert set(await bindery.files()) == {(Edition.EPUB, None), (Edition.PDF, None), (Edition.BUNDLE, None)}
    assert PAGES[0] in text_of_epub(await bindery.path(Edition.EPUB))


async def test_a_file_of_another_text_is_never_handed_out_for_this_one(spoken: Bindery) -> None:
    """A chapter can't be spoken any more and the PDF can't be set; then the chapter is left out."""
    editions = (Edition.MP3, Edition.ACX, Edition.PDF)
    await spoken.bind(*editions)
    await spoken.save(source({4: "Rust.", 5: "Dust."}))
    spoken.studio.engine.errors["ust."] = Unspeakable("the voice refuses this")
    await spoken.studio.narrate()
    spoken.printer = PdfPress(memory_mb=1)
    with pytest.raises(Permanent):
        await spoken.bind(*editions)
    assert set(await spoken.files()) == {(Edition.MP3, 1), (Edition.ACX, 1)}

    spoken.studio.engine.errors.clear()
    await spoken.studio.narrate()
    spoken.printer = PdfPress()
    await spoken.bind(*editions)
    assert set(await spoken.files()) == {*BY_CHAPTER, (Edition.PDF, None)}
    await spoken.save(SourceText(title=None, chapters=source().chapters[:1]))
    assert set(await spoken.files()) == {(Edition.MP3, 1), (Edition.ACX, 1), (Edition.PDF, None)}


class Cancelling(LocalAssets):
    """Cancels the activity when one more file is read from it than allowed, and lets it notice before going on."""

    def __init__(self, bindery: Bindery, allowed: int) -> None:
        super().__init__(bindery.world.assets.scratch().parent, min_room=0)
        self._bindery = bindery
        self._left = allowed
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()

    def path(self, asset: AssetId) -> Path:
        self._left -= 1
        if self._left == 0:
            if threading.get_ident() == self._thread:
                self._bindery.environment.cancel()
            else:
                asyncio.run_coroutine_threadsafe(self._cancel(), self._loop).result()
        return super().path(asset)

    async def _cancel(self) -> None:
        self._bindery.environment.cancel()
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.mark.parametrize("edition", [Edition.MP3, Edition.M4B, Edition.EPUB, Edition.ACX, Edition.BUNDLE])
async def test_a_binding_cancelled_wherever_it_reads_leaves_nothing_half_and_ends_with_the_same_bytes(
    spoken: Bindery, edition: Edition
) -> None:
    before = [Edition.MP3] if edition is Edition.BUNDLE else []
    await spoken.bind(*before, edition)
    whole = {place: file.asset for place, file in (await spoken.files()).items()}
    await spoken.forget()
    if before:
        await spoken.bind(*before)
    cancelled = 0
    for allowed in range(1, 100):
        try:
            await spoken.bind(*before, edition, assets=Cancelling(spoken, allowed))
        except asyncio.CancelledError:
            cancelled += 1
            assert list(spoken.world.assets.scratch().iterdir()) == []
            assert await spoken.world.assets.verify() == []
        else:
            break
    assert cancelled >= 2
    assert {place: file.asset for place, file in (await spoken.files()).items()} == whole


class Killed(Exception):
    """The process is gone."""


async def test_a_binding_that_dies_before_its_file_is_recorded_makes_the_same_file_again(spoken: Bindery) -> None:
    """Each of the files is finished once without anybody getting to know of it."""
    await spoken.bind()
    whole = await spoken.files()
    await spoken.forget()
    finished, deaths = count(1), 0

    def die(step: str) -> None:
        if step == "encoded" and next(finished) % 2:
            raise Killed

    while True:
        try:
            await spoken.bind(failpoint=die)
        except Killed:
            deaths += 1
            assert list(spoken.world.assets.scratch().iterdir()) == []
        else:
            break
    assert deaths == len(whole) and await spoken.files() == whole


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """What a full disk does to whoever writes, for everybody: no file of this process may grow past `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("edition", DRY)
async def test_a_full_disk_holds_binding_up_and_fails_nothing(spoken: Bindery, edition: Edition) -> None:
    await spoken.bind()
    whole = await spoken.files()
    await spoken.forget(edition)
    with files_of_at_most(8_192):
        bound = await spoken.bind()
    held = [answer.deferred.hold for answer in bound if answer.deferred]
    assert held and all((hold.kind, hold.until) == (HoldKind.STORAGE, None) for hold in held)
    assert all("Free some space" in hold.reason for hold in held)
    assert list(spoken.world.assets.scratch().iterdir()) == []
    assert all(place[0] is not edition for place in await spoken.files())
    assert all(answer == Bound(files=answer.files) for answer in await spoken.bind())
    assert await spoken.files() == whole
