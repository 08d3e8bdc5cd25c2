"""A book's pronunciation lexicon: how its words are said."""

from fastapi import APIRouter, Query, Request, Response

from api.deps import Backend, TheBackend, TheBook, TheCaller
from api.orders.ordering import LATER_S, steering
from api.routes.jobs import statuses
from api.schemas.lexicons import LexiconAnswer, LexiconOrder
from api.schemas.problems import Problem
from api.wire.answers import UNCHANGED, check_match, json_answer
from bookwright.lexicons import LexiconOrders, LexiconReport

router = APIRouter(prefix="/api/books/{book}/lexicon", tags=["narration"])


@router.get(
    "",
    operation_id="readLexicon",
    response_model=LexiconAnswer,
    responses={404: {"model": Problem}, **UNCHANGED},
)
async def read(request: Request, book: TheBook, backend: TheBackend, caller: TheCaller) -> Response:
    """How words of the book are said, and which narrated pages say them otherwise yet."""
    return _answer(request, await _orders(backend).look(caller.owner, book.book_id))


@router.put(
    "",
    operation_id="replaceLexicon",
    response_model=LexiconAnswer,
    responses={
        202: {"model": LexiconAnswer, "description": "Its pages are being spoken anew by the job in Location."},
        404: {"model": Problem},
        409: {"model": Problem, "description": "With `apply`: a job is making the book."},
        412: {"model": Problem, "description": "If-Match names an older version of the lexicon."},
        422: {"model": Problem},
    },
)
async def replace(
    request: Request,
    order: LexiconOrder,
    book: TheBook,
    backend: TheBackend,
    caller: TheCaller,
    apply: bool = Query(False, description="Have the narrated pages spoken anew that say words otherwise."),
) -> Response:
    """Say how words of the book are said: by a respelling in letters that the voice reads right, in IPA for engines
    that take it, or both. The pages' text is not changed. Whole words are found, in any script and in any case unless
    `match_case` says so. Pages that are narrated from now on go by it; the answer has those that say words otherwise,
    and with `apply` they are spoken anew by the book's next job. Of these pages, too, only the clips with such words
    are bought."""
    orders = _orders(backend)
    seen = (await orders.look(caller.owner, book.book_id)).lexicon.version
    check_match(request, str(seen))
    if apply:
        await orders.check_free(caller.owner, book.book_id)
    expected = seen if "if-match" in request.headers else None
    report = await orders.replace(caller.owner, book, order.entries, expected)
    job = await orders.apply(caller.owner, book.book_id) if apply else None
    if job is None:
        return _answer(request, report)
    statuses(request).changed(caller.owner)
    answer = _answer(request, report, job.job_id)
    answer.status_code = 202
    answer.headers.update({"Location": f"/api/jobs/{job.job_id}/status", "Retry-After": str(LATER_S)})
    return answer


def _orders(backend: Backend) -> LexiconOrders:
    return LexiconOrders(backend.database, backend.jobs, steering(backend), backend.engine)


def _answer(request: Request, report: LexiconReport, job: str | None = None) -> Response:
    body = LexiconAnswer(
        entries=report.lexicon.entries,
        changed_at=report.lexicon.changed_at,
        pages_to_speak=tuple(report.pages),
        jobId=job,
    )
    return json_answer(request, body, edition=str(report.lexicon.version), exclude_none=False)
