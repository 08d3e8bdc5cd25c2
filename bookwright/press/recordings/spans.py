"""Stretches of a recording as samples, without decoding what is before them."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from bookwright import sniff
from bookwright.contracts.errors import BadAnswer
from bookwright.press.wav import Samples, Sound

_PREROLL_S = 1.0
"""Decoders need what is before a place to be right at it: MP3 the frames before, Opus 80 ms."""


def opened(path: Path) -> "av.container.InputContainer":
    """The recording, its demuxer named, so that no bytes can pass for a playlist that names other files. Raises
    BadAnswer."""
    with path.open("rb") as file:
        form = sniff.kind(file.read(16))
    if form is None:
        raise BadAnswer("The recording is not audio of a known kind.")
    try:
        container = av.open(str(path), "r", format=form)
    except (av.FFmpegError, ValueError) as error:
        raise BadAnswer(f"The {form} recording can't be opened.") from error
    if not container.streams.audio:
        container.close()
        raise BadAnswer("The recording has no sound.")
    return container


def blocks(container: "av.container.InputContainer") -> Iterator[Samples]:
    """All samples from where the container stands, mono, at the stream's own rate; what a frame holds at a time. Raises
    BadAnswer."""
    stream = container.streams.audio[0]
    resampler = av.AudioResampler(format="s16", layout="mono", rate=stream.rate)
    try:
        for frame in container.decode(stream):
            frame.pts = None
            for part in resampler.resample(frame):
                yield part.to_ndarray()[0]
        for part in resampler.resample(None):
            yield part.to_ndarray()[0]
    except (av.FFmpegError, ValueError) as error:
        raise BadAnswer("The recording can't be decoded to its end.") from error


def decode_span(path: Path, start: int, end: int) -> Sound:
    """The samples from `start` to `end` (at the recording's rate, counted from its first one), fewer where it ends
    before. Raises BadAnswer for what can't be decoded."""
    first = _first_time(path)
    with opened(path) as container:
        stream = container.streams.audio[0]
        rate = stream.rate
        parts: list[Samples] = []
        at: int | None = 0
        from_s = start / rate - _PREROLL_S
        if from_s > 0:
            try:
                container.seek(int((first + from_s) / (stream.time_base or 1)), stream=stream, backward=True)
            except av.FFmpegError as error:
                raise BadAnswer("The recording can't be decoded there.") from error
            at = None
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        try:
            for frame in container.decode(stream):
                if at is None:
                    at = round((float(frame.time or 0.0) - first) * rate)
                frame.pts = None
                for part in resampler.resample(frame):
                    samples = part.to_ndarray()[0]
                    wanted = samples[max(start - at, 0) : max(end - at, 0)]
                    if len(wanted):
                        parts.append(wanted)
                    at += len(samples)
                if at >= end:
                    break
        except (av.FFmpegError, ValueError) as error:
            raise BadAnswer("The recording can't be decoded there.") from error
    return Sound(np.concatenate(parts) if parts else np.empty(0, np.int16), rate)


def _first_time(path: Path) -> float:
    """When the first sample is that is heard, in seconds of the container's clock. A decoder that has begun elsewhere
    is not as it was: hence a container of its own."""
    with opened(path) as container:
        try:
            first = next(iter(container.decode(container.streams.audio[0])), None)
        except av.FFmpegError as error:
            raise BadAnswer("The recording can't be decoded.") from error
    return float(first.time or 0.0) if first is not None else 0.0
