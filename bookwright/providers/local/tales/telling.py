"""A tale's pages: each beat told by one of its templates, with what is seen, heard, thought and said besides, until
the page is as long as its readers want it. No sentence is told twice in a book but the refrain."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bookwright.contracts.depicting import Setting
from bookwright.providers.local.tales.grammar import Voices, claims, told
from bookwright.providers.local.tales.library import Library, Occasion, Plot, Temper, Tone, library, sounds
from bookwright.providers.local.tales.planning import Beat
from bookwright.text.measure import count_words

_SENTENCE_END = re.compile(r"(?<=[.!?।])\s")
_DARK = (Setting.UNDERWATER, Setting.CAVE, Setting.ROOM, Setting.KITCHEN, Setting.SPACE, Setting.CASTLE)
"""Where neither sun nor rain is seen."""
_WORRIES = ("meet", "low", "arrive", "turn")
_CHEERS = ("solve", "prize", "back")
_TENSE = ("meet", "try", "low", "arrive", "turn", "climax", "call1")
_REFRAINED = ("go", "solve", "call2")
_QUIET = ("night", "end", "feast", "low")
_ON_THE_WAY = ("go", "try", "clue", "night", "low")
_MARGIN = 3
"""Words over the least that a page may have, to be on the safe side."""
_FULL = 0.9
"""Of the words a page is to have: from there on nothing is added."""


@dataclass(frozen=True)
class Length:
    """Words on a page."""

    least: int
    about: int
    most: int

    @property
    def level(self) -> int:
        """How much of a template these readers get."""
        return 1 if self.about <= 40 else 2 if self.about <= 66 else 3

    def share(self, count: int) -> "Length":
        """Of each of so many beats on a page."""
        return Length(*(words // count for words in (self.least, self.about, self.most)))


@dataclass(frozen=True)
class Matter:
    """What one tale is told from."""

    parts: Library
    plot: Plot
    temper: Temper
    tone: Tone
    stirring: bool
    """Whether the tone's asides are for tense beats; else they are for any but quiet ones."""
    occasion: Occasion | None
    way: str
    """Of the special ability."""
    deeds: Sequence[str]
    spare_deeds: Sequence[str]
    """For when all the others were told."""
    voices: Voices
    hero: str
    pal: str
    english: "Matter | None" = None
    """The same in English, for what pictures are asked for, of a tale in another language."""


class Teller:
    """Tells one tale, page by page in their order."""

    def __init__(self, rng: Random, matter: Matter, length: Length, said: Sequence[str] = ()) -> None:
        """`said` are texts no sentence of which is told again."""
        self._rng = rng
        self._of = matter
        self._length = length
        self._said = {claim for text in said for claim in claims(text, matter.parts.language)}
        self._pools: dict[str, list[str]] = {}
        self._refrain = rng.choice(matter.parts.frames.refrains)
        self._great_deed, *deeds = self._shuffled(matter.deeds)
        self._deeds = [*self._shuffled(matter.spare_deeds), *deeds]
        self._occasion_left = matter.occasion is not None

    def page(self, beats: Sequence[Beat], *, introduce: str = "") -> str:
        """The text of a page on which these beats happen, after a sentence that introduces who has not been."""
        share = self._length.share(len(beats))
        paragraphs = [told(introduce, 1, self._of.voices)] if introduce else []
        for beat in beats:
            used = count_words(" ".join(paragraphs)) if introduce and beat is beats[0] else 0
            paragraphs += self._beat(beat, share, used)
        return "\n\n".join(paragraphs)

    def _beat(self, beat: Beat, length: Length, used: int) -> list[str]:
        voices = self._voices(beat)
        main = self._main(beat, voices, length, used)
        total = used + count_words(main)
        before, after = list[str](), list[str]()
        for ahead, piece in self._garnish(beat, voices, self._length.level):
            if total >= length.about * _FULL:
                break
            words = count_words(piece)
            if total + words > length.most or not self._new(piece):
                continue
            total += words
            self._say(piece)
            (before if ahead else after).append(piece)
        if (
            self._length.level == 1
            and beat.kind in _REFRAINED
            and not (before or after)
            and total + count_words(self._line(voices)) <= length.most
        ):
            after.append(self._line(voices))
        return [*([" ".join(before)] if before else []), main, *after]

    def _main(self, beat: Beat, voices: Voices, length: Length, used: int) -> str:
        """One way to tell the beat that is new and fits; else the one that comes nearest."""
        ways = list(self._templates(beat))
        if beat.kind not in ("solve", "climax"):  # whose shorter ways are for when nothing else fits
            self._rng.shuffle(ways)
        best: tuple[int, str] | None = None
        for level in range(self._length.level, 0, -1):
            for way in ways:
                text = told(way, level, voices)
                over = max(0, used + count_words(text) - length.most)
                if not self._new(text):
                    over += 1_000
                if best is None or over < best[0]:
                    best = (over, text)
                if not over:
                    break
            if best is not None and not best[0]:
                break
        assert best is not None
        self._say(best[1])
        return best[1]

    def _templates(self, beat: Beat) -> Iterator[str]:
        """All the ways to tell a beat."""
        frames, plot, way = self._of.parts.frames, self._of.plot, self._of.way
        match beat.kind:
            case "open" | "home" | "pal" | "go" | "night" | "end" as kind:
                yield from getattr(frames, kind)
            case "occasion" | "feast" as kind:
                assert self._of.occasion is not None
                yield self._of.occasion.open if kind == "occasion" else self._of.occasion.end
            case "climax":
                yield from (f"{self._great_deed} {result}" for result in plot.climax[way])
            case "meet" | "try" | "solve" as kind:
                episode = self._of.parts.episodes[beat.episode or ""]
                if kind == "solve":
                    yield from _done(self._deeds.pop() if self._deeds else "", episode.solve[way])
                else:
                    yield from episode.meet if kind == "meet" else episode.attempt
            case kind:
                yield from getattr(plot, kind)

    def _garnish(self, beat: Beat, voices: Voices, level: int) -> Iterator[tuple[bool, str]]:
        """What may stand on the page besides, the most fitting first, and whether it comes before the beat."""
        of, frames = self._of, self._of.parts.frames
        kind = beat.kind
        place = [told(line, min(level, 2), voices) for line in self._shuffled(beat.place.lines)]
        if kind == "solve":
            episode = of.parts.episodes[beat.episode or ""]
            yield from ((False, told(text, level, voices)) for text in self._shuffled(episode.after))
        if level == 1 and kind in _REFRAINED:
            yield False, self._line(voices)
        if beat.arrives or kind in ("open", "home"):
            yield kind != "go", place[0]
        if self._occasion_left and kind in ("clue", "night", "try", "go") and of.occasion:
            self._occasion_left = False
            yield False, told(of.occasion.middle[0], level, voices)
        spoken = [
            *self._some("worry", of.temper.worry, kind in _WORRIES),
            *self._some("cheer", of.temper.cheer, kind in _CHEERS),
            *self._some("rest", of.temper.rest, kind in ("night", "end")),
            *self._some("lines", of.temper.lines, kind in ("go", "try", "clue", "call2", "home", "pal", "meet")),
        ]
        seen = []
        if kind != "feast" and self._under_the_sky(beat):
            seen += self._some(f"light {beat.time}", frames.light[beat.time], kind != "climax")
        if beat.place.setting not in _DARK or beat.weather in ("stars", "glow", "still"):
            seen += self._some(f"weather {beat.weather}", frames.weather.get(beat.weather, ()), kind != "climax")
        thought = self._some("thoughts", frames.thoughts, kind in _ON_THE_WAY)
        merry = self._some("feast", frames.feast, kind == "feast")
        hush = self._some("hush", frames.hush, kind in ("turn", "climax", "arrive", "low"))
        aside = self._some("asides", of.tone.asides, kind in _TENSE if of.stirring else kind not in _QUIET)
        first, second = (spoken, seen) if self._rng.random() < 0.6 else (seen, spoken)
        for group in (merry, hush, first, second, aside, thought):
            for text in group[:1]:
                yield group is seen, self._taken(text, level, voices)
        for line in place:
            yield kind not in ("go", "solve", "climax"), line
        for group in (merry, thought, aside, spoken, hush, seen):
            for text in group[1:]:
                yield group is seen, self._taken(text, level, voices)

    def _more(self, voices: Voices, level: int) -> Iterator[str]:
        """What may stand on any page that would else be too short."""
        frames = self._of.parts.frames
        pools = (("asides", self._of.tone.asides), ("thoughts", frames.thoughts), ("cheer", self._of.temper.cheer))
        for pool, templates in pools:
            for text in self._some(pool, templates, True):
                yield self._taken(text, level, voices)

    def _some(self, pool: str, templates: Sequence[str], wanted: bool) -> list[str]:
        """Those of a pool that have not been told, shuffled once for the whole book."""
        if not wanted:
            return []
        if pool not in self._pools:
            self._pools[pool] = self._shuffled(templates)
        return list(self._pools[pool])

    def _taken(self, text: str, level: int, voices: Voices) -> str:
        for pool in self._pools.values():
            if text in pool:
                pool.remove(text)
        return told(text, level, voices)

    def _line(self, voices: Voices) -> str:
        return told(self._refrain, 1, voices)

    def _under_the_sky(self, beat: Beat) -> bool:
        return beat.place.setting not in _DARK and self._of.voices.values["sky"] == "yes" and beat.weather != "fog"

    def _voices(self, beat: Beat) -> Voices:
        return voices_at(self._of, beat)

    def _shuffled(self, items: Sequence[str]) -> list[str]:
        return self._rng.sample(list(items), len(items))

    def _new(self, text: str) -> bool:
        return not claims(text, self._of.parts.language) & self._said

    def _say(self, text: str) -> None:
        self._said |= claims(text, self._of.parts.language)


def _done(deed: str, results: Sequence[str]) -> Iterator[str]:
    """A deed and what came of it, also in as few words as can be."""
    for result in results:
        yield f"{deed} {result}".strip()
    for result in results:
        first = _SENTENCE_END.split(result.partition(" | ")[0], maxsplit=1)[0]
        if first.count("“") == first.count("”"):
            yield f"{deed} {first}".strip()


def voices_at(matter: Matter, beat: Beat) -> Voices:
    """The tale's values, and those of a beat's place and of who is met there."""
    place = beat.place
    values = {"at": place.at, "there": place.there or f"to {place.the}", "place": place.the}
    if beat.episode is None:
        return matter.voices.having(values)
    met = matter.parts.episodes[beat.episode].met
    return matter.voices.having(values | met | {"mhe": _it(met["m"])}, m=met["m"])


def scene(matter: Matter, beat: Beat, choice: int) -> dict[str, Any]:
    """A `PageScene`: what the page shows, in English and in the tale's language; `choice` is for beats whose picture
    may show several things."""
    own = _action(matter, beat, choice)
    other = library("en").episodes[beat.episode].met["kind"] if beat.episode else None
    cast = [matter.hero, *([matter.pal] if beat.kind != "open" else []), *([other] if other else [])]
    return {
        "setting": beat.place.setting,
        "place": "",
        "time": beat.time,
        "weather": beat.seen_weather,
        "mood": beat.mood,
        "intensity": beat.intensity,
        "sounds": list(sounds(beat.place.setting)),
        "cast": cast,
        "action": _action(matter.english or matter, beat, choice),
        "alt": own[:300],
    }


def _action(matter: Matter, beat: Beat, choice: int) -> str:
    """What a beat's picture shows, in the matter's language."""
    return told(_shown(matter.parts, matter.plot, beat, choice), 1, voices_at(matter, beat))


def _shown(parts: Library, plot: Plot, beat: Beat, choice: int) -> str:
    frames = parts.frames
    match beat.kind:
        case "meet" | "try" | "solve" as kind:
            return parts.episodes[beat.episode or ""].action[kind]
        case "open" | "home" | "pal" | "go" | "night" | "end" | "feast" as kind:
            templates: Sequence[str] = getattr(frames, f"{kind}_actions")
            return templates[choice % len(templates)]
        case "occasion":
            return frames.home_actions[choice % len(frames.home_actions)]
        case kind:
            return plot.actions[kind]


def _it(of: str) -> str:
    return {"f": "she", "m": "he", "p": "they"}.get(of, "it")


def words_of(material: Mapping[str, int]) -> Length:
    """From a task's material."""
    return Length(least=material["least"], about=material["about"], most=material["most"])
