"""Which soundscape each scene of a book has: one that is there and serves, or a new one. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from bookwright.contracts.book import TrackState
from bookwright.contracts.ids import BookId
from bookwright.contracts.scenes import PlannedScene, Scene, Soundscape
from bookwright.text.scenes import serving


class Wanted(NamedTuple):
    """A scene that is to have a sound."""

    scene: Scene
    take: int
    """The highest that its pages are at: a page whose sound was to be redone wants no older one."""
    heard: bool
    """Whether all its pages have a sound."""


def plan_sounds(
    wanted: Sequence[Wanted], own: Sequence[Soundscape], others: Sequence[Soundscape], book: BookId
) -> list[PlannedScene]:
    """The scenes with their soundscapes, in order. Each gets the one of the book's own that serves it best, planned
    ones and those that failed before included; else a copy of one of the `others`; else a new one, which serves later
    scenes, too. A scene whose pages have a sound from a time before scenes keeps it."""
    there = list(own)
    planned = []
    for scene, take, heard in wanted:
        able = [one for one in there if one.take >= take]
        found = serving(scene.sketch, [one.sketch for one in able])
        if found is not None:
            planned.append(PlannedScene(scene=scene, soundscape=able[found].number))
            continue
        if heard:
            planned.append(PlannedScene(scene=scene))
            continue
        like = None if take else serving(scene.sketch, [one.sketch for one in others])
        number = max((one.number for one in there), default=0) + 1
        new = Soundscape(
            book_id=book, number=number, state=TrackState.PENDING, take=take, sketch=scene.sketch, prompt=scene.prompt
        )
        there.append(new if like is None else new.model_copy(update={"sketch": others[like].sketch}))
        planned.append(
            PlannedScene(scene=scene, soundscape=number, take=take, like=None if like is None else others[like])
        )
    return planned
