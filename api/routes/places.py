"""Where a reader is in a book: said by each of their devices, and the newest counts."""

from datetime import UTC, datetime

from fastapi import APIRouter

from api.deps import TheBackend, TheBook, TheCaller
from api.schemas.problems import Problem
from api.schemas.sharing import PlaceAnswer, PlaceOrder
from bookwright.store.books.places import ReadingPlace, ReadingPlaces

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nobody was in a book before; also, databases don't take every year."""
router = APIRouter(prefix="/api/books/{book}/place", tags=["books"], responses={404: {"model": Problem}})


@router.get("", operation_id="getPlace")
async def place(book: TheBook, backend: TheBackend, caller: TheCaller) -> PlaceAnswer:
    """Where the caller is in the book, on whatever device."""
    return _answer(await ReadingPlaces(backend.database).place(caller.owner, book.book_id))


@router.put("", operation_id="keepPlace")
async def keep(order: PlaceOrder, book: TheBook, backend: TheBackend, caller: TheCaller) -> PlaceAnswer:
    """Say where the caller is, or was while the device had no connection. Of all that was said the newest counts, and
    is answered."""
    at = max(_FIRST, min(order.at, datetime.now(UTC)))
    wanted = ReadingPlace(page=min(order.page, max(book.pages, 1)), ms=order.ms, at=at)
    return _answer(await ReadingPlaces(backend.database).keep(caller.owner, book.book_id, wanted))


def _answer(place: ReadingPlace | None) -> PlaceAnswer:
    return PlaceAnswer(page=place.page, ms=place.ms, at=place.at) if place else PlaceAnswer()
