"""Answers with their caching: JSON that is asked for again and again, and files with ranges."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

FOR_EVER = "private, max-age=31536000, immutable"
LOOK_AGAIN = "private, no-cache"


def json_answer(request: Request, body: BaseModel) -> Response:
    """`body` as JSON with an ETag; 304 for somebody who has it. Fields without a value are left out."""
    data = body.model_dump_json(exclude_none=True).encode()
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return unchanged(request, etag, LOOK_AGAIN) or Response(
        data, media_type="application/json", headers={"ETag": etag, "Cache-Control": LOOK_AGAIN}
    )


def file_answer(
    request: Request,
    path: Path,
    *,
    media_type: str,
    etag: str,
    cache: str,
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A file, whole or in ranges; 304 for somebody who has it. With a `name` it is a download."""
    return unchanged(request, etag, cache) or FileResponse(
        path, media_type=media_type, filename=name, headers={"ETag": etag, "Cache-Control": cache, **(headers or {})}
    )


def unchanged(request: Request, etag: str, cache: str) -> Response | None:
    """304 when the request names this ETag."""
    known = request.headers.get("if-none-match", "")
    if known.strip() != "*" and etag not in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return None
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": cache})
