"""What makes work stand still although nobody has failed, as a workflow is told it."""

from collections.abc import Sequence

from bookwright.contracts.errors import (
    BudgetReached,
    CredentialsRefused,
    MustWait,
    QuotaExhausted,
    RateLimited,
    StorageFull,
)
from bookwright.contracts.progress import Hold, HoldKind


class NoRoom(MustWait):
    """A full disk holds the work up; nobody has failed."""


_KINDS: dict[type[MustWait], HoldKind] = {
    BudgetReached: HoldKind.BUDGET,
    QuotaExhausted: HoldKind.QUOTA,
    CredentialsRefused: HoldKind.CREDENTIALS,
    NoRoom: HoldKind.STORAGE,
}


def as_wait(error: MustWait | StorageFull) -> MustWait:
    """The error as a reason to wait."""
    return error if isinstance(error, MustWait) else NoRoom(str(error))


def hold_for(waits: Sequence[MustWait]) -> Hold:
    """What to wait for: a person, if any of the reasons needs one, else the longest of the times."""
    for wait in waits:
        if kind := _KINDS.get(type(wait)):
            return Hold(kind=kind, reason=str(wait))
    longest = max((wait for wait in waits if isinstance(wait, RateLimited)), key=lambda wait: wait.until)
    return Hold(kind=HoldKind.RATE_LIMIT, reason=str(longest), until=longest.until)
