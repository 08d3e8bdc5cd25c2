"""What the package document and the navigation must know of the whole book: a few words for each page, gathered while
its chapters go by."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from bookwright.contracts.editions import BookMatter, ChapterMatter, PageMatter
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import AssetId
from bookwright.press.epub.archive import Archive
from bookwright.press.epub.markup import one_line
from bookwright.text.wording import numeral

_IMAGE_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_AUDIO = "audio/mpeg"


@dataclass(frozen=True, slots=True)
class File:
    """A stored file of the book: its manifest id, its path in the package and its media type."""

    id: str
    path: str
    media_type: str


@dataclass(frozen=True, slots=True)
class PageMark:
    """A page break: its printed name and the element it is at."""

    label: str
    href: str


@dataclass(slots=True)
class Part:
    """A stretch of a chapter. Its files are `text/{name}.xhtml` and, if `spoken_ms`, `overlay/{name}.smil`."""

    name: str
    spoken_ms: int = 0


@dataclass(slots=True)
class Chapter:
    """A bound chapter: one document, or several where it is long."""

    title: str
    parts: list[Part]


@dataclass(slots=True)
class Gap:
    """Pages that lack something, all for the same reason; None where the pages themselves are not there."""

    pages: str
    single: bool
    reason: str | None


@dataclass
class Contents:
    """The book so far."""

    book: BookMatter
    chapters: list[Chapter] = field(default_factory=list)
    pages: list[PageMark] = field(default_factory=list)
    files: dict[AssetId, File] = field(default_factory=dict)
    pictures: int = 0
    described: bool = True
    """Whether every picture has a description."""
    _labels: dict[int, str] = field(default_factory=dict)
    _missing: list[tuple[int, str]] = field(default_factory=list)

    def open_chapter(self, chapter: ChapterMatter, word_for_chapter: str) -> Chapter:
        """Begin a chapter; one without a title gets its number for one."""
        title = one_line(chapter.title) or f"{word_for_chapter} {chapter.number}"
        self.chapters.append(Chapter(title, [Part(f"c{len(self.chapters) + 1:04}")]))
        return self.chapters[-1]

    def open_part(self) -> Part:
        """Go on with the chapter in a further document."""
        parts = self.chapters[-1].parts
        parts.append(Part(f"{parts[0].name}_{len(parts) + 1:03}"))
        return parts[-1]

    def open_page(self, page: PageMatter) -> PageMark:
        """Count a page and what it lacks."""
        label = one_line(page.label or "") or self._numeral(page.number)
        mark = PageMark(label, f"text/{self.chapters[-1].parts[-1].name}.xhtml#page{page.number}")
        self.pages.append(mark)
        self._labels[page.number] = label
        if page.missing and (reason := one_line(page.missing)):
            self._missing.append((page.number, reason))
        if page.picture is not None:
            self.pictures += 1
            self.described = self.described and bool(one_line(page.picture.alt))
        return mark

    def place(self, asset: AssetId, media_type: str, archive: Archive, asset_path: Callable[[AssetId], Path]) -> File:
        """The file of an asset, copied into the archive when it is first needed. Raises BadInput for a picture in a
        format that EPUB readers need not know."""
        if asset not in self.files:
            number = len(self.files) + 1
            if media_type == _AUDIO:
                file = File(f"a{number:04}", f"audio/a{number:04}.mp3", _AUDIO)
            elif media_type in _IMAGE_ENDINGS:
                file = File(f"i{number:04}", f"images/i{number:04}.{_IMAGE_ENDINGS[media_type]}", media_type)
            else:
                raise BadInput("A picture is neither JPEG, PNG nor WebP.", field="picture")
            archive.copy(f"EPUB/{file.path}", asset_path(asset))
            self.files[asset] = file
        return self.files[asset]

    def audio(self, asset: AssetId, archive: Archive, asset_path: Callable[[AssetId], Path]) -> File:
        """As `place`, for a page's MP3."""
        return self.place(asset, _AUDIO, archive, asset_path)

    @property
    def parts(self) -> list[Part]:
        """The documents of all chapters in order."""
        return [part for chapter in self.chapters for part in chapter.parts]

    @property
    def spoken_ms(self) -> int:
        """How long all overlays are."""
        return sum(part.spoken_ms for part in self.parts)

    def gaps(self) -> list[Gap]:
        """What the book lacks, one gap for each reason, in the order of their first pages."""
        absent = [(number, None) for number in range(1, self.book.pages + 1) if number not in self._labels]
        reasons: dict[str | None, list[int]] = {}
        for number, reason in sorted([*self._missing, *absent], key=lambda entry: entry[0]):
            reasons.setdefault(reason, []).append(number)
        return [Gap(", ".join(self._ranges(numbers)), len(numbers) == 1, reason) for reason, numbers in reasons.items()]

    def _numeral(self, number: int) -> str:
        return numeral(number, self.book.language)

    def _ranges(self, numbers: list[int]) -> Iterator[str]:
        """`iv–vi`, `7`: runs of pages by their printed names."""
        for _, run in groupby(enumerate(numbers), key=lambda entry: entry[1] - entry[0]):
            pages = [self._labels.get(number) or self._numeral(number) for _, number in run]
            yield pages[0] if len(pages) == 1 else f"{pages[0]}–{pages[-1]}"
