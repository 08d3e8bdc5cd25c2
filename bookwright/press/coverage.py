"""Does a clip hold its whole text? Told by what is heard in it and by its word timings, if it has any."""

import re
from collections.abc import Callable, Sequence

from bookwright.contracts.book import WordTiming
from bookwright.contracts.errors import BadAnswer
from bookwright.press.wav import Samples, Sound

_SILENT_PEAK = 100
"""About -50 dBFS; no voice stays below it."""
_HEARD_BELOW_PEAK = 0.01
_HEARD_FLOOR = 20
_LEAD_S, _TAIL_S = 0.02, 0.06
"""Kept before and after what is heard: soft beginnings and the decay of the last sound."""
_LEAST_COVERAGE = 0.9
_LATE_MS, _SLOWEST = 3_000, 6
"""The last word may take the one, and as many times its shortest duration as the other, to end."""

_LETTER = re.compile(r"[^\W_]")
_TOKEN = re.compile(r"\S*[^\W_]\S*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts without spaces between words: Thai and Lao, Burmese, Khmer, kana, ideographs."""


def heard(sound: Sound) -> tuple[int, int]:
    """The first sample that is heard and one past the last. Raises BadAnswer for a silent clip."""
    samples, rate = sound
    peak = max(int(samples.max()), -int(samples.min()))
    if peak < _SILENT_PEAK:
        raise BadAnswer("The audio is silent.")
    threshold = max(int(peak * _HEARD_BELOW_PEAK), _HEARD_FLOOR)
    first = _first_over(samples, rate, threshold)
    last = len(samples) - _first_over(samples[::-1], rate, threshold)
    return max(first - round(_LEAD_S * rate), 0), min(last + round(_TAIL_S * rate), len(samples))


def _first_over(samples: Samples, rate: int, threshold: int) -> int:
    step = rate // 4
    for begin in range(0, len(samples), step):
        part = samples[begin : begin + step]
        over = (part > threshold) | (part < -threshold)
        if over.any():
            return begin + int(over.argmax())
    return len(samples)


def check_duration(text: str, heard_ms: float, least_ms: Callable[[str], float]) -> None:
    """Raise BadAnswer when what is heard is too short for the text; `least_ms` says what its shortest duration is."""
    least = least_ms(text)
    if heard_ms < least:
        raise BadAnswer(f"The audio is too short: {heard_ms:.0f} ms are heard where at least {least:.0f} are needed.")


def check_words(text: str, words: Sequence[WordTiming], duration_ms: int, least_ms: Callable[[str], float]) -> None:
    """Raise BadAnswer when the timings leave out part of the text, lie outside the audio, or end long before it."""
    if not words:
        return
    share = covered(text, words)
    if share < _LEAST_COVERAGE:
        raise BadAnswer(f"The audio leaves words out: its timings cover {share:.0%} of the text.")
    last = max(words, key=lambda word: word.at_ms)
    if last.at_ms > duration_ms:
        raise BadAnswer("The audio is cut off: its last word begins after its end.")
    if duration_ms - last.at_ms > _LATE_MS + _SLOWEST * least_ms(text[last.start :]):
        raise BadAnswer("The word timings end long before the audio does.")


def covered(text: str, words: Sequence[WordTiming]) -> float:
    """The share of the text's words that timings touch, 0 to 1; where words have no spaces between them, the share
    of the text that the timings reach."""
    letters = [match.start() for match in _LETTER.finditer(text)]
    if not letters:
        return 1.0
    if 2 * sum(1 for _ in _UNSPACED.finditer(text)) > len(letters):
        reach = max(word.start + word.length for word in words)
        return sum(place < reach for place in letters) / len(letters)
    touched = bytearray(len(text))
    for word in words:
        for place in range(word.start, min(word.start + max(word.length, 1), len(text))):
            touched[place] = 1
    tokens = [match.span() for match in _TOKEN.finditer(text)]
    return sum(1 in touched[start:end] for start, end in tokens) / len(tokens)
