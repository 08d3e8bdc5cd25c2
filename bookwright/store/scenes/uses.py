"""Which scenes use a sound that was bought for another one: usage rows, so that what was saved is shown and the answer
is kept as long as anybody uses it."""

from collections.abc import Sequence

import sqlalchemy as sa

from bookwright.contracts.ids import AssetId
from bookwright.contracts.orders import BookContext
from bookwright.store.database.statements import among, insert_missing
from bookwright.store.ledger.tables import provider_calls, usages
from bookwright.store.scenes.tables import page_scenes


def use_sound(connection: sa.Connection, context: BookContext, sound: AssetId, pages: Sequence[int]) -> None:
    """Write down that the scenes of these pages, which have the sound now, use the call that it was bought by. The
    scene that it was bought for has done so."""
    call = connection.execute(
        sa.select(sa.func.min(provider_calls.c.id)).where(
            provider_calls.c.owner_id == context.owner_id, provider_calls.c.asset == sound
        )
    ).scalar()
    if call is None or not pages:
        return
    firsts = connection.execute(
        sa.select(sa.func.min(page_scenes.c.page))
        .where(page_scenes.c.owner_id == context.owner_id, page_scenes.c.book_id == context.book_id)
        .where(among(connection, page_scenes.c.page, list(pages)))
        .group_by(page_scenes.c.scene)
    ).scalars()
    rows = [
        {
            "owner_id": context.owner_id,
            "call_id": call,
            "book_id": context.book_id,
            "unit": f"page/{page}/soundscape",
            "job_id": context.job_id,
            "reused": True,
        }
        for page in firsts
    ]
    insert_missing(connection, usages, *rows)
