"""A text that matches a regular expression, for schemas that ask for one."""

import math
import random
import re
import string
from importlib import import_module
from typing import Any

# The parser of `re` has no public name, and no types.
codes: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")

_SETS = {
    codes.CATEGORY_DIGIT: string.digits,
    codes.CATEGORY_WORD: string.ascii_lowercase + string.digits,
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_DIGIT: string.ascii_lowercase,
    codes.CATEGORY_NOT_WORD: " -",
    codes.CATEGORY_NOT_SPACE: string.ascii_lowercase,
}
_PRINTABLE = string.ascii_letters + string.digits + " -_.,:;!?/+"
_TRIES = 200
_USUAL_REPEATS = 4


def matching(pattern: str, chance: random.Random, min_length: float = 0, max_length: float = math.inf) -> str:
    """A text in which the pattern is found, within the lengths. Raises ValueError when none is found in a few tries,
    as for patterns with look-around."""
    compiled = re.compile(pattern)
    parsed = _parser.parse(pattern)
    for attempt in range(_TRIES):
        # Later tries repeat more often: that is what a minimum length takes.
        made = _made(parsed, chance, _USUAL_REPEATS + attempt)
        if min_length <= len(made) <= max_length and compiled.search(made):
            return made
    raise ValueError(f"no text found for the pattern {pattern!r}")


def _made(parsed: Any, chance: random.Random, repeats: int) -> str:
    return "".join(_part(code, value, chance, repeats) for code, value in parsed)


def _part(code: Any, value: Any, chance: random.Random, repeats: int) -> str:
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.NOT_LITERAL:
        return chance.choice(_PRINTABLE.replace(chr(value), ""))
    if code is codes.ANY:
        return chance.choice(string.ascii_lowercase)
    if code is codes.IN:
        return chance.choice(_characters(value))
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = value
        count = chance.randint(least, int(min(most, max(least, repeats))))
        return "".join(_made(inner, chance, repeats) for _ in range(count))
    if code is codes.SUBPATTERN:
        return _made(value[-1], chance, repeats)
    if code is codes.BRANCH:
        return _made(chance.choice(value[1]), chance, repeats)
    return ""  # anchors take no room; whether the rest is right, the pattern itself says


def _characters(parts: Any) -> str:
    """What a set such as `[a-z_]` allows."""
    negated, allowed = False, ""
    for code, value in parts:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            allowed += chr(value)
        elif code is codes.RANGE:
            allowed += "".join(map(chr, range(value[0], min(value[1], value[0] + 128) + 1)))
        elif code is codes.CATEGORY:
            allowed += _SETS[value]
    return "".join(one for one in _PRINTABLE if one not in allowed) if negated else allowed
