"""What providers charge: a dated table, asked when an engine is made, so that what has no price is refused at start.

The prices that ship are in `prices.toml` beside this module; an operator's own file (`BOOKWRIGHT_PRICES`) has the same
form and comes before them. To add a price, add a table to `prices.toml` (its head says how) and ask for it where the
engine is made, naming the units that the engine counts:

    self._price = prices.price("gemini", model, "*", {Unit.INPUT_TOKEN, Unit.OUTPUT_TOKEN})
    self._price.cost_micros({Unit.INPUT_TOKEN: 900, Unit.OUTPUT_TOKEN: 1_200})

The most that a call can cost is the same with the most that each unit can come to. An engine gets its table as
`prices: PriceTable | None`, None being `default_prices()`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from typing import Annotated, NamedTuple

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.errors import Misconfigured
from bookwright.money.usd import ceil_micros


class Unit(StrEnum):
    """What a provider counts."""

    CHARACTER = "character"
    """A Unicode code point of the text."""
    INPUT_TOKEN = "input_token"  # noqa: S105 - a unit of price
    """A language model's token, of text or picture, as the provider counts it."""
    OUTPUT_TOKEN = "output_token"  # noqa: S105 - a unit of price
    """Thoughts included."""
    IMAGE = "image"
    """A picture that was made."""
    AUDIO_SECOND = "audio_second"
    """A second of sound, made or listened to."""
    COMPUTE_SECOND = "compute_second"
    """A second in which the provider's machine worked."""
    CALL = "call"


class Price(Payload):
    """What one kind of call costs, in force from a day on."""

    provider: str = Field(min_length=1)
    model: str = Field(min_length=1)
    """A model's name, or a pattern such as `gemini-3*-flash*` (`*`, `?`, `[…]`, case-sensitive)."""
    operation: str = Field(min_length=1)
    """Such as `speech`, or a pattern. A language model's operations are its tasks' purposes: `*` is all of them."""
    rates: dict[Unit, Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]] = Field(min_length=1)
    """Millionths of a US dollar for one unit, that is dollars for a million; 0 or more, may have a fraction. A call
    costs the sum over its units."""
    valid_from: date
    source: str = Field(min_length=1)
    """Where it was read, and when."""

    def cost_micros(self, units: Mapping[Unit, int | float | Decimal]) -> int:
        """What one call of so many units costs, in whole micros, rounded up. Units without a rate cost nothing; a
        rate's unit must be there (KeyError), so that nothing is forgotten."""
        return ceil_micros(sum((rate * Decimal(units[unit]) for unit, rate in self.rates.items()), Decimal(0)))


class _Priority(NamedTuple):
    """The more exact price comes first, the later one when they are as exact."""

    exact_model: bool
    model_length: int
    exact_operation: bool
    operation_length: int
    valid_from: date


class PriceTable:
    """Prices by provider, model, operation and day. `own` ones come before the others, however general they are."""

    def __init__(self, prices: Iterable[Price], own: Iterable[Price] = ()) -> None:
        self._layers = tuple(sorted(layer, key=_priority, reverse=True) for layer in (own, prices))

    def __iter__(self) -> Iterator[Price]:
        """All prices, in the order in which they are looked up."""
        for layer in self._layers:
            yield from layer

    def price(
        self, provider: str, model: str, operation: str, counted: Collection[Unit], on: date | None = None
    ) -> Price:
        """The price in force on a day (UTC; today when none is given) for an engine that counts these units. Raises
        Misconfigured when there is none, or when it is by a unit that the engine can't count: a call without a known
        price can't be held against a budget."""
        day = on or datetime.now(UTC).date()
        asked = f"{operation} by {provider} {model}"
        for price in self:
            if price.valid_from <= day and price.provider == provider and _covers(price, model, operation):
                if uncounted := sorted(set(price.rates) - set(counted)):
                    raise Misconfigured(
                        f"the price of {asked} is by {', '.join(uncounted)}, which is not counted there: give one by "
                        f"{', '.join(sorted(counted))} in the file that BOOKWRIGHT_PRICES names"
                    )
                return price
        raise Misconfigured(
            f"no price is known for {asked}: add one to a file and name it in BOOKWRIGHT_PRICES "
            "(`bookwright prices` shows those that are known)"
        )


@cache
def default_prices() -> PriceTable:
    """The prices that Bookwright ships with."""
    from bookwright.money.pricefile import prices_with  # it makes this module's prices

    return prices_with(None)


def _covers(price: Price, model: str, operation: str) -> bool:
    return fnmatchcase(model, price.model) and fnmatchcase(operation, price.operation)


def _priority(price: Price) -> _Priority:
    def exact(pattern: str) -> bool:
        return not any(mark in pattern for mark in "*?[")

    return _Priority(
        exact(price.model), len(price.model), exact(price.operation), len(price.operation), price.valid_from
    )
