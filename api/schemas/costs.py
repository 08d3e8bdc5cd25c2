"""Costs and monthly budgets. Money is in US dollars."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field

from bookwright.contracts.base import Payload
from bookwright.store.ledger.costs import CostKey

Month = Annotated[str, Field(pattern=r"^[2-9][0-9]{3}-(0[1-9]|1[0-2])$", examples=["2026-11"])]
"""A month, UTC."""
Cap = Annotated[Decimal, Field(ge=0, lt=1_000_000, max_digits=12, decimal_places=6, allow_inf_nan=False)]


class CostSums(Payload):
    """What calls cost. Refused calls cost nothing and are not counted."""

    cost: str
    """What was charged: settled, rejected and ambiguous."""
    settled: int
    settled_cost: str
    """Answers that are used, at their actual cost."""
    rejected: int
    rejected_cost: str
    """Answers that can't be used, and those that came too late."""
    ambiguous: int
    ambiguous_cost: str
    """Calls whose answer nobody knows, at the most that they can have cost."""
    reserved: int
    reserved_cost: str
    """Calls under way, at the most that they can cost."""
    reused: int
    saved: str
    """Uses of answers that were there, and what buying them again would have cost."""


class CostEntry(CostSums):
    """The costs of one book, provider, operation, day or user."""

    key: str
    """A book's id, a provider's name, an operation, a day (`YYYY-MM-DD`, UTC) or a user's id."""
    title: str | None
    """Of a book."""


class CostAnswer(Payload):
    """Costs of a span of time, the dearest first; days in their order."""

    by: CostKey
    since: datetime | None
    until: datetime | None
    costs: tuple[CostEntry, ...]
    more: int
    """Entries that were left out; the total has them."""
    total: CostSums


class StageCost(Payload):
    """What a stage's calls cost."""

    stage: str
    cost: str
    reserved: str
    """The most that its calls under way can cost."""
    calls: int


class PageCost(Payload):
    """What a page's calls cost."""

    page: int
    cost: str
    reserved: str
    calls: int


class JobCosts(Payload):
    """What a job's calls cost up to now, reservations apart."""

    jobId: str
    cost: str
    reserved: str
    stages: tuple[StageCost, ...]
    pages: tuple[PageCost, ...]
    """Those of the pages asked for that any call was made for."""


class MonthCap(Payload):
    """A user's budget for a month."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"month": "2026-12", "cap": "25.00"}]})
    month: Month
    cap: Cap | None
    """The most that the user's calls may cost; null goes back to everybody's."""


class MonthBudgetAnswer(Payload):
    """A user's budget for a month."""

    user_id: str
    month: str
    cap: str | None
    """null is without limit."""
    own: bool
    """Whether it is the user's own; else it is everybody's."""
    committed: str
    """What calls did cost, with those under way at their most."""
    left: str | None
    resumed: int = 0
    """Jobs that the limit had stopped and that go on now."""
