"""Transcripts become pages: nothing of text or time is lost, and each word stands where it is heard."""

from itertools import pairwise

from bookwright.contracts.media import HeardWord, Transcript
from bookwright.text.transcripts import MOST_PAGE_WORDS, PAGE_WORDS, confidence_of, pages_of, passages_of


def spoken(text: str, *, language: str = "en", pauses: dict[int, int] | None = None) -> Transcript:
    """Each word takes 300 ms and is followed by 100 ms of silence, or by as much as `pauses` says."""
    words, at = [], 500
    for place, word in enumerate(text.split()):
        words.append(HeardWord(text=word, start_ms=at, end_ms=at + 300, confidence=0.5 + 0.5 * (place % 2)))
        at += 300 + (pauses or {}).get(place, 100)
    return Transcript(language=language, words=tuple(words))


def length(transcript: Transcript) -> int:
    return transcript.words[-1].end_ms + 700


def test_pages_cover_the_chapter_and_words_stand_where_they_are_heard() -> None:
    transcript = spoken("The lamp went out at nine. " * 150)
    pages = pages_of(transcript, length(transcript))
    assert len(pages) > 2
    assert (pages[0].begin_ms, pages[-1].end_ms) == (0, length(transcript))
    assert all(before.end_ms == after.begin_ms for before, after in pairwise(pages))
    assert " ".join(page.text for page in pages).split() == [word.text for word in transcript.words]
    heard = [
        (page.text[word.start : word.start + word.length], page.begin_ms + word.at_ms)
        for page in pages
        for word in page.words
    ]
    assert heard == [(word.text, word.start_ms) for word in transcript.words]


def test_a_page_ends_with_a_sentence() -> None:
    transcript = spoken("The lamp went out at nine. " * 150)
    pages = pages_of(transcript, length(transcript))
    assert all(page.text.endswith("nine.") for page in pages)
    assert all(PAGE_WORDS <= len(page.words) <= MOST_PAGE_WORDS for page in pages[:-1])


def test_without_marks_pages_end_at_pauses_or_at_their_longest() -> None:
    plain = spoken("lamp " * 700, pauses={199: 900})
    assert [len(page.words) for page in pages_of(plain, length(plain))] == [200, MOST_PAGE_WORDS, 180]


def test_paragraphs_are_those_of_the_transcriber_and_of_long_pauses() -> None:
    told = spoken("One two. Three four. Five six.", pauses={3: 2_000}).model_copy(update={"paragraphs": (0, 2)})
    (page,) = pages_of(told, length(told))
    assert page.text == "One two.\n\nThree four.\n\nFive six."
    assert [page.text[word.start : word.start + word.length] for word in page.words] == page.text.split()


def test_a_language_without_blanks_is_written_without() -> None:
    chinese = spoken("灯 灭 了。 她 上 楼。", language="zh-CN")
    (page,) = pages_of(chinese, length(chinese))
    assert page.text == "灯灭了。她上楼。"


def test_silence_is_pages_without_text() -> None:
    pages = pages_of(Transcript(language="en", words=()), 390_000)
    assert [(page.text, page.begin_ms, page.end_ms) for page in pages] == [("", 0, 300_000), ("", 300_000, 390_000)]
    assert passages_of(pages[0]) == []


def test_passages_are_sentences_and_cover_their_page() -> None:
    transcript = spoken("The lamp went out at nine. " * 30)
    (page,) = pages_of(transcript, length(transcript))
    passages = passages_of(page)
    assert len(passages) > 1
    assert " ".join(passage.text for passage in passages).split() == page.text.split()
    for passage in passages:
        assert page.text[passage.start :].startswith(passage.text) and passage.text.endswith("nine.")
        assert passage.begin_ms < passage.end_ms
    assert passages[-1].end_ms == page.end_ms


def test_confidence_is_the_mean_of_what_is_told() -> None:
    assert confidence_of(spoken("one two")) == 0.75
    assert confidence_of(Transcript(language="en", words=(HeardWord(text="one", start_ms=0, end_ms=1),))) is None
