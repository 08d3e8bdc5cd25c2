"""The characters of PDF text: what is cleaned, and when they don't say what the page shows."""

import re
import unicodedata
from functools import lru_cache

from bookwright.text.decode import tidy

_JOINED_FORMS = re.compile("[\ufb00-\ufb4f\ufb50-\ufdfb\ufe70-\ufefc]+")
_BULLET_CODES = "\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf0a8"
_BULLETS = str.maketrans(dict.fromkeys(_BULLET_CODES, "•"))
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\ufffd]")
_LEADERS = re.compile(r"[.…·_](?:[^\S\n]*[.…·_]){5,}")
_SPACES = re.compile(r"[^\S\n ][^\S\n]*| [^\S\n]+")
"""White space that is more than a single space."""
_HYPHENS = "-\u2010\u00ad\ufffe"
"""What a line that breaks a word ends with."""
_HYPHENS_AND_SPACE = _HYPHENS + " "
_UNREADABLE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd\ufffd\x00-\x08\x0e-\x1f\x7f-\x9f]")
_UNREADABLE_SHARE = 0.3
_LEGACY_FONTS = re.compile(
    r"kruti|devlys|chanakya|shusha|walkman|krishna|aps-?dv|shree-?(?:dev|lipi|tam|guj|ban)|shree\d|preeti|kantipur|"
    r"sagarmatha|himali|bamini|vanavil|tscii|tam-?tt|isfoc|dv-?tt|akruti|asees|anmol|gurbani|satluj|joy\b|sutonny|"
    r"bijoy|nudi|baraha|karthika|ml-?tt|hemalatha|eenadu|amar-?ujala|bhaskar|agra\b|4cgandhi|susha|mangal-?old|noori",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\S{2,}")
_EDGES = "\"'“”‘’«»‹›„‚.,;:!?…()[]{}¿¡—–-*•"
_WORDLIKE = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-–—/&.]|[\u0300-\u036f])*\Z")
_VOWEL = re.compile("[aeiouyæøœàáâãäåèéêëìíîïòóôõöùúûüýÿāēīōūăąęěůűőůıəаеёиоуыэюяіїєαεηιουωάέήίόύώ]", re.IGNORECASE)
_CASE_INSIDE = re.compile(r"[a-z][A-Z]")
_LATIN = re.compile(r"[!-\u024f]")
_PLAUSIBLE_IN_LEGACY_FONT, _PLAUSIBLE = 0.75, 0.2
_ENOUGH_TOKENS = 30
_SAMPLED_TOKENS = 100


def clean(text: str) -> str:
    """Text without ligatures, presentation forms, private and control characters, leaders and runs of spaces."""
    if not text.isascii():
        text = _JOINED_FORMS.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
        if _PRIVATE.search(text):
            text = _PRIVATE.sub("", text.translate(_BULLETS))
        text = _INVISIBLE.sub("", text)
    if ".." in text or ". ." in text or "…" in text or "__" in text or "··" in text:
        text = _LEADERS.sub(" ", text)
    return _SPACES.sub(" ", tidy(text)).strip()


def breaks_word(line: str) -> bool:
    """Whether a line ends inside a word."""
    if line[-1:] not in _HYPHENS_AND_SPACE:
        return False
    line = line.rstrip(" ")
    return len(line) > 1 and line[-1] in _HYPHENS and (line[-2].isalpha() or unicodedata.category(line[-2])[0] == "M")


def is_garbled(text: str, legacy_share: float) -> bool:
    """Whether the text of a page (as it came, not cleaned) can't be what the page shows. `legacy_share` is the share
    of it that is set in a font with an encoding of its own."""
    visible = len(text) - sum(map(text.count, " \r\n\t"))
    if visible < 4 or (legacy_share <= _UNREADABLE_SHARE and reads_like_english(text)):
        return False
    text = text.replace("\ufffe", "")
    if (unreadable := len(_UNREADABLE.findall(text))) > _UNREADABLE_SHARE * visible:
        unreadable -= sum(char in _BULLET_CODES for char in text)
        return unreadable > _UNREADABLE_SHARE * visible
    if not text.isascii() and len(_LATIN.findall(text)) < 0.7 * visible:
        return False
    tokens = _TOKEN.findall(text)[:_SAMPLED_TOKENS]
    plausible = sum(map(_plausible, tokens)) / max(len(tokens), 1)
    if legacy_share > _UNREADABLE_SHARE:
        return plausible < _PLAUSIBLE_IN_LEGACY_FONT
    return len(tokens) >= _ENOUGH_TOKENS and plausible < _PLAUSIBLE and not _is_numeric(tokens)


def reads_like_english(text: str) -> bool:
    """A quick yes for most pages in European languages: as many vowels and spaces as there are in words."""
    vowels, spaces = sum(map(text.count, "aeiou")), text.count(" ")
    return 0.22 * len(text) < vowels < 0.45 * len(text) and spaces > 0.1 * len(text)


@lru_cache(maxsize=256)
def is_legacy_font(name: str) -> bool:
    """Whether a font of this name has an Indian script at the places of Latin letters."""
    return _LEGACY_FONTS.search(name.partition("+")[2] or name) is not None


def _plausible(token: str) -> bool:
    token = token.strip(_EDGES)
    if not token or token.isdigit():
        return True
    return bool(_WORDLIKE.match(token) and _VOWEL.search(token) and not _CASE_INSIDE.search(token))


def _is_numeric(tokens: list[str]) -> bool:
    """A table of figures is no prose and no garble either."""
    return sum(any(char.isdigit() for char in token) for token in tokens) > len(tokens) / 2
