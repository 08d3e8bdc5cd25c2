"""How long work still takes: by its own pace, by that of work before it, and never made up."""

import pytest

from bookwright.text.remaining import Measured, TimeLeft, in_words, time_left

NOTHING = Measured(0, 0)


def test_nothing_is_told_before_anything_was_measured() -> None:
    assert time_left(10, NOTHING) is None
    assert time_left(10, Measured(2, 100)) is None
    assert time_left(10, NOTHING, Measured(2, 100)) is None
    assert time_left(10, NOTHING, NOTHING) is None


def test_its_own_pace_is_sure_and_that_of_work_before_it_is_not() -> None:
    assert time_left(10, Measured(5, 20)) == TimeLeft(40, sure=True)
    assert time_left(10, NOTHING, Measured(100, 200)) == TimeLeft(20, sure=False)


def test_the_pace_of_now_soon_counts_for_more_than_that_of_before() -> None:
    before = Measured(1_000, 1_000)
    told = [time_left(100, Measured(units, units * 10), before) for units in (1, 3, 30)]
    seconds = [left.seconds for left in told if left]
    assert seconds == sorted(seconds) and seconds[0] < 500 < seconds[1] + 100 and 900 < seconds[2] < 1_000
    assert [left.sure for left in told if left] == [False, True, True]


def test_waiting_long_for_the_first_unit_makes_it_longer() -> None:
    early, late = (time_left(10, Measured(0, waited), Measured(50, 50)) for waited in (0, 60))
    assert early and late and late.seconds > early.seconds * 10


@pytest.mark.parametrize(
    ("seconds", "sure", "says"),
    [
        (0, True, "Less than a minute"),
        (59.9, True, "Less than a minute"),
        (59.9, False, "About a minute"),
        (60, True, "1 minute"),
        (61, True, "2 minutes"),
        (290, False, "About 5 minutes"),
        (3_600, True, "1 hour"),
        (3_601, True, "1 hour 1 minute"),
        (7_500, False, "About 2 hours 5 minutes"),
    ],
)
def test_it_is_said_in_whole_minutes_rounded_up(seconds: float, sure: bool, says: str) -> None:
    assert in_words(TimeLeft(seconds, sure)) == says
