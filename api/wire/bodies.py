"""Bodies of requests: none is taken into memory that is too long, and none is waited for without end."""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 4 * 1024 * 1024
"""Bytes of a body that is read into memory as a whole."""
UPLOADS = ("/api/books/upload/", "/api/estimate")
UPLOAD_FOLDER = "/api/v1/admin/uploads/"
"""Where bodies may be longer: these routes take them in bit by bit, and count for themselves."""
SILENCE_S = 60.0
"""A body of which nothing comes for so long is given up."""


class Bodies:
    """Bounds what the routes read of a request: to them, a body that is too long or stalls is an HTTPException 413 or
    408 where they read it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        bit_by_bit = scope["path"] in UPLOADS or scope["path"].startswith(UPLOAD_FOLDER)
        left: float = float("inf") if bit_by_bit else LIMIT
        too_long = announced.isascii() and announced.isdigit() and int(announced) > left
        ended = False

        async def receiving() -> Message:
            nonlocal left, ended
            if ended:  # what comes now is only that the client has gone
                return await receive()
            if too_long:
                raise HTTPException(413)
            try:
                async with asyncio.timeout(SILENCE_S):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            ended = not message.get("more_body", False)
            return message

        await self._app(scope, receiving, send)
