"""Who a book is about: what is the same on each of its pages and in each of its pictures."""

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import LONG, SHORT, Figure
from bookwright.contracts.ids import AssetId


class Character(Payload):
    """One of them."""

    name: str = Field(min_length=1, max_length=SHORT)
    kind: str = Field(min_length=1, max_length=SHORT)
    """What they are: `dragon`, `girl`, `old man`; in English."""
    looks: str = Field(min_length=1, max_length=LONG)
    """Build, face, hair or skin, clothes, one thing they are known by; in English."""
    voice: str = Field(default="", max_length=SHORT)
    """How they sound: `young, bright, quick`; in English."""
    habits: tuple[str, ...] = Field(default=(), max_length=6)
    palette: tuple[str, ...] = Field(default=(), max_length=6)
    """Their colours, the main one first, as `#rrggbb`."""

    @property
    def figure(self) -> Figure:
        """As a picture shows them."""
        colours = tuple(colour for colour in self.palette if colour)
        return Figure(name=self.name, kind=self.kind, looks=self.looks, palette=colours)


class CharacterSheet(Payload):
    """Everybody who is to look and sound the same throughout a book; whom it is about comes first."""

    characters: tuple[Character, ...] = Field(min_length=1, max_length=12)
    reference: AssetId | None = None
    """A picture of whom it is about, as it was handed in or drawn first."""

    @property
    def hero(self) -> Character:
        return self.characters[0]
