"""Settings on land: forest, meadow, mountains, garden, desert, snow."""

import math

from bookwright.contracts.depicting import Mood, Weather
from bookwright.providers.local.painting import plants
from bookwright.providers.local.painting.built import fence, festive, house
from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.pen import lines, number, oval, smooth, wobble
from bookwright.providers.local.painting.sky import fireflies, paint_sky, puddle
from bookwright.providers.local.painting.stage import Stage, height_at


def path(s: Stage, top: float, colour: str, start: float | None = None) -> None:
    """A way that winds from the horizon to the reader's feet."""
    start = s.x(s.rng.uniform(0.35, 0.65)) if start is None else start
    swing, side = s.width * s.rng.uniform(0.05, 0.11), s.rng.choice((-1, 1))
    left, right = [], []
    for step in range(13):
        t = step / 12
        y = top + t * (s.height + 30 - top)
        middle = start + side * swing * math.sin(t * 4.6) * (0.4 + t)
        half = 7 + s.width * 0.14 * t**1.6
        left.append((middle - half, y))
        right.append((middle + half, y))
    d = smooth(left + right[::-1])
    s.pen.fall(d, mix(colour, s.light.haze, 0.25), colour) if not s.pen.flat else s.pen.plain(d, colour)
    if not s.pen.flat:
        pebbles = []
        for n in range(26):
            t = (n + s.rng.random()) / 26
            y = top + t**0.7 * (s.height - top)
            place = (y - top) / (s.height + 30 - top)
            middle = start + side * swing * math.sin(place * 4.6) * (0.4 + place)
            half = 7 + s.width * 0.14 * place**1.6
            pebbles.append(oval(middle + s.rng.uniform(-0.8, 0.8) * half, y, 2 + 7 * place, 1 + 3 * place))
        s.pen.plain("".join(pebbles[::2]), darker(colour, 0.25), 0.35)
        s.pen.plain("".join(pebbles[1::2]), lighter(colour, 0.4), 0.4)


def hills(
    s: Stage, colours: tuple[str, ...], top: float, bottom: float, peaked: bool = False
) -> list[list[tuple[float, float]]]:
    """Ridges behind one another, hazier with the distance. Answers their outlines, back to front."""
    outlines = []
    for n, colour in enumerate(colours):
        share = n / max(len(colours) - 1, 1)
        depth = 1 - 0.62 * share
        points = s.ridge(top + (bottom - top) * share, 70 + 30 * s.rng.random(), 0.5 if peaked else 0.0)
        seen = s.at(colour, depth)
        s.land(points, seen, mix(seen, s.light.haze, 0.4), peaked, down=230)
        outlines.append(points)
    return outlines


def lay_ground(s: Stage, colour: str, base: float, height: float = 36) -> None:
    """The near ground, from `base` to the reader."""
    near = s.at(colour)
    s.ground = near
    s.land(s.ridge(base, height), s.at(colour, 0.3), darker(near, 0.12))


def corner_leaves(s: Stage, leaf: str) -> None:
    """Dark leaves in the picture's lower corners, before everything."""

    def draw() -> None:
        seen = darker(s.at(leaf), 0.34)
        for side in (0, 1):
            if s.rng.random() < 0.3:
                continue
            x0 = s.width * side
            for n in range(7):
                reach = s.rng.uniform(90, 210)
                angle = math.radians(s.rng.uniform(8, 82))
                tx, ty = x0 + (1 - 2 * side) * reach * math.cos(angle), s.height - reach * math.sin(angle) * 0.85
                bx, by = x0 + (1 - 2 * side) * s.rng.uniform(-30, 60), s.height + 14
                mx, my = (bx + tx) / 2, (by + ty) / 2
                wide = reach * 0.17
                s.pen.shape(
                    f"M{bx:.1f} {by:.1f}Q{mx - wide:.1f} {my - wide:.1f} {tx:.1f} {ty:.1f}"
                    f"Q{mx + wide:.1f} {my + wide:.1f} {bx:.1f} {by:.1f}Z",
                    mix(seen, lighter(seen), 0.35 * (n % 3) / 2),
                    edge=1.5,
                )

    s.front.append(draw)


def rained_on(s: Stage) -> None:
    """Puddles, after rain."""
    if s.weather in (Weather.RAIN, Weather.STORM):
        for x, y, near in s.scatter(5, s.floor[0], s.height - 20):
            puddle(s, x, y, 40 + 60 * near)


def forest(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.5, 0.58))
    s.floor = (s.horizon + s.height * 0.2, s.height * 0.93)
    paint_sky(s)
    leaves = plants.wood_of(s)
    conifers = s.rng.random() < 0.35
    for depth, count, size in ((0.95, 15, 230), (0.75, 11, 330), (0.5, 7, 470)):
        ground = s.horizon + (1 - depth) * s.height * 0.2
        seen = s.at("#4f7f4f", depth)
        s.land(s.ridge(ground + 4, 20), seen, mix(seen, s.light.haze, 0.15), down=200)
        for x, y, _ in s.scatter(count, ground - 4, ground + 16):
            height = size * s.rng.uniform(0.8, 1.2)
            if conifers or s.rng.random() < 0.25:
                plants.pine(s, x, y, height, depth)
            else:
                plants.leafy(s, x, y, height, depth, s.rng.choice(leaves))
    lay_ground(s, "#6d9a4f", s.horizon + s.height * 0.13)
    if not s.light.night and not s.light.overcast and not s.pen.flat:
        for _ in range(4):  # shafts of light
            x, wide = s.x(s.rng.uniform(0.1, 0.8)), s.rng.uniform(50, 110)
            s.pen.fade(
                lines([(x, -10), (x + wide, -10), (x + wide * 2.6 + 120, s.height * 0.8), (x + 120, s.height * 0.8)]),
                "#fff3c4",
                0.3,
                0.0,
            )
    path(s, s.horizon + s.height * 0.13, s.at("#d2b48a"))
    for side in (0.04, 0.96):
        x = s.x(side + s.rng.uniform(-0.03, 0.03))
        plants.leafy(
            s, x, s.floor[0] + s.rng.uniform(0, 40), s.height * s.rng.uniform(0.72, 0.86), 0.15, s.rng.choice(leaves)
        )
    plants.grass(s, s.horizon + s.height * 0.16, s.height, s.ground)
    for x, y, near in s.scatter(9, s.floor[0], s.height * 0.97):
        kind = s.rng.random()
        if kind < 0.35:
            plants.mushroom(s, x, y, 22 + 36 * near)
        elif kind < 0.65:
            plants.flower(s, x, y, 26 + 42 * near)
        else:
            plants.stone(s, x, y, 14 + 28 * near)
    if s.light.night or s.mood is Mood.MYSTERIOUS:
        fireflies(s, 24, s.horizon * 0.7, s.height * 0.9)
    rained_on(s)
    festive(s)
    corner_leaves(s, leaves[2])


def meadow(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.46, 0.56))
    s.floor = (s.horizon + s.height * 0.18, s.height * 0.94)
    paint_sky(s)
    outlines = hills(s, ("#7fa98f", "#7db36d", "#8cbf63"), s.horizon - 40, s.horizon + 50)
    for _ in range(9):
        x = s.rng.uniform(0, s.width)
        y = height_at(outlines[1], x) + 6
        (plants.leafy if s.rng.random() < 0.7 else plants.pine)(s, x, y, s.rng.uniform(60, 110), 0.72)
    if s.rng.random() < 0.4:
        x = s.x(s.rng.choice((0.2, 0.8)))
        house(s, x, height_at(outlines[2], x) + 10, 110, 0.5)
    lay_ground(s, "#8cc152", s.horizon + s.height * 0.1)
    if s.rng.random() < 0.6:
        path(s, s.horizon + s.height * 0.1, s.at("#e0c594"))
    if s.rng.random() < 0.75:
        side = s.rng.choice((0.1, 0.9))
        plants.leafy(s, s.x(side), s.floor[0] + 20, s.height * 0.62, 0.12, s.rng.choice(plants.wood_of(s)))
    if s.rng.random() < 0.35:
        fence(s, -10, s.x(0.42), s.floor[0] - 8, 70, 0.25)
    plants.grass(s, s.horizon + s.height * 0.12, s.height, s.ground, 110)
    for x, y, near in s.scatter(34, s.horizon + s.height * 0.13, s.height):
        plants.flower(s, x, y, 12 + 42 * near, 0.3 * (1 - near))
    if s.light.night:
        fireflies(s, 18, s.horizon, s.height * 0.9)
    rained_on(s)
    festive(s)
    corner_leaves(s, "#6aa04a")


def mountains(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.55, 0.62))
    s.floor = (s.horizon + s.height * 0.17, s.height * 0.94)
    paint_sky(s)
    for depth, count, size in ((0.85, 5, 0.46), (0.55, 3, 0.4)):
        for n in range(count):
            x = s.width * (n + s.rng.uniform(0.2, 0.8)) / count
            _peak(s, x, s.horizon + 40, s.height * size * s.rng.uniform(0.7, 1.1), depth)
    outlines = hills(s, ("#5f8f6a", "#74a35c"), s.horizon + 6, s.horizon + 70)
    for points, depth, count, size in ((outlines[0], 0.6, 14, 70), (outlines[1], 0.4, 9, 110)):
        for _ in range(count):
            x = s.rng.uniform(0, s.width)
            plants.pine(
                s, x, height_at(points, x) + 8, size * s.rng.uniform(0.8, 1.3), depth, s.weather is Weather.SNOW
            )
    lay_ground(s, "#88a85a", s.horizon + s.height * 0.15)
    path(s, s.horizon + s.height * 0.15, s.at("#cdb892"))
    plants.grass(s, s.horizon + s.height * 0.17, s.height, s.ground, 60)
    for x, y, near in s.scatter(12, s.floor[0] - 20, s.height):
        if s.rng.random() < 0.6:
            plants.stone(s, x, y, 18 + 46 * near)
        else:
            plants.flower(s, x, y, 18 + 34 * near)
    plants.pine(s, s.x(s.rng.choice((0.05, 0.95))), s.floor[0] + 40, s.height * 0.62, 0.08, s.weather is Weather.SNOW)
    rained_on(s)
    festive(s)


def _peak(s: Stage, x: float, y: float, height: float, depth: float) -> None:
    """A mountain with a lit and a shaded side and snow on top."""
    rock, half = s.at("#7f86a0", depth), height * s.rng.uniform(0.75, 0.95)
    top = y - height
    zig = [
        (x + height * d * 0.1 * s.rng.uniform(0.4, 1), top + height * n / 4)
        for n, d in ((1, 0.6), (2, -0.4), (3, 0.9), (4, 0.2))
    ]
    s.pen.plain(lines([(x, top), (x + half, y), (x - half, y)]), rock)
    s.pen.plain(lines([(x, top), (x + half, y), *zig[::-1]]), darker(rock, 0.22))
    cap = 0.3
    snow = [
        (x, top),
        (x + half * cap, top + height * cap),
        (x + half * cap * 0.5, top + height * cap * 0.82),
        (x + half * 0.03, top + height * cap * 1.15),
        (x - half * cap * 0.4, top + height * cap * 0.8),
        (x - half * cap, top + height * cap),
    ]
    s.pen.plain(lines(snow), s.at("#ffffff", depth * 0.6))
    s.pen.plain(
        lines([(x, top), snow[1], snow[2], snow[3], (x + half * 0.02, top + height * 0.1)]),
        s.at("#c3cfe6", depth * 0.6),
    )
    if not s.pen.flat:
        s.pen.fade(
            lines(
                [(x - half, y), (x - half * 0.4, y - height * 0.4), (x + half * 0.4, y - height * 0.4), (x + half, y)]
            ),
            s.light.haze,
            0.0,
            0.75,
        )


def garden(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.44, 0.5))
    s.floor = (s.horizon + s.height * 0.24, s.height * 0.93)
    paint_sky(s)
    for x, y, _ in s.scatter(9, s.horizon - 10, s.horizon + 30):
        plants.leafy(s, x, y, s.rng.uniform(190, 300), 0.7)
    seen = s.at("#6fa457", 0.4)
    s.land(s.ridge(s.horizon + 20, 10), seen, seen)
    if s.rng.random() < 0.75:
        house(s, s.x(s.rng.choice((0.22, 0.78))), s.horizon + 70, s.width * 0.24, 0.3, 0.62)
    fence(s, -10, s.width + 10, s.horizon + 92, 84, 0.2)
    lay_ground(s, "#86bd55", s.horizon + s.height * 0.1, 10)
    path(s, s.horizon + s.height * 0.1, s.at("#ead7b0"))
    for row in (0.0, 1.0):
        for n in range(6):
            x = s.width * (n + 0.5) / 6 + s.rng.uniform(-30, 30)
            if abs(x - s.width / 2) > s.width * (0.09 + 0.1 * row):
                plants.bush(s, x, s.horizon + s.height * (0.14 + 0.06 * row), 96 + 34 * row, 0.2, None, True)
    plants.grass(s, s.horizon + s.height * 0.2, s.height, s.ground, 60)
    for x, y, near in s.scatter(30, s.horizon + s.height * 0.2, s.height):
        if abs(x - s.width / 2) > s.width * 0.16:
            plants.flower(s, x, y, 26 + 44 * near)
    plants.leafy(s, s.x(s.rng.choice((0.03, 0.97))), s.floor[0], s.height * 0.66, 0.1)
    if s.light.night:
        fireflies(s, 20, s.horizon, s.height * 0.9)
    rained_on(s)
    festive(s)
    corner_leaves(s, "#5f9a4a")


def desert(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.5, 0.58))
    s.floor = (s.horizon + s.height * 0.17, s.height * 0.94)
    paint_sky(s)
    for _ in range(3):
        x, half, rise = s.rng.uniform(0, s.width), s.rng.uniform(70, 150), s.rng.uniform(90, 170)
        mesa = s.at("#c9785a", 0.8)
        s.pen.plain(
            lines(
                [
                    (x - half, s.horizon + 10),
                    (x - half * 0.72, s.horizon - rise),
                    (x + half * 0.7, s.horizon - rise * 0.96),
                    (x + half, s.horizon + 10),
                ]
            ),
            mesa,
        )
        s.pen.plain(
            lines(
                [
                    (x + half * 0.2, s.horizon - rise * 0.98),
                    (x + half * 0.7, s.horizon - rise * 0.96),
                    (x + half, s.horizon + 10),
                    (x + half * 0.3, s.horizon + 10),
                ]
            ),
            darker(mesa, 0.2),
        )
    for n, colour in enumerate(("#e8b878", "#eec283", "#e3ad68", "#edc07c")):
        depth = 0.75 - 0.22 * n
        points = s.ridge(s.horizon + 12 + n * s.height * 0.085, 66, 0.0, 7)
        seen = s.at(colour, depth)
        s.land(points, lighter(seen, 0.14), darker(seen, 0.14), down=None if n == 3 else 220)
        if n < 3 and s.rng.random() < 0.8:
            x = s.x(s.rng.uniform(0.1, 0.9))
            plants.cactus(s, x, height_at(points, x) + 8, 60 + 46 * n, depth * 0.7)
    s.ground = s.at("#edc07c")
    ripples = "".join(
        f"M{x:.1f} {y:.1f}q{26 + 40 * near:.1f} {-9 - 8 * near:.1f} {70 + 110 * near:.1f} 0"
        for x, y, near in s.scatter(26, s.horizon + s.height * 0.16, s.height)
    )
    s.pen.line(ripples, darker(s.ground, 0.22), 3, 0.35)
    for x, y, near in s.scatter(6, s.floor[0], s.height):
        plants.stone(s, x, y, 14 + 26 * near, 0, "#b98a6a")
    plants.cactus(s, s.x(s.rng.choice((0.08, 0.92))), s.floor[0] + 30, s.height * 0.36, 0.05)
    festive(s)


def snow(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.5, 0.58))
    s.floor = (s.horizon + s.height * 0.18, s.height * 0.94)
    paint_sky(s)
    if s.light.night and not s.light.overcast:
        for n, colour in enumerate(("#6ff0b0", "#58c8e8", "#9a8cf0")):  # northern lights
            lights = [
                (x, s.horizon * (0.22 + 0.1 * n) + 50 * math.sin(x / 210 + n * 1.7))
                for x in map(float, range(-40, round(s.width) + 120, 60))
            ]
            d = smooth(lights, closed=False)
            s.pen.fade(f"{d}L{number(lights[-1][0])} {s.horizon:.1f}L-40 {s.horizon:.1f}Z", colour, 0.34, 0.0)
    for n in range(3):
        _peak(
            s, s.width * (n + s.rng.uniform(0.2, 0.8)) / 3, s.horizon + 20, s.height * s.rng.uniform(0.22, 0.36), 0.85
        )
    for n, depth in enumerate((0.7, 0.45, 0.25)):
        points = s.ridge(s.horizon + n * s.height * 0.065, 44)
        s.land(points, s.at("#f4f8ff", depth), s.at("#cddcf2", depth), down=240)
        for _ in range(8 - 2 * n):
            x = s.rng.uniform(0, s.width)
            plants.pine(s, x, height_at(points, x) + 8, (90 + 60 * n) * s.rng.uniform(0.8, 1.25), depth, True)
    if s.rng.random() < 0.5:
        x = s.x(s.rng.choice((0.22, 0.78)))
        house(s, x, s.horizon + s.height * 0.16, 170, 0.25)
    s.ground = s.at("#f2f6ff")
    s.land(s.ridge(s.horizon + s.height * 0.17, 34), s.ground, s.at("#c5d6f0"))
    for x, y, near in s.scatter(8, s.floor[0], s.height):
        s.pen.plain(wobble(s.rng, x, y, 70 + 90 * near, 10 + 14 * near), s.at("#b9cdee"), 0.4)
    plants.pine(s, s.x(s.rng.choice((0.05, 0.95))), s.floor[0] + 40, s.height * 0.68, 0.05, True)
    if s.light.night:
        s.pen.glow(s.x(0.5), s.floor[1], s.width * 0.4, "#9fb8ff", 0.2, 90)
    festive(s)
