"""The OpenAPI document: what every route answers besides its own answers, said once."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from api.access.guard import COOKIE, CSRF_HEADER, is_open
from api.openapi import admin_examples, batch_examples, examples, hook_examples, ingestion_examples
from api.openapi.follow import add_links
from api.wire.bodies import LIMIT
from api.wire.problems import FAILING, FOR_PROGRAMS

_RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
_CHALLENGE = {"WWW-Authenticate": {"description": "`Bearer`.", "schema": {"type": "string"}}}
EVERYWHERE: dict[str, dict[str, Any]] = {
    "401": {"description": "There is no key, or not one that works.", "headers": _CHALLENGE},
    "403": {"description": "The key's role or scopes do not allow this."},
    "422": {"description": "The request is not valid; `errors` names the fields."},
    "429": {"description": "The user asks too often, or has too many streams open.", "headers": _RETRY},
    "503": {"description": "The database can't be reached just now. Nothing was lost."},
}
OF_BODIES: dict[str, dict[str, Any]] = {
    "408": {"description": "Nothing of the body came for a minute."},
    "413": {"description": f"The body is longer than {LIMIT // 2**20} MiB."},
}
"""What every route that takes a body may answer besides."""
_FASTAPIS = ("HTTPValidationError", "ValidationError")
"""Shapes of errors that FastAPI names by itself, and that no route here answers."""
_CONDITIONS = {
    "206": ("Range", "A part of the file, such as `bytes=0-1023`.", "bytes=0-1023"),
    "304": ("If-None-Match", "An ETag: answered with 304 when it still holds.", '"0123456789abcdef"'),
    "412": ("If-Match", "An ETag: refused with 412 when it holds no more.", "*"),
}
"""Headers that routes with these answers take."""
_SUMMARY_ENDS = re.compile(r"[.:;](?=\s|$)")
_SESSION = {
    "type": "apiKey",
    "in": "cookie",
    "name": COOKIE,
    "description": f"A browser that signed in. Its changes carry the page's token as `{CSRF_HEADER}`.",
}
_PATHS = examples.PATHS | ingestion_examples.PATHS | admin_examples.PATHS | hook_examples.PATHS
_SCHEMAS = (
    examples.SCHEMAS
    | batch_examples.SCHEMAS
    | ingestion_examples.SCHEMAS
    | admin_examples.SCHEMAS
    | hook_examples.SCHEMAS
)
_ALLOWED: list[dict[str, list[str]]] = [{"key": []}, {"session": []}]


def describe(app: FastAPI) -> None:
    """Let the app's document say who is let in, which errors every route may answer with and as what media type, and
    what can be asked next."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            for path, operation in _operations(document):
                operation["summary"] = _SUMMARY_ENDS.split(operation["description"], maxsplit=1)[0]
                operation["security"] = [] if is_open(path) else _ALLOWED
                if path.startswith(FOR_PROGRAMS):
                    _complete(path, operation)
                    _add_conditions(operation)
                _add_examples(operation)
            add_links(document)
            for name, example in _SCHEMAS.items():
                document["components"]["schemas"][name]["examples"] = [example]
            document["components"]["securitySchemes"]["session"] = _SESSION
            for name in _FASTAPIS:
                document["components"]["schemas"].pop(name, None)
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Add what is missing, and give errors their media type."""
    responses = operation["responses"]
    if _names(responses.get("422", {}), "HTTPValidationError"):
        del responses["422"]
    own = FAILING.fullmatch(path) is not None
    for status, answer in (EVERYWHERE | (OF_BODIES if "requestBody" in operation else {})).items():
        responses.setdefault(status, answer | {"content": _fail() if own else _problem()})
    for answer in responses.values():
        if _names(answer, "Problem"):
            answer["content"] = _problem()


def _add_conditions(operation: dict[str, Any]) -> None:
    for status, (name, description, example) in _CONDITIONS.items():
        if status in operation["responses"]:
            header = {"name": name, "in": "header", "description": description, "example": example}
            operation.setdefault("parameters", []).append(header | {"schema": {"type": "string"}})


def _add_examples(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"] in _PATHS:
            parameter["example"] = _PATHS[parameter["name"]]
    for body in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media_type, content in body.get("content", {}).items():
            if media_type in examples.MEDIA:
                content["example"] = examples.MEDIA[media_type]


def _names(answer: dict[str, Any], schema: str) -> bool:
    content = answer.get("content", {}).get("application/json", {})
    return bool(content.get("schema", {}).get("$ref", "").endswith(f"/{schema}"))


def _problem() -> dict[str, Any]:
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _fail() -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": "#/components/schemas/Fail"}}}
