"""Faces: eyes, brows, nose, mouth, cheeks; around a head's middle, looking right."""

from bookwright.providers.local.painting.colour import darker, lighter, luminance, mix
from bookwright.providers.local.painting.figures.puppet import EDGE
from bookwright.providers.local.painting.pen import Pen, oval

INK = "#35262b"


def eye(pen: Pen, x: float, y: float, r: float, colour: str, state: str, look: float = 0.12) -> None:
    """One eye; `r` is half its height."""
    if state == "closed":
        pen.line(f"M{x - r:.1f} {y:.1f}q{r:.1f} {r * 0.9:.1f} {2 * r:.1f} 0", INK, r * 0.36)
        return
    if state == "happy":
        pen.line(f"M{x - r:.1f} {y + r * 0.3:.1f}q{r:.1f} {-r * 1.5:.1f} {2 * r:.1f} 0", INK, r * 0.42)
        return
    if pen.flat:
        pen.plain(oval(x + r * look, y, r * 0.62, r * 0.78), INK)
        return
    pen.plain(oval(x, y, r * 0.98, r * 1.14), mix(INK, colour, 0.2) if pen.artistic else "#fffdf8")
    if pen.realistic:
        pen.line(
            f"M{x - r:.1f} {y - r * 0.3:.1f}q{r * 0.1:.1f} {-r * 0.9:.1f} {r:.1f} {-r * 0.9:.1f}t{r:.1f} {r * 0.9:.1f}",
            INK,
            r * 0.3,
        )
        pen.plain(oval(x + r * look, y + r * 0.08, r * 0.76, r * 0.9), colour)
        pen.plain(oval(x + r * look, y + r * 0.36, r * 0.5, r * 0.46), lighter(colour, 0.35), 0.6)
        pen.plain(oval(x + r * look, y + r * 0.08, r * 0.44, r * 0.54), "#1d1418")
    else:
        pen.plain(oval(x + r * look, y + r * 0.42, r * 0.62, r * 0.5), lighter(colour, 0.3), 0.7)
    pen.plain(oval(x + r * (look + 0.28), y - r * 0.38, r * 0.34, r * 0.4), "#ffffff")
    pen.plain(oval(x + r * (look - 0.3), y + r * 0.46, r * 0.16), "#ffffff", 0.85)


def eyes(pen: Pen, x: float, y: float, apart: float, r: float, colour: str, state: str, brows: str, mood: str) -> None:
    """Both eyes around (x, y), with brows in a colour, or none."""
    for side in (-1, 1):
        size = r * (1.0 if side > 0 else 0.96)
        eye(pen, x + side * apart, y, size, colour, state)
        if brows and not pen.flat:
            tilt = {"sad": -0.5, "oh": -0.15, "still": 0.35}.get(mood, 0.0) * r * side
            lift = r * (2.3 if mood in ("oh", "laugh") else 2.0)
            bx = x + side * apart
            pen.line(
                f"M{bx - r * 0.9:.1f} {y - lift + tilt * 0.6 * side * side:.1f}q{r * 0.9:.1f} "
                f"{-r * 0.55:.1f} {r * 1.8:.1f} "
                f"{-tilt:.1f}",
                brows,
                r * 0.38,
                0.9,
            )


def mouth(pen: Pen, x: float, y: float, r: float, mood: str, ink: str = INK) -> None:
    """A mouth; `r` is half its width."""
    match mood:
        case "laugh":
            d = (
                f"M{x - r:.1f} {y - r * 0.2:.1f}q{r:.1f} {r * 0.3:.1f} {2 * r:.1f} 0q{-r * 0.15:.1f} "
                f"{r * 1.25:.1f} {-r:.1f} {r * 1.25:.1f}t{-r:.1f} {-r * 1.25:.1f}Z"
            )
            pen.plain(d, "#7d2f3a")
            with pen.within(d):
                pen.plain(oval(x, y + r * 1.05, r * 0.7, r * 0.5), "#ee8a8f")
                pen.plain(f"M{x - r:.1f} {y - r * 0.3:.1f}h{2 * r:.1f}v{r * 0.42:.1f}h{-2 * r:.1f}Z", "#fffdf6")
        case "oh":
            pen.plain(oval(x, y + r * 0.2, r * 0.42, r * 0.55), "#7d2f3a")
        case "sad":
            pen.line(
                f"M{x - r * 0.7:.1f} {y + r * 0.5:.1f}q{r * 0.7:.1f} {-r * 0.7:.1f} {r * 1.4:.1f} 0", ink, r * 0.24
            )
        case "still":
            pen.line(
                f"M{x - r * 0.6:.1f} {y + r * 0.2:.1f}q{r * 0.6:.1f} {r * 0.12:.1f} {r * 1.2:.1f} {-r * 0.05:.1f}",
                ink,
                r * 0.24,
            )
        case _:
            pen.line(
                f"M{x - r * 0.85:.1f} {y - r * 0.1:.1f}q{r * 0.85:.1f} {r * 0.95:.1f} {r * 1.7:.1f} 0", ink, r * 0.25
            )


def cheeks(pen: Pen, x: float, y: float, apart: float, r: float, skin: str) -> None:
    """A blush."""
    tint = "#ff7f7f" if luminance(skin) > 0.35 else "#e0624f"
    for side in (-1, 1):
        if pen.flat:
            pen.plain(oval(x + side * apart, y, r, r * 0.8), tint, 0.4)
        else:
            pen.glow(x + side * apart, y, r * 1.5, tint, 0.6, r * 1.2)


def human_face(
    pen: Pen,
    x: float,
    y: float,
    r: float,
    skin: str,
    iris: str,
    brows: str,
    state: str,
    mood: str,
    old: bool,
    lashes: bool,
) -> None:
    """A person's face around a head's middle; `r` is half the head's height."""
    fx = x + r * 0.12
    cheeks(pen, fx, y + r * 0.38, r * 0.56, r * 0.2, skin)
    if state == "open" and not pen.realistic and luminance(skin) < 0.34:
        for side in (-1, 1):
            pen.plain(oval(fx + side * r * 0.38, y + r * 0.1, r * 0.2, r * 0.22), "#fffdf6")
    eyes(pen, fx, y + r * 0.1, r * 0.38, r * 0.155, iris, state, brows, mood)
    if lashes and state != "happy":
        for side in (-1, 1):
            ex, ey = fx + side * r * 0.5, y + r * 0.02
            pen.line(
                f"M{ex:.1f} {ey:.1f}l{side * r * 0.13:.1f} {-r * 0.08:.1f}"
                f"M{ex + side * r * 0.02:.1f} {ey + r * 0.07:.1f}"
                f"l{side * r * 0.14:.1f} {-r * 0.01:.1f}",
                INK,
                r * 0.05,
            )
    nose = darker(skin, 0.26)
    if pen.flat:
        pen.plain(oval(fx + r * 0.06, y + r * 0.32, r * 0.06, r * 0.05), nose)
    else:
        pen.line(
            f"M{fx - r * 0.01:.1f} {y + r * 0.3:.1f}q{r * 0.1:.1f} {r * 0.12:.1f} {r * 0.16:.1f} {r * -0.02:.1f}",
            nose,
            r * 0.065,
        )
    if old and not pen.flat:
        for side in (-1, 1):
            pen.line(
                f"M{fx + side * r * 0.62:.1f} {y + r * 0.2:.1f}q{side * r * 0.1:.1f} "
                f"{r * 0.02:.1f} {side * r * 0.16:.1f} {-r * 0.06:.1f}",
                nose,
                r * 0.04,
                0.7,
            )
            pen.line(
                f"M{fx + side * r * 0.3:.1f} {y + r * 0.4:.1f}q{side * r * 0.1:.1f} {r * 0.1:.1f} "
                f"{side * r * 0.06:.1f} {r * 0.24:.1f}",
                nose,
                r * 0.04,
                0.6,
            )
    mouth(pen, fx + r * 0.03, y + r * 0.52, r * 0.25, mood, darker(skin, 0.62))


def glasses(pen: Pen, x: float, y: float, apart: float, r: float) -> None:
    """Round spectacles over the eyes."""
    for side in (-1, 1):
        pen.plain(oval(x + side * apart, y, r), "#dff2fb", 0.28)
        pen.line(oval(x + side * apart, y, r), "#4a3f52", EDGE * 1.1)
    pen.line(
        f"M{x - apart + r:.1f} {y:.1f}q{apart - r:.1f} {-r * 0.4:.1f} {2 * (apart - r):.1f} 0", "#4a3f52", EDGE * 1.1
    )
