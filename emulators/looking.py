"""What an emulated model that sees says of pictures for a book: they are fit, everybody looks as described, and every
thing is there, each in a place of its own."""

import random
from typing import Any

from emulators.answers import prose
from emulators.knobs import Kind

_SCALE = 1_000
ELSEWHERE = (
    "Hinter dem Deich lag ein kleines Haus, und in dem Haus wohnte ein alter Fischer mit seiner Katze. Jeden Morgen "
    "gingen die beiden hinunter zum Wasser und sahen nach, ob das Boot noch da war. An einem grauen Tag im November "
    "war es fort, und niemand im Dorf hatte etwas gesehen oder gehört."
)


def unit_of(page: dict[str, Any] | None, prompt: str) -> str:
    """The text that a call is known by: how the page begins that is to be read, or else what is asked."""
    return f"page: {page['blocks'][0]['text'][:60]}" if page and page.get("blocks") else prompt


def seen(
    schema: dict[str, Any], seed: str, page: dict[str, Any] | None = None, kind: Kind | None = None
) -> dict[str, Any] | None:
    """The answer to a question of `bookwright.text.inspecting` or `.pagereading`, told by its schema; None to any
    other. `page` is what is printed on the picture that is shown (`emulators.printed`), `kind` a fault."""
    asked = schema.get("properties", {})
    if "unfit_because" in asked:
        return {"fit": True, "unfit_because": []} | {
            name: [make(one) for one in _names(asked[name])]
            for name, make in (("characters", _character), ("things", _thing_of(_names(asked.get("things")), seed)))
            if name in asked
        }
    if list(asked) == ["language", "page_number", "blocks"]:
        return _read(page, seed, kind)
    if list(asked) == ["shown"]:
        return {"shown": [True] * asked["shown"]["minItems"]}
    return None


def _read(page: dict[str, Any] | None, seed: str, kind: Kind | None) -> dict[str, Any]:
    """What is read off a page, every block with its level."""
    if page is None or kind is Kind.UNSEEN:
        return {"language": "und", "page_number": "", "blocks": []}
    if kind in (Kind.INVENTED, Kind.OTHER_LANGUAGE):
        made_up = prose(seed, 60) if kind is Kind.INVENTED else ELSEWHERE
        language = "en" if kind is Kind.INVENTED else "de"
        return {"language": language, "page_number": "", "blocks": [{"kind": "paragraph", "text": made_up, "level": 1}]}
    return {
        "language": page.get("language", "en"),
        "page_number": page.get("page_number", ""),
        "blocks": [{"level": 1, **block} for block in page.get("blocks", ())],
    }


def _names(listed: dict[str, Any] | None) -> list[str]:
    return listed["items"]["properties"]["name"]["enum"] if listed else []


def _character(name: str) -> dict[str, Any]:
    return {"name": name, "seen": True, "alike": True, "differs": ""}


def _thing_of(names: list[str], seed: str) -> Any:
    """Each thing in a cell of its own of a grid over the picture."""
    columns = 6
    places = random.Random(seed).sample(range(columns * columns), len(names)) if names else []
    cell = _SCALE // columns

    def thing(name: str) -> dict[str, Any]:
        row, column = divmod(places[names.index(name)], columns)
        top, left = row * cell + cell // 4, column * cell + cell // 4
        return {"name": name, "seen": True, "box_2d": [top, left, top + cell // 2, left + cell // 2]}

    return thing
