"""IPA as espeak-ng's own phoneme names, which its text may have between `[[` and `]]`.

The names are those of its documentation (docs/phonemes.md, after Kirshenbaum's ASCII IPA). Its consonants are there in
every language; of vowels each language has its own, and a name that it does not have ends the word, so whoever asks
says which there are. Only the standard library is imported here: the engine's process needs this module.
"""

import unicodedata
from collections.abc import Callable, Iterator

# Of each sign the names to try, best first; the last one is there in every language.
_SIGNS = {
    # plosives
    "p": "p", "b": "b", "t": "t", "d": "d", "ʈ": "t.", "ɖ": "d.", "c": "c", "ɟ": "J", "k": "k", "ɡ": "g", "q": "q",
    "ɢ": "G g", "ʔ": "?", "t\u032a": "t[ t", "d\u032a": "d[ d", "ɓ": "b", "ɗ": "d", "ʄ": "J", "ɠ": "g",
    # nasals
    "m": "m", "ɱ": "m", "n": "n", "ɳ": "n.", "ɲ": "n^", "ŋ": "N", "ɴ": "N",
    # trills, taps, approximants, laterals
    "r": "r", "ɹ": "r", "ɾ": "* r", "ɽ": "* r", "ɻ": "r. r", "ʀ": "R r", "ʁ": 'r" r', "ʙ": "b",
    "ʋ": "v", "j": "j", "ɥ": "j",
    "w": "w", "ʍ": "w", "ɰ": "Q", "l": "l", "ɫ": "l", "ɭ": "l.", "ʎ": "l^", "ʟ": "l", "ɬ": "l", "ɮ": "l", "ɺ": "l",
    # fricatives
    "ɸ": "f", "β": "B", "f": "f", "v": "v", "θ": "T", "ð": "D", "s": "s", "z": "z", "ʃ": "S", "ʒ": "Z", "ʂ": "s.",
    "ʐ": "z.", "ɕ": "s;", "ʑ": "z;", "ç": "C", "ʝ": "j", "x": "x", "ɣ": "Q", "χ": "X", "ħ": "H h", "ʕ": "?", "h": "h",
    "ɦ": "h", "ɧ": "S",
    # affricates
    "tʃ": "tS", "dʒ": "dZ", "ts": "ts", "dz": "dz", "tɕ": "tS;", "dʑ": "dz;",
    # vowels
    "i": "i", "y": "y i", "ɨ": 'i" i', "ʉ": 'u" u', "ɯ": 'u" u', "u": "u", "ɪ": "I i", "ʏ": "y I i", "ʊ": "U u",
    "e": "e",
    "ø": "Y e", "ɘ": "@", "ɵ": "@", "ɤ": "o- o", "o": "o", "ə": "@", "ɚ": "3 @", "ɛ": "E e", "œ": "W E e", "ɜ": "3 @",
    "ɝ": "3 @", "ɞ": "@", "ʌ": "V a", "ɔ": "O o", "æ": "a", "ɐ": "a# a", "a": "a", "ɶ": "a", "ɑ": "A a", "ɒ": "0 O o",
    "ᵻ": "I i", "ᵿ": "U u",
}  # fmt: skip
_LENGTHS = "ːˑ"
_NASAL, _ASPIRATED, _PALATALISED = "\u0303", "ʰʱ", "ʲ"
_STRESS = {"ˈ": "'", "ˌ": ","}
_ROUNDED = "ʷ"
_VOWELS = frozenset("iyɨʉɯuɪʏʊeøɘɵɤoəɚɛœɜɝɞʌɔæɐaɶɑɒᵻᵿ")
_LONGEST = max(map(len, _SIGNS))


def names_in(ipa: str) -> set[str]:
    """All names that might stand for a part of `ipa`, to be asked about."""
    return {name for sound in _sounds(ipa) for name in sound}


def phonemes(ipa: str, has: Callable[[str], bool]) -> str:
    """What stands between the brackets for `ipa`; `has` says whether the voice has a name. Signs that are not spoken,
    such as tie bars and syllable dots, are left out. Without a mark the first syllable has the stress."""
    parts = [next((name for name in sound if has(name)), sound[-1]) for sound in _sounds(ipa)]
    stressed = any(part in _STRESS.values() for part in parts)
    return ("" if stressed else "'") + "".join(parts)


def _sounds(ipa: str) -> Iterator[list[str]]:
    """The names to try for each sound, each stress mark and each space."""
    text = unicodedata.normalize("NFD", ipa).replace("c\u0327", "ç").replace("\u0361", "").replace("\u035c", "")
    at = 0
    while at < len(text):
        sign = next((text[at : at + n] for n in range(_LONGEST, 0, -1) if text[at : at + n] in _SIGNS), None)
        if sign is None:
            if text[at] in _STRESS or text[at] == " ":
                yield [_STRESS.get(text[at], " ")]
            elif text[at] == _ROUNDED:
                yield ["w"]
            at += 1
            continue
        at += len(sign)
        names = _SIGNS[sign].split()
        while at < len(text) and (better := _marked(names, text[at], vowel=sign in _VOWELS)):
            names = better
            at += 1
        yield names


def _marked(names: list[str], mark: str, *, vowel: bool) -> list[str] | None:
    """The names with a mark that follows their sign; None for one that is no mark of theirs."""
    if vowel and mark in _LENGTHS:
        return [*(f"{name}:" for name in names), *names]
    if vowel and mark == _NASAL:
        return [*(f"{name}~" for name in names), *names]
    if not vowel and mark in _ASPIRATED:
        return [*(f"{name}h" for name in names), *names]
    if not vowel and mark == _PALATALISED:
        return [*(f"{name};" for name in names), *names]
    return names if mark in _LENGTHS or mark == _NASAL or mark in _ASPIRATED else None
