"""Summaries and tags of audiobooks without a language model: sentences that say most of a text, and tags by meaning.

A summary is extractive: the sentences whose words the text returns to most often, in their order (after Luhn, "The
automatic creation of literature abstracts", 1958; word weights log-damped). Tags of the controlled list are those whose
descriptions are nearest in meaning to such sentences; free tags are the names and words that the text returns to.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bookwright.providers.local.composing import Composer, Material, Vector, Wish
from bookwright.text.audiobooks.asking import CHAPTER_SUMMARY, SUMMARY, TAGGING
from bookwright.text.audiobooks.tags import MOST_FREE, TAGS
from bookwright.text.sentences import sentences_by_paragraph

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_LEAST_WORD = 4
"""Shorter words say little of a text in most scripts that have such."""
_LONGEST_SENTENCE = 400
_EXCERPT_CHARS = 300
"""What is looked at for tags: some 80 tokens."""
_CHOSEN_TAGS = 3
_LEAST_TIMES = 3


def composers() -> Mapping[str, Composer]:
    """By purpose."""
    return {
        SUMMARY: Composer(_summary, release=1),
        CHAPTER_SUMMARY: Composer(_summary, release=1),
        TAGGING: Composer(_tags, release=1, reads=_reads),
    }


def _summary(wish: Wish) -> dict[str, Any]:
    material = wish.material
    return {"summary": " ".join(telling(material["texts"], material["language"], material["sentences"]))}


def telling(texts: Sequence[str], language: str, count: int) -> list[str]:
    """The sentences that say most, in their order."""
    sentences = [
        sentence
        for text in texts
        for paragraph in sentences_by_paragraph(text, language)
        for span in paragraph
        if (sentence := " ".join(text[span.start : span.end].split()))
    ]
    weights = _weights(sentences)

    def weight(place: int) -> float:
        words = [word.casefold() for word in _WORD.findall(sentences[place])]
        told = sum(weights.get(word, 0.0) for word in words)
        early = 1.2 if place == 0 else 1.0  # what comes first says what it is about
        return early * told / math.sqrt(len(words) + 4)

    fitting = [place for place, sentence in enumerate(sentences) if len(sentence) <= _LONGEST_SENTENCE]
    chosen = sorted(fitting, key=lambda place: (-weight(place), place))[:count]
    if not chosen and sentences:
        return [sentences[0][:_LONGEST_SENTENCE].rstrip() + "…"]
    return [sentences[place] for place in sorted(chosen)]


def _weights(sentences: Sequence[str]) -> dict[str, float]:
    counts = Counter(
        word.casefold() for sentence in sentences for word in _WORD.findall(sentence) if len(word) >= _LEAST_WORD
    )
    most = max(counts.values(), default=1)
    # The most frequent words of a long text are those that every text has.
    return {word: math.log1p(times) for word, times in counts.items() if times <= max(most * 0.6, 2)}


def _tags(wish: Wish) -> dict[str, Any]:
    texts = wish.material["texts"]
    return {"tags": _nearest(wish), "free_tags": names(texts, wish.material["language"])}


def _reads(material: Material) -> list[str]:
    """The descriptions of the controlled tags, and what the text says most."""
    text = _excerpt(material)
    return [text, *TAGS.values()] if text else []


def _excerpt(material: Material) -> str:
    return " ".join(telling(material["texts"], material["language"], 3))[:_EXCERPT_CHARS]


def _nearest(wish: Wish) -> list[str]:
    """The tags whose descriptions come nearest; none without a model of meaning. Nearness is ranked, not measured."""
    text = _excerpt(wish.material)
    if text not in wish.vectors:
        return []
    about: Vector = wish.vectors[text]
    near = {tag: float(np.dot(wish.vectors[said], about)) for tag, said in TAGS.items() if said in wish.vectors}
    return sorted(near, key=lambda tag: (-near[tag], tag))[:_CHOSEN_TAGS]


def names(texts: Sequence[str], language: str) -> list[str]:
    """Names first (words with a capital inside sentences), then other words that come back."""
    capitals: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for text in texts:
        for paragraph in sentences_by_paragraph(text, language):
            for span in paragraph:
                found = _WORD.findall(text[span.start : span.end])
                for place, word in enumerate(found):
                    if place and word[:1].isupper() and len(word) > 2:
                        capitals[word] += 1
                    elif len(word) > _LEAST_WORD:
                        others[word.casefold()] += 1
    lower = set(others)
    named = [word for word, times in capitals.most_common() if times > 1 and word.casefold() not in lower]
    frequent = [word for word, times in others.most_common(20) if times >= _LEAST_TIMES]
    rest = frequent or [word for word, _ in others.most_common(3)]
    return list(dict.fromkeys([*named, *rest]))[:MOST_FREE]
