"""One figure into the picture: grounded by its shadow, turned, at its size."""

from collections.abc import Callable

from bookwright.providers.local.painting.colour import lighter
from bookwright.providers.local.painting.figures.birds import bird
from bookwright.providers.local.painting.figures.horses import horse
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.people import person
from bookwright.providers.local.painting.figures.plush import plush
from bookwright.providers.local.painting.figures.poses import Pose
from bookwright.providers.local.painting.figures.small import bee, butterfly, ghost, robot, snail, snowman
from bookwright.providers.local.painting.figures.swimmers import crab, fish, octopus, star
from bookwright.providers.local.painting.pen import Pen, box, oval, smooth

_DRAWN: dict[str, Callable[[Pen, Looks, Pose], float]] = {
    "person": person,
    "plush": plush,
    "bird": bird,
    "horse": horse,
    "fish": fish,
    "octopus": octopus,
    "crab": crab,
    "star": star,
    "butterfly": butterfly,
    "bee": bee,
    "snail": snail,
    "ghost": ghost,
    "snowman": snowman,
    "robot": robot,
}
FLIERS = frozenset({"butterfly", "bee", "ghost", "star"})
SWIMMERS = frozenset({"fish", "octopus"})


def draw_figure(
    pen: Pen, looks: Looks, pose: Pose, x: float, y: float, scale: float, flip: bool, shadow: str = "", bed: str = ""
) -> None:
    """A figure whose feet are at (x, y); `scale` is units of the picture to one of the figure's. `shadow` is the
    colour of its shadow on the ground; none for one that is afloat. Whoever lies has a bed when it has a colour."""
    family = looks.kind.family
    size = scale * looks.size
    hover = pose.hovers
    if family in FLIERS and not pose.lies:
        hover = max(hover, 0.55)
    if shadow:
        wide = (46 if pose.lies else 30 if family != "horse" else 44) * size * (1 - 0.3 * min(hover, 1))
        if pen.flat:
            pen.plain(oval(x, y, wide, wide * 0.2), shadow, 0.28)
        else:
            pen.glow(x, y, wide * 1.35, shadow, 0.62 if not hover else 0.4, wide * 0.3)
    with pen.moved(x, y - hover * 100 * size, size, flip=flip):
        if pose.lies and family in ("person", "plush", "bird"):
            if bed:
                _bed(pen)
            with pen.moved(48, -17 if bed else -13, turn=-86):
                _DRAWN[family](pen, looks, pose)
            if bed:
                _quilt(pen, bed)
        elif pose.lean and family not in SWIMMERS:
            with pen.moved(0, -50, turn=pose.lean), pen.moved(0, 50):
                _DRAWN[family](pen, looks, pose)
        else:
            _DRAWN[family](pen, looks, pose)


def _bed(pen: Pen) -> None:
    wood = "#a8754a"
    pen.shape(box(-78, -54, 11, 66, 5), wood, edge=1)
    pen.shape(box(66, -30, 10, 42, 5), wood, edge=1)
    pen.shape(box(-70, -4, 140, 12, 3), wood, edge=1)
    pen.shape(box(-68, -12, 136, 12, 5), "#f6efe2", edge=1)
    pen.shape(oval(-36, -15, 29, 12), "#ffffff", edge=1)


def _quilt(pen: Pen, colour: str) -> None:
    d = smooth([(2, -33), (26, -38), (58, -30), (68, -14), (67, 3), (30, 5), (-2, 3), (-4, -16)])
    pen.shape(d, colour, edge=1)
    with pen.within(d):
        pen.line("M4 -36Q-3 -16 3 6", lighter(colour, 0.5), 5)
        pen.plain("".join(oval(14 + 15 * (n % 4), -24 + 13 * (n // 4), 3.2) for n in range(12)), lighter(colour, 0.4))
