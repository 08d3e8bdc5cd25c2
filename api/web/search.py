"""Searching what is said in books: passages, each to be heard."""

from itertools import chain
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request, Response

from api.deps import TheBackend, TheCaller
from api.routes.search import passage
from api.schemas.search import PassageAnswer
from api.web.pages import page
from bookwright.contracts.search import LONGEST_QUERY
from bookwright.text.direction import direction
from bookwright.text.searching import asked

FOUND = 20
router = APIRouter(include_in_schema=False)


class Piece(NamedTuple):
    """A run of a snippet; `marked` where it is what was looked for."""

    text: str
    marked: bool


class Found(NamedTuple):
    """A passage as the page shows it."""

    passage: PassageAnswer
    pieces: list[Piece]
    direction: str


@router.get("/search")
async def search(
    request: Request,
    backend: TheBackend,
    caller: TheCaller,
    q: Annotated[str, Query(max_length=LONGEST_QUERY)] = "",
) -> Response:
    """The search, and what it finds."""
    wanted = " ".join(q.split())
    results, notice = [], None
    if wanted:
        answer = await backend.searches.search(caller.owner, wanted, FOUND)
        words = frozenset(asked(wanted))
        results = [_found(passage(caller, each, words)) for each in answer.passages]
        notice = answer.notice
    return page(request, caller, "search.html", "search", {"q": wanted, "results": results, "notice": notice})


def _found(answer: PassageAnswer) -> Found:
    ends = [0, *chain.from_iterable((mark.start, mark.end) for mark in answer.marks), len(answer.snippet)]
    pieces = [Piece(answer.snippet[ends[at] : ends[at + 1]], at % 2 == 1) for at in range(len(ends) - 1)]
    return Found(answer, [piece for piece in pieces if piece.text], direction(answer.language or "und"))
