"""The looks of a figure, from its name, kind, looks and colours: the same whenever it is asked."""

import hashlib
import random
import re

from bookwright.contracts.depicting import COLOUR, Figure
from bookwright.providers.local.painting.colour import darker, lighter, rgb
from bookwright.providers.local.painting.figures.kinds import KINDS, Kind, kind_of
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.lexicon import by_word, meanings, said_of
from bookwright.providers.local.painting.reading import words_of

SKINS = ("#f9dcc4", "#f2c9a5", "#e0ac7e", "#c68a5c", "#a56c43", "#7d4e30", "#5c3822")
HAIRS = {
    "black": "#2b2530",
    "dark": "#3a2a28",
    "brown": "#6b4430",
    "blond": "#e3b860",
    "blonde": "#e3b860",
    "golden": "#e3b04f",
    "red": "#b5502c",
    "ginger": "#c9672f",
    "orange": "#d9762f",
    "grey": "#b0aeb5",
    "gray": "#b0aeb5",
    "white": "#ece9e6",
    "silver": "#c9ccd6",
    "auburn": "#8a452f",
    "pink": "#e88fb5",
    "blue": "#4f7fc9",
    "purple": "#8a5fb5",
    "green": "#5f9a5a",
    "काले": "#2b2530",
    "सफेद": "#ece9e6",
}
COLOURS = {
    "red": "#d9483f",
    "crimson": "#b5304a",
    "scarlet": "#d9382f",
    "orange": "#ee8f3a",
    "yellow": "#f4c63d",
    "golden": "#eab53c",
    "gold": "#eab53c",
    "green": "#5aa556",
    "emerald": "#2f9a6a",
    "turquoise": "#3fb5b0",
    "teal": "#2f8f8f",
    "blue": "#4a86cf",
    "navy": "#34467f",
    "purple": "#8458b5",
    "violet": "#8458b5",
    "lilac": "#b59ad9",
    "pink": "#ee86ab",
    "rose": "#e07a92",
    "brown": "#93623f",
    "black": "#3b3742",
    "white": "#f8f5ee",
    "grey": "#9a9aa5",
    "gray": "#9a9aa5",
    "silver": "#bcc6d2",
    "copper": "#c07a4a",
    "cream": "#f3e6c8",
    "लाल": "#d9483f",
    "नीला": "#4a86cf",
    "नीली": "#4a86cf",
    "हरा": "#5aa556",
    "हरी": "#5aa556",
    "पीला": "#f4c63d",
    "पीली": "#f4c63d",
    "गुलाबी": "#ee86ab",
    "सुनहरा": "#eab53c",
    "सफ़ेद": "#f8f5ee",
    "काला": "#3b3742",
}
_CLOTHES = tuple(
    COLOURS[name] for name in ("red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "teal")
)
_SKIN_WORDS = {
    "pale": 0,
    "fair": 0,
    "light": 1,
    "rosy": 1,
    "freckled": 0,
    "olive": 2,
    "tan": 3,
    "tanned": 3,
    "golden": 2,
    "wheatish": 3,
    "brown": 4,
    "dark": 5,
    "black": 6,
    "deep": 5,
}
_HAIR_PARTS = frozenset(meanings("people")["hair"])
_FEMALE = frozenset(meanings("people")["female"])
_MALE = frozenset(meanings("people")["male"])
_OLD = frozenset(meanings("people")["old"])
_BABY = frozenset(meanings("people")["baby"])
_CHILD = frozenset(meanings("people")["child"])
_INDIAN = frozenset(meanings("people")["indian"])
_ALL_WORN = frozenset({*by_word("worn"), *by_word("dress"), "boots", "shoes", "eyes", "shirt", "trousers"})
_VALID = re.compile(COLOUR)
_INDIC = re.compile("[\u0900-\u0dff]")


def looks_of(figure: Figure) -> Looks:
    """The looks of a figure. What its words leave open is chosen by its name."""
    seed = int.from_bytes(hashlib.sha256(f"{figure.name}|{figure.kind}".encode()).digest()[:6])
    rng = random.Random(seed)
    kind_words = words_of(figure.kind)
    told = kind_words + words_of(figure.looks)
    words = frozenset(told)
    name = kind_of(kind_words) or kind_of(words_of(figure.name)) or _by_looks(words)
    kind = KINDS[name]
    palette = [colour.lower() for colour in figure.palette if _VALID.fullmatch(colour.lower())]
    if kind.family == "person":
        return _person(figure, name, kind, told, words, palette, rng, seed)
    coat = list(kind.coat)
    if not palette:
        named = [
            COLOURS[word] for n, word in enumerate(told) if word in COLOURS and not _ALL_WORN & {*told[n + 1 : n + 3]}
        ]
        palette = [*named[:1], *([lighter(named[0], 0.6)] if named else []), *named[1:2]]
    if palette:
        coat[0] = palette[0]
        coat[1] = palette[1] if len(palette) > 1 else lighter(palette[0], 0.62)
        coat[2] = palette[2] if len(palette) > 2 else darker(palette[0], 0.45)
    young = words & (_BABY | frozenset({"little", "small", "young", "cub", "kitten", "puppy", "lamb", "foal"}))
    large = words & frozenset({"big", "large", "huge", "giant", "great", "enormous"})
    worn = _worn(words) - {"beard", "cape" if "cape" not in words and "cloak" not in words else ""}
    return Looks(
        kind,
        name,
        coat[0],
        coat[1],
        coat[2],
        worn=worn,
        age="elder" if words & _OLD else "child",
        seed=seed,
        eyes=rng.choice(("#3a2a24", "#4a3226", "#2f3a4a", "#3f4a2c")),
        size=kind.size * (0.8 if young else 1.25 if large else 1.0),
        wrap=_wrap(told, rng, coat[0]),
    )


def _by_looks(words: frozenset[str]) -> str:
    """The kind of somebody whose kind's word is unknown, from what is said of the looks."""
    if words & {"scales", "fire", "flames"}:
        return "dragon"
    if words & {"feathers", "beak", "feathered"}:
        return "bird"
    if words & {"metal", "gears", "antenna", "wires"}:
        return "robot"
    if words & {"fins", "gills"}:
        return "fish"
    if words & {"fur", "furry", "tail", "paws", "horns", "tentacles", "claws", "fuzzy"}:
        return "monster"
    return "person"


def _person(
    figure: Figure,
    name: str,
    kind: Kind,
    told: list[str],
    words: frozenset[str],
    palette: list[str],
    rng: random.Random,
    seed: int,
) -> Looks:
    female = bool(words & _FEMALE) or (not words & _MALE and rng.random() < 0.5)
    age = (
        "baby"
        if words & _BABY and not words & _OLD
        else "elder"
        if words & _OLD
        else "child"
        if words & _CHILD or not words - {*words_of(figure.name)}
        else "adult"
    )
    indian = bool(words & _INDIAN) or bool(_INDIC.search(f"{figure.name} {figure.kind}"))
    skins = [
        _SKIN_WORDS[word] for n, word in enumerate(told) if word in _SKIN_WORDS and told[n + 1 : n + 2] == ["skin"]
    ]
    skin = SKINS[skins[0]] if skins else rng.choice(SKINS[2:5] if indian else SKINS)
    near_hair = [HAIRS[word] for n, word in enumerate(told) if word in HAIRS and _HAIR_PARTS & set(told[n + 1 : n + 4])]
    dark = skin in SKINS[3:]
    hair = (
        near_hair[0]
        if near_hair
        else (
            "#d9d6d8"
            if age == "elder"
            else rng.choice(
                (HAIRS["black"], HAIRS["dark"])
                if dark or indian
                else tuple(HAIRS[c] for c in ("black", "brown", "brown", "blond", "auburn", "ginger"))
            )
        )
    )
    styles = said_of("hairstyles", words)
    if not styles:
        female_styles = ("bun",) if age == "elder" else ("long", "braids", "ponytail", "bob", "curly")
        male_styles = ("bald", "short") if age == "elder" else ("short", "short", "short", "curly")
        styles = [rng.choice(female_styles if female else male_styles)]
    dresses = said_of("dress", words)
    if not dresses:
        if indian:
            dresses = ["sari" if female and age in ("adult", "elder") else "kurta"]
        elif age in ("adult", "elder"):
            dresses = [rng.choice(("dress", "dress", "tee")) if female else rng.choice(("shirt", "tee"))]
        else:
            dresses = [rng.choice(("dress", "tee", "overalls")) if female else rng.choice(("tee", "overalls", "tee"))]
    near_hair_words = {n for n, word in enumerate(told) if word in HAIRS and _HAIR_PARTS & set(told[n + 1 : n + 4])}
    named = [
        COLOURS[word]
        for n, word in enumerate(told)
        if word in COLOURS
        and n not in near_hair_words
        and not told[n + 1 : n + 2] == ["skin"]
        and not told[n + 1 : n + 2] == ["eyes"]
    ]
    colours = [*palette, *(colour for colour in named if colour not in palette)] if palette else named
    while len(colours) < 3:
        colours.append(rng.choice([colour for colour in _CLOTHES if colour not in colours]))
    worn = _worn(words)
    if age == "elder" and rng.random() < 0.5:
        worn |= {"glasses"}
    if age == "elder" and not female and rng.random() < 0.5:
        worn |= {"beard"}
    if age == "adult" and not female and rng.random() < 0.45:
        worn |= {rng.choice(("beard", "moustache"))}
    if indian and female and age != "baby":
        worn |= {"bindi"}
    if female and age == "child" and rng.random() < 0.3:
        worn |= {rng.choice(("bow", "flower"))}
    size = {"baby": 0.72, "child": 1.0, "adult": 1.0, "elder": 1.0}[age] * kind.size
    if words & {"giant", "tall"}:
        size *= 1.25
    if words & {"dwarf", "gnome", "tiny"}:
        size *= 0.75
    return Looks(
        kind,
        name,
        colours[0],
        colours[1],
        colours[2],
        skin,
        hair,
        styles[0],
        age,
        dresses[0],
        worn,
        rng.choice(("", "stripes", "dots", "star", "", "hem")),
        rng.choice(("#4a3226", "#3a2a24", "#4a5a34", "#34587a" if not dark else "#3a2a24")),
        seed,
        size,
        _wrap(told, rng, colours[0]) if "scarf" in worn else colours[2],
        female and age != "baby",
    )


def _wrap(told: list[str], rng: random.Random, main: str) -> str:
    """The colour of a scarf: the one that is named before it, or one that stands out."""
    for n, word in enumerate(told):
        if word in COLOURS and {"scarf", "shawl", "collar", "muffler", "दुपट्टा"} & {*told[n + 1 : n + 3]}:
            return COLOURS[word]
    return rng.choice([colour for colour in ("#d9483f", "#4a86cf", "#f4c63d") if _apart(colour, main)])


def _apart(one: str, other: str) -> bool:
    return max(abs(a - b) for a, b in zip(rgb(one), rgb(other), strict=True)) > 0.3


def _worn(words: frozenset[str]) -> frozenset[str]:
    return frozenset(said_of("worn", words))
