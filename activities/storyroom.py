"""What is known of one order's story while it is written: its parts in the store, read and kept."""

import asyncio
from typing import TypeVar

from temporalio import activity

from activities.authors import Desk
from bookwright.contracts.base import Payload
from bookwright.contracts.calls import Holder
from bookwright.contracts.ids import AssetId, job_id
from bookwright.contracts.orders import BookOrder, Track
from bookwright.contracts.ports.store import AssetStore
from bookwright.contracts.ports.writings import Part, Writing, Writings
from bookwright.contracts.stories import Brief, Notes, read_story
from bookwright.contracts.writing import DraftChapter
from bookwright.text.language import detect_language, normalise_language
from bookwright.text.stories.ages import ages_of_audience
from bookwright.text.stories.asking import seed_of

P = TypeVar("P", bound=Payload)

DEFAULT_LANGUAGE = "en"


def chapter_part(number: int) -> str:
    """The part that a chapter is kept as."""
    return f"chapter/{number}"


class Room:
    """One order's story. Opened anew by each step; what was kept before is there."""

    def __init__(self, order: BookOrder, assets: AssetStore, writings: Writings, kept: dict[str, Writing]) -> None:
        assert isinstance(order.source, Brief | Notes)
        self.order = order
        self.source = order.source
        self.seed = seed_of(order.book_id)
        self.notes = ""
        self.language = ""
        self._assets = assets
        self._writings = writings
        self._kept = kept

    @classmethod
    async def open(cls, order: BookOrder, assets: AssetStore, writings: Writings) -> "Room":
        room = cls(order, assets, writings, await writings.parts(order.owner_id, order.book_id))
        if isinstance(room.source, Notes):
            room.notes = (await assets.get(room.source.content)).decode("utf-8", "replace")
        if order.language:
            room.language = normalise_language(order.language)
        else:
            found = await asyncio.to_thread(detect_language, room.notes) if room.notes else DEFAULT_LANGUAGE
            room.language = found
        return room

    @classmethod
    async def of_book(cls, order: BookOrder, assets: AssetStore, writings: Writings) -> "Room":
        """Of a story that was written before, as it was ordered then."""
        parts = await writings.parts(order.owner_id, order.book_id)
        source = read_story(await assets.get(parts[Part.CONFIG].asset))
        return await cls.open(order.model_copy(update={"source": source}), assets, writings)

    @property
    def shown(self) -> bool:
        """Whether its pages get pictures or ambience, which their writer has in mind while writing them."""
        return bool({Track.ILLUSTRATIONS, Track.SOUNDSCAPE} & {*self.order.tracks, *self.order.then})

    @property
    def age(self) -> int | None:
        """The youngest readers'; None of grown-ups."""
        if isinstance(self.source, Brief):
            return self.source.ages.youngest
        ages = ages_of_audience(self.source.audience)
        return ages.youngest if ages else None

    def desk(self, step: str) -> Desk:
        """For this attempt at a step. Temporal's scheduling time orders attempts, also of a step scheduled anew."""
        info = activity.info()
        workflow_id = info.workflow_id or ""
        return Desk(
            owner_id=self.order.owner_id,
            book_id=self.order.book_id,
            job_id=job_id(workflow_id),
            language=self.language,
            age=self.age,
            holder=Holder(
                activity=f"{workflow_id}#{step}",
                attempt=int(info.current_attempt_scheduled_time.timestamp() * 1000),
            ),
        )

    def has(self, part: str) -> bool:
        """Whether the part was written before."""
        return part in self._kept

    def author(self, part: str) -> str:
        """Who has written it; empty when nobody is known."""
        return (self._kept[part].made_by or "") if part in self._kept else ""

    def asset(self, part: str) -> AssetId | None:
        return self._kept[part].asset if part in self._kept else None

    async def read(self, part: str, kind: type[P]) -> P:
        """A part that was kept before."""
        return kind.model_validate_json(await self._assets.get(self._kept[part].asset))

    async def chapters(self, count: int) -> list[DraftChapter]:
        """The first `count` chapters."""
        return [await self.read(chapter_part(number), DraftChapter) for number in range(1, count + 1)]

    async def keep(self, part: str, value: Payload, by: str | None = None) -> AssetId:
        """Keep a part as JSON."""
        return await self.keep_bytes(part, value.model_dump_json().encode(), "application/json", by)

    async def keep_bytes(self, part: str, data: bytes, media_type: str, by: str | None = None) -> AssetId:
        asset = await self._assets.put(data, media_type)
        await self.name(part, asset, by)
        return asset

    async def name(self, part: str, asset: AssetId, by: str | None = None) -> None:
        """Keep what is stored already as a part."""
        self._kept[part] = Writing(part=part, asset=asset, made_by=by)
        await self._writings.keep(self.order.owner_id, self.order.book_id, self._kept[part])

    async def configure(self) -> None:
        """Keep what the story was ordered as, with the story."""
        if not self.has(Part.CONFIG):
            await self.keep(Part.CONFIG, self.source)
