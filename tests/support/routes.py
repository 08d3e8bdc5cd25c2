"""Every route that the application has, for tests that no route may slip through."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.access.guard import ADMIN_FOLDERS
from api.deps import admin

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Route:
    """A route under one method."""

    method: str
    path: str
    example: Any
    """A body that it takes, as its documentation has it; None when it takes no JSON."""
    takes_json: bool
    for_admins: bool
    threaded: tuple[str, ...]
    """What of it runs in a thread of its own for each request: functions that are not `async`."""

    @property
    def parameters(self) -> list[str]:
        """The names of what stands in its path."""
        return _PARAMETER.findall(self.path)

    def at(self, places: Mapping[str, str]) -> str:
        """Its path, filled in."""
        return _PARAMETER.sub(lambda found: places[found[1]], self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(app: FastAPI) -> list[Route]:
    """All routes, under each of their methods."""
    document = app.openapi()
    return [
        Route(
            method=method,
            path=path,
            example=_example(document, path, method),
            takes_json=_json_body(document, path, method) is not None,
            for_admins=path.startswith(ADMIN_FOLDERS) or any(call is admin for call in _calls(dependant)),
            threaded=tuple(
                getattr(call, "__qualname__", repr(call))
                for call in _calls(dependant)
                if not iscoroutinefunction(call) and not iscoroutinefunction(type(call).__call__)
            ),
        )
        for path, methods, dependant in _routes(app)
        for method in sorted(methods)
    ]


def _routes(app: FastAPI) -> Iterator[tuple[str, set[str], Dependant | None]]:
    """Path, methods and dependencies of each route, also of those that were not made by FastAPI."""
    for route in iter_route_contexts(app.routes):
        if route.path is not None and route.methods:
            is_ours = isinstance(route.original_route, APIRoute)
            yield route.path, route.methods, route.dependant if is_ours else None


def _calls(root: Dependant | None) -> Iterator[Callable[..., Any]]:
    """What FastAPI calls for a request: the route's function and all its dependencies."""
    waiting = [root] if root else []
    while waiting:
        dependant = waiting.pop()
        if dependant.call is not None:
            yield dependant.call
        waiting.extend(dependant.dependencies)


def _json_body(document: dict[str, Any], path: str, method: str) -> dict[str, Any] | None:
    operation = document["paths"].get(path, {}).get(method.lower(), {})
    found: dict[str, Any] | None = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return found


def _named(document: dict[str, Any], reference: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _example(document: dict[str, Any], path: str, method: str) -> Any:
    body = _json_body(document, path, method)
    if body is None:
        return None
    if "examples" in body:
        return next(iter(body["examples"].values()))["value"]
    schema = body["schema"]
    while "examples" not in schema and (choice := schema.get("oneOf") or schema.get("anyOf") or [schema]):
        if "$ref" not in choice[0]:
            break
        schema = _named(document, choice[0]["$ref"])
    example = body.get("example", next(iter(schema.get("examples", [])), None))
    return json.loads(json.dumps(example))
