"""The recording press: what stands behind the port `RecordingPress`. PyAV is imported where it is used.

A recording is decoded for the first time, from its beginning to its end, in a process of its own with limits: nothing
else opens one before it has passed that.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from bookwright.contracts.errors import BadAnswer, BadInput
from bookwright.contracts.ingestion import RecordingFacts, RecordingPart
from bookwright.press.recordings.process import SurveyLimits, surveyed

EXCERPT_RATE = 16_000
"""Hz: what recognisers of speech work at."""
EXCERPT_BIT_RATE = 48_000
"""An hour is 22 MB, which every provider takes."""
_BLOCK_S = 30


class Recordings:
    """Looks into recordings. Safe in several threads."""

    def __init__(self, limits: SurveyLimits | None = None) -> None:
        self._limits = limits or SurveyLimits()

    def survey(self, path: Path, on_progress: Callable[[int], None]) -> RecordingFacts:
        """Decode a recording once, block by block: its length, its loudness, and where its chapters begin.
        `on_progress` gets the milliseconds decoded so far, several times a second, and may raise to stop. Raises
        BadInput for one that can't be decoded, is cut off or silent, or takes more than the limits."""
        return surveyed(path, self._limits, on_progress)

    def excerpt(self, path: Path, part: RecordingPart, target: Path, on_progress: Callable[[int], None]) -> None:
        """A part of a recording as an MP3 of its own: mono, 16 kHz, 48 kbit/s. The same input gives the same bytes.
        Raises BadInput."""
        try:
            _excerpt(path, part, target, on_progress)
        except BadAnswer as error:
            target.unlink(missing_ok=True)
            raise BadInput(str(error), field="file") from error
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _excerpt(path: Path, part: RecordingPart, target: Path, on_progress: Callable[[int], None]) -> None:
    import av

    from bookwright.press.recordings.spans import decode_span, opened

    with opened(path) as container:
        rate = container.streams.audio[0].rate
    with av.open(str(target), "w", format="mp3", container_options={"fflags": "+bitexact"}) as out:
        stream = out.add_stream("libmp3lame", rate=EXCERPT_RATE)
        stream.bit_rate = EXCERPT_BIT_RATE
        stream.layout = "mono"
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=EXCERPT_RATE)
        begin, end = (round(at * rate / 1000) for at in (part.begin_ms, part.end_ms))
        step, done = _BLOCK_S * rate, 0
        for first in range(begin, end, step):
            samples = decode_span(path, first, min(first + step, end)).samples
            if not len(samples):
                break
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="s16", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), done
            for resampled in resampler.resample(frame):
                out.mux(stream.encode(resampled))
            done += len(samples)
            on_progress(round(done * 1000 / rate))
        for resampled in resampler.resample(None):
            out.mux(stream.encode(resampled))
        out.mux(stream.encode(None))
