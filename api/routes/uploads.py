"""Documents that come in: the upload of section 4, and estimates. Paths end in a slash where the contract's do."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from api.deps import Backend, TheBackend, TheCaller
from api.orders.multipart import Upload, chunks, receive
from api.orders.stories import estimate_story
from api.orders.streaming import SSE, stream_upload, uploaded
from api.orders.taking import FIELDS, Taking, wishes_of
from api.schemas.joborders import StoryJob
from api.schemas.narrated import Fail, Uploaded, UploadedUnread
from api.schemas.problems import Problem
from api.schemas.shelf import TextEstimate
from api.schemas.stories import BookBrief
from api.wire.idempotency import Once, TheOnce
from bookwright.contracts.errors import TooLarge
from bookwright.contracts.ids import OwnerId
from bookwright.intake import Wishes
from bookwright.money.estimate import Estimate
from bookwright.store import JobRow
from bookwright.store.database.failures import translating

PATIENCE_S = 60.0
"""How long an upload waits for its text to be read."""
JSON_BYTES = 8 * 1024 * 1024
"""Of a text to estimate, in JSON."""
LATER_S = 10
JSON = "application/json"
_NOTES = {
    "title": "Found in the document when left out.",
    "author": "Found in the document when left out.",
    "language": "BCP 47, such as en, hi or pt-BR; detected when left out.",
    "voice": "From GET /api/voices.",
    "tracks": "Comma-separated: narration, illustrations, soundscape. The first when left out.",
    "editions": "Comma-separated: mp3, m4b, epub, pdf, acx, bundle. The first four when left out.",
    "style": "Of the pictures: realistic, artistic, minimalist. artistic when left out.",
    "budget": "The most it may cost, in US dollars, such as 2.50.",
    "priority": "1 (served first) to 10; 5 when left out.",
    "review": "true: wait for POST /api/jobs/{id}/approve once the text was read.",
}
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream", "description": "At most 64 MiB."},
        **{name: {"type": "string", "description": _NOTES[name]} for name in FIELDS},
    },
}
_UPLOAD_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}
_ESTIMATE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FORM},
            "application/json": {
                "schema": {
                    "anyOf": [
                        TextEstimate.model_json_schema(),
                        {"$ref": "#/components/schemas/BookBrief"},
                        {"$ref": "#/components/schemas/StoryJob"},
                    ]
                },
                "example": {"text": "# The River\n\nAn otter found a lamp.", "language": "en"},
            },
        },
    }
}
_REFUSALS = {
    408: "Nothing came for a minute.",
    413: "The file is too large.",
    415: "The body is not a form.",
    422: "The file or a field can't be taken, or the Idempotency-Key was used for another request.",
    507: "The disk is full.",
}


def _documented(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": model, "description": text} for status, text in _REFUSALS.items()}


async def taking(request: Request) -> Taking:
    """What the app takes uploads in with."""
    found: Taking = request.app.state.taking
    return found


TheTaking = Annotated[Taking, Depends(taking)]
router = APIRouter(prefix="/api", tags=["uploads"])


@router.post(
    "/books/upload/",
    operation_id="uploadBook",
    response_model=Uploaded,
    openapi_extra=_UPLOAD_BODY,
    responses={
        200: {"content": {SSE: {}}, "description": "The book, its text read."},
        202: {"model": UploadedUnread, "description": "The book; its text is still being read."},
        409: {"model": Fail, "description": "The first request with this Idempotency-Key is still under way."},
        **_documented(Fail),
    },
)
async def upload(
    request: Request,
    backend: TheBackend,
    caller: TheCaller,
    taking: TheTaking,
    once: TheOnce,
    stream: bool = False,
    prefer: Annotated[str, Header(description="`respond-async`: answer 202 without waiting for the text.")] = "",
) -> Response:
    """Hand a document in: it is read, and narrated in the background. Answers when the text was read, or after a
    minute. With `stream` the answer is a stream of events `received`, `page` (as each page is read), `chapters`,
    `queued`, and `completed` or `error`; it begins when the file does, so what is wrong with that gets an event, and no
    status. The same file with the same wishes again answers the book that there is."""
    if stream:

        async def take(came: Upload, wishes: Wishes) -> JobRow:
            return await _taken_once(backend, taking, once, came, wishes, caller.owner)

        return await stream_upload(request, backend, taking, caller.owner, take, PATIENCE_S)
    came = await receive(request, backend.assets.scratch())
    try:
        wishes = wishes_of(came.fields)
        patience = 0.0 if "respond-async" in prefer.lower() else PATIENCE_S

        async def work() -> Response:
            return await _answer(backend, taking, came, wishes, caller.owner, patience)

        answer = await once(work, digest=came.digest)
    except Exception:  # when this is cancelled, the task that takes it in goes on
        came.path.unlink(missing_ok=True)
        raise
    came.path.unlink(missing_ok=True)
    return answer


@router.post(
    "/estimate",
    operation_id="estimateBook",
    response_model=Estimate,
    openapi_extra=_ESTIMATE_BODY,
    responses={404: {"model": Problem, "description": "There is no such book."}, **_documented(Problem)},
)
async def estimate(request: Request, backend: TheBackend, caller: TheCaller, taking: TheTaking) -> Response:
    """What a book from a document, a text, a brief or notes would take in calls, money and time, per stage. Nothing is
    made or kept."""
    folder = backend.assets.scratch()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        wanted = await _asked(request)
        if not isinstance(wanted, TextEstimate):
            return Response((await estimate_story(backend, caller.owner, wanted)).model_dump_json(), media_type=JSON)
        came = _text(wanted, folder)
    else:
        came = await receive(request, folder)
    try:
        answer = await taking.estimate(came, wishes_of(came.fields))
    finally:
        came.path.unlink(missing_ok=True)
    return Response(answer.model_dump_json(), media_type=JSON)


async def _asked(request: Request) -> TextEstimate | BookBrief | StoryJob:
    """What a JSON body asks for: a brief has a `job_type`, an order for a story a `type`."""
    body = bytearray()
    async for chunk in chunks(request):
        body += chunk
        if len(body) > JSON_BYTES:
            raise TooLarge("the text is too long for JSON: hand it in as a file", field="text")
    try:
        try:
            given = json.loads(bytes(body))
        except (ValueError, RecursionError):
            given = None
        named = given if isinstance(given, dict) else {}
        model = BookBrief if "job_type" in named else StoryJob if "type" in named else TextEstimate
        return model.model_validate_json(bytes(body))
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_context=False)) from None


def _text(wanted: TextEstimate, folder: Path) -> Upload:
    """The text as a file."""
    fields = {name: value for name in FIELDS if (value := getattr(wanted, name, None)) is not None}
    upload = Upload(folder / f"{uuid4().hex}.upload", "text", fields=fields)
    with translating():
        upload.path.write_bytes(wanted.text.encode("utf-8", "replace"))
    return upload


async def _answer(
    backend: Backend, taking: Taking, came: Upload, wishes: Wishes, owner: OwnerId, patience_s: float
) -> Response:
    taken = await asyncio.shield(taking.run(taking.take(came, wishes, owner)))
    if book := await taking.read(owner, taken.job, patience_s):
        return Response(uploaded(book).model_dump_json(), media_type="application/json")
    book = await backend.shelf.facts(owner, taken.job.book_id)
    body = UploadedUnread(**uploaded(book).model_dump(), estimate=taken.estimate)
    headers = {"Location": body.status_url, "Retry-After": str(LATER_S)}
    return Response(body.model_dump_json(), 202, media_type="application/json", headers=headers)


async def _taken_once(
    backend: Backend, taking: Taking, once: Once, came: Upload, wishes: Wishes, owner: OwnerId
) -> JobRow:
    """Of a stream only what it is about can be kept for the next request with the same key: the job."""

    async def work() -> Response:
        return Response((await taking.take(came, wishes, owner)).job.job_id)

    try:
        answer = await once(work, digest=came.digest)
    finally:
        came.path.unlink(missing_ok=True)
    return await backend.jobs.job(owner, bytes(answer.body).decode())
