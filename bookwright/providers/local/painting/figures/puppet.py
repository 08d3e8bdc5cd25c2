"""The puppet: a body of limbs that people and upright animals have in common.

Its feet are at (0, 0) and a child is some 100 units tall; it faces right.
"""

import math
from dataclasses import dataclass

from bookwright.providers.local.painting.colour import darker
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import BEFORE_THE_CHEST, Bend, Pose
from bookwright.providers.local.painting.pen import Pen, Point, number, oval
from bookwright.providers.local.painting.things.stock import THINGS

EDGE = 0.8
"""The pencilled line around parts of a figure."""


@dataclass(frozen=True)
class Build:
    """Lengths of a body's parts; `head` is half the head's height, `limb` how thick a limb is."""

    leg: float
    torso: float
    head: float
    shoulder: float
    hip: float
    arm: float
    limb: float
    raised: float
    """How much of the way up above the shoulder an arm goes."""


BUILDS = {
    "baby": Build(13, 25, 19, 9, 9.5, 19, 7.5, 0.5),
    "child": Build(30, 27, 20, 9.5, 8.5, 26, 7, 0.62),
    "adult": Build(49, 38, 19.5, 13.5, 10.5, 38, 8.6, 0.9),
    "elder": Build(40, 37, 19.5, 12.5, 11.5, 35, 8.2, 0.85),
    "plush": Build(17, 37, 24, 12, 15, 27, 10.5, 0.42),
}


class Puppet:
    """A body in a pose. Points are where joints are."""

    def __init__(self, pen: Pen, looks: Looks, pose: Pose, build: Build) -> None:
        self.pen, self.looks, self.pose, self.build = pen, looks, pose, build
        self.drop = build.leg * 0.72 if pose.sits else 0.0
        self.hip_y = -build.leg + self.drop
        self.neck_y = self.hip_y - build.torso
        self.head: Point = (1.5, self.neck_y - build.head * 0.86)
        self.near_shoulder: Point = (build.shoulder - 1, self.neck_y + 4.5)
        self.far_shoulder: Point = (-build.shoulder + 1, self.neck_y + 4.5)

    def limb_points(self, start: Point, bend: Bend, side: int, length: float) -> tuple[Point, Point]:
        """The elbow (knee) and the hand (foot) of a limb."""
        angle, more = math.radians(bend[0]), math.radians(bend[0] + bend[1])
        half = length / 2
        joint = (start[0] + side * half * math.sin(angle), start[1] + half * math.cos(angle))
        return joint, (joint[0] + side * half * math.sin(more), joint[1] + half * math.cos(more))

    def arm(self, near: bool) -> tuple[Point, Point, Point]:
        """Shoulder, elbow and hand."""
        start, (out, more) = (
            (self.near_shoulder, self.pose.near_arm) if near else (self.far_shoulder, self.pose.far_arm)
        )
        if out > 95:  # a short arm is raised beside a large head, never before it
            out = 95 + (out - 95) * self.build.raised
        return (start, *self.limb_points(start, (out, more), 1 if near else -1, self.build.arm))

    def legs(self) -> list[tuple[Point, Point, Point]]:
        """Hip, knee and ankle of the far leg and the near one."""
        found = []
        for side, bend in ((-1, self.pose.far_leg), (1, self.pose.near_leg)):
            start = (side * self.build.hip * 0.5, self.hip_y - 1)
            if self.pose.sits:
                reach = self.build.leg * 0.55
                knee = (start[0] + side * reach * 0.55 + 2, start[1] + self.build.limb * 0.2)
                found.append((start, knee, (knee[0] + side * 1.5 + 4, -self.build.limb * 0.45)))
            else:
                found.append((start, *self.limb_points(start, bend, side, self.build.leg - 3)))
        return found

    def draw_limb(self, points: tuple[Point, Point, Point], colour: str, width: float, share: float = 1.0) -> None:
        """A limb, or its upper `share`."""
        (x0, y0), (x1, y1), (x2, y2) = points
        cx, cy = 2 * x1 - (x0 + x2) / 2, 2 * y1 - (y0 + y2) / 2
        cx, cy = x1 + (cx - x1) * 0.55, y1 + (cy - y1) * 0.55
        if share < 1:  # the beginning of the curve, by de Casteljau
            ax, ay = x0 + (cx - x0) * share, y0 + (cy - y0) * share
            bx, by = cx + (x2 - cx) * share, cy + (y2 - cy) * share
            cx, cy, x2, y2 = ax, ay, ax + (bx - ax) * share, ay + (by - ay) * share
        n = number
        self.pen.limb(f"M{n(x0)} {n(y0)}Q{n(cx)} {n(cy)} {n(x2)} {n(y2)}", colour, width, EDGE)

    def draw_hand(self, at: Point, toward: Point, colour: str, size: float) -> None:
        """A hand: a mitten with its thumb."""
        x, y = at
        dx, dy = x - toward[0], y - toward[1]
        away = math.hypot(dx, dy) or 1
        dx, dy = dx / away, dy / away
        x, y = x + dx * size * 0.3, y + dy * size * 0.3
        thumb = (x - dy * size * 0.72, y + dx * size * 0.72)
        if thumb[1] > y:
            thumb = (x + dy * size * 0.72, y - dx * size * 0.72)
        self.pen.shape(oval(*thumb, size * 0.36), colour, edge=EDGE)
        self.pen.shape(oval(x, y, size * 0.78), colour, edge=EDGE)
        self.pen.plain(oval(x + (thumb[0] - x) * 0.5, y + (thumb[1] - y) * 0.5, size * 0.4), colour)

    def draw_held(self) -> None:
        """What is held: a book before the chest, or a thing in the near hand."""
        holds = self.pose.holds
        if not holds:
            return
        if holds in BEFORE_THE_CHEST:
            with self.pen.moved(3, self.neck_y + self.build.torso * 0.62, 0.34):
                THINGS[holds].draw(self.pen)
            return
        hand = self.arm(near=True)[2]
        thing = THINGS[holds]
        with self.pen.moved(hand[0] + 5, hand[1] - (26 if thing.aloft else 9), 0.44 if thing.aloft else 0.34):
            thing.draw(self.pen)

    def draw_shoe(self, at: Point, side: int, colour: str, size: float) -> None:
        """A shoe whose sole is at the ankle's foot; `side` is where its toe points."""
        x, y = at
        n = number
        self.pen.shape(
            f"M{n(x - side * size * 0.55)} {n(y - size * 0.42)}q{n(side * size * 0.5)} {n(-size * 0.28)} "
            f"{n(side * size * 1.0)} 0q{n(side * size * 0.78)} {n(size * 0.1)} {n(side * size * 0.72)} {n(size * 0.72)}"
            f"q0 {n(size * 0.24)} {n(-side * size * 0.3)} {n(size * 0.24)}h{n(-side * size * 1.32)}"
            f"q{n(-side * size * 0.28)} 0 {n(-side * size * 0.1)} {n(-size * 0.96)}Z",
            colour,
            edge=EDGE,
        )
        if not self.pen.flat:
            self.pen.line(
                f"M{n(x - side * size * 0.5)} {n(y + size * 0.44)}h{n(side * size * 1.5)}",
                darker(colour, 0.4),
                size * 0.16,
            )
