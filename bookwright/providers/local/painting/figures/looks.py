"""How a figure looks: everything that stays the same from page to page."""

from dataclasses import dataclass

from bookwright.providers.local.painting.figures.kinds import Kind


@dataclass(frozen=True)
class Looks:
    """Everything that stays the same from page to page."""

    kind: Kind
    name: str
    """Of the kind."""
    main: str
    second: str
    third: str
    skin: str = "#e0ac7e"
    hair: str = "#3a2a28"
    hairstyle: str = "short"
    age: str = "child"
    """`baby`, `child`, `adult` or `elder`."""
    dress: str = "tee"
    worn: frozenset[str] = frozenset()
    pattern: str = ""
    eyes: str = "#4a3226"
    seed: int = 0
    size: float = 1.0
    """Its height against a child's."""
    wrap: str = "#d9483f"
    """The colour of a scarf or collar."""
    lashes: bool = False
