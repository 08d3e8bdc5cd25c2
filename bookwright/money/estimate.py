"""What a book will cost and how long it will take, before anything is bought."""

import math
from collections.abc import Iterable, Sequence

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.progress import StageName
from bookwright.money.prices import Price, Unit
from bookwright.money.usd import to_usd

RETAKE_SHARE = 0.05
"""The share of calls that the high figure assumes is paid twice (bad or lost answers)."""
SLOWEST = 2.0
"""How much longer than expected the high figure for time assumes."""
FASTEST = 0.7
SECONDS_PER_CHARACTER = 1 / 14
"""Spoken audio for one character: about 14 characters a second, as narrators read."""


class Speed(Payload):
    """How fast the machine and the provider are. The defaults are careful assumptions; pass measured figures."""

    concurrency: int = Field(default=8, ge=1)
    """Speech calls at once."""
    call_seconds: float = Field(default=1.0, ge=0)
    """Fixed seconds of one speech call."""
    call_seconds_per_char: float = Field(default=0.01, ge=0)
    page_seconds: float = Field(default=0.005, ge=0)
    """Reading, planning and recording one page."""
    binding_ratio: float = Field(default=0.02, ge=0)
    """Seconds of encoding for one second of audio, all editions together."""


class TrackWork(Payload):
    """The calls for a track other than narration, or for a stage of the writing, each made once."""

    name: StageName
    calls: int = Field(ge=0)
    low_micros: int = Field(ge=0)
    """What they cost as a rule."""
    high_micros: int = Field(ge=0)
    """The most that they can cost."""
    call_seconds: float = Field(ge=0)
    concurrency: int = Field(ge=1)


class StageEstimate(Payload):
    """One stage of the job."""

    name: StageName
    calls: int = 0
    cost_low_usd: str = "0.00"
    cost_high_usd: str = "0.00"
    seconds_low: float
    seconds_high: float


class Estimate(Payload):
    """The estimate for a book of which nothing has been made yet. Money is in US dollars as decimal strings; the low
    cost is the bill when every answer is good, the high one includes answers bought twice."""

    pages: int
    words: int
    characters: int
    calls: int
    cost_low_usd: str
    cost_high_usd: str
    seconds: float
    """Expected time to the finished book; the stages carry the range."""
    seconds_low: float
    seconds_high: float
    audio_seconds: float
    stages: tuple[StageEstimate, ...]


def estimate_book(
    pages: Iterable[list[int]],
    price: Price,
    *,
    words: int = 0,
    speed: Speed | None = None,
    seconds_per_char: float = SECONDS_PER_CHARACTER,
    retake_share: float = RETAKE_SHARE,
    narrated: bool = True,
    works: Sequence[TrackWork] = (),
    writing: Sequence[TrackWork] = (),
) -> Estimate:
    """Estimate a book from its calls: for each page the characters (code points) of each of its speech calls (none when
    it is not `narrated`), the work for its other tracks, and for `writing` its text, stage after stage.

    Of the narration the low cost is exactly the sum that the ledger will hold when each call is made once, each rounded
    up to a micro. Narration and pictures are made at the same time, what depends on an analysis after it.
    """
    speed = speed or Speed()
    page_count = calls = characters = longest = low = 0
    for page in pages:
        page_count += 1
        for chars in page:
            calls += 1
            characters += chars
            longest = max(longest, chars)
            low += price.cost_micros({Unit.CHARACTER: chars})
    high = _with_retakes(low, calls, price.cost_micros({Unit.CHARACTER: longest}), retake_share)
    audio = characters * seconds_per_char

    working = calls * speed.call_seconds + characters * speed.call_seconds_per_char
    one_call = speed.call_seconds + longest * speed.call_seconds_per_char if calls else 0.0
    narration = max(one_call, working / speed.concurrency) + page_count * speed.page_seconds
    lasting = {work.name: _lasts(work) for work in works}
    written = sum(_lasts(work) for work in writing)
    text, binding = page_count * speed.page_seconds, audio * speed.binding_ratio
    stages = [_stage(StageName.TEXT, text)]
    if narrated:
        stages.append(_stage(StageName.NARRATION, narration, calls, low, high))
    for place, work in enumerate((*writing, *works)):
        dearest = math.ceil(work.high_micros / work.calls) if work.calls else 0
        highest = _with_retakes(work.high_micros, work.calls, dearest, retake_share)
        stage = _stage(work.name, _lasts(work), work.calls, work.low_micros, highest)
        stages.insert(place if place < len(writing) else len(stages), stage)
        calls, low, high = calls + work.calls, low + work.low_micros, high + highest
    stages.append(_stage(StageName.BINDING, binding))
    analysis = lasting.pop(StageName.ANALYSIS, 0.0)
    total = (
        written + text + max(narration if narrated else 0.0, analysis + max(lasting.values(), default=0.0)) + binding
    )
    return Estimate(
        pages=page_count,
        words=words,
        characters=characters,
        calls=calls,
        cost_low_usd=to_usd(low),
        cost_high_usd=to_usd(high),
        seconds=_round(total),
        seconds_low=_round(total * FASTEST),
        seconds_high=_round(total * SLOWEST),
        audio_seconds=_round(audio),
        stages=tuple(stages),
    )


def _lasts(work: TrackWork) -> float:
    return math.ceil(work.calls / work.concurrency) * work.call_seconds


def _with_retakes(micros: int, calls: int, dearest: int, share: float) -> int:
    """What calls cost of which this share is paid twice."""
    return micros + min(micros, math.ceil(calls * share) * dearest)


def _stage(name: StageName, seconds: float, calls: int = 0, low: int = 0, high: int = 0) -> StageEstimate:
    return StageEstimate(
        name=name,
        calls=calls,
        cost_low_usd=to_usd(low),
        cost_high_usd=to_usd(high),
        seconds_low=_round(seconds * FASTEST),
        seconds_high=_round(seconds * SLOWEST),
    )


def _round(seconds: float) -> float:
    return round(seconds, 1)
