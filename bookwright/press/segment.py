"""A page's clips become its segment: trimmed, spaced, and at the set loudness."""

from collections.abc import Sequence

import numpy as np

from bookwright.contracts.book import Clip, PlacedClip, Segment
from bookwright.press import loudness

CLAUSE_PAUSE_MS = 120
"""After a clip that ends inside a sentence, because the sentence was too long for one call."""
SENTENCE_PAUSE_MS = 350
PARAGRAPH_PAUSE_MS = 600
PAGE_PAUSE_MS = 800
"""After a page's last clip. Part of the segment, so that a chapter is exactly the sum of its segments."""
EMPTY_PAGE_MS = 800
DEFAULT_RATE = 22_050

_MOST_GAIN_DB = 30.0
_SENTENCE_ENDS = frozenset(".!?…:;।॥۔؟؛。！？：；։።፧᙮‽⁇⁈⁉၊။។៕|॰৷")
_CLOSERS = "\"'”’»›)]}」』】）〉》*_ \t\r\n"
_HOP_MS = 100


def compose(page: int, clips: Sequence[PlacedClip]) -> Segment:
    """The segment of one page. Loudness is measured over the page as a whole, pauses included (the gate leaves them
    out); a page without clips is a short silence."""
    if not clips:
        return Segment(
            page=page,
            sample_rate=DEFAULT_RATE,
            gain_db=0.0,
            loudness_lufs=loudness.SILENCE_LUFS,
            duration_ms=EMPTY_PAGE_MS,
            clips=(),
        )
    placed = tuple(_place(clip, last=index == len(clips) - 1) for index, clip in enumerate(clips))
    hops = [
        part
        for clip, place in zip(clips, placed, strict=True)
        for part in (
            loudness.energies(tenths / 10 for tenths in clip.facts.hops),
            np.zeros(round(place.pause_ms / _HOP_MS)),
        )
    ]
    measured = loudness.integrated(np.concatenate(hops))
    wanted = loudness.TARGET_LUFS - measured
    gain = 0.0 if measured <= loudness.SILENCE_LUFS else round(min(max(wanted, -_MOST_GAIN_DB), _MOST_GAIN_DB), 2)
    rate = max(clip.sample_rate for clip in placed)
    samples = sum(placed_samples(clip, rate) for clip in placed)
    return Segment(
        page=page,
        sample_rate=rate,
        gain_db=gain,
        loudness_lufs=round(measured + gain, 2),
        duration_ms=round(samples * 1000 / rate),
        clips=placed,
    )


def placed_samples(clip: Clip, rate: int) -> int:
    """How many samples a clip and its pause take at `rate`."""
    heard = round((clip.end_sample - clip.start_sample) * rate / clip.sample_rate)
    return heard + round(clip.pause_ms * rate / 1000)


def _place(clip: PlacedClip, *, last: bool) -> Clip:
    return Clip(
        asset=clip.asset,
        text_start=clip.text_start,
        text=clip.text,
        sample_rate=clip.facts.sample_rate,
        start_sample=clip.facts.start_sample,
        end_sample=clip.facts.end_sample,
        pause_ms=PAGE_PAUSE_MS if last else _pause_ms(clip),
        words=clip.facts.words,
    )


def _pause_ms(clip: PlacedClip) -> int:
    if clip.ends_paragraph:
        return PARAGRAPH_PAUSE_MS
    return SENTENCE_PAUSE_MS if clip.text.rstrip(_CLOSERS)[-1:] in _SENTENCE_ENDS else CLAUSE_PAUSE_MS
