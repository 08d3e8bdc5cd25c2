"""Which fonts a PDF is set in, and where they are. The machine's own fonts are never used: the same book gives the same
bytes anywhere."""

from bookwright.press.lettering import east_asian, font_folder

_PACKAGES = (("manimgx_fonts", "."), ("manimgx_fonts_cjk", "."), ("fontpkg_amiri", "files"))
"""Modules that bring fonts, and the folder inside each."""
_SERIF, _SANS = "Libertinus Serif", "Noto Sans"
"""The first is part of typst."""
_ARABIC = ("Amiri", "Noto Sans Arabic")
"""Amiri has one glyph for a letter and its dots. In Noto Sans Arabic dots are glyphs of their own, and typst gives a
letter whose dots are shifted up or down to programs that read or copy the text twice."""
_OTHERS = (
    "Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao Myanmar Khmer Hebrew "
    "Georgian Armenian Ethiopic"
).split()
_CJK = tuple(f"Noto Sans CJK {region}" for region in ("SC", "JP", "KR", "TC"))
_SYMBOLS = ("Noto Sans Symbols", "Noto Emoji", "New Computer Modern", "New Computer Modern Math", "DejaVu Sans Mono")
_SCRIPTS = {
    "Devanagari": "hi mr ne sa kok mai bho doi brx awa bgc mag hne raj new",
    "Bengali": "bn as mni",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Oriya": "or",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Thai": "th",
    "Lao": "lo",
    "Myanmar": "my",
    "Khmer": "km",
    "Hebrew": "he yi",
    "Georgian": "ka",
    "Armenian": "hy",
    "Ethiopic": "am ti",
    "Arabic": "ar arc arz ckb fa ks ku pnb ps sd ug ur skr",
    "CJK": "zh cmn ja ko yue",
}
_SCRIPT_OF = {language: script for script, languages in _SCRIPTS.items() for language in languages.split()}
_TAGGED = {
    "Deva": "Devanagari", "Beng": "Bengali", "Guru": "Gurmukhi", "Gujr": "Gujarati", "Orya": "Oriya",
    "Taml": "Tamil", "Telu": "Telugu", "Knda": "Kannada", "Mlym": "Malayalam", "Arab": "Arabic", "Aran": "Arabic",
    "Latn": "Latin", "Cyrl": "Latin", "Hebr": "Hebrew",
}  # fmt: skip


def folders() -> list[str]:
    """The folders with fonts. Raises Misconfigured when one is not installed."""
    return [str(font_folder(package) / inside) for package, inside in _PACKAGES]


def script(language: str) -> str:
    """The script a language is written in, as Noto names it; `Latin` stands for Greek and Cyrillic too."""
    primary, *rest = language.split("-")
    tagged = next((_TAGGED[part.title()] for part in rest if part.title() in _TAGGED), None)
    return tagged or _SCRIPT_OF.get(primary.lower(), "Latin")


def families(language: str, *, serif: bool) -> list[str]:
    """Font families in the order in which a character is looked for; the language's own script comes first, so that
    spaces and figures match its letters. All are named, as typst's own choice depends on the order of files."""
    latin = (_SERIF, _SANS) if serif else (_SANS, _SERIF)
    own = script(language)
    first: tuple[str, ...] = ()
    if own == "Arabic":
        first = _ARABIC
    elif own == "CJK":
        first = (east_asian(language),)
    elif own != "Latin":
        first, latin = (f"Noto Sans {own}",), (_SANS, _SERIF)
    everything = [*first, *latin, *_ARABIC, *(f"Noto Sans {name}" for name in _OTHERS), *_CJK, *_SYMBOLS]
    return list(dict.fromkeys(everything))
