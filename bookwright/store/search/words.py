"""Full text: the passages with all words of a query, best first, and after them those with some."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bookwright.contracts.ids import OwnerId

RANKED = 500
"""Of the passages with a query's words so many are ranked: words that are everywhere say little, and ranking a hundred
thousand takes longer than anybody waits."""
VISIBLE = (
    "(i.owner_id = :owner OR (i.owner_id, i.book_id) IN (SELECT owner_id, book_id FROM audiobooks WHERE is_public))"
)
"""Whose passages of `passage_index i` the searcher may see."""
_SQLITE = sa.text(
    "SELECT id FROM (SELECT i.id AS id, bm25(passage_fts) AS score FROM passage_fts CROSS JOIN passage_index i"  # noqa: S608 - constants of ours
    f" ON i.id = passage_fts.rowid WHERE passage_fts MATCH :query AND {VISIBLE} LIMIT :ranked)"
    " ORDER BY score, id LIMIT :most"
)
_POSTGRESQL = sa.text(
    "SELECT id FROM (SELECT i.id, ts_rank(i.lexemes, CAST(:query AS tsquery), 1) AS score FROM passage_index i"  # noqa: S608 - constants of ours
    f" WHERE i.lexemes @@ CAST(:query AS tsquery) AND {VISIBLE} LIMIT :ranked) AS found"
    " ORDER BY score DESC, id LIMIT :most"
)


def by_words(connection: sa.Connection, owner: OwnerId, terms: Sequence[str], most: int) -> list[int]:
    """The ids of `passage_index`, best first. Needs a connection that sees all rows: row-level security would keep
    PostgreSQL from using its index, so the statement itself says whose passages they are to be."""
    if not terms:
        return []
    found = _found(connection, owner, terms, most, every=True)
    if len(found) < most and len(terms) > 1:
        some = _found(connection, owner, terms, most, every=False)
        found = list(dict.fromkeys([*found, *some]))[:most]
    return found


def _found(connection: sa.Connection, owner: OwnerId, terms: Sequence[str], most: int, *, every: bool) -> list[int]:
    values: dict[str, Any] = {"owner": owner, "ranked": RANKED, "most": most}
    if connection.dialect.name == "sqlite":
        query = (" AND " if every else " OR ").join(f'"{term}"' for term in terms)
        return list(connection.execute(_SQLITE, {**values, "query": query}).scalars())
    query = (" & " if every else " | ").join(f"'{term}'" for term in terms)
    return list(connection.execute(_POSTGRESQL, {**values, "query": query}).scalars())
