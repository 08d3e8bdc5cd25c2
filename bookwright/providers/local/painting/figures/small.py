"""What is small: butterflies, bees, snails; and what is made: robots, snowmen, ghosts."""

from bookwright.providers.local.painting.colour import darker, lighter
from bookwright.providers.local.painting.figures import faces, hair
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import Pose
from bookwright.providers.local.painting.figures.puppet import EDGE
from bookwright.providers.local.painting.pen import Pen, box, number, oval


def butterfly(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A butterfly; answers its height."""
    for side in (-1, 1):
        pen.shape(
            f"M{side * 4} -50C{side * 22} -104 {side * 74} -98 {side * 62} -62C{side * 54} -44 "
            f"{side * 22} -42 {side * 4} -46Z",
            looks.main,
            edge=EDGE,
        )
        pen.shape(
            f"M{side * 4} -46C{side * 40} -44 {side * 54} -18 {side * 34} -8C{side * 20} -4 "
            f"{side * 8} -24 {side * 4} -40Z",
            looks.second,
            edge=EDGE,
        )
        pen.plain(oval(side * 44, -74, 9) + oval(side * 28, -22, 6), lighter(looks.main, 0.55), 0.9)
        pen.line(f"M{side * 3} -80q{side * 6} -16 {side * 16} -18", looks.third, 2)
        pen.plain(oval(side * 19, -98, 3), looks.third)
    pen.shape(oval(0, -42, 6.4, 26), looks.third, edge=EDGE)
    pen.shape(oval(0, -72, 13), lighter(looks.third, 0.25), edge=EDGE)
    faces.eyes(pen, 1, -73, 5.2, 2.8, looks.eyes, pose.eyes, "", pose.mouth)
    faces.mouth(pen, 1.4, -67, 3.6, pose.mouth)
    return 100


def bee(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A bee, or a ladybird; answers its height."""
    spotted = "spots" in looks.kind.marks
    if not spotted:
        for dx, turn in ((-8, -24), (8, 12)):
            with pen.moved(dx, -66, turn=turn):
                pen.shape(oval(0, -20, 13, 24), "#e6f4fb", edge=EDGE, opacity=0.85)
    body = oval(-6, -40, 36, 29)
    pen.shape(body, looks.main, edge=EDGE)
    with pen.within(body):
        if spotted:
            pen.line("M-6 -72V-8", looks.third, 3)
            pen.plain("".join(oval(dx, dy, 6) for dx, dy in ((-22, -50), (-24, -30), (6, -54), (8, -30))), looks.third)
        else:
            pen.plain(box(-26, -80, 11, 80) + box(-6, -80, 11, 80), looks.third)
    pen.shape(oval(28, -44, 19, 18), looks.third if spotted else lighter(looks.main, 0.15), edge=EDGE)
    for dx in (24, 34):
        pen.line(f"M{dx} -60q2 -12 10 -14", looks.third, 2)
        pen.plain(oval(dx + 11, -75, 2.8), looks.third)
    if spotted:
        for side in (-1, 1):
            pen.plain(oval(31 + side * 7, -46, 5, 5.6), "#fffdf6")
    faces.eyes(pen, 31, -46, 7, 3.6, looks.eyes, pose.eyes, "", pose.mouth)
    faces.mouth(pen, 32, -37, 4.4, pose.mouth, "#fffdf6" if spotted else faces.INK)
    return 84


def snail(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A snail, or a caterpillar; answers its height."""
    if "long" in looks.kind.marks:
        for k in range(5):
            pen.shape(
                oval(-46 + 18 * k, -14 - 6 * (k % 2), 15), looks.main if k % 2 else lighter(looks.main, 0.2), edge=EDGE
            )
            pen.line(f"M{-46 + 18 * k} -3v4", looks.third, 3)
    else:
        pen.shape("M-54 -2Q-30 -20 10 -18Q30 -20 34 -50Q46 -60 52 -46Q54 -10 34 -2Z", looks.main, edge=EDGE)
        pen.shape(oval(-10, -40, 32), looks.third, edge=EDGE)
        pen.line("M-10 -40m4 0a6 6 0 0 0 -12 2a13 13 0 0 0 26 0a20 20 0 0 0 -36 -8", lighter(looks.third, 0.45), 3.4)
    for dx in (38, 52):
        pen.line(f"M{dx} -58q2 -12 {6 if dx > 40 else -2} -20", looks.main, 3.6)
        pen.plain(oval(dx + (6 if dx > 40 else -2), -80, 4), looks.third)
    pen.shape(oval(46, -48, 18), looks.main, edge=EDGE)
    faces.cheeks(pen, 48, -42, 10, 3.4, looks.main)
    faces.eyes(pen, 49, -51, 6.4, 3.4, looks.eyes, pose.eyes, "", pose.mouth)
    faces.mouth(pen, 49, -42, 4.4, pose.mouth)
    return 84


def ghost(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A friendly ghost; answers its height."""
    pen.glow(0, -50, 70, "#ffffff", 0.4)
    pen.shape(
        "M0 -100C36 -100 36 -60 38 -14Q40 2 30 -2Q22 -10 14 -2"
        "Q6 6 -2 -2Q-10 -10 -18 -2Q-28 6 -38 -2C-36 -60 -36 -100 0 -100Z",
        looks.main,
        edge=EDGE,
        opacity=0.92,
    )
    for side, bend in ((-1, pose.far_arm), (1, pose.near_arm)):
        lift = -22 if bend[0] > 90 else 8
        pen.shape(
            f"M{side * 30} -54q{side * 18} {lift * 0.4} {side * 20} {lift}q{-side * 12} 8 "
            f"{-side * 20} {10 - lift * 0.3}Z",
            looks.main,
            edge=EDGE,
        )
    faces.cheeks(pen, 3, -56, 18, 5, looks.main)
    faces.eyes(pen, 3, -68, 12, 5.4, looks.eyes, pose.eyes, "", pose.mouth)
    faces.mouth(pen, 4, -54, 7, pose.mouth)
    hair.worn_on_head(pen, looks, 0, -76, 24)
    return 100


def snowman(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A snowman; answers its height."""
    for side, bend in ((-1, pose.far_arm), (1, pose.near_arm)):
        lift = -34 if bend[0] > 90 else -6
        pen.limb(f"M{side * 20} -52l{side * 28} {lift}m{-side * 8} {-lift * 0.3}l{side * 10} -9", "#7a5638", 3.4, EDGE)
    pen.shape(oval(0, -24, 31, 26), looks.main, edge=EDGE)
    pen.shape(oval(0, -56, 24, 21), looks.main, edge=EDGE)
    pen.plain("".join(oval(3, y, 2.6) for y in (-62, -52, -40)), "#3a3440")
    pen.shape(oval(0, -86, 21, 19), looks.main, edge=EDGE)
    faces.cheeks(pen, 3, -80, 12, 4, "#ffffff")
    faces.eyes(pen, 3, -90, 7.6, 3.4, looks.eyes, pose.eyes, "", pose.mouth)
    pen.shape("M3 -86l20 5l-19 4q-4 -4 -1 -9Z", looks.third, edge=EDGE)
    faces.mouth(pen, 2, -75, 5.4, pose.mouth)
    pen.shape("M-20 -73q20 9 40 0q3 6 -2 8q-18 6 -36 0q-5 -2 -2 -8Z", "#d9483f", edge=EDGE)
    pen.shape("M-12 -66l-3 18l8 1l2 -17Z", "#b83a33", edge=EDGE)
    if not looks.worn & {"hat", "crown", "wizard hat"}:
        pen.shape(box(-21, -105, 42, 5, 2), "#3a3440", edge=EDGE)
        pen.shape(box(-14, -124, 28, 21, 3), "#3a3440", edge=EDGE)
        pen.plain(box(-14, -110, 28, 5), "#d9483f")
    hair.worn_on_head(pen, looks, 0, -86, 20)
    return 124


def robot(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A robot; answers its height."""
    joint = darker(looks.main, 0.4)
    for side, bend in ((-1, pose.far_leg), (1, pose.near_leg)):
        reach = side * (8 + bend[0] * 0.3)
        pen.limb(f"M{side * 10} -30L{number(reach + side * 2)} -8", joint, 7, EDGE)
        pen.shape(box(reach + side * 2 - 10 + 2, -9, 20, 9, 4), looks.third, edge=EDGE)
    for side, bend in ((-1, pose.far_arm), (1, pose.near_arm)):
        with pen.moved(side * 24, -58, turn=-side * bend[0]):
            pen.limb("M0 0V24", joint, 6.4, EDGE)
            with pen.moved(0, 24, turn=-side * bend[1]):
                pen.limb("M0 0V10", joint, 6, EDGE)
                pen.shape("M-8 10h16v7a8 8 0 0 1 -4 7v-6h-8v6a8 8 0 0 1 -4 -7Z", looks.third, edge=EDGE)
    pen.shape(box(-25, -68, 50, 42, 10), looks.main, edge=EDGE)
    pen.shape(box(-15, -60, 30, 22, 5), looks.second, edge=EDGE)
    for k, tint in enumerate(("#e0473a", "#f6c53c", "#5aa556")):
        pen.plain(oval(-8 + 8 * k, -53, 2.6), tint)
    pen.line("M-10 -44h4l3 -4l4 7l3 -3h6", joint, 1.6)
    pen.shape(box(-7, -75, 14, 9, 2), joint, edge=EDGE)
    with pen.moved(0, -74, turn=pose.nod):
        pen.line("M0 -38V-50", joint, 3)
        pen.shape(oval(0, -54, 5), looks.third, edge=EDGE)
        for side in (-1, 1):
            pen.shape(box(side * 31 - 4, -27, 8, 16, 3), looks.third, edge=EDGE)
        pen.shape(box(-30, -40, 60, 42, 14), looks.main, edge=EDGE)
        pen.shape(box(-22, -33, 46, 28, 9), "#2f3f52", edge=EDGE)
        if pose.eyes == "open":
            for side in (-1, 1):
                pen.plain(oval(2 + side * 10, -21, 5.6), "#8ff0e6")
                pen.plain(oval(4 + side * 10, -23, 1.9), "#ffffff")
        else:
            for side in (-1, 1):
                pen.line(f"M{2 + side * 10 - 5} -20q5 {-5 if pose.eyes == 'happy' else 5} 10 0", "#8ff0e6", 2.4)
        mood = {"laugh": 6, "sad": -4, "still": 0, "oh": 1}.get(pose.mouth, 4)
        pen.line(f"M-4 {-11 if mood > 0 else -9}q6 {mood} 12 0", "#8ff0e6", 2.2)
        hair.worn_on_head(pen, looks, 0, -18, 22)
    return 130
