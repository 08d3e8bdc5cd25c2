"""What the cost report adds up, on both databases."""

from datetime import UTC, datetime

import pytest

from bookwright.contracts.calls import Answer, Holder, ProviderCall
from bookwright.contracts.ids import JobId
from bookwright.store.ledger.costs import CostBooks, CostKey, CostLine, Span
from tests.store.conftest import ANNA, BELA, World, call_of, usage_of

NOVEMBER = Span.month("2026-11")


def costing(provider: str, operation: str, cost: int, text: str = "x") -> ProviderCall:
    return ProviderCall(
        provider=provider, model="m", operation=operation, input={"text": text}, max_cost_micros=cost, take=0
    )


def test_a_month_ends_where_the_next_begins() -> None:
    december = Span.month("2026-12")
    assert december.since == NOVEMBER.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert december.until == datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="unconverted"):
        Span.month("2026-13")


async def test_every_kind_of_outcome_has_its_own_sum(world: World) -> None:
    context = await world.book()
    await world.bought(context, call_of("good", cost=10), cost=7)
    bad = await world.reserved(context, call_of("bad", cost=20))
    await world.ledger.sent(bad, 30)
    await world.ledger.reject(bad, "cut", 15)
    lost = await world.reserved(context, call_of("lost", cost=30))
    await world.ledger.sent(lost, 30)
    await world.ledger.lose(lost, "reset")
    refused = await world.reserved(context, call_of("refused", cost=1_000))
    await world.ledger.fail(refused, "refused")
    await world.reserved(context, call_of("under way", cost=40))

    report = await CostBooks(world.database, world.clock).of_owner(ANNA, CostKey.BOOK, NOVEMBER)
    expected = {
        "settled": 1,
        "settled_micros": 7,
        "rejected": 1,
        "rejected_micros": 15,
        "ambiguous": 1,
        "ambiguous_micros": 30,
        "reserved": 1,
        "reserved_micros": 40,
    }
    assert report.lines == (CostLine.model_validate({"key": context.book_id, "title": "The River"} | expected),)
    assert report.total == CostLine.model_validate({"key": "total"} | expected)
    assert report.total.cost_micros == 52


async def test_what_was_reused_is_what_was_saved(world: World) -> None:
    first, second = await world.book(), await world.book()
    await world.bought(first, call_of("same", cost=10), cost=8)
    for unit in ("page/1", "page/2"):
        again = await world.ledger.reserve(call_of("same"), usage_of(second, unit), Holder(activity="run/2", attempt=1))
        assert isinstance(again, Answer)
    report = await CostBooks(world.database).of_owner(ANNA, CostKey.BOOK, Span())
    by_book = {line.key: line for line in report.lines}
    assert (by_book[first.book_id].settled_micros, by_book[first.book_id].saved_micros) == (8, 0)
    saved = by_book[second.book_id]
    assert (saved.settled, saved.reused, saved.saved_micros, saved.cost_micros) == (0, 2, 16, 0)


async def test_by_provider_operation_day_and_user(world: World) -> None:
    anna, bela = await world.book(), await world.book(BELA)
    await world.bought(anna, costing("gemini", "story", 50), cost=40)
    await world.bought(anna, costing("sarvam", "speech", 20), cost=20)
    world.clock.pass_by(24 * 3600)
    await world.bought(anna, costing("gemini", "image", 70), cost=70)
    await world.bought(bela, costing("gemini", "image", 5), cost=5)
    costs = CostBooks(world.database)

    async def lines(by: CostKey, owner: bool = False) -> list[tuple[str, int]]:
        report = await (costs.of_owner(ANNA, by, NOVEMBER) if owner else costs.of_all(by, NOVEMBER))
        return [(line.key, line.cost_micros) for line in report.lines]

    assert await lines(CostKey.PROVIDER, owner=True) == [("gemini", 110), ("sarvam", 20)]
    assert await lines(CostKey.OPERATION) == [("image", 75), ("story", 40), ("speech", 20)]
    assert await lines(CostKey.DAY) == [("2026-11-21", 60), ("2026-11-22", 75)]
    assert await lines(CostKey.USER) == [("anna", 130), ("bela", 5)]
    assert await lines(CostKey.USER, owner=True) == [("anna", 130)]


async def test_only_the_span_counts(world: World) -> None:
    context = await world.book()
    await world.bought(context, call_of("a", cost=10), cost=1)
    world.clock.pass_by(3600)
    noon = world.clock()
    await world.bought(context, call_of("b", cost=10), cost=2)
    costs = CostBooks(world.database)
    for span, expected in [
        (Span(), 3),
        (Span(since=noon), 2),
        (Span(until=noon), 1),
        (Span(since=noon, until=noon), 0),
        (Span.month("2026-10"), 0),
    ]:
        assert (await costs.of_owner(ANNA, CostKey.DAY, span)).total.cost_micros == expected


async def test_a_long_report_shows_the_dearest_and_counts_all(world: World) -> None:
    contexts = [await world.book() for _ in range(4)]
    for cost, context in enumerate(contexts, 1):
        await world.bought(context, call_of(f"{cost}", cost=cost), cost=cost)
    report = await CostBooks(world.database).of_owner(ANNA, CostKey.BOOK, Span(), limit=2)
    assert [line.cost_micros for line in report.lines] == [4, 3]
    assert (report.more, report.total.cost_micros) == (2, 10)


async def test_a_jobs_costs_by_stage_and_page_with_reservations_apart(world: World) -> None:
    context = await world.book()
    await world.bought(context, call_of("a", cost=10), cost=7, unit="page/1/narration/0")
    await world.bought(context, call_of("b", cost=10), cost=8, unit="page/1/narration/1")
    await world.reserved(context, call_of("c", cost=20), "page/2/narration/0")
    await world.bought(context, call_of("d", cost=50), cost=30, unit="page/2/illustrations")
    await world.bought(context, call_of("e", cost=5), cost=5, unit="outline")
    refused = await world.reserved(context, call_of("f", cost=90), "page/3/narration/0")
    await world.ledger.fail(refused, "refused")
    costs = CostBooks(world.database)

    found = await costs.of_job(ANNA, JobId(context.job_id), 1, 2)
    assert [(stage.key, stage.calls, stage.cost_micros, stage.reserved_micros) for stage in found.stages] == [
        ("text", 1, 5, 0),
        ("narration", 3, 15, 20),
        ("illustrations", 1, 30, 0),
    ]
    assert [(page.key, page.calls, page.cost_micros, page.reserved_micros) for page in found.pages] == [
        ("1", 2, 15, 0),
        ("2", 2, 30, 20),
    ]
    second_alone = await costs.of_job(ANNA, JobId(context.job_id), 2, 2)
    assert [page.key for page in second_alone.pages] == ["2"]
    assert second_alone.stages == found.stages
    assert (await costs.of_job(BELA, JobId(context.job_id), 1, 2)).stages == ()
