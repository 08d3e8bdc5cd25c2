"""What providers report of the jobs that they work on. Nothing of it is believed: it wakes whoever waits for the job,
who asks the provider himself. A report that never comes costs a little time only."""

import re

from fastapi import APIRouter, Request, Response

from api.access.webhooks import is_signed
from api.deps import TheBackend
from api.schemas.problems import Problem
from api.wire.problems import problem
from bookwright.contracts.errors import NotFound

router = APIRouter(tags=["webhooks"])
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@router.post(
    "/api/webhooks/replicate/{token}",
    operation_id="reportPrediction",
    status_code=204,
    responses={401: {"model": Problem}, 404: {"model": Problem}},
)
async def replicate(token: str, request: Request, backend: TheBackend) -> Response:
    """Replicate reports that a prediction has ended. Needs no key but Replicate's signature over the body, at most five
    minutes old; 401 without one, or when no secret is set. The answer is the same for a token that nobody has, and for
    a report that was here before."""
    _check(token)
    key = backend.webhooks.replicate_key
    if key is None or not is_signed(key, request.headers, await request.body()):
        return problem(request, 401, "this is not signed by Replicate, or not just now")
    await backend.webhooks.reports.wake(token)
    return Response(status_code=204)


@router.post(
    "/api/webhooks/revai/{token}",
    operation_id="reportTranscription",
    status_code=204,
    responses={404: {"model": Problem}},
)
async def revai(token: str, backend: TheBackend) -> Response:
    """Rev.ai reports that a transcription has ended. Rev.ai signs nothing, so this needs to know the job's token, and
    does nothing but let the job be looked at; the body is not read. The answer is the same for a token that nobody
    has."""
    _check(token)
    await backend.webhooks.reports.wake(token)
    return Response(status_code=204)


def _check(token: str) -> None:
    if not _TOKEN.fullmatch(token):
        raise NotFound("there is no such address for reports")
