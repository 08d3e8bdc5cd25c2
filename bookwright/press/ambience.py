"""The ambience of a chapter: its soundscapes looped, levelled under the speech, and faded into each other.

A loop is made of the sound's end and beginning, which overlap for up to two seconds with equal power, so that any sound
can be looped, also one that its maker has not made for it. What is heard at a moment follows from the moment alone:
blocks may have any size.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from bookwright.contracts.errors import AssetCorrupt
from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.audio import Backdrop
from bookwright.press import loudness
from bookwright.press.wav import Signal

TARGET_LUFS = loudness.TARGET_LUFS - 24.0
"""Of a soundscape. Speech is to be at least 20 dB louder, also where a scene happens to be at its loudest."""
LOUDEST_LUFS = loudness.TARGET_LUFS - 22.0
"""Of its loudest three seconds: where it is much louder than elsewhere, all of it is turned down."""
FADE_S = 3.0
"""From silence or from one scene to the next; half of it before the page turns. At a chapter's edges all is inside."""
LONGEST_S = 120.0
"""What is looped of a longer sound: its beginning. So memory is bounded."""
_OVERLAP_S = 2.0
_SHORT_TERM_HOPS = 30
_LOOPS_KEPT = 2
"""Two are heard at once while scenes change."""


class _Span(NamedTuple):
    """Where a sound is heard, in samples: fully from `begin + rise` to `end - fall`."""

    sound: AssetId
    begin: int
    end: int
    rise: int
    fall: int


class Ambience:
    """The ambience of one chapter at a sample rate, in stereo."""

    def __init__(
        self, backdrops: Sequence[Backdrop], duration_ms: int, rate: int, asset_path: Callable[[AssetId], Path]
    ) -> None:
        """`backdrops` lie one after the other, perhaps with gaps, within the chapter's duration."""
        self._rate = rate
        self._path = asset_path
        self._spans = _spans(backdrops, round(duration_ms * rate / 1000), rate)
        self._loops: OrderedDict[AssetId, Signal] = OrderedDict()

    def between(self, begin: int, end: int) -> Signal:
        """What is heard from one sample to another, shape (2, end - begin). Raises AssetCorrupt for a sound that can't
        be decoded or is silent."""
        heard = np.zeros((2, end - begin), np.float32)
        for span in self._spans:
            first, last = max(begin, span.begin), min(end, span.end)
            if first < last:
                loop = self._loop(span.sound)
                part = _cut(loop, first - span.begin, last - first)
                heard[:, first - begin : last - begin] += part * _fades(span, first, last)
        return heard

    def _loop(self, sound: AssetId) -> Signal:
        loop = self._loops.pop(sound, None)
        if loop is None:
            loop = levelled_loop(self._path(sound), self._rate)
        self._loops[sound] = loop
        while len(self._loops) > _LOOPS_KEPT:
            self._loops.popitem(last=False)
        return loop


def levelled_loop(path: Path, rate: int) -> Signal:
    """A sound's file as a stereo loop at TARGET_LUFS, or lower where its loudest part is over LOUDEST_LUFS. Raises
    AssetCorrupt."""
    loop = _looped(_decoded(path, rate), rate)
    hops = loudness.hops(loop[0], rate) + loudness.hops(loop[1], rate)
    around = np.concatenate((hops, hops[:_SHORT_TERM_HOPS])) if len(hops) > _SHORT_TERM_HOPS else hops
    window = min(_SHORT_TERM_HOPS, len(around))
    short_term = np.convolve(around, np.full(window, 1 / window), "valid")
    whole, loudest = loudness.lufs(float(np.mean(hops))), loudness.lufs(float(short_term.max()))
    if whole <= loudness.SILENCE_LUFS:
        raise AssetCorrupt("A soundscape is silent.")
    gain = min(TARGET_LUFS - whole, LOUDEST_LUFS - loudest)
    return np.asarray(loop * np.float32(10 ** (gain / 20)), np.float32)


def _looped(sound: Signal, rate: int) -> Signal:
    """Its end crossed over into its beginning."""
    overlap = min(round(_OVERLAP_S * rate), sound.shape[1] // 4)
    turn = np.linspace(0, np.pi / 2, overlap, endpoint=False, dtype=np.float32)
    loop = sound[:, : sound.shape[1] - overlap].copy()
    loop[:, :overlap] = sound[:, :overlap] * np.sin(turn) + sound[:, sound.shape[1] - overlap :] * np.cos(turn)
    return loop


def _decoded(path: Path, rate: int) -> Signal:
    most = round(LONGEST_S * rate)
    parts: list[Signal] = []
    count = 0
    try:
        with av.open(str(path), "r") as container:
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate)
            for frame in container.decode(stream):
                for part in resampler.resample(frame):
                    parts.append(_samples(part))
                    count += part.samples
                if count >= most:
                    break
            parts += [_samples(part) for part in resampler.resample(None)]
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise AssetCorrupt("A soundscape can't be decoded.") from error
    if count < rate // 10:
        raise AssetCorrupt("A soundscape is shorter than a tenth of a second.")
    return np.asarray(np.concatenate(parts, axis=1)[:, :most], np.float32)


def _samples(frame: av.AudioFrame) -> Signal:
    return np.asarray(frame.to_ndarray(), np.float32)


def _spans(backdrops: Sequence[Backdrop], total: int, rate: int) -> list[_Span]:
    """Where the sounds are heard: a sound goes on from one backdrop to the next that has the same, and leans over its
    edges into its neighbours' as far as the fades reach."""
    runs: list[Backdrop] = []
    for backdrop in backdrops:
        if runs and runs[-1].sound == backdrop.sound and runs[-1].end_ms == backdrop.begin_ms:
            runs[-1] = runs[-1].model_copy(update={"end_ms": backdrop.end_ms})
        else:
            runs.append(backdrop)
    spans = []
    for run in runs:
        begin, end = (min(round(ms * rate / 1000), total) for ms in (run.begin_ms, run.end_ms))
        fade = min(round(FADE_S * rate), end - begin)
        begin, end = max(0, begin - fade // 2), min(total, end + fade // 2)
        if end > begin:
            fade = min(fade, (end - begin) // 2)
            spans.append(_Span(run.sound, begin, end, fade, fade))
    return spans


def _fades(span: _Span, first: int, last: int) -> Signal:
    """The sound's size at the samples from `first` to `last`: a quarter of a sine up and down, so that two that cross
    have the same power together."""
    at = np.arange(first, last, dtype=np.float32)
    up = np.clip((at - span.begin) / max(span.rise, 1), 0, 1)
    down = np.clip((span.end - at) / max(span.fall, 1), 0, 1)
    return np.asarray(np.sin(np.float32(math.pi / 2) * np.minimum(up, down)), np.float32)


def _cut(loop: Signal, place: int, count: int) -> Signal:
    """`count` samples of an endless loop from a place on."""
    length = loop.shape[1]
    place %= length
    if place + count <= length:
        return loop[:, place : place + count]
    return np.take(loop, np.arange(place, place + count), axis=1, mode="wrap")
