"""Orders for a story that is yet to be written: from a brief about somebody, or from somebody's notes."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, field_validator

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import SHORT
from bookwright.contracts.ids import AssetId

WORDS_PER_PAGE = 250
"""Of a story from notes; a page may have 15% more or fewer."""
MOST_PAGES = 200
_AGES = re.compile(r"^(\d{1,2})-(\d{1,2})$")


class BriefKind(StrEnum):
    """The personalised books there are."""

    INTERACTIVE_SEARCH = "interactive_search"
    """Busy scenes with things to find in them, and the answers at the end."""
    STORY_ADVENTURE = "story_adventure"

    @property
    def scenes_at_once(self) -> int:
        """Pictures that one job has in the making at the same time."""
        return 2 if self is BriefKind.INTERACTIVE_SEARCH else 5


class StoryKind(StrEnum):
    """What notes are made into."""

    LIFE = "life"
    CREATIVE = "creative"


class Ages(Payload):
    """The readers' ages in years."""

    youngest: int = Field(ge=0, le=99)
    oldest: int = Field(ge=0, le=99)

    @classmethod
    def parse(cls, text: str) -> "Ages":
        """`7-10` as ages. Raises ValueError, which says what to give."""
        found = _AGES.match(text)
        if not found or not int(found[1]) <= int(found[2]):
            raise ValueError("give two ages, the younger first, such as 7-10")
        return cls(youngest=int(found[1]), oldest=int(found[2]))


class Brief(Payload):
    """A book about a named character, for readers of an age."""

    kind: Literal["brief"] = "brief"
    job_type: BriefKind
    character_name: str = Field(min_length=1, max_length=80)
    character_type: str = Field(min_length=1, max_length=80)
    special_ability: str = Field(min_length=1, max_length=200)
    age_group: str = Field(max_length=5)
    story_world: str = Field(min_length=1, max_length=200)
    adventure_type: str = Field(min_length=1, max_length=200)
    occasion_theme: str | None = Field(default=None, max_length=200)
    character_image: AssetId | None = None
    """A picture of the character, fetched before the order was accepted or by the job."""
    character_image_url: str | None = Field(default=None, max_length=2_000)
    pages: int = Field(default=24, ge=4, le=40)

    @field_validator("age_group")
    @classmethod
    def _are_ages(cls, given: str) -> str:
        Ages.parse(given)
        return given

    @property
    def ages(self) -> Ages:
        return Ages.parse(self.age_group)

    @property
    def is_search(self) -> bool:
        """Whether it is for a search-and-find book, which has no plot."""
        return self.job_type is BriefKind.INTERACTIVE_SEARCH


class Notes(Payload):
    """Raw notes that a story is to be made of."""

    kind: Literal["notes"] = "notes"
    story_kind: StoryKind
    content: AssetId
    """The notes as UTF-8 text."""
    pages: int = Field(ge=1, le=MOST_PAGES)
    tone: str = Field(default="warm", min_length=1, max_length=200)
    audience: str = Field(default="adults", min_length=1, max_length=200)
    improve_grammar: bool = False


def read_story(config: bytes) -> Brief | Notes:
    """What a story was ordered as, from its JSON."""
    return _STORY.validate_json(config)


_STORY: TypeAdapter[Brief | Notes] = TypeAdapter(Annotated[Brief | Notes, Field(discriminator="kind")])


class PageRewrite(Payload):
    """A page whose text is to be written anew, once: it is left as it is when it is at another version by now."""

    page: int = Field(ge=1)
    version: int = Field(ge=1)


class Thing(Payload):
    """Something to be found in a picture."""

    name: str = Field(min_length=1, max_length=SHORT)
    """In English, as engines are asked for it."""
    shown: str = Field(min_length=1, max_length=SHORT)
    """In the book's language: a paragraph of its own in the list on the page (`text.search`)."""


class SearchScene(Payload):
    """A page whose picture has things to be found in it."""

    page: int = Field(ge=1)
    things: tuple[Thing, ...] = Field(min_length=1, max_length=20)


class SearchScenes(Payload):
    """What a search-and-find book has its readers look for."""

    scenes: tuple[SearchScene, ...] = Field(min_length=1)
    answers: tuple[int, ...] = Field(min_length=1)
    """The book's last pages, whose pictures show where the things are."""

    def of(self, page: int) -> tuple[Thing, ...]:
        """What is to be found on a page; nothing when it is no scene."""
        return next((scene.things for scene in self.scenes if scene.page == page), ())

    def on(self, answer: int) -> tuple[SearchScene, ...]:
        """The scenes that an answer page shows: an equal share each, in their order."""
        place = self.answers.index(answer)
        count, pages = len(self.scenes), len(self.answers)
        return self.scenes[place * count // pages : (place + 1) * count // pages]
