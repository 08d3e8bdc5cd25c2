"""Writes `docs/api.md` from the OpenAPI document of the application: `make docs`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from api.app import create_app
from api.deps import Backend
from api.document import EVERYWHERE

PAGE = Path(__file__).parent / "api.md"
INTRODUCTION = """\
# The HTTP API

Made from the OpenAPI 3.1 document that the application serves at `/api/openapi.json` (`make docs`). Every request needs
a key, as `Authorization: Bearer KEY`, but those for health. A book and a job can be named by number or id. Times are
RFC 3339 in UTC, money is US dollars as a decimal string. Lists are newest first: `cursor` is the `next_cursor` of the
list before, which is also in `Link` with `rel="next"`. Unknown fields are refused.

Errors are `application/problem+json` in the shape of [Problem](#problem), where nothing else is said. Every route under
`/api/` may answer:

| status | |
|---|---|
"""
Schema = dict[str, Any]
UNSAID = "Successful Response"
"""What FastAPI says of an answer that nothing is said about."""


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
    """The document as Markdown: routes by subject, then the shapes of what they take and answer."""
    parts = [INTRODUCTION + "".join(f"| {status} | {said['description']} |\n" for status, said in EVERYWHERE.items())]
    by_tag: dict[str, list[str]] = {}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation(method.upper(), path, operation))
    for tag, operations in by_tag.items():
        parts += [f"## {tag.capitalize()}\n", *operations]
    parts.append("## Shapes\n")
    parts += [_shape(name, schema) for name, schema in sorted(found["components"]["schemas"].items())]
    return "\n".join(parts)


def _operation(method: str, path: str, operation: Schema) -> str:
    lines = [f"### `{method} {path}`", "", operation.get("description", operation["summary"]), ""]
    parameters = operation.get("parameters", [])
    if parameters:
        lines += ["| parameter | in | type | |", "|---|---|---|---|"]
        lines += [
            f"| `{one['name']}`{'' if one.get('required') else '?'} | {one['in']} | {_type(one['schema'])} "
            f"| {_cell(one.get('description', ''))} |"
            for one in parameters
        ]
        lines.append("")
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        lines += [f"Body, `{media_type}`: {_type(content['schema'])}.", ""]
        lines += _fields(content["schema"])
    lines += ["| status | answer | |", "|---|---|---|"]
    lines += [
        f"| {status} | {_content(answer)} | {_cell(answer['description'].replace(UNSAID, ''))} |"
        for status, answer in sorted(operation["responses"].items())
        if answer["description"] != EVERYWHERE.get(status, {}).get("description")
    ]
    return "\n".join(lines) + "\n"


def _content(answer: Schema) -> str:
    shown = []
    for media_type, content in answer.get("content", {}).items():
        schema = content.get("schema", {})
        shown.append(_type(schema) if "$ref" in schema else f"`{media_type}`")
    return ", ".join(dict.fromkeys(shown))


def _shape(name: str, schema: Schema) -> str:
    lines = [f"### {name}", ""]
    if "description" in schema:
        lines += [schema["description"], ""]
    if "properties" in schema:
        lines += _fields(schema)
    else:
        lines += [_type(schema), ""]
    return "\n".join(lines)


def _fields(schema: Schema) -> list[str]:
    if "properties" not in schema:
        return []
    required = schema.get("required", [])
    rows = [
        f"| `{name}`{'' if name in required else '?'} | {_type(one)} | {_cell(one.get('description', ''))} |"
        for name, one in schema["properties"].items()
    ]
    return ["| field | type | |", "|---|---|---|", *rows, ""]


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
    if schema.get("type") == "object" and "properties" not in schema:
        return "object"
    kind = {"date-time": "time"}.get(schema.get("format", ""), schema.get("type", "anything"))
    return str(kind) + "".join(_limits(schema))


def _limits(schema: Schema) -> Iterator[str]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None or most is not None:
        yield f", {'' if least is None else least}…{'' if most is None else most}"
    if "maxLength" in schema:
        yield f", at most {schema['maxLength']} characters"
    if "default" in schema and schema["default"] is not None:
        yield f", `{schema['default']}` by default"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


if __name__ == "__main__":
    PAGE.write_text(page(document()))
