"""The port of what all workers share of a provider: how many calls it takes at once, and how many a minute."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pydantic import Field

from bookwright.contracts.base import Payload


class Ask(Payload):
    """What one process would like of a provider, and what it has in hand."""

    provider: str = Field(max_length=64)
    """A provider, or a provider and what for, such as `gemini images`: whatever is counted by itself."""
    ceiling: int = Field(ge=1)
    """Calls at once that all processes together may make, as it is set."""
    wanted: int = Field(ge=0)
    """Calls at once that it could make now."""
    held: int = Field(ge=0)
    """Calls that it is making: these can't be taken from it."""
    refused: bool = False
    """Whether the provider has told it, since it asked last, that there are too many calls."""
    closed_until: datetime | None = None
    """Until when no call should be begun, when it was told so."""


class Grant(Payload):
    """What a process may do until its lease ends."""

    provider: str
    size: int = Field(ge=0)
    """Calls at once that are its own."""
    target: int = Field(ge=0)
    """Calls at once that it is due; more than `size` while others still have to give them back."""
    limit: int = Field(ge=1)
    """Calls at once of all processes together, as the provider bears them now."""
    closed_until: datetime | None = None
    """Until when no call should be begun, as any of the processes was told."""


class SharedLimits(Protocol):
    """Divides what providers take among the processes that ask for it, by leases."""

    lease_s: float
    """How long a grant holds."""

    async def renew(self, holder: str, asks: Sequence[Ask]) -> list[Grant]:
        """Lease anew, for all providers in one transaction. The sizes of all leases of a provider never sum up to more
        than its limit, but for calls under way when the limit falls."""
        ...

    async def leave(self, holder: str, providers: Sequence[str]) -> None:
        """Give everything back that is leased of these."""
        ...
