"""How much there is to speak."""

import re

from bookwright.text.characters import HAN, KANA, UNSPACED, UNSPACED_ABUGIDAS, speakable

__all__ = ["count_words", "expected_speech_ms", "page_weight", "speakable"]

_TOKEN = re.compile(r"[^\s—–/…]+")
_UNSPACED_RUN = re.compile(f"[{UNSPACED}]+")
_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile(f"[{KANA}]")
_ABUGIDA = re.compile(f"[{UNSPACED_ABUGIDAS}]")
# Code points in an average word, marks counted. Rough: they only size pages and estimates, nothing is cut by them.
_HAN_PER_WORD, _KANA_PER_WORD, _ABUGIDA_PER_WORD = 1.6, 2.5, 4.5
_CODE_POINTS_PER_WORD_ON_PAGE = 6
_LONGEST_WORD_ON_PAGE = 12


def count_words(text: str) -> int:
    """The words in `text`: what stands between spaces and dashes with a letter or digit in it; in scripts without
    spaces, an estimate from the usual length of a word. 0 only when nothing is speakable."""
    spaced, han, kana, abugida = _counted(text)
    estimate = han / _HAN_PER_WORD + kana / _KANA_PER_WORD + abugida / _ABUGIDA_PER_WORD
    return spaced + max(round(estimate), 1 if han + kana + abugida else 0)


def page_weight(text: str) -> float:
    """How much of a page `text` takes, in words: real ones where there are spaces, six code points each otherwise;
    text without any spaces (a long code, a table of digits) counts twelve code points as one."""
    spaced, han, kana, abugida = _counted(text)
    unspaced = han + kana + abugida
    return max(spaced + unspaced / _CODE_POINTS_PER_WORD_ON_PAGE, len(text) / _LONGEST_WORD_ON_PAGE)


def _counted(text: str) -> tuple[int, int, int, int]:
    han = kana = abugida = 0
    if not text.isascii() and _UNSPACED_RUN.search(text):
        han, kana, abugida = (len(kind.findall(text)) for kind in (_HAN, _KANA, _ABUGIDA))
        text = _UNSPACED_RUN.sub(" ", text)
    return sum(1 for token in _TOKEN.finditer(text) if speakable(token.group())), han, kana, abugida


# Letters and digits a second (marks not counted) that no plausible reading exceeds. espeak at 175 words a minute was
# measured sentence by sentence in 26 languages; its fastest sentence per group: alphabets 18.6 (Russian), abjads 12.8
# (Urdu), abugidas 10.2 (Malayalam), hangul 6.1, Han 4.0, kana 3.4. The rates here leave at least a third more for
# faster voices; a voice set to more than that pace needs its own.
_ALPHABET_RATE = 25.0
_GROUP_RATES = (
    (re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"), 18.0),
    (re.compile(f"[\u0900-\u0dff\u1200-\u139f{UNSPACED_ABUGIDAS}]"), 15.0),
    (re.compile("[\uac00-\ud7a3]"), 9.0),
    (_HAN, 8.0),
    (_KANA, 10.0),
)
# Trimming takes soft consonants off the ends, which tells in clips of a single word ("به", 101 ms, "dressed", 300 ms).
_GRACE_MS = 100
_SPOKEN = re.compile(r"[^\W_]")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")


def expected_speech_ms(text: str) -> int:
    """The shortest time, in milliseconds, in which the whole of `text` could plausibly be spoken, without silence at
    its ends; a clip that is shorter was cut off. 0 when there is nothing to speak. A lower bound, not an estimate:
    espeak takes 1.45 times as long over its fastest measured sentences, typically about twice."""
    text = _DRAWN_OUT.sub(r"\1\1", text)  # "Nooooo!" takes no longer than "Noo!" from most engines
    total = len(_SPOKEN.findall(text))
    seconds = 0.0
    if not text.isascii():
        for group, rate in _GROUP_RATES:
            letters = sum(map(str.isalnum, group.findall(text)))
            seconds += letters / rate
            total -= letters
    milliseconds = (seconds + total / _ALPHABET_RATE) * 1_000
    return int(max(milliseconds - _GRACE_MS, milliseconds / 2))
