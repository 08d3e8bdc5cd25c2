"""Every request is logged, counted and traced, under an id that its answer names."""

import re
import time
import uuid
from contextlib import nullcontext

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bookwright.telemetry.logs import bound, get_logger
from bookwright.telemetry.metrics import RequestMeter
from bookwright.telemetry.tracing import span

REQUEST_ID = "X-Request-ID"
PROBES = ("/healthz", "/readyz", "/metrics")
"""Asked every few seconds, for ever: not worth a line and a span each."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
logger = get_logger(__name__)


class Observing:
    """Stands outermost: it also sees what is refused before any route is found."""

    def __init__(self, app: ASGIApp, meter: RequestMeter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get(REQUEST_ID, "")
        request_id = asked if _SANE.fullmatch(asked) else uuid.uuid4().hex
        method = scope["method"] if scope["method"] in METHODS else "other"
        began, first, status = time.perf_counter(), 0.0, 500

        async def sending(message: Message) -> None:
            nonlocal first, status
            if message["type"] == "http.response.start":
                first, status = time.perf_counter(), message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        probe = scope["path"] in PROBES
        about, parent = {"request": request_id}, headers.get("traceparent")
        traced = nullcontext() if probe else span(method, parent=parent, server=True, attributes=about)
        with bound(request=request_id), traced as opened:
            try:
                await self._app(scope, receive, sending)
            finally:
                ended, route = time.perf_counter(), route_template(scope)
                self._meter.answered(method, route, status, (first or ended) - began)
                caller = scope.get("state", {}).get("caller")
                log = logger.debug if probe else logger.info
                ms = round((ended - began) * 1000, 1)
                log("request", method=method, route=route, status=status, ms=ms, owner=caller and caller.owner)
                if opened is not None:
                    opened.update_name(f"{method} {route}")
                    opened.set_attribute("http.response.status_code", status)


def route_template(scope: Scope) -> str:
    """The path as its route has it, such as `/api/books/{book}`: of those there are few."""
    route = scope.get("route")
    if path := getattr(route, "path", None):
        return str(path)
    return "/static" if scope["path"].startswith("/static/") else "unmatched"
