"""Who says what on a page, and which voice says it."""

from itertools import pairwise

import pytest

from bookwright.contracts.book import Voice
from bookwright.contracts.characters import Character
from bookwright.providers.local.espeak import EspeakEngine
from bookwright.text.casting import cast_voices
from bookwright.text.dialogue import passages


def heard(text: str, *names: str, language: str = "en") -> list[tuple[str | None, str]]:
    return [(each.speaker, text[each.start : each.end]) for each in passages(text, language, names)]


def quoted(text: str, *names: str, language: str = "en") -> list[str | None]:
    """The speakers of the quotations, in order."""
    marks = '“"«'
    return [speaker for speaker, said in heard(text, *names, language=language) if said[0] in marks]


@pytest.mark.parametrize(
    "text",
    [
        "“Come on,” said Luna.",
        "“Come on!” Luna called.",
        "“Come on,” Luna softly said, and went.",
        'Luna turned and whispered: "Come on."',
        "«Come on,» cried Luna.",
    ],
)
def test_a_quotation_is_spoken_by_who_is_named_beside_it(text: str) -> None:
    assert quoted(text, "Moti", "Luna") == ["Luna"]


def test_what_is_said_on_after_the_naming_is_the_same_speakers() -> None:
    text = "“I'm going,” said Luna. “Are you?” The wind blew. The door slammed. “Well?”"
    assert heard(text, "Luna", "Moti") == [
        ("Luna", "“I'm going,”"),
        (None, "said Luna."),
        ("Luna", "“Are you?”"),
        (None, "The wind blew. The door slammed. “Well?”"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "“Go home,” said the bear.",
        "“Go home,” he said.",
        "The sign said “Go home” and Luna read it twice.",
        "“Go home.” Luna looked up.",
        "“Go home,” said Lunatic Joe.",
    ],
)
def test_where_nobody_of_the_book_is_named_the_narrator_speaks(text: str) -> None:
    assert heard(text, "Luna") == [(None, text)]


def test_two_who_talk_take_turns_and_a_paragraph_between_ends_it() -> None:
    exchange = "“One,” said Luna.\n\n“Two,” said Moti.\n\n“Three.”\n\n“Four.”"
    assert [who for who, said in heard(exchange, "Luna", "Moti") if said[0] == "“"] == ["Luna", "Moti", "Luna", "Moti"]
    broken = "“One,” said Luna.\n\n“Two,” said Moti.\n\nIt rained.\n\n“Three.”"
    assert heard(broken, "Luna", "Moti")[-1] == (None, "said Moti.\n\nIt rained.\n\n“Three.”")


def test_hindi_names_its_speakers_after_or_before() -> None:
    text = "“चलो,” लूना ने धीरे से कहा। “जल्दी!”\n\n“कहाँ?” मोती बोला।\n\nलूना ने मुड़कर पूछा: “डर गए?”\n\n“नहीं,” उसने कहा।"
    told = heard(text, "लूना", "मोती", language="hi")
    assert [(who, said) for who, said in told if who] == [
        ("लूना", "“चलो,”"),
        ("लूना", "“जल्दी!”"),
        ("मोती", "“कहाँ?”"),
        ("लूना", "“डर गए?”"),
    ]


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
def test_nothing_of_a_page_is_left_out_or_said_twice(language: str) -> None:
    text = "“Hm.”\n\n— … —\n\n“A,” said Luna; “B!” \n\n “open to the end, said Luna\n\n“लूना,” लूना ने कहा। ”"
    found = passages(text, language, ["Luna", "लूना"])
    assert "".join("".join(text[each.start : each.end].split()) for each in found) == "".join(text.split())
    assert all(before.end <= after.start for before, after in pairwise(found))
    if language == "ta":
        assert [each.speaker for each in found] == [None], "there is no knowing who speaks"


def somebody(name: str, voice: str, kind: str = "dragon") -> Character:
    return Character(name=name, kind=kind, looks="green", voice=voice)


LUNA, BRUNO, MINA = (
    somebody("Luna", "young, bright"),
    somebody("Bruno", "low, grumbling"),
    somebody("Mina", "", "queen"),
)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_espeaks_variants_are_voices_that_suit_the_sheet(language: str) -> None:
    engine = EspeakEngine()
    offered, narrator = engine.voices(language), engine.voice(language, None)
    cast = cast_voices([LUNA, BRUNO, MINA], offered, narrator)
    assert len({narrator.id, *(voice.id for voice in cast.values())}) == 4, "nobody sounds like another"
    assert "brighter" in cast["Luna"].name and "deeper" in cast["Bruno"].name and "female" in cast["Mina"].name


def test_who_comes_later_on_the_sheet_changes_nobodys_voice() -> None:
    offered = EspeakEngine().voices("en")
    alone = cast_voices([LUNA], offered, offered[0])
    assert cast_voices([LUNA, BRUNO, MINA], offered, offered[0])["Luna"] == alone["Luna"]


def test_the_narrator_speaks_for_those_for_whom_no_voice_is_left() -> None:
    one = Voice(id="a", language="en", name="A")
    assert cast_voices([LUNA], [one], one) == {}
    two = Voice(id="b", language="en", name="B")
    other = Voice(id="c", language="en-US", name="C")
    assert cast_voices([LUNA, BRUNO], [one, two, other], one) == {"Luna": two}, "and nobody changes the accent"
