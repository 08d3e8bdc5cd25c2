"""The chapters of a story become one text, and what their pages' pictures and sounds are made from. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from bookwright.contracts.stories import SearchScenes
from bookwright.contracts.writing import DraftChapter, DraftPage, Outline, PageIdea, PageScene
from bookwright.text.stories.manuscript import FinishedChapter, fingerprint, put_together, read_back
from bookwright.text.stories.searching import answer_scene, answer_text, listed_text, search_scenes

ANSWERS = {
    "en": "Answers",
    "hi": "उत्तर",
    "mr": "उत्तरे",
    "bn": "উত্তর",
    "ta": "விடைகள்",
    "te": "సమాధానాలు",
    "kn": "ಉತ್ತರಗಳು",
    "ml": "ഉത്തരങ്ങൾ",
    "gu": "જવાબો",
    "pa": "ਜਵਾਬ",
    "de": "Lösungen",
    "fr": "Réponses",
    "es": "Respuestas",
    "it": "Soluzioni",
    "pt": "Respostas",
}
"""The title of the chapter with the answers, by language."""


class StoryText(NamedTuple):
    """A story that is ready to be read in."""

    title: str
    markdown: str
    ideas: tuple[PageIdea, ...]
    search: SearchScenes | None = None


def told(outline: Outline, chapters: Sequence[DraftChapter]) -> StoryText:
    """A story with a plot."""
    finished = [
        FinishedChapter(title=planned.title, pages=tuple(page.text for page in chapter.pages))
        for planned, chapter in zip(outline.chapters, chapters, strict=True)
    ]
    text = put_together(outline.title, finished)
    return StoryText(outline.title, text, _ideas(text, [page.scene for one in chapters for page in one.pages]))


def searched(runs: Sequence[DraftChapter], pages: int, language: str) -> StoryText:
    """A search-and-find book: its scenes, each with the list of what is to be found, and the answers."""
    title = runs[0].title
    scenes: list[DraftPage] = [page for run in runs for page in run.pages]
    search = search_scenes(scenes, pages)
    answers = FinishedChapter(
        title=ANSWERS.get(language.partition("-")[0].lower(), ANSWERS["en"]),
        pages=tuple(answer_text(search.on(page)) for page in search.answers),
    )
    text = put_together(title, [FinishedChapter(title=title, pages=tuple(map(listed_text, scenes))), answers])
    shown = [scene.scene for scene in scenes]
    last = shown[-1]
    shown += [answer_scene(last) if last else None for _ in search.answers]
    return StoryText(title, text, _ideas(text, shown), search)


def _ideas(text: str, scenes: Sequence[PageScene | None]) -> tuple[PageIdea, ...]:
    """What is shown on each page, under the fingerprint of its text as it is read in."""
    pages = [page for chapter in read_back(text).chapters for page in chapter.pages]
    return tuple(
        PageIdea(page=page.number, text=fingerprint(page.text), scene=scene)
        for page, scene in zip(pages, scenes, strict=True)
        if scene
    )
