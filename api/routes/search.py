"""Searching what was ingested."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.links import link
from api.deps import TheBackend, TheCaller
from api.schemas.search import Mark, PassageAnswer, SearchAnswer
from bookwright.contracts.access import Caller
from bookwright.contracts.search import LONGEST_QUERY, MOST_FOUND, FoundPassage
from bookwright.text.searching import asked, snippet

router = APIRouter(prefix="/api/search", tags=["search"])
_USUAL = 20


@router.get("", operation_id="searchPassages")
async def search(
    backend: TheBackend,
    caller: TheCaller,
    q: Annotated[
        str, Query(min_length=1, max_length=LONGEST_QUERY, description="Words, in any language.", examples=["lamp"])
    ],
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND, description="How many passages at most.")] = _USUAL,
) -> SearchAnswer:
    """Search the passages of the caller's audiobooks and of all public ones, by their words and by what they mean. Best
    first; a passage that both rankings name comes before one that only one of them does."""
    found = await backend.searches.search(caller.owner, q, limit)
    wanted = frozenset(asked(q))
    return SearchAnswer(
        results=tuple(passage(caller, each, wanted) for each in found.passages),
        by_meaning=found.by_meaning,
        notice=found.notice,
    )


def passage(caller: Caller, found: FoundPassage, wanted: frozenset[str]) -> PassageAnswer:
    """A found passage, with addresses that this caller can open and the `wanted` words marked."""
    shown = snippet(found.text, wanted)
    begin = found.begin_ms / 1000
    page = f"/api/books/{found.book_id}/pages/{found.page}/audio"
    return PassageAnswer(
        book_id=found.book_id,
        book_number=found.book_number,
        book_title=found.book_title,
        language=found.language,
        own=found.own,
        chapter=found.chapter,
        chapter_title=found.chapter_title,
        page=found.page,
        start_seconds=begin,
        end_seconds=found.end_ms / 1000,
        recording=found.recording,
        recording_seconds=found.recording_ms / 1000,
        snippet=shown.text,
        marks=tuple(Mark(start=mark.start, end=mark.end) for mark in shown.marks),
        matched_by=found.matched_by,
        score=round(found.score, 6),
        reader_url=f"/read/{found.book_id}#page={found.page}&t={begin:g}",
        audio_url=link(caller, page if found.own else f"/api/public/{found.book_id}/pages/{found.page}/audio"),
    )
