"""The ports that look at what was bought before it is paid for as good: decoded, whole, and not empty."""

from collections.abc import Sequence
from typing import Protocol

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import PlacedThing
from bookwright.contracts.media import DrawnPicture, MadeSound


class PictureFacts(Payload):
    """What decoding a picture found out."""

    media_type: str
    """`image/png`, `image/jpeg` or `image/webp`, by its content."""
    width: int
    height: int
    composed: bool = False
    placed: tuple[PlacedThing, ...] = ()
    """Both as `DrawnPicture` says."""


class SoundFacts(Payload):
    """What decoding a sound found out."""

    media_type: str
    """By its content."""
    duration_ms: int


class PictureExaminer(Protocol):
    """Looks at pictures. Synchronous and CPU-bound: callers run it off the event loop."""

    def examine(self, drawn: DrawnPicture) -> PictureFacts:
        """Raises BadAnswer for a picture that is cut, of one colour, too small or too large, or in a format that
        editions can't take."""
        ...


class SoundExaminer(Protocol):
    """Looks at ambient sounds. Synchronous and CPU-bound: callers run it off the event loop."""

    def examine(self, made: MadeSound, seconds: float) -> SoundFacts:
        """Raises BadAnswer for a sound that is cut, silent, far shorter than the wanted `seconds`, or in a format that
        can't be decoded."""
        ...


class PictureGauge(Protocol):
    """Measures what can be measured of a picture without understanding it. Synchronous and CPU-bound, as the
    examiners."""

    def has_colour(self, picture: bytes, colour: str) -> bool:
        """Whether a colour (`#rrggbb`) takes up enough of the picture to be somebody's; in any light."""
        ...

    def standing_out(self, picture: bytes, boxes: Sequence[PlacedThing]) -> tuple[PlacedThing, ...]:
        """Those of the boxes that lie inside the picture and have something in them that differs from what is around
        it."""
        ...

    def cut_out(self, picture: bytes, boxes: Sequence[PlacedThing]) -> tuple[bytes, ...]:
        """What is inside each box, with a little around it, as PNG."""
        ...
