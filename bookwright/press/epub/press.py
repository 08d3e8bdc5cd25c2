"""The EPUB press: what stands behind the port `BookPress` for EPUB."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bookwright.contracts.editions import BookMatter, ChapterMatter, PageMatter
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import AssetId
from bookwright.press.epub.archive import Archive
from bookwright.press.epub.contents import Chapter, Contents, File, PageMark, Part
from bookwright.press.epub.identity import cover_file, language_of, utc, uuid_of
from bookwright.press.epub.markup import Paragraph, one_line, page_paragraphs
from bookwright.press.epub.overlay import page_clips, seconds, whole_clip
from bookwright.press.epub.timeline import Sentence, timeline
from bookwright.press.pdf.prose import runs_on
from bookwright.text.blocks import shortened
from bookwright.text.direction import direction
from bookwright.text.wording import wording

_LABEL_LIMIT = 120
"""Characters of a title in the table of contents, which is for finding one's way."""
_PART_MARKS = 2_000
"""Marked words and sentences that make a document full: reading systems lay it out as a whole, and EPUBCheck compares
each id in it with each other one."""
_LETTERS_A_WORD = 6
_ENGLISH_INSIDE = ' xml:lang="en" lang="en" dir="ltr"'


class EpubPress:
    """Binds EPUB 3.3. Stateless, so safe in several threads.

    Overlays go as deep as is known: a sentence with word timings is a `seq` of its words, one without is a single
    `par`. Never both, as players that flatten an overlay would say it twice. The style sheet marks the word, and its
    sentence more faintly. Clips follow each other without a gap, so that the pauses between sentences are heard.

    A long chapter is several documents, each of whole pages.

    No conformance with WCAG is claimed: that takes a person who looked at the book. What it has is in the metadata.
    """

    def __init__(self, *, part_marks: int = _PART_MARKS) -> None:
        """`part_marks` is how many marked words and sentences make a document full."""
        self._part_marks = part_marks

    def bind(
        self,
        book: BookMatter,
        chapters: Iterable[ChapterMatter],
        asset_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """Write the book to `target`; see the port `BookPress`. Audio must be MP3. Pages that `book.pages` promises and
        no chapter brings are listed as missing. Raises BadInput for a cover or picture in a format that EPUB doesn't
        have, for a tag that is no language and for a book without chapters, and whatever `asset_path` raises."""
        try:
            modified = utc(book.modified)
            with Archive(target, modified) as archive:
                _Binding(book, modified, archive, asset_path, on_progress, self._part_marks).run(chapters)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page as the templates want it."""

    matter: PageMatter
    mark: PageMark
    goes_on: bool
    """Whether its first paragraph is the rest of one that the page before it began."""
    missing: str
    paragraphs: list[Paragraph]
    sentences: tuple[Sentence, ...]
    picture: File | None
    alt: str
    audio: File | None

    @property
    def marks(self) -> int:
        """Elements that the overlay refers to, or would if the page were spoken."""
        spoken = sum(1 + len(sentence.words) for sentence in self.sentences)
        return spoken or len(self.matter.text) // _LETTERS_A_WORD


class _Binding:
    """The binding of one book."""

    def __init__(
        self,
        book: BookMatter,
        modified: datetime,
        archive: Archive,
        asset_path: Callable[[AssetId], Path],
        on_progress: Callable[[int], None],
        part_marks: int,
    ) -> None:
        self._archive = archive
        self._asset_path = asset_path
        self._on_progress = on_progress
        self._part_marks = part_marks
        self._contents = Contents(book)
        language = language_of(book.language)
        words = wording(language)
        self._shared: dict[str, Any] = {
            "language": language,
            "direction": direction(language),
            "w": words,
            # What the binding says in English inside a book in another language is marked as English.
            "said": "" if language.split("-")[0] == words.language else Markup(_ENGLISH_INSIDE),  # noqa: S704 - a constant
            "title": one_line(book.title) or words.untitled,
            "author": one_line(book.author or ""),
            "narrator": one_line(book.narrator or ""),
            "credit": one_line(book.credit or ""),
            "identifier": f"urn:uuid:{uuid_of(book.book_id)}",
            "modified": modified.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "cover": cover_file(book.cover),
            "contents": self._contents,
        }

    def run(self, chapters: Iterable[ChapterMatter]) -> None:
        """Write everything, the chapters as they come; what sums them up comes last."""
        self._write("META-INF/container.xml", "container.xml")
        self._write("EPUB/book.css", "book.css")
        self._archive.stored(f"EPUB/{self._shared['cover'].path}", self._contents.book.cover)
        self._write("EPUB/cover.xhtml", "cover.xhtml")
        for chapter in chapters:
            self._chapter(chapter)
        if not self._contents.chapters:
            raise BadInput("There is no chapter to bind.")
        self._write("EPUB/title.xhtml", "title.xhtml", gaps=self._contents.gaps())
        self._write("EPUB/nav.xhtml", "nav.xhtml")
        self._write("EPUB/toc.ncx", "toc.ncx")
        self._write("EPUB/package.opf", "package.opf")

    def _chapter(self, matter: ChapterMatter) -> None:
        chapter = self._contents.open_chapter(matter, self._shared["w"].chapter)
        sheets: list[_Sheet] = []
        for page in matter.pages:
            if self._full(sheets, page):
                self._part(chapter, sheets)
                self._contents.open_part()
                sheets = []
            sheets.append(self._sheet(page, goes_on=bool(sheets) and runs_on(sheets[-1].matter.text, page.text)))
            self._on_progress(len(self._contents.pages))
        self._part(chapter, sheets)

    def _full(self, sheets: list[_Sheet], following: PageMatter) -> bool:
        """Whether a document has enough pages. It ends where a paragraph does, unless none does for long."""
        marks = sum(sheet.marks for sheet in sheets)
        if marks < self._part_marks:
            return False
        return marks >= 2 * self._part_marks or not runs_on(sheets[-1].matter.text, following.text)

    def _part(self, chapter: Chapter, sheets: list[_Sheet]) -> None:
        part = chapter.parts[-1]
        begins = len(chapter.parts) == 1
        self._write(f"EPUB/text/{part.name}.xhtml", "chapter.xhtml", chapter=chapter, begins=begins, sheets=sheets)
        self._overlay(part, sheets)

    def _sheet(self, page: PageMatter, *, goes_on: bool) -> _Sheet:
        mark = self._contents.open_page(page)
        sentences = timeline(page)
        paragraphs = page_paragraphs(page.text, sentences)
        picture = audio = None
        if page.picture is not None:
            picture = self._contents.place(page.picture.asset, page.picture.media_type, self._archive, self._asset_path)
        if page.audio is not None and paragraphs and page.audio.end_ms > page.audio.begin_ms:
            audio = self._contents.audio(page.audio.asset, self._archive, self._asset_path)
        return _Sheet(
            matter=page,
            mark=mark,
            goes_on=goes_on,
            missing=one_line(page.missing or ""),
            paragraphs=paragraphs,
            sentences=sentences,
            picture=picture,
            alt=one_line(page.picture.alt) if page.picture else "",
            audio=audio,
        )

    def _overlay(self, part: Part, sheets: list[_Sheet]) -> None:
        """The overlay of a part's spoken pages. A page whose sentences are not known is one clip."""
        document, pages = f"../text/{part.name}.xhtml", []
        for sheet in sheets:
            audio, file = sheet.matter.audio, sheet.audio
            if audio is None or file is None:
                continue
            path, begin_ms, end_ms = f"../{file.path}", audio.begin_ms, audio.end_ms
            if sheet.sentences:
                end_ms = sheet.sentences[-1].end_ms
                pages.append(page_clips(document, path, sheet.sentences))
            else:
                pages.append(whole_clip(document, path, f"whole{sheet.matter.number}", begin_ms, end_ms))
            part.spoken_ms += end_ms - begin_ms
        if pages:
            self._write(f"EPUB/overlay/{part.name}.smil", "overlay.smil", document=document, pages=pages)

    def _write(self, name: str, template: str, **values: object) -> None:
        self._archive.text(name, _templates().get_template(f"{template}.j2").render(self._shared | values))


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("bookwright.press.epub"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["seconds"] = seconds
    environment.filters["label"] = lambda title: shortened(title, _LABEL_LIMIT)
    return environment
