"""Hair and what is worn on the head, around a head's middle; `r` is half the head's height."""

import math

from bookwright.providers.local.painting.colour import darker, lighter
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.puppet import EDGE
from bookwright.providers.local.painting.pen import Pen, box, lines, oval, smooth


def behind(pen: Pen, looks: Looks, x: float, y: float, r: float) -> None:
    """Hair that hangs behind head and shoulders."""
    colour = darker(looks.hair, 0.12)
    match looks.hairstyle:
        case "long":
            pen.shape(
                smooth(
                    [
                        (x - r * 1.0, y - r * 0.5),
                        (x, y - r * 1.1),
                        (x + r * 0.9, y - r * 0.5),
                        (x + r * 1.0, y + r * 0.6),
                        (x + r * 0.92, y + r * 1.7),
                        (x, y + r * 1.95),
                        (x - r * 1.12, y + r * 1.75),
                        (x - r * 1.14, y + r * 0.5),
                    ]
                ),
                colour,
                edge=EDGE,
            )
        case "bob":
            pen.shape(
                smooth(
                    [
                        (x - r * 1.02, y - r * 0.4),
                        (x, y - r * 1.1),
                        (x + r * 0.98, y - r * 0.4),
                        (x + r * 1.14, y + r * 0.5),
                        (x + r * 0.86, y + r * 0.98),
                        (x - r * 0.92, y + r * 0.98),
                        (x - r * 1.18, y + r * 0.5),
                    ]
                ),
                colour,
                edge=EDGE,
            )
        case "ponytail":
            pen.shape(
                f"M{x - r * 0.7:.1f} {y - r * 0.7:.1f}C{x - r * 1.9:.1f} {y - r * 1.1:.1f} "
                f"{x - r * 2.1:.1f} {y + r * 0.5:.1f} {x - r * 1.6:.1f} {y + r * 1.3:.1f}"
                f"C{x - r * 1.35:.1f} {y + r * 0.7:.1f} {x - r * 1.2:.1f} {y + r * 0.2:.1f} "
                f"{x - r * 0.8:.1f} {y - r * 0.1:.1f}Z",
                colour,
                edge=EDGE,
            )
            pen.shape(oval(x - r * 0.94, y - r * 0.52, r * 0.17), looks.third, edge=EDGE)
        case "bun":
            pen.shape(oval(x - r * 0.62, y - r * 0.98, r * 0.46), colour, edge=EDGE)
        case "curly":
            for n in range(11):
                angle = math.radians(150 + n * 24)
                pen.shape(
                    oval(x + r * 1.0 * math.cos(angle), y - r * 0.12 + r * 0.95 * math.sin(angle), r * 0.42),
                    colour,
                    edge=EDGE,
                )
        case "braids":
            for side in (-1, 1):
                for n in range(5):
                    bx, by = x + side * r * (1.0 + 0.1 * n - 0.02 * n * n), y + r * (0.42 + 0.34 * n)
                    pen.shape(oval(bx, by, r * (0.25 - 0.022 * n), r * 0.23), colour, edge=EDGE)
                pen.shape(oval(x + side * r * 1.28, y + r * 2.08, r * 0.13), looks.third, edge=EDGE)
                pen.shape(
                    f"M{x + side * r * 1.24:.1f} {y + r * 2.15:.1f}q{side * r * 0.3:.1f} "
                    f"{r * 0.3:.1f} {side * r * 0.05:.1f} {r * 0.4:.1f}q{-side * r * 0.2:.1f} "
                    f"{-r * 0.1:.1f} {-side * r * 0.05:.1f} {-r * 0.4:.1f}Z",
                    colour,
                    edge=EDGE,
                )


def over(pen: Pen, looks: Looks, x: float, y: float, r: float) -> None:
    """Hair over the forehead."""
    colour, style = looks.hair, looks.hairstyle
    left, right = x - r * 1.06, x + r * 1.04
    if style == "bald":
        for side in (-1, 1):
            pen.shape(oval(x + side * r * 0.98, y + r * 0.16, r * 0.2, r * 0.3), colour, edge=EDGE)
        return
    crown = (
        f"M{left:.1f} {y + r * 0.16:.1f}C{left - r * 0.06:.1f} {y - r * 0.9:.1f} {x - r * 0.5:.1f} "
        f"{y - r * 1.16:.1f} {x:.1f} {y - r * 1.16:.1f}S{right + r * 0.04:.1f} {y - r * 0.85:.1f} "
        f"{right:.1f} {y + r * 0.1:.1f}"
    )
    match looks.seed % 3 if style not in ("curly", "bob") else (3 if style == "curly" else 2):
        case 0:  # swept to the side
            fringe = (
                f"C{x + r * 0.95:.1f} {y - r * 0.3:.1f} {x + r * 0.7:.1f} {y - r * 0.5:.1f} "
                f"{x + r * 0.45:.1f} {y - r * 0.62:.1f}C{x + r * 0.1:.1f} {y - r * 0.2:.1f} "
                f"{x - r * 0.5:.1f} {y - r * 0.16:.1f} {x - r * 0.82:.1f} {y - r * 0.22:.1f}"
                f"C{x - r * 0.95:.1f} {y - r * 0.1:.1f} {x - r:.1f} {y:.1f} {left:.1f} "
                f"{y + r * 0.16:.1f}Z"
            )
        case 1:  # parted in the middle
            fringe = (
                f"C{x + r * 0.94:.1f} {y - r * 0.4:.1f} {x + r * 0.6:.1f} {y - r * 0.62:.1f} "
                f"{x + r * 0.12:.1f} {y - r * 0.86:.1f}C{x - r * 0.36:.1f} {y - r * 0.6:.1f} "
                f"{x - r * 0.86:.1f} {y - r * 0.4:.1f} {left:.1f} {y + r * 0.16:.1f}Z"
            )
        case 2:  # a fringe
            fringe = (
                f"C{x + r * 0.94:.1f} {y - r * 0.2:.1f} {x + r * 0.9:.1f} {y - r * 0.3:.1f} "
                f"{x + r * 0.84:.1f} {y - r * 0.34:.1f}Q{x + r * 0.62:.1f} {y - r * 0.14:.1f} "
                f"{x + r * 0.42:.1f} {y - r * 0.36:.1f}Q{x + r * 0.18:.1f} {y - r * 0.12:.1f} "
                f"{x - r * 0.06:.1f} {y - r * 0.36:.1f}Q{x - r * 0.3:.1f} {y - r * 0.12:.1f} "
                f"{x - r * 0.5:.1f} {y - r * 0.36:.1f}Q{x - r * 0.7:.1f} {y - r * 0.14:.1f} "
                f"{x - r * 0.86:.1f} {y - r * 0.26:.1f}Q{x - r:.1f} {y:.1f} {left:.1f} "
                f"{y + r * 0.16:.1f}Z"
            )
        case _:  # curls
            fringe = f"Q{x + r * 0.9:.1f} {y - r * 0.5:.1f} {x:.1f} {y - r * 0.56:.1f}T{left:.1f} {y + r * 0.16:.1f}Z"
    pen.shape(crown + fringe, colour, edge=EDGE)
    if style == "curly":
        for n in range(8):
            angle = math.radians(190 + n * 22)
            pen.shape(
                oval(x + r * 0.82 * math.cos(angle), y - r * 0.16 + r * 0.82 * math.sin(angle), r * 0.3),
                colour,
                edge=EDGE,
            )
        for n in range(5):
            pen.plain(oval(x + r * (-0.56 + 0.28 * n), y - r * 0.6, r * 0.3), colour)
    elif style == "short":
        pen.shape(
            f"M{x - r * 0.3:.1f} {y - r * 1.12:.1f}q{r * 0.05:.1f} {-r * 0.3:.1f} {r * 0.42:.1f} "
            f"{-r * 0.26:.1f}q{-r * 0.08:.1f} {r * 0.1:.1f} {r * 0.04:.1f} {r * 0.3:.1f}Z",
            colour,
            edge=EDGE,
        )
    if not pen.flat:
        pen.line(
            f"M{x - r * 0.6:.1f} {y - r * 0.72:.1f}Q{x - r * 0.2:.1f} {y - r * 1.0:.1f} "
            f"{x + r * 0.3:.1f} {y - r * 0.96:.1f}",
            lighter(colour, 0.3),
            r * 0.09,
            0.55,
        )


def beard(pen: Pen, looks: Looks, x: float, y: float, r: float) -> None:
    """A beard and a moustache, with room for the mouth."""
    fx = x + r * 0.12
    if "beard" in looks.worn:
        pen.shape(
            smooth(
                [
                    (x - r * 0.96, y + r * 0.2),
                    (x - r * 0.66, y + r * 0.5),
                    (fx - r * 0.3, y + r * 0.42),
                    (fx, y + r * 0.4),
                    (fx + r * 0.3, y + r * 0.42),
                    (x + r * 0.8, y + r * 0.46),
                    (x + r * 0.98, y + r * 0.2),
                    (x + r * 0.86, y + r * 1.0),
                    (fx + r * 0.1, y + r * 1.55),
                    (x - r * 0.76, y + r * 1.02),
                ]
            ),
            looks.hair,
            edge=EDGE,
        )
        pen.plain(oval(fx, y + r * 0.58, r * 0.3, r * 0.14), darker(looks.skin, 0.1))
    if looks.worn & {"beard", "moustache"}:
        for side in (-1, 1):
            pen.shape(
                f"M{fx:.1f} {y + r * 0.4:.1f}q{side * r * 0.3:.1f} {-r * 0.12:.1f} "
                f"{side * r * 0.52:.1f} {r * 0.16:.1f}q{-side * r * 0.3:.1f} {r * 0.08:.1f} "
                f"{-side * r * 0.52:.1f} {-r * 0.03:.1f}Z",
                darker(looks.hair, 0.08),
                edge=EDGE * 0.7,
            )


def worn_on_head(pen: Pen, looks: Looks, x: float, y: float, r: float) -> None:
    """Hats, crowns, bows and flowers."""
    worn = looks.worn
    one, two = looks.second, looks.third
    if "turban" in worn:
        pen.shape(
            smooth(
                [
                    (x - r * 1.08, y - r * 0.2),
                    (x - r * 1.02, y - r * 1.0),
                    (x, y - r * 1.5),
                    (x + r * 1.02, y - r * 1.0),
                    (x + r * 1.06, y - r * 0.24),
                    (x + r * 0.1, y - r * 0.62),
                ]
            ),
            one,
            edge=EDGE,
        )
        for n in range(3):
            pen.line(
                f"M{x - r * 1.0:.1f} {y - r * (0.36 + 0.26 * n):.1f}Q{x + r * 0.1:.1f} "
                f"{y - r * (0.9 + 0.24 * n):.1f} {x + r * 0.96:.1f} {y - r * (0.44 + 0.2 * n):.1f}",
                darker(one, 0.25),
                EDGE,
                0.7,
            )
        pen.shape(oval(x + r * 0.12, y - r * 0.84, r * 0.14), "#f6d55c", edge=EDGE)
    elif "headscarf" in worn:
        pen.shape(
            f"M{x - r * 1.14:.1f} {y + r * 1.1:.1f}C{x - r * 1.5:.1f} {y - r * 1.3:.1f} "
            f"{x + r * 1.5:.1f} {y - r * 1.3:.1f} {x + r * 1.12:.1f} {y + r * 1.1:.1f}"
            f"Q{x + r * 0.7:.1f} {y + r * 1.2:.1f} {x + r * 0.1:.1f} {y + r * 1.0:.1f}"
            f"C{x + r * 1.2:.1f} {y + r * 0.6:.1f} {x + r * 0.9:.1f} {y - r * 0.7:.1f} "
            f"{x + r * 0.1:.1f} {y - r * 0.7:.1f}C{x - r * 0.8:.1f} {y - r * 0.7:.1f} "
            f"{x - r * 1.0:.1f} {y + r * 0.6:.1f} {x + r * 0.1:.1f} {y + r * 1.0:.1f}Z",
            one,
            edge=EDGE,
        )
    elif "wizard hat" in worn:
        pen.shape(
            f"M{x - r * 0.95:.1f} {y - r * 0.6:.1f}Q{x - r * 0.3:.1f} {y - r * 1.6:.1f} "
            f"{x + r * 0.2:.1f} {y - r * 2.7:.1f}Q{x + r * 0.5:.1f} {y - r * 1.5:.1f} "
            f"{x + r * 0.95:.1f} {y - r * 0.6:.1f}Z",
            looks.main,
            edge=EDGE,
        )
        pen.shape(oval(x, y - r * 0.6, r * 1.45, r * 0.22), darker(looks.main, 0.12), edge=EDGE)
        pen.plain(
            "".join(oval(x + dx * r, y - dy * r, r * 0.09) for dx, dy in ((-0.3, 1.0), (0.35, 1.25), (0.1, 1.8))),
            "#f6d55c",
        )
    elif "pirate hat" in worn:
        pen.shape(
            f"M{x - r * 1.4:.1f} {y - r * 0.5:.1f}Q{x - r * 0.9:.1f} {y - r * 1.7:.1f} {x:.1f} "
            f"{y - r * 1.75:.1f}T{x + r * 1.4:.1f} {y - r * 0.5:.1f}Q{x:.1f} {y - r * 1.0:.1f} "
            f"{x - r * 1.4:.1f} {y - r * 0.5:.1f}Z",
            "#3a3440",
            edge=EDGE,
        )
        pen.plain(oval(x, y - r * 1.24, r * 0.2), "#f4efe2")
        pen.line(
            f"M{x - r * 0.26:.1f} {y - r * 1.0:.1f}l{r * 0.52:.1f} {-r * 0.16:.1f}"
            f"M{x - r * 0.26:.1f} {y - r * 1.16:.1f}l{r * 0.52:.1f} {r * 0.16:.1f}",
            "#f4efe2",
            EDGE * 1.6,
        )
    elif "chef hat" in worn:
        pen.shape("".join(oval(x + dx * r, y - r * 1.5, r * 0.5) for dx in (-0.5, 0, 0.5)), "#fdfbf5", edge=EDGE)
        pen.shape(box(x - r * 0.78, y - r * 1.3, r * 1.56, r * 0.66, 2), "#fdfbf5", edge=EDGE)
    elif "crown" in worn:
        pen.shape(
            lines(
                [
                    (x - r * 0.62, y - r * 0.82),
                    (x - r * 0.7, y - r * 1.5),
                    (x - r * 0.32, y - r * 1.16),
                    (x, y - r * 1.62),
                    (x + r * 0.32, y - r * 1.16),
                    (x + r * 0.7, y - r * 1.5),
                    (x + r * 0.62, y - r * 0.82),
                ]
            ),
            "#f4c542",
            edge=EDGE,
        )
        pen.plain(
            oval(x, y - r * 1.04, r * 0.1)
            + oval(x - r * 0.4, y - r * 0.98, r * 0.07)
            + oval(x + r * 0.4, y - r * 0.98, r * 0.07),
            "#d9483f",
        )
    elif "helmet" in worn and looks.dress != "space":
        pen.shape(
            f"M{x - r * 1.12:.1f} {y + r * 0.4:.1f}C{x - r * 1.3:.1f} {y - r * 1.5:.1f} "
            f"{x + r * 1.3:.1f} {y - r * 1.5:.1f} {x + r * 1.1:.1f} {y + r * 0.4:.1f}"
            f"L{x + r * 0.88:.1f} {y - r * 0.3:.1f}H{x - r * 0.88:.1f}Z",
            "#b9c3cf",
            edge=EDGE,
        )
        pen.shape(
            f"M{x:.1f} {y - r * 1.1:.1f}q{-r * 0.2:.1f} {-r * 0.7:.1f} {-r * 0.9:.1f} "
            f"{-r * 0.5:.1f}q{r * 0.3:.1f} {r * 0.1:.1f} {r * 0.6:.1f} {r * 0.6:.1f}Z",
            looks.main,
            edge=EDGE,
        )
    elif "hat" in worn:
        pen.shape(oval(x, y - r * 0.62, r * 1.5, r * 0.26), "#e3c07a", edge=EDGE)
        pen.shape(
            f"M{x - r * 0.82:.1f} {y - r * 0.64:.1f}C{x - r * 0.8:.1f} {y - r * 1.7:.1f} "
            f"{x + r * 0.8:.1f} {y - r * 1.7:.1f} {x + r * 0.82:.1f} {y - r * 0.64:.1f}Z",
            "#e9cb8c",
            edge=EDGE,
        )
        pen.line(
            f"M{x - r * 0.8:.1f} {y - r * 0.72:.1f}Q{x:.1f} {y - r * 0.6:.1f} {x + r * 0.8:.1f} {y - r * 0.72:.1f}",
            one,
            r * 0.2,
        )
    if "bow" in worn:
        bx, by = x - r * 0.62, y - r * 0.9
        pen.shape(
            f"M{bx:.1f} {by:.1f}l{-r * 0.5:.1f} {-r * 0.32:.1f}v{r * 0.62:.1f}ZM{bx:.1f} {by:.1f}"
            f"l{r * 0.5:.1f} {-r * 0.32:.1f}v{r * 0.62:.1f}Z",
            two,
            edge=EDGE,
        )
        pen.shape(oval(bx, by, r * 0.14), darker(two, 0.12), edge=EDGE)
    if "flower" in worn:
        fx, fy = x + r * 0.72, y - r * 0.62
        pen.plain(
            "".join(
                oval(fx + r * 0.2 * math.cos(n * 1.257), fy + r * 0.2 * math.sin(n * 1.257), r * 0.15) for n in range(5)
            ),
            two,
        )
        pen.plain(oval(fx, fy, r * 0.12), "#f9d35c")
