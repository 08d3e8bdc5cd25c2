"""Looking: pictures are shown to a model that sees, and what it says of them is bought as any answer is."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from activities.batches import Shift
from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.subjects import Subject
from activities.written import examine_written
from bookwright.contracts.depicting import PlacedThing
from bookwright.contracts.ids import AssetId
from bookwright.contracts.inspecting import Inspection
from bookwright.contracts.media import TextTask
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.engines import LanguageModel
from bookwright.contracts.ports.examining import PictureGauge
from bookwright.contracts.ports.store import AssetStore
from bookwright.contracts.spreads import Plate
from bookwright.contracts.stories import Ages
from bookwright.text.inspecting import (
    MOST_THINGS,
    confirmation_task,
    inspection_task,
    read_confirmation,
    read_inspection,
)

T = TypeVar("T")


class Looking:
    """Has pictures looked at. The same picture is looked at once, however often it is asked about."""

    def __init__(self, chain: Chain[LanguageModel], buyer: Buyer, assets: AssetStore, gauge: PictureGauge) -> None:
        """`chain` may be empty: then nobody sees."""
        self._chain = chain
        self._buyer = buyer
        self._assets = assets
        self._gauge = gauge

    @property
    def sees(self) -> bool:
        """Whether anybody does."""
        return bool(self._chain)

    async def inspect(self, shift: Shift, plate: Plate, subject: Subject, ages: Ages | None) -> tuple[Inspection, str]:
        """What is seen in a picture, and by whom. Raises as buying does."""
        reference = subject.sheet.reference if subject.sheet else None
        names = [thing.name for thing in subject.things]
        task = inspection_task(plate.picture, reference, subject.cast, names, ages)
        pictures = [await self._assets.get(asset) for asset in task.pictures]
        read = partial(read_inspection, cast=subject.cast, things=names)
        return await self._asked(shift, f"page/{plate.page}/{Track.VALIDATION}", task, pictures, read)

    async def confirmed(self, shift: Shift, plate: Plate, boxes: Sequence[PlacedThing]) -> tuple[PlacedThing, ...]:
        """Those of the boxes whose insides, by themselves, show what is said to be there."""
        sure: list[PlacedThing] = []
        picture = await self._assets.get(plate.picture)
        for start in range(0, len(boxes), MOST_THINGS):
            some = boxes[start : start + MOST_THINGS]
            crops = await asyncio.to_thread(self._gauge.cut_out, picture, some)
            names = [box.name for box in some]
            task = confirmation_task([AssetId(hashlib.sha256(crop).hexdigest()) for crop in crops], names)
            read = partial(read_confirmation, things=names)
            unit = f"page/{plate.page}/{Track.VALIDATION}/{start // MOST_THINGS}"
            shown, _ = await self._asked(shift, unit, task, crops, read)
            sure += [box for box, right in zip(some, shown, strict=True) if right]
        return tuple(sure)

    async def _asked(
        self,
        shift: Shift,
        unit: str,
        task: TextTask,
        pictures: Sequence[bytes],
        read: Callable[[Mapping[str, Any]], T],
    ) -> tuple[T, str]:
        async def by(link: Link[LanguageModel]) -> T:
            answer = await self._buyer.buy(
                partial(link.engine.call, task),
                partial(link.engine.write, pictures=pictures),
                partial(examine_written, read),
                usage=shift.usage(unit),
                holder=shift.holder,
                limit=link.limit,
                deadline_s=link.deadline_s,
            )
            return read(json.loads(await self._assets.get(answer.asset)))

        shift.go_on()
        found, link, _ = await self._chain.work(by)
        return found, str(link)
