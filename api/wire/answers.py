"""Answers with their caching: JSON that is asked for again and again, and files with ranges."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.responses import MalformedRangeHeader

from bookwright.contracts.errors import Stale

FOR_EVER = "private, max-age=31536000, immutable"
LOOK_AGAIN = "private, no-cache"
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "It is as the ETag in If-None-Match says."}}
"""What a route documents that answers with an ETag."""
RANGES: dict[int | str, dict[str, Any]] = {
    206: {"description": "The range of it that was asked for."},
    416: {"description": "The range is beyond its end."},
    **UNCHANGED,
}
"""What a route documents that answers with a file."""
_MARK = "-"


def json_answer(request: Request, body: BaseModel, *, edition: str = "", exclude_none: bool = True) -> Response:
    """`body` as JSON with an ETag; 304 for somebody who has it. Fields without a value are left out. `edition` says
    what an edit would change: it begins the ETag, and `check_match` goes by it alone."""
    data = body.model_dump_json(exclude_none=exclude_none).encode()
    etag = f'"{edition}{_MARK if edition else ""}{hashlib.sha256(data).hexdigest()[:32]}"'
    return unchanged(request, etag, LOOK_AGAIN) or Response(
        data, media_type="application/json", headers={"ETag": etag, "Cache-Control": LOOK_AGAIN}
    )


def check_match(request: Request, edition: str) -> None:
    """Raise Stale when the request's If-Match names other editions than the one that there is."""
    wanted = request.headers.get("if-match", "").strip()
    known = (tag.strip().removeprefix("W/").strip('"').partition(_MARK)[0] for tag in wanted.split(","))
    if wanted and wanted != "*" and edition not in known:
        raise Stale("it has been changed since you looked: read it again")


class RangedFile(FileResponse):
    """A file, whole when the range that is asked for is none: Starlette would refuse it, RFC 9110 has it ignored."""

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []


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
    return unchanged(request, etag, cache) or RangedFile(
        path, media_type=media_type, filename=name, headers={"ETag": etag, "Cache-Control": cache, **(headers or {})}
    )


def unchanged(request: Request, etag: str, cache: str) -> Response | None:
    """304 when the request names this ETag."""
    known = request.headers.get("if-none-match", "")
    if known.strip() != "*" and etag not in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return None
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": cache})
