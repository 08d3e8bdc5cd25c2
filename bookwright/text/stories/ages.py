"""What suits readers of an age: how much stands on a page, in how long sentences and words, how much there is to find.

The figures follow what picture books and early readers for these ages have on a page (a board book a line or two, a
picture book for six-year-olds under sixty words, a chapter book for ten-year-olds half a novel's page). They bound what
a writer is asked for, and what it answers is measured against them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bookwright.contracts.stories import WORDS_PER_PAGE, Ages
from bookwright.text.measure import count_words
from bookwright.text.sentences import sentences

LONG_WORD = 9
"""Letters from which on a word counts as long, in the Latin script: others join more into a word."""
_TOLERANCE = 0.35
"""By which share a page may have more or fewer words than are asked for, for readers of an age."""
_LATIN_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True)
class Band:
    """Readers who are written for alike."""

    to: int
    """The highest age of those in the middle of its groups."""
    words: int
    """On a page."""
    sentence: float
    """Words in a sentence, on average and at most."""
    long_words: float
    """The largest share of long words."""
    things: int
    """To be found in a picture."""
    advice: str
    """For the writer."""

    @property
    def least(self) -> int:
        """Words that a page has at least."""
        return round(self.words * (1 - _TOLERANCE))

    @property
    def most(self) -> int:
        return round(self.words * (1 + _TOLERANCE))


BANDS = (
    Band(3, 22, 9, 0.04, 5, "Very short sentences of everyday words, with sounds and repetition. Nothing frightening."),
    Band(5, 36, 11, 0.06, 6, "Short sentences of everyday words; a refrain may come back. Danger is small and passes."),
    Band(7, 56, 13, 0.08, 7, "Simple sentences; a new word now and then that its sentence explains. Mild suspense."),
    Band(9, 84, 15, 0.11, 9, "Lively sentences, dialogue, humour, feelings that are shown. Suspense that ends well."),
    Band(12, 120, 18, 0.14, 11, "Varied sentences and a rich vocabulary; inner conflict; a real danger, no cruelty."),
    Band(17, 170, 22, 0.18, 12, "A full vocabulary, irony and ambivalence; nothing explicit."),
    Band(99, WORDS_PER_PAGE, 30, 1.0, 12, "For grown-ups."),
)


def band_of(ages: Ages) -> Band:
    """By the middle of the readers' ages, rounded down. What is fit for them goes by the youngest (`text.policy`)."""
    middle = (ages.youngest + ages.oldest) // 2
    return next(band for band in BANDS if middle <= band.to)


def misfits(pages: Sequence[str], language: str, band: Band) -> list[str]:
    """What of these pages does not suit the readers, in words for their writer; empty when all does."""
    found = []
    for number, text in enumerate(pages, start=1):
        words = count_words(text)
        if not band.least <= words <= band.most:
            found.append(f"page {number} has {words} words; write {band.least} to {band.most}")
    whole = "\n\n".join(pages)
    length = sentence_length(whole, language)
    if length > band.sentence:
        found.append(f"sentences have {length:.0f} words on average; write {band.sentence:.0f} at most")
    if (share := long_word_share(whole)) > band.long_words:
        found.append(f"{share:.0%} of the words are long; use at most {band.long_words:.0%}, choose everyday words")
    return found


def sentence_length(text: str, language: str) -> float:
    """Words in a sentence on average; 0 of an empty text."""
    counts = [words for span in sentences(text, language) if (words := count_words(text[span.start : span.end]))]
    return sum(counts) / len(counts) if counts else 0.0


def long_word_share(text: str) -> float:
    """The share of words of LONG_WORD letters and more, names (which begin with a capital) left out; 0 of a text that
    is not in the Latin script."""
    words = [word.strip("'\"“”‘’.,;:!?()…-–—") for word in text.split()]
    latin = [word for word in words if word and word[-1].lower() in _LATIN_LETTERS]
    if len(latin) * 2 < len(words) or not latin:
        return 0.0
    return sum(len(word) >= LONG_WORD and word[0].islower() for word in latin) / len(latin)


def ages_of_audience(audience: str) -> Ages | None:
    """The readers' ages as the words of an order say them (`children 6-9`, `teenagers`); None of grown-ups."""
    told = audience.casefold()
    if found := _TWO_AGES.search(told):
        youngest, oldest = sorted((int(found[1]), int(found[2])))
        return Ages(youngest=youngest, oldest=oldest) if youngest < _GROWN_UP else None
    return next((ages for words, ages in _AUDIENCES if any(word in told for word in words)), None)


_GROWN_UP = 18
_TWO_AGES = re.compile(r"(?<!\d)(\d{1,2})\s*(?:-|–|to|bis|से)\s*(\d{1,2})(?!\d)")
_AUDIENCES = (
    (("toddler", "baby"), Ages(youngest=1, oldest=3)),
    (("teen", "adolescent", "young adult", "jugend", "किशोर"), Ages(youngest=13, oldest=17)),
    (("child", "kid", "famil", "kinder", "niñ", "enfant", "बच्च", "परिवार", "குழந்தை"), Ages(youngest=6, oldest=12)),
)
