"""Who is in a tale: whom the brief names, and a companion who suits its world."""

import hashlib
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from bookwright.providers.local.tales import english, hindi
from bookwright.providers.local.tales.library import Library, library, spoken
from bookwright.providers.local.tales.matching import drawn, nearest, words_in

Brief = Mapping[str, Any]
"""A brief as material (`text.stories.asking.told_brief`)."""

_COLOURS = {
    "red": "#c8352b", "orange": "#e57c23", "yellow": "#f2c230", "gold": "#d9a520", "golden": "#d9a520",
    "green": "#4a9a4f", "blue": "#2f6fb7", "purple": "#7d4fa3", "violet": "#7d4fa3", "pink": "#e889ab",
    "white": "#f4f1ea", "black": "#2c2c34", "grey": "#8b9198", "gray": "#8b9198", "brown": "#855c3b",
    "silver": "#b9c2cb", "turquoise": "#35a79c",
}  # fmt: skip
_BODIES = {
    "dragon": ("small dragon, rounded snout, short wings, scales, a row of soft spikes down the back", "#4a9a4f"),
    "girl": ("girl with lively eyes, {hair}, bare knees, a {coat} jacket with big pockets", "#b9825a"),
    "boy": ("boy with lively eyes, {hair}, rolled-up sleeves, a {coat} jacket with big pockets", "#a9744f"),
    "child": ("child with lively eyes, {hair}, a {coat} jacket with big pockets", "#b0794f"),
    "princess": ("girl with lively eyes, {hair}, a small crooked crown, a {coat} dress with muddy hem", "#c08a63"),
    "prince": ("boy with lively eyes, {hair}, a small crooked crown, a {coat} cloak", "#a9744f"),
    "fairy": ("tiny fairy, {hair}, clear wings, a dress of {coat} petals", "#e8c1a0"),
    "mermaid": ("mermaid, {hair}, shimmering {coat} tail, a shell on a cord", "#c08a63"),
    "wizard": ("small wizard, {hair}, a {coat} robe too long at the sleeves, a pointed hat", "#b9825a"),
    "witch": ("small witch, {hair}, a {coat} robe too long at the sleeves, a pointed hat", "#b9825a"),
    "knight": ("small knight, {hair}, dented helmet, a {coat} cape", "#9aa5b1"),
    "pirate": ("small pirate, {hair}, a {coat} headscarf, a wooden spyglass", "#a9744f"),
    "astronaut": ("small astronaut, {hair}, a white suit with {coat} stripes, a round helmet", "#f4f1ea"),
    "robot": ("small robot, round head, two round lamp eyes, jointed arms, {coat} enamel", "#9fb1bd"),
    "unicorn": ("small unicorn, spiral horn, long lashes, a {coat} mane", "#f4f1ea"),
    "rabbit": ("rabbit, one ear up and one ear down, a {coat} waistcoat", "#c9b59b"),
    "bear": ("bear cub, round ears, soft paws, a {coat} scarf", "#8a5f3c"),
    "cat": ("cat, upright tail, big curious eyes, a {coat} collar with a bell", "#8c8c8c"),
    "dog": ("puppy, floppy ears, wagging tail, a {coat} bandana", "#a9744f"),
    "fox": ("young fox, white chest, bushy tail with a white tip, a {coat} neckerchief", "#d9742b"),
    "lion": ("lion cub, the beginnings of a mane, big paws, a {coat} ribbon", "#d9a441"),
    "tiger": ("tiger cub, bold stripes, big paws, a {coat} neckerchief", "#e57c23"),
    "elephant": ("elephant calf, large ears, a short trunk, a {coat} saddle cloth", "#9aa0ab"),
    "monkey": ("monkey, long curling tail, wide grin, a {coat} waistcoat", "#8a5f3c"),
    "bird": ("round bird, bright eyes, a {coat} crest", "#5c8fc7"),
    "mouse": ("mouse, large round ears, a {coat} cap", "#9b7653"),
    "dinosaur": ("small dinosaur, long neck, friendly smile, {coat} spots", "#6aa15a"),
    "turtle": ("turtle, patterned shell, wise eyes, a {coat} satchel", "#5d8f5a"),
    "penguin": ("penguin, white front, a {coat} woollen hat", "#2d3142"),
    "alien": ("small alien, three bright eyes, two feelers, a {coat} belt with buttons", "#7fc29b"),
}  # fmt: skip
_ANY_BODY = ("{kind}, friendly face, bright eyes, a {coat} scarf that trails behind", "#b0794f")
_HAIR = ("curly black hair", "two dark plaits", "short brown hair", "a long black braid", "wild red hair", "sandy hair")
_COATS = ("red", "yellow", "blue", "green", "purple", "orange", "turquoise")
_MARKS = (
    "one freckle shaped like a star",
    "a patch on the left elbow", "a bell that never rings", "a lucky button on a string",
    "mismatched socks", "a feather tucked behind one ear", "a small satchel with a brass buckle", "a scratched nose",
)  # fmt: skip
_VOICES = (
    "bright and clear",
    "warm and a little husky",
    "quick and eager",
    "soft and steady",
    "lively, often laughing",
)
_HABITS = (
    "hums when thinking", "swings the feet when sitting", "talks to things", "counts steps", "collects round stones",
    "says \"let's see\" before doing anything", "laughs before the joke is over", "ties a knot so as not to forget",
    "stands on tiptoe to look", "shares everything in two",
)  # fmt: skip
_TEMPERS = {  # for a sheet in English: how a companion is
    "timid": "timid, loyal, braver than it thinks", "proud": "boastful and good-hearted",
    "dreamy": "dreamy, slow, full of odd thoughts", "grumpy": "grumpy, and would never leave a friend",
    "curious": "curious about everything", "merry": "merry, full of jokes",
}  # fmt: skip


def rng_of(*parts: object) -> Random:
    """Chance that is the same for the same parts, in every process."""
    told = "/".join(map(str, parts))
    return Random(int.from_bytes(hashlib.sha256(told.encode()).digest()[:8]))


def world_of(brief: Brief, parts: Library, seed: int) -> str:
    """The key of the world that the brief's words come nearest to."""
    lexicon = lexicon_of(parts, "worlds")
    found = nearest(brief["world"], lexicon) or nearest(f"{brief['adventure']} {brief['type']}", lexicon)
    return found or rng_of(seed, "world").choice(sorted(lexicon))


def lexicon_of(parts: Library, name: str) -> dict[str, str]:
    """The words of worlds, plots, abilities or occasions, in English too: orders in Hindi have them in both."""
    own, english_ones = getattr(parts, name), getattr(library("en"), name)
    return {key: f"{own[key].words} {english_ones[key].words}" for key in own}


def cast(brief: Brief, seed: int) -> list[dict[str, str]]:
    """The members of a `Cast`: the hero and a companion."""
    parts = library(spoken(brief["language"]))
    rng = rng_of(seed, "cast")
    world = parts.worlds[world_of(brief, parts, seed)]
    own = set(words_in(brief["type"]))
    fitting = [kind for kind in world.pals if not own & set(words_in(library("en").pals[kind].kind))] or world.pals
    kind = rng.choice(list(fitting))
    names = [name for name in parts.pals[kind].names if name.casefold() != brief["name"].casefold()]
    temper = rng.choice(sorted(parts.tempers))
    nature = f"Can do what nobody else can: {brief['ability']}. Kind, curious, keeps promises."
    return [
        {"name": brief["name"], "kind": brief["type"], "role": "hero", "nature": nature, "looks": ""},
        {
            "name": rng.choice(names),
            "kind": library("en").pals[kind].kind,
            "role": "companion",
            "nature": f"The hero's friend: {_TEMPERS[temper]}.",
            "looks": library("en").pals[kind].looks,
        },
    ]


def sheet(brief: Brief, members: Sequence[Mapping[str, str]], seed: int) -> list[dict[str, Any]]:
    """The characters of a `CharacterSheet`, one for each member."""
    hero, *others = members
    return [_hero(brief, hero, seed), *(_other(member, rng_of(seed, "sheet", member["name"])) for member in others)]


def companion(brief: Brief, sheet: Sequence[Mapping[str, Any]], parts: Library, seed: int) -> tuple[str, str, str, str]:
    """The companion's name, what they are in a phrase, gender, and temper; of a sheet without one, one of our own."""
    if len(sheet) > 1:
        name, kind, voice = sheet[1]["name"], sheet[1]["kind"], str(sheet[1].get("voice", ""))
    else:
        own = cast(brief, seed)[1]
        name, kind, voice = own["name"], own["kind"], ""
    temper = next((key for key in sorted(parts.tempers) if library("en").tempers[key].voice == voice), None)
    temper = temper or rng_of(seed, "temper", name).choice(sorted(parts.tempers))
    key = next((key for key, pal in sorted(library("en").pals.items()) if pal.kind == kind), None)
    if key is not None:
        return name, parts.pals[key].a, parts.pals[key].g, temper
    if parts.language == "hi":
        of = hindi.gender(name, kind)
        return name, hindi.type_phrase(kind, of), of, temper
    return name, english.type_phrase(kind), english.gender(name, kind, otherwise="m"), temper


def _hero(brief: Brief, member: Mapping[str, str], seed: int) -> dict[str, Any]:
    rng = rng_of(seed, "sheet", member["name"])
    told = words_in(member["kind"])
    body, colour = next((_BODIES[word] for word in told if word in _BODIES), _ANY_BODY)
    named = [_COLOURS[word] for word in told if word in _COLOURS]
    coat = rng.choice([coat for coat in _COATS if _COLOURS[coat] not in named])
    looks = member.get("looks") or body.format(hair=rng.choice(_HAIR), coat=coat, kind=member["kind"])
    return {
        "name": member["name"],
        "kind": member["kind"],
        "looks": f"{looks}, {rng.choice(_MARKS)}",
        "voice": f"young, {rng.choice(_VOICES)}",
        "habits": rng.sample(_HABITS, 2),
        "palette": [*(named or [colour]), _COLOURS[coat], "#f4f1ea"][:4],
    }


def _other(member: Mapping[str, str], rng: Random) -> dict[str, Any]:
    parts = library("en")
    temper = parts.tempers[
        next((key for key, told in _TEMPERS.items() if told in member["nature"]), None)
        or drawn(rng, member["nature"], {key: key for key in parts.tempers})
    ]
    pal = next((pal for pal in parts.pals.values() if pal.kind == member["kind"]), None)
    coat = rng.choice(_COATS)
    looks = member.get("looks") or (pal.looks if pal else f"{member['kind']}, friendly face, a {coat} scarf")
    return {
        "name": member["name"],
        "kind": member["kind"],
        "looks": looks,
        "voice": temper.voice,
        "habits": [temper.habit],
        "palette": list(pal.palette) if pal else [_COLOURS[coat], "#855c3b"],
    }
