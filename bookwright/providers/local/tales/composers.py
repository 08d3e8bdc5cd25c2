"""The purposes of `contracts.writing` that are composed offline, each from its task's material (`text.stories`)."""

from collections.abc import Mapping
from typing import Any

from bookwright.contracts.stories import Ages
from bookwright.contracts.writing import Purpose
from bookwright.providers.local.composing import Composer, Wish
from bookwright.providers.local.tales import casting, correcting, expanding, searches
from bookwright.providers.local.tales.tales import Tale, tale, told_anew
from bookwright.providers.local.tales.telling import Length, words_of
from bookwright.text.stories.ages import band_of
from bookwright.text.stories.parts import even

RELEASE = 1
"""To be raised when templates or their use change (`Composer.release`)."""
_TOLD = 12
"""Pages that a summary tells of."""


def composers() -> Mapping[str, Composer]:
    """By purpose."""
    made = {
        Purpose.CAST: _cast,
        Purpose.SHEET: _sheet,
        Purpose.OUTLINE: _outline,
        Purpose.CHAPTER: _chapter,
        Purpose.SCENES: searches.scenes,
        Purpose.GRAMMAR: correcting.corrected,
        Purpose.PAGE: _page,
    }
    return {purpose.value: Composer(compose, release=RELEASE) for purpose, compose in made.items()}


def _cast(wish: Wish) -> dict[str, Any]:
    return {"characters": casting.cast(wish.material["brief"], wish.task_seed)}


def _sheet(wish: Wish) -> dict[str, Any]:
    return {"characters": casting.sheet(wish.material["brief"], wish.material["cast"], wish.task_seed)}


def _outline(wish: Wish) -> dict[str, Any]:
    material = wish.material
    if "notes" in material:
        return expanding.outline(wish)
    band = band_of(Ages.model_validate(material["brief"]["ages"]))
    whole = tale(material["brief"], material["sheet"], Length(band.least, band.words, band.most), wish.task_seed)
    chapters, first = [], 0
    for part in material["chapters"]:
        last = first + part["pages"]
        chapters.append({"title": whole.heading(first, last), "plan": _plan(whole, first, last), "facts": []})
        first = last
    return {"title": whole.title, "chapters": chapters}


def _chapter(wish: Wish) -> dict[str, Any]:
    material = wish.material
    if "notes" in material:
        return expanding.chapter(wish)
    whole = tale(material["brief"], material["sheet"], words_of(material["words"]), wish.task_seed)
    first = _first_page(len(whole.pages), len(material["outline"]["chapters"]), material["chapter"])
    last = first + material["pages"]
    pages = [
        {"text": page.text} | ({"scene": page.scene} if material["scenes"] else {}) for page in whole.pages[first:last]
    ]
    return {"pages": pages, "summary": _plan(whole, max(0, last - _TOLD), last)}


def _page(wish: Wish) -> dict[str, Any]:
    material = wish.material
    if "brief" not in material:
        return expanding.page(wish)
    brief, texts, words = material["brief"], material["texts"], words_of(material["words"])
    first = _first_page(brief["pages"], len(material["outline"]["chapters"]), material["chapter"])
    place = first + material["page"] - 1
    return {"text": told_anew(brief, material["sheet"], words, wish.task_seed, place, texts, wish.seed)}


def _first_page(pages: int, chapters: int, number: int) -> int:
    """Where a chapter begins (0-based) in a story whose chapters are of nearly the same length."""
    return sum(even(pages, chapters)[: number - 1])


def _plan(whole: Tale, first: int, last: int) -> str:
    actions = dict.fromkeys(page.scene["action"] for page in whole.pages[first:last])
    return "; ".join(actions)[:990] + "."
