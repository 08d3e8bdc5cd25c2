"""A judgement about a spread in words: prompts for pictures and sounds in English, alternative texts in the book's own
language."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bookwright.contracts.depicting import SHORT, Setting, TimeOfDay, Weather
from bookwright.text.telling.evidence import Evidence
from bookwright.text.telling.judging import Judgement
from bookwright.text.telling.words import Kind, name_in, primary, tokens_of, words_of

UNKNOWN = "unknown"
ALT_CHARS, ACTION_CHARS, SOUND_CHARS = 300, 240, 300
_PLACED = {
    Setting.FOREST: "in a forest",
    Setting.MEADOW: "in a meadow",
    Setting.MOUNTAINS: "in the mountains",
    Setting.BEACH: "on a beach",
    Setting.SEA: "at sea",
    Setting.UNDERWATER: "under water",
    Setting.RIVER: "by a river",
    Setting.LAKE: "by a lake",
    Setting.DESERT: "in a desert",
    Setting.VILLAGE: "in a village",
    Setting.CITY_STREET: "in a city street",
    Setting.CASTLE: "in a castle",
    Setting.CAVE: "in a cave",
    Setting.ROOM: "in a room",
    Setting.KITCHEN: "in a kitchen",
    Setting.SCHOOL: "at school",
    Setting.SKY: "in the sky",
    Setting.SPACE: "in outer space",
    Setting.GARDEN: "in a garden",
    Setting.MARKET: "at a market",
    Setting.SNOW: "in the snow",
}
_TIMED = {TimeOfDay.DAWN: "at dawn", TimeOfDay.DAY: "by day", TimeOfDay.DUSK: "at dusk", TimeOfDay.NIGHT: "at night"}
_WEATHERED = {
    Weather.CLEAR: "under a clear sky",
    Weather.CLOUDS: "under clouds",
    Weather.RAIN: "in the rain",
    Weather.STORM: "in a storm",
    Weather.SNOW: "in falling snow",
    Weather.FOG: "in fog",
    Weather.WIND: "in the wind",
}
_HEARD = {
    Setting.FOREST: "wind in the leaves, birds",
    Setting.MEADOW: "a breeze over grass, insects, birds far off",
    Setting.MOUNTAINS: "wind over rocks, a far echo",
    Setting.BEACH: "waves on the shore, gulls",
    Setting.SEA: "long waves against a hull, creaking timbers",
    Setting.UNDERWATER: "deep muffled water, bubbles",
    Setting.RIVER: "running water over stones",
    Setting.LAKE: "water lapping, frogs and reeds",
    Setting.DESERT: "a dry wind over sand",
    Setting.VILLAGE: "hens, a far dog, quiet work",
    Setting.CITY_STREET: "wheels, steps and far voices in a street",
    Setting.CASTLE: "echoing halls of stone",
    Setting.CAVE: "dripping water, echoes underground",
    Setting.ROOM: "a quiet room, a clock",
    Setting.KITCHEN: "a fire in the stove, simmering pots",
    Setting.SCHOOL: "children in a classroom, chalk",
    Setting.SKY: "wind rushing by, high up",
    Setting.SPACE: "the deep hum of a spaceship",
    Setting.GARDEN: "bees, birds, leaves",
    Setting.MARKET: "a busy crowd, baskets and carts",
    Setting.SNOW: "a cold wind, snow underfoot",
}
"""What is heard where nothing is named."""
_TITLES = "Mr|Mrs|Ms|Miss|Dr|Sir|Lady|Lord|King|Queen|Prince|Princess|Captain|Uncle|Aunt|Old|Little"
_NAME = re.compile(rf"(?<![.!?…\"“”‘’'«»\n]\s)(?<![\"“”‘«\n])\b(?:(?:{_TITLES})\.? )?[A-Z][a-z]+(?: [A-Z][a-z]+)?\b")
_NO_NAMES = frozenset(
    "I The A An He She It They We You And But Or So Then There This That These Those My His Her Their Our Your If When "
    "What Where Who Why How Yes No Not Oh God Monday Tuesday Wednesday Thursday Friday Saturday Sunday January "
    "February March April May June July August September October November December English Christmas".split()
)
MOST_PEOPLE = 8
_KINDS_OF_PLACE = (
    "Street|Road|Lane|Row|Square|Avenue|Alley|Bridge|Gate|Station|Hall|House|Manor|Castle|Palace|Tower|Court|Abbey|"
    "Church|Inn|School|Park|Gardens?|Market|Harbour|Harbor|Port|Bay|Cove|Island|Isle|Sea|River|Lake|Pond|Wood|Woods|"
    "Forest|Heath|Moor|Hill|Hills|Mountain|Mountains|Valley|Village|Town|City|Farm|Mill"
)
_NAMED = r"(?-i:[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)"
_PLACE = re.compile(
    rf"\b(?:(?:in|into|reached|near) (?:the )?(?P<town>{_NAMED})|"
    rf"(?:in|into|at|to|near|through|along|across|down|up|reached|left) (?:the )?"
    rf"(?P<site>(?-i:[A-Z][\w’'-]+ )*(?-i:{_KINDS_OF_PLACE})(?-i:(?: of)? {_NAMED})?)\b)",
    re.IGNORECASE,
)
"""A name where a place is spoken of: any after `in`, and one that says what it is after `to` or `along`, too."""


def describe(judgement: Judgement, pages: Mapping[str, tuple[str, Evidence]], language: str) -> dict[str, Any]:
    """The answer about a spread. `pages` are its texts and what they tell of, by what the answer calls them."""
    scene = _scene(judgement)
    text = " ".join(text for text, _found in pages.values())
    place = _place(page.scenic for _text, page in pages.values()) if primary(language) == "en" else ""
    return {
        "setting": judgement.setting or UNKNOWN,
        "place": place,
        "time": judgement.time or UNKNOWN,
        "weather": judgement.weather or UNKNOWN,
        "mood": judgement.mood,
        "intensity": judgement.intensity,
        "sounds": list(judgement.sounds[:20]),
        "people": [name for name in _people(text) if name not in place],
        "sound_prompt": _sound(judgement),
        **{
            name: {
                "picture_prompt": f"{scene}, in a {judgement.mood} mood. {_action(text, found)}",
                "alt_text": _alt(judgement, _action(text, found), language),
            }
            for name, (text, found) in pages.items()
        },
    }


def _scene(judgement: Judgement) -> str:
    """Such as: `A scene by a river at dusk in the rain`."""
    parts = [
        _PLACED.get(judgement.setting) if judgement.setting else None,
        _TIMED.get(judgement.time) if judgement.time else None,
        _WEATHERED.get(judgement.weather) if judgement.weather and not _indoors(judgement) else None,
    ]
    return " ".join(["A scene", *filter(None, parts)])


def _sound(judgement: Judgement) -> str:
    named = list(judgement.sounds[:4])
    weather = judgement.weather
    if weather and weather not in (Weather.CLEAR, Weather.CLOUDS):
        named.append(f"{weather} outside" if _indoors(judgement) else str(weather))
    heard = [_HEARD[judgement.setting]] if judgement.setting else []
    scene = " ".join(filter(None, [judgement.mood, "ambience", _scene(judgement).removeprefix("A scene").strip()]))
    return f"{scene}: {', '.join(dict.fromkeys(heard + named)) or 'a quiet, even background'}"[:SOUND_CHARS]


def _alt(judgement: Judgement, action: str, language: str) -> str:
    """Where and when it is, by the words of the language, and what happens, in those of the book."""
    named: list[tuple[Kind, str | None]] = [(Kind.SETTING, judgement.setting), (Kind.TIME, judgement.time)]
    if not _indoors(judgement):
        named.append((Kind.WEATHER, judgement.weather))
    called = [name_in(language, kind, name) for kind, name in named if name]
    where = ", ".join(dict.fromkeys(name for name in called if name))
    return f"{where[:1].upper()}{where[1:]}. {action}"[:ALT_CHARS] if where else action[:ALT_CHARS]


def _action(text: str, found: Evidence) -> str:
    """The sentence that tells most of a place, or the first one that is told; of speech alone its beginning."""
    sentences = [sentence for _told, sentence in found.scenic if any(letter.isalpha() for letter in sentence)]
    told = {sentence: weight for weight, sentence in found.scenic}
    best = max(sentences, key=lambda sentence: told[sentence] * (len(sentence) > 20), default=text)
    line = " ".join(best.split())
    return line if len(line) <= ACTION_CHARS else line[: ACTION_CHARS - 1].rsplit(" ", 1)[0] + "…"


def _people(text: str) -> list[str]:
    """Names that stand within sentences, where nothing but a name has a capital; the commonest first."""
    names: dict[str, int] = {}
    for match in _NAME.finditer(text):
        name = match.group()
        if name.split()[0] not in _NO_NAMES:
            names[name] = names.get(name, 0) + 1
    return [name[:SHORT] for name in sorted(names, key=lambda name: -names[name])[:MOST_PEOPLE]]


def _place(pages: Iterable[Sequence[tuple[float, str]]]) -> str:
    """The name of the place that is told of most, the first of equal ones; empty where none is named. Capitals and
    prepositions are those of English."""
    unreal = words_of("en").cue("unreal")
    sentences = [sentence for page in pages for _told, sentence in page]
    told = " ".join(sentence for sentence in sentences if not unreal & set(tokens_of(sentence)))
    found = [(match["site"], match["town"]) for match in _PLACE.finditer(told)]
    names = Counter[str]()
    for site, town in found:
        name = site or town
        # Of a town no more is told than that somebody is in it: what does things is somebody's name.
        if not site and (name.endswith(("'s", "’s")) or told.count(name) > found.count((None, name))):
            continue
        if name.split()[0] not in _NO_NAMES:
            names[name] += 1
    return names.most_common(1)[0][0][:SHORT] if names else ""


def _indoors(judgement: Judgement) -> bool:
    return judgement.setting is not None and judgement.setting.indoors
