"""Having something written: a question in, an answer out that was read, that is fit for its readers, and that is bought
once."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from temporalio import activity

from activities.buying import Buyer
from activities.chain import Chain, Link
from activities.written import examine_written
from bookwright.contracts.calls import Holder, Usage
from bookwright.contracts.errors import Blocked, WorkerLeaving
from bookwright.contracts.ids import BookId, JobId, OwnerId
from bookwright.contracts.media import TextTask, WrittenText
from bookwright.contracts.ports.calls import Material
from bookwright.contracts.ports.engines import LanguageModel, Moderator
from bookwright.contracts.ports.store import AssetStore
from bookwright.text.policy import check_text

T = TypeVar("T")

TAKES_PER_ANSWER = 3
"""As many as an answer that can't be used is asked for by itself; what was held back is asked anew after them."""


class Desk(NamedTuple):
    """For which book something is written, in which language, for readers of which age, by which attempt."""

    owner_id: OwnerId
    book_id: BookId
    job_id: JobId
    language: str
    age: int | None
    """The youngest readers'; None of grown-ups."""
    holder: Holder

    def usage(self, unit: str) -> Usage:
        return Usage(owner_id=self.owner_id, book_id=self.book_id, job_id=self.job_id, unit=unit)


class Authors:
    """Those who write, and one who sees when there is a picture to look at."""

    def __init__(
        self,
        writers: Chain[LanguageModel],
        lookers: Chain[LanguageModel],
        buyer: Buyer,
        assets: AssetStore,
        moderator: Moderator,
    ) -> None:
        """`lookers` may be empty: then nobody sees."""
        self._writers = writers
        self._lookers = lookers
        self._buyer = buyer
        self._assets = assets
        self._moderator = moderator

    @property
    def see(self) -> bool:
        """Whether anybody can look at pictures."""
        return bool(self._lookers)

    async def write(
        self, desk: Desk, unit: str, task: TextTask, read: Callable[[Mapping[str, Any]], T]
    ) -> tuple[T, str]:
        """What is answered to a task, and by whom. `read` raises ValueError for an answer that can't be used: it is
        asked for again. One that is not fit for the book's readers is asked for again once. Raises Blocked, which
        repeats nothing of it, and as buying does."""
        try:
            return await self._take(desk, unit, task, read, 0)
        except Blocked:
            pass
        try:
            return await self._take(desk, unit, task, read, TAKES_PER_ANSWER)
        except Blocked as held:
            again = Blocked(f"the {task.purpose.replace('_', ' ')} was held back twice: {held}")
            again.cost_micros = held.cost_micros
            raise again from None

    async def _take(
        self, desk: Desk, unit: str, task: TextTask, read: Callable[[Mapping[str, Any]], T], take: int
    ) -> tuple[T, str]:
        pictures = [await self._assets.get(asset) for asset in task.pictures]
        if activity.is_worker_shutdown():
            raise WorkerLeaving("this worker is draining; another one goes on")
        chain = self._lookers if task.pictures else self._writers
        found, link, _ = await chain.work(partial(self._by, desk, unit, task, read, take, pictures))
        return found, str(link)

    async def _by(
        self,
        desk: Desk,
        unit: str,
        task: TextTask,
        read: Callable[[Mapping[str, Any]], T],
        take: int,
        pictures: Sequence[bytes],
        link: Link[LanguageModel],
    ) -> T:
        answer = await self._buyer.buy(
            partial(link.engine.call, task),
            partial(link.engine.write, pictures=pictures),
            partial(self._examine, desk, read),
            usage=desk.usage(unit),
            holder=desk.holder,
            limit=link.limit,
            deadline_s=link.deadline_s,
            first_take=take,
        )
        return read(json.loads(await self._assets.get(answer.asset)))

    async def _examine(self, desk: Desk, read: Callable[[Mapping[str, Any]], object], written: WrittenText) -> Material:
        material = await examine_written(read, written)
        try:
            await check_text(self._moderator, "\n".join(_texts(written.data)), desk.language, desk.age)
        except Blocked as held:
            held.cost_micros = written.cost_micros
            raise
        return material


def _texts(value: object) -> list[str]:
    """All texts in an answer."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]
