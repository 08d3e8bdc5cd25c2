"""Errors as answers: problem+json for programs, a page for people. Never a stack trace, SQL or the input."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from api.schemas.narrated import Fail
from api.schemas.problems import FieldError, Problem
from api.web import TEMPLATES
from bookwright.contracts.errors import (
    AssetCorrupt,
    AssetMissing,
    BadInput,
    BookwrightError,
    Conflict,
    Forbidden,
    NotFound,
    ServiceUnavailable,
    Stale,
    StorageFull,
    TooLarge,
)

FOR_PROGRAMS = ("/api/", "/metrics")
"""Where errors are answered as JSON, not as a page."""
FAILING = re.compile(r"/api/books/(?:upload|[^/]+/(?:status|pages))/")
"""The routes of the contract's section 4, whose errors have a shape of their own."""
SOUNDSCAPES = "/api/generate-soundscapes"
"""Where errors of the request have a name, as the contract's section 1 says."""
_STATUS: tuple[tuple[type[BookwrightError], int], ...] = (
    (NotFound, 404),
    (AssetMissing, 404),
    (AssetCorrupt, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Stale, 412),
    (TooLarge, 413),
    (BadInput, 422),
    (StorageFull, 507),
    (ServiceUnavailable, 503),
)
_TITLES = {460: "Checksum Mismatch"}
"""Of what no RFC names: tus has this one."""
_UNREADABLE = FieldError(field="body", message="this is not JSON in UTF-8")


def register(app: FastAPI) -> None:
    """Answer every error that routes raise."""

    @app.exception_handler(BookwrightError)
    async def ours(request: Request, error: BookwrightError) -> Response:
        return refusal(request, error)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 400:  # FastAPI, of a body that is not even text
            return problem(request, 422, "the request is not valid", [_UNREADABLE])
        answer = problem(request, error.status_code, HTTPStatus(error.status_code).description)
        answer.headers.update(error.headers or {})
        if error.status_code == 405:
            answer.headers["Allow"] = ", ".join(_methods(app, request.url.path))
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return problem(request, 422, "the request is not valid", [_field_error(found) for found in error.errors()])

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        return problem(request, 500, "something went wrong")


def refusal(request: Request, error: BookwrightError) -> Response:
    """One of our own errors, as whoever asks can read it."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if isinstance(error, BadInput):
        return problem(request, status, str(error), [FieldError(field=error.field, message=str(error))])
    return problem(request, status, str(error) if status != 500 else "something went wrong")


def problem(request: Request, status: int, detail: str, errors: Sequence[FieldError] = ()) -> Response:
    """The error as whoever asks can read it."""
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    if FAILING.fullmatch(request.url.path):
        fail = Fail(message="; ".join(error.message for error in errors) or detail, errors=tuple(errors))
        body = fail.model_dump_json(exclude=None if errors else {"errors"})
        return Response(body, status, media_type="application/json")
    if request.url.path.startswith(FOR_PROGRAMS):
        named: Literal["ValidationError"] | None = None
        if status == 422 and request.url.path.startswith(SOUNDSCAPES):
            named = "ValidationError"
        found = Problem(title=title, status=status, detail=detail, errors=tuple(errors), error=named)
        body = found.model_dump_json(exclude_none=True)
        return Response(body, status, media_type="application/problem+json")
    context = {"status": status, "title": title, "detail": detail}
    return TEMPLATES.TemplateResponse(request, "problem.html", context, status_code=status)


def _methods(app: FastAPI, path: str) -> list[str]:
    """All methods under which a path is served. Starlette names only those of the first route that has the path. What
    has a route of its own is not taken for the name of something else."""
    methods: set[str] = set()
    own: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path is not None and route.methods and compile_path(route.path)[0].match(path):
            methods |= route.methods
            own |= route.methods if route.path == path else set()
    return sorted(own or methods)


def _field_error(found: dict[str, Any]) -> FieldError:
    """Of what pydantic found: where and why, without the input. A body's own name is left out."""
    where = [str(part) for part in found["loc"] if part not in ("body", "query", "path", "header")]
    return FieldError(field=".".join(where) or "body", message=found["msg"])
