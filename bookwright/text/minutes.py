"""Cutting a chapter's sound into parts of about a minute. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise

ABOUT_MS = 60_000


def minutes(begin_ms: int, end_ms: int, pauses: Iterable[int], about_ms: int = ABOUT_MS) -> list[tuple[int, int]]:
    """From `begin_ms` to `end_ms` in parts of nearly equal length, as near to `about_ms` as there can be, each cut at
    one of the `pauses`, the one that is nearest to where it would be cut. Without enough of them there are fewer."""
    whole = end_ms - begin_ms
    count = max(1, round(whole / about_ms))
    places = sorted({place for place in pauses if begin_ms < place < end_ms})
    cuts: list[int] = []
    for number in range(1, count):
        wanted = begin_ms + whole * number / count
        near = places[max(0, bisect_left(places, wanted) - 1) : bisect_left(places, wanted) + 1]
        if near:
            cuts.append(min(near, key=lambda place: abs(place - wanted)))
    bounds = [begin_ms, *sorted(set(cuts)), end_ms]
    return list(pairwise(bounds))
