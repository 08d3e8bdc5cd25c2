"""Recordings of this machine become an audiobook: the command line's way into what the API takes by uploads."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from bookwright.contracts.base import Payload
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import JobId, OwnerId, new_book_id
from bookwright.contracts.ingestion import MOST_FILES, UploadType
from bookwright.contracts.orders import NAME_LIMIT, BookOrder, Recordings, Track
from bookwright.recordings import check_content, check_name
from bookwright.store import Assets, Database
from bookwright.store.database.failures import translating
from bookwright.store.ingestion.audiobooks import AudiobookStore
from bookwright.store.ingestion.uploads import UploadStore
from bookwright.text.language import normalise_language

_LIFETIME = timedelta(hours=1)


class AudiobookWishes(Payload):
    """What is wanted of an audiobook."""

    title: str
    author: str | None = None
    description: str | None = None
    language: str | None = None
    """None lets the transcriber find it, where it can."""
    is_public: bool = False


async def ingest(
    database: Database, assets: Assets, owner: OwnerId, files: Sequence[Path], wishes: AudiobookWishes
) -> JobId:
    """Take the files in, all of them or none, and order an audiobook of them. Raises BadInput, StorageFull."""
    if not 1 <= len(files) <= MOST_FILES:
        raise BadInput(f"give 1 to {MOST_FILES} recordings", field="files")
    kinds = [check_name(file.name, "") for file in files]
    language = normalise_language(wishes.language) if wishes.language else None
    uploads = UploadStore(database, assets, _LIFETIME)
    try:
        sizes = [file.stat().st_size for file in files]
    except OSError as error:
        raise BadInput(f"{error.filename}: {error.strerror}", field="files") from None
    kind = UploadType.SINGLE if len(files) == 1 else UploadType.MULTIPLE
    session = await uploads.create(owner, kind, len(files), max(sum(sizes), 1))
    try:
        for file, said, size in zip(files, kinds, sizes, strict=True):
            begun = await uploads.begin_file(
                owner, session.upload_id, file.name[:NAME_LIMIT], "", size, resumable=False
            )
            scratch = assets.scratch() / f"{uuid4().hex}.upload"
            try:
                with translating():
                    await asyncio.to_thread(shutil.copyfile, file, scratch)
                media_type = await asyncio.to_thread(check_content, scratch, said)
                asset = await assets.put_file(scratch, media_type)
            except BadInput as error:
                raise BadInput(f"{file.name}: {error}", field="files") from None
            finally:
                scratch.unlink(missing_ok=True)
            await uploads.finish_file(owner, session.upload_id, begun.file_id, asset, media_type)
        order = BookOrder(
            book_id=new_book_id(),
            owner_id=owner,
            source=Recordings(upload=session.upload_id),
            title=wishes.title,
            author=wishes.author,
            language=language,
            tracks=(Track.NARRATION,),
            editions=(),
        )
        return await AudiobookStore(database, assets).create(
            order, description=wishes.description, is_public=wishes.is_public
        )
    except BaseException:
        await asyncio.shield(uploads.remove(owner, session.upload_id))
        raise
