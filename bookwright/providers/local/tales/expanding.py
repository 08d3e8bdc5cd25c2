"""Stories from notes, without a language model: all that the notes say, in the order of time, in their own words, with
thoughts around them that add no fact. It is honest about what it is; a language model writes better."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random
from typing import Any

from bookwright.contracts.depicting import Setting, TimeOfDay, Weather
from bookwright.providers.local.composing import Wish
from bookwright.providers.local.describing import UNKNOWN, describe
from bookwright.providers.local.tales.casting import rng_of
from bookwright.providers.local.tales.grammar import claims
from bookwright.providers.local.tales.library import NotesParts, notes_parts, spoken
from bookwright.text.chunks import pieces
from bookwright.text.measure import count_words
from bookwright.text.sentences import Span, sentences
from bookwright.text.spreads import PAGES
from bookwright.text.stories.life import LIFE_STAGES
from bookwright.text.stories.parts import even
from bookwright.text.telling.evidence import evidence
from bookwright.text.telling.judging import judge

FACT_CHARS, MOST_FACTS = 380, 20
"""Of the schema of an outline's facts."""
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s+")
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_TITLE_WORDS = 8
_SUMMARY = 1_900
_PER_CHAPTER = 400
"""Thoughts that a chapter takes at most: another one begins behind them, so that none is thought twice in a book."""
_STAGE_WORDS = {
    "roots": "born birth parents grandfather grandmother father mother family came जन्म माता पिता दादा दादी नाना नानी",
    "childhood": "child childhood little played toy nursery kindergarten बचपन खेलते खेलना छोटा छोटी",
    "growing_up": "school teacher class exam friend friends teenager स्कूल कक्षा परीक्षा दोस्त पढ़ाई",
    "setting_out": "college university left moved job first apprentice train city कॉलेज नौकरी शहर पहली",
    "building": "married wedding wife husband house built company daughter son children शादी विवाह पत्नी पति घर बेटा बेटी",
    "turning_points": "died death war illness ill hospital lost accident fire flood divorce मृत्यु निधन युद्ध बीमारी बाढ़ खो",
    "looking_back": "retired grandchildren grandson granddaughter today now old wish thankful सेवानिवृत्त पोता पोती आज अब",
}  # fmt: skip


def outline(wish: Wish) -> dict[str, Any]:
    """An `Outline` that shares the notes out over the chapters."""
    material = wish.material
    parts = notes_parts(spoken(material["language"]))
    title, facts = _facts(material["notes"], material["language"])
    life = material["kind"] == "life"
    shares = _by_stage(facts, material["chapters"]) if life else _evenly(facts, material["chapters"])
    chapters = []
    for number, (part, told) in enumerate(zip(material["chapters"], shares, strict=True), start=1):
        stages = [stage for stage in LIFE_STAGES if stage.key in part.get("stages", ())]
        heading = " · ".join(parts.headings[stage.key] for stage in stages) or _short(told, parts) or f"{number}"
        chapters.append({"title": heading[:120], "plan": _short(told, parts) or parts.scene, "facts": told})
    return {"title": (title or (parts.life if life else parts.creative))[:120], "chapters": chapters}


def chapter(wish: Wish) -> dict[str, Any]:
    """A `DraftChapter`: its facts in order, each page with as many thoughts around them as it takes to be full."""
    material = wish.material
    language = spoken(material["language"])
    parts, number = notes_parts(language), material["chapter"]
    facts = material["outline"]["chapters"][number - 1]["facts"]
    thoughts = _thoughts(parts, wish.task_seed, number)
    rng = rng_of(wish.task_seed, "notes", number)
    pages = material["pages"]
    shares = [_slice(facts, page, pages) for page in range(pages)]
    texts = []
    for page, told in enumerate(shares):
        opening = [parts.stages[key] for key in material["stages"]] if page == 0 else []
        texts.append(_page(opening, told, material["words"]["about"], parts, thoughts, rng))
    drafts = []
    for text, told in zip(texts, shares, strict=True):
        scene = {"scene": _scene(" ".join(told) or text, language, parts)} if material["scenes"] else {}
        drafts.append({"text": text} | scene)
    summary = " ".join(facts) or material["outline"]["chapters"][number - 1]["title"]
    return {"pages": drafts, "summary": summary[:_SUMMARY]}


def page(wish: Wish) -> dict[str, Any]:
    """The text of one of a chapter's pages with the same facts, and other thoughts around them than the chapter has."""
    material = wish.material
    language = spoken(material["language"])
    parts, number, place = notes_parts(language), material["chapter"], material["page"] - 1
    facts = _slice(material["outline"]["chapters"][number - 1]["facts"], place, len(material["texts"]))
    said = {claim for text in material["texts"] for claim in claims(text, language)}
    fresh = (thought for thought in _thoughts(parts, wish.seed, number) if not claims(thought, language) & said)
    opening = [parts.stages[key] for key in material["stages"]] if place == 0 else []
    rng = rng_of(wish.seed, "anew", number)
    return {"text": _page(opening, facts, material["words"]["about"], parts, fresh, rng)}


def _facts(notes: str, language: str) -> tuple[str | None, list[str]]:
    """The notes' title, if their first line is one, and their sentences, as they are written."""
    lines = [" ".join(_BULLET.sub("", line).lstrip("# ").split()) for line in notes.splitlines()]
    lines = [line for line in lines if line]
    title = None
    if len(lines) > 1 and len(lines[0].split()) <= _TITLE_WORDS and lines[0][-1:] not in ".!?।,;":
        title = lines.pop(0).rstrip(":")
    facts = []
    for line in lines:
        for span in sentences(line, language):
            for piece in pieces(line, Span(span.start, span.end), FACT_CHARS):
                facts.append(_ended(line[piece.start : piece.end], language))
    return title, facts


def _ended(text: str, language: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?…।”\"'" else text + ("।" if language == "hi" else ".")


def _evenly(facts: Sequence[str], chapters: Sequence[Any]) -> list[list[str]]:
    """In the order of the notes, by the chapters' pages."""
    total = sum(part["pages"] for part in chapters)
    shares, page = list[list[str]](), 0
    for part in chapters:
        first, page = page, page + part["pages"]
        shares.append(_packed(facts[len(facts) * first // total : len(facts) * page // total]))
    return shares


def _by_stage(facts: Sequence[str], chapters: Sequence[Any]) -> list[list[str]]:
    """In the order of time: by the years that are named, else by what is told of, else where the one before it is."""
    keys = [stage.key for stage in LIFE_STAGES]
    found = {key: list[str]() for key in keys}
    years = [year for fact in facts if (year := _year(fact)) is not None]
    stage = keys[0]
    for fact in facts:
        year, told = _year(fact), _told_stage(fact)
        if told is None and year is not None:
            told = keys[(year - min(years)) * len(keys) // (max(years) - min(years) + 1)]
        stage = told or stage
        found[stage].append(fact)
    for told_facts in found.values():
        told_facts.sort(key=lambda fact: _year(fact) or math.inf)
    shares = [list[str]() for _ in chapters]
    for key in keys:
        places = [place for place, part in enumerate(chapters) if key in part["stages"]]
        at = 0
        for place, count in zip(places, even(len(found[key]), len(places)), strict=True):
            shares[place] += found[key][at : at + count]
            at += count
    return [_packed(share) for share in shares]


def _year(fact: str) -> int | None:
    """The first one that it names."""
    found = _YEAR.search(fact)
    return int(found[0]) if found else None


def _told_stage(fact: str) -> str | None:
    words = set(re.findall(r"[^\s.,;:!?।]+", fact.casefold()))
    scores = {key: len(words & set(told.split())) for key, told in _STAGE_WORDS.items()}
    best = max(scores, key=lambda key: scores[key])
    return best if scores[best] else None


def _packed(facts: Sequence[str]) -> list[str]:
    """In as many entries as an outline has room for."""
    packed = list(facts)
    while len(packed) > MOST_FACTS:
        place = min(range(len(packed) - 1), key=lambda place: len(packed[place]) + len(packed[place + 1]))
        if len(packed[place]) + len(packed[place + 1]) >= FACT_CHARS:
            return packed[:MOST_FACTS]
        packed[place : place + 2] = [f"{packed[place]} {packed[place + 1]}"]
    return packed


def _short(facts: Sequence[str], parts: NotesParts) -> str:
    return " ".join(facts[0].split()[:_TITLE_WORDS]).rstrip(" .,;:।") if facts else ""


def _slice(facts: Sequence[str], page: int, pages: int) -> Sequence[str]:
    return facts[len(facts) * page // pages : len(facts) * (page + 1) // pages]


def _thoughts(parts: NotesParts, seed: int, number: int) -> Iterator[str]:
    """Sentences, none of which is in another chapter as long as there are any left. All thoughts are thought before one
    comes back, with another opening or end."""
    rng = rng_of(seed, "thoughts")
    openings, thoughts, ends = (rng.sample(each, len(each)) for each in (parts.openings, parts.thoughts, parts.ends))
    every = [
        f"{openings[(place + turn) % len(openings)]} {thought}{ends[(place + turn // len(openings)) % len(ends)]}"
        for turn in range(len(openings) * len(ends))
        for place, thought in enumerate(thoughts)
    ]
    start = (number - 1) * _PER_CHAPTER % len(every)
    return cycle(every[start:] + every[:start])


def _page(
    opening: Sequence[str], facts: Sequence[str], words: int, parts: NotesParts, thoughts: Iterator[str], rng: Random
) -> str:
    """Paragraphs of a fact each, and what is thought about it, until there are enough words."""
    paragraphs = [[text] for text in (*opening[:1], *facts)] or [[next(thoughts)]]
    questions = rng.sample(parts.questions, min(2, len(parts.questions)))
    left = words - sum(count_words(text) for paragraph in paragraphs for text in paragraph)
    place = 0
    while left > 0:
        paragraph = paragraphs[place % len(paragraphs)]
        fact = paragraph[0]
        if len(paragraph) == 1 and fact in facts and len(fact.split()) > 8 and rng.random() < 0.5:
            quote = " ".join(fact.split()[:7]).strip(' .,;:।“”"')
            more = rng.choice(parts.quoting).format(quote=quote)
        elif len(paragraph) == 3 and questions and fact in facts:
            more = questions.pop()
        else:
            more = next(thoughts)
        paragraph.append(more)
        left -= count_words(more)
        place += 1
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)


def _scene(text: str, language: str, parts: NotesParts) -> dict[str, Any]:
    """A `PageScene`, as far as the page's words tell of one."""
    found = evidence(text, language)
    told = describe(judge([found], [], {}), {PAGES[0]: (text, found)}, language)
    known = {key: None if told[key] == UNKNOWN else told[key] for key in ("setting", "time", "weather")}
    picture = told[PAGES[0]]
    return {
        "setting": known["setting"] or Setting.ROOM.value,
        "place": "",
        "time": known["time"] or TimeOfDay.DAY.value,
        "weather": known["weather"] or Weather.CLEAR.value,
        "mood": told["mood"],
        "intensity": told["intensity"],
        "sounds": told["sounds"][:6],
        "cast": told["people"][:6],
        "action": picture["picture_prompt"],
        "alt": picture["alt_text"][:300] or parts.scene,
    }
