"""Which language a text is in, and how its tag is written."""

import re
from bisect import bisect_right
from collections import Counter
from functools import lru_cache
from importlib import import_module
from typing import Any

from bookwright.contracts.errors import UnknownLanguage

_SAMPLE = 20_000
_SAMPLES = 5
_SHORT = 40
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?P<extended>(?:-[a-z]{3}){0,3})(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|\d{3}))?(?P<rest>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*"
    r"(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?)"
)
# ISO 639-2 codes, and withdrawn ones, of languages that have a two-letter code.
_SHORTER = dict(
    pair.split(":")
    for pair in """
eng:en hin:hi ben:bn pan:pa urd:ur ara:ar spa:es fra:fr fre:fr deu:de ger:de por:pt ita:it nld:nl dut:nl
rus:ru ukr:uk pol:pl zho:zh chi:zh jpn:ja kor:ko tam:ta tel:te kan:kn mal:ml mar:mr guj:gu ori:or ory:or asm:as nep:ne
sin:si tha:th vie:vi ind:id msa:ms may:ms tur:tr fas:fa per:fa heb:he ell:el gre:el swe:sv dan:da nor:no fin:fi hun:hu
ces:cs cze:cs ron:ro rum:ro bul:bg srp:sr hrv:hr slk:sk slo:sk slv:sl cat:ca eus:eu baq:eu glg:gl swa:sw amh:am san:sa
mya:my bur:my khm:km lao:lo kat:ka geo:ka hye:hy arm:hy pus:ps snd:sd kas:ks cmn:zh arb:ar iw:he in:id ji:yi jw:jv mo:ro
""".split()
)
_SCRIPT_STARTS = (
    (0x41, "Latn"), (0x5B, ""), (0x61, "Latn"), (0x7B, ""), (0xC0, "Latn"), (0x2B0, ""), (0x370, "Grek"),
    (0x400, "Cyrl"), (0x530, "Armn"), (0x590, "Hebr"), (0x600, "Arab"), (0x700, ""), (0x750, "Arab"), (0x780, ""),
    (0x8A0, "Arab"), (0x900, "Deva"), (0x964, ""), (0x966, "Deva"), (0x980, "Beng"), (0xA00, "Guru"), (0xA80, "Gujr"),
    (0xB00, "Orya"), (0xB80, "Taml"), (0xC00, "Telu"), (0xC80, "Knda"), (0xD00, "Mlym"), (0xD80, "Sinh"),
    (0xE00, "Thai"), (0xE80, "Laoo"), (0xF00, "Tibt"), (0x1000, "Mymr"), (0x10A0, "Geor"), (0x1100, "Hang"),
    (0x1200, "Ethi"), (0x13A0, ""), (0x1780, "Khmr"), (0x1800, ""), (0x1C50, "Olck"), (0x1C80, ""), (0x1E00, "Latn"),
    (0x1F00, "Grek"), (0x2000, ""), (0x3041, "Kana"), (0x3100, ""), (0x31F0, "Kana"), (0x3200, ""), (0x3400, "Hani"),
    (0x4DC0, ""), (0x4E00, "Hani"), (0xA000, ""), (0xABC0, "Mtei"), (0xAC00, "Hang"), (0xD7A4, ""), (0xF900, "Hani"),
    (0xFB00, ""), (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"), (0xFF00, ""), (0x20000, "Hani"), (0x40000, ""),
)  # fmt: skip
_STARTS = [start for start, _ in _SCRIPT_STARTS]
_ONE_LANGUAGE = {
    "Grek": "el", "Armn": "hy", "Guru": "pa", "Gujr": "gu", "Orya": "or", "Taml": "ta", "Telu": "te", "Knda": "kn",
    "Mlym": "ml", "Sinh": "si", "Thai": "th", "Laoo": "lo", "Tibt": "bo", "Mymr": "my", "Geor": "ka", "Hang": "ko",
    "Khmr": "km", "Olck": "sat", "Mtei": "mni", "Kana": "ja",
}  # fmt: skip
_LANGUAGES_OF = {
    "Deva": ("hi", "mr", "ne", "sa"),
    "Arab": ("ar", "ur", "fa", "ps", "sd", "ug", "ckb"),
    "Cyrl": ("ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "mn", "tg", "tt", "ba", "cv"),
    "Hebr": ("he", "yi"),
    "Ethi": ("am", "ti"),
}
_COMMON_LATIN = frozenset("en es fr de pt it nl pl sv da no fi cs sk hu ro tr vi id ms sw ca hr sl tl".split())
_NOT_LATIN = frozenset([*_ONE_LANGUAGE.values(), *(tag for tags in _LANGUAGES_OF.values() for tag in tags)]) | {
    "zh", "bn", "as", "dz", "am", "ti", "gom", "mai", "bho", "new", "wuu", "yue",
}  # fmt: skip
_OTHERS = {
    **dict.fromkeys(("bn", "as"), "Beng"), **dict.fromkeys(("zh", "wuu", "yue"), "Hani"),
    **dict.fromkeys(("gom", "mai", "bho", "new"), "Deva"), "dz": "Tibt",
}  # fmt: skip
_ASSAMESE = "ৰৱ"
_BENGALI_RA = "র"


def detect_language(text: str) -> str:
    """The BCP 47 primary subtag of the language most of `text` is in. Looks at no more than 20,000 code points, taken
    from several places. Raises UnknownLanguage when there are no letters to go by."""
    sample = _sampled(text)
    scripts = Counter(_script(character) for character in sample if character.isalpha())
    del scripts[""]
    if not scripts:
        raise UnknownLanguage("The text has no letters to tell its language by. Give the language, such as `en`.")
    if scripts["Kana"] * 10 > scripts["Hani"]:
        scripts["Kana"] += scripts.pop("Hani", 0)
    script = max(scripts, key=lambda name: (scripts[name], name))
    if script in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[script]
    if script == "Hani":
        return "zh"
    if script == "Beng":
        return "as" if sum(map(sample.count, _ASSAMESE)) > sample.count(_BENGALI_RA) else "bn"
    # Only the words of that script: a Hindi text full of English names is still Hindi.
    words = " ".join(word for word in sample.split() if any(_script(character) == script for character in word))
    ranked = [language for language, _ in _identifier().rank(words)]
    if script == "Latn":
        short = scripts[script] < _SHORT
        likely = (tag for tag in ranked if (tag in _COMMON_LATIN if short else tag not in _NOT_LATIN))
        return next(likely, "en")
    candidates = _LANGUAGES_OF[script]
    return next((tag for tag in ranked if tag in candidates), candidates[0])


def normalise_language(tag: str) -> str:
    """A BCP 47 tag in its usual writing: `PT_br` → `pt-BR`, `zh-hans-cn` → `zh-Hans-CN`, `eng` → `en`. Raises
    UnknownLanguage when it is malformed; whether an engine speaks it is not asked."""
    match = _TAG.fullmatch(tag.strip().lower().replace("_", "-")) if tag.isascii() else None
    if match is None or len(tag.strip()) > 35:
        raise UnknownLanguage("The language is not a BCP 47 tag. Write it like `en`, `hi` or `pt-BR`.")
    parts = [_SHORTER.get(match["language"], match["language"]) + match["extended"]]
    if match["script"]:
        parts.append(match["script"].title())
    if match["region"]:
        parts.append(match["region"].upper())
    return "-".join(parts) + match["rest"]


def same_script(one: str, other: str) -> bool:
    """Whether two languages (BCP 47 primary subtags) are usually written in the same script."""
    return _script_of(one) == _script_of(other)


def _script_of(language: str) -> str:
    several = next((script for script, found in _LANGUAGES_OF.items() if language in found), None)
    of_one = (script for script, tag in _ONE_LANGUAGE.items() if tag == language)
    return several or next(of_one, _OTHERS.get(language, "Latn"))


def _script(character: str) -> str:
    return _SCRIPT_STARTS[max(bisect_right(_STARTS, ord(character)) - 1, 0)][1] if character >= "A" else ""


def _sampled(text: str) -> str:
    if len(text) <= _SAMPLE:
        return text
    size = _SAMPLE // _SAMPLES
    step = (len(text) - size) // (_SAMPLES - 1)
    return "\n".join(text[place * step : place * step + size - 1] for place in range(_SAMPLES))


@lru_cache(maxsize=1)
def _identifier() -> Any:
    # Loading the model takes most of a second, so only who needs it pays; the package has no type hints.
    return import_module("py3langid")
