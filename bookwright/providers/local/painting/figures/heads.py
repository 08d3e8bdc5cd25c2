"""Heads of upright animals: ears, snouts, horns; around a middle of (0, y), half as high as `r`."""

from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.figures import faces
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import Pose
from bookwright.providers.local.painting.figures.puppet import EDGE
from bookwright.providers.local.painting.pen import Pen, number, oval, smooth


def draw_ears(pen: Pen, looks: Looks, y: float, r: float) -> None:
    """Ears, behind the head."""
    main, inner, n = looks.main, mix(looks.second, "#f2a0a0", 0.45), number
    dark = looks.third if "mask" in looks.kind.marks else main
    for k in (-1, 1):
        match looks.kind.ears:
            case "pointed" | "tufted":
                tip = 1.62 if looks.kind.ears == "pointed" else 1.5
                pen.shape(
                    f"M{n(k * r * 0.2)} {n(y - r * 0.8)}Q{n(k * r * 0.6)} {n(y - r * 1.5)} "
                    f"{n(k * r * 0.96)} {n(y - r * tip)}Q{n(k * r * 1.16)} {n(y - r * 0.9)} "
                    f"{n(k * r * 1.0)} {n(y - r * 0.2)}Z",
                    dark,
                    edge=EDGE,
                )
                pen.plain(
                    f"M{n(k * r * 0.46)} {n(y - r * 0.86)}Q{n(k * r * 0.7)} {n(y - r * 1.3)} "
                    f"{n(k * r * 0.9)} {n(y - r * (tip - 0.24))}Q{n(k * r * 1.0)} "
                    f"{n(y - r * 0.9)} {n(k * r * 0.9)} {n(y - r * 0.5)}Z",
                    inner,
                )
            case "round" | "small":
                size = 0.38 if looks.kind.ears == "round" else 0.26
                pen.shape(
                    oval(k * r * 0.78, y - r * 0.78, r * size),
                    dark if "mask" not in looks.kind.marks else looks.third,
                    edge=EDGE,
                )
                pen.plain(
                    oval(k * r * 0.78, y - r * 0.74, r * size * 0.58),
                    inner if "mask" not in looks.kind.marks else lighter(looks.third, 0.15),
                )
            case "big" | "wide":
                size = 0.62 if looks.kind.ears == "big" else 0.56
                pen.shape(
                    oval(k * r * 1.0, y - r * (0.8 if looks.kind.ears == "big" else 0.36), r * size), main, edge=EDGE
                )
                pen.plain(
                    oval(k * r * 1.0, y - r * (0.76 if looks.kind.ears == "big" else 0.32), r * size * 0.66), inner
                )
            case "side":
                pen.shape(oval(k * r * 1.1, y + r * 0.04, r * 0.34), main, edge=EDGE)
                pen.plain(oval(k * r * 1.1, y + r * 0.06, r * 0.2), inner)
            case "long":
                bend = 0.16 if k > 0 else 0.0
                pen.shape(
                    f"M{n(k * r * 0.16)} {n(y - r * 0.7)}C{n(k * r * 0.05)} {n(y - r * 1.7)} "
                    f"{n(k * r * (0.3 + bend))} {n(y - r * 2.4)} {n(k * r * (0.62 + bend))} "
                    f"{n(y - r * 2.35)}C{n(k * r * (1.0 + bend))} {n(y - r * 2.25)} "
                    f"{n(k * r * 0.9)} {n(y - r * 1.3)} {n(k * r * 0.72)} {n(y - r * 0.6)}Z",
                    main,
                    edge=EDGE,
                )
                pen.plain(
                    f"M{n(k * r * 0.34)} {n(y - r * 0.9)}C{n(k * r * 0.28)} {n(y - r * 1.6)} "
                    f"{n(k * r * (0.42 + bend))} {n(y - r * 2.16)} {n(k * r * (0.6 + bend))} "
                    f"{n(y - r * 2.14)}C{n(k * r * (0.8 + bend))} {n(y - r * 2.0)} "
                    f"{n(k * r * 0.74)} {n(y - r * 1.3)} {n(k * r * 0.6)} {n(y - r * 0.84)}Z",
                    inner,
                )
            case "floppy" | "flop":
                ear = looks.third if looks.kind.ears == "floppy" else main
                long = 0.5 if looks.kind.ears == "floppy" else 0.05
                pen.shape(
                    f"M{n(k * r * 0.56)} {n(y - r * 0.86)}C{n(k * r * 1.1)} {n(y - r * 1.16)} "
                    f"{n(k * r * 1.5)} {n(y - r * 0.6)} {n(k * r * 1.4)} {n(y + r * long)}"
                    f"C{n(k * r * 1.3)} {n(y + r * (long + 0.26))} {n(k * r * 1.04)} "
                    f"{n(y + r * (long + 0.1))} {n(k * r * 0.9)} {n(y - r * 0.3)}Z",
                    ear,
                    edge=EDGE,
                )
            case "leaf":
                pen.shape(
                    f"M{n(k * r * 0.7)} {n(y - r * 0.5)}C{n(k * r * 0.9)} {n(y - r * 1.1)} "
                    f"{n(k * r * 1.4)} {n(y - r * 1.1)} {n(k * r * 1.72)} {n(y - r * 0.72)}"
                    f"C{n(k * r * 1.5)} {n(y - r * 0.34)} {n(k * r * 1.2)} {n(y - r * 0.14)} "
                    f"{n(k * r * 0.84)} {n(y - r * 0.12)}Z",
                    main,
                    edge=EDGE,
                )
                pen.plain(
                    f"M{n(k * r * 0.92)} {n(y - r * 0.48)}C{n(k * r * 1.05)} {n(y - r * 0.86)} "
                    f"{n(k * r * 1.34)} {n(y - r * 0.88)} {n(k * r * 1.52)} {n(y - r * 0.68)}"
                    f"C{n(k * r * 1.36)} {n(y - r * 0.46)} {n(k * r * 1.2)} {n(y - r * 0.34)} "
                    f"{n(k * r * 0.94)} {n(y - r * 0.3)}Z",
                    inner,
                )
            case "elephant":
                pen.shape(
                    f"M{n(k * r * 0.7)} {n(y - r * 0.66)}C{n(k * r * 1.3)} {n(y - r * 1.3)} "
                    f"{n(k * r * 2.1)} {n(y - r * 0.9)} {n(k * r * 1.96)} {n(y + r * 0.1)}"
                    f"C{n(k * r * 1.86)} {n(y + r * 0.8)} {n(k * r * 1.2)} {n(y + r * 0.86)} "
                    f"{n(k * r * 0.8)} {n(y + r * 0.4)}Z",
                    main,
                    edge=EDGE,
                )
                pen.plain(
                    f"M{n(k * r * 1.0)} {n(y - r * 0.5)}C{n(k * r * 1.36)} {n(y - r * 0.9)} "
                    f"{n(k * r * 1.84)} {n(y - r * 0.64)} {n(k * r * 1.74)} {n(y + r * 0.08)}"
                    f"C{n(k * r * 1.64)} {n(y + r * 0.54)} {n(k * r * 1.26)} {n(y + r * 0.58)} "
                    f"{n(k * r * 1.0)} {n(y + r * 0.26)}Z",
                    inner,
                    0.8,
                )
            case "fin":
                pen.shape(
                    f"M{n(k * r * 0.8)} {n(y - r * 0.5)}L{n(k * r * 1.56)} {n(y - r * 0.92)}"
                    f"L{n(k * r * 1.36)} {n(y - r * 0.46)}L{n(k * r * 1.6)} {n(y - r * 0.16)}"
                    f"L{n(k * r * 1.28)} {n(y + r * 0.02)}L{n(k * r * 1.3)} {n(y + r * 0.34)}"
                    f"L{n(k * r * 0.9)} {n(y + r * 0.2)}Z",
                    looks.third,
                    edge=EDGE,
                )


def draw_top(pen: Pen, looks: Looks, y: float, r: float) -> None:
    """What grows on the head, before it: horns, antlers, spikes, feelers, leaves."""
    marks, n = looks.kind.marks, number
    horn = lighter(looks.second, 0.2)
    if "spikes" in marks:
        for k in range(3):
            sx = (-0.36 + 0.36 * k) * r
            pen.shape(
                f"M{n(sx - r * 0.17)} {n(y - r * (0.92 + 0.06 * (k % 2)))}L{n(sx)} "
                f"{n(y - r * (1.26 + 0.14 * (k % 2)))}L{n(sx + r * 0.17)} "
                f"{n(y - r * (0.92 + 0.06 * (k % 2)))}Z",
                looks.third,
                edge=EDGE,
            )
    for k in (-1, 1):
        if "horns" in marks:
            pen.shape(
                f"M{n(k * r * 0.42)} {n(y - r * 0.86)}C{n(k * r * 0.5)} {n(y - r * 1.3)} "
                f"{n(k * r * 0.8)} {n(y - r * 1.5)} {n(k * r * 1.0)} {n(y - r * 1.56)}"
                f"C{n(k * r * 0.96)} {n(y - r * 1.2)} {n(k * r * 0.9)} {n(y - r * 0.9)} "
                f"{n(k * r * 0.76)} {n(y - r * 0.64)}Z",
                horn,
                edge=EDGE,
            )
        if "antlers" in marks:
            wood = mix(looks.third, "#d9b98a", 0.3)
            pen.limb(
                f"M{n(k * r * 0.4)} {n(y - r * 0.86)}C{n(k * r * 0.5)} {n(y - r * 1.3)} "
                f"{n(k * r * 0.9)} {n(y - r * 1.4)} {n(k * r * 0.96)} {n(y - r * 1.9)}"
                f"M{n(k * r * 0.6)} {n(y - r * 1.26)}Q{n(k * r * 0.5)} {n(y - r * 1.6)} "
                f"{n(k * r * 0.56)} {n(y - r * 1.74)}M{n(k * r * 0.82)} {n(y - r * 1.42)}"
                f"Q{n(k * r * 1.2)} {n(y - r * 1.5)} {n(k * r * 1.3)} {n(y - r * 1.66)}",
                wood,
                r * 0.11,
                EDGE,
            )
        if "knobs" in marks:
            pen.limb(
                f"M{n(k * r * 0.34)} {n(y - r * 0.9)}L{n(k * r * 0.42)} {n(y - r * 1.36)}", looks.main, r * 0.13, EDGE
            )
            pen.shape(oval(k * r * 0.42, y - r * 1.42, r * 0.14), looks.third, edge=EDGE)
        if "feelers" in marks:
            pen.line(
                f"M{n(k * r * 0.34)} {n(y - r * 0.9)}Q{n(k * r * 0.4)} {n(y - r * 1.4)} "
                f"{n(k * r * 0.66)} {n(y - r * 1.6)}",
                looks.main,
                r * 0.09,
            )
            pen.shape(oval(k * r * 0.7, y - r * 1.64, r * 0.16), looks.third, edge=EDGE)
        if "leaves" in marks:
            pen.shape(
                f"M0 {n(y - r * 0.9)}Q{n(k * r * 0.1)} {n(y - r * 1.5)} {n(k * r * 0.7)} "
                f"{n(y - r * 1.6)}Q{n(k * r * 0.7)} {n(y - r * 1.1)} 0 {n(y - r * 0.9)}Z",
                looks.third,
                edge=EDGE,
            )
    if "shaggy" in marks:
        for k in range(3):
            pen.shape(
                f"M{n((k - 1) * r * 0.24 - r * 0.13)} {n(y - r * 0.92)}q{n(r * 0.06 * (k - 1))} "
                f"{n(-r * 0.4)} {n(r * 0.1 * (k - 1) + r * 0.04)} {n(-r * 0.5)}q{n(r * 0.06)} "
                f"{n(r * 0.2)} {n(r * 0.2)} {n(r * 0.5)}Z",
                looks.third,
                edge=EDGE,
            )


def draw_muzzle(pen: Pen, looks: Looks, pose: Pose, y: float, r: float) -> None:
    """Snout, nose and mouth."""
    kind, n, ink = looks.kind, number, darker(looks.third, 0.3)
    x, mood = r * 0.12, pose.mouth
    nose = "#e0808a" if looks.name in ("cat", "rabbit", "mouse") else "#3a2a2e"
    match kind.muzzle:
        case "long":
            pen.shape(oval(x + r * 0.06, y + r * 0.5, r * 0.44, r * 0.36), looks.second, edge=EDGE * 0.6)
            _nose(pen, x + r * 0.1, y + r * 0.28, r * 0.17, nose)
            faces.mouth(pen, x + r * 0.08, y + r * 0.56, r * 0.22, mood)
        case "round" | "small":
            size = 0.42 if kind.muzzle == "round" else 0.33
            pen.plain(
                oval(x - r * size * 0.5, y + r * 0.5, r * size * 0.72, r * size * 0.7)
                + oval(x + r * size * 0.6, y + r * 0.5, r * size * 0.72, r * size * 0.7),
                looks.second,
            )
            _nose(pen, x + r * 0.03, y + r * 0.32, r * (0.16 if kind.muzzle == "round" else 0.12), nose)
            if mood == "smile":
                pen.line(
                    f"M{n(x - r * 0.24)} {n(y + r * 0.52)}q{n(r * 0.14)} {n(r * 0.18)} "
                    f"{n(r * 0.27)} 0q{n(r * 0.13)} {n(r * 0.18)} {n(r * 0.27)} 0",
                    ink,
                    r * 0.06,
                )
            else:
                faces.mouth(pen, x + r * 0.03, y + r * 0.56, r * 0.2, mood)
        case "nose":
            pen.shape(oval(x, y + r * 0.32, r * 0.2, r * 0.3), "#4a4650", edge=EDGE)
            faces.mouth(pen, x, y + r * 0.7, r * 0.2, mood)
        case "snout":
            pen.shape(oval(x, y + r * 0.4, r * 0.34, r * 0.26), mix(looks.main, looks.third, 0.3), edge=EDGE)
            pen.plain(
                oval(x - r * 0.12, y + r * 0.4, r * 0.06, r * 0.09)
                + oval(x + r * 0.12, y + r * 0.4, r * 0.06, r * 0.09),
                looks.third,
            )
            faces.mouth(pen, x, y + r * 0.74, r * 0.2, mood)
        case "trunk":
            faces.mouth(pen, x + r * 0.34, y + r * 0.7, r * 0.18, mood)
            pen.limb(
                f"M{n(x)} {n(y + r * 0.34)}C{n(x + r * 0.1)} {n(y + r * 0.9)} {n(x - r * 0.3)} "
                f"{n(y + r * 1.3)} {n(x + r * 0.1)} {n(y + r * 1.56)}Q{n(x + r * 0.5)} "
                f"{n(y + r * 1.7)} {n(x + r * 0.62)} {n(y + r * 1.3)}",
                looks.main,
                r * 0.36,
                EDGE,
            )
            pen.line(
                "".join(
                    f"M{n(x - r * (0.12 + 0.02 * k))} {n(y + r * (0.62 + 0.2 * k))}q{n(r * 0.14)} "
                    f"{n(r * 0.06)} {n(r * 0.26)} 0"
                    for k in range(3)
                ),
                darker(looks.main, 0.25),
                r * 0.04,
                0.7,
            )
        case "broad":
            pen.shape(oval(x, y + r * 0.52, r * 0.66, r * 0.42), mix(looks.second, "#f2b0a8", 0.3), edge=EDGE * 0.7)
            pen.plain(
                oval(x - r * 0.26, y + r * 0.4, r * 0.07, r * 0.1) + oval(x + r * 0.26, y + r * 0.4, r * 0.07, r * 0.1),
                darker(looks.second, 0.5),
            )
            faces.mouth(pen, x, y + r * 0.64, r * 0.26, mood)
        case "dragon":
            pen.shape(
                smooth(
                    [
                        (x - r * 0.5, y + r * 0.4),
                        (x - r * 0.2, y + r * 0.2),
                        (x + r * 0.36, y + r * 0.18),
                        (x + r * 0.76, y + r * 0.36),
                        (x + r * 0.7, y + r * 0.74),
                        (x + r * 0.1, y + r * 0.92),
                        (x - r * 0.4, y + r * 0.76),
                    ]
                ),
                lighter(looks.main, 0.16),
                edge=EDGE * 0.8,
            )
            pen.plain(
                oval(x + r * 0.06, y + r * 0.34, r * 0.06, r * 0.05)
                + oval(x + r * 0.42, y + r * 0.33, r * 0.06, r * 0.05),
                darker(looks.main, 0.6),
            )
            faces.mouth(pen, x + r * 0.16, y + r * 0.6, r * 0.28, mood)
            if mood in ("smile", "laugh"):
                pen.plain(
                    f"M{n(x + r * 0.36)} {n(y + r * 0.58)}l{n(r * 0.05)} {n(r * 0.14)}l{n(r * 0.08)} {n(-r * 0.14)}Z",
                    "#fffdf6",
                )
        case "jaws" | "wide":
            if kind.muzzle == "jaws":
                pen.shape(oval(x + r * 0.1, y + r * 0.46, r * 0.84, r * 0.36), lighter(looks.main, 0.12), edge=EDGE)
                pen.plain(
                    "".join(
                        f"M{n(x + (k - 2) * r * 0.24)} {n(y + r * 0.58)}l{n(r * 0.06)} "
                        f"{n(r * 0.14)}l{n(r * 0.06)} {n(-r * 0.14)}Z"
                        for k in range(5)
                    ),
                    "#fffdf6",
                )
            pen.plain(
                oval(x - r * 0.1, y + r * 0.18, r * 0.05, r * 0.04)
                + oval(x + r * 0.2, y + r * 0.18, r * 0.05, r * 0.04),
                darker(looks.main, 0.5),
            )
            if mood == "smile":
                pen.line(
                    f"M{n(x - r * 0.68)} {n(y + r * 0.4)}Q{n(x)} {n(y + r * 0.84)} {n(x + r * 0.72)} {n(y + r * 0.38)}",
                    ink,
                    r * 0.07,
                )
            else:
                faces.mouth(pen, x, y + r * 0.5, r * 0.36, mood)
        case "face":
            pen.plain(
                oval(x - r * 0.08, y + r * 0.4, r * 0.05, r * 0.04)
                + oval(x + r * 0.1, y + r * 0.4, r * 0.05, r * 0.04),
                darker(looks.second, 0.5),
            )
            faces.mouth(pen, x, y + r * 0.6, r * 0.28, mood)
        case _:
            faces.mouth(pen, x, y + r * 0.5, r * 0.3, mood)
    if "whiskers" in kind.marks and not pen.flat:
        for k in (-1, 1):
            pen.line(
                f"M{n(x + k * r * 0.5)} {n(y + r * 0.5)}l{n(k * r * 0.62)} {n(-r * 0.1)}"
                f"M{n(x + k * r * 0.5)} {n(y + r * 0.6)}l{n(k * r * 0.6)} {n(r * 0.08)}",
                darker(looks.main, 0.45),
                r * 0.03,
                0.8,
            )
    if "beard" in kind.marks:
        pen.shape(
            f"M{n(x - r * 0.16)} {n(y + r * 0.86)}l{n(r * 0.18)} {n(r * 0.5)}l{n(r * 0.16)} {n(-r * 0.5)}Z",
            looks.second,
            edge=EDGE,
        )


def _nose(pen: Pen, x: float, y: float, r: float, colour: str) -> None:
    pen.shape(
        f"M{x - r:.1f} {y - r * 0.4:.1f}q{r:.1f} {-r * 0.5:.1f} {2 * r:.1f} 0q0 {r:.1f} {-r:.1f} "
        f"{r * 1.2:.1f}q{-r:.1f} {-r * 0.2:.1f} {-r:.1f} {-r * 1.2:.1f}Z",
        colour,
        edge=0,
    )
    if not pen.flat:
        pen.plain(oval(x - r * 0.3, y - r * 0.25, r * 0.24, r * 0.16), "#ffffff", 0.7)
