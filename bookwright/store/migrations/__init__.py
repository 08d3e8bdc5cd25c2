"""Alembic migrations; `bookwright.store.migrate` runs them."""
