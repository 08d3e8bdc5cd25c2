"""Alembic's environment: over the connection that `migrate` holds, or for `alembic` on DATABASE_URL."""

import os
from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from bookwright.store.database.columns import Utc
from bookwright.store.database.engine import database_url
from bookwright.store.search.tables import OF_ONE_DATABASE
from bookwright.store.tables import METADATA


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our column types into new revisions as SQLAlchemy's own, so that old revisions stay as they are."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length or ''})"
    if kind == "type" and isinstance(item, Utc):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: sa.Connection) -> None:
    """Migrate in one transaction: a revision is there as a whole, or not at all."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        include_name=lambda name, _kind, _parents: name not in OF_ONE_DATABASE,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    address = database_url(os.environ["DATABASE_URL"])
    driver = "sqlite+pysqlite" if address.drivername == "sqlite" else "postgresql+psycopg"
    with sa.create_engine(address.set(drivername=driver)).connect() as opened:
        run(opened)
        opened.commit()
