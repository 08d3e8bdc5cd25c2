"""A transcript as pages: paragraphs, page breaks at sentences, and each word's place in text and time. Pure."""

from collections.abc import Iterator, Sequence

from bookwright.contracts.base import Payload
from bookwright.contracts.book import WordTiming
from bookwright.contracts.media import HeardWord, Transcript

PAGE_WORDS, MOST_PAGE_WORDS = 180, 320
"""A page ends with the sentence in which it comes to so many words, and in no case later than with so many."""
PARAGRAPH_PAUSE_MS = 1_500
PARAGRAPH_WORDS = 120
"""Where nobody has said where paragraphs begin, one ends with the sentence in which it comes to so many words."""
SENTENCE_PAUSE_MS = 700
"""A pause that ends a sentence where a transcript has no marks."""
WORDLESS_MS = 5 * 60_000
"""Of a chapter in which nobody speaks, a page takes so long at most."""
PASSAGE_WORDS = 60
_ENDS = tuple(".!?…।॥۔؟。！？")
_CLOSERS = "\"'”’»›)]}」』"
_UNSPACED = frozenset("zh ja th lo my km".split())
"""Languages that are written without blanks between words."""


class HeardPage(Payload):
    """A page of a chapter: its text, and where in the chapter it is heard."""

    text: str
    begin_ms: int
    end_ms: int
    words: tuple[WordTiming, ...] = ()
    """Their times are from the page's beginning."""


class HeardPassage(Payload):
    """A run of a page's sentences."""

    start: int
    text: str
    begin_ms: int
    end_ms: int


def pages_of(transcript: Transcript, duration_ms: int) -> list[HeardPage]:
    """The pages of a chapter that takes `duration_ms`. They follow each other without a gap and cover it, each break in
    the middle of the pause between two words. A chapter without words has pages without text."""
    words = [word for word in transcript.words if word.text.strip() and word.start_ms < duration_ms]
    if not words:
        parts = range(0, max(duration_ms, 1), WORDLESS_MS)
        return [HeardPage(text="", begin_ms=at, end_ms=min(at + WORDLESS_MS, duration_ms)) for at in parts]
    begins = set(_paragraphs(words, transcript, len(words) == len(transcript.words)))
    glue = "" if transcript.language.partition("-")[0].lower() in _UNSPACED else " "
    pages: list[HeardPage] = []
    at = 0
    runs = list(_runs(words))
    for place, (first, last) in enumerate(runs):
        end = duration_ms
        if place + 1 < len(runs):
            following = words[last]
            end = max(min((words[last - 1].end_ms + following.start_ms) // 2, duration_ms), at)
        pages.append(_page(words[first:last], first, begins, glue, at, end))
        at = end
    return pages


def passages_of(page: HeardPage) -> list[HeardPassage]:
    """Runs of whole sentences of some PASSAGE_WORDS words that cover the page's text."""
    found: list[HeardPassage] = []
    first = 0
    for place, word in enumerate(page.words):
        last = place + 1 == len(page.words)
        begins = page.words[place + 1].start if not last else len(page.text)
        spoken = page.text[word.start : begins].strip()
        if last or (place + 1 - first >= PASSAGE_WORDS and _ends_sentence(spoken)):
            start = page.words[first].start
            end_ms = page.end_ms - page.begin_ms if last else page.words[place + 1].at_ms
            text = page.text[start:begins].strip()
            found.append(HeardPassage(start=start, text=text, begin_ms=page.words[first].at_ms, end_ms=end_ms))
            first = place + 1
    return found


def confidence_of(transcript: Transcript) -> float | None:
    """The mean of the words' confidences; None when the transcriber gives none."""
    given = [word.confidence for word in transcript.words if word.confidence is not None]
    return round(sum(given) / len(given), 4) if given else None


def _page(
    words: Sequence[HeardWord], first: int, paragraphs: set[int], glue: str, begin_ms: int, end_ms: int
) -> HeardPage:
    text = ""
    timings = []
    for place, word in enumerate(words):
        spoken = " ".join(word.text.split())
        if place:
            text += "\n\n" if first + place in paragraphs else glue
        at = min(max(word.start_ms - begin_ms, 0), max(end_ms - begin_ms, 0))
        timings.append(WordTiming(start=len(text), length=len(spoken), at_ms=at))
        text += spoken
    return HeardPage(text=text, begin_ms=begin_ms, end_ms=end_ms, words=tuple(timings))


def _runs(words: Sequence[HeardWord]) -> Iterator[tuple[int, int]]:
    """The words of each page, from the first to one past the last."""
    first = 0
    for place in range(1, len(words) + 1):
        count = place - first
        if place == len(words) or count >= MOST_PAGE_WORDS or (count >= PAGE_WORDS and _ends(words, place)):
            yield first, place
            first = place


def _paragraphs(words: Sequence[HeardWord], transcript: Transcript, complete: bool) -> Iterator[int]:
    """Where paragraphs begin: as the transcriber says, at long pauses, and where one would get too long."""
    told = set(transcript.paragraphs) if complete else set()
    first = 0
    for place in range(1, len(words)):
        if not _ends(words, place):
            continue
        paused = words[place].start_ms - words[place - 1].end_ms >= PARAGRAPH_PAUSE_MS
        if place in told or paused or place - first >= PARAGRAPH_WORDS:
            yield place
            first = place


def _ends(words: Sequence[HeardWord], place: int) -> bool:
    """Whether a sentence ends before the word at `place`."""
    before = words[place - 1]
    return _ends_sentence(before.text) or words[place].start_ms - before.end_ms >= SENTENCE_PAUSE_MS


def _ends_sentence(text: str) -> bool:
    return text.rstrip(_CLOSERS).endswith(_ENDS)
