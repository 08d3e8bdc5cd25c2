"""`prices`, `costs`, and `budget` of `users`: what providers charge, what was spent, and how much may be."""

import csv
import sys
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from bookwright.cli.app import AsJson, Exit, err, out, print_json, run
from bookwright.cli.desk import Desk, desk
from bookwright.contracts.errors import BadInput, ServiceUnavailable
from bookwright.contracts.ids import JobId, OwnerId
from bookwright.intake import parse_budget
from bookwright.money.prices import Price
from bookwright.money.usd import to_micros, to_usd
from bookwright.settings import Settings
from bookwright.steering import Steering
from bookwright.store.access.audit import COMMAND_LINE
from bookwright.store.database.columns import utcnow
from bookwright.store.ledger.costs import CostBooks, CostKey, CostLine, CostReport, Span
from bookwright.store.ledger.months import MonthBudget, MonthBudgets, check_month

SUMS = ("settled", "rejected", "ambiguous", "reserved", "saved")
"""The sums of money in a line of costs."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(prices)
    app.command()(costs)


def prices(as_json: AsJson = False) -> None:
    """What providers charge, as calls are reserved and billed.

    A file that BOOKWRIGHT_PRICES names (TOML, or JSON in the same form) comes before these:

    \b
    inr_per_usd = 84            # needed with prices in rupees
    [\\[price]]
    provider = "gemini"
    model = "gemini-*flash*"    # a name or a pattern; the more exact one counts
    operation = "*"
    usd = { input_token = 0.30, output_token = 2.50 }
    per = 1_000_000             # units; 1 when left out
    valid_from = 2026-11-01
    source = "our contract"

    \b
    Units: character, input_token, output_token, image, audio_second, compute_second, call.
    """

    async def work() -> Exit:
        known = sorted(Settings.load().price_table, key=lambda price: (price.provider, price.operation, price.model))
        if as_json:
            print_json([_price_json(price) for price in known])
            return Exit.DONE
        for price in known:
            name = escape(f"{price.provider} {price.model} {price.operation}")
            out.print(f"[bold]{name}[/bold]  {_charge(price)} USD, from {price.valid_from}")
            out.print(f"    [dim]{escape(price.source)}[/dim]")
        return Exit.DONE

    run(work, as_json=as_json)


def costs(
    month: Annotated[str | None, typer.Option(help="Such as 2026-11; this month when no time is given.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day on, such as 2026-11-01, UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to and without this day.")] = None,
    by: Annotated[CostKey, typer.Option(help="What is summed up by.")] = CostKey.BOOK,
    user: Annotated[str | None, typer.Option(help="This user's alone; all users' when left out.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of text.")] = False,
    as_json: AsJson = False,
) -> None:
    """What calls cost, in US dollars: settled at what they did cost, ambiguous ones at the most that they can have;
    and what was saved by using answers again."""

    async def work() -> Exit:
        if as_json and as_csv:
            raise BadInput("csv: choose one of --csv and --json", field="csv")
        async with desk() as opened:
            store = CostBooks(opened.database)
            span = _span(month, since, until) or store.this_month()
            report = await (store.of_owner(OwnerId(user), by, span) if user else store.of_all(by, span))
        if as_json:
            print_json(_report_json(report))
        elif as_csv:
            rows = csv.DictWriter(sys.stdout, _line_json(report.total), lineterminator="\n")
            rows.writeheader()
            rows.writerows(_line_json(line) for line in report.lines)
        else:
            _show(report)
        return Exit.DONE

    run(work, as_json=as_json)


def budget(
    user: Annotated[str, typer.Argument(help="The user's id.")],
    usd: Annotated[str | None, typer.Argument(help="The most, in US dollars; shown when left out.")] = None,
    month: Annotated[str | None, typer.Option(help="Such as 2026-12; this month when left out.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Go back to BOOKWRIGHT_MONTH_BUDGET, or to no limit.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show or set what a user's calls may cost in a month. Jobs that the limit had stopped go on when it is raised."""

    async def work() -> Exit:
        amount = parse_budget(usd)
        if lift and amount is not None:
            raise BadInput("budget: give an amount or --lift", field="budget")
        async with desk() as opened:
            store = MonthBudgets(opened.database, opened.settings.month_budget_micros)
            wanted, owner = check_month(month) if month else f"{utcnow():%Y-%m}", OwnerId(user)
            if lift or amount is not None:
                cap = None if amount is None else to_micros(amount)
                found = await store.set(owner, wanted, cap, actor=COMMAND_LINE)
                if found.left_micros != 0:
                    await _resume(opened, owner, await store.held_up(owner, wanted))
            else:
                found = await store.of(owner, wanted)
        if as_json:
            print_json(_budget_json(found))
        else:
            out.print(_budget_line(found), markup=False)
        return Exit.DONE

    run(work, as_json=as_json)


async def _resume(opened: Desk, owner: OwnerId, held_up: list[JobId]) -> None:
    steering = Steering(opened.jobs, opened.service.attach)
    for row in [await opened.jobs.job(owner, job) for job in held_up]:
        try:
            await steering.resume(row)
        except ServiceUnavailable:
            err.print(f"job {row.number} goes on with `bookwright resume {row.number}`, once a service runs")


def _price_json(price: Price) -> dict[str, Any]:
    rates = {str(unit): f"{rate.normalize():f}" for unit, rate in price.rates.items()}
    document = price.model_dump(mode="json", exclude={"rates"})
    return document | {"usd_per_million": rates}


def _charge(price: Price) -> str:
    """Dollars for a number of units at which they can be read."""
    charges = []
    for unit, rate in price.rates.items():
        many = unit in ("character", "input_token", "output_token")
        amount = (rate if many else rate / 1_000_000).normalize()
        charges.append(f"{amount:f} / {'1M ' if many else ''}{unit}")
    return " + ".join(charges)


def _span(month: str | None, since: str | None, until: str | None) -> Span | None:
    if month is not None:
        if since or until:
            raise BadInput("month: give a month, or a day to begin and one to end with", field="month")
        return Span.month(check_month(month))
    if not since and not until:
        return None
    return Span(since=_midnight(since, "since"), until=_midnight(until, "until"))


def _midnight(day: str | None, field: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC) if day else None
    except ValueError:
        raise BadInput(f"{field}: give a day such as 2026-11-01", field=field) from None


def _line_json(line: CostLine) -> dict[str, Any]:
    counts = line.model_dump(include={"key", "title", "settled", "rejected", "ambiguous", "reserved", "reused"})
    sums = {f"{name}_usd": to_usd(getattr(line, f"{name}_micros")) for name in SUMS}
    return counts | {"cost_usd": to_usd(line.cost_micros)} | sums


def _report_json(report: CostReport) -> dict[str, Any]:
    return {
        "by": report.by,
        **report.span.model_dump(mode="json"),
        "lines": [_line_json(line) for line in report.lines],
        "total": _line_json(report.total),
    }


def _show(report: CostReport) -> None:
    heads = ("calls", "cost", "rejected", "ambiguous", "under way", "reused", "saved")
    numbers = (Column(head, justify="right", no_wrap=True) for head in heads)
    table = Table(report.by, *numbers, box=None, padding=(0, 2, 0, 0))
    for line in (*report.lines, report.total):
        table.add_row(
            escape(line.title or line.key),
            str(line.settled + line.rejected + line.ambiguous),
            to_usd(line.cost_micros),
            to_usd(line.rejected_micros),
            to_usd(line.ambiguous_micros),
            to_usd(line.reserved_micros),
            str(line.reused),
            to_usd(line.saved_micros),
            style="bold" if line is report.total else None,
        )
    out.print(table)


def _budget_json(found: MonthBudget) -> dict[str, Any]:
    return {
        "user_id": found.user_id,
        "month": found.month,
        "cap": None if found.cap_micros is None else to_usd(found.cap_micros),
        "own": found.own,
        "committed": to_usd(found.committed_micros),
        "left": None if found.left_micros is None else to_usd(found.left_micros),
    }


def _budget_line(found: MonthBudget) -> str:
    cap = "without limit" if found.cap_micros is None else f"of {to_usd(found.cap_micros)} USD"
    default = "" if found.own or found.cap_micros is None else " (the default)"
    return f"{found.user_id}, {found.month}: {to_usd(found.committed_micros)} {cap}{default}"
