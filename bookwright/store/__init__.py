"""The store: jobs, books, the ledger and assets, on SQLite or PostgreSQL."""

from bookwright.store.assets import Assets, BucketAssets, BucketPlace, LocalAssets
from bookwright.store.blobs import AssetRows
from bookwright.store.books.store import BookStore
from bookwright.store.database.engine import SERVICE, Database
from bookwright.store.jobs.store import ClaimedJob, JobEvent, JobProgress, JobRow, JobStore
from bookwright.store.ledger.store import LedgerStore
from bookwright.store.limits.store import LimitStore
from bookwright.store.migrate import migrate

__all__ = [
    "SERVICE",
    "AssetRows",
    "Assets",
    "BookStore",
    "BucketAssets",
    "BucketPlace",
    "ClaimedJob",
    "Database",
    "JobEvent",
    "JobProgress",
    "JobRow",
    "JobStore",
    "LedgerStore",
    "LimitStore",
    "LocalAssets",
    "migrate",
]
