"""Times of schedules, as people give them."""

from datetime import UTC, datetime, timedelta

import pytest

from bookwright.batchstart import spec_of
from bookwright.contracts.batches import Timing
from bookwright.contracts.errors import BadInput
from bookwright.cron import check_timing

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize("cron", ["30 2 * * *", "*/15 0-5 1,15 * 1-5", " 0  2 * * 7 "])
def test_a_cron_expression_is_kept(cron: str) -> None:
    timing = check_timing(Timing(cron=cron, timezone="Asia/Kolkata"), NOW)
    assert timing.cron == " ".join(cron.split())
    assert spec_of(timing).time_zone_name == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("timing", "field"),
    [
        (Timing(), "cron"),
        (Timing(cron="30 2 * * *", at=NOW + timedelta(days=1)), "cron"),
        *(
            (Timing(cron=cron), "cron")
            for cron in ("30 2 * *", "60 2 * * *", "5-2 * * * *", "*/0 * * * *", "a b c d e")
        ),
        (Timing(cron="30 2 * * *", timezone="Mars/Olympus"), "timezone"),
        (Timing(cron="30 2 * * *", timezone="../etc/passwd"), "timezone"),
        (Timing(at=NOW.replace(year=2027, tzinfo=None)), "at"),
        (Timing(at=NOW - timedelta(seconds=1)), "at"),
    ],
)
def test_what_can_not_be_one_is_refused_by_name(timing: Timing, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_timing(timing, NOW)
    assert refused.value.field == field
