"""Clip bytes of any kind as samples. Plain WAV is read in place; everything else goes through FFmpeg (PyAV)."""

import io
import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bookwright import sniff
from bookwright.contracts.errors import BadAnswer

Samples = npt.NDArray[np.int16]
Signal = npt.NDArray[np.float32]
"""Mono samples where 1.0 is full scale."""

_PCM, _EXTENSIBLE = 1, 0xFFFE
_UNKNOWN_SIZE = 0xFFFF_FFFF


class Sound(NamedTuple):
    """Mono samples, shape (n,), and their rate in Hz."""

    samples: Samples
    rate: int

    @property
    def duration_ms(self) -> int:
        return round(len(self.samples) * 1000 / self.rate)


def decode(data: bytes) -> Sound:
    """The audio in `data`, whatever it was declared to be; several channels become one.

    The samples of a plain WAV are a view into `data`. Raises BadAnswer for bytes that are no audio, are cut off, or
    hold not one sample.
    """
    form = sniff.kind(data)
    if form is None:
        raise BadAnswer("The answer is not audio of a known kind." if data else "The answer is empty.")
    if sniff.is_cut(data, form):
        raise BadAnswer(f"The audio is cut off: the end of the {form} file is missing.")
    sound = (_plain_wav(data) if form == "wav" else None) or _with_ffmpeg(data, form)
    if not len(sound.samples):
        raise BadAnswer("The audio holds not one sample.")
    if form == "flac" and len(sound.samples) < sniff.flac_samples(data):
        raise BadAnswer("The audio is cut off: the FLAC file promises more samples than it holds.")
    return sound


def _plain_wav(data: bytes) -> Sound | None:
    """The sound of a mono 16-bit PCM WAV; None when it is a WAV of another kind."""
    at, layout = 12, None
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        at += 8
        if name == b"fmt " and size >= 16 and at + 16 <= len(data):
            layout = struct.unpack_from("<HHIIHH", data, at)
        if name == b"data":
            held = len(data) - at
            # A WAV that was written to a pipe can't know its length and says so with the largest number.
            if size > held and size != _UNKNOWN_SIZE:
                raise BadAnswer(f"The audio is cut off: the WAV file promises {size} bytes and holds {held}.")
            if layout is None:
                break
            code, channels, rate, _, _, bits = layout
            if code not in (_PCM, _EXTENSIBLE) or channels != 1 or bits != 16 or not 4_000 <= rate <= 192_000:
                return None
            return Sound(np.frombuffer(data, "<i2", min(size, held) // 2, at), rate)
        at += size + (size & 1)
    raise BadAnswer("The WAV file holds no audio.")


def _with_ffmpeg(data: bytes, form: str) -> Sound:
    import av  # 15 MB that a worker which hears plain WAV only does without

    parts: list[Samples] = []
    try:
        # The demuxer is named, so that no bytes can pass for a playlist that names other files.
        with av.open(io.BytesIO(data), "r", format=form) as container:
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="s16", layout="mono", rate=stream.rate)
            for frame in container.decode(stream):
                parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
            rate = stream.rate
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise BadAnswer(f"The {form} audio can't be decoded.") from error
    return Sound(np.concatenate(parts) if parts else np.empty(0, np.int16), rate)


def resample(samples: Signal, rate: int, wanted: int, count: int) -> Signal:
    """`samples` at another rate, cut or filled up to exactly `count` samples."""
    import av

    if rate != wanted:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=wanted)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="flt", layout="mono")
        frame.sample_rate = rate
        frames = [*resampler.resample(frame), *resampler.resample(None)]
        samples = np.concatenate([part.to_ndarray()[0] for part in frames] or [np.empty(0, np.float32)])
    if len(samples) < count:
        samples = np.pad(samples, (0, count - len(samples)))
    return samples[:count]
