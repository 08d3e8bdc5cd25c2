"""What a spread tells of, as an answer to `text.spreads.spread_task`: found by words, and by meaning where words are
few."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bookwright.providers.local.composing import Composer, Material, Vector, Wish
from bookwright.providers.local.describing import describe
from bookwright.text.spreads import PAGES
from bookwright.text.telling.anchors import ANCHORS
from bookwright.text.telling.evidence import Evidence, evidence
from bookwright.text.telling.judging import judge
from bookwright.text.telling.turning import turn
from bookwright.text.telling.words import Kind

EXCERPT_CHARS = 160
"""Of a spread, whose meaning is looked at: some 40 tokens, which take a tenth of a second."""


def compose(wish: Wish) -> dict[str, Any]:
    """An analysis, in the form that is asked for."""
    texts, language = wish.material["pages"], wish.material["language"]
    before, pages = ([evidence(text, language) for text in wish.material[name]] for name in ("before", "pages"))
    judgement = judge(pages, before, _meant(excerpt(pages), wish.vectors))
    answer = describe(judgement, dict(zip(PAGES, zip(texts, pages, strict=True), strict=False)), language)
    likely = turn(texts, wish.material["before"], language)
    return answer if likely is None else {**answer, "turn": likely}


def reads(material: Material) -> list[str]:
    """The descriptions that a spread is compared with, and the spread's most telling sentences."""
    text = excerpt([evidence(page, material["language"]) for page in material["pages"]])
    return [text, *(anchor for anchors in ANCHORS.values() for anchor in anchors.values())] if text else []


def excerpt(pages: Sequence[Evidence]) -> str:
    """The sentences that tell most of a place, in their order, as many as are looked at; from the beginning if none
    tells of one."""
    told = [sentence for page in pages for sentence in page.scenic]
    room, chosen = EXCERPT_CHARS, set()
    for index in sorted(range(len(told)), key=lambda index: -told[index][0]):
        if room <= 0:
            break
        chosen.add(index)
        room -= len(told[index][1])
    return " ".join(told[index][1] for index in sorted(chosen))[:EXCERPT_CHARS]


def _meant(text: str, vectors: Mapping[str, Vector]) -> dict[Kind, dict[str, float]]:
    """How near the text comes to what could be said of each kind: 1 for the nearest, 0 for what is no nearer than the
    mean. The model's own numbers mean nothing but by their order (`local.meaning`)."""
    if text not in vectors:
        return {}
    found: dict[Kind, dict[str, float]] = {}
    for kind, anchors in ANCHORS.items():
        near = np.array([vectors[anchor] for anchor in anchors.values()]) @ np.asarray(vectors[text])
        above = np.clip(near - near.mean(), 0, None)
        found[kind] = dict(zip(anchors, (above / max(above.max(), 1e-9)).tolist(), strict=True))
    return found


ANALYSIS = Composer(compose, release=2, reads=reads)
