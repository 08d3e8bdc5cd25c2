"""Alembic's environment: over the connection that `migrate` holds, or for `alembic` on DATABASE_URL."""

import os

import sqlalchemy as sa
from alembic import context

from bookwright.store.engine import database_url
from bookwright.store.tables import METADATA


def run(connection: sa.Connection) -> None:
    """Migrate in one transaction: a revision is there as a whole, or not at all."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
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
