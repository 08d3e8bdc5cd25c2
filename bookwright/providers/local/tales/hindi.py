"""A brief's words as Hindi tales use them. Orders in Hindi often carry English words: what has a Hindi name here gets
it, the rest stays as it was given."""

import re

from bookwright.providers.local.tales import english
from bookwright.providers.local.tales.matching import words_in

_DEVANAGARI = re.compile(r"[\u0900-\u097f]")
_SHE = set(
    "लड़की बच्ची परी रानी राजकुमारी गुड़िया बहन माँ दादी नानी बेटी औरत लोमड़ी बिल्ली चिड़िया मछली तितली गिलहरी बकरी गाय शेरनी "
    "मुर्गी चुहिया मकड़ी मधुमक्खी कोयल मैना हथिनी जलपरी जादूगरनी नदी हिरनी घोड़ी बत्तख".split()
)
_HE = set(
    "लड़का बच्चा राजा राजकुमार भाई पिता दादा नाना बेटा आदमी ड्रैगन शेर हाथी भालू खरगोश कुत्ता घोड़ा बंदर तोता मोर कछुआ मेंढक चूहा उल्लू "
    "बाघ ऊँट रोबोट जादूगर भूत पेड़ बादल तारा अजगर साँप हिरन पिल्ला गधा बैल".split()
)
_MEN = set("लड़का राजा राजकुमार भाई पिता दादा नाना बेटा आदमी जादूगर".split())
_PERSONS = set("बच्चा सुपरहीरो वैज्ञानिक खोजी योद्धा".split()) | {"अंतरिक्ष यात्री", "समुद्री लुटेरा"}
_HIS_NAMES = set(
    "राजा कृष्णा शिवा रामा भोला मुन्ना छोटा शेरा हरि रवि ऋषि शशि कवि मोती हाथी बंटी सनी विक्की रॉकी गोपी काशी".split()
)
_BENT = set("हरा बड़ा छोटा पुराना सुनहरा घना अनोखा काला ऊँचा गहरा ठंडा नया प्यारा मीठा खोया सूना मेरा हमारा दूसरा".split())
_KINDS = {
    "dragon": ("ड्रैगन", "m"), "girl": ("लड़की", "f"), "boy": ("लड़का", "m"), "fairy": ("परी", "f"),
    "princess": ("राजकुमारी", "f"), "prince": ("राजकुमार", "m"), "queen": ("रानी", "f"), "king": ("राजा", "m"),
    "robot": ("रोबोट", "m"), "rabbit": ("खरगोश", "m"), "bunny": ("खरगोश", "m"), "fox": ("लोमड़ी", "f"),
    "lion": ("शेर", "m"), "tiger": ("बाघ", "m"), "elephant": ("हाथी", "m"), "bear": ("भालू", "m"),
    "cat": ("बिल्ली", "f"), "kitten": ("बिल्ली", "f"), "dog": ("कुत्ता", "m"), "puppy": ("पिल्ला", "m"),
    "monkey": ("बंदर", "m"), "bird": ("चिड़िया", "f"), "parrot": ("तोता", "m"), "peacock": ("मोर", "m"),
    "owl": ("उल्लू", "m"), "mouse": ("चुहिया", "f"), "squirrel": ("गिलहरी", "f"), "turtle": ("कछुआ", "m"),
    "tortoise": ("कछुआ", "m"), "fish": ("मछली", "f"), "mermaid": ("जलपरी", "f"), "unicorn": ("यूनिकॉर्न", "m"),
    "horse": ("घोड़ा", "m"), "deer": ("हिरन", "m"), "frog": ("मेंढक", "m"), "butterfly": ("तितली", "f"),
    "wizard": ("जादूगर", "m"), "witch": ("जादूगरनी", "f"), "knight": ("योद्धा", "m"), "pirate": ("समुद्री लुटेरा", "m"),
    "astronaut": ("अंतरिक्ष यात्री", "m"), "alien": ("दूसरे ग्रह का प्राणी", "m"), "dinosaur": ("डायनासोर", "m"),
    "penguin": ("पेंगुइन", "m"), "panda": ("पांडा", "m"), "wolf": ("भेड़िया", "m"), "child": ("बच्चा", "m"),
    "superhero": ("सुपरहीरो", "m"), "scientist": ("वैज्ञानिक", "m"), "explorer": ("खोजी", "m"), "star": ("तारा", "m"),
}  # fmt: skip
_QUALITIES = {
    "brave": ("बहादुर", "बहादुर"), "little": ("नन्हा", "नन्ही"), "small": ("छोटा", "छोटी"), "tiny": ("नन्हा", "नन्ही"),
    "young": ("छोटा", "छोटी"), "big": ("बड़ा", "बड़ी"), "clever": ("होशियार", "होशियार"), "smart": ("होशियार", "होशियार"),
    "kind": ("दयालु", "दयालु"), "shy": ("शर्मीला", "शर्मीली"), "funny": ("मज़ेदार", "मज़ेदार"), "curious": ("जिज्ञासु", "जिज्ञासु"),
    "magical": ("जादुई", "जादुई"), "magic": ("जादुई", "जादुई"), "happy": ("हँसमुख", "हँसमुख"), "gentle": ("कोमल", "कोमल"),
    "strong": ("ताक़तवर", "ताक़तवर"), "friendly": ("मिलनसार", "मिलनसार"), "blue": ("नीला", "नीली"), "red": ("लाल", "लाल"),
    "green": ("हरा", "हरी"), "golden": ("सुनहरा", "सुनहरी"), "white": ("सफ़ेद", "सफ़ेद"), "baby": ("नन्हा", "नन्ही"),
}  # fmt: skip


def is_hindi(text: str) -> bool:
    """Whether it is written in Devanagari."""
    return bool(_DEVANAGARI.search(text))


def type_phrase(kind: str, of: str) -> str:
    """`brave dragon` as `एक बहादुर ड्रैगन`."""
    kind = " ".join(kind.split()).strip(" .,;:!?।")
    if is_hindi(kind):
        return kind if kind.startswith("एक ") else f"एक {kind}"
    words = [word for word in words_in(kind) if word not in ("a", "an", "the")]
    noun = next((_KINDS[word][0] for word in words if word in _KINDS), None)
    if noun is None:
        return f"एक {kind}"
    qualities = [_QUALITIES[word][of == "f"] for word in words if word in _QUALITIES]
    return " ".join(["एक", *qualities, noun])


def world_phrase(world: str, known: str) -> str:
    """As it stands before `में`: as it was given in Hindi, its adjectives bent; else the name of the nearest world."""
    if not is_hindi(world):
        return known
    *adjectives, noun = world.split()
    bent = [f"{word[:-1]}े" if word in _BENT or word.endswith("ीला") else word for word in adjectives]
    return " ".join([*bent, noun])


def ability_phrase(ability: str, known: str) -> str:
    """As it was given in Hindi; else the Hindi name of what it comes nearest to, or its own words in quotes."""
    ability = " ".join(ability.split()).strip(" .,;:!?।")
    return ability if is_hindi(ability) else known or f"“{ability}”"


def gender(name: str, kind: str) -> str:
    """`f` or `m`: what they are decides, if it has a feminine word; then how the name ends, of a creature of either
    gender by `ा` alone; then what they are."""
    told = words_in(kind)
    known = next((_KINDS[word] for word in told if word in _KINDS), None)
    if set(told) & _SHE or (known and known[1] == "f"):
        return "f"
    if set(told) & _MEN or (known and known[0] in _MEN):
        return "m"
    creature = bool(set(told) & _HE) or bool(known and known[0] not in _PERSONS)
    first = (words_in(name) or [""])[0]
    if not is_hindi(first):
        return english.gender(name, kind, otherwise="m")
    endings = ("ा",) if creature else ("ा", "ी", "ि")
    return "f" if first.endswith(endings) and first not in _HIS_NAMES else "m"
