"""What counts a worker's units and calls, when somebody wants to know."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bookwright.contracts.errors import Misconfigured
from bookwright.settings import Settings
from bookwright.store import Assets, BookStore, Database, LedgerStore

if TYPE_CHECKING:
    from bookwright.telemetry.metrics import WorkerMeter


def open_meter(settings: Settings, stack: AsyncExitStack) -> "WorkerMeter | None":
    """What counts this process's work, served for as long as `stack` is open; None when nobody wants to know."""
    if not settings.metrics_port:
        return None
    from bookwright.telemetry.metrics import WorkerMeter, registry, serve_metrics

    metrics = registry()
    try:
        stack.callback(serve_metrics(metrics, settings.metrics_host, settings.metrics_port))
    except OSError as error:
        raise Misconfigured(f"BOOKWRIGHT_METRICS_PORT: {settings.metrics_port} can't be had") from error
    return WorkerMeter(metrics)


def open_stores(
    settings: Settings, database: Database, assets: Assets, meter: "WorkerMeter | None"
) -> tuple[BookStore, LedgerStore]:
    """The stores of books and calls, which count for `meter` when there is one."""
    budget = settings.month_budget_micros
    if meter is None:
        return BookStore(database, assets), LedgerStore(database, assets, month_budget=budget)
    from bookwright.telemetry.counting import CountedBooks, CountedLedger

    return CountedBooks(database, assets, meter), CountedLedger(database, assets, meter, budget)
