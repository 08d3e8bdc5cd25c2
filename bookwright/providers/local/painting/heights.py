"""Settings above the ground: sky and space."""

import math

from bookwright.providers.local.painting.built import festive
from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.pen import box, number, oval, smooth, wobble
from bookwright.providers.local.painting.sky import cloud, paint_sky, sparkle
from bookwright.providers.local.painting.stage import Stage

_PLANETS = ("#e8915f", "#7fb8d9", "#d98fb0", "#8fcf9a", "#c9a0e0", "#f0c870")


def sky(s: Stage) -> None:
    s.afloat, s.horizon, s.floor = True, s.height * 0.9, (s.height * 0.55, s.height * 0.78)
    paint_sky(s, s.height)
    far = s.at("#8fb0c8", 0.85)
    for n in range(3):
        points = s.ridge(s.height * (0.84 + 0.05 * n), 40)
        tint = mix(far, s.at("#6fa58a", 0.6), n / 3)
        s.land(points, tint, mix(tint, s.light.haze, 0.5))
    if s.rng.random() < 0.6:
        _balloon(s, s.x(s.rng.choice((0.14, 0.86))), s.height * 0.3, 70)
    white = mix(s.light.sky[2], "#ffffff", 0.8 if not s.light.night else 0.25)
    for n in range(6):
        cloud(
            s,
            s.width * (n + s.rng.random()) / 6,
            s.height * s.rng.uniform(0.6, 0.82),
            s.rng.uniform(240, 420),
            white,
            0.9,
        )
    festive(s)

    def below() -> None:
        for n in range(5):
            cloud(
                s,
                s.width * (n + s.rng.uniform(0.2, 0.8)) / 5,
                s.height * s.rng.uniform(1.0, 1.05),
                s.rng.uniform(360, 520),
                lighter(white, 0.3),
                0.95,
            )

    s.front.append(below)


def _balloon(s: Stage, x: float, y: float, r: float) -> None:
    one, two = s.at(s.rng.choice(("#e2574c", "#4fa3a5", "#8f6bb5"))), s.at("#f6d55c")
    body = (
        f"M{x:.1f} {y + r * 1.5:.1f}C{x - r * 0.5:.1f} {y + r:.1f} {x - r * 1.1:.1f} "
        f"{y + r * 0.5:.1f} {x - r:.1f} {y - r * 0.1:.1f}A{r:.1f} {r:.1f} 0 0 1 {x + r:.1f} "
        f"{y - r * 0.1:.1f}C{x + r * 1.1:.1f} {y + r * 0.5:.1f} {x + r * 0.5:.1f} {y + r:.1f} {x:.1f} "
        f"{y + r * 1.5:.1f}Z"
    )
    s.pen.shape(body, one, edge=1.6)
    with s.pen.within(body):
        s.pen.plain(oval(x, y + r * 0.2, r * 0.34, r * 1.5), two)
        s.pen.plain(
            box(x - r * 1.1, y - r * 1.1, r * 0.34, r * 3) + box(x + r * 0.76, y - r * 1.1, r * 0.34, r * 3), two
        )
    s.pen.line(
        f"M{x - r * 0.18:.1f} {y + r * 1.4:.1f}L{x - r * 0.2:.1f} {y + r * 1.9:.1f}"
        f"M{x + r * 0.18:.1f} {y + r * 1.4:.1f}L{x + r * 0.2:.1f} {y + r * 1.9:.1f}",
        s.at("#5a4636"),
        2,
    )
    s.pen.shape(box(x - r * 0.24, y + r * 1.86, r * 0.48, r * 0.36, 4), s.at("#a8754a"), edge=1.3)


def space(s: Stage) -> None:
    s.horizon, s.floor = s.height * 0.78, (s.height * 0.84, s.height * 0.95)
    s.afloat = s.rng.random() < 0.5 or "fly" in s.words or "flying" in s.words
    if s.afloat:
        s.floor = (s.height * 0.55, s.height * 0.8)
    top, low = ("#0b0f33", "#35206b") if s.rng.random() < 0.6 else ("#0a1a3a", "#12506b")
    s.pen.wash(-5, -5, s.width + 10, s.height + 10, top, low)
    if not s.pen.flat:
        for _ in range(5):
            s.pen.glow(
                s.rng.uniform(0, s.width),
                s.rng.uniform(0, s.height * 0.8),
                s.rng.uniform(180, 400),
                s.rng.choice(("#7a4fd0", "#d04f9a", "#3f8fd0", "#3fb5a0")),
                0.32,
                s.rng.uniform(90, 220),
            )
    small = "".join(
        oval(s.rng.uniform(0, s.width), s.rng.uniform(0, s.height), s.rng.uniform(0.9, 2.6)) for _ in range(120)
    )
    s.pen.plain(small, "#fff8e8", 0.85)
    for _ in range(12):
        s.pen.plain(
            sparkle(s.rng.uniform(0, s.width), s.rng.uniform(0, s.height * 0.75), s.rng.uniform(7, 15)), "#fff6cf"
        )
    for share, r in (
        (s.rng.choice((0.16, 0.2)), s.rng.uniform(80, 120)),
        (s.rng.choice((0.8, 0.86)), s.rng.uniform(60, 100)),
        (s.rng.uniform(0.45, 0.6), s.rng.uniform(24, 40)),
    ):
        _planet(s, s.x(share), s.height * s.rng.uniform(0.12, 0.36), r, s.rng.random() < 0.5)
    x, y = s.x(s.rng.uniform(0.3, 0.6)), s.height * s.rng.uniform(0.08, 0.2)
    s.pen.fade(f"M{x:.1f} {y:.1f}l-190 74l6 10Z", "#fff6cf", 0.7, 0.1)
    s.pen.plain(sparkle(x, y, 18), "#fffbe6")
    ground = s.rng.choice(("#a09ab5", "#c98f7a", "#8fa5b5"))
    s.ground = ground
    s.land(s.ridge(s.height * 0.8, 50), lighter(ground, 0.12), darker(ground, 0.35))
    for x, y, near in s.scatter(9, s.height * 0.83, s.height * 0.98):
        r = 34 + 60 * near
        s.pen.shape(oval(x, y, r, r * 0.27), darker(ground, 0.22), edge=0)
        s.pen.plain(
            f"M{x - r:.1f} {y:.1f}a{r:.1f} {r * 0.27:.1f} 0 0 1 {number(2 * r)} 0a{r:.1f} "
            f"{r * 0.2:.1f} 0 0 0 {number(-2 * r)} 0Z",
            darker(ground, 0.5),
            0.5,
        )
    s.pen.plain(smooth([(0, s.height), (s.width * 0.3, s.height * 0.99), (s.width, s.height)]), ground)


def _planet(s: Stage, x: float, y: float, r: float, ringed: bool) -> None:
    colour = s.rng.choice(_PLANETS)
    if not s.pen.flat:
        s.pen.glow(x, y, r * 1.7, colour, 0.3)
    ring = f"M{x - r * 1.75:.1f} {y + r * 0.3:.1f}A{r * 1.8:.1f} {r * 0.42:.1f} -10 0 "
    if ringed:
        s.pen.line(f"{ring}1 {x + r * 1.75:.1f} {y - r * 0.3:.1f}", lighter(colour, 0.5), r * 0.13, 0.8)
    s.pen.shape(oval(x, y, r), colour, edge=1.5)
    with s.pen.within(oval(x, y, r)):
        for n in range(3):
            s.pen.plain(
                wobble(s.rng, x + s.rng.uniform(-0.5, 0.5) * r, y + (n - 1) * r * 0.6, r * 0.8, r * 0.13, 0.2),
                lighter(colour, 0.35) if n % 2 else darker(colour, 0.2),
                0.6,
            )
        s.pen.plain(
            f"M{x + r * math.cos(-1):.1f} {y - r:.1f}Q{x + r * 0.2:.1f} {y:.1f} {x + r * 0.5:.1f} "
            f"{y + r:.1f}L{x + 2 * r:.1f} {y + r:.1f}V{y - r:.1f}Z",
            darker(colour, 0.6),
            0.3,
        )
    if ringed:
        s.pen.line(f"{ring}0 {x + r * 1.75:.1f} {y - r * 0.3:.1f}", lighter(colour, 0.5), r * 0.13, 0.9)
