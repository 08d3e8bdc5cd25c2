"""Batches and schedules as people order them: checked as a whole, so that a refusal leaves nothing behind. The command
line and the API share this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookwright.contracts.batches import ALL_BOOKS, MOST_ITEMS, BookItem, Item, OrderItem
from bookwright.contracts.errors import BadInput, NotFound
from bookwright.contracts.ids import OwnerId
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.ports.store import AssetStore
from bookwright.intake import Wishes, accept, check_tracks
from bookwright.store.batches.missing import books_lacking
from bookwright.store.batches.store import BatchFacts, BatchStore
from bookwright.store.books.shelf import Shelf
from bookwright.store.database.engine import Database


@dataclass(frozen=True)
class NewText:
    """A text that is to become a book."""

    text: str
    wishes: Wishes


class BatchOrders:
    """Takes batches in."""

    def __init__(
        self,
        database: Database,
        assets: AssetStore,
        batches: BatchStore,
        engine: SpeechEngine,
        lacking: Mapping[Track, str],
    ) -> None:
        self._database = database
        self._shelf = Shelf(database)
        self._assets = assets
        self._batches = batches
        self._engine = engine
        self._lacking = lacking

    async def take(self, owner: OwnerId, name: str, items: Sequence[BookItem | NewText], at_once: int) -> BatchFacts:
        """Take a batch in; a worker starts it. Raises BadInput naming the item, such as `items.2.book`."""
        checked: list[Item] = []
        texts: list[bytes] = []
        for number, item in enumerate(items):
            if isinstance(item, NewText):
                data = item.text.encode()
                checked.append(self._new(owner, item, data, number))
                texts.append(data)
            elif item.book == ALL_BOOKS:
                await self.check(owner, [item], number)
                books = await books_lacking(self._database, owner, item.kind, MOST_ITEMS)
                checked += [BookItem(kind=item.kind, book=book) for book in books]
            else:
                await self.check(owner, [item], number)
                checked.append(item)
        if not checked:
            raise BadInput("items: no book lacks this", field="items")
        if len(checked) > MOST_ITEMS:
            raise BadInput(f"items: more than {MOST_ITEMS} books: order them in several batches", field="items")
        for data in texts:
            await self._assets.put(data, "text/plain")
        return await self._batches.batch(owner, await self._batches.create(owner, name, checked, at_once))

    async def check(self, owner: OwnerId, items: Sequence[BookItem], first: int = 0) -> None:
        """Raise BadInput for an item that names no book of the owner, or what nobody here can make."""
        for number, item in enumerate(items, first):
            if item.kind == "soundscapes":
                try:
                    check_tracks((Track.SOUNDSCAPE,), self._lacking)
                except BadInput as error:
                    raise BadInput(str(error), field=f"items.{number}.kind") from None
            if item.book != ALL_BOOKS:
                try:
                    await self._shelf.book(owner, item.book)
                except NotFound:
                    raise BadInput("there is no such book", field=f"items.{number}.book") from None

    def _new(self, owner: OwnerId, item: NewText, data: bytes, number: int) -> OrderItem:
        try:
            check_tracks(item.wishes.tracks, self._lacking)
            accepted = accept(data, "text.md", item.wishes, self._engine, owner)
        except BadInput as error:
            raise BadInput(str(error), field=f"items.{number}.{error.field}") from None
        return OrderItem(order=accepted.order, fingerprint=accepted.fingerprint)
