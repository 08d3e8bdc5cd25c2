"""Sentence ends in many scripts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwright.text.characters import cuttable
from bookwright.text.sentences import paragraphs, sentences


def split(text: str, language: str = "en") -> list[str]:
    return [text[span.start : span.end] for span in sentences(text, language)]


@pytest.mark.parametrize(
    "language, expected",
    [
        ("en", ["Mr. Holmes met Dr. Watson at 3.14 p.m. sharp.", "He left!", "Why?"]),
        ("en", ["J. K. Rowling wrote it.", "So did I.", "Then J. R. R. Tolkien did, e.g. The Hobbit."]),
        ("en", ["“Come in.”", "He sat.", '"What?" he asked.', "(Nobody knew.)", "Wait... what?", "Well… yes."]),
        ("en", ["It was No. 5 of vol. 2.", "She said no.", "He came from the U.S. Army."]),
        ("en", ["1. Open it.", "2. Close it?!", "Visit example.com today."]),
        ("es", ["¿Vino el Sr. García?", "¡Sí!", "La Dra. Ruiz también, p.ej. ayer."]),
        ("fr", ["« Bonjour ! »", "M. Dupont sourit.", "Mme. Roche aussi."]),
        ("de", ["Am 3. Mai kam Dr. Braun.", "„Gut!“", "Er ging, z.B. Heim."]),
        ("pt", ["O Sr. Silva e a Profa. Lima saíram.", "Fim."]),
        ("hi", ["डॉ. शर्मा आए।", "ए. पी. जे. अब्दुल कलाम कौन थे?", "वह गया॥"]),
        ("bn", ["সে এল।", "“কে?”", "আমি।"]),
        ("ur", ["وہ گیا۔", "کیا؟", "ہاں، ضرور۔"]),
        ("ar", ["ذهب الولد.", "إلى أين؟", "إلى البيت، ثم عاد!"]),
        ("my", ["သူလာတယ်။", "သွားပြီ။"]),
        ("km", ["គាត់មក។", "គាត់ទៅ។"]),
        ("am", ["መጣ።", "ሄደ።"]),
        ("hy", ["Նա եկավ։", "Գնաց։"]),
        ("el", ["Τι θέλεις;", "Τίποτα."]),
        ("pa", ["ਉਹ ਆਇਆ।", "ਕੌਣ?"]),
    ],
)
def test_sentences_parted_by_a_space(language: str, expected: list[str]) -> None:
    assert split(" ".join(expected), language) == expected


@pytest.mark.parametrize(
    "language, expected",
    [
        ("zh", ["他来了。", "「你好！」", "她说：好吗？", "好。"]),
        ("ja", ["雨です。", "本当？", "はい！"]),
        ("hi", ["वह आया।", "वह गया।"]),
    ],
)
def test_sentences_parted_by_nothing(language: str, expected: list[str]) -> None:
    assert split("".join(expected), language) == expected


def test_thai_falls_back_to_spaces() -> None:
    assert split("กาลครั้งหนึ่งนานมาแล้ว มีชายชราคนหนึ่ง", "th") == ["กาลครั้งหนึ่งนานมาแล้ว", "มีชายชราคนหนึ่ง"]


def test_paragraphs_end_sentences_and_single_line_ends_do_not() -> None:
    assert split("A heading\n \nIt goes\non here\n\n\n***") == ["A heading", "It goes\non here", "***"]
    assert [(span.start, span.end) for span in paragraphs("\n\n a b \n\n\n c")] == [(3, 6), (11, 12)]


def test_what_cannot_be_spoken_stays_with_the_sentence_before() -> None:
    assert split("He left. — * Then. !!") == ["He left.", "— * Then. !!"]
    assert split("... and so on. Yes. —") == ["... and so on.", "Yes. —"]


@settings(max_examples=300)
@given(
    st.text(st.sampled_from("aB1 .!?…\n\t\"'”)।؟。山ก ่क्षि़\u200d\u0301🇮🇳👩🏽한각;—"), max_size=120),
    st.sampled_from(["en", "hi", "el", "de", "und", "zh-Hans"]),
)
def test_sentences_cover_everything_but_white_space(text: str, language: str) -> None:
    spans = sentences(text, language)
    at = 0
    for span in spans:
        assert at <= span.start < span.end
        assert not text[at : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        assert cuttable(text, span.start) and cuttable(text, span.end)
        at = span.end
    assert not text[at:].strip()
