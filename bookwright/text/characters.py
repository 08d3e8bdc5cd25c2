"""Character tables that more than one module here needs, and where a text may be cut between two characters."""

import re
import unicodedata

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
KANA = "\u3041-\u309f\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f"
THAI_LAO = "\u0e01-\u0e4e\u0e81-\u0ece"
UNSPACED_ABUGIDAS = (
    THAI_LAO + "\u0f40-\u0fbc\u1000-\u1049\u1050-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17d3\u17d7-\u17e9"
)
"""Thai, Lao, Tibetan, Burmese, Khmer: letters and marks, written without spaces between words."""
UNSPACED = HAN + KANA + UNSPACED_ABUGIDAS

HARD_STOPS = "。！？｡︒﹒﹗﹖।॥۔؟။។៕።፧፨։།༎᠃᠉᱾᱿꯫෴‼⁇⁈⁉"
"""End a sentence even with no space after them."""
SOFT_STOPS = ".!?…‽"
"""End a sentence when a space follows and nothing speaks against it."""
CLAUSE_MARKS = ",;:—–、，；：،؛၊፣፤፥՝᠂"
CLOSERS = "\"'”’»›)\\]}」』】〉》）］｝〕＂＇"
OPENERS = "\"'“‘„‚«‹([{「『【〈《（［｛〔¿¡—–-"

_SPEAKABLE = re.compile(r"[^\W_]")
_EXTENDING = {"Mn", "Mc", "Me"}
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_JOINED_TO_PREVIOUS = {_ZWNJ, _ZWJ, "\u0e33", "\u0eb3", "\uff9e", "\uff9f"}
_JOINED_TO_NEXT = {*map(chr, range(0x600, 0x606)), "\u06dd", "\u070f", "\u08e2", _ZWJ}
_VIRAMA_CLASS = 9


def speakable(text: str) -> bool:
    """Whether there is a letter or a digit of any script in it."""
    return _SPEAKABLE.search(text) is not None


def speakable_from(text: str, start: int, end: int) -> bool:
    """`speakable(text[start:end])` without the copy."""
    return _SPEAKABLE.search(text, start, end) is not None


def cuttable(text: str, at: int, floor: int = 0) -> bool:
    """Whether `text` may be cut before code point `at` without tearing a grapheme cluster (UAX 29) or an Indic
    conjunct apart. `floor` is a place known to be cuttable; nothing before it is looked at. A combining mark after
    white space stands alone here, so that trimming the space never matters."""
    if at <= floor or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return False
    if before.isspace() or after.isspace():
        return True
    if before < "\u0300" and after < "\u0300":
        return True
    category = unicodedata.category(after)
    if category in _EXTENDING or after in _JOINED_TO_PREVIOUS or before in _JOINED_TO_NEXT:
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False
    if category.startswith("L") and unicodedata.combining(before) == _VIRAMA_CLASS:
        return False
    return not (_hangul_joins(before, after) or _splits_flag(text, at, floor))


def _hangul_joins(before: str, after: str) -> bool:
    syllable_before = "\uac00" <= before <= "\ud7a3" or "\u1100" <= before <= "\u11ff"
    if "\u1160" <= after <= "\u11ff":
        return syllable_before
    return "\u1100" <= before <= "\u115f" and ("\u1100" <= after <= "\u115f" or "\uac00" <= after <= "\ud7a3")


def _splits_flag(text: str, at: int, floor: int) -> bool:
    """Flags are pairs of regional indicators; a cut is wrong after an odd number of them."""
    if not ("\U0001f1e6" <= text[at] <= "\U0001f1ff"):
        return False
    first = at
    while first > floor and "\U0001f1e6" <= text[first - 1] <= "\U0001f1ff":
        first -= 1
    return (at - first) % 2 == 1


def skip_space(text: str, at: int, end: int) -> int:
    """The first place from `at` on that is no white space, at most `end`."""
    while at < end and text[at].isspace():
        at += 1
    return at


def trim_end(text: str, start: int, end: int) -> int:
    """`end`, moved back over white space, at least `start`."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end
