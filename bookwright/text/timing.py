"""Where each sentence and word of a page is heard."""

from bisect import bisect_right
from collections.abc import Sequence

from bookwright.contracts.book import Clip, Segment
from bookwright.contracts.editions import SpokenSentence, SpokenWord
from bookwright.text.sentences import Span, sentences_by_paragraph


def spoken_sentences(segment: Segment, text: str, language: str) -> tuple[SpokenSentence, ...]:
    """The sentences of a page's `text` in reading order, in step with its `segment`.

    Times come from the engine's word timings. Where a clip has none, its time is shared out among its characters, which
    is exact at the clip's ends only. A sentence that no clip speaks (it has no words) is left out; one that several
    clips speak goes from the first one's start to the last one's end.
    """
    heard = [_Heard(clip, at) for clip, at in zip(segment.clips, _starts(segment), strict=True)]
    if not heard:
        return ()
    spans = [span for paragraph in sentences_by_paragraph(text, language) for span in paragraph]
    found = (
        _sentence(span, [clip for clip in heard if clip.start < span.end and span.start < clip.end]) for span in spans
    )
    return tuple(sentence for sentence in found if sentence is not None)


class _Heard:
    """One clip on its page's time line."""

    def __init__(self, clip: Clip, begin_ms: int) -> None:
        self.start, self.end = clip.text_start, clip.text_start + len(clip.text)
        self.begin_ms = begin_ms
        self.end_ms = begin_ms + heard_ms(clip)
        timings = sorted((self.start + word.start, begin_ms + word.at_ms, word.length) for word in clip.words)
        self._places = [self.start, *(place for place, _, _ in timings if place > self.start), self.end]
        at = {self.start: begin_ms} | {place: min(time, self.end_ms) for place, time, _ in timings}
        at[self.end] = self.end_ms
        self._times = [at[place] for place in self._places]
        ends = [*(time for _, time, _ in timings[1:]), self.end_ms]
        self._words = [
            SpokenWord(start=place, end=place + length, begin_ms=min(time, self.end_ms), end_ms=min(end, self.end_ms))
            for (place, time, length), end in zip(timings, ends, strict=False)
            if length
        ]

    def time(self, place: int) -> int:
        """When the character at `place` begins, interpolated between what is known."""
        if place >= self.end:
            return self.end_ms
        index = max(bisect_right(self._places, place) - 1, 0)
        left, right = self._places[index], self._places[min(index + 1, len(self._places) - 1)]
        begin, end = self._times[index], self._times[min(index + 1, len(self._times) - 1)]
        return begin if right <= left or place <= left else begin + (end - begin) * (place - left) // (right - left)

    def words(self, span: Span) -> list[SpokenWord]:
        return [word for word in self._words if span.start <= word.start < span.end]


def heard_ms(clip: Clip) -> int:
    """How long the clip's voice is heard, its pause not counted."""
    return round((clip.end_sample - clip.start_sample) * 1000 / clip.sample_rate)


def _starts(segment: Segment) -> list[int]:
    """When each clip begins on its page."""
    starts, at = [], 0
    for clip in segment.clips:
        starts.append(at)
        at += heard_ms(clip) + clip.pause_ms
    return starts


def _sentence(span: Span, clips: Sequence[_Heard]) -> SpokenSentence | None:
    if not clips:
        return None
    first, last = clips[0], clips[-1]
    return SpokenSentence(
        start=span.start,
        end=span.end,
        begin_ms=first.time(span.start),
        end_ms=last.time(span.end),
        words=tuple(word for clip in clips for word in clip.words(span)),
    )
