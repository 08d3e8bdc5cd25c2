"""Binding: finished pages become the files of an edition."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from temporalio import activity

from activities.files import Files, Made
from activities.heartbeat import heartbeating
from activities.matter import (
    Chapters,
    banner_of,
    book_matter,
    book_tags,
    chapter_tags,
    is_spoken,
    lacking,
    missing_pages,
)
from activities.parts import Parts
from activities.working import Cores, OnProgress
from bookwright.contracts.aliases import Alias, page_audio
from bookwright.contracts.book import ChapterRef, EditionRef
from bookwright.contracts.editions import BookPress, BundledFile, BundlePress
from bookwright.contracts.errors import StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import OF_SOUND, BookContext, Edition, Track
from bookwright.contracts.ports.audio import AudioPress, ChapterAudio, EncodedChapter, EncodedPage
from bookwright.contracts.ports.calls import Failpoint
from bookwright.contracts.ports.documents import CoverArtist
from bookwright.contracts.ports.store import AssetStore, BindingChapter, BindingMaterial, Books, PageSegment
from bookwright.contracts.progress import Bound, Deferred, Hold, HoldKind
from bookwright.contracts.spreads import Plate

KEPT_COVERS = 16
"""Covers of the books last bound: each chapter's file carries the same one, which takes a third of a second to draw."""


class Binding:
    """Binds editions. A file whose recipe has not changed is not bound again, and neither is any part of it."""

    def __init__(
        self,
        books: Books,
        assets: AssetStore,
        press: AudioPress,
        presses: Mapping[Edition, BookPress],
        bundler: BundlePress,
        artist: CoverArtist,
        failpoint: Failpoint = lambda step: None,
    ) -> None:
        self._books = books
        self._assets = assets
        self._press = press
        self._presses = presses
        self._bundler = bundler
        self._cores = Cores()
        self._parts = Parts(books, assets, press, self._cores)
        self._cover = lru_cache(maxsize=KEPT_COVERS)(artist.cover)
        self._files = Files(books, assets, self._cores, failpoint)

    @activity.defn(name="Bind chapter")
    async def bind_chapter(self, ref: ChapterRef) -> Bound:
        """Encode what the wanted editions take from this chapter, and write its own files; none when not one of its
        pages is spoken. The answer is deferred when the disk is full."""
        async with heartbeating():
            return await _unless_full(self._chapter(ref.context, ref.chapter))

    @activity.defn(name="Bind edition")
    async def bind_edition(self, ref: EditionRef) -> Bound:
        """The file of an edition of the whole book; none when it is one of sound and not one page is spoken. The
        answer is deferred when the disk is full."""
        async with heartbeating():
            return await _unless_full(self._edition(ref.context, ref.edition))

    async def _chapter(self, context: BookContext, number: int) -> int:
        material = await self._books.binding_material(context.owner_id, context.book_id, number)
        chapter = material.chapters[0]
        if not is_spoken(chapter):
            for edition in (edition for edition in context.editions if edition.by_chapter):
                await self._files.drop(context, edition, number)
            return 0
        rate = await self._parts.rate([chapter])
        files = 0
        if {Edition.MP3, Edition.EPUB} & set(context.editions):
            await self._name_pages(context, chapter, await self._parts.pages(context, chapter, rate))
        if Edition.M4B in context.editions:
            await self._parts.chapters(context, [chapter], rate)
        if Edition.MP3 in context.editions:
            files += await self._mp3(context, material, chapter, rate)
        if Edition.ACX in context.editions:
            files += await self._acx(context, material, chapter)
        return files

    async def _name_pages(self, context: BookContext, chapter: BindingChapter, made: Mapping[int, AssetId]) -> None:
        """Put the pages' sound behind its public keys."""
        names = [
            Alias(
                name=page_audio(context.book_id, context.language, page.number),
                asset=made[page.number],
                made_from=page.asset,
            )
            for page in chapter.pages
            if page.number in made
        ]
        await self._books.save_aliases(context.owner_id, context.book_id, names)

    async def _edition(self, context: BookContext, edition: Edition) -> int:
        material = await self._books.binding_material(context.owner_id, context.book_id, None)
        if edition is Edition.BUNDLE:
            return await self._bundle(context, material)
        if edition is Edition.M4B:
            return await self._m4b(context, material)
        if edition is Edition.M4B_AMBIENCE:
            return await self._m4b_ambience(context, material)
        return await self._book(context, material, edition)

    async def _mp3(self, context: BookContext, material: BindingMaterial, chapter: BindingChapter, rate: int) -> int:
        made = await self._parts.pages(context, chapter, rate)
        tags = chapter_tags(context, material, chapter)
        cover = await self._drawn(context, material)
        spoken = [page for page in chapter.pages if page.number in made]
        paths = await self._paths(made[page.number] for page in spoken)
        pages = [
            EncodedPage(number=page.number, label=page.label, path=path, duration_ms=page.duration_ms)
            for page, path in zip(spoken, paths, strict=True)
        ]

        def make(target: Path, on_progress: OnProgress) -> Made:
            return Made(self._press.join_pages(pages, tags, target, on_progress, cover).duration_ms)

        made_from = [[page.number, page.label, made[page.number]] for page in spoken]
        missing = missing_pages(material, Edition.MP3)
        return await self._files.bind(context, Edition.MP3, tags, [made_from, rate], missing, make, chapter)

    async def _acx(self, context: BookContext, material: BindingMaterial, chapter: BindingChapter) -> int:
        tags = chapter_tags(context, material, chapter)
        cover = await self._drawn(context, material)

        def make(target: Path, on_progress: OnProgress) -> Made:
            audio = ChapterAudio(
                number=chapter.number, title=chapter.title, segments=tuple(self._parts.segments(chapter))
            )
            path = self._assets.path
            return Made(self._press.encode_acx(audio, tags, path, target, on_progress, cover).duration_ms)

        made_from = [page.asset for page in chapter.pages if page.asset]
        missing = missing_pages(material, Edition.ACX)
        return await self._files.bind(context, Edition.ACX, tags, made_from, missing, make, chapter)

    async def _m4b(self, context: BookContext, material: BindingMaterial) -> int:
        spoken = [chapter for chapter in material.chapters if is_spoken(chapter)]
        if not spoken:
            return await self._files.drop(context, Edition.M4B)
        rate = await self._parts.rate(spoken)
        made = await self._parts.chapters(context, spoken, rate)
        return await self._audiobook(context, material, Edition.M4B, spoken, made)

    async def _m4b_ambience(self, context: BookContext, material: BindingMaterial) -> int:
        """A chapter is encoded with its ambience here and not before: its scenes may be found when it has ended long
        since."""
        spoken = [chapter for chapter in material.chapters if is_spoken(chapter)]
        heard = await self._books.made(context.owner_id, context.book_id, Track.SOUNDSCAPE, 1, context.pages)
        if not any(page.asset and page.number in heard for chapter in spoken for page in chapter.pages):
            return await self._files.drop(context, Edition.M4B_AMBIENCE)
        rate = await self._parts.rate(spoken, ambient=True)
        made = await self._parts.ambient_chapters(context, spoken, heard, rate)
        return await self._audiobook(context, material, Edition.M4B_AMBIENCE, spoken, made)

    async def _audiobook(
        self,
        context: BookContext,
        material: BindingMaterial,
        edition: Edition,
        spoken: Sequence[BindingChapter],
        made: Sequence[AssetId],
    ) -> int:
        """An M4B of the spoken chapters' sound."""
        cover = await self._drawn(context, material, banner_of(material))
        tags = book_tags(context, material)
        parts = [
            EncodedChapter(
                title=chapter.title,
                path=path,
                duration_ms=sum(page.duration_ms for page in chapter.pages if page.asset),
            )
            for chapter, path in zip(spoken, await self._paths(made), strict=True)
        ]

        def make(target: Path, on_progress: OnProgress) -> Made:
            joined = self._press.join_chapters(parts, tags, target, on_progress, cover)
            return Made(joined.duration_ms, joined.marks)

        made_from = [[chapter.title, asset] for chapter, asset in zip(spoken, made, strict=True)]
        made_from += [["cover", banner]] if (banner := banner_of(material)) else []
        return await self._files.bind(context, edition, tags, made_from, missing_pages(material, edition), make)

    async def _book(self, context: BookContext, material: BindingMaterial, edition: Edition) -> int:
        """An edition to read."""
        sound: dict[int, AssetId] | None = None
        if edition in OF_SOUND:
            sound = {}
            for chapter in filter(is_spoken, material.chapters):
                sound |= await self._parts.pages(context, chapter, await self._parts.rate([chapter]))
        matter = book_matter(context, material, edition, await self._drawn(context, material, banner_of(material)))
        chapters = Chapters(self._books, self._assets, context, material, sound)

        def make(target: Path, on_progress: OnProgress) -> Made:
            self._presses[edition].bind(matter, chapters, self._assets.path, target, on_progress)
            return Made()

        made_from = [
            [
                chapter.title,
                *([page.number, page.version, page.label, page.plate, *_heard(page, sound)] for page in chapter.pages),
            ]
            for chapter in material.chapters
        ]
        about = matter.model_dump(mode="json", exclude={"cover"})
        tags, missing = book_tags(context, material), missing_pages(material, edition)
        return await self._files.bind(context, edition, tags, [about, made_from], missing, make)

    async def _bundle(self, context: BookContext, material: BindingMaterial) -> int:
        found = await self._books.files(context.owner_id, context.book_id)
        files = [file for file in found if file.edition in context.editions and file.edition is not Edition.BUNDLE]
        if not files:
            return await self._files.drop(context, Edition.BUNDLE)
        matter = book_matter(context, material, Edition.BUNDLE, b"")
        paths = await self._paths(file.asset for file in files)
        entries = [BundledFile(file=file, path=path) for file, path in zip(files, paths, strict=True)]

        def make(target: Path, on_progress: OnProgress) -> Made:
            self._bundler.bundle(matter, entries, missing, target, on_progress)
            return Made()

        missing = lacking(context, material, files)
        made_from = [[file.model_dump(mode="json") for file in files], missing.model_dump(mode="json")]
        tags, pages = book_tags(context, material), tuple(missing.pages)
        return await self._files.bind(context, Edition.BUNDLE, tags, made_from, pages, make)

    async def _paths(self, assets: Iterable[AssetId]) -> list[Path]:
        """Local files of assets, which may have to be fetched."""
        wanted = list(assets)
        return await asyncio.to_thread(lambda: [self._assets.path(asset) for asset in wanted])

    async def _drawn(self, context: BookContext, material: BindingMaterial, banner: AssetId | None = None) -> bytes:
        """The cover: with the book's first picture, if there is one, on files of the whole book. A chapter's own are
        bound while pictures are still drawn, and are not to depend on which ones are there."""
        about = (context.title, material.author, context.language)
        if banner is None:
            return await asyncio.to_thread(self._cover, *about)
        plate = Plate.model_validate_json(await self._assets.get(banner))
        return await asyncio.to_thread(self._cover, *about, await self._assets.get(plate.picture))


async def _unless_full(binding: Awaitable[int]) -> Bound:
    """How many files were bound. A full disk is nobody's failure: the work is held up until there is room."""
    try:
        return Bound(files=await binding)
    except StorageFull as full:
        return Bound(deferred=Deferred(hold=Hold(kind=HoldKind.STORAGE, reason=str(full))))


def _heard(page: PageSegment, sound: Mapping[int, AssetId] | None) -> tuple[str | None, ...]:
    """What of a page's narration an edition to read shows: nothing when it has no sound."""
    return () if sound is None else (sound.get(page.number), page.asset, None if page.asset else page.error)
