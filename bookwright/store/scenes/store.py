"""Scenes and soundscapes in the store."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.book import TrackState
from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import AssetId, BookId, JobId, OwnerId
from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.scenes import MadeSoundscape, PageHeard, SoundscapeWork
from bookwright.contracts.progress import Tally
from bookwright.contracts.scenes import (
    ErrorKind,
    Failure,
    PlannedScene,
    ProcessingError,
    Soundscape,
    SoundscapeFigures,
)
from bookwright.contracts.spreads import Ambience
from bookwright.store.blobs import Catalogue, record_blob
from bookwright.store.database.columns import utcnow
from bookwright.store.database.engine import Database
from bookwright.store.database.statements import insert, insert_missing
from bookwright.store.scenes.errors import read_errors, write_errors
from bookwright.store.scenes.figures import read_figures
from bookwright.store.scenes.outcomes import begin_pages, end_pages, without_sound
from bookwright.store.scenes.tables import page_scenes, scenes, soundscapes
from bookwright.store.scenes.uses import use_sound
from bookwright.store.tables import page_tracks


class SceneStore:
    """The `Scenes` port on the database, and what others ask about scenes."""

    def __init__(self, database: Database, assets: Catalogue) -> None:
        self._database = database
        self._assets = assets

    async def heard(self, context: BookContext, first: int, last: int) -> list[PageHeard]:
        """The pages from `first` to `last`, in order."""
        told = page_tracks.alias("told")
        same = sa.and_(
            told.c.owner_id == page_tracks.c.owner_id,
            told.c.book_id == page_tracks.c.book_id,
            told.c.page == page_tracks.c.page,
            told.c.track == Track.ANALYSIS,
        )
        query = (
            sa.select(
                page_tracks.c.page,
                page_tracks.c.state,
                page_tracks.c.take,
                told.c.state.label("told"),
                told.c.asset.label("analysis"),
            )
            .join(told, same)
            .where(*_tracks(context), page_tracks.c.page.between(first, last))
            .order_by(page_tracks.c.page)
        )
        rows = await self._database.read(context.owner_id, lambda c: c.execute(query).all())
        return [PageHeard.model_validate(row._asdict()) for row in rows]

    async def soundscapes(self, context: BookContext) -> list[Soundscape]:
        """All of the book's, in order."""
        query = sa.select(soundscapes).where(*_mine(soundscapes, context)).order_by(soundscapes.c.number)
        return [
            _soundscape(row) for row in await self._database.read(context.owner_id, lambda c: c.execute(query).all())
        ]

    async def others(self, owner: OwnerId, book: str, made_by: str, limit: int) -> list[Soundscape]:
        """Those of the owner's other books that this engine has made as first choice, newest first."""
        query = (
            sa.select(soundscapes)
            .where(soundscapes.c.owner_id == owner, soundscapes.c.book_id != book, soundscapes.c.made_by == made_by)
            .where(soundscapes.c.state == TrackState.COMPLETED, ~soundscapes.c.stand_in, ~soundscapes.c.borrowed)
            .order_by(soundscapes.c.created_at.desc(), soundscapes.c.book_id, soundscapes.c.number)
            .limit(limit)
        )
        return [_soundscape(row) for row in await self._database.read(owner, lambda c: c.execute(query).all())]

    async def save(
        self,
        context: BookContext,
        planned: Sequence[PlannedScene],
        *,
        untold: Mapping[int, Failure],
        blank: Sequence[int],
        final: bool,
    ) -> list[int]:
        """Write scenes in place of those with the same numbers, `final`ly also in place of all later ones, and the
        outcomes of pages that have a sound now, can't have one (`untold`), or need none (`blank`). Answers the
        soundscapes of these scenes that are to be made."""
        blobs = [await self._assets.describe(plan.asset) for plan in planned if plan.asset]

        def work(connection: sa.Connection) -> list[int]:
            for blob in blobs:
                record_blob(connection, context.owner_id, blob)
            wanted = [number for plan in planned if (number := _write(connection, context, plan))]
            if final and planned:
                gone = (*_mine(scenes, context), scenes.c.number > planned[-1].scene.number)
                connection.execute(sa.delete(scenes).where(*gone))
            end_pages(connection, context, blank, TrackState.SKIPPED)
            for page, failure in untold.items():
                end_pages(connection, context, [page], TrackState.FAILED, failure=failure)
                write_errors(connection, context, [page], ErrorKind.ANALYSIS, failure)
            return sorted(set(wanted))

        return await self._database.write(context.owner_id, work)

    async def begin(self, context: BookContext, number: int) -> SoundscapeWork:
        """Mark the pages of a soundscape's scenes as processing, unless it is made or failed. Raises NotFound."""

        def work(connection: sa.Connection) -> SoundscapeWork:
            row = _row(connection, context, number)
            pages = _pages_of(connection, context, number)
            if row.state == TrackState.PENDING:
                begin_pages(connection, context, pages)
            return SoundscapeWork(soundscape=_soundscape(row), pages=tuple(pages))

        return await self._database.write(context.owner_id, work)

    async def made(self, context: BookContext, number: int, made: MadeSoundscape) -> None:
        """Record the soundscape, and that the pages of all its scenes have it."""
        blob = await self._assets.describe(made.asset)
        sound = await self._assets.describe(made.ambience.sound)
        values = {
            "state": TrackState.COMPLETED,
            "asset": made.ambience.sound,
            "media_type": made.ambience.media_type,
            "duration_ms": made.ambience.duration_ms,
            "loop": made.ambience.loop,
            "prompt": made.ambience.prompt,
            "made_by": made.made_by,
            "stand_in": made.stand_in,
            "cost_micros": made.cost_micros,
            "error_type": None,
            "error": None,
        }

        def work(connection: sa.Connection) -> None:
            record_blob(connection, context.owner_id, sound)
            if _row(connection, context, number).state != TrackState.COMPLETED:
                connection.execute(sa.update(soundscapes).where(*_this(context, number)).values(values))
            record_blob(connection, context.owner_id, blob)
            pages = _pages_of(connection, context, number)
            _give(connection, context, _row(connection, context, number), blob.asset, pages)

        await self._database.write(context.owner_id, work)

    async def failed(self, context: BookContext, number: int, failure: Failure) -> None:
        """Record that it can't be made, for the pages of all its scenes that have no sound. One that was made stays,
        and so does the first failure."""

        def work(connection: sa.Connection) -> None:
            if _row(connection, context, number).state != TrackState.PENDING:
                return
            values = {"state": TrackState.FAILED, "error_type": failure.error_type, "error": failure.message}
            connection.execute(sa.update(soundscapes).where(*_this(context, number)).values(values))
            pages = _pages_of(connection, context, number)
            end_pages(connection, context, pages, TrackState.FAILED, failure=failure)
            write_errors(connection, context, without_sound(connection, context, pages), ErrorKind.SOUNDSCAPE, failure)

        await self._database.write(context.owner_id, work)

    async def tally(self, context: BookContext, last: int) -> Tally:
        """The outcomes of the pages up to `last`."""
        done = page_tracks.c.state.in_((TrackState.COMPLETED, TrackState.SKIPPED))
        failed = page_tracks.c.state == TrackState.FAILED
        query = sa.select(
            sa.func.count().filter(done).label("done"), sa.func.count().filter(failed).label("failed")
        ).where(*_tracks(context), page_tracks.c.page <= last)
        row = await self._database.read(context.owner_id, lambda c: c.execute(query).one())
        return Tally(done=row.done, failed=row.failed)

    async def figures(self, owner: OwnerId, book: BookId) -> SoundscapeFigures:
        """The book's scenes and soundscapes in numbers."""
        return await self._database.read(owner, lambda c: read_figures(c, owner, book))

    async def errors(self, owner: OwnerId, book: BookId, job: JobId | None = None) -> list[ProcessingError]:
        """The spreads that one of the book's jobs, or any of them, could not process."""
        return await self._database.read(owner, lambda c: read_errors(c, owner, book, job))


def _write(connection: sa.Connection, context: BookContext, plan: PlannedScene) -> int | None:
    """Write a scene; answers its soundscape if that is to be made."""
    scene, number = plan.scene, plan.soundscape
    row = None
    if number is not None:
        _plan_soundscape(connection, context, number, plan)
        row = _row(connection, context, number)
    values = {
        "first_page": scene.pages[0],
        "last_page": scene.pages[-1],
        "sketch": scene.sketch.model_dump(mode="json"),
        "prompt": scene.prompt,
        "soundscape": number,
    }
    keys = {"owner_id": context.owner_id, "book_id": context.book_id}
    statement = insert(connection, scenes).values(keys | {"number": scene.number} | values)
    connection.execute(statement.on_conflict_do_update(index_elements=["owner_id", "book_id", "number"], set_=values))
    for page in scene.pages:
        link = insert(connection, page_scenes).values(keys | {"page": page, "scene": scene.number})
        where = ["owner_id", "book_id", "page"]
        connection.execute(link.on_conflict_do_update(index_elements=where, set_={"scene": scene.number}))
    if row is None:
        return None
    if row.state == TrackState.COMPLETED and plan.asset:
        _give(connection, context, row, plan.asset, scene.pages)
        return None
    return number


def _plan_soundscape(connection: sa.Connection, context: BookContext, number: int, plan: PlannedScene) -> None:
    """Make sure that the book has the soundscape; one that failed before is to be tried again."""
    row: dict[str, Any] = {
        "owner_id": context.owner_id,
        "book_id": context.book_id,
        "number": number,
        "state": TrackState.PENDING,
        "take": plan.take,
        "sketch": plan.scene.sketch.model_dump(mode="json"),
        "prompt": plan.scene.prompt,
        "created_at": utcnow(),
    }
    if plan.like is not None and plan.like.ambience is not None:
        ambience = plan.like.ambience
        row |= {
            "state": TrackState.COMPLETED,
            "sketch": plan.like.sketch.model_dump(mode="json"),
            "prompt": ambience.prompt,
            "asset": ambience.sound,
            "media_type": ambience.media_type,
            "duration_ms": ambience.duration_ms,
            "loop": ambience.loop,
            "made_by": plan.like.made_by,
            "cost_micros": plan.like.cost_micros,
            "borrowed": True,
        }
    insert_missing(connection, soundscapes, row)
    again = (*_this(context, number), soundscapes.c.state == TrackState.FAILED)
    connection.execute(
        sa.update(soundscapes).where(*again).values(state=TrackState.PENDING, error_type=None, error=None)
    )


def _give(connection: sa.Connection, context: BookContext, row: Any, asset: AssetId, pages: Sequence[int]) -> None:
    """Give pages the completed soundscape. `asset` is its stored `Ambience`, which has a row."""
    given = end_pages(
        connection,
        context,
        pages,
        TrackState.COMPLETED,
        asset=asset,
        duration_ms=row.duration_ms,
        made_by=row.made_by,
        stand_in=row.stand_in,
    )
    use_sound(connection, context, AssetId(row.asset), given)


def _row(connection: sa.Connection, context: BookContext, number: int) -> Any:
    """The soundscape's row, locked: who links a scene to it and who makes it don't miss each other."""
    row = connection.execute(sa.select(soundscapes).where(*_this(context, number)).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("the book has no such soundscape")
    return row


def _pages_of(connection: sa.Connection, context: BookContext, number: int) -> list[int]:
    same = sa.and_(
        scenes.c.owner_id == page_scenes.c.owner_id,
        scenes.c.book_id == page_scenes.c.book_id,
        scenes.c.number == page_scenes.c.scene,
    )
    query = (
        sa.select(page_scenes.c.page)
        .join(scenes, same)
        .where(*_mine(page_scenes, context), scenes.c.soundscape == number)
        .order_by(page_scenes.c.page)
    )
    return list(connection.execute(query).scalars())


def _mine(table: sa.Table, context: BookContext) -> "tuple[sa.ColumnElement[bool], ...]":
    return table.c.owner_id == context.owner_id, table.c.book_id == context.book_id


def _this(context: BookContext, number: int) -> "tuple[sa.ColumnElement[bool], ...]":
    return (*_mine(soundscapes, context), soundscapes.c.number == number)


def _tracks(context: BookContext) -> "tuple[sa.ColumnElement[bool], ...]":
    return (*_mine(page_tracks, context), page_tracks.c.track == Track.SOUNDSCAPE)


def _soundscape(row: Any) -> Soundscape:
    ambience = None
    if row.asset is not None:
        ambience = Ambience(
            sound=AssetId(row.asset),
            media_type=row.media_type,
            duration_ms=row.duration_ms,
            loop=row.loop,
            prompt=row.prompt,
        )
    return Soundscape(
        book_id=BookId(row.book_id),
        number=row.number,
        state=TrackState(row.state),
        take=row.take,
        sketch=SoundSketch.model_validate(row.sketch),
        prompt=row.prompt,
        ambience=ambience,
        made_by=row.made_by,
        stand_in=row.stand_in,
        cost_micros=row.cost_micros,
    )
