"""How a story's pages are shared out over its chapters, before anything of it is written."""

from collections.abc import Sequence

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.stories import Brief, Notes, StoryKind
from bookwright.text.stories.life import LIFE_STAGES

CHAPTER_PAGES = 8
"""The most that one call writes: the longer an answer, the further its pages are from the length they should have."""
SCENES_AT_ONCE = 20
"""Search-and-find scenes that one call writes: each has a few lines only."""


class Part(Payload):
    """A chapter that is to be written."""

    number: int = Field(ge=1)
    first_page: int = Field(ge=1)
    pages: int = Field(ge=1)
    stages: tuple[str, ...] = ()
    """Those of a life that it tells (`LifeStage.key`); none of any other story."""


def parts_of(source: Brief | Notes) -> tuple[Part, ...]:
    """The chapters of a story that is told, of nearly the same length; of a life story in its seven stages, each in as
    many chapters as it needs, or several in one when there are fewer pages than stages."""
    if isinstance(source, Notes) and source.story_kind is StoryKind.LIFE:
        return _life(source.pages)
    return _numbered([(count, ()) for count in even(source.pages, -(-source.pages // CHAPTER_PAGES))])


def even(total: int, shares: int) -> list[int]:
    """`total` in so many shares, none of which is more than one larger than another."""
    return [total // shares + (place < total % shares) for place in range(shares)]


def _life(pages: int) -> tuple[Part, ...]:
    keys = [stage.key for stage in LIFE_STAGES]
    if pages < len(keys):
        shares = even(len(keys), pages)
        starts = [sum(shares[:place]) for place in range(pages)]
        grouped = [tuple(keys[start : start + share]) for start, share in zip(starts, shares, strict=True)]
        return _numbered([(1, stages) for stages in grouped])
    parts = []
    for stage, count in zip(LIFE_STAGES, _weighted(pages, [stage.weight for stage in LIFE_STAGES]), strict=True):
        parts += [(share, (stage.key,)) for share in even(count, -(-count // CHAPTER_PAGES))]
    return _numbered(parts)


def _weighted(total: int, weights: Sequence[float]) -> list[int]:
    """Whole shares by weight, at least one each, by largest remainder."""
    left = total - len(weights)
    exact = [left * weight / sum(weights) for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda place: (shares[place] - exact[place], place))
    for place in by_remainder[: left - sum(shares)]:
        shares[place] += 1
    return [share + 1 for share in shares]


def _numbered(shares: Sequence[tuple[int, tuple[str, ...]]]) -> tuple[Part, ...]:
    parts, page = [], 1
    for number, (count, stages) in enumerate(shares, start=1):
        parts.append(Part(number=number, first_page=page, pages=count, stages=stages))
        page += count
    return tuple(parts)
