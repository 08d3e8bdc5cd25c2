"""Column types and helpers that the tables share."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# Named constraints: a later migration can then alter them on SQLite as well.


class Utc(sa.TypeDecorator[datetime]):
    """A point in time, always UTC and always aware. SQLite stores it without its offset, PostgreSQL with one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time in the store must say its zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A large generated id. SQLite generates ids for a column of the type INTEGER only."""


def utcnow() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def key(length: int = 64) -> Any:
    """A text column that is part of the primary key."""
    return Field(primary_key=True, max_length=length)


def moment(*, null: bool = False) -> Any:
    """A column that holds a point in time."""
    return Field(default=None, nullable=True, sa_type=Utc) if null else Field(sa_type=Utc, nullable=False)


def micros(*, null: bool = False) -> Any:
    """A column that holds money in millionths of a US dollar."""
    if null:
        return Field(default=None, nullable=True, sa_type=sa.BigInteger)
    return Field(default=0, nullable=False, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})


def owned(*columns: str, table: str, remote: tuple[str, ...], cascade: bool = False) -> sa.ForeignKeyConstraint:
    """A foreign key that carries the owner, so that no row can refer to another owner's."""
    return sa.ForeignKeyConstraint(
        ["owner_id", *columns],
        [f"{table}.owner_id", *(f"{table}.{name}" for name in remote)],
        ondelete="CASCADE" if cascade else None,
    )
