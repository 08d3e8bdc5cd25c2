"""Horses and their kin, on four legs."""

from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.figures import faces, hair
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import Pose
from bookwright.providers.local.painting.figures.puppet import EDGE
from bookwright.providers.local.painting.figures.wings import feather_wing
from bookwright.providers.local.painting.pen import Pen, lines, number, oval, smooth

_RAINBOW = ("#f28ab0", "#f9c86a", "#8fd0a0", "#8fb4f0", "#c79af0")


def horse(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A horse in a pose, some 95 units tall; answers its height."""
    marks, n, main = looks.kind.marks, number, looks.main
    mane = _RAINBOW if "rainbow" in marks else (looks.third, lighter(looks.third, 0.15))
    stride = 12 if pose.near_leg[0] > 12 else 2
    folded = pose.sits or pose.lies
    for k in range(3):  # the tail
        pen.shape(
            f"M-34 {n(-50 + 2 * k)}C{n(-58 + 6 * k)} {n(-52 + 6 * k)} {n(-64 + 7 * k)} "
            f"{n(-26 + 3 * k)} {n(-56 + 6 * k)} -8C{n(-50 + 5 * k)} {n(-22 + 2 * k)} "
            f"{n(-46 + 3 * k)} -36 -32 -40Z",
            mane[k % len(mane)],
            edge=EDGE,
        )
    far = darker(main, 0.16)
    for x, swing, tint in ((-24, -stride, far), (16, stride, far), (-29, stride, main), (24, -stride, main)):
        if folded:
            pen.limb(f"M{x} -18q{n(12)} 10 {n(20)} 12", tint, 9, EDGE)
            continue
        pen.limb(f"M{x} -32Q{n(x + swing * 0.2)} -18 {n(x + swing)} -6", tint, 9.5, EDGE)
        pen.shape(
            lines([(x + swing - 5.4, -6), (x + swing + 5.4, -6), (x + swing + 6.4, 0), (x + swing - 6, 0)]),
            darker(looks.third, 0.25),
            edge=EDGE,
        )
    if "feather wings" in marks:
        feather_wing(pen, 6, -54, far, 46, up=True)
    if "hump" in marks:
        pen.shape(smooth([(-26, -56), (-10, -86), (4, -84), (14, -54)]), main, edge=EDGE)
    pen.shape(
        smooth([(-36, -52), (-12, -60), (18, -58), (34, -48), (32, -30), (10, -22), (-16, -24), (-36, -30)]),
        main,
        edge=EDGE,
    )
    pen.plain(oval(-4, -28, 24, 6), mix(main, looks.second, 0.6))
    if "stripes" in marks:
        for k in range(6):
            pen.plain(f"M{n(-28 + 9 * k)} -58q3 14 0 26q-4 -14 -3 -26Z", looks.third)
    pen.shape(smooth([(14, -50), (22, -74), (30, -88), (48, -84), (42, -62), (36, -38), (22, -36)]), main, edge=EDGE)
    for k in range(5):  # the mane
        pen.shape(oval(21 - 1.8 * k, -86 + 9.5 * k, 8.4, 8), mane[k % len(mane)], edge=EDGE)
    with pen.moved(38, -80, turn=pose.nod):
        for dx, tint in ((-4, far), (4, main)):
            long = 30 if "long ears" in marks else 18
            pen.shape(
                f"M{n(dx - 5)} -10Q{n(dx - 5)} {-long} {n(dx)} {n(-long - 3)}Q{n(dx + 6)} {-long} {n(dx + 5)} -9Z",
                tint,
                edge=EDGE,
            )
        if "horn" in marks:
            pen.shape(lines([(7, -15), (15, -17), (21, -46)]), "#f6d06a", edge=EDGE)
            pen.line("M10 -22l7 1.6M12.5 -29l5 1.4M15 -36l3.4 1", "#c9952f", 1.3)
        pen.shape(
            smooth([(-15, -6), (-4, -18), (13, -16), (24, -2), (33, 9), (31, 20), (18, 22), (2, 12), (-13, 8)]),
            main,
            edge=EDGE,
        )
        pen.plain(oval(25, 12, 9.5, 9), mix(looks.second, main, 0.2))
        pen.plain(oval(29, 8, 1.6, 2.2), darker(looks.third, 0.4))
        faces.cheeks(pen, 11, 8, 0.1, 4.6, main)
        faces.eye(pen, 8, -3.5, 5, looks.eyes, pose.eyes)
        if pose.mouth == "laugh":
            pen.plain("M17 15q7 4 13 0q-3 7 -8 6q-4 -1 -5 -6Z", "#7d2f3a")
        else:
            pen.line("M18 16q6 4 11 0", darker(looks.third, 0.4), 1.4)
        for k in range(3):
            pen.shape(oval(-4 + 5 * k, -17 + k, 6.4, 5.6), mane[k % len(mane)], edge=EDGE)
        hair.worn_on_head(pen, looks, 0, -2, 17)
    if "feather wings" in marks:
        feather_wing(pen, 2, -52, lighter(looks.second, 0.2), 50, up=True)
    if "scarf" in looks.worn:
        pen.limb("M18 -52q12 10 24 2", looks.wrap, 8, EDGE)
    return 106
