"""The ports that look at what was bought before it is paid for as good: decoded, whole, and not empty."""

from typing import Protocol

from bookwright.contracts.base import Payload
from bookwright.contracts.media import DrawnPicture, MadeSound


class PictureFacts(Payload):
    """What decoding a picture found out."""

    media_type: str
    """`image/png`, `image/jpeg` or `image/webp`, by its content."""
    width: int
    height: int


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
