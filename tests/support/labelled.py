"""Books whose scenes are known: `tests/data/scenes`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bookwright.contracts.book import PageText
from bookwright.contracts.media import TextTask
from bookwright.text.spreads import BEFORE_PAGES, spread_task

FOLDER = Path(__file__).parents[1] / "data" / "scenes"


@dataclass(frozen=True)
class LabelledSpread:
    """A spread, and whether a scene begins with it."""

    pages: tuple[PageText, ...]
    begins: bool
    label: str
    """What the scene is that begins, in words."""


@dataclass(frozen=True)
class LabelledBook:
    """A book with at least one scene."""

    name: str
    language: str
    spreads: tuple[LabelledSpread, ...]


def labelled_books(split: str) -> list[LabelledBook]:
    """Those of `tuning` or `heldout`."""
    return [_read(path) for path in sorted((FOLDER / split).glob("*.txt"))]


def tasks_of(book: LabelledBook) -> Iterator[tuple[TextTask, list[int]]]:
    """What is asked about each of its spreads, and its pages' numbers."""
    pages = [page for spread in book.spreads for page in spread.pages]
    for spread in book.spreads:
        first = spread.pages[0].number
        before = [page for page in pages if first - BEFORE_PAGES <= page.number < first]
        yield spread_task(spread.pages, book.language, before), [page.number for page in spread.pages]


def _read(path: Path) -> LabelledBook:
    language, *lines = path.read_text("utf-8").splitlines()
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith(("===", "---")):
            found.append((line, [""]))
        elif line == "|":
            found[-1][1].append("")
        else:
            found[-1][1][-1] += line + "\n"
    spreads = []
    for index, (mark, texts) in enumerate(found):
        pages = [PageText(number=2 * index + 1 + n, chapter=1, text=text.strip()) for n, text in enumerate(texts)]
        spreads.append(LabelledSpread(tuple(pages), mark.startswith("==="), mark.lstrip("=- ")))
    return LabelledBook(path.stem, language, tuple(spreads))
