"""Upload sessions: the recordings of an audiobook, one or several (section 5 of the contract)."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.deps import TheAdmin, TheBackend
from api.orders.recordings import FormFile, upload_store
from api.orders.resumable import drop_parts
from api.schemas.ingestion import (
    FileProgress,
    FileUploaded,
    NewUpload,
    UploadCreated,
    UploadDetails,
    UploadProgress,
)
from api.schemas.problems import Problem
from api.wire.idempotency import IDEMPOTENT, TheOnce
from api.wire.names import named
from bookwright.contracts.ingestion import Upload, UploadFile, UploadType

PREFIX = "/api/v1/admin/uploads"
router = APIRouter(prefix=PREFIX, tags=["audiobooks"])
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                },
                "example": {"file": "The bytes of 01.mp3"},
            }
        },
    }
}


UploadName = Annotated[str, named("upload", "there is no such upload")]


@router.post("", operation_id="createUpload", status_code=201, response_model=UploadCreated, responses=IDEMPOTENT)
async def create(wanted: NewUpload, once: TheOnce, backend: TheBackend, caller: TheAdmin) -> Response:
    """Begin a session. Files then come as multipart forms, or resumably (tus 1.0) below `…/resumable`."""

    async def work() -> Response:
        made = await upload_store(backend).create(
            caller.owner, UploadType(wanted.upload_type), wanted.total_files, wanted.total_size_bytes
        )
        body = UploadCreated(
            upload_id=made.upload_id,
            status=made.state.value,
            message="Upload session created successfully",
            expires_at=made.expires_at,
        )
        return _json(body, 201, {"Location": f"{PREFIX}/{made.upload_id}"})

    return await once(work)


@router.post(
    "/{upload}/files",
    operation_id="uploadRecording",
    status_code=201,
    response_model=FileUploaded,
    responses={**_UNKNOWN, 413: {"model": Problem}, 415: {"model": Problem}, **IDEMPOTENT},
    openapi_extra=_FORM,
)
async def take(upload: UploadName, request: Request, once: TheOnce, backend: TheBackend, caller: TheAdmin) -> Response:
    """Hand in one file as the part called `file`: MP3, M4A, M4B, WAV, FLAC, OGG or OPUS. Its name, its declared type
    and its content must agree."""
    taking = FormFile(backend, caller.owner, upload, repeated=once.keyed)
    came = await taking.receive(request)

    async def work() -> Response:
        return _json(uploaded(await taking.finish(came)), 201, {"Location": f"{PREFIX}/{upload}"})

    try:
        return await once(work, digest=came.digest)
    finally:
        came.path.unlink(missing_ok=True)


@router.get("/{upload}/progress", operation_id="getUploadProgress", responses=_UNKNOWN)
async def progress(upload: UploadName, backend: TheBackend, caller: TheAdmin) -> UploadProgress:
    """How far a session has come."""
    return UploadProgress(**_progress(await upload_store(backend).upload(caller.owner, upload)))


@router.get("/{upload}", operation_id="getUpload", responses=_UNKNOWN)
async def details(upload: UploadName, backend: TheBackend, caller: TheAdmin) -> UploadDetails:
    """A session and its files."""
    found = await upload_store(backend).upload(caller.owner, upload)
    return UploadDetails(
        **_progress(found),
        upload_type=found.upload_type.value,
        audiobook_id=found.book_id,
        created_at=found.created_at,
        expires_at=found.expires_at,
        files=tuple(_file(file) for file in found.files),
    )


@router.delete(
    "/{upload}",
    operation_id="deleteUpload",
    status_code=204,
    responses={**_UNKNOWN, 409: {"model": Problem, "description": "An audiobook was made from it: delete that."}},
)
async def remove(upload: UploadName, backend: TheBackend, caller: TheAdmin) -> Response:
    """Drop a session, with whatever has come of it."""
    drop_parts(backend.assets.scratch(), await upload_store(backend).remove(caller.owner, upload))
    return Response(status_code=204)


def uploaded(file: UploadFile) -> FileUploaded:
    """A file that came whole."""
    assert file.uploaded_at is not None
    return FileUploaded(
        file_id=file.file_id,
        upload_id=file.upload_id,
        file_name=file.name,
        file_size_bytes=file.size,
        uploaded_at=file.uploaded_at,
    )


def _progress(found: Upload) -> dict[str, Any]:
    return {
        "upload_id": found.upload_id,
        "status": found.state.value,
        "total_files": found.total_files,
        "uploaded_files": found.uploaded_files,
        "total_size_bytes": found.total_bytes,
        "uploaded_bytes": found.uploaded_bytes,
        "progress": round(min(found.uploaded_bytes / found.total_bytes, 1.0), 4),
        "error": found.error,
    }


def _file(file: UploadFile) -> FileProgress:
    return FileProgress(
        file_id=file.file_id,
        file_name=file.name,
        file_size_bytes=file.size,
        uploaded_bytes=file.received,
        content_type=file.media_type,
        uploaded_at=file.uploaded_at,
    )


def _json(body: BaseModel, status: int, headers: dict[str, str]) -> Response:
    return Response(body.model_dump_json(), status, headers, media_type="application/json")
