"""Upload sessions in the store: what was announced, what has come, and what is left when somebody gives up."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bookwright.contracts.errors import BadInput, Conflict, NotFound
from bookwright.contracts.ids import AssetId, OwnerId
from bookwright.contracts.ingestion import Upload, UploadFile, UploadState, UploadType
from bookwright.store.assets import Assets
from bookwright.store.blobs import AssetRows, record_blob
from bookwright.store.books.deletion import PUT_LATELY, drop_unreferred
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.database.statements import insert_missing, named
from bookwright.store.ingestion.tables import upload_files, uploads
from bookwright.store.tables import users

EXPIRED_KEPT = timedelta(days=7)
"""An expired session can still be asked about for so long."""
LOST = timedelta(minutes=2)
"""A file that comes in one go, and of which nothing came for so long, comes no more: its request has ended by then."""


class UploadStore:
    """Upload sessions and their files. Every change puts the session's expiry off."""

    def __init__(
        self,
        database: Database,
        assets: Assets,
        lifetime: timedelta,
        clock: Callable[[], datetime] = utcnow,
        put_lately: timedelta = PUT_LATELY,
    ) -> None:
        """`lifetime` is how long a session lives of which nothing is heard."""
        self._database = database
        self._assets = assets
        self._rows = AssetRows(database)
        self._lifetime = lifetime
        self._clock = clock
        self._put_lately = put_lately

    async def create(self, owner: OwnerId, upload_type: UploadType, total_files: int, total_bytes: int) -> Upload:
        """A new session. Raises BadInput for a single one of several files."""
        if upload_type is UploadType.SINGLE and total_files != 1:
            raise BadInput("total_files: a single upload is of 1 file; use upload_type multiple", field="total_files")
        now, upload = self._clock(), str(uuid4())
        row = {
            "id": upload,
            "owner_id": owner,
            "upload_type": upload_type,
            "state": UploadState.PENDING,
            "total_files": total_files,
            "total_bytes": total_bytes,
            "created_at": now,
            "expires_at": now + self._lifetime,
        }

        def work(connection: sa.Connection) -> Upload:
            insert_missing(connection, users, {"owner_id": owner, "created_at": now})
            connection.execute(sa.insert(uploads).values(row))
            return read_upload(connection, owner, upload)

        return await self._database.write(owner, work)

    async def upload(self, owner: OwnerId, name: str) -> Upload:
        """A session by its id or number. Raises NotFound."""
        return await self._database.read(owner, lambda c: read_upload(c, owner, name))

    async def begin_file(
        self, owner: OwnerId, upload: str, name: str, media_type: str, size: int, *, resumable: bool
    ) -> UploadFile:
        """Make room for a file of so many bytes, as far as that is known. Raises Conflict when the session takes no
        more files, BadInput when more would come than was announced. A file that was to come in one go, and of which
        nothing was heard for a while, makes room: whoever took it is gone."""
        now, file = self._clock(), str(uuid4())

        def work(connection: sa.Connection) -> UploadFile:
            session = _locked(connection, owner, upload)
            _check_open(session)
            lost = (upload_files.c.asset.is_(None), sa.not_(upload_files.c.resumable))
            gone = (*_of(owner, session), *lost, upload_files.c.heard_at <= now - LOST)
            if connection.execute(sa.delete(upload_files).where(*gone)).rowcount:
                session = read_upload(connection, owner, session.upload_id)
            if len(session.files) >= session.total_files:
                raise Conflict(f"all {session.total_files} files of this session have been begun", field="upload_id")
            _check_size(session, size)
            position = connection.execute(
                sa.select(sa.func.coalesce(sa.func.max(upload_files.c.position), 0)).where(*_of(owner, session))
            ).scalar_one()
            row = {
                "owner_id": owner,
                "upload_id": session.upload_id,
                "position": position + 1,
                "id": file,
                "name": name,
                "size": size,
                "received": 0,
                "media_type": media_type,
                "resumable": resumable,
                "created_at": now,
                "heard_at": now,
            }
            connection.execute(sa.insert(upload_files).values(row))
            self._touch(connection, session, state=UploadState.UPLOADING)
            return _file_of(read_upload(connection, owner, session.upload_id), file)

        return await self._database.write(owner, work)

    async def received(self, owner: OwnerId, upload: str, file: str, received: int) -> None:
        """So many bytes of a file have come. Raises Conflict or NotFound when it is not waited for any more, BadInput
        when more came than was announced."""
        now = self._clock()

        def work(connection: sa.Connection) -> None:
            session = _locked(connection, owner, upload)
            _check_open(session)
            size = max(_file_of(session, file).size, received)
            _check_size(session, size - _file_of(session, file).size)
            this = (*_of(owner, session), upload_files.c.id == file)
            changes = {"received": received, "size": size, "heard_at": now}
            connection.execute(sa.update(upload_files).where(*this).values(changes))
            self._touch(connection, session)

        await self._database.write(owner, work)

    async def finish_file(self, owner: OwnerId, upload: str, file: str, asset: AssetId, media_type: str) -> Upload:
        """A file is whole and stored. The session is completed with its last one, or failed when all files together
        are smaller than was announced. Safe to repeat."""
        blob = await self._assets.describe(asset)
        now = self._clock()

        def work(connection: sa.Connection) -> Upload:
            session = _locked(connection, owner, upload)
            if _file_of(session, file).asset is not None:
                return session
            _check_open(session)
            record_blob(connection, owner, blob)
            this = (*_of(owner, session), upload_files.c.id == file)
            whole = {"asset": asset, "size": blob.size, "received": blob.size, "media_type": media_type}
            connection.execute(sa.update(upload_files).where(*this).values(**whole, uploaded_at=now))
            session = read_upload(connection, owner, session.upload_id)
            if session.uploaded_files < session.total_files:
                self._touch(connection, session)
            elif session.uploaded_bytes == session.total_bytes:
                self._touch(connection, session, state=UploadState.COMPLETED, completed_at=now)
            else:
                error = f"{session.total_bytes} bytes were announced, and {session.uploaded_bytes} came"
                self._touch(connection, session, state=UploadState.FAILED, error=error, completed_at=now)
            return read_upload(connection, owner, session.upload_id)

        return await self._database.write(owner, work)

    async def drop_file(self, owner: OwnerId, upload: str, file: str) -> None:
        """Forget a file that is not whole. Safe to repeat."""

        def work(connection: sa.Connection) -> None:
            session = _locked(connection, owner, upload)
            this = (*_of(owner, session), upload_files.c.id == file, upload_files.c.asset.is_(None))
            connection.execute(sa.delete(upload_files).where(*this))

        await self._database.write(owner, work)

    async def remove(self, owner: OwnerId, name: str) -> Upload:
        """Drop a session with its files, and their bytes unless something else needs them; answers what it was.
        Raises NotFound, and Conflict for one that an audiobook was made from."""

        def work(connection: sa.Connection) -> tuple[Upload, list[AssetId]]:
            session = _locked(connection, owner, name)
            if session.book_id is not None:
                raise Conflict(f"audiobook {session.book_id} was made from it: delete that", field="upload_id")
            connection.execute(sa.delete(uploads).where(*_this(owner, session)))
            return session, _unneeded(connection, owner, session)

        session, gone = await self._database.write(owner, work)
        await self._discard(gone)
        return session

    async def expire(self) -> list[Upload]:
        """Of all owners: close the sessions that nothing was heard of, drop their files, and forget those that were
        closed long ago. Answers the sessions that were closed now."""
        now = self._clock()
        waiting = (uploads.c.book_id.is_(None), uploads.c.expires_at <= now)
        due = sa.select(uploads.c.owner_id, uploads.c.id).where(*waiting, uploads.c.state != UploadState.EXPIRED)
        old = (uploads.c.book_id.is_(None), uploads.c.state == UploadState.EXPIRED)

        def work(connection: sa.Connection) -> tuple[list[Upload], list[AssetId]]:
            connection.execute(sa.delete(uploads).where(*old, uploads.c.expires_at <= now - EXPIRED_KEPT))
            closed, gone = [], []
            for row in connection.execute(due.with_for_update(skip_locked=True)).all():
                owner = OwnerId(row.owner_id)
                session = read_upload(connection, owner, row.id)
                connection.execute(sa.delete(upload_files).where(*_of(owner, session)))
                changes = {"state": UploadState.EXPIRED, "error": "nothing was heard of it", "completed_at": now}
                connection.execute(sa.update(uploads).where(*_this(owner, session)).values(changes))
                gone += _unneeded(connection, owner, session)
                closed.append(session)
            return closed, gone

        if not await self._database.read(SERVICE, lambda c: _any(c, due, old, now)):
            return []
        closed, gone = await self._database.write(SERVICE, work)
        await self._discard(gone)
        return closed

    def _touch(self, connection: sa.Connection, session: Upload, **changes: Any) -> None:
        expires = {"expires_at": self._clock() + self._lifetime}
        connection.execute(sa.update(uploads).where(*_this(session.owner_id, session)).values(**changes, **expires))

    async def _discard(self, gone: Sequence[AssetId]) -> None:
        if gone:
            await self._assets.discard(gone, self._rows.known, self._put_lately)


def read_upload(connection: sa.Connection, owner: OwnerId, name: str) -> Upload:
    """A session by its id or number. Raises NotFound."""
    row = connection.execute(sa.select(uploads).where(uploads.c.owner_id == owner, named(uploads, name))).one_or_none()
    if row is None:
        raise NotFound("there is no such upload")
    of_it = (upload_files.c.owner_id == owner, upload_files.c.upload_id == row.id)
    files = connection.execute(sa.select(upload_files).where(*of_it).order_by(upload_files.c.position))
    return Upload(
        owner_id=owner,
        upload_id=row.id,
        upload_type=UploadType(row.upload_type),
        state=UploadState(row.state),
        total_files=row.total_files,
        total_bytes=row.total_bytes,
        error=row.error,
        book_id=row.book_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        completed_at=row.completed_at,
        files=tuple(
            UploadFile(
                file_id=file.id,
                upload_id=row.id,
                name=file.name,
                size=file.size,
                received=file.received,
                media_type=file.media_type,
                asset=file.asset,
                resumable=file.resumable,
                created_at=file.created_at,
                heard_at=file.heard_at,
                uploaded_at=file.uploaded_at,
            )
            for file in files
        ),
    )


def _locked(connection: sa.Connection, owner: OwnerId, name: str) -> Upload:
    """The session, which nobody else changes until the transaction ends."""
    connection.execute(
        sa.select(uploads.c.id).where(uploads.c.owner_id == owner, named(uploads, name)).with_for_update()
    )
    return read_upload(connection, owner, name)


def _check_open(session: Upload) -> None:
    if session.state.closed:
        raise Conflict(f"the session is {session.state} and takes no more: begin another one", field="upload_id")


def _check_size(session: Upload, more: int) -> None:
    coming = sum(file.size for file in session.files) + more
    if coming > session.total_bytes:
        raise BadInput(
            f"total_size_bytes: the session announced {session.total_bytes} bytes, and {coming} come: begin a session "
            "of the right size",
            field="total_size_bytes",
        )


def _file_of(session: Upload, file: str) -> UploadFile:
    found = next((each for each in session.files if each.file_id == file), None)
    if found is None:
        raise NotFound("there is no such file in this upload")
    return found


def _this(owner: OwnerId, session: Upload) -> "tuple[sa.ColumnElement[bool], ...]":
    return uploads.c.owner_id == owner, uploads.c.id == session.upload_id


def _of(owner: OwnerId, session: Upload) -> "tuple[sa.ColumnElement[bool], ...]":
    return upload_files.c.owner_id == owner, upload_files.c.upload_id == session.upload_id


def _unneeded(connection: sa.Connection, owner: OwnerId, session: Upload) -> list[AssetId]:
    """The assets of a session's files, which are gone, that nothing else of the owner names; their rows go."""
    return drop_unreferred(connection, owner, sorted({file.asset for file in session.files if file.asset}))


def _any(
    connection: sa.Connection, due: "sa.Select[Any]", old: "tuple[sa.ColumnElement[bool], ...]", now: datetime
) -> bool:
    forgotten = sa.select(uploads.c.id).where(*old, uploads.c.expires_at <= now - EXPIRED_KEPT)
    return any(connection.execute(query.limit(1)).first() is not None for query in (due, forgotten))
