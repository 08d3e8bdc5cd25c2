"""Who says what on a page: quotations, and the speakers that the text names beside them.

Pure, and careful rather than complete: a quotation whose speaker is not named, or is nobody of those asked about, is
left to the narrator. What is recognised, in English and Hindi:

- after it: `“…,” said Luna`, `“…?” Luna asked`, `“…,” लूना ने कहा`, `“…,” लूना बोली`;
- before it: `Luna said: “…”`, `लूना ने धीरे से पूछा, “…”`;
- `“…,” said Luna. “…”`: what follows right on the naming is the same speaker's;
- paragraphs that are quotations alone take turns, once two have spoken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bookwright.text.measure import speakable
from bookwright.text.sentences import paragraphs

LANGUAGES = ("en", "hi")
_QUOTED = re.compile(r"“[^“”]*(?:”|\Z)|\"[^\"]*(?:\"|\Z)|«[^«»]*(?:»|\Z)")
_SAYS = {
    "en": (
        "said|says|asked|asks|answered|replied|whispered|murmured|muttered|called|cried|shouted|yelled|laughed|sang|"
        "sighed|gasped|panted|grumbled|squeaked|squealed|growled|explained|added|admitted|announced|declared|promised|"
        "repeated|went on|exclaimed|told|read|thought aloud|crowed|agreed"
    ),
    "hi": (
        "कहा|पूछा|बोला|बोली|बोले|पुकारा|चिल्लाया|चिल्लाई|फुसफुसाया|फुसफुसाई|गाया|बताया|सुनाया|दोहराया|बड़बड़ाया|बड़बड़ाई|"
        "कहता|कहती|बोलता|बोलती|कहने"
    ),
}  # fmt: skip
_OTHERS = {
    "en": r"\s*(?:(?:the\s)?\w+(?:\s\w+)?\s+)?(?:{verb})\b",
    "hi": r"\s*[^।!?“”]{{1,30}}(?:{verb})(?!\w)",
}
"""Somebody who is no name that was asked about."""
_STOP = re.compile(r"[.!?…।](?=\s|\Z)")
_NAMING = 12
"""Words that name a speaker at most."""
OTHER = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """What one voice says: `text[start:end]`, in code points, without outer white space."""

    start: int
    end: int
    speaker: str | None
    """One of the names; None is the narrator."""


@dataclass(frozen=True, slots=True)
class _Quote:
    start: int
    end: int
    named: str | None
    """One of the names; OTHER when somebody else is named, None when nobody is."""
    follows_on: bool
    """Whether nothing but the naming of the speaker stands between it and the quotation before it."""


def passages(text: str, language: str, names: Sequence[str]) -> list[Passage]:
    """The page as passages, in their order; everything but white space is in one of them. Of other languages than
    LANGUAGES all is the narrator's."""
    primary = language.partition("-")[0].lower()
    known = [name for name in dict.fromkeys(" ".join(name.split()) for name in names) if name]
    if primary not in LANGUAGES or not known:
        return _joined(text, [Passage(0, len(text), None)])
    found: list[Passage] = []
    turns: list[str] = []
    for paragraph in paragraphs(text):
        quotes = _quotes(text, paragraph.start, paragraph.end, primary, known)
        alone = bool(quotes) and _alone(text, paragraph.start, paragraph.end, quotes)
        speaker = turns[-2] if alone and len(turns) >= 2 else None
        speakers, at = list[str | None](), paragraph.start
        for quote in quotes:
            if quote.named is not None:
                speaker = quote.named
            elif not quote.follows_on and not alone:
                speaker = None
            speakers.append(None if speaker == OTHER else speaker)
            found += [Passage(at, quote.start, None), Passage(quote.start, quote.end, speakers[-1])]
            at = quote.end
        turns = _turned(turns, speakers)
        found.append(Passage(at, paragraph.end, None))
    return _joined(text, found)


def _quotes(text: str, start: int, end: int, language: str, names: Sequence[str]) -> list[_Quote]:
    spans = [match.span() for match in _QUOTED.finditer(text, start, end)]
    quotes = []
    for index, (begins, ends) in enumerate(spans):
        before = text[spans[index - 1][1] if index else start : begins]
        after = text[ends : spans[index + 1][0] if index + 1 < len(spans) else end]
        follows_on = index > 0 and len(_STOP.findall(before)) <= 1 and len(before.split()) <= _NAMING
        quotes.append(_Quote(begins, ends, _named(before, after, language, names), follows_on))
    return quotes


def _named(before: str, after: str, language: str, names: Sequence[str]) -> str | None:
    """Who is named as the speaker, right after a quotation or else right before it."""
    name = "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True))
    verb = _SAYS[language]
    if language == "en":
        follows = rf"\s*(?:(?:{verb})\s+(?P<a>{name})|(?P<b>{name})\s+(?:\w+ly\s+)?(?:{verb}))(?!\w)"
        leads = rf"(?:\A|[.!?…]\s+)(?P<a>{name})(?!\w)[^.!?…]{{0,80}}\b(?:{verb})\b[^.!?…]{{0,30}}[,:]\s*\Z"
    else:
        follows = rf"\s*(?:[^।.!?“”]{{1,24}}\s)?(?P<a>{name})(?:\s+ने)?\s[^।!?“”]{{0,40}}?(?:{verb})(?!\w)"
        leads = rf"(?:\A|[।!?]\s+)(?P<a>{name})\s[^।!?]{{0,60}}(?:{verb})[^।!?]{{0,20}}[,:]\s*\Z"
    found = re.match(follows, after) or re.search(leads, before)
    if found:
        return next(each for each in found.groups() if each)
    return OTHER if re.match(_OTHERS[language].format(verb=verb), after) else None


def _alone(text: str, start: int, end: int, quotes: Sequence[_Quote]) -> bool:
    """Whether a paragraph is quotations and nothing else."""
    rest, at = "", start
    for quote in quotes:
        rest += text[at : quote.start]
        at = quote.end
    return not speakable(rest + text[at:end])


def _turned(turns: list[str], speakers: Sequence[str | None]) -> list[str]:
    """Who spoke last and next to last in this exchange; it ends with a paragraph in which nobody speaks, or nobody who
    is known, or several do."""
    said = set(speakers)
    speaker = said.pop() if len(said) == 1 else None
    if speaker is None:
        return []
    return turns if turns[-1:] == [speaker] else [*turns[-1:], speaker]


def _joined(text: str, found: Sequence[Passage]) -> list[Passage]:
    """Neighbours of one voice in one passage, and what can't be spoken with what stands before it, or after it."""
    out: list[Passage] = []
    carried: int | None = None
    for passage in found:
        start, end = passage.start, passage.end
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == end:
            continue
        if not speakable(text[start:end]):
            if out:
                out[-1] = Passage(out[-1].start, end, out[-1].speaker)
            else:
                carried = start if carried is None else carried
            continue
        if carried is not None:
            start, carried = carried, None
        if out and out[-1].speaker == passage.speaker:
            out[-1] = Passage(out[-1].start, end, passage.speaker)
        else:
            out.append(Passage(start, end, passage.speaker))
    return out
