"""The grammar pass without a language model: what can be put right for certain, and nothing else."""

import re
from typing import Any

from bookwright.providers.local.composing import Wish

_DOUBLED = re.compile(r"\b(\w{2,}) \1\b(?!-)", re.IGNORECASE)
_MEANT = frozenset("had that very so no yes bye ha ho knock hush धीरे कभी बार बड़े छोटे साथ दूर पास".split())
"""Words that are often said twice on purpose."""


def corrected(wish: Wish) -> dict[str, Any]:
    """The pages with their blanks, doubled words, marks and capitals put right."""
    language = wish.material["language"].partition("-")[0].lower()
    return {"pages": [_page(page, language) for page in wish.material["pages"]]}


def _page(text: str, language: str) -> str:
    text = re.sub(r"[^\S\n]+", " ", text)
    text = _DOUBLED.sub(lambda match: match[0] if match[1].casefold() in _MEANT else match[1], text)
    text = re.sub(r" +\.([^\W\d_])", lambda match: f". {match[1].upper()}", text)
    text = re.sub(r" +([,;:!?।]|\.(?!\.))", r"\1", text) if language != "fr" else text
    text = re.sub(r"([,;])(?=[^\W\d_])", r"\1 ", text)
    text = re.sub(r"([!?])\1{3,}", r"\1\1\1", text)
    if language == "en":
        text = re.sub(r"\bi(?=\b(?!\.))(?!-)", "I", text)
        text = re.sub(r"(\A|\n)([a-z])", lambda match: match[1] + match[2].upper(), text)
    return text.strip()
