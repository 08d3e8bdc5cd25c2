"""Words as they are compared: without case, accents, and the tricks by which words are disguised."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import product

_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x034F, 0x0640, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF]
)
"""Soft hyphens, joiners, marks of direction, the Arabic line that makes words longer."""
_NUKTA = "\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc"
"""Dots under letters of Indian scripts: many writers leave them out."""
_SPELT_ALIKE = str.maketrans(
    {
        "\u0901": "\u0902",  # Devanagari: the moon with a dot for the dot
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ى": "ي",
        "ة": "ه",
        "ß": "ss",
        "œ": "oe",
        "æ": "ae",
        "ı": "i",
        "ł": "l",
        "ø": "o",
    }
)
_LOOKS_LATIN = str.maketrans("аеорсухіјѕԁһкмтвοαερκυνιτ", "aeopcyxijsdhkmtboaepkuvit")
"""Cyrillic and Greek letters for the Latin ones that they are mistaken for."""
_LEET = str.maketrans({"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "€": "e"})
_AMBIGUOUS = (str.maketrans({"1": "i", "!": "i", "|": "i"}), str.maketrans({"1": "l", "!": "l", "|": "l"}))
_DISGUISE = "013457 8@$€!|".replace(" ", "")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][\s.\-_*·•/]{1,2}){2,}[^\W\d_](?![^\W_])")
_CHUNK = re.compile(r"\S{3,60}")
_INSIDE = re.compile(r"(?<=[^\W_])[.\-_'’·•/~+]+(?=[^\W_])")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_MOST_RUNS = 3
_ARABIC_PREFIX = re.compile(r"^[وف]?[بكل]?(?:ال)?(?=.{3})")


def fold(text: str) -> str:
    """The text in lower case, without accents on Latin letters, dots under Indian ones, vowel marks on Arabic ones,
    and what can't be seen. Digits of all scripts become those of ours."""
    composed = unicodedata.normalize("NFKC", text).casefold().translate(_INVISIBLE).translate(_SPELT_ALIKE)
    folded = []
    for sign in unicodedata.normalize("NFD", composed):
        if sign in _NUKTA or (unicodedata.combining(sign) and not _is_indian(sign)):
            continue
        digit = unicodedata.digit(sign, None) if not sign.isascii() else None
        folded.append(sign if digit is None else str(digit))
    return unicodedata.normalize("NFC", "".join(folded))


def words(folded: str) -> list[str]:
    """The words of a folded text. Vowel signs and viramas belong to their word."""
    found, start = [], None
    for at, sign in enumerate(folded):
        if sign.isalnum() or unicodedata.category(sign)[0] == "M":
            start = at if start is None else start
        elif start is not None:
            found.append(folded[start:at])
            start = None
    if start is not None:
        found.append(folded[start:])
    return found


def readings(word: str) -> Iterator[str]:
    """What else a single word may be meant as: without letters said longer, without the article that Arabic writes
    with it, in Latin letters for those that only look so."""
    if runs := min(len(_LONG_RUN.findall(word)), _MOST_RUNS):
        for lengths in product((1, 2), repeat=runs):
            yield _shortened(word, lengths)
    if "\u0600" <= word[0] <= "\u06ff":
        yield _ARABIC_PREFIX.sub("", word)
    if not word.isascii() and word[0] < "\u0530" and any("a" <= sign <= "z" for sign in word):
        yield word.translate(_LOOKS_LATIN)


def disguised(folded: str) -> Iterator[str]:
    """Words that are hidden in the text: spelled out with blanks or dots, cut by signs, with digits for letters."""
    for found in _SPACED.finditer(folded):
        letters = "".join(sign for sign in found.group() if sign.isalpha())
        yield letters
        if letters[0] in "ai":
            yield letters[1:]
    for found in dict.fromkeys(_CHUNK.findall(folded)):
        chunk = found.strip(".,;:?\"'()[]{}…—–“”‘’«»")
        if not any(sign.isalpha() for sign in chunk):
            continue
        whole = _INSIDE.sub("", chunk)
        if whole != chunk:
            yield whole
        bare = whole.rstrip("!|")
        if any(sign in _DISGUISE for sign in bare):
            plain = bare.translate(_LEET)
            for table in _AMBIGUOUS:
                yield plain.translate(table)


def masked(folded: str) -> Iterator[tuple[int, re.Pattern[str]]]:
    """Words of which some letters are stars, as their lengths and patterns."""
    for found in dict.fromkeys(_CHUNK.findall(folded)):
        chunk = found.strip(".,;:?!\"'()[]{}…—–“”‘’«»")
        inner = chunk.strip("*#")
        letters = sum(sign.isalpha() for sign in inner)
        if letters >= 2 and ("*" in inner or "#" in inner) and all(sign.isalpha() or sign in "*#" for sign in inner):
            pattern = "".join("." if sign in "*#" else sign for sign in inner)
            yield len(inner), re.compile(pattern)


def _shortened(word: str, lengths: Sequence[int]) -> str:
    """The word with each long run of a letter at one of these lengths; further runs at one."""
    left = iter(lengths)
    return _LONG_RUN.sub(lambda run: str(run[1]) * next(left, 1), word)


def _is_indian(sign: str) -> bool:
    """Whether a mark is part of an Indian script, where it is a vowel and no accent."""
    return "\u0900" <= sign <= "\u0dff"
