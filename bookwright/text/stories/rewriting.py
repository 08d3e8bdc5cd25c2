"""One page of a written story, told anew: the question and its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.media import TextTask
from bookwright.contracts.stories import Brief, Notes
from bookwright.contracts.writing import Outline, Purpose
from bookwright.text.measure import count_words
from bookwright.text.stories.ages import band_of
from bookwright.text.stories.asking import ask, told_brief, told_sheet
from bookwright.text.stories.chapters import FAR_TOO_FEW, tokens_of, words_of
from bookwright.text.stories.parts import Part
from bookwright.text.stories.schemas import record


def page_task(
    source: Brief | Notes,
    sheet: CharacterSheet | None,
    outline: Outline,
    part: Part,
    page: int,
    version: int,
    texts: Sequence[str],
    language: str,
    seed: int,
    corrections: Sequence[str] = (),
) -> TextTask:
    """`page` counts from 1 within the chapter, whose pages say `texts` now; `version` is the page's, so that what was
    asked before of the same text is another question. Material: `brief` (`asking.told_brief`) and
    `sheet` (`asking.told_sheet`), or `tone`, `audience` and `stages`; `language`, `outline` (an `Outline`), `chapter`
    (its number), `page`, `version`, `texts`, `words` (of the page: `{"least", "about", "most"}`), `corrections`.
    Answer: `{"text": …}`."""
    words = words_of(source)
    if isinstance(source, Brief):
        whom = f"for readers of {source.age_group}. {band_of(source.ages).advice}"
        material: dict[str, Any] = {"brief": told_brief(source, language), "sheet": told_sheet(sheet) if sheet else []}
    else:
        whom = f"in a tone that is {source.tone}, for this audience: {source.audience}. Make up no new facts."
        material = {"tone": source.tone, "audience": source.audience, "stages": list(part.stages)}
    return ask(
        Purpose.PAGE,
        f"The reader wants page {page} of chapter {part.number} told in another way. Write it anew, in the language "
        f"{language}, {whom} The same happens on it: `texts` has the chapter as it is. It follows on the page before "
        f"it, leads to the one after it, and repeats no sentence of any. It has about {words.about} words "
        f"({words.least} to {words.most}).",
        {
            **material,
            "language": language,
            "outline": outline.model_dump(),
            "chapter": part.number,
            "page": page,
            "version": version,
            "texts": list(texts),
            "words": words.model_dump(),
        },
        record(text={"type": "string", "minLength": 1, "description": "The page's new text"}),
        seed=seed,
        output_tokens=tokens_of(1, words, language, scenes=False),
        corrections=corrections,
    )


def read_page(data: Mapping[str, Any], source: Brief | Notes, old: str) -> str:
    """The page's new text. Raises ValueError, which repeats nothing of it, for one that is the old one or has far too
    few words."""
    text = data.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("the page is blank")
    if count_words(text) < max(1, words_of(source).least // FAR_TOO_FEW):
        raise ValueError(f"the page has {count_words(text)} words, which is far too few")
    if text.split() == old.split():
        raise ValueError("the page is the same as before")
    return text.strip()
