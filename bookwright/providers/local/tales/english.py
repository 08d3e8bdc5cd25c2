"""A brief's words as English tales use them."""

import re

from bookwright.providers.local.tales.matching import words_in

PRONOUNS = {
    "m": ("he", "him", "his", "himself"),
    "f": ("she", "her", "her", "herself"),
    "n": ("it", "it", "its", "itself"),
    "p": ("they", "them", "their", "themselves"),
}
_HE = set(
    "boy man prince king knight wizard lord brother grandfather grandpa uncle dad father son lion rooster".split()
)
_SHE = set(
    "girl woman princess queen lady fairy witch mermaid sister grandmother grandma aunt mum mother daughter goddess "
    "nun hen lioness".split()
)
_HER_NAMES = set(
    "lily lucy zoe chloe alice grace rose ruby daisy poppy molly emily amy ivy may june jane anne ann beth kate ellen "
    "helen karen susan sarah hannah leah abigail isabel rachel ruth joy hope faith dawn eve fern hazel heather holly "
    "iris jasmine maeve nell pearl penny robin saffron scarlett violet willow wren hermione phoebe charlotte kiran "
    "deepti preeti jyoti aarohi anjali priti swati bharti mishti pari".split()
)
_HIS_NAMES = set(
    "luca joshua noah ezra elijah micah jonah nikita sasha ravi hari rishi shashi aditya krishna rama shiva surya "
    "andrea garcia toby henry harry teddy freddie charlie billy jimmy tommy bobby danny johnny andy".split()
)
_HER_ENDINGS = ("a", "ie", "elle", "ette", "ine", "lyn", "i")
_VOWELS = "aeiou"
_PREFIXES = re.compile(
    r"^(?:(?:he|she|it|they|who|that)\s+)?(?:can|could|is able to|able to|the (?:power|ability|gift) (?:of|to)|"
    r"(?:has|have|having) (?:the )?|to)\s+",
    re.IGNORECASE,
)
_DOING = {
    "fly", "talk", "speak", "run", "jump", "sing", "swim", "climb", "breathe", "make", "turn", "become", "see", "hear",
    "understand", "move", "control", "build", "grow", "heal", "lift", "read", "paint", "draw", "dance", "find", "glow",
    "change", "shine", "create", "throw", "catch", "stop", "bring", "use", "tell", "calm", "remember", "solve", "shoot",
    "teleport", "disappear", "vanish", "shrink", "stretch", "invent", "cook", "bake", "listen", "whisper", "light",
}  # fmt: skip
_DOUBLED = {"run": "running", "swim": "swimming", "stop": "stopping"}
_BEFORE_PLACES = ("under", "above", "below", "beneath", "beyond", "behind", "inside", "in", "on", "at", "over")
_NO_ARTICLE = set("space fairyland dreamland wonderland home school town heaven atlantis narnia".split())
_GENERIC = set(
    "forest forests wood woods jungle sea ocean island islands reef lagoon lake river sky clouds galaxy universe moon "
    "stars mountains mountain hills desert dunes oasis city town village farm garden meadow valley castle kingdom "
    "palace cave caves caverns mine mines volcano circus carnival world realm isles swamp bay coast tower".split()
)


def article(words: str) -> str:
    """`a` or `an` before these words."""
    return f"{'an' if words[:1].casefold() in _VOWELS else 'a'} {words}"


def type_phrase(kind: str) -> str:
    """`brave dragon` as `a brave dragon`."""
    kind = _plain(kind)
    return kind if kind.split(" ")[0].casefold() in ("a", "an", "the") else article(kind)


def world_phrase(world: str) -> str:
    """As it follows on `in`: `enchanted forest` as `the enchanted forest`, names as they are."""
    world = _plain(world)
    first, *_, last = [*world.split(" "), world.split(" ")[-1]]
    if first.casefold() in ("a", "an"):
        return "the" + world[len(first) :]
    if first.casefold() in _BEFORE_PLACES:
        return f"the world {world[:1].lower()}{world[1:]}"
    if last.casefold() in ("land", "world") and first != last:
        return world if world[0].isupper() else world.title()
    if first.casefold() in ("the", "my", "our", "her", "his") or not world.isascii():
        return world[:1].lower() + world[1:]
    generic = last.casefold() in _GENERIC
    named = world[0].isupper() and not generic
    if named or world.casefold() in _NO_ARTICLE or last.casefold() in _NO_ARTICLE:
        return world
    return f"the {world}"


def ability_phrase(ability: str) -> str:
    """As a noun: `can talk to animals` as `talking to animals`."""
    ability = _PREFIXES.sub("", _plain(ability))
    first, blank, rest = ability.partition(" ")
    bare = first.casefold()
    if bare.removesuffix("s") in _DOING:
        bare = bare.removesuffix("s")
    if bare in _DOING:
        first = _DOUBLED.get(bare) or (bare[:-1] if bare.endswith("e") and bare not in ("see",) else bare) + "ing"
    elif ability.isascii() and not ability.isupper() and not any(word[:1].isupper() for word in rest.split()):
        first = bare
    return first + blank + rest


def gender(name: str, kind: str, *, otherwise: str) -> str:
    """`f` or `m`, by what they are, or by how the name sounds; `otherwise` when neither says anything."""
    told = set(words_in(kind))
    if told & _SHE:
        return "f"
    if told & _HE:
        return "m"
    first = (words_in(name) or [""])[0]
    if first in _HER_NAMES:
        return "f"
    if first in _HIS_NAMES:
        return "m"
    if not first.isascii():
        return otherwise
    return "f" if first.endswith(_HER_ENDINGS) else otherwise


def pronouns(prefix: str, of: str) -> dict[str, str]:
    """Slots: `{he}`, `{him}`, `{his}`, `{himself}` for the prefix ``, `{che}` and so on for `c`."""
    return {prefix + name: form for name, form in zip(("he", "him", "his", "himself"), PRONOUNS[of], strict=True)}


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .,;:!?")
