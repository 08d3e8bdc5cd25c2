"""The OpenAPI document as something to read: `docs/api.md` (`make docs`) and the page at `/docs`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from api.openapi.document import EVERYWHERE

UNSAID = "Successful Response"
"""What FastAPI says of an answer that nothing is said about."""
Schema = dict[str, Any]
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """Rows under a head; cells hold `code` and [links](#to-shapes) in Markdown."""

    head: tuple[str, ...]
    rows: Rows


@dataclass(frozen=True)
class Entry:
    """A route, or the shape of something."""

    title: str
    text: str
    parts: list[Table | str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """What a link to it ends with. Routes that differ only by a slash at their end are different ones."""
        bare = re.sub(r"[^a-z0-9 -]", "", self.title.lower()).replace(" ", "-")
        return f"{bare}-slash" if self.title.rstrip("`").endswith("/") else bare


@dataclass(frozen=True)
class Section:
    """Entries about one subject."""

    title: str
    entries: list[Entry]


def everywhere() -> Table:
    """What every route under `/api/` may answer."""
    return Table(("status", ""), [(status, said["description"]) for status, said in EVERYWHERE.items()])


def sections(document: Schema) -> list[Section]:
    """The routes by subject, then the shapes of what they take and answer."""
    by_tag: dict[str, list[Entry]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append(_route(f"`{method.upper()} {path}`", operation))
    shapes = [_shape(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]
    return [*(Section(tag.capitalize(), entries) for tag, entries in by_tag.items()), Section("Shapes", shapes)]


def _route(title: str, operation: Schema) -> Entry:
    parts: list[Table | str] = []
    if parameters := operation.get("parameters"):
        rows: Rows = [
            (_named(one["name"], one.get("required")), one["in"], _type(one["schema"]), one.get("description", ""))
            for one in parameters
        ]
        parts.append(Table(("parameter", "in", "type", ""), rows))
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        parts.append(f"Body, `{media_type}`" + (":" if "properties" in schema else f": {_type(schema)}."))
        if "properties" in schema:
            parts.append(_fields(schema))
    answers: Rows = [
        (status, _content(answer), answer["description"].replace(UNSAID, ""))
        for status, answer in sorted(operation["responses"].items())
        if answer["description"] != EVERYWHERE.get(status, {}).get("description")
    ]
    parts.append(Table(("status", "answer", ""), answers))
    return Entry(title, str(operation.get("description", operation["summary"])), parts)


def _content(answer: Schema) -> str:
    shown = []
    for media_type, content in answer.get("content", {}).items():
        schema = content.get("schema", {})
        shown.append(_type(schema) if "$ref" in schema else f"`{media_type}`")
    return ", ".join(dict.fromkeys(shown))


def _shape(name: str, schema: Schema) -> Entry:
    part = _fields(schema) if "properties" in schema else f"{_type(schema)}."
    return Entry(name, schema.get("description", ""), [part])


def _fields(schema: Schema) -> Table:
    required = schema.get("required", [])
    rows: Rows = [
        (_named(name, name in required), _type(one), one.get("description", ""))
        for name, one in schema["properties"].items()
    ]
    return Table(("field", "type", ""), rows)


def _named(name: str, required: object) -> str:
    return f"`{name}`" + ("" if required else "?")


def _type(schema: Schema) -> str:
    """A type in words; shapes are links."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(one) for one in schema[several]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kind = {"date-time": "time"}.get(schema.get("format", ""), schema.get("type", "anything"))
    return str(kind) + "".join(_limits(schema))


def _limits(schema: Schema) -> Iterator[str]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None or most is not None:
        yield f", {'' if least is None else least}…{'' if most is None else most}"
    if "maxLength" in schema:
        yield f", at most {schema['maxLength']} characters"
    if schema.get("default") not in (None, ""):
        yield f", `{schema['default']}` by default"
