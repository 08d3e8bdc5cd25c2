"""Chapters and pages of plain text and Markdown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwright.contracts.book import PageText, SourceText
from bookwright.contracts.errors import EmptySource
from bookwright.contracts.orders import NAME_LIMIT, TextFormat
from bookwright.text.measure import count_words
from bookwright.text.source import guess_format, read_source

PLAIN, MARKDOWN = TextFormat.PLAIN, TextFormat.MARKDOWN
STORY = (
    "# Luna\n\n##\nOnce upon a time.\n\nThere was Luna.\n\n##\n\n##\nThe end.\n\n"
    "##\n* License: [CC-BY]\n* Text: A. Author\n"
)


def pages(source: SourceText) -> list[PageText]:
    return [page for chapter in source.chapters for page in chapter.pages]


def texts(source: SourceText) -> list[str]:
    return [page.text for page in pages(source)]


def titles(source: SourceText) -> list[str]:
    return [chapter.title for chapter in source.chapters]


def test_bare_hashes_begin_pages_and_blank_pages_count() -> None:
    source = read_source(STORY, MARKDOWN)
    assert source.title == "Luna" and titles(source) == ["Luna"]
    assert texts(source) == [
        "Once upon a time.\n\nThere was Luna.",
        "",
        "The end.",
        "License: [CC-BY]\n\nText: A. Author",
    ]
    assert [page.number for page in pages(source)] == [1, 2, 3, 4]
    assert all(page.label is None for page in pages(source))


def test_an_ordered_title_wins_and_no_text_is_lost_to_it() -> None:
    source = read_source(STORY, MARKDOWN, title="Another  name")
    assert source.title == "Another name" and titles(source) == ["Luna"]
    plain = read_source("First line\n\nThe rest of it.", PLAIN, title="Other")
    assert plain.title == "Other" and texts(plain) == ["First line\n\nThe rest of it."]


def test_several_top_headings_are_chapters() -> None:
    source = read_source("# One\n\nA.\n\n# Two\n\nB.\n\n## A section\n\nC.\n\n## Chapter 3\n\nD.", MARKDOWN)
    assert source.title is None
    assert titles(source) == ["One", "Two", "Chapter 3"]
    assert texts(source) == ["A.", "B.\n\nA section\n\nC.", "D."]
    assert [page.chapter for page in pages(source)] == [1, 2, 3]


def test_second_level_headings_are_chapters_under_a_title() -> None:
    source = read_source("# Book\n\nA word first.\n\n## The river #\n\nA.\n\n### Deep\n\nB.\n\nSea\n---\nC.", MARKDOWN)
    assert source.title == "Book"
    assert titles(source) == ["Book", "The river", "Sea"]
    assert texts(source) == ["A word first.", "A.\n\nDeep\n\nB.", "C."]


def test_a_chapter_that_is_all_heading_speaks_it() -> None:
    source = read_source("# Part One\n\n# Chapter 1\n\nText.", MARKDOWN)
    assert titles(source) == ["Part One", "Chapter 1"] and texts(source) == ["Part One", "Text."]


def test_a_heading_on_a_marked_page_keeps_the_page_count() -> None:
    source = read_source("##\n# One\nA.\n##\nB.\n##\n# Two\nC.", MARKDOWN)
    assert titles(source) == ["One", "Two"] and texts(source) == ["A.", "B.", "C."]


def test_a_chapter_inside_a_printed_page_splits_it_and_labels_tell() -> None:
    source = read_source("One ends here and begins.\n\nCHAPTER II\n\nTwo begins.\fMore.\fLast.", PLAIN)
    assert texts(source) == ["One ends here and begins.", "Two begins.", "More.", "Last."]
    assert [page.label for page in pages(source)] == [None, "1", "2", "3"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("A.\fB.\fC.", ["A.", "B.", "C."]),
        ("A.\f\fC.", ["A.", "", "C."]),
        ("\fA.\fB.", ["A.", "B."]),
        ("A.\fB.\fC.\f", ["A.", "B.", "C."]),
        ("\fA.\f", ["", "A."]),
        ("A.\n\nB.\f", ["A.\n\nB."]),
        ("Title\fText.", ["Title", "Text."]),
    ],
)
@pytest.mark.parametrize("format", list(TextFormat))
def test_form_feeds_are_pages(text: str, expected: list[str], format: TextFormat) -> None:
    assert texts(read_source(text, format)) == expected


@pytest.mark.parametrize(
    "heading",
    [
        "CHAPTER I",
        "Chapter 3: The River",
        "Chapter Twenty-One",
        "Chapter 4 The River",
        "अध्याय 1",
        "पहला अध्याय",
        "Capítulo 2. El río",
        "Chapitre premier",
        "Kapitel 7",
        "الفصل الأول",
        "الفصل الثاني عشر",
        "باب ۲",
        "অধ্যায় ১",
        "ਅਧਿਆਇ 1: ਨਦੀ",
        "Глава 2",
        "第三章 火",
        "Prologue",
    ],
)
def test_chapter_headings_in_plain_text(heading: str) -> None:
    source = read_source(f"My book\n\n{heading}\n\nText of it.\n\nMore text.", PLAIN)
    assert source.title == "My book" and len(source.chapters) == 1
    assert source.chapters[0].title == read_source(heading + "\n\nx", PLAIN).chapters[0].title
    assert texts(source) == ["Text of it.\n\nMore text."]


@pytest.mark.parametrize(
    "line",
    [
        "Chapter 3 of the book tells of a river",
        "Chapter closed",
        "Part of me wanted to go",
        "Book him, officer",
        "Teil der Geschichte",
        "Chapter 4 He went away.",
        "अध्यायों की सूची",
    ],
)
def test_prose_is_no_heading(line: str) -> None:
    source = read_source(f"It begins so.\n\n{line}\n\nIt goes on.", PLAIN)
    assert texts(source) == [f"It begins so.\n\n{line}\n\nIt goes on."]


def test_headings_with_a_second_line_and_with_text_at_once() -> None:
    source = read_source("CHAPTER I.\nDown the Rabbit-Hole\n\nAlice sat.\n\nCHAPTER II.\nIt was dark.", PLAIN)
    assert titles(source) == ["CHAPTER I: Down the Rabbit-Hole", "CHAPTER II."]
    assert texts(source) == ["Alice sat.", "It was dark."]


def test_a_table_of_contents_makes_no_chapters() -> None:
    source = read_source("Contents:\n\nCHAPTER I\nCHAPTER II\nCHAPTER III\n\nCHAPTER I\n\nText.", PLAIN)
    assert len(source.chapters) == 2 and source.chapters[1].title == "CHAPTER I"


def test_the_title_of_plain_text_is_a_short_first_line() -> None:
    source = read_source("The Red House\n\nIt was red.", PLAIN)
    assert (source.title, titles(source), texts(source)) == ("The Red House", ["The Red House"], ["It was red."])
    untitled = read_source("It was a dark night.\n\nIt rained.", PLAIN)
    assert untitled.title is None and titles(untitled) == ["It was a dark night. It rained."]
    assert texts(untitled) == ["It was a dark night.\n\nIt rained."]
    assert texts(read_source("Hello", PLAIN)) == ["Hello"]


def test_a_long_title_is_cut_between_words_and_its_text_kept() -> None:
    long = " ".join(["wonderful"] * 60)
    source = read_source(f"# {long}\n\nText.", MARKDOWN)
    assert source.title is not None and len(source.title) <= NAME_LIMIT
    assert source.title.endswith("wonderful…")
    assert texts(source)[0].startswith(long)


def test_wrapped_lines_run_on_and_short_ones_stay() -> None:
    wrapped = "It was the best of times and it was the worst of all times,\nit was the age of wisdom.\n\nRose\nred"
    assert texts(read_source(wrapped, PLAIN)) == [wrapped.replace("times,\n", "times, ")]


@pytest.mark.parametrize(
    "marked, clean",
    [
        ("**Bold** and *it* and __so__ and ***both***", "Bold and it and so and both"),
        ("snake_case stays, _this_ goes", "snake_case stays, this goes"),
        ("2 * 3 is \\*not\\* a list", "2 * 3 is *not* a list"),
        ("A [link](http://x.org/a_(b)) and ![a picture](p.png) here", "A link and a picture here"),
        ("[![alt](a.png)](http://x)", "alt"),
        ("See [this][ref].\n\n[ref]: http://x.org", "See this."),
        ("Use `code` &amp; ~~this~~", "Use code & this"),
        ("> Quoted\n> twice", "Quoted\ntwice"),
        ("- one\n- [x] two\n+ three", "one\n\ntwo\n\nthree"),
        ("1. one\n2. two", "1. one\n\n2. two"),
        ("a<br>b <!-- no --> <b>c</b> 1 < 2", "ab c 1 < 2"),
        ("A note[^1].\n\n[^1]: The note.", "A note.\n\nThe note."),
        ("```py\n# no heading\n```", "# no heading"),
        ("| a | b |\n|---|---|\n| c | d |", "a, b\n\nc, d"),
        ("One.\n\n* * *\n\nTwo.", "One.\n\nTwo."),
    ],
)
def test_inline_marks_become_speakable_text(marked: str, clean: str) -> None:
    assert texts(read_source(marked, MARKDOWN)) == [clean]


def test_front_matter_gives_the_title() -> None:
    source = read_source('---\ntitle: "The Sea"\nauthor: B\n---\n\nWaves.', MARKDOWN)
    assert source.title == "The Sea" and texts(source) == ["Waves."]


def test_an_unclosed_fence_swallows_no_pages() -> None:
    assert texts(read_source("##\nA.\n```\n##\nB.", MARKDOWN))[-1] == "B."


@pytest.mark.parametrize("text", ["# Title", "# Title\n\n##\n\n##\n", "…\n\n***", "—\f!", "\f\f", ""])
def test_nothing_to_speak_is_refused(text: str) -> None:
    with pytest.raises(EmptySource):
        read_source(text, MARKDOWN)


def test_unmarked_text_gets_pages_of_about_250_words() -> None:
    paragraph = " ".join(f"Sentence {number} has exactly six words." for number in range(12))
    source = read_source("\n\n".join([paragraph] * 40), PLAIN)
    sizes = [count_words(text) for text in texts(source)]
    assert sum(sizes) == 40 * 72 and all(200 <= size <= 300 for size in sizes[:-1])
    one_paragraph = read_source(" ".join([paragraph] * 40), PLAIN)
    assert all(200 <= count_words(text) <= 300 and text.endswith(".") for text in texts(one_paragraph)[:-1])


def test_scripts_without_spaces_get_pages_of_about_1500_code_points() -> None:
    source = read_source("山の上に小さな家がありました。" * 600, PLAIN)
    assert all(1_200 <= len(text) <= 1_800 and text.endswith("。") for text in texts(source)[:-1])
    assert "".join(texts(source)) == "山の上に小さな家がありました。" * 600


@pytest.mark.timeout(300)
@pytest.mark.parametrize("text", ["a" * 2_200_000, "<!--" * 550_000 + "a", "*a " * 730_000, "[a](x " * 360_000])
def test_2_megabytes_in_one_line_take_seconds(text: str) -> None:
    """Not the hours of an algorithm that is quadratic."""
    marked = read_source("##\n" + text, MARKDOWN)
    assert marked.page_count == 1


def test_formats_are_guessed() -> None:
    assert guess_format("a.md", "x") is MARKDOWN
    assert guess_format("story.txt", STORY) is MARKDOWN
    assert guess_format("notes.txt", "# 1 fan writes\n\nHello") is PLAIN
    assert guess_format("notes", "# Title\n\nHello") is MARKDOWN
    assert guess_format("plain", "Title\n\nHello") is PLAIN


@settings(max_examples=150)
@given(st.lists(st.text("ab .\n*[](_`é|<>", max_size=12), min_size=1, max_size=12), st.sampled_from(["\n##\n", "\f"]))
def test_every_mark_makes_a_page_in_order(bodies: list[str], mark: str) -> None:
    words = [f"{body.strip()} w{number}" for number, body in enumerate(bodies)]
    source = read_source("# T\n" + "".join(f"{mark}{body}" for body in words), MARKDOWN)
    assert [page.number for page in pages(source)] == list(range(1, len(words) + 1))
    assert all(f"w{number}" in text for number, text in enumerate(texts(source)))


@settings(max_examples=150)
@given(st.text("abc XI1.!\n山。#\t-", max_size=400), st.sampled_from(list(TextFormat)))
def test_letters_survive_and_no_unmarked_page_is_empty(text: str, format: TextFormat) -> None:
    try:
        source = read_source(text, format)
    except EmptySource:
        return
    if "##" not in text:
        assert all(page.strip() for page in texts(source))
    everything = "".join([source.title or "", *titles(source), *texts(source)])
    assert {letter for letter in text if letter.isalpha()} <= set(everything)
