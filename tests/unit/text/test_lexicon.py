"""Words found in any script, said otherwise, and their timings brought back to print."""

import re

import pytest
from pydantic import ValidationError

from bookwright.contracts.book import WordTiming
from bookwright.contracts.lexicon import MAX_ENTRIES, Lexicon, LexiconEntry, SaidAs, mark_of
from bookwright.text.lexicon import Pronunciations


def entry(word: str, respelling: str | None = None, **how: object) -> LexiconEntry:
    return LexiconEntry.model_validate({"word": word, "respelling": respelling, **how})


def said(text: str, *entries: LexiconEntry) -> str:
    return Pronunciations(entries).said(text, ipa=False).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nguyen's dog saw NGUYEN, but no Nguyens.", "nwin's dog saw nwin, but no Nguyens."),
        ("New  York and York, not New Yorkers", "noo yawk and yawk, not New Yorkers"),
        ("Rose arose; a rose for ROSE", "rozay arose; a rose for ROSE"),
        ("लूना गई, लूनां नहीं; लूना।", "लूउना गई, लूनां नहीं; लूउना।"),
        ("cafe\u0301 CAFÉ cafés", "kaffay kaffay cafés"),
        ("今日は東京へ行く", "今日はとうきょうへ行く"),
        ("நிலா வந்தாள்; நிலாவின்", "நிலாஅ வந்தாள்; நிலாவின்"),
        ("قال ليلى.", "قال لَيلى."),
        ("a_Nguyen 2Nguyen Nguyen2", "a_Nguyen 2Nguyen Nguyen2"),
    ],
)
def test_whole_words_are_said_otherwise_in_every_script(text: str, expected: str) -> None:
    entries = [
        entry("Nguyen", "nwin"),
        entry("York", "yawk"),
        entry("New York", "noo yawk"),
        entry("Rose", "rozay", match_case=True),
        entry("लूना", "लूउना"),
        entry("Café", "kaffay"),
        entry("東京", "とうきょう"),
        entry("நிலா", "நிலாஅ"),
        entry("ليلى", "لَيلى"),
    ]
    assert said(text, *entries) == expected


def test_case_decides_between_two_entries_for_the_same_letters() -> None:
    entries = (entry("us", "uss"), entry("US", "you ess", match_case=True))
    assert said("US, us and Us", *entries) == "you ess, uss and uss"


def test_a_persian_joiner_belongs_to_its_word() -> None:
    assert said("می\u200cرود می رود", entry("می", "mi")) == "می\u200cرود mi رود"


def test_timings_are_those_of_the_printed_words() -> None:
    printed = "In New York Nguyen ran off, Dr Ng too."
    entries = (entry("New York", "noo yawk"), entry("Nguyen", "nwin"), entry("Dr Ng", "doctor ung the first"))
    spoken = Pronunciations(entries).said(printed, ipa=False)
    heard = [
        WordTiming(start=word.start(), length=len(word[0]), at_ms=100 * place)
        for place, word in enumerate(re.finditer(r"\w+", spoken.text))
    ]
    words = spoken.printed(heard)
    assert [(printed[word.start : word.start + word.length], word.at_ms) for word in words] == [
        ("In", 0),
        ("New York", 100),
        ("Nguyen", 300),
        ("ran", 400),
        ("off", 500),
        ("Dr Ng", 600),
        ("too", 1_000),
    ]


def test_words_that_were_said_as_one_are_one_in_print() -> None:
    spoken = Pronunciations([entry("Siobhan", "shivawn")]).said("of Siobhan and me", ipa=False)
    merged = [WordTiming(start=0, length=len("of shivawn"), at_ms=0), WordTiming(start=11, length=6, at_ms=500)]
    assert [(word.start, word.length) for word in spoken.printed(merged)] == [(0, 10), (11, 6)]


def test_ipa_is_for_engines_that_take_it_and_the_print_stays() -> None:
    pronunciations = Pronunciations([entry("Nguyen", "nwin", ipa="/ŋwiən/"), entry("Cleo", ipa="ˈkliːoʊ")])
    taken = pronunciations.said("Cleo, Nguyen", ipa=True)
    assert taken.text == "Cleo, Nguyen"
    assert taken.ipa == (SaidAs(0, 4, "ˈkliːoʊ"), SaidAs(6, 6, "ŋwiən"))
    assert pronunciations.said("Cleo, Nguyen", ipa=False).text == "Cleo, nwin"


def test_a_text_is_marked_by_the_entries_that_change_it() -> None:
    one, other = entry("kite", "kyte"), entry("wind", "wynd")

    def mark(text: str, *entries: LexiconEntry) -> str | None:
        return mark_of(Pronunciations(entries).applied(text))

    assert mark("A kite and a Kite.", one, other) == mark("The kite.", other, one)
    assert mark("The wind.", one) is None
    assert len({mark("The kite in the wind.", *some) for some in ((one,), (other,), (one, other), ())}) == 4
    assert mark("The kite.", entry("kite", "kyyte")) != mark("The kite.", one)


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"word": "x"}, "entries.0", "give a respelling, or IPA"),
        ({"word": "", "respelling": "a"}, "entries.0.word", "at least 1"),
        ({"word": "--", "respelling": "a"}, "entries.0.word", "letters or digits"),
        ({"word": "a\u0000b", "respelling": "a"}, "entries.0.word", "letters or digits"),
        ({"word": "x" * 61, "respelling": "a"}, "entries.0.word", "at most 60"),
        ({"word": "x", "respelling": "?!"}, "entries.0.respelling", "sound as the word"),
        ({"word": "x", "respelling": "x" * 121}, "entries.0.respelling", "at most 120"),
        ({"word": "x", "ipa": "хлеб"}, "entries.0.ipa", "U+0431"),
        ({"word": "x", "ipa": "]]"}, "entries.0.ipa", "Phonetic"),
        ({"word": "x", "respelling": "a", "voice": "b"}, "entries.0.voice", "not permitted"),
    ],
)
def test_bad_entries_are_refused_by_their_field(wrong: dict[str, str], field: str, says: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Lexicon.model_validate({"entries": [wrong]})
    (error,) = refusal.value.errors()
    assert ".".join(map(str, error["loc"])) == field
    assert says in error["msg"]


def test_a_lexicon_has_each_word_once_and_not_too_many() -> None:
    Lexicon(entries=(entry("May", "mae"), entry("may", "mey", match_case=True), entry("May", "mei", match_case=True)))
    with pytest.raises(ValidationError, match="twice"):
        Lexicon(entries=(entry("May", "mae"), entry("MAY", "mey")))
    many = tuple(entry(f"word{number}", "a") for number in range(MAX_ENTRIES + 1))
    with pytest.raises(ValidationError, match="at most 500"):
        Lexicon(entries=many)
