"""What MP3 and AAC have in common: sample rates, the encoder itself, and how encoded pieces are joined.

An encoder hands its input on late, by its delay. Pieces are joined as whole frames, each with its delay still before
it: the delay lies in the silence at the end of the piece before, whose last frames are left out in return. Each piece
so begins on the frame nearest to the sum of the durations before it; no sound is cut, and no error adds up.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from bookwright.press.segment import DEFAULT_RATE
from bookwright.press.wav import Signal

RATES = (22_050, 24_000, 32_000, 44_100, 48_000)
"""What MP3 and AAC both have and players everywhere take, in Hz. Lower ones would have frames of over 50 ms, too long
for the marks that the frames carry."""
AMBIENT_RATE = 32_000
"""The least for sound with ambience, whose highs (leaves, rain, birds) would be lost at the rate of some voices."""
BIT_RATE = 64_000
_BITEXACT = 1 << 23  # AV_CODEC_FLAG_BITEXACT


def encoding_rate(rates: Iterable[int]) -> int:
    """The one sample rate of a book whose clips have these rates (Hz): no clip loses anything, and it is the same
    again after a page was made anew by the same engine."""
    wanted = max(rates, default=DEFAULT_RATE)
    return next((rate for rate in RATES if rate >= wanted), RATES[-1])


class Codec(NamedTuple):
    """An encoder and its settings."""

    name: str
    options: dict[str, str]
    bit_rate: int = BIT_RATE
    layout: str = "mono"
    scale: float = 1.0
    """What the samples are multiplied with; LAME takes all down to 0.95 of what it is given."""


def configure(context: AudioCodecContext, codec: Codec, rate: int) -> None:
    """Set an encoder up for sound at `rate`."""
    context.sample_rate = rate
    context.layout = codec.layout
    context.format = "fltp"
    context.bit_rate = codec.bit_rate
    context.flags |= _BITEXACT
    context.thread_count = 1
    context.options = codec.options


def encoder(codec: Codec, rate: int) -> AudioCodecContext:
    """An encoder on its own, without a file."""
    context = cast(AudioCodecContext, av.CodecContext.create(cast(Any, codec.name), "w"))
    configure(context, codec, rate)
    return context


def packets(
    context: AudioCodecContext, codec: Codec, signal: Iterable[Signal], on_progress: Callable[[int], None]
) -> Iterator["av.Packet[Any]"]:
    """The encoded signal, whose blocks are mono (n,) or stereo (2, n), as the codec is. `on_progress` gets the
    milliseconds done so far and may raise."""
    done, rate = 0, context.sample_rate
    for block in signal:
        if not block.size:
            continue
        sides = np.ascontiguousarray(np.atleast_2d(block * np.float32(codec.scale)))
        frame = av.AudioFrame.from_ndarray(sides, format="fltp", layout=codec.layout)
        frame.sample_rate = rate
        frame.time_base = Fraction(1, rate)
        frame.pts = done
        yield from context.encode(frame)
        done += block.shape[-1]
        on_progress(round(done * 1000 / rate))
    yield from context.encode(None)


class Places(NamedTuple):
    """Where pieces lie in the file they are joined to."""

    firsts: tuple[int, ...]
    """The frame that each piece begins with."""
    samples: int
    """The length of the whole, delay not counted."""
    rate: int
    frame: int
    """Samples in a frame."""

    def frames(self, index: int, delay: int) -> int:
        """How many frames are taken of a piece; of the last, as many as hold its sound, late by `delay`. A last piece
        that begins early, by less than half a frame, may have one less: what is left out then is silence."""
        if index + 1 < len(self.firsts):
            return self.firsts[index + 1] - self.firsts[index]
        return -(-(self.samples + delay) // self.frame) - self.firsts[index]

    def ending_with(self, frames: int, delay: int) -> "Places":
        """The same, when the last piece has so many frames. One that lacks more than half a frame stays refused."""
        samples = (self.firsts[-1] + frames) * self.frame - delay
        return self._replace(samples=samples) if 0 < self.samples - samples <= self.frame // 2 + 1 else self

    def spans_ms(self) -> list[tuple[int, int]]:
        """Where each piece truly begins and ends, in milliseconds."""
        ends = [*(first * self.frame for first in self.firsts), self.samples]
        times = [round(end * 1000 / self.rate) for end in ends]
        return list(pairwise(times))


def places(durations_ms: Sequence[int], rate: int, frame: int) -> Places:
    """Where pieces of these durations are put."""
    sums = [0, *accumulate(durations_ms)]
    firsts = tuple(round(at * rate / 1000 / frame) for at in sums[:-1])
    return Places(firsts, round(sums[-1] * rate / 1000), rate, frame)


@contextmanager
def gone_on_failure(target: Path) -> Iterator[None]:
    """Leaves no file when it is left by an exception."""
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise
