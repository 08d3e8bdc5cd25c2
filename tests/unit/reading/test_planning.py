"""Chapters found across pages with text of their own and pages that were read off their pictures."""

from bookwright.contracts.book import PageTrouble
from bookwright.contracts.drafts import DocumentDraft, DraftEntry, DraftHeading, DraftPage
from bookwright.contracts.pagereading import Block, BlockKind, PageReading
from bookwright.press.reading.planning import planned

VISION = "vision:gemini"


def own(number: int, text: str = "The boats went out, and came back.") -> DraftPage:
    return DraftPage(number=number, text=text)


def unread(number: int) -> DraftPage:
    return DraftPage(number=number, text="", trouble=PageTrouble.NO_TEXT)


def seen(*blocks: tuple[BlockKind, str], number: str | None = None) -> tuple[str, PageReading]:
    told = tuple(Block(kind=kind, text=text) for kind, text in blocks)
    return VISION, PageReading(language="en", number=number, blocks=told)


HEADING, TEXT = BlockKind.HEADING, BlockKind.PARAGRAPH


def test_chapters_begin_on_both_kinds_of_pages() -> None:
    draft = DocumentDraft(
        title="The Weir",
        pages=(own(1, "The Mill\n\nIt stood by the water."), own(2), unread(3), unread(4), own(5)),
        starts=((None, 1),),
        headings=(DraftHeading(page=1, text="The Mill", size=16.0),),
        body=10.0,
    )
    readings = {3: seen((HEADING, "The Flood"), (TEXT, "It came at night.")), 4: seen((TEXT, "By dawn it was gone."))}
    source = planned(draft, readings)
    assert source.title == "The Weir"
    assert [(chapter.title, [page.number for page in chapter.pages]) for chapter in source.chapters] == [
        ("The Mill", [1, 2]),
        ("The Flood", [3, 4, 5]),
    ]
    pages = [page for chapter in source.chapters for page in chapter.pages]
    assert [page.source for page in pages] == ["text", "text", VISION, VISION, "text"]
    assert [page.text for page in pages[2:4]] == ["It came at night.", "By dawn it was gone."], "a title is no text"
    assert all(page.trouble is None for page in pages)


def test_an_outline_wins_and_a_page_that_nobody_could_read_stays() -> None:
    draft = DocumentDraft(
        title=None,
        pages=(unread(1), unread(2), unread(3)),
        starts=(("One", 1), ("Two", 3)),
        outline=(DraftEntry(level=0, title="One", page=1), DraftEntry(level=0, title="Two", page=3)),
    )
    source = planned(draft, {1: seen((HEADING, "Loud"), (TEXT, "A drum.")), 3: seen((TEXT, "A flute."))}, " Songs ")
    assert source.title == "Songs"
    assert [chapter.title for chapter in source.chapters] == ["One", "Two"]
    middle = source.chapters[0].pages[1]
    assert (middle.trouble, middle.source) == (PageTrouble.NO_TEXT, "none")


def test_heads_that_run_through_the_pages_are_no_text() -> None:
    draft = DocumentDraft(title="T", pages=tuple(map(unread, range(1, 6))), starts=((None, 1),))
    said = {n: f"Day {n} was wet, and the day after it was no better than the one before." for n in range(1, 5)}
    readings = {n: seen((TEXT, f"THE LONG FLOOD {n}"), (TEXT, text), number=str(n + 9)) for n, text in said.items()}
    readings[5] = seen((TEXT, "THE END"), (TEXT, "It was dry."))
    pages = [page for chapter in planned(draft, readings).chapters for page in chapter.pages]
    assert [page.text for page in pages] == [*said.values(), "THE END\n\nIt was dry."]
    assert [page.label for page in pages] == ["10", "11", "12", "13", None]
