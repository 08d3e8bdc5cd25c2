"""What a thing is made of: shapes and lines in a square from -50 to 50, in colours of its own or shades of its main
one."""

from dataclasses import dataclass

from bookwright.providers.local.painting.colour import darker, lighter
from bookwright.providers.local.painting.pen import Pen

MAIN, DARK, LIGHT = "main", "dark", "light"
WHITE, INK, GOLD, WOOD, GREEN, RED = "#fbf6ea", "#3a3040", "#f0bf45", "#9a6b42", "#5fa050", "#d9483f"


@dataclass(frozen=True)
class Part:
    """A shape, or a line when it has a width."""

    d: str
    colour: str = MAIN
    width: float = 0


@dataclass(frozen=True)
class Thing:
    """Its main colour, and its parts from back to front. `aloft` ones hang or fly, all others lie on the ground."""

    main: str
    parts: tuple[Part, ...]
    aloft: bool = False

    def draw(self, pen: Pen, main: str | None = None) -> None:
        """Draw it around (0, 0)."""
        main = main or self.main
        shades = {MAIN: main, DARK: darker(main, 0.28), LIGHT: lighter(main, 0.45)}
        for part in self.parts:
            colour = shades.get(part.colour, part.colour)
            if part.width:
                pen.limb(part.d, colour, part.width, 1.2 if part.width > 4 else 0)
            else:
                pen.shape(part.d, colour, edge=1.6)
