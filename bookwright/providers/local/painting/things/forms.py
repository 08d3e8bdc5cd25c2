"""What a thing is made of: shapes and lines in a square from -50 to 50, in colours of its own or shades of its main
one."""

from dataclasses import dataclass

from bookwright.providers.local.painting.colour import darker, lighter
from bookwright.providers.local.painting.pen import Pen


@dataclass(frozen=True)
class Part:
    """A shape, or a line when it has a width."""

    d: str
    colour: str
    """A colour, or `main`, `dark` or `light`: a shade of the thing's own."""
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
        shades = {"main": main, "dark": darker(main, 0.28), "light": lighter(main, 0.45)}
        for part in self.parts:
            colour = shades.get(part.colour, part.colour)
            if part.width:
                pen.limb(part.d, colour, part.width, 1.2 if part.width > 4 else 0)
            else:
                pen.shape(part.d, colour, edge=1.6)
