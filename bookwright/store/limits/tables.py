"""The tables of what all workers share of each provider. They belong to nobody: only the service sees them."""

from datetime import datetime
from typing import Any

from sqlmodel import SQLModel

from bookwright.store.database.columns import key, moment

WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


class ProviderLimitRow(SQLModel, table=True):
    """What a provider was found to bear. Nothing is written while it bears what is set."""

    __tablename__ = "provider_limits"
    __table_args__ = (WITHOUT_ROWID,)
    provider: str = key()
    allowed: int | None
    """Calls at once right after it refused one; it grows from there with time. None when it never did."""
    refused_at: datetime | None = moment(null=True)
    closed_until: datetime | None = moment(null=True)


class ProviderShareRow(SQLModel, table=True):
    """One process's lease of calls at once."""

    __tablename__ = "provider_shares"
    __table_args__ = (WITHOUT_ROWID,)
    provider: str = key()
    holder: str = key()
    share: int
    wanted: int
    expires_at: datetime = moment()


_TABLES = SQLModel.metadata.tables
provider_limits = _TABLES["provider_limits"]
provider_shares = _TABLES["provider_shares"]

LIMIT_TABLES = ("provider_limits", "provider_shares")
