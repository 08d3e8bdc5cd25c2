"""Sound in parts of about a minute."""

from itertools import pairwise

import pytest

from bookwright.text.minutes import minutes


@pytest.mark.parametrize("seconds", [1, 20, 59, 61, 89, 91, 240, 601])
def test_the_parts_follow_each_other_and_are_about_a_minute_long(seconds: int) -> None:
    end = 5_000 + seconds * 1_000
    parts = minutes(5_000, end, range(5_000, end, 2_300))
    assert parts[0][0] == 5_000 and parts[-1][1] == end
    assert all(before[1] == after[0] for before, after in pairwise(parts))
    if seconds > 60:
        assert all(38_000 <= stop - start <= 92_000 for start, stop in parts)
        assert all(start in range(5_000, end, 2_300) for start, _ in parts), "cut where there is a pause"
    else:
        assert len(parts) == 1


def test_nothing_is_cut_where_there_is_no_pause() -> None:
    assert minutes(0, 300_000, []) == [(0, 300_000)]
    assert minutes(0, 300_000, [0, 150_000, 300_000]) == [(0, 150_000), (150_000, 300_000)]
