"""Upright animals and creatures: a round body, short limbs, and a head of their own."""

import math

from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.figures import faces, hair
from bookwright.providers.local.painting.figures.heads import draw_ears, draw_muzzle, draw_top
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import Pose
from bookwright.providers.local.painting.figures.puppet import BUILDS, EDGE, Puppet
from bookwright.providers.local.painting.figures.wings import bat_wings
from bookwright.providers.local.painting.pen import Pen, lines, number, oval, smooth, wobble


def plush(pen: Pen, looks: Looks, pose: Pose) -> float:
    """An upright animal in a pose; answers its height."""
    build = BUILDS["plush"]
    puppet = Puppet(pen, looks, pose, build)
    marks = looks.kind.marks
    limb = looks.third if {"dark limbs", "socks"} & set(marks) else looks.main
    draw_tail(pen, looks, puppet.hip_y)
    if "bat wings" in marks:
        bat_wings(
            pen,
            puppet.neck_y + 12,
            looks.third if looks.kind.tail == "dragon" else looks.main,
            1.0 if pose.hovers else 0.86,
        )
    if "cape" in looks.worn:
        pen.shape(
            smooth([(-10, puppet.neck_y + 3), (10, puppet.neck_y + 3), (22, -8), (0, -3), (-24, -6)]),
            looks.wrap,
            edge=EDGE,
        )
    if "shell" in marks:
        pen.shape(oval(-5, puppet.hip_y - 14, 25, 27), looks.third, edge=EDGE)
        pen.line(
            f"M-28 {number(puppet.hip_y - 14)}q-2 -8 4 -18M-26 {number(puppet.hip_y)}q4 10 10 12",
            lighter(looks.third, 0.3),
            2,
        )
    for side, points in zip((-1, 1), puppet.legs(), strict=True):
        puppet.draw_limb(points, limb, build.limb * 1.15)
        toe = 1 if pose.sits or pose.near_leg[0] > 15 else side
        pen.shape(oval(points[2][0] + toe * 2.6, points[2][1] + 0.2, 8.6, 5.2), limb, edge=EDGE)
        if pose.sits:
            pen.plain(oval(points[2][0] + toe * 4, points[2][1], 4, 3), looks.second)
    raised = pose.near_arm[0] > 100
    _arm(puppet, limb, near=False)
    _body(pen, puppet, looks)
    if not raised:
        _arm(puppet, limb, near=True)
    x, y = puppet.head
    if looks.worn & {"scarf", "bell"}:
        _collar(pen, puppet, looks)
    with pen.moved(x, y + build.head, turn=pose.nod):
        _head(pen, looks, pose, -build.head, build.head)
    if raised:
        _arm(puppet, limb, near=True)
    puppet.draw_held()
    return -(y - build.head * 1.35)


def _arm(puppet: Puppet, colour: str, near: bool) -> None:
    points = puppet.arm(near)
    puppet.draw_limb(points, colour, puppet.build.limb * 0.92)
    puppet.draw_hand(points[2], points[1], colour, puppet.build.limb * 0.62)


def _collar(pen: Pen, puppet: Puppet, looks: Looks) -> None:
    top = puppet.neck_y + 1
    tint = looks.wrap
    pen.shape(f"M-15 {number(top)}q15 9 30 0q3 6 -2 8.5q-13 5 -26 0q-5 -2 -2 -8.5Z", tint, edge=EDGE)
    if "scarf" in looks.worn:
        pen.shape(f"M-8 {number(top + 8)}l-3 18l8 1l2.5 -17Z", darker(tint, 0.1), edge=EDGE)
    else:
        pen.shape(oval(1, top + 10, 4), "#f4c542", edge=EDGE)


def _body(pen: Pen, puppet: Puppet, looks: Looks) -> None:
    top, hip, b = puppet.neck_y, puppet.hip_y, puppet.build
    marks = looks.kind.marks
    body = smooth(
        [
            (-b.shoulder * 0.8, top + 1),
            (0, top - 2),
            (b.shoulder * 0.8, top + 1),
            (b.hip, hip - b.torso * 0.38),
            (b.hip * 0.96, hip - 2),
            (b.hip * 0.5, hip + 4),
            (-b.hip * 0.5, hip + 4),
            (-b.hip * 0.96, hip - 2),
            (-b.hip, hip - b.torso * 0.38),
        ]
    )
    pen.shape(body, looks.main, edge=EDGE)
    with pen.within(body):
        if "stripes" in marks:
            for n in range(3):
                for side in (-1, 1):
                    pen.plain(
                        f"M{number(side * 17)} {number(top + 8 + 9 * n)}q{number(-side * 5)} 0 "
                        f"{number(-side * 7)} 2.4q{number(side * 4)} 1.6 {number(side * 7)} 1.6Z",
                        looks.third,
                    )
        if "patches" in marks or "spots" in marks:
            for n in range(6):
                angle = n * 2.4 + looks.seed % 7
                pen.plain(
                    oval(
                        13 * math.cos(angle),
                        hip - b.torso * 0.42 + 18 * math.sin(angle),
                        3.4 if "spots" in marks else 6.4,
                        2.9 if "spots" in marks else 5.2,
                    ),
                    looks.third,
                    0.85,
                )
        pen.plain(oval(2, hip - b.torso * 0.34, b.hip * 0.66, b.torso * 0.4), looks.second)
        if "plates" in marks:
            for n in range(4):
                pen.line(f"M-9 {number(hip - 24 + 7 * n)}q11 4.4 22 0", darker(looks.second, 0.3), 1.1, 0.7)
        if "wool" in marks:
            for n in range(14):
                pen.plain(
                    oval((n % 4 - 1.5) * 8 + (4 if n // 4 % 2 else 0), top + 6 + 9 * (n // 4), 5.4),
                    lighter(looks.main, 0.2),
                )
                pen.line(
                    f"M{number((n % 4 - 1.5) * 8 - 4)} {number(top + 9 + 9 * (n // 4))}q4 4 8 0",
                    darker(looks.main, 0.22),
                    0.9,
                    0.7,
                )
        if "leaves" in marks or "shaggy" in marks:
            for n in range(12):
                lx, ly = (n % 4 - 1.5) * 8 + (4 if n // 4 % 2 else 0), top + 6 + 11 * (n // 4)
                pen.line(f"M{number(lx)} {number(ly)}q2 5 0 8q-2 -3 0 -8", lighter(looks.main, 0.35), 1.1, 0.8)
        if pen.realistic:
            pen.plain(
                f"M6 {number(top)}Q24 {number(hip - 8)} 4 {number(hip + 8)}H30V{number(top)}Z",
                darker(looks.main, 0.7),
                0.14,
            )
    if "seam" in marks:
        pen.line(f"M1 {number(top + 4)}V{number(hip)}", looks.third, 0.8, 0.6)


def _head(pen: Pen, looks: Looks, pose: Pose, y: float, r: float) -> None:
    kind, marks = looks.kind, looks.kind.marks
    if "mane" in marks:
        for n in range(15):
            angle = n * math.tau / 15
            pen.shape(
                oval(r * 1.06 * math.cos(angle), y + r * 0.98 * math.sin(angle), r * 0.42),
                mix(looks.third, lighter(looks.third), 0.5 * (n % 2)),
                edge=EDGE,
            )
    if "spines" in marks:
        points = []
        for n in range(25):
            angle = math.radians(120 + n * 12.5)
            away = r * (1.5 if n % 2 else 1.1)
            points.append((away * 1.02 * math.cos(angle), y + r * 0.05 + away * 0.92 * math.sin(angle)))
        pen.shape(lines(points), looks.third, edge=EDGE)
    if "wool" in marks:
        for n in range(9):
            angle = math.radians(170 + n * 25)
            pen.shape(
                oval(r * 0.86 * math.cos(angle), y - r * 0.06 + r * 0.86 * math.sin(angle), r * 0.4),
                lighter(looks.main, 0.1),
                edge=EDGE,
            )
    draw_ears(pen, looks, y, r)
    wide = 1.2 if kind.muzzle in ("wide", "jaws", "broad") else 1.1
    head = smooth(
        [
            (0, y - r),
            (r * 0.8, y - r * 0.68),
            (r * wide, y + r * 0.16),
            (r * 0.74, y + r * 0.82),
            (0, y + r * 0.98),
            (-r * 0.74, y + r * 0.82),
            (-r * wide, y + r * 0.16),
            (-r * 0.8, y - r * 0.68),
        ]
    )
    pen.shape(head, looks.main, edge=EDGE)
    with pen.within(head):
        if "cheeks" in marks:
            for side in (-1, 1):
                pen.plain(
                    f"M{number(side * r * 1.3)} {number(y + r * 0.1)}Q{number(side * r * 0.7)} "
                    f"{number(y + r * 0.1)} {number(side * r * 0.1)} {number(y + r * 0.5)}"
                    f"V{number(y + r * 1.2)}H{number(side * r * 1.3)}Z",
                    looks.second,
                )
        if "stripes" in marks:
            for dx, size in ((-0.3, 0.3), (0.06, 0.42), (0.42, 0.3)):
                pen.plain(
                    f"M{number((dx - 0.08) * r)} {number(y - r)}h{number(r * 0.16)}"
                    f"l{number(-r * 0.08)} {number(r * size)}Z",
                    looks.third,
                )
            for side in (-1, 1):
                for dy in (0.25, 0.5):
                    pen.plain(
                        f"M{number(side * r * 1.15)} {number(y + r * dy)}"
                        f"l{number(-side * r * 0.34)} {number(r * 0.07)}"
                        f"l{number(side * r * 0.34)} {number(r * 0.07)}Z",
                        looks.third,
                    )
        if "mask" in marks:
            for side in (-1, 1):
                pen.plain(
                    f"M{number(r * 0.1 + side * r * 0.16)} {number(y + r * 0.02)}"
                    f"q{number(side * r * 0.1)} {number(-r * 0.4)} {number(side * r * 0.42)} "
                    f"{number(-r * 0.26)}q{number(side * r * 0.3)} {number(r * 0.3)} "
                    f"{number(side * r * 0.1)} {number(r * 0.56)}q{number(-side * r * 0.34)} "
                    f"{number(r * 0.1)} {number(-side * r * 0.52)} {number(-r * 0.3)}Z",
                    looks.third,
                )
        if "patch" in marks:
            pen.plain(wobble(pen.rng, -r * 0.36, y - r * 0.05, r * 0.42, r * 0.48, 0.06), looks.third)
        if "patches" in marks:
            pen.plain(oval(-r * 0.6, y - r * 0.4, r * 0.5, r * 0.55), looks.third)
        if "spots" in marks and kind.family == "plush" and kind.ears != "leaf":
            pen.plain(
                "".join(
                    oval(dx * r, y + dy * r, r * 0.09, r * 0.07)
                    for dx, dy in ((-0.3, -0.72), (0.1, -0.82), (0.45, -0.66), (-0.86, 0.36), (0.92, 0.3))
                ),
                looks.third,
                0.85,
            )
        if kind.muzzle == "face":
            pen.plain(
                oval(-r * 0.24, y + r * 0.02, r * 0.5, r * 0.52)
                + oval(r * 0.44, y + r * 0.02, r * 0.5, r * 0.52)
                + oval(r * 0.1, y + r * 0.56, r * 0.76, r * 0.46),
                looks.second,
            )
    if pen.realistic:
        pen.glow(-r * 0.3, y - r * 0.4, r * 0.9, "#fff6e4", 0.3)
    draw_top(pen, looks, y, r)
    eye_y, apart, size = y + r * 0.06, r * 0.4, r * 0.165
    if "eyes on top" in marks:
        eye_y, size = y - r * 0.74, r * 0.19
        for side in (-1, 1):
            pen.shape(oval(r * 0.1 + side * apart * 1.1, eye_y, r * 0.32), looks.main, edge=EDGE)
            if pen.artistic or pen.flat:
                pen.plain(oval(r * 0.1 + side * apart * 1.1, eye_y, r * 0.23), "#fffdf6")
        apart *= 1.1
    if "big eyes" in marks:
        size = r * 0.27
    if "mask" in marks and pen.artistic:
        for side in (-1, 1):
            pen.plain(oval(r * 0.1 + side * apart, eye_y, size * 1.24, size * 1.34), "#fffdf6")
    brow = darker(looks.main, 0.5) if pose.mouth in ("sad", "still", "oh") else ""
    faces.cheeks(pen, r * 0.1, y + r * 0.42, r * 0.68, r * 0.18, looks.main)
    draw_muzzle(pen, looks, pose, y, r)
    faces.eyes(pen, r * 0.1, eye_y, apart, size, looks.eyes, pose.eyes, brow, pose.mouth)
    if "glasses" in looks.worn:
        faces.glasses(pen, r * 0.1, eye_y, apart, r * 0.3)
    hair.worn_on_head(pen, looks, 0, y, r)


def draw_tail(pen: Pen, looks: Looks, hip: float) -> None:
    """A tail behind the body, to the left."""
    main, tip, n = looks.main, looks.second, number
    match looks.kind.tail:
        case "bushy":
            pen.shape(
                f"M-8 {n(hip)}C-30 {n(hip + 14)} -54 {n(hip + 2)} -50 {n(hip - 28)}C-47 "
                f"{n(hip - 44)} -36 {n(hip - 46)} -34 {n(hip - 46)}C-30 {n(hip - 28)} -22 "
                f"{n(hip - 14)} -6 {n(hip - 10)}Z",
                main,
                edge=EDGE,
            )
            pen.plain(
                f"M-50.4 {n(hip - 26)}C-48 {n(hip - 44)} -36 {n(hip - 46)} -34 {n(hip - 46)}"
                "q1.4 9 3.6 13q-9 1 -11 7q-6 -5 -9 0Z",
                tip,
            )
        case "plume":
            pen.shape(
                f"M-8 {n(hip + 2)}C-44 {n(hip + 8)} -48 {n(hip - 46)} -40 {n(hip - 70)}C-36 "
                f"{n(hip - 84)} -18 {n(hip - 78)} -20 {n(hip - 64)}C-34 {n(hip - 58)} -18 "
                f"{n(hip - 22)} -8 {n(hip - 8)}Z",
                main,
                edge=EDGE,
            )
            pen.line(
                f"M-16 {n(hip - 6)}C-36 {n(hip - 10)} -38 {n(hip - 44)} -32 {n(hip - 66)}", lighter(main, 0.35), 5, 0.6
            )
        case "thin":
            pen.limb(f"M-10 {n(hip)}C-34 {n(hip + 8)} -42 {n(hip - 10)} -36 {n(hip - 32)}", main, 5.4, EDGE)
        case "tuft":
            pen.limb(f"M-10 {n(hip)}C-34 {n(hip + 6)} -38 {n(hip - 8)} -38 {n(hip - 22)}", main, 4, EDGE)
            pen.shape(oval(-38, hip - 27, 6, 8), looks.third, edge=EDGE)
        case "ringed":
            pen.limb(f"M-10 {n(hip)}C-34 {n(hip + 10)} -48 {n(hip - 10)} -44 {n(hip - 34)}", main, 12, EDGE)
            for t in (0.35, 0.55, 0.75, 0.95):
                pen.line(f"M{n(-14 - 34 * t - 5)} {n(hip + 6 - 40 * t * t)}l11 2", looks.third, 4)
        case "curl":
            pen.limb(
                f"M-10 {n(hip)}C-38 {n(hip + 12)} -50 {n(hip - 20)} -38 {n(hip - 28)}C-28 "
                f"{n(hip - 32)} -28 {n(hip - 16)} -36 {n(hip - 18)}",
                main,
                4.6,
                EDGE,
            )
        case "coil":
            pen.line(f"M-13 {n(hip - 4)}q-10 -2 -8 -8t8 -1t-4 9t-8 -3", darker(main, 0.1), 2.6)
        case "puff":
            pen.shape(oval(-16, hip - 3, 8, 7.5), lighter(main, 0.4), edge=EDGE)
        case "stub":
            pen.shape(oval(-15, hip - 2, 5.5), main, edge=EDGE)
        case "thick":
            pen.shape(
                f"M-4 {n(hip - 8)}C-24 {n(hip)} -34 {n(hip + 12)} -50 {n(hip + 12)}C-40 "
                f"{n(hip + 20)} -16 {n(hip + 18)} 0 {n(hip + 8)}Z",
                main,
                edge=EDGE,
            )
        case "dragon":
            pen.shape(
                f"M-4 {n(hip - 14)}C-26 {n(hip - 8)} -34 {n(hip + 8)} -52 {n(hip - 4)}C-58 "
                f"{n(hip - 8)} -58 {n(hip - 18)} -53 {n(hip - 22)}C-58 {n(hip - 8)} -40 "
                f"{n(hip + 22)} 2 {n(hip + 10)}Z",
                main,
                edge=EDGE,
            )
            pen.shape(f"M-53 {n(hip - 20)}l-9 -2l5 -5l-1 -8l8 4l6 -4l0 8l4 6Z", looks.third, edge=EDGE)
