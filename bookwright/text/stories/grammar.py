"""The grammar pass over pages that were written: the question and its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from bookwright.contracts.media import TextTask
from bookwright.contracts.writing import Purpose
from bookwright.text.measure import count_words
from bookwright.text.stories.asking import ask
from bookwright.text.stories.schemas import exactly, record

KEPT = 0.1
"""By which share a page's number of words may change: more is another text, not its correction."""


def grammar_task(pages: Sequence[str], language: str, seed: int) -> TextTask:
    """Material: `pages` (their texts), `language`. Answer: `{"pages": [text, …]}`, each the same text without mistakes
    of spelling, grammar and punctuation."""
    return ask(
        Purpose.GRAMMAR,
        f"Correct the spelling, grammar and punctuation of these {len(pages)} pages in the language {language}. Change "
        "nothing else: no words that are right, no order, no style, no names, no paragraphs. Answer with every page.",
        {"pages": list(pages), "language": language},
        record(
            pages=exactly(len(pages), "The pages in their order", {"type": "string", "minLength": 1}),
        ),
        seed=seed,
        output_tokens=1_024 + sum(len(page.encode()) for page in pages),
        temperature=0.1,
    )


def read_grammar(data: Mapping[str, Any], pages: Sequence[str]) -> tuple[str, ...]:
    """The corrected pages; one whose length has changed by more than KEPT stays as it was. Raises ValueError, which
    repeats nothing of the answer."""
    corrected = data.get("pages")
    if not isinstance(corrected, list) or len(corrected) != len(pages):
        raise ValueError("the corrected pages are not as many as there were")
    if not all(isinstance(page, str) for page in corrected):
        raise ValueError("a corrected page is no text")
    return tuple(
        new.strip() if abs(count_words(new) - count_words(old)) <= max(2, KEPT * count_words(old)) else old
        for new, old in zip(corrected, pages, strict=True)
    )
