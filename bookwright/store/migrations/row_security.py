"""Row-level security on PostgreSQL, for use in revisions.

Two group roles without login own nothing, are no superusers and bypass nothing. The login that owns the tables takes
one of them on in each transaction (`bookwright.store.database.postgres`).
"""

from alembic import op

APP, SERVICE = "bookwright_app", "bookwright_service"


def create_roles() -> None:
    """Create the roles where they are missing (roles belong to the whole server) and let this login take them on."""
    for role in (APP, SERVICE):
        op.execute(
            f"""
            DO $$ BEGIN
                CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """
        )
        op.execute(
            f"""
            DO $$ BEGIN
                IF current_setting('server_version_num')::int >= 160000 THEN
                    IF NOT pg_has_role(current_user, '{role}', 'SET') THEN
                        EXECUTE 'GRANT {role} TO CURRENT_USER WITH SET TRUE, INHERIT FALSE';
                    END IF;
                ELSIF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
                    EXECUTE 'GRANT {role} TO CURRENT_USER';
                END IF;
            END $$
            """
        )
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")


def guard(table: str, *, sequence: str | None = None) -> None:
    """Force row-level security on a tenant table. Without an owner set, NULL and empty alike, no row is seen: nothing
    equals NULL. The sub-select makes the setting be read once for a statement instead of once for a row."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    mine = "owner_id = (SELECT nullif(current_setting('bookwright.owner', true), ''))"
    op.execute(f"CREATE POLICY owner ON {table} TO {APP} USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"CREATE POLICY service ON {table} TO {SERVICE} USING (true) WITH CHECK (true)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}, {SERVICE}")
    if sequence:
        op.execute(f"GRANT USAGE ON SEQUENCE {sequence} TO {APP}, {SERVICE}")


def guard_service(table: str) -> None:
    """Force row-level security on a table that belongs to no owner: only the service sees and writes it."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY service ON {table} TO {SERVICE} USING (true) WITH CHECK (true)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SERVICE}")
