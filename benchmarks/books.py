"""Ordering a book without editions: a benchmark of narration should not measure encoders."""

from bookwright.contracts.ids import LOCAL_OWNER, OwnerId, new_book_id
from bookwright.contracts.orders import BookOrder, StoredText, TextFormat
from bookwright.store import JobRow
from tests.support.stack import Stack


async def order(stack: Stack, texts: list[str], per_chapter: int, *, owner: OwnerId = LOCAL_OWNER) -> JobRow:
    """Hand in a text of these pages; answers the queued job."""
    parts = []
    for number, text in enumerate(texts):
        if number % per_chapter == 0:
            parts.append(f"# Chapter {number // per_chapter + 1}")
        parts.append(f"##\n{text}")
    asset = await stack.assets.put("\n\n".join(parts).encode(), "text/plain")
    source = StoredText(asset=asset, format=TextFormat.MARKDOWN)
    return await stack.accept(
        BookOrder(book_id=new_book_id(), owner_id=owner, source=source, title="Bench", language="en", editions=())
    )
