"""The stage: where a picture's parts are drawn, and what they need to know of one another."""

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bookwright.contracts.depicting import Mood, TimeOfDay, Weather
from bookwright.providers.local.painting.light import Light
from bookwright.providers.local.painting.pen import Pen, Point, lines, number, smooth


@dataclass
class Stage:
    """A picture in the making. Its shorter side is some 1,000 units long; y grows downwards."""

    pen: Pen
    rng: random.Random
    width: float
    height: float
    light: Light
    time: TimeOfDay
    weather: Weather
    mood: Mood | None
    words: frozenset[str] = frozenset()
    """Words of the setting and the action, for scenes that look different inside and out."""
    horizon: float = 560
    floor: tuple[float, float] = (760, 940)
    """Where feet may stand: from the farthest line to the nearest."""
    afloat: bool = False
    """Whether figures hover, swim or fly instead of standing."""
    indoors: bool = False
    ground: str = "#7fae5a"
    """The colour that feet stand on."""
    sought: frozenset[str] = frozenset()
    """Things that are to be found, each of which is there once: scenery has no others of them."""
    front: list[Callable[[], None]] = field(default_factory=list)
    """What is drawn after the figures, before them."""

    def x(self, share: float) -> float:
        return self.width * share

    def y(self, share: float) -> float:
        return self.height * share

    def at(self, colour: str, depth: float = 0.0) -> str:
        return self.light.at(colour, depth)

    def ridge(self, base: float, height: float, rough: float = 0.0, steps: int = 14) -> list[Point]:
        """A hill's outline from left to right: slow waves, and as much roughness as mountains have."""
        waves = [(self.rng.uniform(0.5, 1) / n, n * self.rng.uniform(0.6, 1.1), self.rng.uniform(0, math.tau))
                 for n in (1, 2, 3)]  # fmt: skip
        points = []
        for step in range(-1, steps + 2):
            share = step / steps
            y = sum(size * math.sin(math.tau * speed * share + phase) for size, speed, phase in waves)
            points.append((self.width * share, base - height * (y / 2 + self.rng.uniform(-rough, rough))))
        return points

    def land(
        self, points: Sequence[Point], top: str, bottom: str, peaked: bool = False, down: float | None = None
    ) -> None:
        """Land from an outline down to the picture's lower edge, or as far down as is seen of it."""
        foot = self.height + 5 if down is None else max(y for _, y in points) + down
        outline = lines(points, closed=False) if peaked else smooth(points, closed=False)
        d = f"{outline}V{number(foot)}H{number(points[0][0])}Z"
        if self.pen.flat:
            self.pen.plain(d, top)
        else:
            self.pen.fall(d, top, bottom)
            if self.pen.artistic:
                self.pen.line(outline, self.at("#fffdf5", 0.5), 2.5, 0.22)

    def scatter(self, count: int, top: float, bottom: float) -> list[tuple[float, float, float]]:
        """Places between two lines, far ones first: x, y, and how near each is (0 to 1). They don't crowd: x runs
        through the width like the points of a low-discrepancy row."""
        start = self.rng.random()
        places = []
        for n in range(count):
            near = ((n + self.rng.random()) / count) ** 1.3
            x = (start + n * 0.618_034 + self.rng.uniform(-0.04, 0.04)) % 1
            places.append((self.width * x, top + (bottom - top) * near, near))
        return places


def height_at(points: Sequence[Point], x: float) -> float:
    """The height of an outline at x."""
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]
