"""Files of an upload session taken in: a scratch file at first, an asset once it is whole and what it says."""

import asyncio
import time
from pathlib import Path

from fastapi import Request

from api.deps import Backend
from api.orders.multipart import Upload as FormUpload
from api.orders.multipart import receive
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.ingestion import MOST_BYTES, Upload, UploadFile, UploadState
from bookwright.contracts.orders import NAME_LIMIT
from bookwright.recordings import check_content, check_name
from bookwright.store.ingestion.uploads import UploadStore

TELL_S = 0.5
"""How often the store is told how much has come."""


def upload_store(backend: Backend) -> UploadStore:
    """The upload sessions."""
    return UploadStore(backend.database, backend.assets, backend.upload_lifetime)


class FormFile:
    """One file that comes as a multipart form, in one go, and is shown in its session's progress meanwhile."""

    def __init__(self, backend: Backend, owner: OwnerId, upload: str, *, repeated: bool) -> None:
        """`repeated` says that the request may be one that was answered before: whether there is room for its file is
        then only asked once it is known that it was not."""
        self._backend = backend
        self._store = upload_store(backend)
        self._owner = owner
        self._upload = upload
        self._repeated = repeated
        self._file: UploadFile | None = None
        self._told = 0.0

    async def receive(self, request: Request) -> FormUpload:
        """The body, whole. Whatever goes wrong, nothing of it stays. Raises what `multipart.receive` and
        `UploadStore` raise."""
        await self._store.upload(self._owner, self._upload)
        try:
            return await receive(request, self._backend.assets.scratch(), limit=MOST_BYTES, heard=self._heard)
        except BaseException:
            await self.give_up()
            raise

    async def finish(self, came: FormUpload) -> UploadFile:
        """Have the file that came. Raises BadInput, and nothing of it stays then."""
        try:
            if unknown := sorted(came.fields):
                raise BadInput(
                    f"{unknown[0][:NAME_LIMIT]}: there is no such field; the form has one part, called file",
                    field=unknown[0][:NAME_LIMIT],
                )
            if self._file is None:
                self._file = await self._begin(came)
            await self._store.received(self._owner, self._upload, self._file.file_id, came.size)
            return await finish_file(self._backend, self._owner, self._file, came.path, came.declared)
        except BaseException:
            await self.give_up()
            raise

    async def give_up(self) -> None:
        """Forget the file."""
        if self._file is not None:
            await asyncio.shield(self._store.drop_file(self._owner, self._upload, self._file.file_id))

    async def _heard(self, came: FormUpload) -> None:
        now = time.monotonic()
        if self._file is None:
            if self._told:
                return
            self._told = now
            try:
                self._file = await self._begin(came)
            except BadInput:
                if not self._repeated:
                    raise
        elif now - self._told > TELL_S:
            self._told = now
            await self._store.received(self._owner, self._upload, self._file.file_id, came.size)

    async def _begin(self, came: FormUpload) -> UploadFile:
        check_name(came.name, came.declared)
        name = came.name[:NAME_LIMIT]
        return await self._store.begin_file(self._owner, self._upload, name, came.declared, 0, resumable=False)


async def finish_file(backend: Backend, owner: OwnerId, file: UploadFile, path: Path, declared: str) -> UploadFile:
    """Make an asset of a file that came whole at `path`, which is gone after this. Raises BadInput for one that is
    not what it says, and when the session has all its files and they are not of the announced size."""
    store = upload_store(backend)
    try:
        media_type = await asyncio.to_thread(check_content, path, check_name(file.name, declared))
        asset = await backend.assets.put_file(path, media_type)
    except BadInput:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    session = await store.finish_file(owner, file.upload_id, file.file_id, asset, media_type)
    _check_whole(session)
    return next(each for each in session.files if each.file_id == file.file_id)


def _check_whole(session: Upload) -> None:
    if session.state is UploadState.FAILED:
        raise BadInput(f"total_size_bytes: {session.error}; begin another session", field="total_size_bytes")
