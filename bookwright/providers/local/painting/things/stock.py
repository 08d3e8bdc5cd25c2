"""All things by their names, from `things.json`.

Each has a main colour, parts from back to front and, if it hangs or flies, `aloft`. A part is a colour, a path in a
square from -50 to 50 and, when it is a line, its width.
"""

import json
from importlib import resources

from bookwright.providers.local.painting.things.forms import Part, Thing


def _load() -> dict[str, Thing]:
    data = json.loads((resources.files(__package__) / "things.json").read_text("utf-8"))
    return {
        name: Thing(
            told["main"],
            tuple(Part(d, colour, *width) for colour, d, *width in told["parts"]),
            told.get("aloft", False),
        )
        for name, told in data.items()
    }


THINGS = _load()
