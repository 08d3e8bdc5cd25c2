"""Pictures and ambient sounds as they were bought: decoded, whole, and not empty."""

import io
import warnings

import numpy as np

from bookwright import sniff
from bookwright.contracts.errors import BadAnswer
from bookwright.contracts.media import DrawnPicture, MadeSound
from bookwright.contracts.ports.examining import PictureFacts, SoundFacts
from bookwright.press.wav import listen

MOST_PIXELS, LEAST_SIDE = 50_000_000, 64
FORMATS = ("PNG", "JPEG", "WEBP")
"""What EPUB, PDF and browsers take."""
BLANK_SPREAD = 4
"""Levels of 255 that lie between a blank picture's darkest and brightest place, at most."""
_LOOKED_AT = 32
SILENCE = 10 ** (-60 / 20)
"""The root mean square of full scale at and below which a sound is none."""
LEAST_SHARE = 0.5
"""Of the seconds that were asked for; engines round down to what they can make."""


class Pictures:
    """A `PictureExaminer` with Pillow, which is loaded with the first picture."""

    def examine(self, drawn: DrawnPicture) -> PictureFacts:
        """See the port. The size is checked before anything is decoded."""
        from PIL import Image

        media_type = sniff.picture(drawn.picture)
        if media_type is None:
            raise BadAnswer("The answer is not a picture of a known kind." if drawn.picture else "The answer is empty.")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is lower
                image = Image.open(io.BytesIO(drawn.picture), formats=FORMATS)
            with image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise BadAnswer(f"The picture has {width} × {height} pixels, which is too many.")
                if min(width, height) < LEAST_SIDE:
                    raise BadAnswer(f"The picture has only {width} × {height} pixels.")
                image.load()
                small = image.convert("RGB").resize((_LOOKED_AT, _LOOKED_AT), Image.Resampling.BOX)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise BadAnswer(f"The picture can't be decoded: it is cut off, damaged or {media_type}.") from error
        if sniff.picture_is_cut(drawn.picture, media_type):
            raise BadAnswer("The picture is cut off.")
        if np.ptp(np.asarray(small), axis=(0, 1)).max() <= BLANK_SPREAD:
            raise BadAnswer("The picture is blank.")
        return PictureFacts(
            media_type=media_type, width=width, height=height, composed=drawn.composed, placed=drawn.placed
        )


class Sounds:
    """A `SoundExaminer`."""

    def examine(self, made: MadeSound, seconds: float) -> SoundFacts:
        """See the port."""
        heard = listen(made.sound, SILENCE)
        if heard.duration_ms < 1000 * seconds * LEAST_SHARE:
            raise BadAnswer(f"The sound lasts {heard.duration_ms / 1000:.1f} s instead of {seconds:g} s.")
        if not heard.louder:
            raise BadAnswer("The sound is silent.")
        kind = sniff.kind(made.sound)
        assert kind is not None
        return SoundFacts(media_type=sniff.MEDIA_TYPES[kind], duration_ms=heard.duration_ms)
