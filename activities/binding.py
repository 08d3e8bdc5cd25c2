"""Binding: finished pages become the files of an edition."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from temporalio import activity

from activities.heartbeat import heartbeating
from bookwright.contracts.book import BoundFile, ChapterRef, EditionRef, Segment
from bookwright.contracts.orders import BookContext, Edition
from bookwright.contracts.ports import (
    AssetStore,
    AudioPress,
    AudioTags,
    BindingMaterial,
    Books,
    ChapterAudio,
    CoverArtist,
    EncodedAudio,
    Failpoint,
)
from bookwright.text.names import file_name

MEDIA_TYPES = {Edition.MP3: "audio/mpeg", Edition.M4B: "audio/mp4"}
KEPT_COVERS = 16
"""Covers of the books last bound: each chapter's file carries the same one, which takes a third of a second to draw."""
BINDING_VERSION = 1
"""Part of every recipe: raise it when the same segments would now be bound differently."""


class Binding:
    """Binds editions. A file whose recipe has not changed is not bound again."""

    def __init__(
        self,
        books: Books,
        assets: AssetStore,
        press: AudioPress,
        artist: CoverArtist,
        failpoint: Failpoint = lambda step: None,
    ) -> None:
        self._books = books
        self._assets = assets
        self._press = press
        self._cover = lru_cache(maxsize=KEPT_COVERS)(artist.cover)
        self._failpoint = failpoint

    @activity.defn(name="Bind chapter")
    async def bind_chapter(self, ref: ChapterRef) -> BoundFile | None:
        """The chapter's MP3; None when not one of its pages is spoken."""
        return await self._bind(ref.context, Edition.MP3, ref.chapter)

    @activity.defn(name="Bind edition")
    async def bind_edition(self, ref: EditionRef) -> BoundFile | None:
        """The file of an edition of the whole book; None when not one page is spoken."""
        return await self._bind(ref.context, ref.edition, None)

    async def _bind(self, context: BookContext, edition: Edition, chapter: int | None) -> BoundFile | None:
        async with heartbeating():
            material = await self._books.binding_material(context.owner_id, context.book_id, chapter)
            if not any(page.asset for part in material.chapters for page in part.pages):
                return None
            recipe = _recipe(material, context, edition)
            bound = await self._books.file(context.owner_id, context.book_id, edition, chapter, recipe)
            if bound and await self._assets.exists(bound.asset):
                return bound
            tags = AudioTags(
                title=material.chapters[0].title if chapter else context.title,
                author=material.author,
                language=context.language,
                album=context.title,
                track=chapter,
                tracks=material.chapter_count if chapter else None,
            )
            cover = await asyncio.to_thread(self._cover, context.title, material.author, context.language)
            target = self._assets.scratch() / f"{uuid4().hex}.{edition}"
            try:
                encoded = await self._encode(edition, self._audio(material), tags, target, cover)
                self._failpoint("encoded")
                size = target.stat().st_size
                asset = await self._assets.put_file(target, MEDIA_TYPES[edition])
            finally:
                target.unlink(missing_ok=True)
            file = BoundFile(
                edition=edition,
                chapter=chapter,
                name=file_name(tags.title, edition.value, number=chapter),
                asset=asset,
                media_type=MEDIA_TYPES[edition],
                bytes=size,
                duration_ms=encoded.duration_ms,
                marks=encoded.marks,
                missing_pages=tuple(
                    page.number for part in material.chapters for page in part.pages if page.asset is None
                ),
            )
            await self._books.save_file(context, file, recipe)
            return file

    def _audio(self, material: BindingMaterial) -> Iterator[ChapterAudio]:
        """The chapters' segments, a chapter at a time; read in the thread that encodes."""
        for part in material.chapters:
            paths = [self._assets.path(page.asset) for page in part.pages if page.asset]
            segments = tuple(Segment.model_validate_json(path.read_bytes()) for path in paths)
            yield ChapterAudio(number=part.number, title=part.title, segments=segments)

    async def _encode(
        self, edition: Edition, chapters: Iterable[ChapterAudio], tags: AudioTags, target: Path, cover: bytes
    ) -> EncodedAudio:
        """Encode in a thread that stops soon after this activity is cancelled."""
        stop = threading.Event()

        def on_progress(_done_ms: int) -> None:
            if stop.is_set():
                raise InterruptedError

        encoding = asyncio.create_task(
            asyncio.to_thread(
                self._press.encode, edition, chapters, tags, self._assets.path, target, on_progress, cover
            )
        )
        try:
            return await asyncio.shield(encoding)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.gather(encoding, return_exceptions=True)
            raise


def _recipe(material: BindingMaterial, context: BookContext, edition: Edition) -> str:
    """The hash of everything that the file is made from."""
    parts = [BINDING_VERSION, edition, context.title, context.language, material.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
