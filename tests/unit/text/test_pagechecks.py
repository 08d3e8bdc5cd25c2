"""What speaks against an answer of a model that reads pages, and what does not."""

import pytest

from bookwright.contracts.ids import AssetId
from bookwright.contracts.pagereading import Block, BlockKind, PagePicture, PageReading
from bookwright.text.pagechecks import Against, alike, doubt_of
from bookwright.text.pagereading import page_task, picture_name, read_page, text_of

RIVER = "The river came down from the hills in spring, and the boats went out with 24 men in 1931 and in 1936. "
HINDI = "नदी के किनारे एक छोटा गाँव था। वहाँ के लोग मिट्टी के बर्तन बनाते थे। "
GERMAN = "Hinter dem Deich lag ein kleines Haus, und in dem Haus wohnte ein alter Fischer mit seiner Katze. "


def reading(text: str, kind: BlockKind = BlockKind.PARAGRAPH) -> PageReading:
    return PageReading(language="en", blocks=(Block(kind=kind, text=text),) if text else ())


def picture(rows: int = 20, layer: str = "") -> PagePicture:
    return PagePicture(data=b"", width=1, height=1, ink=0.05, rows=rows, layer=layer)


@pytest.mark.parametrize(
    ("text", "shown", "language", "against", "lasting"),
    [
        (RIVER * 5, picture(), "en", None, None),
        (HINDI * 5, picture(), "hi", None, None),
        ("", picture(), "en", Against.EMPTY, True),
        ("", picture(rows=1), "en", Against.EMPTY, False),
        (RIVER * 40, picture(rows=10), "en", Against.DIFFERENT, True),
        ("Map.", picture(rows=30), "en", Against.DIFFERENT, True),
        (RIVER * 40, picture(rows=0), "en", None, None),
        (HINDI * 5, picture(), "en", Against.LANGUAGE, False),
        (GERMAN * 5, picture(), "en", Against.LANGUAGE, False),
        (GERMAN * 5, picture(), None, None, None),
        ("Hinter dem Deich", picture(rows=3), "en", None, None),
        (HINDI * 5, picture(), "mr", None, None),
        (RIVER * 5, picture(layer="\ue001\ue002\ue003\ue004 " * 100), "en", None, None),
        (RIVER * 5, picture(layer="\ue001\ue002\ue003\ue004 " * 2_000), "en", Against.DIFFERENT, True),
        (RIVER * 5, picture(layer="\ue001\ue002 24 \ue003 1931 \ue004 1936 " * 20), "en", None, None),
        (RIVER * 5, picture(layer="\ue001\ue002 77 \ue003 1814 \ue004 1815 " * 20), "en", Against.DIFFERENT, True),
        (
            RIVER * 2,
            picture(layer="bakers flour ovens morning bread window street \ue001 yeast apron " * 3),
            "en",
            Against.DIFFERENT,
            True,
        ),
    ],
    ids=[
        *("as it is", "Hindi", "nothing on a page of text", "nothing on a drawing", "more than there is room for"),
        *("less than is shown", "rows not known", "another script", "another language", "no language known yet"),
        *("a few words", "another one of the same script", "as long as the layer", "not as long"),
        *("the layer's numbers", "other numbers", "other words"),
    ],
)  # fmt: skip
def test_an_answer_is_held_against_what_is_known(
    text: str, shown: PagePicture, language: str | None, against: Against | None, lasting: bool | None
) -> None:
    doubt = doubt_of(reading(text), shown, language)
    assert (doubt and doubt.against, doubt and doubt.lasting) == (against, lasting)
    assert doubt is None or "river" not in doubt.reason


def test_answers_that_say_the_same_are_alike() -> None:
    one = reading(RIVER * 3)
    assert alike(one, reading(RIVER * 3 + "Or so."))
    assert not alike(one, reading(GERMAN * 3)) and not alike(reading(""), reading(""))


def test_a_page_becomes_text_that_can_be_read_aloud() -> None:
    blocks = [
        {"kind": "running", "text": "THE RIVER", "level": 1},
        {"kind": "heading", "text": "The\nMill", "level": 1},
        {"kind": "footnote", "text": "* A weir.", "level": 1},
        {"kind": "paragraph", "text": "It  stood\nby the water.", "level": 1},
        {"kind": "verse", "text": "Turn, wheel,\n  turn", "level": 1},
        {"kind": "table", "text": "| Year | Sacks |\n|---|---|\n| 1901 | 40 |", "level": 1},
        {"kind": "paragraph", "text": "12", "level": 1},
        {"kind": "paragraph", "text": "  ", "level": 1},
    ]
    found = read_page({"language": "en", "page_number": "12", "blocks": blocks})
    assert (found.number, found.language) == ("12", "en")
    assert text_of(found) == (
        "The Mill\n\nIt stood by the water.\n\nTurn, wheel,\nturn\n\nYear; Sacks\n1901; 40\n\n* A weir."
    )


@pytest.mark.parametrize("data", [{}, {"language": "en", "page_number": "", "blocks": [{"kind": "song"}]}])
def test_an_answer_that_lacks_a_part_is_none(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="lacks a part"):
        read_page(data)


def test_the_same_page_is_the_same_question() -> None:
    one, other = AssetId("a" * 64), AssetId("b" * 64)
    assert page_task(one, 7, 1_800) == page_task(one, 7, 1_800)
    names = {picture_name(document, page, px) for document in (one, other) for page in (7, 8) for px in (1_800, 2_600)}
    assert len(names) == 8
