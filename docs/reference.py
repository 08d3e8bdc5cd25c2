"""Writes `docs/api.md` from the OpenAPI document of the application: `make docs`."""

import re
from pathlib import Path
from typing import cast

from api.app import create_app
from api.deps import Backend
from api.openapi.reference import Entry, Schema, Table, everywhere, sections

PAGE = Path(__file__).parent / "api.md"
INTRODUCTION = """\
# The HTTP API

Made from the OpenAPI 3.1 document that the application serves at `/api/openapi.json` (`make docs`). Every request needs
a key, as `Authorization: Bearer KEY`, but those for health. A book and a job can be named by number or id. Times are
RFC 3339 in UTC, money is US dollars as a decimal string. Lists are newest first: `cursor` is the `next_cursor` of the
list before, which is also in `Link` with `rel="next"`. Unknown fields are refused.

Errors are `application/problem+json` in the shape of [Problem](#problem), where nothing else is said. Every route under
`/api/` may answer:
"""


class _Nothing:
    """Stands for a backend: the document is made without asking it anything."""

    def __getattr__(self, name: str) -> "_Nothing":
        return self

    def __call__(self, *args: object) -> "_Nothing":
        return self


def document() -> Schema:
    """The OpenAPI document."""
    return create_app(cast(Backend, _Nothing())).openapi()


def page(found: Schema) -> str:
    """The document as Markdown."""
    parts = [INTRODUCTION, _table(everywhere())]
    for section in sections(found):
        parts += [f"## {section.title}\n", *(_entry(entry) for entry in section.entries)]
    return "\n".join(parts)


def _entry(entry: Entry) -> str:
    shown = [f"### {entry.title}\n", *([f"{entry.text}\n"] if entry.text else [])]
    return "\n".join(shown + [_table(part) if isinstance(part, Table) else f"{part}\n" for part in entry.parts])


def _table(table: Table) -> str:
    rows = [table.head, ("---",) * len(table.head), *table.rows]
    return "".join("|" + "|".join(f" {_cell(cell)} " for cell in row) + "|\n" for row in rows)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


if __name__ == "__main__":
    PAGE.write_text(page(document()))
