"""What reviewers change before they approve: the book's title, pages' texts, the character sheet. It is written to the
store before the job is told to go on, so that it is applied once, whenever that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from bookwright.contracts.characters import CharacterSheet
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import AssetId, BookId, OwnerId
from bookwright.contracts.ports.store import AssetStore
from bookwright.contracts.ports.writings import Part, Writing
from bookwright.contracts.stories import Brief, read_story
from bookwright.store.books.versions import PageVersions
from bookwright.store.stories.store import WritingStore
from bookwright.text.policy import judge
from bookwright.text.stories.characters import with_edits


@dataclass(frozen=True)
class Edits:
    """What is to be changed."""

    title: str | None = None
    texts: Mapping[int, str] = field(default_factory=dict)
    """By the page."""
    sheet: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Fields of characters, by their name."""

    def __bool__(self) -> bool:
        return bool(self.title or self.texts or self.sheet)


class Reviewing:
    """Applies edits. Safe to repeat."""

    def __init__(self, versions: PageVersions, writings: WritingStore, assets: AssetStore) -> None:
        self._versions = versions
        self._writings = writings
        self._assets = assets

    async def apply(self, owner: OwnerId, book: BookId, edits: Edits, language: str) -> None:
        """Change title, pages and sheet; nothing of it when any of it can't be. Raises BadInput naming the field, also
        for a text that is not for the book's readers, and NotFound, Stale or Conflict as editing pages does."""
        parts = await self._writings.parts(owner, book)
        await self._check_fit(parts, edits, language)
        sheet = await self._sheet(parts, edits) if edits.sheet else None
        if edits.title is not None:
            await self._writings.check_title(owner, book)
        if edits.texts:
            await self._versions.edit(owner, book, edits.texts)
        if edits.title is not None:
            await self._writings.rename(owner, book, " ".join(edits.title.split()))
        if sheet is not None:
            await self._writings.keep(owner, book, Writing(part=Part.SHEET, asset=sheet))

    async def _sheet(self, parts: Mapping[str, Writing], edits: Edits) -> AssetId:
        if Part.SHEET not in parts:
            raise BadInput("sheet: this book has no character sheet", field="sheet")
        sheet = CharacterSheet.model_validate_json(await self._assets.get(parts[Part.SHEET].asset))
        try:
            changed = with_edits(sheet, edits.sheet)
        except ValidationError:
            raise BadInput("sheet: a field is empty, too long or not of its kind", field="sheet") from None
        except ValueError as error:
            raise BadInput(str(error), field="sheet") from None
        return await self._assets.put(changed.model_dump_json().encode(), "application/json")

    async def _check_fit(self, parts: Mapping[str, Writing], edits: Edits, language: str) -> None:
        """Hold what was written by hand against the same rules as an order."""
        if Part.CONFIG not in parts:
            return
        source = read_story(await self._assets.get(parts[Part.CONFIG].asset))
        age = source.ages.youngest if isinstance(source, Brief) else None
        given = {"title": edits.title or "", "sheet": "\n".join(map(str, edits.sheet.values()))}
        given["edits"] = "\n\n".join(edits.texts.values())
        for name, text in given.items():
            if against := judge(text, language, age):
                found = ", ".join(against).replace("_", " ")
                raise BadInput(f"{name}: this is not for the book's readers ({found})", field=name)
