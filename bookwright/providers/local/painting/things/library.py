"""The words that mean things."""

import difflib

from bookwright.providers.local.painting.figures.choosing import COLOURS
from bookwright.providers.local.painting.lexicon import by_word
from bookwright.providers.local.painting.reading import words_of
from bookwright.providers.local.painting.things.stock import THINGS

_BY_WORD = by_word("things") | {name: name for name in THINGS if " " not in name}
_NEAR = 0.84
_HELD = frozenset(
    "key balloon kite ball drum trumpet guitar bell doll gift cake candle lantern diya flag wand crown teapot cup "
    "spoon basket bottle jar umbrella book pencil brush letter map compass clock hourglass lamp broom bucket bag "
    "coin gem feather apple banana mango orange carrot pumpkin strawberry flower sunflower lotus shell egg acorn "
    "heart".split()
) | {"teddy bear", "magnifying glass", "ice cream"}
_STANDING = ("treasure chest", "tent", "ladder", "telescope", "rocking horse", "windmill", "nest", "log")


def props_told(words: frozenset[str]) -> tuple[str | None, str | None]:
    """The thing that an action's words put into somebody's hand, and the one that stands beside them."""
    told = [_BY_WORD[word] for word in sorted(words) if word in _BY_WORD]
    return (
        next((name for name in told if name in _HELD), None),
        next((name for name in told if name in _STANDING), None),
    )


def thing_of(name: str) -> tuple[str, str | None] | None:
    """The thing that a name means, and the colour that it is said to have: `a red balloon`, `golden keys`. Its last
    word counts, a misspelt one for the nearest. None for a name that means nothing in the library."""
    words = words_of(name)
    colour = next((COLOURS[word] for word in words if word in COLOURS and word != words[-1]), None)
    whole = " ".join(words)
    for named in THINGS:
        if " " in named and named in whole:
            return named, colour
    for word in reversed(words):
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            if form in _BY_WORD:
                return _BY_WORD[form], colour
    for word in reversed(words):
        near = difflib.get_close_matches(word, _BY_WORD, 1, _NEAR) if len(word) > 3 else []
        if near:
            return _BY_WORD[near[0]], colour
    return None
