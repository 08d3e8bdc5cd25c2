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
_EMPTY = "The audio holds not one sample."


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
    form = _form(data)
    sound = (_plain_wav(data) if form == "wav" else None) or _with_ffmpeg(data, form)
    if not len(sound.samples):
        raise BadAnswer(_EMPTY)
    _check_flac(data, form, len(sound.samples))
    return sound


class Heard(NamedTuple):
    """How long a sound is, and whether it is louder than was asked."""

    duration_ms: int
    louder: bool


def listen(data: bytes, level: float) -> Heard:
    """Whether the root mean square of the audio in `data`, as one channel, is over `level` (1.0 is full scale).

    No more is decoded than it takes to know that; how long it is, its packets say. Raises BadAnswer as `decode` does.
    """
    form = _form(data)
    if form == "wav" and (sound := _plain_wav(data)):
        if not len(sound.samples):
            raise BadAnswer(_EMPTY)
        squares = np.mean(np.square(sound.samples.astype(np.float32) / 32_768))
        return Heard(sound.duration_ms, bool(squares > level**2))
    import av

    try:
        with av.open(io.BytesIO(data), "r", format=form) as container:
            stream = container.streams.audio[0]
            packets = [packet for packet in container.demux(stream) if packet.size]
            # What a coder puts before the sound is in its first packet, and is not heard.
            lead = (stream.start_time or 0) - (packets[0].pts or 0)
            ticks = sum(packet.duration or 0 for packet in packets) - lead
            seconds = float(ticks * (stream.time_base or 0))
            resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
            needed = level**2 * seconds * stream.rate
            energy = 0.0
            for packet in packets:
                for frame in packet.decode():
                    for part in resampler.resample(frame):
                        energy += float(np.square(part.to_ndarray()).sum())
                if energy > needed:
                    break
            rate = stream.rate
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise BadAnswer(f"The {form} audio can't be decoded.") from error
    if not seconds:
        raise BadAnswer(_EMPTY)
    _check_flac(data, form, round(seconds * rate))
    return Heard(round(1000 * seconds), energy > needed)


def _form(data: bytes) -> str:
    """What the audio is encoded as. Raises BadAnswer for what is no audio, or is cut off."""
    form = sniff.kind(data)
    if form is None:
        raise BadAnswer("The answer is not audio of a known kind." if data else "The answer is empty.")
    if sniff.is_cut(data, form):
        raise BadAnswer(f"The audio is cut off: the end of the {form} file is missing.")
    return form


def _check_flac(data: bytes, form: str, samples: int) -> None:
    if form == "flac" and samples < sniff.flac_samples(data):
        raise BadAnswer("The audio is cut off: the FLAC file promises more samples than it holds.")


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
