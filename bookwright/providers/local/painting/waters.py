"""Settings by, on and under water: beach, sea, river, lake, underwater."""

import math

from bookwright.contracts.depicting import TimeOfDay, Weather
from bookwright.providers.local.painting import plants
from bookwright.providers.local.painting.built import boat, festive, house
from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.landscapes import corner_leaves, hills, lay_ground
from bookwright.providers.local.painting.pen import box, lines, oval, smooth, wobble
from bookwright.providers.local.painting.sky import paint_sky
from bookwright.providers.local.painting.stage import Stage, height_at


def water(s: Stage, top: float, bottom: float, colour: str = "#3f9fc4", waves: int = 42) -> None:
    """Water from the horizon towards the reader, with the sky in it."""
    rough = s.weather in (Weather.STORM, Weather.WIND)
    far = mix(s.at(colour, 0.5), s.light.sky[2], 0.45)
    near = s.at(darker(colour, 0.12))
    (
        s.pen.plain(box(-5, top, s.width + 10, bottom - top), s.at(colour))
        if s.pen.flat
        else s.pen.wash(-5, top, s.width + 10, bottom - top, far, near)
    )
    if s.time in (TimeOfDay.DUSK, TimeOfDay.DAWN, TimeOfDay.NIGHT) and not s.light.overcast:
        x = s.x(s.rng.uniform(0.3, 0.7))
        glints = []
        for n in range(26):
            y = top + (bottom - top) * ((n + 0.5) / 26) ** 1.3
            half = (14 + 90 * (y - top) / (bottom - top)) * s.rng.uniform(0.4, 1)
            glints.append(oval(x + s.rng.uniform(-30, 30), y, half, 2 + 3 * (y - top) / (bottom - top)))
        s.pen.plain("".join(glints), s.light.disc, 0.55)
    crests: list[list[str]] = [[], []]
    for x, y, near_by in s.scatter(waves, top + 8, bottom):
        size = (22 + 90 * near_by) * (1.5 if rough else 1)
        rise = (0.2 if rough else 0.1) * size
        crests[s.rng.random() < 0.5].append(
            f"M{x - size:.1f} {y:.1f}q{size / 2:.1f} {-rise:.1f} {size:.1f} 0t{size:.1f} 0"
        )
    s.pen.line("".join(crests[0]), lighter(mix(near, s.light.sky[2], 0.4), 0.45), 3.2, 0.6)
    s.pen.line("".join(crests[1]), darker(near, 0.2), 3, 0.35)


def beach(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.42, 0.5))
    s.floor = (s.horizon + s.height * 0.27, s.height * 0.94)
    paint_sky(s)
    if s.rng.random() < 0.6:
        x = s.x(s.rng.choice((0.15, 0.8)))
        s.pen.plain(
            smooth(
                [
                    (x - 210, s.horizon + 6),
                    (x - 90, s.horizon - 60),
                    (x + 30, s.horizon - 34),
                    (x + 90, s.horizon - 84),
                    (x + 230, s.horizon + 6),
                ]
            ),
            s.at("#6f9a8f", 0.8),
        )
    shore = s.horizon + s.height * 0.2
    water(s, s.horizon, shore + 60)
    for _ in range(s.rng.randint(1, 2)):
        boat(
            s,
            s.x(s.rng.uniform(0.15, 0.85)),
            s.horizon + s.rng.uniform(16, 46),
            s.rng.uniform(60, 110),
            0.55,
            s.rng.choice(("#e2574c", "#f6c945", "#4fa3a5")),
        )
    s.ground = s.at("#f0d9a6")
    coast = [(s.width * n / 8, shore + 22 * math.sin(n * 1.5 + s.rng.random()) + 6 * n) for n in range(-1, 10)]
    for lift, colour in ((18, "#d9f0f2"), (8, "#ffffff")):
        s.land([(x, y - lift) for x, y in coast], s.at(colour), s.at(colour))
    s.land(coast, s.at("#d8b97f"), s.ground)
    s.land([(x, y + 34) for x, y in coast], s.ground, darker(s.ground, 0.1))
    dots = "".join(oval(x, y, 1.5 + 2 * near) for x, y, near in s.scatter(80, shore + 50, s.height))
    s.pen.plain(dots, darker(s.ground, 0.3), 0.35)
    for x, y, near in s.scatter(9, s.floor[0], s.height):
        shell_or_star(s, x, y, 12 + 17 * near)
    palms = s.rng.choice((0.07, 0.92))
    plants.palm(s, s.x(palms), s.floor[0] + 30, s.height * 0.75, 0.1)
    if s.rng.random() < 0.5:
        plants.palm(s, s.x(palms + (0.09 if palms < 0.5 else -0.09)), s.floor[0] + 5, s.height * 0.55, 0.2)
    if s.rng.random() < 0.6:
        _castle_of_sand(s, s.x(1 - palms + (0.1 if palms > 0.5 else -0.1)), s.floor[0] + s.height * 0.1)
    festive(s)


def shell_or_star(s: Stage, x: float, y: float, r: float) -> None:
    """What lies on a beach or on the sea's ground."""
    if s.sought & {"shell", "starfish"}:
        return
    if s.rng.random() < 0.5:
        points = [
            (
                x + r * (1 if n % 2 == 0 else 0.46) * math.cos(n * math.pi / 5 - 1.5),
                y + 0.7 * r * (1 if n % 2 == 0 else 0.46) * math.sin(n * math.pi / 5 - 1.5),
            )
            for n in range(10)
        ]
        s.pen.shape(smooth(points), s.at(s.rng.choice(("#e8806a", "#f0a24f", "#d96f8f"))), edge=1.2)
    else:
        colour = s.at(s.rng.choice(("#f7d6c4", "#f2b8a0", "#e6c8e0")))
        s.pen.shape(
            f"M{x:.1f} {y:.1f}L{x - r:.1f} {y - r * 0.7:.1f}A{r * 1.05:.1f} {r:.1f} 0 0 1 "
            f"{x + r:.1f} {y - r * 0.7:.1f}Z",
            colour,
            edge=1.2,
        )
        s.pen.line(
            "".join(f"M{x:.1f} {y:.1f}L{x + k * r * 0.6:.1f} {y - r * 1.15:.1f}" for k in (-1, -0.35, 0.35, 1)),
            darker(colour, 0.3),
            1.5,
            0.6,
        )


def _castle_of_sand(s: Stage, x: float, y: float) -> None:
    sand = darker(s.ground, 0.12)
    for dx, w, h in ((-58, 44, 70), (58, 44, 70), (0, 62, 104)):
        s.pen.shape(
            lines([(x + dx - w * 0.56, y), (x + dx - w / 2, y - h), (x + dx + w / 2, y - h), (x + dx + w * 0.56, y)]),
            sand,
            edge=1.5,
        )
        s.pen.shape(
            lines([(x + dx - w * 0.6, y - h), (x + dx, y - h - w * 0.8), (x + dx + w * 0.6, y - h)]),
            darker(sand, 0.12),
            edge=1.5,
        )
    s.pen.shape(box(x - 60, y - 40, 120, 40), sand, edge=1.5)
    s.pen.plain(f"M{x - 13:.1f} {y:.1f}v-16a13 14 0 0 1 26 0v16Z", darker(sand, 0.45))
    s.pen.line(f"M{x:.1f} {y - 150:.1f}v-34", "#7a5638", 3)
    s.pen.plain(f"M{x:.1f} {y - 184:.1f}l30 10l-30 10Z", s.at("#e2574c"))


def sea(s: Stage) -> None:
    """On the open sea: figures are aboard a boat."""
    s.horizon = s.y(s.rng.uniform(0.46, 0.54))
    deck = s.height * 0.83
    s.floor = (deck - s.height * 0.05, deck)
    paint_sky(s)
    if s.rng.random() < 0.5:
        x = s.x(s.rng.choice((0.15, 0.85)))
        s.pen.plain(
            smooth(
                [(x - 140, s.horizon + 5), (x - 60, s.horizon - 50), (x + 20, s.horizon - 70), (x + 150, s.horizon + 5)]
            ),
            s.at("#5f9a86", 0.8),
        )
        for dx in (-40, 10, 50):
            plants.palm(s, x + dx, s.horizon - 30, 80, 0.75)
    water(s, s.horizon, s.height + 5, "#2f86b5", 60)
    wood, middle = s.at("#a0653f"), s.width / 2
    half = s.width * 0.43
    s.ground = wood
    s.pen.limb(f"M{middle + half * 0.62:.1f} {deck:.1f}V60", s.at("#7a5233"), 20, 1.5)
    s.pen.shape(
        f"M{middle + half * 0.62 - 16:.1f} 90Q{middle - half * 0.5:.1f} {s.height * 0.22:.1f} "
        f"{middle - half * 0.72:.1f} {s.height * 0.42:.1f}Q{middle:.1f} {s.height * 0.36:.1f} "
        f"{middle + half * 0.62 - 16:.1f} {s.height * 0.46:.1f}Z",
        s.at("#fbf0dc"),
        edge=2,
    )
    s.pen.plain(
        f"M{middle + half * 0.62 - 16:.1f} {s.height * 0.25:.1f}Q{middle - half * 0.2:.1f} "
        f"{s.height * 0.24:.1f} {middle - half * 0.6:.1f} {s.height * 0.34:.1f}"
        f"L{middle - half * 0.52:.1f} {s.height * 0.29:.1f}Q{middle:.1f} {s.height * 0.19:.1f} "
        f"{middle + half * 0.62 - 16:.1f} {s.height * 0.18:.1f}Z",
        s.at("#e2574c"),
    )
    s.pen.plain(f"M{middle + half * 0.62:.1f} 60l70 18l-70 20Z", s.at("#f6c945"))
    s.pen.shape(
        smooth(
            [
                (middle - half, deck - 70),
                (middle - half * 0.5, deck - 42),
                (middle, deck - 36),
                (middle + half * 0.5, deck - 42),
                (middle + half * 1.04, deck - 86),
                (middle, deck - 64),
            ]
        ),
        darker(wood, 0.3),
        edge=0,
    )

    def hull() -> None:
        side = smooth(
            [
                (middle - half * 1.05, deck - 84),
                (middle - half * 0.5, deck - 12),
                (middle, deck),
                (middle + half * 0.5, deck - 12),
                (middle + half * 1.1, deck - 100),
                (middle + half * 0.84, s.height * 0.97),
                (middle, s.height * 1.02),
                (middle - half * 0.8, s.height * 0.97),
            ]
        )
        s.pen.shape(side, wood, edge=2.5)
        for n in range(1, 4):
            y = deck + n * s.height * 0.045
            s.pen.line(
                f"M{middle - half * (1 - 0.05 * n):.1f} {y - 60:.1f}Q{middle:.1f} {y + 30:.1f} "
                f"{middle + half * (1.04 - 0.06 * n):.1f} {y - 72:.1f}",
                darker(wood, 0.35),
                3,
                0.5,
            )
        s.pen.line(
            f"M{middle - half * 1.05:.1f} {deck - 84:.1f}Q{middle:.1f} {deck + 62:.1f} "
            f"{middle + half * 1.1:.1f} {deck - 100:.1f}",
            s.at("#d9a066"),
            15,
        )
        foam = [(s.width * n / 12, s.height * (0.945 + 0.012 * (n % 2))) for n in range(-1, 14)]
        s.land(foam, s.at("#3f9fc4"), s.at("#2f7ea8"))
        s.pen.line(smooth(foam, closed=False), s.at("#f4fbff"), 7, 0.8)

    s.front.append(hull)
    festive(s)


def _banks(s: Stage) -> list[list[tuple[float, float]]]:
    paint_sky(s)
    outlines = hills(s, ("#6fa088", "#6aa56a"), s.horizon - 36, s.horizon + 6)
    for points, depth, count, size in ((outlines[0], 0.8, 12, 90), (outlines[1], 0.6, 11, 150)):
        for _ in range(count):
            x = s.rng.uniform(0, s.width)
            (plants.leafy if s.rng.random() < 0.55 else plants.pine)(
                s, x, height_at(points, x) + 8, size * s.rng.uniform(0.8, 1.25), depth
            )
    return outlines


def river(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.46, 0.52))
    s.floor = (s.horizon + s.height * 0.27, s.height * 0.94)
    outlines = _banks(s)
    del outlines
    lay_ground(s, "#82b656", s.horizon + s.height * 0.06, 16)
    side = s.rng.choice((-1, 1))
    left, right = [], []
    for step in range(15):
        t = step / 14
        y = s.horizon + s.height * 0.07 + t * s.height * 0.62
        middle = s.width / 2 + side * s.width * (0.05 + 0.17 * t) * math.sin(0.6 + t * 3.4) + side * s.width * 0.2 * t
        half = 12 + s.width * 0.2 * t**1.25
        left.append((middle - half, y))
        right.append((middle + half, y))
    course = smooth(left + right[::-1])
    s.pen.line(course, s.at("#d8c08f"), 22)
    s.pen.plain(course, s.at("#3f9fc4"))
    with s.pen.within(course):
        water(s, s.horizon + s.height * 0.04, s.height + 10, waves=34)
    for x, y in (*left[3::2], *right[4::2]):
        (
            plants.stone(s, x, y, 10 + 26 * (y - s.horizon) / s.height)
            if s.rng.random() < 0.6
            else plants.weeds(s, x, y, 60 + 90 * (y - s.horizon) / s.height, s.at("#6f9a4a"), 4, 6)
        )
    if s.rng.random() < 0.6:
        _bridge(s, left[5], right[5])
    s.floor = (s.horizon + s.height * 0.3, s.height * 0.94)
    plants.grass(s, s.horizon + s.height * 0.14, s.height, s.ground, 50)
    tree = s.x(0.07 if side > 0 else 0.93)
    plants.leafy(s, tree, s.floor[0], s.height * 0.62, 0.1, s.rng.choice(plants.wood_of(s)))
    _bank_in_front(s, side)
    festive(s)
    corner_leaves(s, "#5f9a4a")


def _bank_in_front(s: Stage, side: int) -> None:
    """The bank that figures stand on, on the side that the river leaves free."""

    def turned(share: float) -> float:
        return s.width * (share if side > 0 else 1 - share)

    top = s.floor[0] - s.height * 0.03
    points = [
        (turned(-0.05), top - 12),
        (turned(0.25), top - 20),
        (turned(0.5), top + 12),
        (turned(0.72), s.height * 0.86),
        (turned(0.9), s.height * 0.94),
        (turned(1.05), s.height * 0.97),
        (turned(1.05), s.height + 40),
        (turned(-0.05), s.height + 40),
    ]
    s.pen.line(smooth(points), s.at("#cdb485"), 12)
    s.pen.fall(smooth(points), s.ground, darker(s.ground, 0.15)) if not s.pen.flat else s.pen.plain(
        smooth(points), s.ground
    )
    for _ in range(12):
        share = s.rng.uniform(0, 0.55)
        plants.flower(s, turned(share), s.rng.uniform(top + 40, s.height), s.rng.uniform(30, 56))


def _bridge(s: Stage, one: tuple[float, float], other: tuple[float, float]) -> None:
    (x0, y), (x1, _) = one, other
    x0, x1, wood = x0 - 46, x1 + 46, s.at("#a8754a", 0.2)
    rise = (x1 - x0) * 0.22
    arc = f"M{x0:.1f} {y:.1f}Q{(x0 + x1) / 2:.1f} {y - 2 * rise:.1f} {x1:.1f} {y:.1f}"
    s.pen.shape(f"{arc}v18Q{(x0 + x1) / 2:.1f} {y - 2 * rise + 36:.1f} {x0:.1f} {y + 18:.1f}Z", wood, edge=2)
    posts = []
    for n in range(9):
        t = n / 8
        px, py = x0 + (x1 - x0) * t, y - 4 * rise * t * (1 - t)
        posts.append(f"M{px:.1f} {py:.1f}v-36")
    s.pen.line("".join(posts), darker(wood, 0.2), 6)
    with s.pen.moved(0, -36):
        s.pen.line(arc, wood, 8)


def lake(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.44, 0.5))
    s.floor = (s.horizon + s.height * 0.3, s.height * 0.94)
    _banks(s)
    shore = s.horizon + s.height * 0.26
    water(s, s.horizon + 26, shore + 80, "#4f9fbf", 30)
    for _ in range(5):  # lilies
        x, y, r = s.rng.uniform(0, s.width), s.rng.uniform(s.horizon + 90, shore - 10), s.rng.uniform(22, 40)
        s.pen.shape(
            f"M{x:.1f} {y:.1f}L{x + r:.1f} {y - r * 0.16:.1f}A{r:.1f} {r * 0.36:.1f} 0 1 1 "
            f"{x + r * 0.7:.1f} {y + r * 0.24:.1f}Z",
            s.at("#5fa35a"),
            edge=1,
        )
        if s.rng.random() < 0.6:
            plants.blossom(s, x - r * 0.2, y - r * 0.2, r * 0.4, s.at("#f7b6d2"))
    if s.rng.random() < 0.5:
        boat(s, s.x(s.rng.uniform(0.3, 0.7)), s.horizon + 90, 150, 0.35, "#f6c945")
    else:
        house(s, s.x(s.rng.choice((0.15, 0.85))), s.horizon + 34, 140, 0.5)
    lay_ground(s, "#86b85a", shore + 18, 30)
    for x in (0.03, 0.1, 0.9, 0.97, 0.8):
        plants.weeds(s, s.x(x + s.rng.uniform(-0.03, 0.03)), shore + 56, s.rng.uniform(110, 190), s.at("#6f9a4a"), 5, 8)
    plants.grass(s, shore + 40, s.height, s.ground, 60)
    for x, y, near in s.scatter(16, s.floor[0], s.height):
        plants.flower(s, x, y, 26 + 30 * near) if s.rng.random() < 0.7 else plants.stone(s, x, y, 12 + 20 * near)
    festive(s)
    corner_leaves(s, "#5f9a4a")


CORAL = ("#f2727a", "#f7a35c", "#c77dd0", "#ffd166", "#ef8fb6", "#7ad0c0")


def underwater(s: Stage) -> None:
    s.afloat, s.horizon = True, s.y(0.3)
    s.floor = (s.height * 0.6, s.height * 0.84)
    deep = s.light.night or s.light.overcast
    top, middle, low = ("#2f6fa8", "#1f4f8c", "#12305f") if deep else ("#8fe3e8", "#3fb0d0", "#1f6fa8")
    s.pen.wash(-5, -5, s.width + 10, s.height * 0.5 + 5, top, middle)
    s.pen.wash(-5, s.height * 0.5 - 1, s.width + 10, s.height * 0.5 + 8, middle, low)
    if not s.pen.flat:
        for _ in range(6):
            x, wide, lean = s.x(s.rng.uniform(-0.05, 0.95)), s.rng.uniform(30, 110), s.rng.uniform(-150, 150)
            s.pen.fade(
                lines([(x, -10), (x + wide, -10), (x + wide * 2 + lean, s.height * 0.85), (x + lean, s.height * 0.85)]),
                "#e8ffff",
                0.34,
                0.0,
            )
    water_light, sand = mix(low, "#f0d9a6", 0.5), mix(middle, "#f3deb0", 0.62)
    for n, share in enumerate((0.74, 0.8)):
        points = s.ridge(s.height * share, 90)
        s.land(points, mix(middle, low, 0.4 + 0.3 * n), low)
        for _ in range(7):
            x = s.rng.uniform(0, s.width)
            plants.weeds(s, x, height_at(points, x) + 20, s.rng.uniform(90, 200), mix(middle, "#2f8f7a", 0.4), 3)
    del water_light
    s.ground = sand
    s.land(s.ridge(s.height * 0.87, 46), sand, darker(sand, 0.25))
    places = [0.03, 0.12, 0.22, 0.36, 0.64, 0.78, 0.88, 0.97]
    for share in places:
        x, y = s.x(share + s.rng.uniform(-0.04, 0.04)), s.height * s.rng.uniform(0.88, 0.98)
        tall = s.rng.uniform(110, 230) * (1.25 if share < 0.15 or share > 0.85 else 0.7)
        kind = s.rng.random()
        if kind < 0.4:
            plants.weeds(s, x, y, tall * 1.4, mix("#3fae7a", middle, 0.15), 5, 12)
        elif kind < 0.8:
            _coral(s, x, y, tall, mix(s.rng.choice(CORAL), middle, 0.12))
        else:
            plants.stone(s, x, y, tall * 0.36, 0.2, "#7f8fb0")
    for x, y, near in s.scatter(9, s.height * 0.89, s.height * 0.99):
        shell_or_star(s, x, y, 14 + 12 * near)
    for _ in range(6):
        x, y = s.rng.uniform(0, s.width), s.rng.uniform(60, s.height * 0.7)
        for n in range(s.rng.randint(2, 6)):
            r = s.rng.uniform(4, 13)
            bx, by = x + s.rng.uniform(-18, 18), y - n * 34
            s.pen.plain(oval(bx, by, r), "#e8ffff", 0.28)
            s.pen.plain(oval(bx - r * 0.3, by - r * 0.3, r * 0.28), "#ffffff", 0.8)
    for _ in range(3):  # a shoal each
        x0, y0, colour, to = (
            s.rng.uniform(0.1, 0.9) * s.width,
            s.rng.uniform(0.1, 0.5) * s.height,
            mix(s.rng.choice(CORAL), middle, 0.4),
            s.rng.choice((-1, 1)),
        )
        for _ in range(6):
            little_fish(
                s, x0 + s.rng.uniform(-110, 110), y0 + s.rng.uniform(-50, 50), s.rng.uniform(12, 19), colour, to
            )


def little_fish(s: Stage, x: float, y: float, r: float, colour: str, to: int) -> None:
    """A fish far away."""
    if "fish" in s.sought:
        return
    s.pen.plain(
        oval(x, y, r, r * 0.55)
        + lines([(x - to * r * 0.7, y), (x - to * r * 1.6, y - r * 0.5), (x - to * r * 1.6, y + r * 0.5)]),
        colour,
    )
    s.pen.plain(oval(x + to * r * 0.5, y - r * 0.1, r * 0.12), "#1d2a44")


def _coral(s: Stage, x: float, y: float, height: float, colour: str) -> None:
    if s.rng.random() < 0.5:

        def branch(x: float, y: float, size: float, angle: float, width: float, left: int) -> None:
            x2, y2 = x + size * math.sin(angle), y - size * math.cos(angle)
            s.pen.limb(f"M{x:.1f} {y:.1f}Q{x:.1f} {y - size * 0.5:.1f} {x2:.1f} {y2:.1f}", colour, width, 1)
            if left:
                for turn in (-0.55, 0.5):
                    branch(x2, y2, size * 0.66, angle * 0.6 + turn, width * 0.76, left - 1)

        branch(x, y, height * 0.42, s.rng.uniform(-0.15, 0.15), height * 0.13, 2)
    else:
        for n, (dx, size) in enumerate(((-0.3, 0.7), (0.32, 0.62), (0.0, 1.0))):
            px, r = x + dx * height * 0.7, height * 0.13
            s.pen.shape(
                box(px - r, y - height * size * 0.75, 2 * r, height * size * 0.75 + 14, r),
                mix(colour, lighter(colour), 0.2 * n),
                edge=1.5,
            )
            s.pen.plain(oval(px, y - height * size * 0.75 + r * 0.6, r * 0.62, r * 0.42), darker(colour, 0.45))
    s.pen.plain(wobble(s.rng, x, y + 4, height * 0.34, 12), darker(s.ground, 0.35), 0.4)
