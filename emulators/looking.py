"""What an emulated model that sees says of pictures for a book: they are fit, everybody looks as described, and every
thing is there, each in a place of its own."""

import random
from typing import Any

_SCALE = 1_000


def seen(schema: dict[str, Any], seed: str) -> dict[str, Any] | None:
    """The answer to a question of `bookwright.text.inspecting`, told by its schema; None to any other."""
    asked = schema.get("properties", {})
    if "unfit_because" in asked:
        return {"fit": True, "unfit_because": []} | {
            name: [make(one) for one in _names(asked[name])]
            for name, make in (("characters", _character), ("things", _thing_of(_names(asked.get("things")), seed)))
            if name in asked
        }
    if list(asked) == ["shown"]:
        return {"shown": [True] * asked["shown"]["minItems"]}
    return None


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
