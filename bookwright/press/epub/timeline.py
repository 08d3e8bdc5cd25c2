"""What of a page is marked up and in step with its sound.

Timings come from engines and are not always tidy: here they become strictly increasing and without gaps, because
players jump from the end of one clip to the beginning of the next and would swallow the pauses between sentences.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bookwright.contracts.editions import PageAudio, PageMatter, SpokenSentence, SpokenWord
from bookwright.text.characters import cuttable, skip_space, speakable_from, trim_end


@dataclass(frozen=True, slots=True)
class Word:
    """A word: its element's id, its place in the page's text, its clip in the audio file (milliseconds)."""

    id: str
    start: int
    end: int
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, as Word; its words fill its clip without a gap, or there are none."""

    id: str
    start: int
    end: int
    begin_ms: int
    end_ms: int
    words: tuple[Word, ...]


def timeline(page: PageMatter) -> tuple[Sentence, ...]:
    """The page's sentences in order. Their clips follow each other without a gap or an overlap and together are all of
    the page's audio. Empty when the page is not spoken or nothing is known about its sentences."""
    if page.audio is None:
        return ()
    placed = list(_placed(page.text, page.sentences))
    begins = _increasing([sentence.begin_ms for sentence, _, _ in placed], page.audio)
    ends = [*begins[1:], max(page.audio.end_ms, begins[-1] + 1)] if begins else []
    return tuple(
        Sentence(
            id=(name := f"s{page.number}-{count}"),
            start=start,
            end=end,
            begin_ms=begin,
            end_ms=until,
            words=_words(page.text, sentence.words, name, (start, end), (begin, until), page.audio.begin_ms),
        )
        for count, ((sentence, start, end), begin, until) in enumerate(zip(placed, begins, ends, strict=True), 1)
    )


def _placed(text: str, sentences: Iterable[SpokenSentence]) -> Iterator[tuple[SpokenSentence, int, int]]:
    """Sentences that have something to speak, where they stand, none overlapping another."""
    at = 0
    for sentence in sorted(sentences, key=lambda sentence: sentence.start):
        start = skip_space(text, max(sentence.start, at), min(sentence.end, len(text)))
        end = trim_end(text, start, min(sentence.end, len(text)))
        if start < end and speakable_from(text, start, end):
            yield sentence, start, end
            at = end


def _increasing(times: list[int], audio: PageAudio) -> list[int]:
    """When each sentence begins in the audio file: at least a millisecond apart, all within the page's audio where it
    is long enough, the first at its very beginning."""
    begins: list[int] = []
    for left, time in zip(range(len(times), 0, -1), times, strict=True):
        wanted = min(audio.begin_ms + time, audio.end_ms - left)
        begins.append(max(wanted, begins[-1] + 1) if begins else audio.begin_ms)
    return begins


def _words(
    text: str, spoken: Iterable[SpokenWord], name: str, place: tuple[int, int], clip: tuple[int, int], offset_ms: int
) -> tuple[Word, ...]:
    """The sentence's words. One that would tear a letter apart, overlaps the one before it, or is not heard after it is
    left out, and its time goes to the one before it."""
    kept: list[tuple[int, int, int]] = []
    at, last = place[0], clip[0] - 1
    for word in sorted(spoken, key=lambda word: word.start):
        begin = max(offset_ms + word.begin_ms, clip[0])
        if word.start < at or word.end > place[1] or not last < begin < clip[1] or not _stands_alone(text, word):
            continue
        kept.append((word.start, word.end, begin if kept else clip[0]))
        at, last = word.end, begin
    ends = [*(begin for _, _, begin in kept[1:]), clip[1]]
    return tuple(
        Word(f"{name}w{count}", start, end, begin, until)
        for count, ((start, end, begin), until) in enumerate(zip(kept, ends, strict=False), 1)
    )


def _stands_alone(text: str, word: SpokenWord) -> bool:
    """Whether a word can be an element of its own: no line break in it, no letter shared with its neighbours."""
    return (
        speakable_from(text, word.start, word.end)
        and "\n" not in text[word.start : word.end]
        and cuttable(text, word.start)
        and cuttable(text, word.end)
    )
