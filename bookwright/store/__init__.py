"""The store: jobs, books, the ledger and assets, on SQLite or PostgreSQL."""

from bookwright.store.assets import LocalAssets
from bookwright.store.blobs import AssetRows
from bookwright.store.books import BookStore
from bookwright.store.engine import SERVICE, Database
from bookwright.store.jobs import ClaimedJob, JobEvent, JobProgress, JobRow, JobStore
from bookwright.store.ledger import LedgerStore
from bookwright.store.migrate import migrate

__all__ = [
    "SERVICE",
    "AssetRows",
    "BookStore",
    "ClaimedJob",
    "Database",
    "JobEvent",
    "JobProgress",
    "JobRow",
    "JobStore",
    "LedgerStore",
    "LocalAssets",
    "migrate",
]
