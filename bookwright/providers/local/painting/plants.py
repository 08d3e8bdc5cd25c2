"""What grows: trees, bushes, grass and flowers, and the stones between them."""

import math

from bookwright.contracts.depicting import Mood
from bookwright.providers.local.painting.colour import darker, lighter, mix, toned
from bookwright.providers.local.painting.pen import lines, number, oval, smooth, wobble
from bookwright.providers.local.painting.stage import Stage

LEAVES = ("#5f9a4a", "#74ab4f", "#4b8a55", "#88b552", "#3f7d4c")
FLOWERS = ("#f26d7d", "#f9c74f", "#ffffff", "#b58bd8", "#ff9f68", "#6fa8ec", "#f48fb1")


def leafy(s: Stage, x: float, y: float, height: float, depth: float = 0.0, leaf: str | None = None) -> None:
    """A broad tree, its foot at (x, y)."""
    rng, pen = s.rng, s.pen
    leaf = s.at(leaf or rng.choice(LEAVES), depth)
    bark = s.at(rng.choice(("#7a5638", "#8a6242", "#6b4a35")), depth)
    trunk, r = height * 0.055, height * 0.27
    lean = rng.uniform(-0.06, 0.06) * height
    pen.shape(
        f"M{x - trunk * 1.7:.1f} {y:.1f}Q{x - trunk * 0.7:.1f} {y - height * 0.1:.1f} {x - trunk * 0.6 + lean:.1f} "
        f"{y - height * 0.62:.1f}h{trunk * 1.2:.1f}Q{x + trunk * 0.8:.1f} {y - height * 0.1:.1f} {x + trunk * 1.7:.1f} "
        f"{y:.1f}Z",
        bark,
        edge=2 if depth < 0.5 else 0,
    )
    if depth < 0.5:
        for side in (-1, 1):
            pen.limb(
                f"M{x + lean:.1f} {y - height * 0.42:.1f}q{side * r * 0.2:.1f} {-r * 0.3:.1f} {side * r * 0.55:.1f} "
                f"{-r * 0.6:.1f}",
                bark,
                trunk * 0.7,
                0,
            )
    top = y - height * 0.68
    puffs = [
        (0.0, -0.75, 0.95),
        (-0.85, -0.05, 0.8),
        (0.85, 0.0, 0.82),
        (0.0, 0.15, 0.95),
        (-0.5, -0.55, 0.75),
        (0.5, -0.5, 0.78),
    ]
    crown = [(x + lean + dx * r, top + dy * r, size * r * rng.uniform(0.88, 1.1)) for dx, dy, size in puffs]
    rims = [wobble(rng, px + size * 0.06, py + size * 0.1, size, size * 0.92, 0.06) for px, py, size in crown]
    if pen.artistic and depth < 0.5:
        pen.line("".join(rims), darker(leaf, 0.35), 3)
    if depth > 0.6:  # far away: a shape and where light falls on it
        pen.plain("".join(rims), leaf)
        lights = (oval(px - size * 0.18, py - size * 0.26, size * 0.5, size * 0.36) for px, py, size in crown)
        pen.plain("".join(lights), lighter(leaf, 0.14))
        return
    for rim in rims:
        pen.plain(rim, darker(leaf, 0.16))
    if pen.flat:
        for px, py, size in crown:
            pen.plain(oval(px, py, size * 0.98, size * 0.9), leaf)
        return
    for px, py, size in crown:
        pen.plain(wobble(rng, px, py, size * 0.9, size * 0.8, 0.07), leaf)
    for px, py, size in crown:
        pen.plain(
            wobble(rng, px - size * 0.18, py - size * 0.24, size * 0.55, size * 0.42, 0.1),
            lighter(leaf, 0.22),
            0.22 if s.light.night else 0.5,
        )
    if depth < 0.4:
        specks = []
        for px, py, size in crown:
            for _ in range(7):
                angle, away = rng.uniform(0, math.tau), rng.uniform(0.1, 0.85)
                specks.append(
                    oval(
                        px + math.cos(angle) * size * away,
                        py + math.sin(angle) * size * away * 0.8,
                        height * 0.011,
                        height * 0.007,
                    )
                )
        pen.plain("".join(specks[::2]), lighter(leaf, 0.38), 0.5)
        pen.plain("".join(specks[1::2]), darker(leaf, 0.3), 0.35)


def pine(s: Stage, x: float, y: float, height: float, depth: float = 0.0, snow: bool = False) -> None:
    """A conifer, its foot at (x, y)."""
    rng, pen = s.rng, s.pen
    leaf = s.at(rng.choice(("#2f6b52", "#3b7a58", "#2a5d4f", "#47855a")), depth)
    pen.shape(
        f"M{x - height * 0.03:.1f} {y:.1f}v{-height * 0.2:.1f}h{height * 0.06:.1f}v{height * 0.2:.1f}Z",
        s.at("#6b4a35", depth),
        edge=0,
    )
    tiers = 4
    for n in range(tiers):
        low, high = y - height * (0.1 + 0.21 * n), y - height * (0.46 + 0.18 * n)
        half = height * (0.25 - 0.048 * n)
        left = [
            (x - half + 2 * half * k / 6, low + (height * 0.028 if k % 2 else 0) - abs(k - 3) * -height * 0.006)
            for k in range(7)
        ]
        d = lines([(x, high), *reversed(left)])
        pen.shape(d, mix(leaf, lighter(leaf), 0.12 * n), edge=1.6 if depth < 0.5 else 0)
        if not pen.flat:
            pen.plain(
                lines([(x, high), (x + half * 0.12, low), (x + half, low + height * 0.018)]), darker(leaf, 0.4), 0.22
            )
        if snow:
            pen.plain(
                lines(
                    [
                        (x, high - 2),
                        (x - half * 0.5, low - (low - high) * 0.46),
                        (x - half * 0.2, low - (low - high) * 0.52),
                        (x, low - (low - high) * 0.38),
                        (x + half * 0.24, low - (low - high) * 0.5),
                        (x + half * 0.46, low - (low - high) * 0.5),
                    ]
                ),
                s.at("#ffffff", depth * 0.7),
                0.95,
            )


def bare(s: Stage, x: float, y: float, height: float, depth: float = 0.0) -> None:
    """A tree without leaves."""
    bark = s.at("#6b5446", depth)

    def branch(x: float, y: float, size: float, angle: float, width: float, left: int) -> None:
        x2, y2 = x + size * math.sin(angle), y - size * math.cos(angle)
        s.pen.line(f"M{x:.1f} {y:.1f}L{x2:.1f} {y2:.1f}", bark, width)
        if left:
            for turn in (-0.5, 0.45):
                branch(x2, y2, size * 0.68, angle + turn * s.rng.uniform(0.7, 1.3), width * 0.64, left - 1)

    branch(x, y, height * 0.36, s.rng.uniform(-0.08, 0.08), height * 0.06, 3)


def palm(s: Stage, x: float, y: float, height: float, depth: float = 0.0) -> None:
    """A palm, leaning."""
    pen, lean = s.pen, s.rng.choice((-1, 1)) * s.rng.uniform(0.12, 0.26) * height
    bark, leaf = s.at("#9a7650", depth), s.at("#4f9a52", depth)
    tx, ty = x + lean, y - height * 0.82
    pen.limb(
        f"M{x:.1f} {y:.1f}Q{x + lean * 0.1:.1f} {y - height * 0.5:.1f} {tx:.1f} {ty:.1f}", bark, height * 0.06, 1.5
    )
    for n in range(7):
        angle = math.radians(-200 + n * 36 + s.rng.uniform(-7, 7))
        size = height * s.rng.uniform(0.32, 0.42)
        ex, ey = tx + size * math.cos(angle), ty + size * math.sin(angle) * 0.55 + size * 0.3
        mx, my = (tx + ex) / 2, min(ty, ey) - size * 0.32
        pen.shape(
            f"M{tx:.1f} {ty:.1f}Q{mx:.1f} {my:.1f} {ex:.1f} {ey:.1f}Q{mx:.1f} {my + size * 0.3:.1f} {tx:.1f} {ty:.1f}Z",
            mix(leaf, darker(leaf), 0.5 * (n % 2)),
            edge=1.5,
        )
    for dx in (-0.03, 0.02):
        pen.shape(oval(tx + dx * height, ty + height * 0.03, height * 0.028), s.at("#7a4f2c", depth), edge=1)


def bush(
    s: Stage, x: float, y: float, width: float, depth: float = 0.0, leaf: str | None = None, blooms: bool = False
) -> None:
    """A round bush, its foot at (x, y)."""
    leaf = s.at(leaf or s.rng.choice(LEAVES), depth)
    pen, rng = s.pen, s.rng
    puffs = [(-0.32, -0.2, 0.28), (0.32, -0.2, 0.27), (0.0, -0.34, 0.34), (-0.14, -0.14, 0.3), (0.17, -0.13, 0.29)]
    for dx, dy, r in puffs:
        if pen.artistic and depth < 0.6:
            pen.line(oval(x + dx * width, y + dy * width, r * width, r * width * 0.85), darker(leaf, 0.36), 3)
        pen.plain(oval(x + dx * width, y + dy * width, r * width, r * width * 0.85), darker(leaf, 0.14))
    for dx, dy, r in puffs:
        pen.plain(oval(x + (dx - 0.01) * width, y + (dy - 0.03) * width, r * width * 0.88, r * width * 0.72), leaf)
    if not pen.flat:
        for dx, dy, r in puffs:
            pen.plain(
                oval(x + (dx - 0.06) * width, y + (dy - 0.1) * width, r * width * 0.5, r * width * 0.36),
                lighter(leaf, 0.22),
                0.5,
            )
    if blooms:
        colour = s.at(rng.choice(FLOWERS), depth)
        for _ in range(9):
            bx, by = x + rng.uniform(-0.46, 0.46) * width, y - rng.uniform(0.06, 0.5) * width
            blossom(s, bx, by, width * 0.045, colour)


def blossom(s: Stage, x: float, y: float, r: float, colour: str, centre: str = "#f7c948") -> None:
    """A flower seen from above."""
    turn = s.rng.uniform(0, math.tau)
    petals = "".join(
        oval(x + r * 0.7 * math.cos(turn + n * math.tau / 5), y + r * 0.7 * math.sin(turn + n * math.tau / 5), r * 0.52)
        for n in range(5)
    )
    s.pen.plain(petals, colour)
    s.pen.plain(oval(x, y, r * 0.42), centre)


def flower(s: Stage, x: float, y: float, height: float, depth: float = 0.0) -> None:
    """A flower on its stalk."""
    if "flower" in s.sought:
        return
    stalk = s.at("#5a8f46", depth)
    lean = s.rng.uniform(-0.2, 0.2) * height
    s.pen.line(f"M{x:.1f} {y:.1f}q0 {-height * 0.6:.1f} {lean:.1f} {-height:.1f}", stalk, max(height * 0.07, 1.5))
    s.pen.plain(
        f"M{x:.1f} {y - height * 0.2:.1f}q{height * 0.25:.1f} {-height * 0.3:.1f} "
        f"{height * 0.34:.1f} {-height * 0.1:.1f}"
        f"q{-height * 0.14:.1f} {height * 0.14:.1f} {-height * 0.34:.1f} {height * 0.1:.1f}Z",
        stalk,
    )
    kind, colour = s.rng.random(), s.at(s.rng.choice(FLOWERS), depth)
    fx, fy, r = x + lean, y - height, height * 0.25
    if kind < 0.65:
        blossom(s, fx, fy, r, colour)
    elif kind < 0.85:  # a tulip
        s.pen.plain(
            f"M{fx - r:.1f} {fy - r:.1f}q0 {2 * r:.1f} {r:.1f} {2 * r:.1f}q{r:.1f} 0 {r:.1f} "
            f"{-2 * r:.1f}l{-r * 0.55:.1f} {r * 0.7:.1f}l{-r * 0.45:.1f} {-r * 0.9:.1f}"
            f"l{-r * 0.45:.1f} {r * 0.9:.1f}Z",
            colour,
        )
    else:  # bells
        s.pen.plain("".join(oval(fx, fy + n * r * 0.8, r * (0.3 + 0.1 * n)) for n in range(4)), colour)


def grass(s: Stage, top: float, bottom: float, colour: str, count: int = 70) -> None:
    """Tufts over the ground: small and pale far away, large in front."""
    blades: list[list[str]] = [[], []]
    for x, y, near in s.scatter(count, top, bottom):
        size = 7 + 15 * near
        for dx in (-0.5, 0.0, 0.5):
            bend = dx + s.rng.uniform(-0.2, 0.2)
            blades[s.rng.random() < 0.5].append(
                f"M{x + dx * size * 0.5:.1f} {y:.1f}q{bend * size * 0.2:.1f} {-size * 0.6:.1f} "
                f"{bend * size:.1f} {-size:.1f}"
            )
    s.pen.line("".join(blades[0]), darker(colour, 0.24), 2.6, 0.7)
    s.pen.line("".join(blades[1]), lighter(colour, 0.26), 2.4, 0.6)


def stone(s: Stage, x: float, y: float, r: float, depth: float = 0.0, colour: str = "#9a98a0") -> None:
    """A stone lying at (x, y)."""
    if "stone" in s.sought:
        return
    colour = s.at(toned(colour, s.rng.uniform(0.8, 1.2), s.rng.uniform(0.9, 1.1)), depth)
    points = [(-1.0, 0.02), (-0.86, -0.42), (-0.35, -0.72), (0.3, -0.66), (0.82, -0.36), (1.0, 0.02), (0, 0.1)]
    outline = smooth([(x + dx * r * s.rng.uniform(0.92, 1.06), y + dy * r) for dx, dy in points])
    s.pen.shape(outline, colour, edge=1.8 if depth < 0.5 else 0)
    if not s.pen.flat:
        s.pen.plain(oval(x - r * 0.25, y - r * 0.48, r * 0.38, r * 0.13), lighter(colour, 0.45), 0.5)


def mushroom(s: Stage, x: float, y: float, size: float, depth: float = 0.0) -> None:
    """A toadstool."""
    if "mushroom" in s.sought:
        return
    cap = s.at(s.rng.choice(("#d9483b", "#c97b3a", "#a3568f")), depth)
    s.pen.shape(
        f"M{x - size * 0.16:.1f} {y:.1f}q{size * 0.06:.1f} {-size * 0.3:.1f} 0 {-size * 0.55:.1f}"
        f"h{size * 0.32:.1f}q{-size * 0.06:.1f} {size * 0.25:.1f} 0 {size * 0.55:.1f}Z",
        s.at("#f3e7d3", depth),
    )
    s.pen.shape(
        f"M{x - size * 0.5:.1f} {y - size * 0.45:.1f}q{size * 0.04:.1f} {-size * 0.55:.1f} "
        f"{size * 0.5:.1f} {-size * 0.55:.1f}t{size * 0.5:.1f} {size * 0.55:.1f}"
        f"q{-size * 0.5:.1f} {size * 0.16:.1f} {-size:.1f} 0Z",
        cap,
    )
    s.pen.plain(
        "".join(
            oval(x + dx * size, y + dy * size, size * r, size * r * 0.8)
            for dx, dy, r in ((-0.24, -0.6, 0.08), (0.05, -0.78, 0.09), (0.27, -0.58, 0.07), (0.0, -0.54, 0.05))
        ),
        s.at("#fff8ea", depth),
    )


def cactus(s: Stage, x: float, y: float, height: float, depth: float = 0.0) -> None:
    """A saguaro."""
    green, w = s.at("#5a9a62", depth), height * 0.17
    s.pen.limb(
        f"M{x:.1f} {y - height * 0.36:.1f}h{-height * 0.2:.1f}q{-height * 0.05:.1f} 0 "
        f"{-height * 0.05:.1f} {-height * 0.26:.1f}",
        green,
        w * 0.72,
        1.5,
    )
    s.pen.limb(
        f"M{x:.1f} {y - height * 0.28:.1f}h{height * 0.2:.1f}q{height * 0.05:.1f} 0 "
        f"{height * 0.05:.1f} {-height * 0.36:.1f}",
        green,
        w * 0.72,
        1.5,
    )
    s.pen.limb(f"M{x:.1f} {y:.1f}V{y - height:.1f}", green, w, 1.5)
    if not s.pen.flat:
        s.pen.line(
            f"M{x - w * 0.2:.1f} {y:.1f}V{y - height:.1f}M{x + w * 0.2:.1f} {y:.1f}V{y - height:.1f}",
            darker(green, 0.3),
            1.6,
            0.5,
        )
    blossom(s, x, y - height - w * 0.42, w * 0.4, s.at("#f28ab2", depth))


def weeds(s: Stage, x: float, y: float, height: float, colour: str, count: int = 5, width: float = 9) -> None:
    """Reeds or seaweed: long waving blades from one foot."""
    for n in range(count):
        bend = (n - (count - 1) / 2) * height * 0.13 + s.rng.uniform(-0.1, 0.1) * height
        size = height * s.rng.uniform(0.65, 1.05)
        s.pen.shape(
            f"M{x + n * width - width * 0.5:.1f} {y:.1f}q{-bend * 0.5:.1f} {-size * 0.5:.1f} {bend:.1f} {-size:.1f}"
            f"q{-bend * 0.3 + width * 0.5:.1f} {size * 0.45:.1f} {width - bend:.1f} {number(size)}Z",
            mix(colour, darker(colour), 0.5 * (n % 2)),
            edge=1.2,
        )


def wood_of(s: Stage) -> tuple[str, ...]:
    """The colours of leaves as the mood sees them: green, or of autumn."""
    if s.mood in (Mood.WARM, Mood.SAD, Mood.LONELY):
        return ("#d98e3f", "#c9622f", "#e3b84b", "#a8763f", "#8f9a4a")
    return LEAVES
