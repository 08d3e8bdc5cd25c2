"""What providers charge: a dated table. Prices are public list prices without tax; settings may bring other ones."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.errors import Misconfigured
from bookwright.money.usd import MICROS, ceil_micros

INR_PER_USD = Decimal(84)
"""Rupees for a dollar: a planning rate fixed on 2026-11-01, not a market rate. It is set low on purpose: dollar prices
made with it are too high rather than too low, so a budget in dollars holds. Give `default_prices` another one."""


class Unit(StrEnum):
    """What a provider counts."""

    CHARACTER = "character"
    """A Unicode code point of the text."""


class Price(Payload):
    """One price, in force from a date on."""

    provider: str
    model: str
    operation: str
    unit: Unit
    micros_per_unit: Decimal = Field(ge=0, allow_inf_nan=False)
    """Millionths of a US dollar for one unit; may have a fraction."""
    valid_from: date
    source: str

    def cost_micros(self, units: int) -> int:
        """What one call of so many units costs, in whole micros, rounded up."""
        return ceil_micros(self.micros_per_unit * units)


class PriceTable:
    """Prices, looked up by provider, model, operation and day."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._prices: dict[tuple[str, str, str], list[Price]] = {}
        for price in sorted(prices, key=lambda price: price.valid_from):
            self._prices.setdefault((price.provider, price.model, price.operation), []).append(price)

    def price(self, provider: str, model: str, operation: str, on: date | None = None) -> Price:
        """The price in force on a day, the newest when no day is given. Raises Misconfigured when there is none:
        a call without a known price can't be held against a budget."""
        found = self._prices.get((provider, model, operation), [])
        if on is not None:
            found = [price for price in found if price.valid_from <= on]
        if not found:
            raise Misconfigured(f"no price is known for {operation} by {provider} {model}: add one to the price table")
        return found[-1]


def default_prices(inr_per_usd: Decimal = INR_PER_USD) -> PriceTable:
    """The prices that Bookwright ships with; rupees are turned into dollars at `inr_per_usd`."""
    if not inr_per_usd.is_finite() or inr_per_usd <= 0:
        raise Misconfigured("the exchange rate must be more than 0 rupees for a dollar")

    def rupees(per_10k_characters: int) -> Decimal:
        exact = Decimal(per_10k_characters) * MICROS / 10_000 / inr_per_usd
        return exact.quantize(Decimal("0.000001"), ROUND_CEILING)

    return PriceTable(
        [
            Price(
                provider="sarvam",
                model="bulbul:v2",
                operation="speech",
                unit=Unit.CHARACTER,
                micros_per_unit=rupees(15),
                valid_from=date(2025, 5, 1),
                source="₹15 for 10,000 characters; no longer on the public price page in 2026-09",
            ),
            Price(
                provider="sarvam",
                model="bulbul:v3",
                operation="speech",
                unit=Unit.CHARACTER,
                micros_per_unit=rupees(30),
                valid_from=date(2026, 1, 1),
                source="₹30 for 10,000 characters: https://docs.sarvam.ai/api/getting-started/pricing (2026-09-20)",
            ),
            Price(
                provider="espeak-ng",
                model="espeak-ng",
                operation="speech",
                unit=Unit.CHARACTER,
                micros_per_unit=Decimal(0),
                valid_from=date(2025, 1, 1),
                source="runs on this machine",
            ),
        ]
    )
