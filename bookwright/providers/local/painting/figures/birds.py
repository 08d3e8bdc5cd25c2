"""Birds: an egg on two legs, with wings for arms."""

import math

from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.figures import faces, hair
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import Pose
from bookwright.providers.local.painting.figures.puppet import EDGE
from bookwright.providers.local.painting.pen import Pen, lines, number, oval, smooth


def bird(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A bird in a pose, some 100 units tall; answers its height."""
    marks, n = looks.kind.marks, number
    beak = looks.third if "mask" in marks or "owl" in marks or "bill" in marks else "#f0a03c"
    lift = 0 if pose.hovers or pose.sits else 8
    if "fan" in marks:
        for k in range(9):
            angle = math.radians(-160 + 17.5 * k)
            fx, fy = 78 * math.cos(angle), -38 + 74 * math.sin(angle)
            pen.limb(f"M0 -30L{n(fx)} {n(fy)}", "#4fa88a", 9, EDGE)
            pen.shape(oval(fx, fy, 10), "#5fc0b0", edge=EDGE)
            pen.plain(oval(fx, fy, 6), "#2f5f9a")
            pen.plain(oval(fx, fy, 2.8), "#f0c245")
    elif "long tail" in marks:
        for k, tint in enumerate((looks.third, looks.second, looks.main)):
            pen.shape(
                f"M-12 {n(-22 + 3 * k)}Q{n(-46 + 6 * k)} {n(-20 + 9 * k)} {n(-62 + 9 * k)} "
                f"{n(2 + 7 * k)}Q{n(-30 + 4 * k)} {n(4 + 4 * k)} -6 {n(-10 + 2 * k)}Z",
                tint,
                edge=EDGE,
            )
    else:
        pen.shape("M-16 -26L-46 -34L-42 -22L-48 -14L-14 -12Z", darker(looks.main, 0.12), edge=EDGE)
    if not pose.hovers:
        for side in (-1, 1):
            x = side * 9
            pen.line(f"M{x} -14V-1.5M{x} -1.5l-5 1M{x} -1.5l6 1M{x} -1.5l1 2", beak, 2.8)
    else:
        pen.line("M-4 -14l-9 8M6 -14l-4 9", beak, 2.8)
    _wing(pen, looks, pose, -1, lift)
    body = smooth(
        [(0, -96), (20, -88), (29, -64), (32, -34), (20, -13), (0, -8), (-20, -13), (-32, -34), (-29, -64), (-20, -88)]
    )
    pen.shape(body, looks.main, edge=EDGE)
    head = looks.second if "white head" in marks else looks.main
    with pen.within(body):
        if "white head" in marks:
            pen.plain("M-40 -110H40V-58Q20 -50 0 -58T-40 -58Z", head)
        pen.plain(oval(4, -30, 22, 25), looks.second)
        if "mask" in marks:
            pen.plain(oval(-8, -70, 15, 15) + oval(16, -70, 14, 15) + oval(4, -34, 24, 30), looks.second)
        if "owl" in marks:
            pen.line(
                "".join(
                    f"M{n(-10 + 10 * (k % 3) + 5 * (k // 3 % 2))} {n(-42 + 9 * (k // 3))}q4 5 8 0" for k in range(8)
                ),
                darker(looks.second, 0.35),
                1.6,
                0.8,
            )
        if pen.realistic:
            pen.plain("M12 -100Q40 -50 10 -6H50V-100Z", darker(looks.main, 0.7), 0.15)
    if "owl" in marks:
        for side in (-1, 1):
            pen.shape(f"M{n(side * 12)} -93L{n(side * 25)} -108L{n(side * 26)} -82Z", looks.main, edge=EDGE)
            pen.plain(oval(4 + side * 12.5, -71, 12.5), lighter(looks.second, 0.3))
    if "comb" in marks:
        pen.shape("M-8 -92q-2 -14 6 -12q2 -9 9 -4q7 -4 8 5q7 2 1 12Z", "#e0473a", edge=EDGE)
        pen.shape(oval(12, -50, 3.6, 6), "#e0473a", edge=EDGE)
    if "crest" in marks:
        for k in (-1, 0, 1):
            pen.line(f"M2 -94Q{n(2 + 6 * k)} -104 {n(4 + 11 * k)} {n(-114 + 3 * abs(k))}", looks.third, 2.4)
            pen.shape(oval(4 + 11 * k, -115 + 3 * abs(k), 3.6), looks.second, edge=EDGE)
    faces.cheeks(pen, 5, -60, 17, 4.5, looks.main)
    size = 5.6 if "owl" in marks else 4.2
    if pen.artistic and looks.name in ("crow", "penguin", "peacock"):
        for side in (-1, 1):
            pen.plain(oval(5 + side * 10.5, -71, size * 1.25, size * 1.4), "#fffdf6")
    faces.eyes(pen, 5, -71, 12 if "owl" in marks else 10.5, size, looks.eyes, pose.eyes, "", pose.mouth)
    _beak(pen, looks, pose, beak)
    if "scarf" in looks.worn:
        pen.shape("M-30 -54q32 12 62 0q3 8 -3 10q-28 10 -56 0q-6 -2 -3 -10Z", looks.wrap, edge=EDGE)
        pen.shape("M-12 -44l-3 20l9 1l2 -20Z", darker(looks.wrap, 0.14), edge=EDGE)
    if "glasses" in looks.worn:
        faces.glasses(pen, 5, -71, 10.5, 8)
    hair.worn_on_head(pen, looks, 0, -76, 22)
    _wing(pen, looks, pose, 1, lift)
    return 100


def _beak(pen: Pen, looks: Looks, pose: Pose, colour: str) -> None:
    if "bill" in looks.kind.marks:
        pen.shape("M-6 -58q12 -8 25 0q4 5 -2 7q-11 4 -21 0q-6 -2 -2 -7Z", colour, edge=EDGE)
        pen.line("M-5 -54q12 4 23 0", darker(colour, 0.35), 1.2)
    elif "hook" in looks.kind.marks:
        pen.shape("M-3 -65q13 -5 19 3q2 8 -6 13q0 -7 -9 -7q-6 -2 -4 -9Z", colour, edge=EDGE)
    else:
        if pose.mouth in ("laugh", "oh"):
            pen.shape("M-1 -58l6 10l6 -10Z", darker(colour, 0.2), edge=EDGE)
        pen.shape(lines([(-4, -62), (14, -62), (6, -52)]), colour, edge=EDGE)


def _wing(pen: Pen, looks: Looks, pose: Pose, side: int, lift: float) -> None:
    """A wing at the side, turned as far as the arm."""
    angle = pose.near_arm[0] if side > 0 else pose.far_arm[0]
    tint = darker(looks.main, 0.14) if "mask" not in looks.kind.marks else looks.main
    with pen.moved(side * 25, -58 + lift * 0, turn=-side * (angle - 10)):
        k = side
        pen.shape(
            f"M{-5 * k} -2C{10 * k} 2 {14 * k} 22 {4 * k} 42C{0} 38 {-2 * k} 36 {-3 * k} 31"
            f"C{-6 * k} 32 {-8 * k} 28 {-8 * k} 24C{-12 * k} 14 {-10 * k} 2 {-5 * k} -2Z",
            tint,
            edge=EDGE,
        )
        pen.line(
            f"M{-3 * k} 14q{5 * k} 4 {9 * k} 1M{-3 * k} 23q{5 * k} 4 {8 * k} 1", mix(tint, "#ffffff", 0.4), 1.4, 0.7
        )
