"""What passages are found by"""

import logging
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa
from alembic import op

from bookwright.store.migrations.row_security import APP, guard
from bookwright.text.searching import indexed

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

DIMENSIONS = (384, 768, 1536, 3072)
"""Of vectors that have an index; others are compared one by one."""
_OLDEST = (0, 8)
"""The pgvector that goes on looking when a filter leaves too little."""
_AT_ONCE = 1_000
_LOG = logging.getLogger("bookwright.store")


def upgrade() -> None:
    op.create_table(
        "passage_index",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id", "number"],
            ["passages.owner_id", "passages.book_id", "passages.number"],
            name=op.f("fk_passage_index_owner_id_book_id_number_passages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_index")),
        sa.UniqueConstraint("owner_id", "book_id", "number", name=op.f("uq_passage_index_owner_id_book_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "searchable_books",
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("book_id", sa.String(64), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "book_id"],
            ["audiobooks.owner_id", "audiobooks.book_id"],
            name=op.f("fk_searchable_books_owner_id_book_id_audiobooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "book_id", name=op.f("pk_searchable_books")),
    )
    if op.get_context().dialect.name == "sqlite":
        _full_text_of_sqlite()
        _fill(False)
        return
    guard("passage_index", sequence="passage_index_id_seq")
    guard("searchable_books")
    op.execute(
        "ALTER TABLE passage_index ADD COLUMN lexemes tsvector"
        " GENERATED ALWAYS AS (array_to_tsvector(string_to_array(terms, ' '))) STORED"
    )
    vectors = _pgvector()
    if vectors:
        op.execute("ALTER TABLE passage_index ADD COLUMN embedding halfvec, ADD COLUMN embedding_model varchar")
        op.execute("ALTER TABLE passage_index ALTER COLUMN embedding SET STORAGE MAIN")
    else:
        _LOG.warning(
            "PostgreSQL has no pgvector 0.8 or newer here: vectors are compared one by one, in the API's memory. To"
            " have them indexed, install it, CREATE EXTENSION vector as a superuser, and see docs/ingestion.md."
        )
    _fill(vectors)
    op.execute("CREATE INDEX ix_passage_index_words ON passage_index USING gin (lexemes) WITH (fastupdate = off)")
    for size in DIMENSIONS if vectors else ():
        op.execute(
            f"CREATE INDEX ix_passage_index_{size} ON passage_index"
            f" USING hnsw ((embedding::halfvec({size})) halfvec_cosine_ops) WHERE vector_dims(embedding) = {size}"
        )
    # Public audiobooks are found by everybody, with the text of what was found. Books, pages and sounds stay closed.
    op.execute(f"CREATE POLICY everybody ON audiobooks FOR SELECT TO {APP} USING (is_public)")
    op.execute(
        f"CREATE POLICY everybody ON passages FOR SELECT TO {APP} USING (EXISTS (SELECT 1 FROM audiobooks"  # noqa: S608 - constants of ours
        " WHERE audiobooks.owner_id = passages.owner_id AND audiobooks.book_id = passages.book_id AND is_public))"
    )


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE passage_fts")
    else:
        op.execute("DROP POLICY everybody ON passages")
        op.execute("DROP POLICY everybody ON audiobooks")
    op.drop_table("searchable_books")
    op.drop_table("passage_index")


def _full_text_of_sqlite() -> None:
    """The terms are parted already: accents and marks in them stay, and a term is a word. Triggers, since a book's
    deletion reaches the terms through foreign keys."""
    op.execute(
        "CREATE VIRTUAL TABLE passage_fts USING fts5(terms, content='passage_index', content_rowid='id',"
        " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'\")"
    )
    add = "INSERT INTO passage_fts (rowid, terms) VALUES (new.id, new.terms);"
    drop = "INSERT INTO passage_fts (passage_fts, rowid, terms) VALUES ('delete', old.id, old.terms);"
    for event, work in (("INSERT", add), ("DELETE", drop), ("UPDATE OF id, terms", drop + add)):
        name = f"passage_fts_{event[:6].lower()}"
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON passage_index BEGIN {work} END")


def _pgvector() -> bool:
    """Whether pgvector is there, or could be created: that needs a superuser unless the server trusts it."""
    connection = op.get_bind()
    version = "SELECT {} FROM {} WHERE {} = 'vector'"
    found = connection.exec_driver_sql(version.format("extversion", "pg_extension", "extname")).scalar()
    if found is None:
        offered = version.format("default_version", "pg_available_extensions", "name")
        found = connection.exec_driver_sql(offered).scalar()
        if found is None:
            return False
        try:
            with connection.begin_nested():
                connection.exec_driver_sql("CREATE EXTENSION vector")
        except sa.exc.DBAPIError:
            return False
    return tuple(int(part) for part in str(found).split(".")[:2]) >= _OLDEST


def _fill(vectors: bool) -> None:
    """Index the passages that there are, which the login itself does not see."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL ROLE bookwright_service")
    table = sa.table("passages", *map(sa.column, ("owner_id", "book_id", "number", "text", "vector", "model")))
    keys = (table.c.owner_id, table.c.book_id, table.c.number)
    last: Sequence[object] = ("", "", 0)
    while True:
        after = sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, last))
        rows = connection.execute(sa.select(table).where(after).order_by(*keys).limit(_AT_ONCE)).all()
        if not rows:
            break
        last = rows[-1][:3]
        add = "INSERT INTO passage_index (owner_id, book_id, number, terms) VALUES (:owner, :book, :number, :terms)"
        about = [{"owner": row.owner_id, "book": row.book_id, "number": row.number} for row in rows]
        terms = [{**key, "terms": indexed(row.text)} for key, row in zip(about, rows, strict=True)]
        connection.execute(sa.text(add), terms)
        told = [
            {**key, "model": row.model, "vector": str(np.frombuffer(row.vector, "<f4").tolist())}
            for key, row in zip(about, rows, strict=True)
            if row.vector is not None
        ]
        if vectors and told:
            put = "UPDATE passage_index SET embedding = CAST(:vector AS halfvec), embedding_model = :model"
            which = "owner_id = :owner AND book_id = :book AND number = :number"
            connection.execute(sa.text(f"{put} WHERE {which}"), told)
    connection.exec_driver_sql(
        "INSERT INTO searchable_books (owner_id, book_id, passages, version)"
        " SELECT owner_id, book_id, count(*), 1 FROM passages GROUP BY owner_id, book_id"
    )
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("RESET ROLE")
