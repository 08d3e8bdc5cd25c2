"""Times of schedules: checked before Temporal is told of them."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bookwright.contracts.batches import Timing
from bookwright.contracts.errors import BadInput

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")


def check_timing(timing: Timing, now: datetime | None = None) -> Timing:
    """The timing as it will be kept. Raises BadInput naming the field: `cron` (minute, hour, day of the month, month,
    day of the week; numbers, ranges, lists, steps), `timezone`, or `at`."""
    if (timing.cron is None) == (timing.at is None):
        raise BadInput("give either cron, such as 30 2 * * *, or a time as at", field="cron")
    if timing.cron is not None:
        _check_cron(timing.cron)
        _check_zone(timing.timezone)
        return timing.model_copy(update={"cron": " ".join(timing.cron.split())})
    assert timing.at is not None
    if timing.at.tzinfo is None:
        raise BadInput("at: give a time with its zone, such as 2026-12-01T02:30:00Z", field="at")
    if timing.at <= (now or datetime.now(UTC)):
        raise BadInput("at: that is over; give a time to come", field="at")
    return timing.model_copy(update={"at": timing.at.astimezone(UTC).replace(microsecond=0)})


def _check_cron(expression: str) -> None:
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        raise BadInput("cron: give five fields: minute, hour, day of the month, month, day of the week", field="cron")
    for part, (name, low, high) in zip(parts, _FIELDS, strict=True):
        for piece in part.split(","):
            found = _PART.fullmatch(piece)
            numbers = [int(number) for number in found.groups()[:2] if number] if found else []
            right = found and all(low <= number <= high for number in numbers) and numbers == sorted(numbers)
            if not right or (found and found[3] == "0"):
                raise BadInput(f"cron: the {name} is a number from {low} to {high}, a range, or *", field="cron")


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("timezone: give an IANA name, such as Europe/Berlin or Asia/Kolkata", field="timezone") from None
