"""A book's matter laid out in a scratch folder for typst: as JSON, which a template reads as data and never as code."""

import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from typing import Any, Literal, TextIO

from bookwright.contracts.editions import BookMatter, ChapterMatter, PageMatter
from bookwright.contracts.errors import BadInput, UnknownLanguage
from bookwright.contracts.ids import AssetId
from bookwright.press.epub.markup import one_line
from bookwright.press.lettering import is_rtl
from bookwright.press.pdf import fonts, pictures, prose
from bookwright.text.blocks import shortened
from bookwright.text.direction import direction
from bookwright.text.language import normalise_language
from bookwright.text.wording import digits, numeral, wording

Layout = Literal["auto", "picture", "text"]
_SHORT, _SHORT_WITH_PICTURES = 400, 900
"""Characters of a mean page up to which a book is set as a picture book."""
_RUNNING_HEAD = 60
_ALT = 200
_LARGEST = 3_000_000
"""Characters of one page; longer ones are refused rather than set for an hour."""


class Stage:
    """One book on its way into `folder`."""

    def __init__(self, folder: Path, book: BookMatter, asset_path: Callable[[AssetId], Path]) -> None:
        self._folder = folder
        self._book = book
        self._asset_path = asset_path
        self._placed: dict[AssetId, Future[pictures.Placed | None]] = {}
        self._missing: list[dict[str, Any]] = []
        self._seen: set[int] = set()
        self._chapters = 0
        self._lengths: list[int] = []
        self._last_line = ""
        try:
            self._language = normalise_language(book.language)
        except UnknownLanguage as error:
            raise BadInput(str(error), field="language") from None
        self._words = wording(self._language)
        modified = book.modified
        self._modified = modified.replace(tzinfo=UTC) if modified.tzinfo is None else modified.astimezone(UTC)

    def write(self, chapters: Iterable[ChapterMatter], layout: Layout, on_progress: Callable[[int], None]) -> int:
        """Write all files and return the pages there are. Only one chapter is in memory at a time. `on_progress` gets
        the pages done. Raises BadInput when there is no chapter."""
        pool = ThreadPoolExecutor(os.cpu_count())  # Pillow lets go of the lock while it decodes
        try:
            with (self._folder / "chapters.json").open("w", encoding="utf-8") as file:
                file.write("[")
                for chapter in chapters:
                    self._place_pictures(chapter, pool)
                    self._chapter(chapter, file, on_progress)
                file.write("]")
        finally:
            pool.shutdown(cancel_futures=True)
        if not self._chapters:
            raise BadInput("There is no chapter to bind.")
        chosen = self._layout(layout)
        self._dump("book.json", self._head(chosen))
        self._dump("settings.json", {"fonts": fonts.folders(), "timestamp": int(self._modified.timestamp())})
        return len(self._seen)

    def _chapter(self, chapter: ChapterMatter, file: TextIO, on_progress: Callable[[int], None]) -> None:
        self._chapters += 1
        self._last_line = ""
        pages = []
        for page in chapter.pages:
            pages.append(self._page(page))
            self._seen.add(page.number)
            on_progress(len(self._seen))
        title = one_line(chapter.title) or f"{self._words.chapter} {chapter.number}"
        content = {
            "title": prose.breakable(title),
            "head": shortened(title, _RUNNING_HEAD),
            "pages": pages,
        }
        file.write("," if self._chapters > 1 else "")
        json.dump(content, file, ensure_ascii=False)

    def _page(self, page: PageMatter) -> dict[str, Any]:
        if len(page.text) > _LARGEST:
            raise BadInput(f"Page {page.number} has more than {_LARGEST:,} characters.", field="text")
        paragraphs = prose.lines_of(page.text)
        picture = self._picture(page)
        missing = [_note(page.missing)] if page.missing and one_line(page.missing) else []
        if page.picture is not None and picture is None:
            missing.append(_note(page.picture.alt or self._words.absent))
        if missing:
            self._missing.append(
                {"label": page.label or self._numeral(page.number), "anchor": page.number, "notes": missing}
            )
        length = sum(len(line) for lines in paragraphs for line in lines)
        if paragraphs:
            self._lengths.append(length)
        first = paragraphs[0][0] if paragraphs and len(paragraphs[0]) == 1 else ""
        follows = prose.runs_on(self._last_line, first) and not missing and picture is None
        before = prose.joint(self._last_line) if follows else None
        self._last_line = paragraphs[-1][0] if paragraphs and len(paragraphs[-1]) == 1 and not missing else ""
        return {
            "number": page.number,
            "label": one_line(page.label or "")[:12] or self._numeral(page.number),
            "paragraphs": paragraphs,
            "characters": length,
            "joint": before,
            "picture": picture,
            "missing": missing,
        }

    def _place_pictures(self, chapter: ChapterMatter, pool: ThreadPoolExecutor) -> None:
        longest = pictures.longest_side(self._book.pages)
        for asset in (page.picture.asset for page in chapter.pages if page.picture):
            if asset not in self._placed:
                name = f"picture-{len(self._placed)}"
                self._placed[asset] = pool.submit(pictures.place, self._asset_path(asset), self._folder, name, longest)

    def _picture(self, page: PageMatter) -> dict[str, Any] | None:
        if page.picture is None:
            return None
        placed = self._placed[page.picture.asset].result()
        # A picture without a description still needs one: PDF/UA knows no picture without.
        alt = one_line(page.picture.alt) or f"{self._words.page} {page.number}"
        return placed and {"file": placed.name, "ratio": placed.height / placed.width, "alt": alt}

    def _layout(self, wanted: Layout) -> Layout:
        """The layout for this book: a picture book when its pages are short, and with pictures when they are not long,
        as large type does nothing for a novel with a map in it."""
        if wanted != "auto":
            return wanted
        mean = sum(self._lengths) / max(len(self._lengths), 1)
        return "picture" if mean <= (_SHORT_WITH_PICTURES if self._pictured() else _SHORT) else "text"

    def _pictured(self) -> bool:
        return any(placed.result() for placed in self._placed.values())

    def _head(self, layout: Layout) -> dict[str, Any]:
        book, words = self._book, self._words
        title = one_line(book.title) or words.untitled
        author, narrator = one_line(book.author or ""), one_line(book.narrator or "")
        primary, *rest = self._language.split("-")
        return {
            "layout": layout,
            "title": prose.breakable(title),
            "name": title,
            "head": shortened(title, _RUNNING_HEAD),
            "author": prose.breakable(author),
            "narrator": prose.breakable(narrator),
            "credit": _note(book.credit or ""),
            "id": book.book_id,
            "keywords": [word for word in (self._language, narrator and f"{words.narration}: {narrator}") if word],
            "date": list(self._modified.timetuple()[:6]),
            "language": primary,
            "region": next((part for part in rest if len(part) == 2), None),
            "direction": direction(self._language),
            "script": fonts.script(self._language),
            "families": fonts.families(self._language, serif=layout == "text"),
            "words": {
                "language": words.language,
                "direction": direction(words.language),
                "contents": words.contents,
                "page": words.page,
                "narration": words.narration,
                "missing": words.missing,
                "absent": words.absent,
                "unshown": words.unshown,
            },
            "chapters": self._chapters,
            "numbering": digits(self._language)[1],
            "pictured": self._pictured(),
            "fullness": sorted(self._lengths)[len(self._lengths) * 3 // 4] if self._lengths else 0,
            "missing": self._missing + self._absent(),
            "unshown": 0,
            "cover": self._cover(),
        }

    def _numeral(self, number: int) -> str:
        return numeral(number, self._language)

    def _absent(self) -> list[dict[str, Any]]:
        """Pages that the book promises and no chapter brought, a run of them as one."""
        runs: list[list[int]] = []
        for number in range(1, self._book.pages + 1):
            if number in self._seen:
                continue
            if runs and runs[-1][1] == number - 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        return [
            {
                "label": "–".join(map(self._numeral, sorted({a, b}))),
                "anchor": None,
                "notes": [_note(self._words.absent)],
            }
            for a, b in runs
        ]

    def _cover(self) -> dict[str, Any] | None:
        placed = pictures.place(self._book.cover, self._folder, "cover")
        if placed is None:
            return None
        top, bottom = pictures.edges(self._folder / placed.name)
        alt = f"{self._words.cover}: {shortened(one_line(self._book.title) or self._words.untitled, _ALT)}"
        return {"file": placed.name, "ratio": placed.height / placed.width, "top": top, "bottom": bottom, "alt": alt}

    def _dump(self, name: str, content: dict[str, Any]) -> None:
        (self._folder / name).write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _note(text: str) -> dict[str, Any]:
    return {"text": prose.breakable(one_line(text)), "rtl": is_rtl(text)}
