"""Statements that are written alike for both databases."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def named(table: sa.Table, id_or_number: str) -> "sa.ColumnElement[bool]":
    """The row that people mean: by its `number` when that is what they typed, else by its `id`."""
    if id_or_number.isascii() and id_or_number.isdigit() and len(id_or_number) < 10:
        return table.c.number == int(id_or_number)
    return table.c.id == id_or_number


def among(connection: sa.Connection, column: "sa.ColumnElement[int]", numbers: Sequence[int]) -> Any:
    """Whether a column is one of these numbers. One array is one parameter, which PostgreSQL's driver passes on much
    faster than a hundred; SQLite has no arrays."""
    if connection.dialect.name == "sqlite":
        return column.in_(numbers)
    return column == sa.any_(sa.bindparam(None, list(numbers), type_=postgresql.ARRAY(sa.BigInteger)))


def any_of(column: "sa.ColumnElement[str]", values: Sequence[str]) -> "sa.ColumnElement[bool]":
    """Whether a column is one of a few values that never change. `in_` writes its list anew at each execution."""
    return sa.or_(*(column == value for value in values))


def insert(connection: sa.Connection, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    """An insert that can say what to do about a conflict."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    """The same, for a statement that is built once for each database."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_missing(connection: sa.Connection, table: sa.Table, *rows: dict[str, Any]) -> None:
    """Insert rows, leaving alone those that are there already."""
    if rows:
        connection.execute(insert(connection, table).on_conflict_do_nothing(), list(rows))


def values(table: sa.Table, *names: str) -> dict[str, sa.BindParameter[Any]]:
    """A parameter for each of the columns, named like it with a `p_` before it."""
    return {name: sa.bindparam(f"p_{name}", type_=table.c[name].type) for name in names}


def seconds_since(
    dialect: str, moment: "sa.ColumnElement[Any]", start: "sa.ColumnElement[Any]"
) -> "sa.ColumnElement[float]":
    """How many seconds a point in time is after another, to about a tenth of a millisecond."""
    if dialect == "sqlite":
        return (sa.func.julianday(moment) - sa.func.julianday(start)) * sa.literal_column("86400.0")
    return sa.cast(sa.extract("epoch", moment - start), sa.Float)
