"""Lists in parts: an opaque cursor says where the next part begins."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from bookwright.contracts.errors import BadInput

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=300, description="From `next_cursor`: the part that follows.")]
_LONGEST_NUMBER = 10
Place = tuple[datetime, str]
"""What a list newest first goes on after: a time of creation and an id."""


def place(cursor: str | None) -> Place | None:
    """Where a cursor points. Raises BadInput for one that was not handed out."""
    if cursor is None:
        return None
    try:
        moment, name = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        found = datetime.fromisoformat(moment), str(name)
    except (ValueError, TypeError, binascii.Error, UnicodeError):
        raise _wrong() from None
    if found[0].tzinfo is None or not 1970 < found[0].year < 9000 or not found[1].isprintable():
        raise _wrong()
    return found


def number(cursor: str | None) -> int | None:
    """The number that a cursor points to, in a list of what is numbered. Raises BadInput."""
    found = place(cursor)
    if found is None:
        return None
    if not (found[1].isascii() and found[1].isdigit() and len(found[1]) < _LONGEST_NUMBER):
        raise _wrong()
    return int(found[1])


def _wrong() -> BadInput:
    return BadInput("the cursor is none of those that were handed out", field="cursor")


def part(
    request: Request, response: Response, found: Sequence[T], limit: int, at: Callable[[T], Place]
) -> tuple[tuple[T, ...], str | None]:
    """Of one more than `limit` that were asked for: those to show, and the cursor of what follows, if any. `at` says
    where in the list one stands."""
    shown = tuple(found[:limit])
    return shown, next_part(request, response, at(shown[-1])) if len(found) > limit else None


def next_part(request: Request, response: Response, last: Place) -> str:
    """The cursor of what follows `last`, also as the answer's `Link`."""
    cursor = cursor_of(last)
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    response.headers["Link"] = f'<{request.url.path}?{urlencode([*others, ("cursor", cursor)])}>; rel="next"'
    return cursor


def cursor_of(last: Place) -> str:
    """The cursor of what follows `last`."""
    return base64.urlsafe_b64encode(json.dumps([last[0].isoformat(), last[1]]).encode()).decode()
