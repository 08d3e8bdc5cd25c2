"""Surveying a recording: its length, its loudness, its chapters. Runs in a process of its own (`child`)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bookwright import sniff
from bookwright.contracts.errors import BadAnswer, BadInput
from bookwright.contracts.ingestion import RecordingFacts, RecordingPart
from bookwright.press import loudness
from bookwright.press.recordings.parts import by_marks, by_silence, divided, silences_of
from bookwright.press.recordings.spans import blocks, opened
from bookwright.press.wav import Samples

BLOCK_S = 30
_LACKING = 0.02
"""So much less than a file says that it holds is a cut file; headers of variable bit rates are not exact."""


def survey(path: Path, on_progress: Callable[[int], None]) -> RecordingFacts:
    """What one decoding from the beginning to the end finds, BLOCK_S seconds in memory at a time. `on_progress` gets
    the milliseconds decoded so far. Raises BadInput for one that can't be decoded, is cut off or silent."""
    try:
        return _decoded(path, on_progress)
    except BadAnswer as error:
        raise BadInput(str(error), field="file") from error


def _decoded(path: Path, on_progress: Callable[[int], None]) -> RecordingFacts:
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
        size = BLOCK_S * 10 * hop
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
