"""Pronunciations applied to a text: words found in any script, the text as it is said, and the way back to print."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from bookwright.contracts.book import WordTiming
from bookwright.contracts.lexicon import LexiconEntry, SaidAs
from bookwright.text.characters import UNSPACED

_UNSPACED = re.compile(f"[{UNSPACED}]")
_JOINERS = "\u200c\u200d"
_LAST_MARK = 0x1FFFF
"""No script beyond has combining marks but for variation selectors."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry's word in a text: `text[start:end]`, in code points."""

    start: int
    end: int
    entry: LexiconEntry


@dataclass(frozen=True, slots=True)
class _Swap:
    """A word's place in print, and in what is said in its place."""

    start: int
    end: int
    said_start: int
    said_end: int


@dataclass(frozen=True, slots=True)
class Said:
    """A printed text as an engine is to say it."""

    text: str
    ipa: tuple[SaidAs, ...] = ()
    swaps: tuple[_Swap, ...] = ()

    def printed(self, words: Sequence[WordTiming]) -> tuple[WordTiming, ...]:
        """The timings of words that were said as timings of those in print. What is said in several words for a printed
        one is that one word, heard from the first on."""
        if not self.swaps:
            return tuple(words)
        timings: list[WordTiming] = []
        reached = -1
        for word in sorted(words, key=lambda each: each.start):
            start, end = self._start(word.start), self._end(word.start + word.length)
            if start >= reached:
                timings.append(WordTiming(start=start, length=end - start, at_ms=word.at_ms))
                reached = max(end, start + 1)
            elif timings and end > reached:
                last = timings[-1]
                timings[-1] = last.model_copy(update={"length": end - last.start})
                reached = end
        return tuple(timings)

    def _start(self, place: int) -> int:
        shift = 0
        for swap in self.swaps:
            if place < swap.said_start:
                break
            if place < swap.said_end:
                return swap.start
            shift = swap.end - swap.said_end
        return place + shift

    def _end(self, place: int) -> int:
        shift = 0
        for swap in self.swaps:
            if place <= swap.said_start:
                break
            if place <= swap.said_end:
                return swap.end
            shift = swap.end - swap.said_end
        return place + shift


class Pronunciations:
    """A book's entries, made ready to be looked for. Longer words come first: `New York` before `York`; of two entries
    for the same letters the one that goes by their case."""

    def __init__(self, entries: Iterable[LexiconEntry]) -> None:
        ranked = sorted(entries, key=lambda entry: (-len(entry.word), not entry.match_case, entry.word))
        self._entries = [(entry, _folded(entry.word).split()[0]) for entry in ranked]

    def __bool__(self) -> bool:
        return bool(self._entries)

    def found(self, text: str) -> list[Found]:
        """The entries' words where they stand by themselves, in the order of the text; none lies over another."""
        folded = _folded(text)
        here = [entry for entry, first in self._entries if first in folded]
        if not here:
            return []
        pattern = "|".join(_one(entry) for entry in here)
        return [
            Found(match.start(), match.end(), here[(match.lastindex or 1) - 1]) for match in re.finditer(pattern, text)
        ]

    def applied(self, text: str) -> list[LexiconEntry]:
        """The entries that change how the text is said, each once."""
        return list({found.entry.word: found.entry for found in self.found(text)}.values())

    def said(self, text: str, *, ipa: bool) -> Said:
        """The text as it is to be said by an engine that takes IPA, or by one that does not: for that one a word
        without a respelling stays as it is printed."""
        parts: list[str] = []
        swaps: list[_Swap] = []
        spelt: list[SaidAs] = []
        at = length = 0
        for found in self.found(text):
            parts.append(text[at : found.start])
            length += found.start - at
            word = text[found.start : found.end]
            if ipa and found.entry.ipa:
                spelt.append(SaidAs(length, len(word), found.entry.ipa))
            elif found.entry.respelling:
                word = found.entry.respelling
                swaps.append(_Swap(found.start, found.end, length, length + len(word)))
            parts.append(word)
            length += len(word)
            at = found.end
        return Said("".join([*parts, text[at:]]), tuple(spelt), tuple(swaps))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _one(entry: LexiconEntry) -> str:
    """The pattern of one entry, as a group: the word composed or decomposed, with any white space in it."""
    forms = {unicodedata.normalize(form, entry.word) for form in ("NFC", "NFD")}
    spelt = "|".join(r"\s+".join(re.escape(part) for part in form.split()) for form in sorted(forms))
    before = "" if _UNSPACED.match(entry.word) else _begins_word()
    after = "" if _UNSPACED.match(entry.word[-1]) else _ends_word()
    return f"{before}({spelt if entry.match_case else f'(?i:{spelt})'}){after}"


@cache
def _letters() -> str:
    """A character class's inside: letters, digits and combining marks, of which a word is made."""
    marks = [code for code in range(0x300, _LAST_MARK) if unicodedata.category(chr(code))[0] == "M"]
    runs = [[code for _, code in run] for _, run in groupby(enumerate(marks), lambda each: each[1] - each[0])]
    return r"\w" + "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in runs)


@cache
def _begins_word() -> str:
    return f"(?<![{_letters()}])(?<![{_letters()}][{_JOINERS}])"


@cache
def _ends_word() -> str:
    return f"(?![{_JOINERS}]*[{_letters()}])"
