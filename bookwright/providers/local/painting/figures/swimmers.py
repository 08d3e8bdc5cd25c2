"""What swims: fish, dolphins and whales, octopuses, crabs."""

import math

from bookwright.providers.local.painting.colour import darker, lighter
from bookwright.providers.local.painting.figures import faces, hair
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import Pose
from bookwright.providers.local.painting.figures.puppet import EDGE
from bookwright.providers.local.painting.pen import Pen, number, oval, smooth


def fish(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A fish, dolphin or whale that swims to the right; answers its height."""
    marks = looks.kind.marks
    main, belly, third = looks.main, looks.second, looks.third
    if "dolphin" in marks:
        pen.shape("M-6 -66q-12 -18 -24 -20q4 12 2 24Z", darker(main, 0.1), edge=EDGE)
        pen.shape("M-58 -40q-20 -10 -26 -24q20 -2 32 10q8 -14 24 -14q-6 16 -22 26Z", main, edge=EDGE)
        body = smooth(
            [
                (-62, -42),
                (-36, -60),
                (0, -70),
                (36, -62),
                (52, -50),
                (74, -44),
                (74, -36),
                (50, -32),
                (20, -20),
                (-20, -22),
                (-48, -32),
            ]
        )
    elif "whale" in marks:
        pen.shape("M-58 -34q-22 -8 -26 -26q18 2 26 12q4 -16 20 -20q2 18 -10 32Z", main, edge=EDGE)
        body = smooth(
            [(-62, -28), (-40, -50), (0, -78), (46, -74), (64, -46), (56, -16), (20, -4), (-30, -8), (-52, -18)]
        )
        pen.line("M18 -80q-2 -16 -12 -20M18 -80q2 -16 12 -20M18 -80v-22", "#bfe6f5", 3.4)
    else:
        pen.shape("M-30 -40q-26 -26 -40 -22q8 12 8 22t-8 22q16 4 40 -22Z", third, edge=EDGE)
        pen.shape("M-20 -62q14 -26 36 -14q-2 10 -4 16Z", third, edge=EDGE)
        pen.shape("M-8 -16q4 16 18 14q0 -8 0 -14Z", third, edge=EDGE)
        body = smooth([(-38, -40), (-18, -62), (14, -68), (42, -52), (48, -40), (42, -26), (14, -12), (-18, -18)])
    pen.shape(body, main, edge=EDGE)
    with pen.within(body):
        if "dolphin" in marks or "whale" in marks:
            pen.plain("M-70 -20Q0 -36 34 -34T90 -40V10H-70Z", belly)
            if "whale" in marks:
                pen.line("M10 -22q20 2 44 -6M4 -15q24 4 48 -4M2 -8q20 4 40 -2", darker(belly, 0.25), 1.3, 0.8)
        else:
            pen.plain("M-12 -72q14 32 0 66h15q14 -34 0 -66Z", belly)
            pen.line(
                "".join(f"M{-30 + 8 * (k % 2)} {-52 + 7 * k}q6 4 0 8" for k in range(4)), lighter(main, 0.4), 1.2, 0.7
            )
    pen.shape("M2 -34q-14 6 -20 22q16 2 28 -14Z", darker(main, 0.1) if marks else third, edge=EDGE)
    ex, ey = (36, -50) if marks else (26, -48)
    faces.cheeks(pen, ex + 2, ey + 14, 0.1, 5, main)
    if pen.artistic:
        pen.plain(oval(ex, ey, 7.4, 8.2), "#fffdf6")
    faces.eye(pen, ex, ey, 5.4, looks.eyes, pose.eyes)
    faces.mouth(pen, ex + (20 if "dolphin" in marks else 12), ey + 15, 6, pose.mouth)
    hair.worn_on_head(pen, looks, 16, -52, 19)
    return 88


def octopus(pen: Pen, looks: Looks, pose: Pose) -> float:
    """An octopus; answers its height."""
    for k in range(6):
        x = -30 + 12 * k
        bend = (-1 if k < 3 else 1) * (10 + 5 * abs(k - 2.5))
        colour = darker(looks.main, 0.12) if k % 2 else looks.main
        pen.limb(
            f"M{number(x * 0.6)} -34C{number(x)} -16 {number(x + bend * 0.4)} 2 "
            f"{number(x + bend)} -4Q{number(x + bend * 1.3)} -8 {number(x + bend * 1.2)} -14",
            colour,
            9.5,
            EDGE,
        )
    pen.shape(
        smooth([(0, -98), (28, -84), (34, -58), (26, -32), (0, -26), (-26, -32), (-34, -58), (-28, -84)]),
        looks.main,
        edge=EDGE,
    )
    pen.plain(
        "".join(oval(dx, dy, r) for dx, dy, r in ((-16, -84, 4), (-4, -90, 3), (12, -86, 3.4))), looks.second, 0.8
    )
    faces.cheeks(pen, 3, -50, 18, 5, looks.main)
    if pen.artistic:
        for side in (-1, 1):
            pen.plain(oval(3 + side * 11, -62, 7, 7.8), "#fffdf6")
    faces.eyes(pen, 3, -62, 11, 5.2, looks.eyes, pose.eyes, "", pose.mouth)
    faces.mouth(pen, 4, -47, 6, pose.mouth)
    hair.worn_on_head(pen, looks, 0, -72, 26)
    return 98


def crab(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A crab; answers its height."""
    for side in (-1, 1):
        for k in range(3):
            pen.limb(
                f"M{side * 26} {-22 - 4 * k}q{side * 18} {-6 + 5 * k} {side * (24 - 3 * k)} {22 + 4 * k}",
                darker(looks.main, 0.12),
                5,
                EDGE,
            )
        pen.limb(f"M{side * 28} -36q{side * 20} -6 {side * 22} -26", looks.main, 7, EDGE)
        pen.shape(
            f"M{side * 50} -60C{side * 32} -72 {side * 36} -96 {side * 50} -96L{side * 50} -80"
            f"L{side * 60} -94C{side * 74} -84 {side * 68} -64 {side * 50} -60Z",
            looks.main,
            edge=EDGE,
        )
        pen.limb(f"M{side * 11} -46v-18", looks.main, 4.4, EDGE)
    pen.shape(
        smooth([(0, -56), (30, -48), (40, -28), (24, -10), (0, -6), (-24, -10), (-40, -28), (-30, -48)]),
        looks.main,
        edge=EDGE,
    )
    for side in (-1, 1):
        pen.plain(oval(side * 11, -67, 7.4), "#fffdf6")
    faces.eyes(pen, 1, -67, 11, 4.6, looks.eyes, pose.eyes, "", pose.mouth)
    faces.mouth(pen, 1, -32, 8, pose.mouth)
    return 92


def star(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A star with a face; answers its height."""
    pen.glow(0, -48, 84, looks.second, 0.7)
    points = [
        (
            50 * (1 if k % 2 == 0 else 0.56) * math.sin(k * math.pi / 5),
            -46 - 50 * (1 if k % 2 == 0 else 0.56) * math.cos(k * math.pi / 5),
        )
        for k in range(10)
    ]
    pen.shape(smooth(points), looks.main, edge=EDGE * 1.4)
    faces.cheeks(pen, 2, -38, 16, 5, looks.main)
    faces.eyes(pen, 2, -48, 10, 5, looks.eyes, pose.eyes, "", pose.mouth)
    faces.mouth(pen, 3, -36, 7, pose.mouth)
    return 98
