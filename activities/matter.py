"""What files say about themselves and lack, and what EPUB and PDF are bound from: a book's chapters and pages with
their text and pictures, in step with their sound."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from bookwright.contracts.book import BoundFile, PageText, Segment
from bookwright.contracts.editions import BookMatter, ChapterMatter, Lacking, PageAudio, PageMatter, Picture
from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import OF_SOUND, BookContext, Edition, Track
from bookwright.contracts.ports.audio import AudioTags
from bookwright.contracts.ports.store import AssetStore, BindingChapter, BindingMaterial, Books, PageSegment
from bookwright.contracts.spreads import Plate
from bookwright.text.timing import spoken_sentences
from bookwright.text.wording import wording


def book_matter(context: BookContext, material: BindingMaterial, edition: Edition, cover: bytes) -> BookMatter:
    """The book's title page and metadata. An edition without sound is as old as text and pictures: narrating a page
    anew does not change it."""
    sounds = edition in OF_SOUND or edition is Edition.BUNDLE
    modified = material.changed_at if sounds else material.seen_changed_at
    words = wording(context.language)
    return BookMatter(
        book_id=context.book_id,
        title=context.title,
        author=material.author,
        language=context.language,
        narrator=(context.narrator or context.voice) if is_narrated(context, material) else None,
        pages=context.pages,
        chapters=material.chapter_count,
        modified=modified.replace(microsecond=0),
        cover=cover,
        credit=f"{words.credit} {words.composed}" if context.composed else words.credit,
    )


def book_tags(context: BookContext, material: BindingMaterial) -> AudioTags:
    """What a file of the whole book says about itself."""
    return AudioTags(title=context.title, author=material.author, language=context.language, album=context.title)


def chapter_tags(context: BookContext, material: BindingMaterial, chapter: BindingChapter) -> AudioTags:
    """What a chapter's file says about itself."""
    return AudioTags(
        title=chapter.title,
        author=material.author,
        language=context.language,
        album=context.title,
        track=chapter.number,
        tracks=material.chapter_count,
    )


def is_narrated(context: BookContext, material: BindingMaterial) -> bool:
    """Whether the book has a narration: by this order, or by an earlier one."""
    return Track.NARRATION in context.tracks or any(is_spoken(chapter) for chapter in material.chapters)


def banner_of(material: BindingMaterial) -> AssetId | None:
    """The book's first picture, which is on its cover."""
    pages = (page for chapter in material.chapters for page in chapter.pages)
    return next((page.plate for page in pages if page.plate), None)


def is_spoken(chapter: BindingChapter) -> bool:
    """Whether any of its pages is."""
    return any(page.asset for page in chapter.pages)


def missing_pages(material: BindingMaterial, edition: Edition) -> tuple[int, ...]:
    """The pages that the edition lacks: those that are not spoken, or, without sound, those whose text is not known."""
    sounds = edition in OF_SOUND
    pages = (page for chapter in material.chapters for page in chapter.pages)
    return tuple(page.number for page in pages if (page.asset is None if sounds else page.trouble is not None))


def lacking(context: BookContext, material: BindingMaterial, files: Iterable[BoundFile]) -> Lacking:
    """What the files together lack of what was ordered, with chapters that have none among it."""
    ordered = [edition for edition in context.editions if edition is not Edition.BUNDLE]
    missing = {page for edition in ordered for page in missing_pages(material, edition)}
    pages = {page.number: page for chapter in material.chapters for page in chapter.pages}
    bound = {file.edition for file in files}
    return Lacking(
        pages={number: missing_reason(pages[number], context.language) for number in sorted(missing)},
        editions=tuple(edition for edition in ordered if edition not in bound),
    )


def missing_reason(page: PageSegment, language: str) -> str:
    """Why a page is not whole, for its reader."""
    words = wording(language)
    return words.unread(page.trouble) if page.trouble else words.untold(page.error)


class Chapters:
    """A book's chapters for a press, read one at a time from the thread that binds."""

    def __init__(
        self,
        books: Books,
        assets: AssetStore,
        context: BookContext,
        material: BindingMaterial,
        sound: Mapping[int, AssetId] | None,
    ) -> None:
        """`sound` has the MP3 of each spoken page, by its number; None for an edition without sound. To be made on the
        event loop; iterated in another thread."""
        self._books = books
        self._assets = assets
        self._context = context
        self._material = material
        self._sound = sound
        self._loop = asyncio.get_running_loop()

    def __iter__(self) -> Iterator[ChapterMatter]:
        for chapter in self._material.chapters:
            texts = asyncio.run_coroutine_threadsafe(self._texts(chapter), self._loop).result()
            pages = tuple(self._page(page, text) for page, text in zip(chapter.pages, texts, strict=True))
            yield ChapterMatter(number=chapter.number, title=chapter.title, pages=pages)

    async def _texts(self, chapter: BindingChapter) -> list[PageText]:
        context, pages = self._context, chapter.pages
        return await self._books.pages(context.owner_id, context.book_id, pages[0].number, pages[-1].number)

    def _page(self, page: PageSegment, text: PageText) -> PageMatter:
        bare = PageMatter(
            number=page.number,
            label=page.label,
            text=text.text,
            picture=self._picture(page),
            missing=self._missing(page, text),
        )
        if self._sound is None or page.asset is None:
            return bare
        segment = Segment.model_validate_json(self._assets.path(page.asset).read_bytes())
        sentences = spoken_sentences(segment, text.text, self._context.language)
        audio = PageAudio(asset=self._sound[page.number], begin_ms=0, end_ms=segment.duration_ms)
        return bare.model_copy(update={"sentences": sentences, "audio": audio})

    def _picture(self, page: PageSegment) -> Picture | None:
        if page.plate is None:
            return None
        plate = Plate.model_validate_json(self._assets.path(page.plate).read_bytes())
        return Picture(
            asset=plate.picture, media_type=plate.media_type, alt=plate.alt, width=plate.width, height=plate.height
        )

    def _missing(self, page: PageSegment, text: PageText) -> str | None:
        untold = self._sound is None or page.asset or not is_narrated(self._context, self._material)
        if untold and not text.trouble:
            return None
        return missing_reason(page.model_copy(update={"trouble": text.trouble}), self._context.language)
