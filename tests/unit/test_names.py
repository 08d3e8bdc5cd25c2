"""Titles of any kind become names of files."""

import unicodedata

import pytest

from bookwright.text.names import LONGEST_BYTES, file_name

HOSTILE = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "...hidden",
    "C:\\Windows\\system32",
    'a/b\\c:d*e?f"g<h>i|j',
    "line\nbreak\ttab\rreturn",
    "nul\0byte\x1b[31mred\x7f",
    "\u202egpj.exe\u202c",
    "\u2066isolated\u2069",
    "zero\u200bwidth\ufeff",
    "\ud800 lone surrogate",
    "T" * 5_000,
    "नदी " * 1_000,
    "🦦" * 500,
    "",
    "   ",
    " . . . ",
    "CON",
    "nul",
    "Com1.notes",
    "-rf",
    "~",
    "trailing. . ",
]


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("number", [None, 1, 1_000])
def test_any_title_is_one_name_in_one_folder(title: str, number: int | None) -> None:
    name = file_name(title, "mp3", number=number)
    stem = name.removesuffix(".mp3")
    assert name.endswith(".mp3") and stem.strip(" .") == stem and stem
    assert not set(name) & set('\\/:*?"<>|')
    assert all(unicodedata.category(character)[0] != "C" for character in name)
    assert len(name.encode()) <= LONGEST_BYTES + len("1000 .mp3")
    if number is not None:
        assert name.startswith(f"{number:02d} ")
    else:
        assert stem.split(".")[0].upper() not in {"CON", "NUL", "COM1"}, "Windows keeps these for devices"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The River", "The River.m4b"),
        ("नदी की कथा", "नदी की कथा.m4b"),
        ("نهر", "نهر.m4b"),
        ("川の話", "川の話.m4b"),
        ("Æneid, Book VI (1.–3.)", "Æneid, Book VI (1.–3.).m4b"),
        ("Either/Or", "Either Or.m4b"),
        ("What?!", "What !.m4b"),
        ("", "Untitled.m4b"),
    ],
)
def test_a_title_stays_readable(title: str, name: str) -> None:
    assert file_name(title, "m4b") == name


def test_a_long_title_keeps_its_beginning_and_whole_letters() -> None:
    name = file_name("नदी " * 1_000, "m4b")
    assert name.startswith("नदी नदी ") and len(name.encode()) > LONGEST_BYTES - 12
    assert "\ufffd" not in name


def test_chapters_sort_in_their_order() -> None:
    names = [file_name("Part", "mp3", number=number) for number in range(1, 100)]
    assert sorted(names) == names
