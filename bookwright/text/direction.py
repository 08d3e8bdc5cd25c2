"""Which way a language is written."""

from typing import Literal

Direction = Literal["ltr", "rtl"]

_LANGUAGES = frozenset("ar arc arz ckb dv fa glk he iw ks lrc mzn nqo pnb prs ps rhg sd skr syr ug ur yi ary".split())
_SCRIPTS = frozenset("adlm arab aran hebr mand mend nkoo rohg samr syrc thaa".split())


def direction(language: str) -> Direction:
    """`rtl` or `ltr` for a BCP 47 tag. A script in the tag decides (`az-Arab`, `sd-Deva`), else the language."""
    primary, *rest = language.lower().replace("_", "-").split("-")
    script = next((part for part in rest[:2] if len(part) == 4 and part.isalpha()), None)
    return "rtl" if (script in _SCRIPTS if script else primary in _LANGUAGES) else "ltr"
