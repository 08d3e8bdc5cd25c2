"""Money: amounts, the price table, the estimate."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.progress import StageName
from bookwright.money.estimate import Speed, estimate_book
from bookwright.money.pricefile import prices_with
from bookwright.money.prices import Price, PriceTable, Unit, default_prices
from bookwright.money.usd import to_micros, to_usd

CHARACTERS = {Unit.CHARACTER}


def price(micros: str, valid_from: date = date(2026, 1, 1), model: str = "m", operation: str = "speech") -> Price:
    return Price(
        provider="p",
        model=model,
        operation=operation,
        rates={Unit.CHARACTER: Decimal(micros)},
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
    assert price("17.857143").cost_micros({Unit.CHARACTER: 1}) == 18
    assert price("17.857143").cost_micros({Unit.CHARACTER: 0}) == 0


def test_a_call_costs_the_sum_over_its_units() -> None:
    tokens = {Unit.INPUT_TOKEN: Decimal("0.3"), Unit.OUTPUT_TOKEN: Decimal("2.5"), Unit.CALL: Decimal(1_000)}
    both = price("1").model_copy(update={"rates": tokens})
    assert both.cost_micros({Unit.INPUT_TOKEN: 1_001, Unit.OUTPUT_TOKEN: 10, Unit.CALL: 1, Unit.IMAGE: 5}) == 1_326
    with pytest.raises(KeyError):
        both.cost_micros({Unit.INPUT_TOKEN: 1_000, Unit.CALL: 1})
    by_second = price("1").model_copy(update={"rates": {Unit.AUDIO_SECOND: Decimal(1_000)}})
    assert by_second.cost_micros({Unit.AUDIO_SECOND: 1.25}) == 1_250


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "ten"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount of money"):
        to_micros(amount)


def test_rupees_are_turned_into_dollars_at_the_rate_of_the_file(tmp_path: Path) -> None:
    (own := tmp_path / "prices.toml").write_text("inr_per_usd = 100")
    at_100 = prices_with(own)
    assert at_100.price("sarvam", "bulbul:v2", "speech", CHARACTERS).cost_micros({Unit.CHARACTER: 10_000}) == 150_000
    assert at_100.price("sarvam", "bulbul:v3", "speech", CHARACTERS).cost_micros({Unit.CHARACTER: 10_000}) == 300_000
    shipped = default_prices()
    assert shipped.price("sarvam", "bulbul:v2", "speech", CHARACTERS).cost_micros({Unit.CHARACTER: 10_000}) == 178_572
    assert shipped.price("espeak-ng", "espeak-ng", "speech", CHARACTERS).cost_micros({Unit.CHARACTER: 10**9}) == 0


OWN_TOML = """
[[price]]
provider = "sarvam"
model = "*"
operation = "speech"
usd = { character = 0.01 }
per = 1_000
valid_from = 2020-01-01
source = "our contract"
"""
OWN_JSON = """{"price": [{"provider": "sarvam", "model": "*", "operation": "speech", "usd": {"character": 0.01},
"per": 1000, "valid_from": "2020-01-01", "source": "our contract"}]}"""


@pytest.mark.parametrize(("name", "content"), [("prices.toml", OWN_TOML), ("prices.json", OWN_JSON)])
def test_an_operators_prices_come_before_those_that_ship(tmp_path: Path, name: str, content: str) -> None:
    (own := tmp_path / name).write_text(content)
    table = prices_with(own)
    assert table.price("sarvam", "bulbul:v3", "speech", CHARACTERS).cost_micros({Unit.CHARACTER: 1_000}) == 10_000
    assert table.price("espeak-ng", "espeak-ng", "speech", CHARACTERS).source == "runs on this machine"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("prices.toml", "price = [", "is not TOML"),
        ("prices.json", "{", "is not JSON"),
        ("prices.toml", b"\xff\xfe", "is not TOML"),
        ("prices.toml", "prices = 1", "prices: Extra inputs"),
        ("prices.toml", "inr_per_usd = 0", "inr_per_usd: Input should be greater than 0"),
        ("prices.toml", "inr_per_usd = nan", "inr_per_usd: Input should be a finite"),
        ("prices.toml", OWN_TOML.replace("0.01", "-0.01"), "price.0.usd.character: Input should be greater"),
        ("prices.toml", OWN_TOML.replace("character", "word"), "price.0.usd.word"),
        ("prices.toml", OWN_TOML.replace("usd", "inr"), "need `inr_per_usd`"),
        ("prices.toml", OWN_TOML.replace("{ character = 0.01 }", "{}"), "either as `usd` or as `inr`"),
        ("prices.toml", OWN_TOML.replace("2020-01-01", '"soon"'), "price.0.valid_from"),
        ("prices.toml", OWN_TOML.replace('source = "our contract"', ""), "price.0.source: Field required"),
        ("prices.json", "[" * 100_000, "is not JSON"),
    ],
)
def test_a_bad_price_file_is_refused_by_field(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    (own := tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(Misconfigured) as refused:
        prices_with(own)
    assert "BOOKWRIGHT_PRICES" in str(refused.value)
    assert says in str(refused.value)


def test_a_price_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="No such file"):
        prices_with(tmp_path / "prices.toml")


def test_the_price_of_the_day_is_used() -> None:
    table = PriceTable([price("2", date(2026, 6, 1)), price("1", date(2026, 1, 1))])
    assert table.price("p", "m", "speech", CHARACTERS, date(2026, 5, 31)) == price("1", date(2026, 1, 1))
    assert table.price("p", "m", "speech", CHARACTERS, date(2026, 6, 1)) == price("2", date(2026, 6, 1))
    assert table.price("p", "m", "speech", CHARACTERS) == price("2", date(2026, 6, 1))


def test_a_price_that_is_announced_does_not_count_yet() -> None:
    table = PriceTable([price("2", date(2999, 1, 1)), price("1")])
    assert table.price("p", "m", "speech", CHARACTERS) == price("1")


def test_the_more_exact_price_counts() -> None:
    every, family, exact, one = (
        price("1", model="*", operation="*"),
        price("2", model="m-3*", operation="*"),
        price("3", model="m-3-flash", operation="*"),
        price("4", model="m-3-flash", operation="speech"),
    )
    table = PriceTable([every, one, family, exact])
    found = [
        table.price("p", model, operation, CHARACTERS)
        for model, operation in [("x", "story"), ("m-3-pro", "story"), ("m-3-flash", "story"), ("m-3-flash", "speech")]
    ]
    assert found == [every, family, exact, one]


def test_a_price_by_what_the_engine_does_not_count_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"by character, which is not counted.*by image.*BOOKWRIGHT_PRICES"):
        PriceTable([price("1")]).price("p", "m", "speech", {Unit.IMAGE})


def test_a_call_without_a_price_is_refused() -> None:
    table = PriceTable([price("1")])
    for provider, operation, day in [("x", "speech", None), ("p", "image", None), ("p", "speech", date(2025, 1, 1))]:
        with pytest.raises(Misconfigured, match="BOOKWRIGHT_PRICES"):
            table.price(provider, "m", operation, CHARACTERS, day)


def test_the_low_cost_is_what_the_ledger_will_hold() -> None:
    found = estimate_book([[100, 33], [], [7]], price("17.857143"), words=25)
    calls = [price("17.857143").cost_micros({Unit.CHARACTER: chars}) for chars in (100, 33, 7)]
    assert (found.pages, found.calls, found.characters, found.words) == (3, 3, 140, 25)
    assert to_micros(found.cost_low_usd) == sum(calls)
    assert to_micros(found.cost_high_usd) == sum(calls) + calls[0]
    assert found.audio_seconds == 10.0
    assert [stage.name for stage in found.stages] == [StageName.TEXT, StageName.NARRATION, StageName.BINDING]
    assert [stage.cost_low_usd for stage in found.stages] == ["0.00", found.cost_low_usd, "0.00"]


def test_an_empty_book_costs_nothing() -> None:
    found = estimate_book([], price("17"))
    assert (found.calls, found.cost_low_usd, found.cost_high_usd, found.seconds) == (0, "0.00", "0.00", 0.0)


def test_time_follows_from_the_calls_at_once() -> None:
    speed = Speed(concurrency=8, call_seconds=2, call_seconds_per_char=0, page_seconds=0, binding_ratio=0)
    assert estimate_book([[10]] * 80, price("1"), speed=speed).seconds == 20.0
    assert estimate_book([[10]], price("1"), speed=speed).seconds == 2.0


@given(st.lists(st.lists(st.integers(min_value=0, max_value=2_500), max_size=5), max_size=20))
def test_the_ranges_are_ranges(pages: list[list[int]]) -> None:
    found = estimate_book(pages, price("17.857143"))
    assert to_micros(found.cost_low_usd) <= to_micros(found.cost_high_usd) <= 2 * to_micros(found.cost_low_usd)
    assert found.seconds_low <= found.seconds <= found.seconds_high
