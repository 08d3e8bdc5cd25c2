"""Pages' sounds and pictures that are delivered from elsewhere."""

from bookwright.contracts.aliases import page_audio, page_image
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.ports.publishing import Delivery
from bookwright.contracts.spreads import Plate
from bookwright.store.books.shelf import ShelfBook
from bookwright.store.publications import Publications


class Delivered:
    """Finds the addresses of what has been published."""

    def __init__(self, publications: Publications, delivery: Delivery) -> None:
        self._publications = publications
        self._delivery = delivery

    async def page_audio(self, owner: OwnerId, book: ShelfBook, number: int, heard: AssetId) -> str | None:
        """The address of the page's sound; None while what is there was not made from the segment `heard`."""
        name = page_audio(book.book_id, book.language, number)
        found = await self._publications.delivered(owner, name)
        return self._delivery.address(name, found.version) if found and found.made_from == heard else None

    async def page_image(self, owner: OwnerId, book: BookId, plate: Plate) -> str | None:
        """The address of a page's picture; None while what is there is another one."""
        name = page_image(book, plate.page, plate.media_type)
        found = await self._publications.delivered(owner, name)
        return self._delivery.address(name, found.version) if found and found.asset == plate.picture else None
