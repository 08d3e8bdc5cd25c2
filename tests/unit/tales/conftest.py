"""Briefs and the books that the offline writer makes of them."""

from typing import Any

from bookwright.contracts.stories import Ages
from bookwright.providers.local.tales import casting
from bookwright.providers.local.tales.tales import Tale, tale
from bookwright.providers.local.tales.telling import Length
from bookwright.text.stories.ages import Band, band_of

HINDI = {
    "language": "hi",
    "name": "मीरा",
    "type": "लड़की",
    "ability": "उड़ना",
    "world": "जादुई जंगल",
    "adventure": "ख़ज़ाने की खोज",
}


def brief(**given: Any) -> dict[str, Any]:
    """As `text.stories.asking.told_brief` tells it."""
    usual: dict[str, Any] = {
        "kind": "story_adventure",
        "name": "Luna",
        "type": "brave dragon",
        "ability": "fire-breathing",
        "ages": {"youngest": 7, "oldest": 10},
        "world": "enchanted forest",
        "adventure": "treasure hunt",
        "occasion": None,
        "theme": None,
        "motifs": [],
        "pages": 24,
        "language": "en",
    }
    return usual | given


def band(given: dict[str, Any]) -> Band:
    return band_of(Ages.model_validate(given["ages"]))


def written(given: dict[str, Any], seed: int = 1) -> Tale:
    """The book as it is ordered without a language model."""
    sheet = casting.sheet(given, casting.cast(given, seed), seed)
    wanted = band(given)
    return tale(given, sheet, Length(wanted.least, wanted.words, wanted.most), seed)


def text_of(book: Tale) -> str:
    return "\n\n".join(page.text for page in book.pages)
