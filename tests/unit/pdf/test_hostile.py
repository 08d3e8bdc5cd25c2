"""No text, picture or caller breaks the binding, and none of the text is taken for code."""

import threading
from pathlib import Path

import pypdfium2
import pytest

from bookwright.contracts.editions import ChapterMatter, PageMatter
from bookwright.contracts.errors import BadInput, Permanent
from bookwright.press.pdf.press import PdfPress
from bookwright.press.pdf.staging import Layout
from tests.unit.pdf.conftest import Bind, chapter, drawing, matter, picture
from tests.unit.pdf.test_press import FRONT, LAYOUTS, page_texts


class Stopped(Exception):
    """Somebody cancelled."""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_markup_in_a_text_stays_text(bind: Bind, layout: Layout) -> None:
    code = '#eval("1+1") $x^2$ #read("/etc/passwd") *b* _i_ `r` <l> @r // c /* d */ #panic() = H \\ [x]'
    texts = page_texts(bind(matter(1, title=code, author=code, credit=code), [chapter([code], title=code)], layout))
    assert code.replace(" ", "") in "".join(texts[FRONT:]).replace("\r\n", "").replace(" ", "")
    assert "root:" not in "".join(texts)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_very_long_words_and_titles_lose_no_letter(bind: Bind, layout: Layout) -> None:
    title = "A title without an end " * 220
    texts = page_texts(bind(matter(1, title=title), [chapter(["W" * 9_000 + " tail"], title=title)], layout))
    assert "".join(texts).count("W") == 9_000
    assert "tail" in "".join(texts)
    with pypdfium2.PdfDocument(bind(matter(1, title=title), [chapter(["W" * 2_000])], layout)) as document:
        for page in document:
            text = page.get_textpage()
            rects = [text.get_rect(index) for index in range(text.count_rects())]
            assert all(0 <= left and right <= page.get_width() for left, _, right, _ in rects)


def test_control_characters_take_no_text_with_them(bind: Bind) -> None:
    controls = "\x00\x07\x1b\x85\xad\u034f\u061c\u200b\u200e\u2028\u202e\u2066\ufeff\ufffe\ud800\U000e0041"
    text = "\n\n".join(f"before{place}x{char}x{place}after" for place, char in enumerate(controls))
    found = "".join(page_texts(bind(matter(1), [chapter([text])], "text")))
    for place in range(len(controls)):
        assert f"before{place}x" in found and f"x{place}after" in found


def test_characters_without_a_font_are_shown_and_counted(bind: Bind) -> None:
    texts = page_texts(bind(matter(1), [chapter(["She wrote \u10920\u1092f and \U00012000 below her name."])], "text"))
    assert "She wrote" in texts[FRONT] and "below her name." in texts[FRONT]
    assert "□" in texts[FRONT] and "□" in texts[2]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_empty_pages_are_accounted_for(bind: Bind, layout: Layout) -> None:
    texts = page_texts(bind(matter(3), [chapter(["", " \n\n ", ""])], layout))
    assert len(texts) == FRONT + (3 if layout == "picture" else 1)


@pytest.mark.parametrize(("layout", "paragraphs"), [("text", 4_400), ("picture", 400)])
def test_a_page_with_megabytes_of_text(bind: Bind, layout: Layout, paragraphs: int) -> None:
    text = "\n\n".join("The tide came in and the tide went out again, as it does. " * 8 for _ in range(paragraphs))
    found = "".join(page_texts(bind(matter(1), [chapter([text])], layout)))
    assert found.count("tide") == text.count("tide")


@pytest.mark.parametrize("pages", [(), ("text",)])
def test_a_book_without_chapters_or_with_no_language_is_refused(bind: Bind, tmp_path: Path, pages: tuple[str]) -> None:
    book = matter(1, language="en").model_copy(update={"language": "not a language" if pages else "en"})
    with pytest.raises(BadInput):
        bind(book, [chapter(pages)] if pages else [])
    assert list(tmp_path.iterdir()) == []


def test_a_cover_that_is_no_picture_is_left_out(bind: Bind) -> None:
    assert len(page_texts(bind(matter(1, cover=b"GIF89a, or so"), [chapter(["Text."])]))) == FRONT


def test_raising_in_on_progress_ends_typst_and_leaves_nothing(tmp_path: Path) -> None:
    calls: list[int] = []

    def stop(done: int) -> None:
        calls.append(done)
        if len(calls) > 2:  # the second call at the latest comes while typst runs
            raise Stopped

    with pytest.raises(Stopped):
        PdfPress().bind(matter(1), [chapter(["Text. " * 20_000])], lambda _: tmp_path, tmp_path / "book.pdf", stop)
    assert calls == [1] * len(calls)
    assert list(tmp_path.iterdir()) == []


def test_a_book_over_the_memory_limit_is_a_recorded_failure(tmp_path: Path) -> None:
    with pytest.raises(Permanent):
        PdfPress(memory_mb=80).bind(
            matter(1), [chapter(["Text."])], lambda _: tmp_path, tmp_path / "book.pdf", lambda _: None
        )
    assert list(tmp_path.iterdir()) == []


def test_two_books_at_once(tmp_path: Path) -> None:
    page = PageMatter(number=1, text="Both.", picture=picture(drawing(), tmp_path))
    chapters = [ChapterMatter(number=1, title="One", pages=(page,))]
    press, targets = PdfPress(), [tmp_path / "a.pdf", tmp_path / "b.pdf"]

    def bind(target: Path) -> None:
        press.bind(matter(1), chapters, lambda asset: tmp_path / asset, target, lambda _: None)

    threads = [threading.Thread(target=bind, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert targets[0].read_bytes() == targets[1].read_bytes()


def test_marks_on_letters_are_shown(bind: Bind) -> None:
    words = "שָׁלוֹם ذَهَبَ e\u0301\u0323 नि"
    texts = page_texts(bind(matter(1), [chapter([words])], "text"))
    assert "□" not in "".join(texts)
