"""How many requests a user, or somebody who is refused, may make in a time."""

import math
import time
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerMinute, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from bookwright.contracts.errors import Misconfigured

REFUSALS = "60/minute"
"""Requests with a wrong key or none that one address gets answered by looking a key up."""


class Standing(NamedTuple):
    """How a user stands after a request."""

    allowed: bool
    headers: dict[str, str]


class RequestLimits:
    """Counts the requests of each user in a sliding window, in this process."""

    def __init__(self, rate: str, refusals: str = REFUSALS) -> None:
        """`rate` is such as `6000/minute`. Raises Misconfigured."""
        try:
            self._rate = parse(rate)
        except ValueError:
            raise Misconfigured(
                "BOOKWRIGHT_REQUEST_LIMIT: no rate; say how many in what time: 6000/minute, 100/second"
            ) from None
        self._refusals = parse(refusals)
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def user(self, owner: str, per_minute: int | None = None) -> Standing:
        """Count a request of a user, of whom `per_minute` may be taken in place of everybody's rate. The headers are
        those of draft-ietf-httpapi-ratelimit-headers, and for a request too many Retry-After."""
        rate = RateLimitItemPerMinute(per_minute) if per_minute else self._rate
        return await self._hit(rate, "user", owner)

    async def refused(self, address: str) -> Standing:
        """Count a request that was refused, by the network address that it came from."""
        return await self._hit(self._refusals, "address", address)

    async def _hit(self, rate: RateLimitItem, kind: str, who: str) -> Standing:
        allowed = await self._counter.hit(rate, kind, who)
        window = await self._counter.get_window_stats(rate, kind, who)
        again = max(1, math.ceil(window.reset_time - time.time()))
        headers = {
            "RateLimit-Policy": f'"{kind}";q={rate.amount};w={rate.get_expiry()}',
            "RateLimit": f'"{kind}";r={max(0, window.remaining)};t={again}',
        }
        return Standing(allowed, headers if allowed else headers | {"Retry-After": str(again)})
