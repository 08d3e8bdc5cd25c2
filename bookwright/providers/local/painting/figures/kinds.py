"""The kinds of figure that can be drawn, and the words that mean them."""

import difflib
from dataclasses import dataclass

from bookwright.providers.local.painting.lexicon import meanings


@dataclass(frozen=True)
class Kind:
    """`family` is who draws it; `coat` its own colours: fur or skin, belly, and details. `size` is against a child."""

    family: str
    coat: tuple[str, str, str] = ("#b98a5f", "#f3e3cc", "#5a4036")
    ears: str = ""
    muzzle: str = "small"
    tail: str = ""
    marks: tuple[str, ...] = ()
    size: float = 1.0


PERSON = Kind("person")
KINDS: dict[str, Kind] = {
    "person": PERSON,
    "mermaid": Kind("person", marks=("fishtail",)),
    "fairy": Kind("person", marks=("wings",), size=0.82),
    "fox": Kind("plush", ("#e07b35", "#fdf1e0", "#4a2e24"), "pointed", "long", "bushy", ("cheeks", "socks")),
    "wolf": Kind("plush", ("#8b93a3", "#e9ebef", "#3d4452"), "pointed", "long", "bushy", ("cheeks",), 1.1),
    "dog": Kind("plush", ("#c98f55", "#f7e8d2", "#6b4429"), "floppy", "round", "thin", ("patch",), 0.9),
    "cat": Kind("plush", ("#e3a05a", "#fdf1e0", "#b5713a"), "pointed", "small", "thin", ("stripes", "whiskers"), 0.85),
    "tiger": Kind("plush", ("#ee9440", "#fff3e2", "#3b2a24"), "round", "round", "thin", ("stripes", "whiskers"), 1.15),
    "lion": Kind("plush", ("#e9b65c", "#fbe9c8", "#a5602c"), "round", "round", "tuft", ("mane", "whiskers"), 1.15),
    "leopard": Kind("plush", ("#eabf6e", "#fdf0d5", "#6b4429"), "round", "round", "thin", ("spots", "whiskers"), 1.05),
    "bear": Kind("plush", ("#9a6a45", "#dcb98f", "#4a3026"), "round", "round", "stub", (), 1.2),
    "polar bear": Kind("plush", ("#f4f4f0", "#ffffff", "#5a5f6b"), "round", "round", "stub", (), 1.2),
    "panda": Kind("plush", ("#f7f5f0", "#ffffff", "#34323a"), "round", "round", "stub", ("mask", "dark limbs"), 1.1),
    "koala": Kind("plush", ("#a3a6b0", "#eceef2", "#4a4650"), "wide", "nose", "", (), 0.9),
    "rabbit": Kind("plush", ("#d9c2aa", "#fdf6ec", "#e79aa0"), "long", "small", "puff", ("whiskers",), 0.8),
    "mouse": Kind("plush", ("#b5aeb5", "#f0eaec", "#e79aa0"), "big", "small", "thin", ("whiskers",), 0.62),
    "squirrel": Kind("plush", ("#b5652f", "#fbe6cc", "#5a3422"), "tufted", "small", "plume", (), 0.68),
    "hedgehog": Kind("plush", ("#e6c9a0", "#f7e8d2", "#6b5140"), "small", "long", "", ("spines",), 0.66),
    "raccoon": Kind("plush", ("#8f8f9a", "#eeeef0", "#3a3a44"), "pointed", "long", "ringed", ("mask",), 0.85),
    "otter": Kind("plush", ("#8a5f43", "#e0c4a2", "#4a3026"), "small", "round", "thick", ("whiskers",), 0.85),
    "monkey": Kind("plush", ("#8f5f3f", "#f0cfa8", "#4a3026"), "side", "face", "curl", (), 0.85),
    "pig": Kind("plush", ("#f4b3b5", "#fbd6d4", "#d97f86"), "flop", "snout", "coil", (), 0.9),
    "elephant": Kind("plush", ("#9aa8bb", "#c3cdd9", "#6b7789"), "elephant", "trunk", "tuft", (), 1.3),
    "sheep": Kind("plush", ("#f6f1e6", "#fffaf0", "#5a4a48"), "flop", "small", "puff", ("wool",), 0.9),
    "goat": Kind("plush", ("#e3ddd2", "#f8f4ec", "#8a7a66"), "flop", "long", "stub", ("horns", "beard"), 0.9),
    "cow": Kind("plush", ("#f7f3ec", "#fbd9cf", "#4a4046"), "flop", "broad", "tuft", ("horns", "patches"), 1.2),
    "deer": Kind("plush", ("#c08a55", "#f6e6cc", "#6b4429"), "leaf", "long", "stub", ("antlers", "spots"), 1.05),
    "giraffe": Kind("plush", ("#f0c565", "#fbe9c0", "#a8672f"), "leaf", "broad", "tuft", ("knobs", "spots"), 1.45),
    "kangaroo": Kind("plush", ("#c08f63", "#f0d9b8", "#6b4a33"), "leaf", "long", "thick", (), 1.1),
    "frog": Kind("plush", ("#74b84a", "#e6f2b8", "#3f7a34"), "", "wide", "", ("eyes on top",), 0.66),
    "turtle": Kind("plush", ("#86b560", "#e8e0a0", "#7a5f38"), "", "wide", "", ("shell",), 0.75),
    "crocodile": Kind("plush", ("#5f9a52", "#e0e6a8", "#3a6b3a"), "", "jaws", "dragon", ("spikes", "eyes on top"), 1.1),
    "hippo": Kind("plush", ("#9a8fa8", "#d9c6d0", "#5f566e"), "small", "broad", "stub", (), 1.2),
    "bat": Kind("plush", ("#6a5a78", "#c9b8d0", "#3a3048"), "pointed", "small", "", ("bat wings",), 0.66),
    "dragon": Kind(
        "plush",
        ("#4fa86a", "#f6e3a0", "#e08a3c"),
        "fin",
        "dragon",
        "dragon",
        ("horns", "spikes", "bat wings", "plates"),
        1.15,
    ),
    "dinosaur": Kind("plush", ("#5fb0a0", "#f3ecb8", "#e08a5a"), "", "dragon", "dragon", ("spikes", "plates"), 1.2),
    "monster": Kind("plush", ("#8f6bc0", "#d9c3f0", "#5fd0b0"), "", "none", "stub", ("horns", "shaggy", "spots"), 1.1),
    "alien": Kind("plush", ("#8fd06a", "#d9f0b0", "#4f8a4a"), "", "none", "", ("feelers", "big eyes"), 0.9),
    "teddy": Kind("plush", ("#c4935f", "#f0d9b0", "#5a3f30"), "round", "round", "", ("seam",), 0.7),
    "sprite": Kind("plush", ("#7fb56a", "#d9ecb0", "#5a7a3a"), "leaf", "none", "", ("leaves",), 0.75),
    "ghost": Kind("ghost", ("#f4f6ff", "#d9e0fa", "#5a6090"), size=0.9),
    "snowman": Kind("snowman", ("#f8fbff", "#dbe8f8", "#e8833a"), size=0.85),
    "robot": Kind("robot", ("#9fb4c4", "#e3eef4", "#e0664f"), size=0.8),
    "star": Kind("star", ("#f9d35c", "#fff0b0", "#d99a2f"), size=0.7),
    "bird": Kind("bird", ("#5fa0d9", "#f6ead0", "#f0a03c"), size=0.55),
    "owl": Kind("bird", ("#9a7350", "#f0dcb8", "#e8a03c"), marks=("owl",), size=0.68),
    "parrot": Kind("bird", ("#e0523f", "#f6c945", "#3f7fc0"), marks=("long tail", "hook"), size=0.62),
    "peacock": Kind("bird", ("#2f7fa8", "#5fc0b0", "#e8b03c"), marks=("fan", "crest"), size=0.9),
    "duck": Kind("bird", ("#f8e08a", "#fff6d8", "#f0923c"), marks=("bill",), size=0.58),
    "swan": Kind("bird", ("#fbfaf6", "#ffffff", "#f0923c"), marks=("bill",), size=0.8),
    "penguin": Kind("bird", ("#34405a", "#fdfbf4", "#f0a03c"), marks=("mask",), size=0.78),
    "chicken": Kind("bird", ("#f6efe2", "#fffaf0", "#e0523f"), marks=("comb",), size=0.6),
    "eagle": Kind("bird", ("#7a5238", "#f3ead8", "#f0b03c"), marks=("hook", "white head"), size=0.85),
    "crow": Kind("bird", ("#3a3f52", "#5f6680", "#8a8f9c"), size=0.58),
    "phoenix": Kind("bird", ("#f0703c", "#f9cf5c", "#e0523f"), marks=("crest", "long tail"), size=0.9),
    "horse": Kind("horse", ("#b5764a", "#e0bd94", "#5a3526"), size=1.3),
    "unicorn": Kind("horse", ("#fbf7fc", "#f3dcee", "#c78fe0"), marks=("horn", "rainbow"), size=1.25),
    "pegasus": Kind("horse", ("#f6f6fb", "#dfe6f6", "#8fb0e0"), marks=("feather wings",), size=1.3),
    "donkey": Kind("horse", ("#9a9294", "#dcd6d2", "#4f4a50"), marks=("long ears",), size=1.05),
    "zebra": Kind("horse", ("#fbf8f2", "#e6e2da", "#34323a"), marks=("stripes",), size=1.2),
    "camel": Kind("horse", ("#d9a866", "#eccf9c", "#8a6238"), marks=("hump",), size=1.3),
    "fish": Kind("fish", ("#f08a3c", "#fdf1e0", "#e0523f"), size=0.6),
    "dolphin": Kind("fish", ("#6fa8cf", "#e6f2f8", "#4a7fa8"), marks=("dolphin",), size=1.0),
    "whale": Kind("fish", ("#4f7fb5", "#dcebf4", "#3a5f90"), marks=("whale",), size=1.4),
    "shark": Kind("fish", ("#8a9aac", "#eef2f4", "#5f6f84"), marks=("dolphin",), size=1.1),
    "octopus": Kind("octopus", ("#d9739a", "#f6c3d4", "#a84a78"), size=0.9),
    "crab": Kind("crab", ("#e0603f", "#f6b08f", "#a83a2a"), size=0.5),
    "butterfly": Kind("butterfly", ("#f08ab0", "#f9cf5c", "#5a3f6b"), size=0.45),
    "bee": Kind("bee", ("#f6c53c", "#fff3c0", "#4a3a2c"), size=0.4),
    "ladybird": Kind("bee", ("#e0473a", "#f6d0c8", "#34303a"), marks=("spots",), size=0.4),
    "snail": Kind("snail", ("#e8c48f", "#f6e3c0", "#c9744f"), size=0.45),
    "caterpillar": Kind("snail", ("#8fc05a", "#d9ecb0", "#5f8a3a"), marks=("long",), size=0.5),
}

_BY_WORD = {word: name for name in KINDS for word in (name, *meanings("kinds").get(name, ()))}
_NEAR = 0.84
_TRADES = ("er", "or", "ist", "man", "woman", "wala", "wali")
"""How words end that say what people do."""


def kind_of(words: list[str]) -> str | None:
    """The kind that words mean, the last of them first, which in English carries the meaning (`sea lion cub`). A word
    that is misspelt is taken for the one that it is nearest to. None for words that tell nothing."""
    known = [word for word in reversed(words) if word in _BY_WORD]
    if "polar" in words and "bear" in words:
        return "polar bear"
    if "sea" in words and "lion" in words:
        return "otter"
    animals = [word for word in known if _BY_WORD[word] != "person"]
    if known:
        return _BY_WORD[(animals or known)[0]]
    for word in reversed(words):
        single = word[:-1] if word.endswith("s") else word
        near = [single] if single in _BY_WORD else difflib.get_close_matches(word, _BY_WORD, 1, _NEAR)
        if near and len(word) > 3:
            return _BY_WORD[near[0]]
    return "person" if any(word.endswith(_TRADES) and len(word) > 4 for word in words) else None
