"""Where a recording is divided into chapters: at its marks, or else at long silences. Pure."""

from collections.abc import Sequence

import numpy as np

from bookwright.contracts.ingestion import RecordingPart
from bookwright.press.loudness import Energies, energies

HOP_MS = 100
SILENT_BELOW_LU = 30.0
"""A hop so much quieter than the recording as a whole is silent."""
SILENT_BELOW_LUFS = -50.0
"""As is any quieter than this."""
LONG_SILENCE_MS = 2_500
LEAST_PART_MS = 3 * 60_000
"""A silence that would leave less than this is no end of a chapter."""
MOST_PART_MS = 60 * 60_000
"""What is longer is divided at its longest silence, however short: transcribers take no more at once."""


def by_marks(marks: Sequence[tuple[str, int, int]], duration_ms: int) -> tuple[RecordingPart, ...]:
    """Parts as chapter marks (title, begin and end in milliseconds) name them. They cover the recording: what lies
    before the first belongs to it, what lies between two to the earlier one."""
    found = sorted((begin, title) for title, begin, end in marks if 0 <= begin < duration_ms and end > begin)
    begins = [0, *(begin for begin, _ in found[1:]), duration_ms]
    return tuple(
        RecordingPart(title=" ".join(title.split())[:300] or None, begin_ms=begins[at], end_ms=begins[at + 1])
        for at, (_, title) in enumerate(found)
        if begins[at + 1] > begins[at]
    )


def by_silence(hops: Energies, loudness_lufs: float, duration_ms: int) -> tuple[RecordingPart, ...]:
    """Parts that end in the middle of a long silence."""
    silences = _silences(hops, loudness_lufs)
    ends: list[int] = []
    last = 0
    for begin, end in silences:
        middle = (begin + end) // 2
        if end - begin >= LONG_SILENCE_MS and middle - last >= LEAST_PART_MS <= duration_ms - middle:
            ends.append(middle)
            last = middle
    begins = [0, *ends]
    parts = [
        piece
        for begin, end in zip(begins, [*ends, duration_ms], strict=True)
        for piece in divided(begin, end, silences)
    ]
    return tuple(RecordingPart(title=None, begin_ms=begin, end_ms=end) for begin, end in parts)


def divided(begin: int, end: int, silences: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """A stretch in pieces of at most MOST_PART_MS, each ended in the longest silence of its second half; without any,
    at its very end."""
    pieces = []
    while end - begin > MOST_PART_MS:
        half = [
            (until - since, (since + until) // 2)
            for since, until in silences
            if begin + MOST_PART_MS // 2 <= (since + until) // 2 <= begin + MOST_PART_MS
        ]
        at = max(half)[1] if half else begin + MOST_PART_MS
        pieces.append((begin, at))
        begin = at
    return [*pieces, (begin, end)]


def silences_of(hops: Energies, loudness_lufs: float) -> list[tuple[int, int]]:
    """The silences of half a second and more, in milliseconds."""
    return _silences(hops, loudness_lufs)


def _silences(hops: Energies, loudness_lufs: float, least_ms: int = 500) -> list[tuple[int, int]]:
    floor = energies([max(loudness_lufs - SILENT_BELOW_LU, SILENT_BELOW_LUFS)])[0]
    quiet = np.concatenate([[False], hops < floor, [False]])
    edges = np.flatnonzero(quiet[1:] != quiet[:-1]).reshape(-1, 2) * HOP_MS
    return [(int(begin), int(end)) for begin, end in edges if end - begin >= least_ms]
