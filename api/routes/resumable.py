"""Resumable uploads (tus 1.0) into an upload session, beside the form of `recordings`."""

from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Backend, TheAdmin, TheBackend
from api.orders.recordings import finish_file, upload_store
from api.orders.resumable import (
    ALGORITHMS,
    CONTENT,
    EXTENSIONS,
    VERSION,
    Busy,
    WrongChecksum,
    WrongOffset,
    append,
    length,
    metadata,
    part_path,
)
from api.routes.recordings import PREFIX, UploadName
from api.schemas.problems import Problem
from api.wire.names import named
from api.wire.problems import problem
from bookwright.contracts.errors import BadInput, NotFound, Stale
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.ingestion import MOST_BYTES, Upload, UploadFile
from bookwright.contracts.orders import NAME_LIMIT
from bookwright.recordings import check_name

router = APIRouter(prefix=PREFIX, tags=["audiobooks"])
_SPOKEN = {"Tus-Resumable": VERSION}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem},
    412: {"model": Problem, "description": "The request's Tus-Resumable is another version."},
}


async def spoken(request: Request) -> None:
    """Raises Stale, which is 412 as tus wants it, for a request that speaks another version."""
    if request.headers.get("tus-resumable") != VERSION:
        raise Stale(f"Tus-Resumable: this server speaks {VERSION}")


FileName = Annotated[str, named("file", "there is no such file in this upload")]


@router.options(
    "/{upload}/resumable", operation_id="describeResumable", status_code=204, responses={404: _ANSWERS[404]}
)
async def describe(upload: UploadName, backend: TheBackend, caller: TheAdmin) -> Response:
    """What this server speaks of tus."""
    await upload_store(backend).upload(caller.owner, upload)
    said = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(MOST_BYTES),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return Response(status_code=204, headers=_SPOKEN | said)


@router.post(
    "/{upload}/resumable",
    operation_id="beginResumable",
    status_code=201,
    dependencies=[Depends(spoken)],
    responses={201: {"description": "The address to send to is in Location."}, **_ANSWERS, 409: {"model": Problem}},
    response_class=Response,
)
async def begin(upload: UploadName, request: Request, backend: TheBackend, caller: TheAdmin) -> Response:
    """Begin a file: `Upload-Length` in bytes, and in `Upload-Metadata` its `filename` and, if known, `filetype`."""
    size = length(request.headers, "Upload-Length")
    about = metadata(request.headers.get("upload-metadata", ""))
    name, declared = about.get("filename", "")[:NAME_LIMIT], about.get("filetype", "").lower()
    check_name(name, declared)
    if size == 0:
        raise BadInput("Upload-Length: the file is empty", field="Upload-Length")
    store = upload_store(backend)
    file = await store.begin_file(caller.owner, upload, name, declared, size, resumable=True)
    part_path(backend.assets.scratch(), file.file_id).touch()
    session = await store.upload(caller.owner, upload)
    return Response(status_code=201, headers={"Location": _address(file), **_expiring(session.expires_at)})


@router.head(
    "/{upload}/resumable/{file}",
    operation_id="askResumable",
    dependencies=[Depends(spoken)],
    responses={200: {"description": "Upload-Offset says how much has come."}, **_ANSWERS},
    response_class=Response,
)
async def ask(upload: UploadName, file: FileName, backend: TheBackend, caller: TheAdmin) -> Response:
    """How much of a file has come."""
    _session, found = await _file(backend, caller.owner, upload, file)
    offset = found.size if found.asset else _offset(backend, found)
    return Response(
        headers=_SPOKEN | {"Upload-Offset": str(offset), "Upload-Length": str(found.size), "Cache-Control": "no-store"}
    )


@router.patch(
    "/{upload}/resumable/{file}",
    operation_id="sendResumable",
    status_code=204,
    dependencies=[Depends(spoken)],
    responses={
        **_ANSWERS,
        409: {"model": Problem, "description": "Upload-Offset is not how much has come: ask by HEAD."},
        415: {"model": Problem},
        423: {"model": Problem, "description": "Another request sends to this file."},
        460: {"model": Problem, "description": "The checksum is another one: send these bytes again."},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {CONTENT: {"schema": {"type": "string", "format": "binary"}, "example": "The next bytes"}},
        }
    },
)
async def send(upload: UploadName, file: FileName, request: Request, backend: TheBackend, caller: TheAdmin) -> Response:
    """Send the bytes that follow. With the last ones the file is examined, and answered as refused when it is not what
    it says."""
    if request.headers.get("content-type") != CONTENT:
        return problem(request, 415, f"send the bytes as {CONTENT}")
    offset = length(request.headers, "Upload-Offset")
    store = upload_store(backend)
    session, found = await _file(backend, caller.owner, upload, file)
    path = part_path(backend.assets.scratch(), found.file_id)
    if found.asset or not path.exists():
        at = found.size if found.asset else 0
        return problem(request, 409, f"Upload-Offset: {at} bytes have come")
    try:
        at = await append(request, path, offset, found.size)
    except Busy:
        return problem(request, 423, "another request sends to this file")
    except WrongOffset:
        return problem(request, 409, f"Upload-Offset: {_offset(backend, found)} bytes have come")
    except WrongChecksum:
        return problem(request, 460, "the bytes are not those that were sent; none of them was kept")
    await store.received(caller.owner, session.upload_id, found.file_id, at)
    if at == found.size:
        try:
            await finish_file(backend, caller.owner, found, path, found.media_type)
        except BadInput:
            await store.drop_file(caller.owner, session.upload_id, found.file_id)
            raise
    session = await store.upload(caller.owner, upload)
    return Response(status_code=204, headers={"Upload-Offset": str(at), **_expiring(session.expires_at)})


@router.delete(
    "/{upload}/resumable/{file}",
    operation_id="endResumable",
    status_code=204,
    dependencies=[Depends(spoken)],
    responses={**_ANSWERS, 409: {"model": Problem, "description": "The file is whole: delete its session."}},
)
async def end(upload: UploadName, file: FileName, request: Request, backend: TheBackend, caller: TheAdmin) -> Response:
    """Give a file up that is not whole, with what has come of it."""
    session, found = await _file(backend, caller.owner, upload, file)
    if found.asset:
        return problem(request, 409, "the file is whole: delete its session")
    await upload_store(backend).drop_file(caller.owner, session.upload_id, found.file_id)
    part_path(backend.assets.scratch(), found.file_id).unlink(missing_ok=True)
    return Response(status_code=204, headers=_SPOKEN)


async def _file(backend: Backend, owner: OwnerId, upload: str, file: str) -> tuple[Upload, UploadFile]:
    session = await upload_store(backend).upload(owner, upload)
    found = next((each for each in session.files if each.file_id == file and each.resumable), None)
    if found is None:
        raise NotFound("there is no such file in this upload")
    return session, found


def _offset(backend: Backend, file: UploadFile) -> int:
    path = part_path(backend.assets.scratch(), file.file_id)
    return path.stat().st_size if path.exists() else 0


def _address(file: UploadFile) -> str:
    return f"{PREFIX}/{file.upload_id}/resumable/{file.file_id}"


def _expiring(at: datetime) -> dict[str, str]:
    return _SPOKEN | {"Upload-Expires": format_datetime(at, usegmt=True)}
