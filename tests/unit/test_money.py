"""Money: amounts, the price table, the estimate."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.progress import StageName
from bookwright.money.estimate import Speed, estimate_narration
from bookwright.money.prices import Price, PriceTable, Unit, default_prices
from bookwright.money.usd import to_micros, to_usd


def price(micros: str, valid_from: date = date(2026, 1, 1)) -> Price:
    return Price(
        provider="p",
        model="m",
        operation="speech",
        unit=Unit.CHARACTER,
        micros_per_unit=Decimal(micros),
        valid_from=valid_from,
        source="a test",
    )


@pytest.mark.parametrize(
    ("micros", "usd"),
    [
        (0, "0.00"),
        (1, "0.000001"),
        (10_000, "0.01"),
        (1_500_000, "1.50"),
        (12_345_678, "12.345678"),
        (-5_000, "-0.005"),
    ],
)
def test_amounts_are_exact_decimal_strings(micros: int, usd: str) -> None:
    assert to_usd(micros) == usd


@given(st.integers(min_value=0, max_value=10**15))
def test_an_amount_survives_the_way_out_and_back(micros: int) -> None:
    assert to_micros(to_usd(micros)) == micros


def test_amounts_are_rounded_up_so_that_a_reservation_is_never_too_small() -> None:
    assert to_micros("0.0000001") == 1
    assert price("17.857143").cost_micros(1) == 18
    assert price("17.857143").cost_micros(0) == 0


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "ten"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount of money"):
        to_micros(amount)


def test_sarvam_is_priced_in_rupees_at_the_given_rate() -> None:
    at_100 = default_prices(Decimal(100))
    assert at_100.price("sarvam", "bulbul:v2", "speech").cost_micros(10_000) == 150_000
    assert at_100.price("sarvam", "bulbul:v3", "speech").cost_micros(10_000) == 300_000
    assert default_prices(Decimal(50)).price("sarvam", "bulbul:v2", "speech").cost_micros(10_000) == 300_000
    assert default_prices().price("espeak-ng", "espeak-ng", "speech").cost_micros(10**9) == 0


@pytest.mark.parametrize("rate", ["0", "-80", "NaN"])
def test_a_senseless_exchange_rate_is_refused(rate: str) -> None:
    with pytest.raises(Misconfigured):
        default_prices(Decimal(rate))


def test_the_price_of_the_day_is_used() -> None:
    table = PriceTable([price("2", date(2026, 6, 1)), price("1", date(2026, 1, 1))])
    assert table.price("p", "m", "speech", date(2026, 5, 31)).micros_per_unit == 1
    assert table.price("p", "m", "speech", date(2026, 6, 1)).micros_per_unit == 2
    assert table.price("p", "m", "speech").micros_per_unit == 2


def test_a_call_without_a_price_is_refused() -> None:
    table = PriceTable([price("1")])
    for asked in [("x", "m", "speech", None), ("p", "m", "image", None), ("p", "m", "speech", date(2025, 1, 1))]:
        with pytest.raises(Misconfigured):
            table.price(*asked)


def test_the_low_cost_is_what_the_ledger_will_hold() -> None:
    found = estimate_narration([[100, 33], [], [7]], price("17.857143"), words=25)
    calls = [price("17.857143").cost_micros(chars) for chars in (100, 33, 7)]
    assert (found.pages, found.calls, found.characters, found.words) == (3, 3, 140, 25)
    assert to_micros(found.cost_low_usd) == sum(calls)
    assert to_micros(found.cost_high_usd) == sum(calls) + calls[0]
    assert found.audio_seconds == 10.0
    assert [stage.name for stage in found.stages] == [StageName.TEXT, StageName.NARRATION, StageName.BINDING]
    assert [stage.cost_low_usd for stage in found.stages] == ["0.00", found.cost_low_usd, "0.00"]


def test_an_empty_book_costs_nothing() -> None:
    found = estimate_narration([], price("17"))
    assert (found.calls, found.cost_low_usd, found.cost_high_usd, found.seconds) == (0, "0.00", "0.00", 0.0)


def test_time_follows_from_the_calls_at_once() -> None:
    speed = Speed(concurrency=8, call_seconds=2, call_seconds_per_char=0, page_seconds=0, binding_ratio=0)
    assert estimate_narration([[10]] * 80, price("1"), speed=speed).seconds == 20.0
    assert estimate_narration([[10]], price("1"), speed=speed).seconds == 2.0


@given(st.lists(st.lists(st.integers(min_value=0, max_value=2_500), max_size=5), max_size=20))
def test_the_ranges_are_ranges(pages: list[list[int]]) -> None:
    found = estimate_narration(pages, price("17.857143"))
    assert to_micros(found.cost_low_usd) <= to_micros(found.cost_high_usd) <= 2 * to_micros(found.cost_low_usd)
    assert found.seconds_low <= found.seconds <= found.seconds_high
