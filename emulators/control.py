"""The control endpoints of every emulator, and the means to play faults on the wire.

- `GET /_emulator/knobs`, `PUT` (fields not given stay as they are), `DELETE` (as at the start)
- `GET /_emulator/calls` the counts, `DELETE` sets them to 0
- `GET /_emulator/wait?calls=N&of=received&timeout_s=30` answers when the counter `of` is at least N; 504 when too late
- `POST /_emulator/release` lets all held calls go and opens the gate; `?calls=N` lets N go and keeps the gate
- `POST /_emulator/reset` all three: nothing is held, the knobs are as at the start, the counts 0
"""

import asyncio
import socket
import struct
from collections.abc import Coroutine
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.knobs import COUNTERS, Board, Knobs


class Gone(Exception):
    """The client has left."""


def control_routes(board: Board) -> list[Route]:
    """The routes under `/_emulator/` for one board."""
    at_start = board.knobs

    async def knobs(request: Request) -> Response:
        if request.method == "DELETE":
            board.set(at_start)
        elif request.method == "PUT":
            try:
                board.set(Knobs.model_validate(board.knobs.model_dump() | await request.json()))
            except ValidationError as error:
                return JSONResponse({"error": error.errors(include_input=False, include_context=False)}, 422)
            except (ValueError, TypeError):
                return JSONResponse({"error": "a JSON object is wanted"}, 400)
        return JSONResponse(board.knobs.model_dump(mode="json"))

    async def calls(request: Request) -> Response:
        if request.method == "DELETE":
            board.reset()
        return JSONResponse(board.snapshot())

    async def wait(request: Request) -> Response:
        query = request.query_params
        name = query.get("of", "received")
        try:
            at_least, timeout_s = int(query["calls"]), float(query.get("timeout_s", "30"))
        except (KeyError, ValueError):
            return JSONResponse({"error": "calls and timeout_s are numbers"}, 400)
        if name not in COUNTERS:
            return JSONResponse({"error": f"of is one of {', '.join(COUNTERS)}"}, 400)
        reached = await board.reached(name, at_least, timeout_s)
        return JSONResponse(board.snapshot(), 200 if reached else 504)

    async def release(request: Request) -> Response:
        wanted = request.query_params.get("calls")
        return JSONResponse({"released": board.release(int(wanted) if wanted and wanted.isdecimal() else None)})

    async def reset(_: Request) -> Response:
        board.release()
        board.set(at_start)
        board.reset()
        return JSONResponse(board.snapshot())

    return [
        Route("/_emulator/knobs", knobs, methods=["GET", "PUT", "DELETE"]),
        Route("/_emulator/calls", calls, methods=["GET", "DELETE"]),
        Route("/_emulator/wait", wait),
        Route("/_emulator/release", release, methods=["POST"]),
        Route("/_emulator/reset", reset, methods=["POST"]),
    ]


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, object]) -> None:
    """Do the work, but stop it and raise Gone when the client leaves. The request's body must have been read."""
    leaving = asyncio.ensure_future(_left(receive))
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait({leaving, working}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Gone
        working.result()
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.wait({leaving, working})  # what the work undoes at its end is undone when this returns


async def _left(receive: Receive) -> None:
    while not (await receive())["type"].endswith(".disconnect"):
        pass


def expose_transport(app: ASGIApp) -> ASGIApp:
    """Put uvicorn's transport into the scope. ASGI has no way to break a connection; faults on the wire need one."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)
        await app({**scope, "emulator.transport": getattr(cycle, "transport", None)}, receive, send)

    return wrapped


async def break_off(scope: Scope, receive: Receive) -> None:
    """Reset the connection: what was not sent is lost, and the peer gets RST."""
    transport = _transport(scope)
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _left(receive)


async def close(scope: Scope, receive: Receive) -> None:
    """Close the connection once what was written has been sent, as a server does that believes to be done."""
    _transport(scope).close()
    await _left(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    transport = scope["emulator.transport"]
    if transport is None:
        raise RuntimeError("faults on the wire need uvicorn's h11 server")
    found: asyncio.Transport = transport
    return found
