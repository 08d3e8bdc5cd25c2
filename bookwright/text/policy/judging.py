"""What speaks against a text for readers of an age. Pure."""

from bookwright.text.policy.folding import disguised, fold, masked, readings, words
from bookwright.text.policy.lexicon import LANGUAGES, Category, Hold, Lexicon, Phrases, goes_on, lexicon
from bookwright.text.policy.personal import has_personal_data

__all__ = ["LANGUAGES", "Category", "judge", "primary"]

GROWN_UP = 18
MASKED_FROM = 13
"""Stars are read as letters of words that are held back from readers below this age or older ones."""


def primary(language: str) -> str:
    """The primary subtag of a BCP 47 language."""
    return language.replace("_", "-").partition("-")[0].lower()


def judge(text: str, language: str, age: int | None) -> tuple[Category, ...]:
    """What speaks against a text in a BCP 47 language for readers of an age (the youngest of them; None is grown-ups),
    in a fixed order. Empty when nothing does. A language without a lexicon is judged by what is common to all."""
    readers = GROWN_UP if age is None else age
    folded = fold(text)
    found: set[Category] = set()
    if readers < GROWN_UP and has_personal_data(folded):
        found.add(Category.PERSONAL_DATA)
    subtag = primary(language)
    known = lexicon(subtag if subtag in LANGUAGES else "")
    found.update(hold.category for hold in _held(words(folded), known) if readers < hold.below)
    for word in disguised(folded):
        found.update(hold.category for hold in _of_word(word, known) if readers < hold.below)
    for length, pattern in masked(folded):
        found.update(
            hold.category
            for word, hold in known.singles.get(length, ())
            if hold.below >= MASKED_FROM and readers < hold.below and pattern.fullmatch(word)
        )
    return tuple(category for category in Category if category in found)


def _held(text: list[str], known: Lexicon) -> list[Hold]:
    """The holds on the words of a text, but for those in innocent phrases."""
    found: list[tuple[int, Hold]] = []
    innocent: set[int] = set()
    looked_up: dict[str, tuple[Phrases, list[Hold]]] = {}  # a long text has few words, and each of them often
    for place, word in enumerate(text):
        if word not in looked_up:
            otherwise = [hold for other in readings(word) for hold in _of_word(other, known)]
            looked_up[word] = known.beginning(word), otherwise
        phrases, holds = looked_up[word]
        for parts, hold in phrases:
            if not goes_on(parts, text, place):
                continue
            if hold is None:
                innocent.update(range(place, place + len(parts)))
            else:
                found.append((place, hold))
        found += [(place, hold) for hold in holds]
    return [hold for place, hold in found if place not in innocent]


def _of_word(word: str, known: Lexicon) -> list[Hold]:
    """The holds on a word alone."""
    found = [hold for parts, hold in known.beginning(word) if len(parts) == 1]
    return [] if None in found else [hold for hold in found if hold is not None]
