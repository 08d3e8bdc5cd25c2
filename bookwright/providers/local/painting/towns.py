"""Settings among houses: village, city street, market, castle."""

from bookwright.contracts.depicting import Weather
from bookwright.providers.local.painting import plants
from bookwright.providers.local.painting.built import (
    LAMP,
    WALLS,
    bunting,
    festive,
    house,
    lantern,
    stall,
    tower,
    window,
)
from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.landscapes import corner_leaves, hills, lay_ground, path, rained_on
from bookwright.providers.local.painting.pen import box, lines, oval
from bookwright.providers.local.painting.sky import paint_sky
from bookwright.providers.local.painting.stage import Stage, height_at


def village(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.48, 0.54))
    s.floor = (s.horizon + s.height * 0.22, s.height * 0.94)
    paint_sky(s)
    outlines = hills(s, ("#7fa590", "#82b070"), s.horizon - 50, s.horizon)
    for _ in range(10):
        x = s.rng.uniform(0, s.width)
        plants.leafy(s, x, height_at(outlines[1], x) + 8, s.rng.uniform(70, 120), 0.7)
    for n in range(4):
        x = s.width * (n + s.rng.uniform(0.3, 0.7)) / 4
        house(s, x, height_at(outlines[1], x) + 24, s.rng.uniform(88, 120), 0.62)
    lay_ground(s, "#8dbb5c", s.horizon + s.height * 0.05, 14)
    for n, share in enumerate((0.12, 0.34, 0.68, 0.9)):
        outer = n in (0, 3)
        house(
            s,
            s.x(share),
            s.horizon + s.height * (0.17 if outer else 0.11),
            s.width * (0.2 if outer else 0.14),
            0.12 if outer else 0.32,
        )
    path(s, s.horizon + s.height * 0.08, s.at("#e3cda0"), s.x(0.5))
    for x in (0.02, 0.25, 0.76, 0.98):
        plants.bush(s, s.x(x), s.horizon + s.height * 0.2, s.rng.uniform(80, 120), 0.1, None, True)
    if s.rng.random() < 0.5:
        _well(s, s.x(s.rng.choice((0.3, 0.72))), s.horizon + s.height * 0.25)
    plants.grass(s, s.horizon + s.height * 0.2, s.height, s.ground, 60)
    for x, y, near in s.scatter(14, s.floor[0], s.height):
        if abs(x - s.width / 2) > s.width * 0.14:
            plants.flower(s, x, y, 24 + 34 * near)
    rained_on(s)
    festive(s)
    corner_leaves(s, "#5f9a4a")


def _well(s: Stage, x: float, y: float) -> None:
    wood, brick = s.at("#8a6242"), s.at("#b5a79c")
    s.pen.limb(f"M{x - 42:.1f} {y - 40:.1f}v-80M{x + 42:.1f} {y - 40:.1f}v-80", wood, 9)
    s.pen.line(f"M{x:.1f} {y - 118:.1f}v56", s.at("#c9a877"), 3)
    s.pen.shape(lines([(x - 68, y - 112), (x, y - 162), (x + 68, y - 112)]), s.at("#b5563f"), edge=1.6)
    s.pen.shape(box(x - 52, y - 58, 104, 60, 8), brick, edge=1.6)
    s.pen.shape(oval(x, y - 58, 54, 13), darker(brick, 0.3), edge=1.4)
    s.pen.line(
        "".join(f"M{x - 44 + 30 * (n % 3) + 10 * (n // 3):.1f} {y - 40 + 16 * (n // 3):.1f}h20" for n in range(9)),
        darker(brick, 0.35),
        2.5,
        0.5,
    )


def city(s: Stage) -> None:
    s.horizon = s.y(0.6)
    s.floor = (s.horizon + s.height * 0.19, s.height * 0.94)
    paint_sky(s)
    x = -20.0
    while x < s.width:
        wide, tall = s.rng.uniform(60, 120), s.rng.uniform(150, 370)
        far = s.at(s.rng.choice(("#8a97b5", "#9a90b0", "#7f9aa8")), 0.8)
        s.pen.plain(box(x, s.horizon - tall, wide, tall + 40), far)
        panes = "".join(
            box(x + 12 + 22 * k, s.horizon - tall + 18 + 34 * r, 9, 15)
            for r in range(int(tall // 40))
            for k in range(int((wide - 14) // 22))
            if s.rng.random() < 0.6
        )
        s.pen.plain(panes, LAMP if s.light.night else lighter(far, 0.4), 0.75)
        x += wide + s.rng.uniform(-8, 16)
    x, n = -30.0, 0
    while x < s.width:
        wide, tall = s.rng.uniform(0.16, 0.24) * s.width, s.rng.uniform(0.42, 0.6) * s.height
        _building(s, x, s.horizon + s.height * 0.1, wide, tall, n)
        x, n = x + wide, n + 1
    kerb = s.horizon + s.height * 0.1
    s.ground = s.at("#c9c3bb")
    s.pen.wash(-5, kerb, s.width + 10, s.height, s.ground, darker(s.ground, 0.14)) if not s.pen.flat else s.pen.plain(
        box(-5, kerb, s.width + 10, s.height), s.ground
    )
    s.pen.line(
        "".join(
            f"M{s.width / 2 + (n - 6) * s.width * 0.09:.1f} {kerb:.1f}"
            f"L{s.width / 2 + (n - 6) * s.width * 0.24:.1f} {s.height:.1f}"
            for n in range(13)
        ),
        darker(s.ground, 0.25),
        2.5,
        0.5,
    )
    s.pen.line(
        "".join(f"M-5 {kerb + (s.height - kerb) * share:.1f}H{s.width + 5:.1f}" for share in (0.1, 0.26, 0.5, 0.8)),
        darker(s.ground, 0.25),
        2.5,
        0.5,
    )
    s.pen.plain(box(-5, kerb, s.width + 10, 9), darker(s.ground, 0.3), 0.5)
    for share in (0.08, 0.92):
        _street_lamp(s, s.x(share), kerb + s.height * 0.14)
    for share in (0.27, 0.73):
        _planter(s, s.x(share + s.rng.uniform(-0.04, 0.04)), kerb + s.height * 0.06)
    rained_on(s)
    festive(s)


def _building(s: Stage, x: float, y: float, width: float, height: float, n: int) -> None:
    wall = s.at(s.rng.choice((*WALLS, "#d98f72", "#8fb5b0", "#d9b56a", "#b59ac0")), 0.16)
    s.pen.shape(box(x, y - height, width, height), wall, volume=0.5, edge=2)
    s.pen.shape(box(x - 5, y - height - 12, width + 10, 20), lighter(wall, 0.25), edge=1.4)
    columns, rows = 3, max(int(height // 120), 2)
    for row in range(rows):
        for column in range(columns):
            wx, wy = x + width * (column + 0.5) / columns, y - height + 62 + row * (height - 190) / max(rows - 0.6, 1)
            if wy < y - 175:
                window(s, wx, wy, width * 0.16, width * 0.25, 0.2, arched=n % 2 == 0)
                if s.rng.random() < 0.3:
                    plants.bush(s, wx, wy + width * 0.19, width * 0.2, 0.2, None, True)
    awning = s.at(s.rng.choice(("#d9534a", "#3f8fb5", "#e39a2d", "#5aa05a", "#a05aa0")), 0.1)
    glass = LAMP if s.light.night or s.light.overcast else s.at("#a9d0dd", 0.1)
    s.pen.shape(box(x + width * 0.1, y - 112, width * 0.48, 92, 4), glass, edge=2, volume=0.4)
    s.pen.line(f"M{x + width * 0.34:.1f} {y - 112:.1f}v92", lighter(wall, 0.4), 5)
    s.pen.shape(box(x + width * 0.66, y - 112, width * 0.22, 112, 4), s.at("#7d4f35", 0.1), edge=2)
    s.pen.plain(oval(x + width * 0.84, y - 54, 4), s.at("#f0d080"))
    stripes = 7
    for k in range(stripes):
        a, w = x + width * 0.04 + width * 0.92 * k / stripes, width * 0.92 / stripes
        s.pen.shape(
            f"M{a:.1f} {y - 150:.1f}h{w:.1f}v34a{w / 2:.1f} {w / 2:.1f} 0 0 1 {-w:.1f} 0Z",
            awning if k % 2 else s.at("#fbf3e4", 0.1),
            edge=1.2,
            volume=0.5,
        )


def _street_lamp(s: Stage, x: float, y: float) -> None:
    iron = s.at("#3d4656")
    if s.light.night and not s.pen.flat:
        s.pen.glow(x, y - 330, 210, LAMP, 0.65)
        s.pen.glow(x, y, 190, LAMP, 0.4, 50)
    s.pen.limb(f"M{x:.1f} {y:.1f}v-300", iron, 11, 1)
    s.pen.shape(box(x - 20, y - 12, 40, 14, 4), iron)
    s.pen.shape(
        lines([(x - 17, y - 300), (x + 17, y - 300), (x + 25, y - 350), (x - 25, y - 350)]),
        LAMP if s.light.night else s.at("#f3ead0"),
        edge=2,
    )
    s.pen.shape(lines([(x - 30, y - 350), (x, y - 376), (x + 30, y - 350)]), iron)


def _planter(s: Stage, x: float, y: float) -> None:
    plants.bush(s, x, y - 40, 96, 0.1, None, True)
    s.pen.shape(lines([(x - 46, y - 52), (x + 46, y - 52), (x + 37, y), (x - 37, y)]), s.at("#b5654a"), edge=1.6)


def market(s: Stage) -> None:
    s.horizon = s.y(0.52)
    s.floor = (s.horizon + s.height * 0.25, s.height * 0.94)
    paint_sky(s)
    for n in range(7):
        house(
            s,
            s.width * (n + s.rng.uniform(0.3, 0.7)) / 7,
            s.horizon + 30,
            s.width * s.rng.uniform(0.14, 0.19),
            0.6,
            1.1,
        )
    s.ground = s.at("#dcc39a")
    s.pen.wash(
        -5, s.horizon + 24, s.width + 10, s.height, s.at("#cbb088", 0.3), s.ground
    ) if not s.pen.flat else s.pen.plain(box(-5, s.horizon + 24, s.width + 10, s.height), s.ground)
    stones = "".join(oval(x, y, 14 + 28 * near, 5 + 9 * near) for x, y, near in s.scatter(54, s.horizon + 70, s.height))
    s.pen.plain(stones, darker(s.ground, 0.14), 0.32)
    for n in range(4):
        stall(s, s.width * (n + 0.5) / 4 + s.rng.uniform(-20, 20), s.horizon + s.height * 0.11, s.width * 0.19, 0.38)
    for share in (0.1, 0.9):
        stall(s, s.x(share), s.horizon + s.height * 0.23, s.width * 0.29, 0.08)
    if s.light.night:
        for n in range(6):
            lantern(
                s, s.width * (n + 0.5) / 6, s.rng.uniform(150, 250), 24, s.rng.choice(("#f08a3c", "#e2574c", "#f2b63c"))
            )
    else:
        bunting(s, 60, 46)
    for x, y, near in s.scatter(4, s.floor[0] + 20, s.height * 0.9):
        if abs(x - s.width / 2) > s.width * 0.2:
            _basket(s, x, y, 34 + 22 * near)
    rained_on(s)


def _basket(s: Stage, x: float, y: float, r: float) -> None:
    for n in range(5):
        s.pen.shape(
            oval(x + (n - 2) * r * 0.4, y - r * 0.98, r * 0.3),
            s.at(s.rng.choice(("#e2574c", "#f3a73b", "#7fb069"))),
            edge=1,
        )
    s.pen.shape(
        lines([(x - r, y - r * 0.85), (x + r, y - r * 0.85), (x + r * 0.78, y), (x - r * 0.78, y)]),
        s.at("#c49a5a"),
        edge=1.4,
    )
    s.pen.line(
        f"M{x - r * 0.95:.1f} {y - r * 0.6:.1f}H{x + r * 0.95:.1f}M{x - r * 0.88:.1f} "
        f"{y - r * 0.3:.1f}H{x + r * 0.88:.1f}",
        s.at("#8f6a38"),
        3,
        0.6,
    )


def castle(s: Stage) -> None:
    s.horizon = s.y(s.rng.uniform(0.54, 0.6))
    s.floor = (s.horizon + s.height * 0.17, s.height * 0.94)
    paint_sky(s)
    hills(s, ("#7f9fa0", "#82ac74"), s.horizon - 30, s.horizon + 20)
    x = s.x(s.rng.choice((0.3, 0.5, 0.7)))
    base, unit = s.horizon + s.height * 0.05, s.height * 0.1
    roof = s.rng.choice(("#5f6fb0", "#c0563f", "#7a5fa0", "#3f8a8c"))
    flag = s.rng.choice(("#e2574c", "#f6c945", "#8f6bb5"))
    tower(s, x - unit * 1.15, base, unit * 0.85, unit * 4.1, 0.35, roof, None)
    tower(s, x + unit * 1.2, base, unit * 0.8, unit * 3.4, 0.35, roof, flag)
    tower(s, x, base, unit * 1.05, unit * 4.7, 0.3, roof, flag)
    wall = s.at("#d3c7ba", 0.25)
    s.pen.shape(box(x - unit * 2.6, base - unit * 1.7, unit * 5.2, unit * 1.7), wall, edge=2, volume=0.5)
    merlons = "".join(
        box(x - unit * 2.6 + n * unit * 0.4, base - unit * 1.92, unit * 0.22, unit * 0.26) for n in range(13)
    )
    s.pen.shape(merlons, wall, edge=1.4, volume=0)
    bricks = "".join(
        f"M{x + s.rng.uniform(-2.5, 2.3) * unit:.1f} {base - s.rng.uniform(0.1, 1.6) * unit:.1f}h{unit * 0.18:.1f}"
        for _ in range(30)
    )
    s.pen.line(bricks, darker(wall, 0.3), 2.4, 0.4)
    for side in (-1, 1):
        tower(
            s, x + side * unit * 2.6, base + unit * 0.12, unit * 0.95, unit * 2.7, 0.2, roof, flag if side > 0 else None
        )
    gate = (
        f"M{x - unit * 0.46:.1f} {base:.1f}v{-unit * 0.62:.1f}a{unit * 0.46:.1f} "
        f"{unit * 0.5:.1f} 0 0 1 {unit * 0.92:.1f} 0v{unit * 0.62:.1f}Z"
    )
    s.pen.shape(gate, s.at("#7d5236", 0.15), edge=2.5)
    s.pen.line(
        "".join(f"M{x + dx * unit:.1f} {base:.1f}v{-unit * 0.95:.1f}" for dx in (-0.22, 0, 0.22)),
        s.at("#4f3323", 0.15),
        3,
        0.7,
    )
    lay_ground(s, "#86b55a", s.horizon + s.height * 0.08, 16)
    path(s, s.horizon + s.height * 0.085, s.at("#e0cca6"), x)
    for share in (0.03, 0.13, 0.87, 0.97):
        (plants.leafy if s.rng.random() < 0.6 else plants.pine)(
            s, s.x(share), s.floor[0] - 10, s.height * s.rng.uniform(0.34, 0.5), 0.15
        )
    plants.grass(s, s.floor[0] - 20, s.height, s.ground, 60)
    for x, y, near in s.scatter(14, s.floor[0], s.height):
        plants.flower(s, x, y, 22 + 32 * near)
    if s.weather is Weather.FOG:
        s.pen.glow(s.x(0.5), base, s.width * 0.6, mix(s.light.haze, "#ffffff", 0.2), 0.4, 80)
    rained_on(s)
    festive(s)
    corner_leaves(s, "#5f9a4a")
