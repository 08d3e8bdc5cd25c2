"""What is searched of a text, and two rankings as one."""

from bookwright.text.searching import LEAD_CHARS, MOST_TERMS, SNIPPET_CHARS, Span, asked, fused, indexed, snippet


def test_terms_have_no_case_and_no_latin_accents_and_keep_indic_vowel_signs() -> None:
    assert indexed("The CAFÉ, naïve — Straße!") == "the cafe naive strasse"
    assert indexed("नदी के किनारे") == "नदी के किनारे"
    assert indexed("don't stop—now_or never") == "don t stop now or never"
    assert indexed(" \n… ") == ""


def test_scripts_without_blanks_are_found_by_pairs_of_characters() -> None:
    assert indexed("灯塔在") == "灯 灯塔 塔 塔在 在"
    assert asked("灯塔") == ("灯塔",)
    assert asked("灯") == ("灯",)
    assert asked("a lamp 灯塔 lamp") == ("a", "lamp", "灯塔")
    assert len(asked(" ".join(f"word{number}" for number in range(99)))) == MOST_TERMS


def test_a_snippet_begins_shortly_before_its_first_match_and_marks_all() -> None:
    short = snippet("Mira lit the Lamp; the lamp burned.", {"lamp"})
    assert [short.text[mark.start : mark.end] for mark in short.marks] == ["Lamp", "lamp"]
    long = snippet(f"{'sea ' * 200}lamp {'sea ' * 200}<b>", {"lamp"})
    [mark] = long.marks
    assert long.text[mark.start : mark.end] == "lamp"
    assert mark.start <= LEAD_CHARS and len(long.text) <= SNIPPET_CHARS
    assert long.text.startswith("sea ") and long.text.endswith("sea")
    assert snippet("She lit it: 灯塔在海边", {"灯塔", "塔在"}).marks == (Span(12, 15),)
    assert snippet("nothing", {"lamp"}).marks == ()


def test_what_both_rankings_name_comes_first() -> None:
    assert [key for key, _ in fused("abc", "dca")] == ["a", "c", "d", "b"]
    assert fused((), ()) == []
    assert fused("a")[0][1] == 1 / 61
