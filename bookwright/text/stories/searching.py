"""Search-and-find books: busy scenes, what is to be found in them, and the pages with the answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, ValidationError

from bookwright.contracts.base import Payload
from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.depicting import SHORT
from bookwright.contracts.media import TextTask
from bookwright.contracts.stories import Brief, SearchScene, SearchScenes, Thing
from bookwright.contracts.writing import DraftPage, PageScene, Purpose
from bookwright.text.stories.ages import band_of
from bookwright.text.stories.asking import ask, told_brief, told_sheet
from bookwright.text.stories.parts import SCENES_AT_ONCE, even
from bookwright.text.stories.schemas import Schema, exactly, line, listed, record, scene
from bookwright.text.stories.themes import theme_of

SCENES_ON_AN_ANSWER = 4
"""Pictures that an answer page shows at most."""
LEAST_THINGS = 3
"""Different ones, of a scene that can be used."""
_TOKENS, _TOKENS_A_SCENE = 1_024, 900


class DraftScenes(Payload):
    """Scenes as their writer has written them."""

    title: str = Field(min_length=1, max_length=SHORT)
    """Of the book."""
    pages: tuple[DraftPage, ...] = Field(min_length=1)


def scene_count(pages: int) -> int:
    """The scenes of a book with so many pages (two at least); its other pages show the answers."""
    return pages - -(-pages // (SCENES_ON_AN_ANSWER + 1))


def runs_of(pages: int) -> list[int]:
    """How many scenes each call writes."""
    count = scene_count(pages)
    return even(count, -(-count // SCENES_AT_ONCE))


def scenes_task(
    brief: Brief,
    sheet: CharacterSheet,
    first: int,
    count: int,
    before: Sequence[DraftPage],
    language: str,
    seed: int,
    corrections: Sequence[str] = (),
) -> TextTask:
    """`count` scenes from scene `first` on. Material: `brief` (`asking.told_brief`), `sheet` (`asking.told_sheet`),
    `first`, `count`, `things` (how many in each: `{"least", "most"}`), `before` (the scenes of earlier calls: a list of
    `{"setting", "things"}`), `corrections`. Answer: `DraftScenes`; a page's `text` leads into the search in a few
    sentences and lists nothing, its `things` are what is to be found."""
    band, theme = band_of(brief.ages), theme_of(brief.occasion_theme)
    things = things_of(brief)
    occasion = f" {theme.advice}" if theme else ""
    return ask(
        Purpose.SCENES,
        f"Write exactly {count} pages of a search-and-find book for readers of {brief.age_group}, in the language "
        f"{language}. {band.advice} The hero travels through the world of the order; each page is another busy place "
        f"in it, seen from afar, with much going on.{occasion} `text` leads into the search in two or three "
        "sentences, says what happens and asks the reader to look; it does not list the things. `things` are "
        f"{things[0]} to {things[1]} small objects or animals that are hidden in the picture: each once, each a noun "
        "with a colour or another mark that nothing else in the scene has, none twice in the book, none of them a "
        "character; `name` in English, `shown` as a reader reads it. `scene` is what the picture shows, with the "
        "hero in it.",
        {
            "brief": told_brief(brief, language),
            "sheet": told_sheet(sheet),
            "first": first,
            "count": count,
            "things": {"least": things[0], "most": things[1]},
            "before": [
                {"setting": page.scene.setting if page.scene else "", "things": [one.name for one in page.things]}
                for page in before
            ],
        },
        _schema(count, things),
        seed=seed,
        output_tokens=_TOKENS + _TOKENS_A_SCENE * count,
        corrections=corrections,
    )


def read_scenes(data: Mapping[str, Any], count: int) -> DraftScenes:
    """The answer. Raises ValueError, which repeats nothing of it."""
    try:
        scenes = DraftScenes.model_validate(data)
    except ValidationError:
        raise ValueError("the scenes lack a part, or one is empty") from None
    if len(scenes.pages) != count:
        raise ValueError(f"there are {len(scenes.pages)} scenes instead of {count}")
    pages = tuple(page.model_copy(update={"things": _once_each(page.things)}) for page in scenes.pages)
    if any(len(page.things) < LEAST_THINGS for page in pages):
        raise ValueError("a scene has too few different things in it")
    return scenes.model_copy(update={"pages": pages})


def things_of(brief: Brief) -> tuple[int, int]:
    """How many things a scene has at least and at most."""
    most = band_of(brief.ages).things
    return max(5, most - 2), most


def search_scenes(pages: Sequence[DraftPage], book_pages: int) -> SearchScenes:
    """What is to be found on which page, and which pages have the answers."""
    scenes = [SearchScene(page=number, things=page.things) for number, page in enumerate(pages, start=1)]
    return SearchScenes(scenes=tuple(scenes), answers=tuple(range(len(scenes) + 1, book_pages + 1)))


def listed_text(page: DraftPage) -> str:
    """A scene's page: its text, and each thing as a paragraph of its own (`text.search`)."""
    return "\n\n".join([page.text.strip(), *(thing.shown for thing in page.things)])


def answer_text(scenes: Sequence[SearchScene]) -> str:
    """An answer page: for each of its scenes the page it is on and what was hidden there."""
    return "\n\n".join(f"{scene.page}: {', '.join(thing.shown for thing in scene.things)}." for scene in scenes)


def answer_scene(last: PageScene) -> PageScene:
    """What an answer page shows and sounds like: its picture is put together from those of its scenes, and the place is
    that of the last one."""
    return last.model_copy(
        update={"action": "The scenes again, with what was hidden in them marked.", "intensity": 0.2}
    )


def _once_each(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """Without those that are listed a second time, under either name."""
    kept: list[Thing] = []
    for thing in things:
        same = {thing.name.casefold(), thing.shown.casefold()}
        if not any(same & {one.name.casefold(), one.shown.casefold()} for one in kept):
            kept.append(thing)
    return tuple(kept)


def _schema(count: int, things: tuple[int, int]) -> Schema:
    thing = record(name=line("In English, such as red kite"), shown=line("In the book's language"))
    page = record(
        text={"type": "string", "minLength": 1, "description": "Two or three sentences"},
        scene=scene(),
        things=listed("What is hidden in it", thing, least=things[0], most=things[1]),
    )
    return record(title=line("The book's title", 120), pages=exactly(count, "In their order", page))
