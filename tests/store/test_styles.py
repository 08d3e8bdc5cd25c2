"""In which style a book's pictures are, and how many pages get one."""

from itertools import pairwise

from bookwright.contracts.book import TrackState
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import BookContext, BookOrder, ExistingBook, Track
from bookwright.contracts.ports.store import PageOutcome
from tests.store.conftest import ANNA, World, order

BOTH = (Track.NARRATION, Track.ILLUSTRATIONS)


def next_order(context: BookContext, **changes: object) -> BookOrder:
    fields = order(book=context.book_id, generation=2).model_dump()
    return BookOrder.model_validate(fields | {"source": ExistingBook(), "tracks": (Track.ILLUSTRATIONS,)} | changes)


async def left(world: World, context: BookContext, track: Track) -> list[int]:
    return [work.page.number for work in await world.books.begin_pages(context, track, 1, context.pages)]


async def illustrated(world: World) -> BookContext:
    context = await world.book(ANNA, "one", "two", "three", tracks=BOTH)
    asset = await world.assets.put(b"a plate", "application/json")
    for track in BOTH:
        outcome = PageOutcome(page=2, track=track, state=TrackState.COMPLETED, asset=asset)
        await world.books.page_outcome(context, outcome)
    return context


async def test_another_style_makes_all_pictures_anew_and_nothing_else(world: World) -> None:
    context = await illustrated(world)
    same = await world.books.load_plan(next_order(context), JobId(context.job_id))
    assert await left(world, same.context, Track.ILLUSTRATIONS) == [1, 3]
    other = next_order(context, style=PictureStyle.REALISTIC)
    for _ in range(2):  # what was begun in the new style is not begun again when this is repeated
        plan = await world.books.load_plan(other, JobId(context.job_id))
        assert plan.context.style is PictureStyle.REALISTIC
    assert await left(world, plan.context, Track.ILLUSTRATIONS) == [1, 2, 3]
    assert await left(world, plan.context, Track.NARRATION) == [1, 3]


async def test_pictures_are_spread_evenly_from_the_first_page_on(world: World) -> None:
    context = await illustrated(world)
    plan = await world.books.load_plan(next_order(context, pictures=2), JobId(context.job_id))
    assert [page for page in (1, 2, 3) if plan.context.is_pictured(page)] == [1, 2]
    for pages in range(1, 40):
        for pictures in range(1, pages + 3):
            book = plan.context.model_copy(update={"pages": pages, "pictures": pictures})
            found = [page for page in range(1, pages + 1) if book.is_pictured(page)]
            assert len(found) == min(pictures, pages) and found[0] == 1
            gaps = {after - before for before, after in pairwise(found)}
            assert len(gaps) < 3 and (not gaps or max(gaps) - min(gaps) <= 1)
