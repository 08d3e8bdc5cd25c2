"""Settings inside: room, kitchen, school, hall, cave."""

import math
from contextlib import AbstractContextManager

from bookwright.contracts.depicting import Mood, Weather
from bookwright.providers.local.painting import plants
from bookwright.providers.local.painting.built import bunting, lantern
from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.pen import box, lines, oval, smooth, wobble
from bookwright.providers.local.painting.sky import fireflies, sparkle
from bookwright.providers.local.painting.stage import Stage

_BOOKS = ("#c0563f", "#3f7f8c", "#e0a83f", "#6a5a9c", "#5f8f4f", "#b5648a", "#d9d0c0")
_CANDLE = "#ffd98a"


def _inside(s: Stage, wall: str, floor: str, wood: bool = True) -> float:
    """Walls and floor; answers where they meet."""
    s.indoors = True
    meet = s.height * s.rng.uniform(0.62, 0.67)
    s.horizon, s.floor = meet, (meet + s.height * 0.13, s.height * 0.93)
    wall, s.ground = s.at(wall), s.at(floor)
    s.pen.wash(
        -5, -5, s.width + 10, meet + 6, lighter(wall, 0.08), darker(wall, 0.06)
    ) if not s.pen.flat else s.pen.plain(box(-5, -5, s.width + 10, meet + 6), wall)
    pattern = s.rng.random()
    if pattern < 0.35:
        s.pen.plain(
            "".join(box(x, 0, s.width * 0.025, meet) for x in [s.width * n / 20 for n in range(20)]),
            lighter(wall, 0.3),
            0.3,
        )
    elif pattern < 0.7:
        dots = "".join(
            oval(s.width * (c + 0.5 * (r % 2)) / 16, meet * (r + 0.5) / 9, 6) for r in range(9) for c in range(17)
        )
        s.pen.plain(dots, lighter(wall, 0.4), 0.35)
    s.pen.wash(
        -5, meet, s.width + 10, s.height - meet + 5, darker(s.ground, 0.1), lighter(s.ground, 0.08)
    ) if not s.pen.flat else s.pen.plain(box(-5, meet, s.width + 10, s.height - meet + 5), s.ground)
    middle = s.width / 2
    if wood:
        boards = "".join(
            f"M{middle + (n - 8) * s.width * 0.085:.1f} {meet:.1f}"
            f"L{middle + (n - 8) * s.width * 0.2:.1f} {s.height:.1f}"
            for n in range(17)
        )
    else:
        boards = "".join(
            f"M{middle + (n - 8) * s.width * 0.085:.1f} {meet:.1f}"
            f"L{middle + (n - 8) * s.width * 0.2:.1f} {s.height:.1f}"
            for n in range(17)
        )
        boards += "".join(
            f"M-5 {meet + (s.height - meet) * share:.1f}H{s.width + 5:.1f}" for share in (0.14, 0.34, 0.62)
        )
    s.pen.line(boards, darker(s.ground, 0.3), 2.6, 0.45)
    s.pen.shape(box(-6, meet - 22, s.width + 12, 24), lighter(wall, 0.45), edge=1.4, volume=0.4)
    return meet


def _window_to_outside(s: Stage, x: float, y: float, width: float, height: float, curtain: str) -> None:
    """A window, and through it the time of day and the weather."""
    left, top = x - width / 2, y - height / 2
    pane = box(left, top, width, height, 6)
    with s.pen.within(pane):
        s.pen.wash(left, top, width, height, s.light.sky[0], s.light.sky[2])
        if s.light.night and not s.light.overcast:
            for _ in range(9):
                s.pen.plain(
                    sparkle(s.rng.uniform(left, left + width), s.rng.uniform(top, top + height * 0.7), 8),
                    "#fff8dc",
                    0.9,
                )
        if not s.light.overcast:
            s.pen.plain(oval(left + width * 0.72, top + height * 0.28, width * 0.11), s.light.disc)
        hill = darker(mix("#7fae6a", s.light.haze, 0.5), 0.35 if s.light.night else 0)
        s.pen.plain(oval(left + width * 0.2, top + height * 1.12, width * 0.7, height * 0.44), hill)
        s.pen.plain(oval(left + width * 0.9, top + height * 1.15, width * 0.6, height * 0.4), darker(hill, 0.1))
        if s.weather in (Weather.RAIN, Weather.STORM):
            s.pen.line(
                "".join(
                    f"M{s.rng.uniform(left, left + width):.1f} {s.rng.uniform(top, top + height):.1f}l-6 26"
                    for _ in range(34)
                ),
                "#e8f2fa",
                2.4,
                0.6,
            )
        elif s.weather is Weather.SNOW:
            s.pen.plain(
                "".join(
                    oval(s.rng.uniform(left, left + width), s.rng.uniform(top, top + height), 4) for _ in range(30)
                ),
                "#ffffff",
                0.9,
            )
        elif s.weather in (Weather.CLOUDS, Weather.FOG, Weather.WIND):
            s.pen.plain(
                oval(left + width * 0.3, top + height * 0.3, width * 0.24, height * 0.08)
                + oval(left + width * 0.62, top + height * 0.44, width * 0.3, height * 0.09),
                "#ffffff",
                0.5,
            )
    frame = s.at("#fbf3e4")
    s.pen.line(f"{pane}M{x:.1f} {top:.1f}v{height:.1f}M{left:.1f} {y:.1f}h{width:.1f}", frame, 11)
    s.pen.shape(box(left - 22, top + height, width + 44, 18, 4), frame, edge=1.4)
    cloth = s.at(curtain)
    for side in (-1, 1):
        cx = x + side * (width / 2 + 22)
        s.pen.shape(
            f"M{cx - side * width * 0.24:.1f} {top - 22:.1f}H{cx + side * 34:.1f}"
            f"V{top + height + 34:.1f}H{cx - side * 16:.1f}Q{cx + side * 4:.1f} {y + 20:.1f} "
            f"{cx - side * width * 0.24:.1f} {top - 22:.1f}Z",
            cloth,
            edge=1.8,
        )
        s.pen.line(f"M{cx + side * 14:.1f} {top - 10:.1f}V{top + height + 20:.1f}", darker(cloth, 0.25), 3, 0.5)
    s.pen.limb(f"M{left - 66:.1f} {top - 26:.1f}H{left + width + 66:.1f}", s.at("#8a6242"), 10, 1)
    if not s.light.night and not s.light.overcast and not s.pen.flat:
        s.pen.fade(
            lines([(left, top), (left + width, top), (left + width + 330, s.height), (left + 40, s.height)]),
            "#fff3c4",
            0.26,
            0.02,
        )


def _shelf(s: Stage, x: float, y: float, width: float, kind: str) -> None:
    """A board on the wall with books, or with pots."""
    if (kind == "books" and "book" in s.sought) or (kind == "pots" and s.sought & {"pot", "jar", "cup"}):
        return
    wood = s.at("#a8754a")
    at = x + 10
    while at < x + width - 34:
        if kind == "books":
            wide, tall = s.rng.uniform(15, 27), s.rng.uniform(54, 84)
            colour = s.at(s.rng.choice(_BOOKS))
            s.pen.shape(box(at, y - tall, wide, tall, 2), colour, edge=1.2)
            s.pen.plain(box(at + 3, y - tall * 0.8, wide - 6, 6), lighter(colour, 0.5), 0.7)
            at += wide + 1.5
        else:
            wide = s.rng.uniform(36, 58)
            colour = s.at(s.rng.choice(("#d98f5a", "#7fa8b5", "#e3c56a", "#c76f5f", "#8fb07a")))
            tall = wide * s.rng.uniform(0.8, 1.4)
            s.pen.shape(box(at, y - tall, wide, tall, wide * 0.26), colour, edge=1.4)
            s.pen.shape(box(at + wide * 0.12, y - tall - 9, wide * 0.76, 12, 4), darker(colour, 0.15), edge=1.2)
            at += wide + 12
    s.pen.shape(box(x, y, width, 14, 3), wood, edge=1.4)


def larger(s: Stage, x: float, y: float, scale: float) -> AbstractContextManager[None]:
    """What is drawn meanwhile grows, from the point (x, y)."""
    return s.pen.moved(x * (1 - scale), y * (1 - scale), scale)


def _lamp(s: Stage, x: float, drop: float) -> None:
    lit = s.light.night or s.light.overcast
    if lit and not s.pen.flat:
        s.pen.glow(x, drop + 40, s.height * 0.62, _CANDLE, 0.5)
    s.pen.line(f"M{x:.1f} -5V{drop:.1f}", s.at("#5a4636"), 4)
    s.pen.shape(f"M{x - 26:.1f} {drop:.1f}h52q34 20 40 62h-132q6 -42 40 -62Z", s.at("#d9784f"), edge=1.6)
    s.pen.plain(oval(x, drop + 64, 22, 15), "#fff6d8" if lit else s.at("#fff6d8"))


def _rug(s: Stage) -> None:
    x, y = s.x(0.5), s.height * 0.87
    for n, colour in enumerate(
        (s.rng.choice(("#c0563f", "#4f7f9c", "#7a6ab0", "#5f9a7a")), "#f2dfb8", "#d98f5a", "#f2dfb8")
    ):
        s.pen.shape(
            oval(x, y, s.width * (0.37 - 0.05 * n), s.height * (0.095 - 0.016 * n)), s.at(colour), edge=1.4, volume=0.3
        )


def _picture(s: Stage, x: float, y: float, r: float) -> None:
    s.pen.shape(box(x - r, y - r * 0.8, 2 * r, 1.6 * r, 3), s.at("#b58a4f"), edge=1.6)
    inner = box(x - r * 0.84, y - r * 0.64, r * 1.68, r * 1.28)
    s.pen.fall(inner, s.at("#bfe3ef"), s.at("#f6e7c0"))
    with s.pen.within(inner):
        s.pen.plain(oval(x - r * 0.3, y + r * 0.7, r * 0.8, r * 0.5), s.at("#7fb069"))
        s.pen.plain(oval(x + r * 0.5, y + r * 0.75, r * 0.7, r * 0.45), s.at("#5f9a5a"))
        s.pen.plain(oval(x + r * 0.4, y - r * 0.25, r * 0.17), s.at("#f6c945"))


def _feast(s: Stage) -> None:
    if s.mood is Mood.FESTIVE:
        bunting(s, 30, 34)
        for share in (0.15, 0.5, 0.85):
            lantern(s, s.x(share), 150, 24, s.rng.choice(("#f08a3c", "#e2574c", "#d9669a")))


def room(s: Stage) -> None:
    meet = _inside(s, s.rng.choice(("#f0d9b8", "#cfe0dc", "#e8cfd0", "#d5d8ec", "#f2e3b0")), "#c79562")
    wx = s.rng.choice((0.28, 0.5, 0.7))
    _window_to_outside(
        s, s.x(wx), meet * 0.46, s.width * 0.24, meet * 0.56, s.rng.choice(("#d9784f", "#6a9ab5", "#b5789a", "#e0b84f"))
    )
    free = [share for share in (0.1, 0.32, 0.62, 0.86) if abs(share - wx) > 0.19]
    _shelf(s, s.x(free[0]) - 70, meet * 0.34, s.width * 0.15, "books")
    _picture(s, s.x(free[-1]), meet * 0.3, 64)
    wood = s.at("#a8754a")
    if s.rng.random() < 0.4 and not s.words & {"bed", "sleep", "sleeps", "sleeping", "asleep", "dreams", "bedtime"}:
        _bed(s, s.x(0.82 if wx < 0.5 else 0.18), meet + 46)
    else:
        x = s.x(0.84 if wx < 0.5 else 0.16)
        with larger(s, x, meet + 40, 1.45):
            s.pen.shape(box(x - 100, meet - 120, 200, 150, 34), s.at("#6f93a8"), edge=1.8)
            s.pen.shape(box(x - 124, meet - 50, 46, 96, 20), s.at("#5f8298"), edge=1.8)
            s.pen.shape(box(x + 78, meet - 50, 46, 96, 20), s.at("#5f8298"), edge=1.8)
            s.pen.shape(box(x - 84, meet - 22, 168, 58, 18), s.at("#84a8bc"), edge=1.8)
            s.pen.shape(box(x - 36, meet - 84, 72, 62, 14), s.at("#f0c45f"), edge=1.6)
    x = s.x(0.06 if wx > 0.4 else 0.95)
    plants.weeds(s, x - 20, meet - 10, 150, s.at("#5f9a5a"), 6, 9)
    s.pen.shape(
        lines([(x - 36, meet - 24), (x + 44, meet - 24), (x + 32, meet + 46), (x - 24, meet + 46)]),
        s.at("#c9744f"),
        edge=1.8,
    )
    del wood
    _rug(s)
    _lamp(s, s.x(0.5), 70)
    _feast(s)


def _bed(s: Stage, x: float, y: float) -> None:
    with larger(s, x, y + 30, 1.3):
        wood = s.at("#8a5f3f")
        s.pen.shape(box(x - 190, y - 190, 34, 220, 14), wood, edge=1.8)
        s.pen.shape(box(x + 160, y - 116, 30, 146, 12), wood, edge=1.8)
        s.pen.shape(box(x - 160, y - 84, 330, 70, 14), s.at("#f6efe2"), edge=1.8)
        s.pen.shape(box(x - 158, y - 118, 110, 52, 24), s.at("#ffffff"), edge=1.8)
        quilt = box(x - 56, y - 100, 226, 112, 22)
        colour = s.rng.choice(("#7f9fd0", "#d98f9a", "#8fb58a", "#e0b35f"))
        s.pen.shape(quilt, s.at(colour), edge=1.8)
        with s.pen.within(quilt):
            s.pen.plain(
                "".join(oval(x - 30 + 44 * (n % 5), y - 80 + 36 * (n // 5), 9) for n in range(15)), s.at("#fff6e0"), 0.7
            )


def kitchen(s: Stage) -> None:
    meet = _inside(s, s.rng.choice(("#f6e6b8", "#d8e8d8", "#f3d6c0")), "#cfa98a", wood=False)
    _window_to_outside(
        s, s.x(0.5), meet * 0.36, s.width * 0.22, meet * 0.42, s.rng.choice(("#e2574c", "#6aa58a", "#f0b84f"))
    )
    _shelf(s, s.x(0.06), meet * 0.3, s.width * 0.2, "pots")
    _shelf(s, s.x(0.74), meet * 0.3, s.width * 0.2, "pots")
    for n in range(4):  # pans on a rail
        x, y = s.x(0.78 + 0.05 * n), meet * 0.4
        s.pen.line(f"M{x:.1f} {y:.1f}v34", s.at("#5a4a42"), 5)
        s.pen.shape(oval(x, y + 50, 22), s.at(s.rng.choice(("#c77a4f", "#8f8a92"))), edge=1.4)
    top = meet - 96
    cupboard = s.at(s.rng.choice(("#6f9aa8", "#8fae7a", "#c98a6a")))
    s.pen.shape(box(-10, top, s.width + 20, 118), cupboard, edge=1.8, volume=0.5)
    for n in range(9):
        x = s.width * n / 9 + 10
        s.pen.shape(box(x, top + 26, s.width / 9 - 20, 80, 6), lighter(cupboard, 0.14), edge=1.4, volume=0.4)
        s.pen.plain(oval(x + s.width / 9 - 36, top + 66, 5), s.at("#f0d080"))
    s.pen.shape(box(-10, top - 14, s.width + 20, 24, 3), s.at("#e9d3a8"), edge=1.6)
    x = s.x(0.2)
    with larger(s, x, meet + 22, 1.4):
        s.pen.shape(box(x - 84, top - 8, 168, 134, 8), s.at("#4f545f"), edge=1.8)
        s.pen.shape(box(x - 62, top + 34, 124, 72, 8), mix("#f08a3c", "#3a3038", 0.25), edge=1.6)
        s.pen.shape(box(x - 44, top - 66, 88, 58, 14), s.at("#c0563f"), edge=1.6)
        s.pen.line(f"M{x - 56:.1f} {top - 46:.1f}h12M{x + 44:.1f} {top - 46:.1f}h12", s.at("#4f3323"), 8)
        for n in range(3):
            s.pen.line(f"M{x - 22 + 22 * n:.1f} {top - 84:.1f}q12 -18 0 -36t0 -36", "#ffffff", 5, 0.5)
    for n, (colour, r) in enumerate((("#e2574c", 17), ("#f3a73b", 19), ("#7fb069", 16))):
        s.pen.shape(oval(s.x(0.74) + n * 32, top - 16 - r * 0.6, r), s.at(colour), edge=1.3)
    s.pen.shape(f"M{s.x(0.72):.1f} {top - 22:.1f}h126q-8 26 -63 26t-63 -26Z", s.at("#f3f0ea"), edge=1.5)
    _lamp(s, s.x(0.5), 30)
    _feast(s)


def school(s: Stage) -> None:
    meet = _inside(s, s.rng.choice(("#f3e6c8", "#dbe6ea", "#e6e3cf")), "#d0a878")
    x, y, wide, tall = s.x(0.36), meet * 0.4, s.width * 0.4, meet * 0.46
    s.pen.shape(box(x - wide / 2 - 14, y - tall / 2 - 14, wide + 28, tall + 28, 6), s.at("#a8754a"), edge=1.8)
    s.pen.wash(x - wide / 2, y - tall / 2, wide, tall, s.at("#3f6a58"), s.at("#36604f"))
    chalk = "#f4f1e6"
    s.pen.line(oval(x - wide * 0.3, y - tall * 0.12, 34), chalk, 4, 0.8)
    s.pen.line(
        lines([(x - wide * 0.06, y + 24), (x + wide * 0.02, y - tall * 0.26), (x + wide * 0.1, y + 24)]), chalk, 4, 0.8
    )
    s.pen.line(box(x + wide * 0.2, y - 44, 66, 66), chalk, 4, 0.8)
    s.pen.line(
        smooth(
            [
                (x - wide * 0.4, y + tall * 0.34),
                (x - wide * 0.2, y + tall * 0.26),
                (x, y + tall * 0.36),
                (x + wide * 0.2, y + tall * 0.27),
                (x + wide * 0.4, y + tall * 0.34),
            ],
            closed=False,
        ),
        "#f6d55c",
        4,
        0.8,
    )
    s.pen.shape(box(x - wide / 2 - 14, y + tall / 2 + 8, wide + 28, 16, 3), s.at("#c08f5f"), edge=1.4)
    _window_to_outside(s, s.x(0.8), meet * 0.42, s.width * 0.17, meet * 0.46, "#6a9ab5")
    s.pen.shape(oval(s.x(0.63), meet * 0.16, 40), s.at("#fbf6ea"), edge=2)
    s.pen.line(f"M{s.x(0.63):.1f} {meet * 0.16:.1f}v-24m0 24l17 10", s.at("#4a3a34"), 4)
    globe, gy = s.x(0.93), meet - 30
    s.pen.shape(lines([(globe - 30, gy + 60), (globe + 30, gy + 60), (globe, gy + 20)]), s.at("#8a5f3f"), edge=1.4)
    s.pen.shape(oval(globe, gy - 16, 50), s.at("#5aa5d0"), edge=1.6)
    with s.pen.within(oval(globe, gy - 16, 50)):
        s.pen.plain(
            wobble(s.rng, globe - 16, gy - 30, 26, 20, 0.3) + wobble(s.rng, globe + 22, gy - 2, 18, 24, 0.3),
            s.at("#7fb069"),
        )
    for share in (0.1, 0.34, 0.68, 0.92):
        dx, dy = s.x(share), meet + s.height * 0.1
        wood = s.at("#d9a566")
        s.pen.limb(f"M{dx - 66:.1f} {dy - 66:.1f}v70M{dx + 66:.1f} {dy - 66:.1f}v70", s.at("#6f7a84"), 8, 1)
        s.pen.shape(box(dx - 86, dy - 82, 172, 24, 6), wood, edge=1.6)
        if s.rng.random() < 0.7:
            s.pen.shape(box(dx - 40, dy - 98, 56, 16, 2), s.at(s.rng.choice(_BOOKS)), edge=1.2)
    _shelf(s, s.x(0.02), meet * 0.3, s.width * 0.11, "books")
    _feast(s)


def hall(s: Stage) -> None:
    """Inside a castle."""
    meet = _inside(s, "#b9aca6", "#a89a94", wood=False)
    for n in range(3):
        x = s.width * (n + 0.5) / 3
        d = (
            f"M{x - 66:.1f} {meet * 0.72:.1f}V{meet * 0.34:.1f}Q{x - 60:.1f} {meet * 0.12:.1f} "
            f"{x:.1f} {meet * 0.08:.1f}Q{x + 60:.1f} {meet * 0.12:.1f} {x + 66:.1f} {meet * 0.34:.1f}"
            f"V{meet * 0.72:.1f}Z"
        )
        s.pen.fall(d, s.light.sky[0], s.light.sky[2])
        s.pen.line(
            f"{d}M{x:.1f} {meet * 0.08:.1f}V{meet * 0.72:.1f}M{x - 66:.1f} {meet * 0.42:.1f}h132", s.at("#7f736e"), 9
        )
    for n in range(4):
        x = s.width * n / 3
        s.pen.shape(box(x - 36, -10, 72, meet + 10), s.at("#cfc3bb"), edge=1.8)
        s.pen.shape(box(x - 48, meet - 44, 96, 48, 5), s.at("#bdb0a8"), edge=1.6)
    for n, colour in ((0, "#b5404f"), (1, "#4f5fa5")):
        x = s.width * (n + 1) / 3
        s.pen.shape(
            lines(
                [
                    (x - 44, meet * 0.16),
                    (x + 44, meet * 0.16),
                    (x + 44, meet * 0.62),
                    (x, meet * 0.72),
                    (x - 44, meet * 0.62),
                ]
            ),
            s.at(colour),
            edge=1.8,
        )
        s.pen.plain(sparkle(x, meet * 0.38, 34), s.at("#f6d55c"))
    carpet = lines([(s.x(0.43), meet), (s.x(0.57), meet), (s.x(0.74), s.height + 10), (s.x(0.26), s.height + 10)])
    s.pen.shape(carpet, s.at("#b5404f"), edge=1.5)
    s.pen.line(
        f"M{s.x(0.445):.1f} {meet:.1f}L{s.x(0.3):.1f} {s.height:.1f}M{s.x(0.555):.1f} {meet:.1f}"
        f"L{s.x(0.7):.1f} {s.height:.1f}",
        s.at("#f0c45f"),
        6,
    )
    for share in (0.17, 0.83):
        x, y = s.x(share), meet * 0.78
        if not s.pen.flat:
            s.pen.glow(x, y - 40, 190, _CANDLE, 0.55)
        s.pen.limb(f"M{x:.1f} {y:.1f}v-30", s.at("#5a4636"), 12, 1)
        s.pen.plain(f"M{x - 15:.1f} {y - 30:.1f}q-6 -26 15 -52q21 26 15 52Z", "#ffb545")
        s.pen.plain(f"M{x - 7:.1f} {y - 30:.1f}q-3 -14 7 -28q10 14 7 28Z", "#fff3c0")
    _feast(s)


def cave(s: Stage) -> None:
    s.indoors = True
    s.horizon, s.floor = s.y(0.6), (s.height * 0.76, s.height * 0.93)
    rock, far = s.at(s.rng.choice(("#6a4f86", "#4f5f8f", "#7a5a52"))), s.at("#a58fc0")
    s.pen.wash(-5, -5, s.width + 10, s.height + 10, darker(rock, 0.35), darker(rock, 0.1))
    x, y = s.x(s.rng.choice((0.3, 0.5, 0.7))), s.height * 0.47
    if not s.pen.flat:
        s.pen.glow(x, y, s.width * 0.5, s.light.sky[2], 0.6)
    mouth = wobble(s.rng, x, y, s.width * 0.14, s.height * 0.21, 0.1, 12)
    s.pen.fall(mouth, s.light.sky[0], s.light.sky[2])
    with s.pen.within(mouth):
        s.pen.plain(
            oval(x - 60, y + s.height * 0.24, s.width * 0.14, s.height * 0.13), mix("#7fae6a", s.light.haze, 0.4)
        )
        if not s.light.overcast:
            s.pen.plain(oval(x + 50, y - 60, 34), s.light.disc)
    s.pen.line(mouth, darker(rock, 0.25), 34, 0.55)
    for depth, base, size in ((0.5, 0.62, 0.26), (0.15, 0.74, 0.4)):
        tint = mix(rock, far, depth)
        for n in range(9):  # from above
            px, tall, half = (
                s.width * (n + s.rng.random()) / 9,
                s.height * size * s.rng.uniform(0.3, 1),
                s.rng.uniform(26, 60),
            )
            if abs(px - x) > s.width * 0.1 or depth < 0.3:
                s.pen.shape(
                    f"M{px - half:.1f} -10Q{px - half * 0.2:.1f} {tall * 0.5:.1f} {px:.1f} "
                    f"{tall * 0.8:.1f}Q{px + half * 0.2:.1f} {tall * 0.5:.1f} {px + half:.1f} -10Z",
                    tint,
                    edge=1.5,
                )
        for n in range(6):  # from below
            px = s.width * (n + s.rng.random()) / 6
            tall, half = s.height * size * s.rng.uniform(0.2, 0.5), s.rng.uniform(30, 64)
            if abs(px - x) > s.width * 0.18:
                s.pen.shape(
                    f"M{px - half:.1f} {s.height * base + 60:.1f}Q{px - half * 0.2:.1f} "
                    f"{s.height * base - tall * 0.4:.1f} {px:.1f} {s.height * base - tall:.1f}"
                    f"Q{px + half * 0.2:.1f} {s.height * base - tall * 0.4:.1f} {px + half:.1f} "
                    f"{s.height * base + 60:.1f}Z",
                    tint,
                    edge=1.5,
                )
        s.land(s.ridge(s.height * base + 20, 34), mix(tint, far, 0.25), darker(tint, 0.2))
    s.ground = mix(rock, far, 0.3)
    s.land(s.ridge(s.height * 0.75, 20), lighter(s.ground, 0.06), darker(s.ground, 0.25))
    for px, py, near in s.scatter(10, s.height * 0.74, s.height * 0.98):
        if s.rng.random() < 0.55:
            _crystal(s, px, py, 70 + 110 * near)
        else:
            plants.stone(s, px, py, 22 + 34 * near, 0, "#7d6f8c")
    fireflies(s, 16, s.height * 0.2, s.height * 0.9)
    if s.mood is Mood.FESTIVE:
        bunting(s, 50, 40)


def _crystal(s: Stage, x: float, y: float, height: float) -> None:
    colour = s.rng.choice(("#7fe0e8", "#c79af0", "#f29ac0", "#9af0b8", "#8fb4ff"))
    if not s.pen.flat:
        s.pen.glow(x, y - height * 0.4, height * 1.2, colour, 0.4)
    for lean, size in ((-0.5, 0.62), (0.46, 0.7), (0.04, 1.0)):
        tip, w = (x + lean * height * 0.6 * math.copysign(1, 1), y - height * size), height * 0.13
        base = x + lean * height * 0.2
        s.pen.shape(
            lines(
                [
                    (base - w, y),
                    (tip[0] - w * 0.8, tip[1] + w * 1.6),
                    tip,
                    (tip[0] + w * 0.8, tip[1] + w * 1.6),
                    (base + w, y),
                ]
            ),
            colour,
            edge=1.4,
        )
        s.pen.plain(
            lines([(base, y), (tip[0], tip[1] + w * 1.9), tip, (tip[0] + w * 0.8, tip[1] + w * 1.6), (base + w, y)]),
            darker(colour, 0.4),
            0.28,
        )
