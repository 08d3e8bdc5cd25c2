"""The engines that may do a piece of work, first choice first, and when the next one stands in."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from bookwright.contracts.errors import (
    BookwrightError,
    CredentialsRefused,
    Misconfigured,
    MustWait,
    NotSent,
    Permanent,
    QuotaExhausted,
    StorageFull,
    Transient,
    WorkerLeaving,
)
from bookwright.contracts.ports.calls import CallLimit

logger = logging.getLogger(__name__)

REST_S = 60.0
"""An engine that refuses the key, has no quota left or can't be reached is passed over for so long, so that a long book
does not ask it in vain for every page."""
_OUT = (CredentialsRefused, QuotaExhausted, NotSent)
_OUR_OWN = (WorkerLeaving, StorageFull)
"""Transient errors that no other engine would put right."""


class Engine(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...


E = TypeVar("E", bound=Engine)
T = TypeVar("T")


@dataclass(frozen=True)
class Link(Generic[E]):
    """One engine, how many calls it takes at once, and how long one may take."""

    engine: E
    limit: CallLimit
    deadline_s: float

    def __str__(self) -> str:
        provider, model = self.engine.provider, self.engine.model
        return provider if model == provider else f"{provider} {model}"


class Chain(Generic[E]):
    """Engines for one capability. Each has calls of its own in the ledger, so an answer of one is never taken for
    another's."""

    def __init__(self, links: Sequence[Link[E]], missing: str = "", now: Callable[[], float] = time.monotonic) -> None:
        """`missing` is the variable that would name an engine."""
        self._links = tuple(links)
        self._missing = missing
        self._now = now
        self._back_at: dict[int, float] = {}

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._links)

    @property
    def links(self) -> Sequence[Link[E]]:
        """First choice first. Raises Misconfigured when there is none."""
        if not self._links:
            raise Misconfigured(f"nobody is set who could do this: {self._missing} names providers")
        return self._links

    async def work(
        self,
        work: Callable[[Link[E]], Awaitable[T]],
        links: Sequence[Link[E]] | None = None,
        *,
        last: bool = False,
    ) -> tuple[T, Link[E], bool]:
        """Have the work done by the first of the links (all, in their order) that can be had; says by which one, and
        whether that one stands in for another.

        The next one is tried when an engine refuses the key, has no quota left or can't be reached, and when its model
        can't do this at all; in the `last` attempt that there is, also when it fails by itself: answers 5xx, gives no
        answer, or none that can be used. It is not for what is wrong with the work itself (Unspeakable, Blocked), nor
        while an engine asks to wait. When nobody can be had, a reason for which a person can act is raised before
        others.
        """
        able = self.links if links is None else links
        awake = [link for link in able if self._back_at.get(id(link), 0.0) <= self._now()]
        reasons: list[BookwrightError] = []
        for link in awake or able:
            try:
                return await work(link), link, link is not able[0]
            except BookwrightError as error:
                failed = last and isinstance(error, Transient) and not isinstance(error, _OUR_OWN)
                if not isinstance(error, _OUT) and type(error) is not Permanent and not failed:
                    raise
                if isinstance(error, _OUT) and len(able) > 1:
                    self._back_at[id(link)] = self._now() + REST_S
                logger.warning("%s can't be had: %s", link, error)
                reasons.append(error)
        raise next((reason for reason in reasons if isinstance(reason, MustWait)), reasons[-1])
