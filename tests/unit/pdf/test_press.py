"""A bound PDF holds the whole book, in order, findable and readable by programs."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
from PIL import Image

from bookwright.contracts.editions import ChapterMatter, PageMatter
from bookwright.press.pdf.staging import Layout
from tests.unit.pdf.conftest import SENTENCES, TITLES, Bind, chapter, drawing, matter, picture

LAYOUTS: list[Layout] = ["picture", "text"]
LANGUAGES = list(SENTENCES)
FRONT = 3
"""Cover, title page, colophon."""


def page_texts(path: Path) -> list[str]:
    """The text of each PDF page, in reading order."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def squeezed(text: str) -> str:
    """Without white space and zero-width characters: programs differ in where they see a space."""
    return re.sub(r"[\s\u200b-\u200f]", "", text)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_is_extractable_in_reading_order(bind: Bind, language: str, layout: Layout) -> None:
    first, second = SENTENCES[language]
    path = bind(matter(2, language=language), [chapter([f"{first}\n\n{second}", second])], layout)
    text = squeezed("".join(page_texts(path)))
    places = [found.start() for sentence in (first, second, second) for found in re.finditer(squeezed(sentence), text)]
    assert text.count(squeezed(first)) == 1
    assert text.count(squeezed(second)) == 2
    assert text.index(squeezed(first)) < text.index(squeezed(second))
    assert places


def test_a_picture_book_has_a_page_for_each_page(bind: Bind, tmp_path: Path) -> None:
    pages = tuple(
        PageMatter(
            number=number, text=f"Page {number} is short.", picture=picture(drawing(kind), tmp_path, f"No {number}")
        )
        for number, kind in enumerate(("JPEG", "PNG", "WEBP"), 1)
    )
    path = bind(matter(3), [ChapterMatter(number=1, title="One", pages=pages)])
    texts = page_texts(path)
    assert len(texts) == FRONT + 3
    for number, text in enumerate(texts[FRONT:], 1):
        assert f"Page {number} is short." in text
    with pypdfium2.PdfDocument(path) as document:
        shown = document[FRONT].render(scale=1).to_pil()
    assert shown.getpixel((shown.width // 2, 30))[:2] != (255, 255)


def test_a_long_page_of_a_picture_book_runs_on_and_loses_nothing(bind: Bind, tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(1_500)]
    page = PageMatter(number=1, text=" ".join(words), picture=picture(drawing(), tmp_path))
    path = bind(matter(1), [ChapterMatter(number=1, title="One", pages=(page,))], "picture")
    texts = page_texts(path)
    assert len(texts) > FRONT + 2
    assert re.findall(r"word\d+", "".join(texts)) == words


def test_a_novel_runs_on_with_heads_folios_and_contents(bind: Bind) -> None:
    text = "\n\n".join(f"Paragraph {number} goes on about the weather and the sea for a while." for number in range(40))
    chapters = [chapter([text] * 2, number, f"Chapter the {number}", 2 * number - 1) for number in (1, 2, 3)]
    texts = page_texts(bind(matter(6, 3), chapters))
    contents = next(text for text in texts if text.startswith("Contents"))
    assert all(f"Chapter the {number}" in contents for number in (1, 2, 3))
    body = texts[texts.index(contents) + 1 :]
    assert [page.split()[-1] for page in body] == [str(number) for number in range(1, len(body) + 1)]
    heads = [page.split("\r\n")[0] for page in body]
    openings = [place for place, head in enumerate(heads) if head.startswith("Chapter the") and place % 2 == 0]
    assert openings[0] == 0
    assert heads[1] == TITLES["en"]
    assert heads[2] == "Chapter the 1"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lines_of_verse_begin_at_one_margin(bind: Bind, layout: Layout) -> None:
    lines = ["Up went the kite,", "up went the gull,", "and under them " + "both the harbour " * 9, "Still it lay."]
    path = bind(matter(1), [chapter(["\n".join(lines)])], layout)
    with pypdfium2.PdfDocument(path) as document:
        text = document[FRONT].get_textpage()
        found = [text.search(line[:12]).get_next() for line in lines]
        left = [text.get_charbox(place[0])[0] for place in found if place]
    assert len(left) == 4 and max(left) - min(left) < 3


def test_things_to_be_found_are_set_beside_each_other(bind: Bind) -> None:
    things = ["red key", "golden snail", "blue cup", "green flag"]
    path = bind(matter(1), [chapter(["\n\n".join(["Can you find them all?", *things])])], "picture")
    with pypdfium2.PdfDocument(path) as document:
        text = document[FRONT].get_textpage()
        found = [text.search(thing).get_next() for thing in things]
        lower = [text.get_charbox(place[0])[1] for place in found if place]
    assert max(lower[:3]) - min(lower[:3]) < 10 and lower[3] < min(lower[:3]) - 10


def test_a_sentence_cut_by_a_page_goes_on_in_its_paragraph(bind: Bind) -> None:
    path = bind(matter(2), [chapter(["She walked down to", "the river and sat down."])], "text")
    assert "She walked down to the river and sat down." in "".join(page_texts(path)).replace("\r\n", " ")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_outline_contents_and_links_lead_to_the_chapters(bind: Bind, layout: Layout) -> None:
    chapters = [chapter(["Some text."], number, f"Chapter {number}", number) for number in (1, 2, 3)]
    reader = pypdf.PdfReader(bind(matter(3, 3), chapters, layout))
    marks = [mark for mark in reader.outline if not isinstance(mark, list)]
    titles = [str(mark.title) for mark in marks]
    assert [title for title in titles if title.startswith("Chapter")] == ["Chapter 1", "Chapter 2", "Chapter 3"]
    places = [reader.get_destination_page_number(mark) or 0 for mark in marks]
    assert all(before < after for before, after in pairwise(places))
    links = [
        note for page in reader.pages for note in page.get("/Annots", []) if note.get_object()["/Subtype"] == "/Link"
    ]
    assert len(links) >= 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_contents_and_pages_bear_the_same_numbers_in_the_digits_of_the_language(bind: Bind, layout: Layout) -> None:
    book = matter(2, 2).model_copy(update={"language": "bn", "title": "নদী"})
    chapters = [chapter(["নদী।"], number, "জল", number) for number in (1, 2)]
    contents, *body = page_texts(bind(book, chapters, layout))[FRONT:]
    assert re.findall("[০-৯]+", contents) == ["১", "২"]
    assert [text.split()[-1] for text in body if "নদী।" in text] == ["১", "২"]


def test_lines_of_a_title_are_about_equally_long(bind: Bind) -> None:
    path = bind(matter(1, title="The Girl Who Went Up the Stream in a Boat"), [chapter(["Text."])], "text")
    with pypdfium2.PdfDocument(path) as document:
        text = document[1].get_textpage()
        found = sorted((text.get_rect(index) for index in range(text.count_rects())), key=lambda rect: -rect[3])
    title, author = found[:-1], found[-1]
    widths = [right - left for left, _, right, _ in title]
    assert len(title) >= 2 and min(widths) > 0.6 * max(widths)
    middles = [(left + right) / 2 for left, _, right, _ in (*title, author)]
    assert max(middles) - min(middles) < 6  # a line's last space is counted


def test_metadata_tags_and_fonts(bind: Bind) -> None:
    reader = pypdf.PdfReader(bind(matter(1, language="hi"), [chapter(["नमस्ते"])]))
    assert reader.metadata is not None and reader.metadata.title == TITLES["hi"]
    assert reader.metadata.author == "Asha Menon"
    assert "hi" in str(reader.metadata.get("/Keywords"))
    assert str(reader.metadata.creation_date).startswith("2026-03-04 05:06:07")
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/Lang"] == "hi"
    assert catalog["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalog["/Metadata"].get_object().get_data()
    assert "/StructTreeRoot" in catalog
    resources: list[Any] = [page["/Resources"] for page in reader.pages]
    used = [font.get_object() for resource in resources for font in resource.get("/Font", {}).values()]
    assert used
    for font in used:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_pictures_and_cover_have_a_description(bind: Bind, tmp_path: Path) -> None:
    page = PageMatter(number=1, text="Look.", picture=picture(drawing(), tmp_path, "A boat at night"))
    reader = pypdf.PdfReader(bind(matter(1), [ChapterMatter(number=1, title="One", pages=(page,))]))
    alts: list[str] = []

    def walk(node: object) -> None:
        node = node.get_object() if isinstance(node, pypdf.generic.IndirectObject) else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/Alt" in node:
                alts.append(str(node["/Alt"]))
            walk(node.get("/K"))

    catalog: Any = reader.trailer["/Root"]
    walk(catalog["/StructTreeRoot"]["/K"])
    assert alts == ["Cover: The Boat", "A boat at night"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_book_gives_the_same_bytes(bind: Bind, tmp_path: Path, layout: Layout) -> None:
    page = PageMatter(number=1, text="Here. नमस्ते 😀", picture=picture(drawing("WEBP"), tmp_path), missing="No sound.")
    chapters = [ChapterMatter(number=1, title="One", pages=(page,)), chapter(["There."], 2, "Two", 2)]
    first, again = (bind(matter(2, 2), chapters, layout, name) for name in ("first.pdf", "again.pdf"))
    assert first.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_partial_book_says_what_it_lacks(bind: Bind, tmp_path: Path, layout: Layout) -> None:
    broken = picture(drawing()[:900], tmp_path, "A boat nobody sees")
    pages = (
        PageMatter(number=1, text="All is well."),
        PageMatter(number=2, text="", missing="This page could not be read."),
        PageMatter(number=3, text="No picture.", picture=broken),
    )
    texts = page_texts(bind(matter(6), [ChapterMatter(number=1, title="One", pages=pages)], layout))
    colophon, body = texts[2], "".join(texts[FRONT:])
    assert "This page could not be read." in colophon and "This page could not be read." in body
    assert "A boat nobody sees" in colophon and "A boat nobody sees" in body
    assert re.search(r"Page 4–6:\s+Not in this edition\.", colophon)


def test_auto_suits_the_book(bind: Bind) -> None:
    def width(text: str) -> float:
        with pypdfium2.PdfDocument(bind(matter(1), [chapter([text])])) as document:
            return float(document[0].get_width())

    assert width("A few words.") > width("Many words. " * 200)


def test_right_to_left_text_begins_on_the_right(bind: Bind) -> None:
    with pypdfium2.PdfDocument(bind(matter(1, language="ur"), [chapter([SENTENCES["ur"][0]])], "text")) as document:
        width, text = document[0].get_width(), document[FRONT].get_textpage()
        last_line = text.search(SENTENCES["ur"][0].split()[0]).get_next()
        assert last_line is not None
        assert text.get_charbox(last_line[0])[0] > width * 2 / 3


def test_a_cover_fills_its_page(bind: Bind) -> None:
    with pypdfium2.PdfDocument(bind(matter(1), [chapter(["Text."])])) as document:
        image = document[0].render(scale=1).to_pil()
    assert isinstance(image, Image.Image)
    assert (255, 255, 255) not in {image.getpixel((x, y)) for x in (1, image.width - 2) for y in (1, image.height - 2)}
