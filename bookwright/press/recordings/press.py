"""The recording press: what stands behind the port `RecordingPress`. PyAV is imported where it is used."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from bookwright import sniff
from bookwright.contracts.errors import BadAnswer, BadInput
from bookwright.contracts.ingestion import RecordingFacts, RecordingPart

EXCERPT_RATE = 16_000
"""Hz: what recognisers of speech work at."""
EXCERPT_BIT_RATE = 48_000
"""An hour is 22 MB, which every provider takes."""
_LACKING = 0.02
"""So much less than a file says that it holds is a cut file; headers of variable bit rates are not exact."""
_BLOCK_S = 30


class Recordings:
    """Looks into recordings. Without state: safe in several threads."""

    def survey(self, path: Path, on_progress: Callable[[int], None]) -> RecordingFacts:
        """Decode a recording once, BLOCK by block: its length, its loudness, and where its chapters begin. Raises
        BadInput for one that can't be decoded, is cut off or is silent."""
        try:
            return _survey(path, on_progress)
        except BadAnswer as error:
            raise BadInput(str(error), field="file") from error

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


def _survey(path: Path, on_progress: Callable[[int], None]) -> RecordingFacts:
    from bookwright.press import loudness
    from bookwright.press.recordings.parts import by_marks, by_silence, divided, silences_of
    from bookwright.press.recordings.spans import blocks, opened
    from bookwright.press.wav import Samples

    with opened(path) as container:
        stream = container.streams.audio[0]
        rate = stream.rate
        promised_ms = round(container.duration / 1000) if container.duration else 0
        marks = [
            (
                str(mark["metadata"].get("title", "")),
                round(mark["start"] * (mark["time_base"] or 0) * 1000),
                round(mark["end"] * (mark["time_base"] or 0) * 1000),
            )
            for mark in container.chapters()
        ]
        hop = loudness.hop_samples(rate)
        size = _BLOCK_S * 10 * hop
        waiting: list[Samples] = []
        held = total = 0
        measured = []
        for block in blocks(container):
            waiting.append(block)
            held += len(block)
            total += len(block)
            if held >= size:
                whole = np.concatenate(waiting)
                measured.append(loudness.hops(whole[: held - held % hop], rate))
                waiting, held = [whole[held - held % hop :]], held % hop
                on_progress(round(total * 1000 / rate))
        if held:
            measured.append(loudness.hops(np.concatenate(waiting), rate))
    duration_ms = round(total * 1000 / rate)
    _check_whole(path, total, duration_ms, promised_ms)
    hops = np.concatenate(measured)
    level = loudness.integrated(hops)
    if level <= loudness.SILENCE_LUFS:
        raise BadInput("the recording is silent from its beginning to its end", field="file")
    parts = by_marks(marks, duration_ms) if len(marks) > 1 else ()
    if not parts:
        parts = by_silence(hops, level, duration_ms)
    else:
        silences = silences_of(hops, level)
        parts = tuple(
            RecordingPart(title=part.title, begin_ms=begin, end_ms=end)
            for part in parts
            for begin, end in divided(part.begin_ms, part.end_ms, silences)
        )
    return RecordingFacts(duration_ms=duration_ms, sample_rate=rate, loudness_lufs=round(level, 2), parts=parts)


def _check_whole(path: Path, samples: int, duration_ms: int, promised_ms: int) -> None:
    if not duration_ms:
        raise BadInput("the recording holds no sound", field="file")
    with path.open("rb") as file:
        promised = sniff.flac_samples(file.read(26)) if path.stat().st_size > 26 else 0
        file.seek(0)
        is_flac = sniff.kind(file.read(16)) == "flac"
    if (is_flac and samples < promised) or duration_ms < promised_ms * (1 - _LACKING) - 1_000:
        raise BadInput("the recording is cut off: it holds less than it says; send it again", field="file")


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
