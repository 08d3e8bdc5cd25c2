"""How well found scenes agree with labelled ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookwright.contracts.spreads import SpreadAnalysis
from bookwright.text.scenes import find_scenes
from tests.support.labelled import LabelledBook


@dataclass(frozen=True)
class Boundaries:
    """Boundaries between scenes: those that were found, those found that are none, and those that were not found. That
    a book begins with a scene is no boundary."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Boundaries") -> "Boundaries":
        return Boundaries(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def boundaries(book: LabelledBook, analyses: Sequence[SpreadAnalysis], *, within: int = 0) -> Boundaries:
    """Those of a book; `within` so many spreads of a labelled one, one is right."""
    place = {analysis.pages: index for index, analysis in enumerate(analyses)}
    found = {place[scene[0].pages] for scene in find_scenes(analyses, ended=True)} - {0}
    wanted = [index for index, spread in enumerate(book.spreads) if spread.begins and index]
    left, right = set(found), 0
    for index in wanted:
        if near := [one for one in left if abs(one - index) <= within]:
            left.remove(min(near, key=lambda one: abs(one - index)))
            right += 1
    return Boundaries(right, len(left), len(wanted) - right)
