"""Whom and what a book's pictures are to show: its character sheet, and the things to be found in its scenes."""

from typing import NamedTuple

from activities.analyses import Analyses
from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.errors import Permanent
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.store import AssetStore, Books
from bookwright.contracts.spreads import PictureIdea, SpreadAnalysis
from bookwright.contracts.stories import SearchScenes, Thing
from bookwright.text.pictures import cast_of


class Subject(NamedTuple):
    """What a page's picture is to show."""

    analysis: SpreadAnalysis
    idea: PictureIdea
    sheet: CharacterSheet | None
    things: tuple[Thing, ...]

    @property
    def cast(self) -> tuple[Character, ...]:
        """Those of the sheet who are to be in it."""
        return cast_of(self.sheet, self.analysis, self.idea)


class Subjects:
    """Finds out what pages' pictures are to show."""

    def __init__(self, books: Books, assets: AssetStore) -> None:
        self._assets = assets
        self._analyses = Analyses(books, assets)

    async def of(self, context: BookContext, page: int) -> Subject:
        """What this page's picture shows. Raises Permanent when that is not known."""
        analysis = (await self._analyses.of(context, page, page)).get(page)
        if analysis is None:
            raise Permanent("what it shows is not known: its text could not be analysed")
        idea = next(picture for picture in analysis.pictures if picture.page == page)
        sheet = None
        if context.sheet:
            sheet = CharacterSheet.model_validate_json(await self._assets.get(context.sheet))
        scenes = await self.scenes(context)
        return Subject(analysis, idea, sheet, scenes.of(page) if scenes else ())

    async def scenes(self, context: BookContext) -> SearchScenes | None:
        """The scenes of a search-and-find book."""
        if context.search is None:
            return None
        return SearchScenes.model_validate_json(await self._assets.get(context.search))
