"""The analyses that there are of a book's pages."""

from bookwright.contracts.orders import BookContext, Track
from bookwright.contracts.ports.store import AssetStore, Books
from bookwright.contracts.spreads import SpreadAnalysis


class Analyses:
    """Reads analyses."""

    def __init__(self, books: Books, assets: AssetStore) -> None:
        self._books = books
        self._assets = assets

    async def of(self, context: BookContext, first: int, last: int) -> dict[int, SpreadAnalysis]:
        """What the pages from `first` to `last` tell of, by their number; pages that were not analysed are left out."""
        found = await self._books.made(context.owner_id, context.book_id, Track.ANALYSIS, first, last)
        read = {
            asset: SpreadAnalysis.model_validate_json(await self._assets.get(asset)) for asset in set(found.values())
        }
        return {page: read[asset] for page, asset in found.items()}
