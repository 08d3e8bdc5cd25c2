"""Running the process that surveys recordings, and what its end means."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bookwright.contracts.errors import BadInput
from bookwright.contracts.ingestion import RecordingFacts
from bookwright.press.bounded.process import BoundedProcess, SaidTooMuch, TookTooLong
from bookwright.press.bounded.starting import Starter

CHILD = "bookwright.press.recordings.child"
_MOST_BYTES = 64 << 20
_DAMAGED = "the recording can't be decoded: it is damaged, or takes more memory than decoding may use; save it anew"
_TOO_LONG = "decoding the recording takes too long: split it, or save it anew"


class SurveyLimits(NamedTuple):
    """What one survey may use before it is ended."""

    memory_bytes: int = 2 << 30
    """Address space, which is more than what is resident."""
    cpu_seconds: int = 3_600
    """A core decodes some 400 hours of sound in that time."""
    wall_seconds: float = 7_000.0


def surveyed(path: Path, limits: SurveyLimits, on_progress: Callable[[int], None]) -> RecordingFacts:
    """What `surveying.survey` finds. `on_progress` may raise to stop. Blocking. Raises BadInput."""
    done_ms = 0
    facts: RecordingFacts | None = None
    request = {"path": str(path.resolve()), "memory_bytes": limits.memory_bytes, "cpu_seconds": limits.cpu_seconds}
    process = BoundedProcess(
        Starter(CHILD),
        request,
        wall_seconds=limits.wall_seconds,
        most_bytes=_MOST_BYTES,
        on_wait=lambda: on_progress(done_ms),
    )
    with process:
        try:
            for line in process.lines():
                said = json.loads(line)
                if "refusal" in said:
                    raise BadInput(said["refusal"], field="file")
                if "facts" in said:
                    facts = RecordingFacts.model_validate(said["facts"])
                    break
                done_ms = said["done_ms"]
                on_progress(done_ms)
        except TookTooLong:
            raise BadInput(_TOO_LONG, field="file") from None
        except SaidTooMuch:
            raise BadInput(_DAMAGED, field="file") from None
        code = process.end(kill=False)
    if facts is None:
        raise BadInput(_TOO_LONG if -code == signal.SIGXCPU else _DAMAGED, field="file")
    return facts
