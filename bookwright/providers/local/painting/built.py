"""What is built: houses, walls, windows, fences, stalls, boats."""

from bookwright.contracts.depicting import Mood
from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.pen import box, lines, oval, smooth
from bookwright.providers.local.painting.stage import Stage

WALLS = ("#f2dfc0", "#f0c9a4", "#e9d8d8", "#d7e3d4", "#f5e6b8", "#dcc7b0", "#cfdbe8")
ROOFS = ("#c0563f", "#a8503f", "#7a6a8c", "#b5713b", "#5d7a8c", "#8c4a4f")
LAMP = "#ffd873"


def window(s: Stage, x: float, y: float, width: float, height: float, depth: float = 0.0, arched: bool = False) -> None:
    """A window around (x, y), with light in it at night."""
    lit = s.light.night or s.light.overcast
    glass = LAMP if lit else s.at("#8fb8cf", depth)
    if lit and not s.pen.flat and depth < 0.7:
        s.pen.glow(x, y, width * 2, LAMP, 0.4)
    left, top = x - width / 2, y - height / 2
    frame = s.at("#fbf3e4", depth)
    d = (
        f"M{left:.1f} {top + height:.1f}v{-height * 0.6:.1f}a{width / 2:.1f} {height * 0.4:.1f} 0 0 1 {width:.1f} 0"
        f"v{height * 0.6:.1f}Z"
        if arched
        else box(left, top, width, height)
    )
    s.pen.plain(d, glass)
    s.pen.line(d + f"M{x:.1f} {top:.1f}v{height:.1f}M{left:.1f} {y:.1f}h{width:.1f}", frame, max(width * 0.09, 2))


def house(s: Stage, x: float, y: float, width: float, depth: float = 0.0, tall: float = 0.7) -> None:
    """A house with a pitched roof; the middle of its foot is at (x, y)."""
    rng, pen = s.rng, s.pen
    wall, roof = s.at(rng.choice(WALLS), depth), s.at(rng.choice(ROOFS), depth)
    high, half, rise = width * tall * rng.uniform(0.9, 1.15), width / 2, width * rng.uniform(0.42, 0.56)
    edge = 2 if depth < 0.6 else 0
    if rng.random() < 0.6:
        cx = x + half * rng.choice((-0.5, 0.5))
        pen.shape(
            box(cx - width * 0.06, y - high - rise * 0.85, width * 0.12, rise * 0.6), s.at("#9c6b55", depth), edge=edge
        )
        if depth < 0.7:
            _smoke(s, cx, y - high - rise * 0.9, width * 0.09)
    pen.shape(box(x - half, y - high, width, high), wall, edge=edge, volume=0.6)
    if not pen.flat:
        pen.plain(box(x + half * 0.35, y - high, half * 0.65, high), darker(wall), 0.16)
    eave = width * 0.09
    pen.shape(
        lines(
            [
                (x - half - eave, y - high + eave * 0.5),
                (x - half * 0.12, y - high - rise),
                (x + half * 0.12, y - high - rise),
                (x + half + eave, y - high + eave * 0.5),
            ]
        ),
        roof,
        edge=edge,
    )
    if depth < 0.6 and not pen.flat:
        rows = []
        for n in range(1, 4):
            share = n / 4
            reach = half * (0.12 + 0.88 * share) + eave * share
            rows.append(f"M{x - reach:.1f} {y - high - rise * (1 - share):.1f}H{x + reach:.1f}")
        pen.line("".join(rows), darker(roof, 0.3), 2, 0.45)
        pen.plain(box(x - half, y - high, width, high * 0.08), darker(wall, 0.6), 0.25)
    door = s.at(rng.choice(("#7d4f35", "#4f6f7d", "#8c3f3f", "#5d7a4f")), depth)
    dw, dh, dx = width * 0.17, high * 0.52, x + width * rng.choice((-0.16, 0.0, 0.16))
    pen.shape(
        f"M{dx - dw / 2:.1f} {y:.1f}v{-dh * 0.72:.1f}a{dw / 2:.1f} {dh * 0.28:.1f} 0 0 1 {dw:.1f} 0v{dh * 0.72:.1f}Z",
        door,
        edge=edge,
    )
    pen.plain(oval(dx + dw * 0.28, y - dh * 0.42, dw * 0.07), s.at("#f0d080", depth))
    for place in (-0.32, 0.32):
        if abs(x + width * place - dx) > width * 0.2:
            window(s, x + width * place, y - high * 0.55, width * 0.15, width * 0.17, depth)
    if high > width * 0.75:
        for place in (-0.25, 0.25):
            window(s, x + width * place, y - high * 0.86, width * 0.13, width * 0.15, depth)
    window(s, x, y - high - rise * 0.36, width * 0.12, width * 0.14, depth, arched=True)


def _smoke(s: Stage, x: float, y: float, r: float) -> None:
    for n in range(4):
        s.pen.plain(
            oval(x + n * r * 0.7 + s.rng.uniform(-2, 2), y - n * r * 1.5, r * (0.6 + 0.25 * n)),
            lighter(s.light.haze, 0.4),
            0.4 - 0.08 * n,
        )


def tower(s: Stage, x: float, y: float, width: float, height: float, depth: float, roof: str, flag: str | None) -> None:
    """A round tower with a pointed roof."""
    wall = s.at("#c9bdb2", depth)
    edge = 2 if depth < 0.6 else 0
    s.pen.shape(box(x - width / 2, y - height, width, height), wall, edge=edge, volume=0.5)
    if not s.pen.flat:
        s.pen.plain(box(x + width * 0.12, y - height, width * 0.38, height), darker(wall), 0.2)
        bricks = []
        for _ in range(9):
            bx, by = x + s.rng.uniform(-0.45, 0.25) * width, y - s.rng.uniform(0.05, 0.92) * height
            bricks.append(f"M{bx:.1f} {by:.1f}h{width * 0.16:.1f}")
        s.pen.line("".join(bricks), darker(wall, 0.35), 2, 0.4)
    s.pen.shape(
        box(x - width * 0.58, y - height - width * 0.12, width * 1.16, width * 0.2, 3), lighter(wall, 0.12), edge=edge
    )
    top = y - height - width * 0.1
    s.pen.shape(
        f"M{x - width * 0.64:.1f} {top:.1f}Q{x - width * 0.14:.1f} {top - width * 0.6:.1f} "
        f"{x:.1f} {top - width * 1.5:.1f}Q{x + width * 0.14:.1f} {top - width * 0.6:.1f} "
        f"{x + width * 0.64:.1f} {top:.1f}Z",
        s.at(roof, depth),
        edge=edge,
    )
    if flag:
        tip = top - width * 1.5
        s.pen.line(f"M{x:.1f} {tip:.1f}v{-width * 0.5:.1f}", s.at("#6b5446", depth), 3)
        s.pen.plain(
            f"M{x:.1f} {tip - width * 0.5:.1f}q{width * 0.2:.1f} {-width * 0.08:.1f} "
            f"{width * 0.55:.1f} {width * 0.12:.1f}q{-width * 0.3:.1f} {width * 0.02:.1f} "
            f"{-width * 0.55:.1f} {width * 0.16:.1f}Z",
            s.at(flag, depth),
        )
    window(s, x, y - height * 0.66, width * 0.24, width * 0.4, depth, arched=True)


def fence(s: Stage, x0: float, x1: float, y: float, height: float, depth: float = 0.0, colour: str = "#e9d9bd") -> None:
    """A picket fence."""
    wood = s.at(colour, depth)
    s.pen.line(
        f"M{x0:.1f} {y - height * 0.66:.1f}H{x1:.1f}M{x0:.1f} {y - height * 0.3:.1f}H{x1:.1f}",
        darker(wood, 0.15),
        height * 0.1,
    )
    step, x, pickets = height * 0.36, x0, []
    while x < x1:
        pickets.append(
            f"M{x:.1f} {y:.1f}v{-height * 0.85:.1f}l{height * 0.08:.1f} {-height * 0.14:.1f}"
            f"l{height * 0.08:.1f} {height * 0.14:.1f}v{height * 0.85:.1f}Z"
        )
        x += step
    s.pen.shape("".join(pickets), wood, edge=1.2)


def stall(s: Stage, x: float, y: float, width: float, depth: float = 0.0) -> None:
    """A market stall with an awning and heaps of goods."""
    rng, pen = s.rng, s.pen
    one = s.at(rng.choice(("#d9534a", "#3f8fb5", "#e39a2d", "#5aa05a", "#a05aa0")), depth)
    two = s.at("#fbf3e4", depth)
    high, half = width * 0.82, width / 2
    wood = s.at("#8a6242", depth)
    for side in (-1, 1):
        pen.limb(f"M{x + side * half * 0.92:.1f} {y:.1f}V{y - high:.1f}", wood, width * 0.035, 1)
    if not pen.flat:
        pen.plain(box(x - half * 0.9, y - high * 0.85, width * 0.9, high * 0.5), darker(wood, 0.5), 0.35)
    pen.shape(box(x - half, y - high * 0.42, width, high * 0.42, 4), wood, edge=1.6)
    if not pen.flat:
        pen.line(
            "".join(f"M{x - half + width * n / 6:.1f} {y - high * 0.4:.1f}v{high * 0.38:.1f}" for n in range(1, 6)),
            darker(wood, 0.35),
            2,
            0.5,
        )
    goods = ("#e2574c", "#f3a73b", "#f6d55c", "#7fb069", "#a06ab4", "#e88fb0", "#8a5a3b")
    for n in range(4):
        colour, gx = s.at(rng.choice(goods), depth), x - half + width * (n + 0.5) / 4
        r = width * 0.042
        for row in range(3):
            for k in range(4 - row):
                pen.shape(
                    oval(gx + (k - (3 - row) / 2) * r * 1.7, y - high * 0.44 - r * (0.7 + row * 1.35), r),
                    colour,
                    edge=0.8,
                )
        pen.shape(
            lines(
                [
                    (gx - width * 0.11, y - high * 0.47),
                    (gx + width * 0.11, y - high * 0.47),
                    (gx + width * 0.09, y - high * 0.36),
                    (gx - width * 0.09, y - high * 0.36),
                ]
            ),
            s.at("#c79a5f", depth),
            edge=1,
        )
    stripes = 8
    for n in range(stripes):
        a, b = x - half * 1.06 + width * 1.06 * n / stripes, x - half * 1.06 + width * 1.06 * (n + 1) / stripes
        ta, tb = x + (a - x) * 0.86, x + (b - x) * 0.86
        top, low = y - high * 1.18, y - high * 0.9
        d = (
            f"M{ta:.1f} {top:.1f}L{tb:.1f} {top:.1f}L{b:.1f} {low:.1f}a{(b - a) / 2:.1f} "
            f"{(b - a) / 2:.1f} 0 0 1 {a - b:.1f} 0Z"
        )
        pen.shape(d, one if n % 2 else two, edge=1.2, volume=0.6)


def bunting(s: Stage, y: float, sag: float) -> None:
    """Flags on a string across the picture."""
    colours = ("#e2574c", "#f6c945", "#4fa3a5", "#8f6bb5", "#f28fb0", "#6fae5a")
    x0, x1 = -20.0, s.width + 20
    s.pen.line(f"M{x0:.1f} {y:.1f}Q{s.width / 2:.1f} {y + 2 * sag:.1f} {x1:.1f} {y:.1f}", s.at("#6b5446"), 3)
    for n in range(1, 19):
        share = n / 19
        x, fy = x0 + (x1 - x0) * share, y + 4 * sag * share * (1 - share)
        s.pen.shape(f"M{x - 19:.1f} {fy:.1f}h38l-19 40Z", s.light.on_figures().at(colours[n % 6]), edge=1.2)


def lantern(s: Stage, x: float, y: float, r: float, colour: str = "#f08a3c") -> None:
    """A paper lantern hanging at (x, y)."""
    if s.sought & {"lantern", "paper lantern"}:
        return
    if not s.pen.flat:
        s.pen.glow(x, y, r * 3.6, "#ffcf7a", 0.55 if s.light.night else 0.25)
    s.pen.line(f"M{x:.1f} {y - r * 2.4:.1f}V{y - r:.1f}", "#5a4636", 2)
    s.pen.shape(oval(x, y, r, r * 1.1), mix(colour, "#ffe08a", 0.3), edge=1.2)
    s.pen.line(
        f"M{x - r * 0.5:.1f} {y - r * 0.9:.1f}q{-r * 0.3:.1f} {r * 0.9:.1f} 0 {r * 1.8:.1f}"
        f"M{x + r * 0.5:.1f} {y - r * 0.9:.1f}q{r * 0.3:.1f} {r * 0.9:.1f} 0 {r * 1.8:.1f}",
        darker(colour, 0.2),
        1.6,
        0.6,
    )
    s.pen.plain(
        box(x - r * 0.4, y - r * 1.2, r * 0.8, r * 0.22) + box(x - r * 0.4, y + r, r * 0.8, r * 0.22), "#7a4a2c"
    )


def boat(s: Stage, x: float, y: float, width: float, depth: float, sail: str) -> None:
    """A small sailing boat on the water."""
    if "boat" in s.sought:
        return
    hull = s.at("#9c5f3f", depth)
    s.pen.plain(oval(x, y + width * 0.05, width * 0.6, width * 0.05), s.at("#ffffff", depth), 0.3)
    s.pen.line(f"M{x:.1f} {y:.1f}v{-width * 0.95:.1f}", s.at("#6b4a35", depth), width * 0.035)
    s.pen.shape(
        f"M{x + width * 0.04:.1f} {y - width * 0.92:.1f}Q{x + width * 0.5:.1f} "
        f"{y - width * 0.5:.1f} {x + width * 0.46:.1f} {y - width * 0.16:.1f}"
        f"H{x + width * 0.04:.1f}Z",
        s.at(sail, depth),
        edge=1.2,
    )
    s.pen.shape(
        f"M{x - width * 0.04:.1f} {y - width * 0.82:.1f}Q{x - width * 0.36:.1f} "
        f"{y - width * 0.5:.1f} {x - width * 0.34:.1f} {y - width * 0.16:.1f}"
        f"H{x - width * 0.04:.1f}Z",
        s.at("#fbf3e4", depth),
        edge=1.2,
    )
    s.pen.shape(
        smooth(
            [
                (x - width * 0.55, y - width * 0.1),
                (x, y - width * 0.07),
                (x + width * 0.55, y - width * 0.12),
                (x + width * 0.36, y + width * 0.07),
                (x - width * 0.36, y + width * 0.07),
            ]
        ),
        hull,
        edge=1.5,
    )


def festive(s: Stage) -> None:
    """What a feast puts up: flags by day, lanterns by night."""
    if s.mood is not Mood.FESTIVE:
        return
    if s.light.night:
        for n in range(7):
            lantern(
                s,
                s.width * (n + 0.5) / 7,
                s.rng.uniform(90, 190),
                26,
                s.rng.choice(("#f08a3c", "#e2574c", "#f2b63c", "#d9669a")),
            )
    else:
        bunting(s, 36, 38)
        bunting(s, 90, 22)
